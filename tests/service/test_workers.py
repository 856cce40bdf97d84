"""Four processes, one Redis, one tenant: as it is run."""

import http.client
import json
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from cognigy_context.testing import Sandbox
from conftest import HEADERS, SECRET, control, document, event
from pausing_proxy import PausingProxy
from redis_server import RedisServer
from seed import random_of
from workers import Workers

Start = Callable[..., Workers]


def post(service: Workers, path: str, body: object) -> tuple[int, dict[str, object]]:
    """One request on a connection of its own, so that any worker may get it."""
    address = urlsplit(service.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    try:
        connection.request("POST", path, json.dumps(body), HEADERS)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def get(service: Workers, path: str) -> tuple[int, bytes]:
    address = urlsplit(service.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    try:
        connection.request("GET", path, headers=HEADERS)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def until(what: Callable[[], bool]) -> None:
    """Waits for something that comes by itself."""
    end = time.monotonic() + 120
    while not what():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.01)


def appended(sandbox: Sandbox, session_id: str) -> int:
    """How many injections of a session the tenant has accepted."""
    path = f"/api/v1/sessions/{session_id}/context"
    return sum(
        request["path"] == path and request["method"] == "POST"
        for request in sandbox.requests()
        if request["status"] == 200
    )


def end_leases(redis: RedisServer) -> None:
    """Ends the leases of those who died, as Redis does by itself when their time is over."""
    with redis.client() as client:
        leases = list(client.scan_iter("*:lease"))
        assert leases
        for lease in leases:
            assert client.ttl(lease) > 0
            client.delete(lease)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as threads:
        yield threads


def test_an_event_that_all_workers_get_at_once_takes_effect_once(
    service: Workers, sandbox: Sandbox, pool: ThreadPoolExecutor
) -> None:
    for number in range(4):
        session = f"session-{number}"
        sandbox.seed(session)
        start = threading.Barrier(16)

        def deliver(session: str = session, start: threading.Barrier = start) -> int:
            start.wait()
            return post(service, "/webhook", event(session))[0]

        answers = [pool.submit(deliver) for _ in range(16)]
        assert {answer.result() for answer in answers} == {200}
        assert appended(sandbox, session) == 1


def test_whatever_the_order_of_delivery_the_newest_event_wins(
    service: Workers, sandbox: Sandbox, pool: ThreadPoolExecutor
) -> None:
    draw = random_of("order of delivery")
    sessions = [f"session-{number}" for number in range(6)]
    deliveries = []
    for session in sessions:
        sandbox.seed(session)
        for timestamp in range(12):
            told = event(session, timestamp=timestamp, message=f"message {timestamp}")
            deliveries += [told] * draw.randint(1, 3)
    draw.shuffle(deliveries)
    answers = list(pool.map(lambda told: post(service, "/webhook", told), deliveries))
    assert {status for status, _ in answers} == {200}
    for session in sessions:
        assert document(sandbox, session)["last_user_message"] == "message 11"
        assert appended(sandbox, session) <= 12


def test_a_tenant_that_fails_now_and_then_changes_nothing_of_that(
    service: Workers, sandbox: Sandbox, pool: ThreadPoolExecutor
) -> None:
    draw = random_of("failing tenant")
    # A third of the injections fail; half of those after they have taken effect.
    faults = "/api/v1/sessions"
    for fault in (
        {"status": 400},
        {"status": 400, "after": True},
        {"drop": True, "after": True},
    ):
        chance = {"chance": 0.12, "seed": draw.getrandbits(32), "pathPrefix": faults}
        control(sandbox, "POST", "faults", fault | chance)
    sessions = [f"session-{number}" for number in range(4)]
    deliveries = []
    for session in sessions:
        sandbox.seed(session)
        for timestamp in range(8):
            told = event(session, timestamp=timestamp, message=f"message {timestamp}")
            deliveries += [told] * 2
    draw.shuffle(deliveries)

    def deliver_until_taken(told: dict[str, object]) -> int:
        for _ in range(60):
            status, _ = post(service, "/webhook", told)
            if status == 200:
                return status
            assert status in (429, 502, 503, 504)
        return status

    assert set(pool.map(deliver_until_taken, deliveries)) == {200}
    control(sandbox, "DELETE", "faults")
    for session in sessions:
        assert document(sandbox, session)["last_user_message"] == "message 7"


def test_syncs_of_one_session_lose_nothing_of_each_other(
    service: Workers, sandbox: Sandbox, pool: ThreadPoolExecutor
) -> None:
    # Without tags nothing but the lease keeps two workers apart.
    control(sandbox, "PATCH", "config", {"v1Etag": False})
    sandbox.seed("session-1")
    bodies = [
        {"session_id": "session-1", "data": {f"key_{number}": number}}
        for number in range(24)
    ]
    answers = list(pool.map(lambda body: post(service, "/context/sync", body), bodies))
    assert {status for status, _ in answers} == {200}
    assert document(sandbox, "session-1") == {f"key_{n}": n for n in range(24)}
    inspected = json.loads(get(service, "/context/inspect/session-1")[1])
    assert inspected["current_context"] == document(sandbox, "session-1")


def test_a_worker_that_is_killed_takes_nothing_with_it(
    workers: Start, redis: RedisServer, sandbox: Sandbox
) -> None:
    service = workers(redis, count=2)
    sandbox.seed("session-1")
    # Its first attempt is answered late, so that it can be killed in the middle.
    sandbox.fault(latency=60, times=1, path_prefix="/api/v1/sessions")
    lost: list[BaseException] = []

    def deliver() -> None:
        try:
            post(service, "/webhook", event(message="first"))
        except (OSError, http.client.HTTPException) as error:
            lost.append(error)

    thread = threading.Thread(target=deliver)
    thread.start()
    under_way = "/api/v1/sessions/session-1/context"
    until(lambda: under_way in [request["path"] for request in sandbox.requests()])
    for pid in service.pids():
        os.kill(pid, signal.SIGKILL)
    thread.join()
    assert lost
    until(lambda: service.started() == 4)
    # The caller delivers it again, and gets in when the lease of the dead one has ended.
    end_leases(redis)
    assert post(service, "/webhook", event(message="first"))[0] == 200
    assert document(sandbox, "session-1")["last_user_message"] == "first"


def test_redis_killed_and_started_again_forgets_nothing(
    workers: Start, own_redis: RedisServer, sandbox: Sandbox
) -> None:
    service = workers(own_redis, count=2)
    sandbox.seed("session-1")
    newest = event(timestamp=200, message="newest")
    assert post(service, "/webhook", newest)[0] == 200
    own_redis.kill()
    for path, body in (
        ("/webhook", event(timestamp=300)),
        ("/context/sync", {"session_id": "session-1", "data": {}}),
    ):
        status, problem = post(service, path, body)
        assert status == 503
        assert str(problem["type"]).endswith(":store-unreachable")
    assert get(service, "/context/inspect/session-1")[0] == 503
    assert get(service, "/readyz")[0] == 503
    assert get(service, "/healthz")[0] == 200
    own_redis.start()
    assert get(service, "/readyz")[0] == 200
    # Neither the duplicate nor the older one has an effect; what was refused has its own.
    assert post(service, "/webhook", newest)[0] == 200
    assert post(service, "/webhook", event(timestamp=100, message="older"))[0] == 200
    assert appended(sandbox, "session-1") == 1
    assert post(service, "/webhook", event(timestamp=300, message="last"))[0] == 200
    assert document(sandbox, "session-1")["last_user_message"] == "last"


def test_redis_killed_in_the_middle_of_an_event_is_503_and_the_retry_heals_it(
    workers: Start, own_redis: RedisServer, sandbox: Sandbox
) -> None:
    sandbox.seed("session-1")
    answers: list[int] = []
    first = event(message="first")
    # The injection takes effect, and its answer comes when Redis has gone.
    with PausingProxy(sandbox.url, "/api/v1/sessions") as proxy:
        service = workers(own_redis, count=1, base_url=proxy.url)
        thread = threading.Thread(
            target=lambda: answers.append(post(service, "/webhook", first)[0])
        )
        thread.start()
        proxy.wait_until_paused()
        assert document(sandbox, "session-1") != {}
        own_redis.kill()
        proxy.resume()
        thread.join()
        assert answers == [503]
        own_redis.start()
        end_leases(own_redis)
        assert post(service, "/webhook", first)[0] == 200
        assert post(service, "/webhook", first)[0] == 200
    # It was sent a second time, because nobody could know of the first, and no third time.
    path = "/api/v1/sessions/session-1/context"
    assert [told["path"] for told in sandbox.requests()].count(path) == 2
    assert document(sandbox, "session-1")["last_user_message"] == "first"


def test_redis_that_is_held_up_is_504(
    workers: Start, own_redis: RedisServer, sandbox: Sandbox
) -> None:
    # What Redis was asked while it was held up, it does afterwards; this lease ends by itself.
    service = workers(own_redis, count=1, store_timeout=0.5, lease_seconds=1)
    sandbox.seed("session-1")

    def is_taken(told: dict[str, object]) -> bool:
        return post(service, "/webhook", told)[0] == 200

    until(lambda: is_taken(event()))
    own_redis.hold()
    status, problem = post(service, "/webhook", event(timestamp=101))
    assert (status, str(problem["type"])[-14:]) == (504, ":store-timeout")
    assert get(service, "/readyz")[0] == 504
    own_redis.go_on()
    until(lambda: get(service, "/readyz")[0] == 200)
    until(lambda: is_taken(event(timestamp=101)))


def test_a_caller_that_hangs_up_stops_nothing(
    service: Workers, sandbox: Sandbox
) -> None:
    sandbox.seed("session-1")
    sandbox.fault(latency=0.3, times=1, path_prefix="/api/v1/sessions")
    body = json.dumps(event(message="first")).encode()
    address = urlsplit(service.url)
    request = (
        f"POST /webhook HTTP/1.1\r\nHost: x\r\nx-webhook-secret: {SECRET}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode()
    with socket.create_connection((address.hostname, address.port)) as caller:
        caller.sendall(request + body)
        under_way = "/api/v1/sessions/session-1/context"
        until(lambda: under_way in [told["path"] for told in sandbox.requests()])
    # Its retry finds the event done, or waits until it is.
    assert post(service, "/webhook", event(message="first"))[0] == 200
    assert appended(sandbox, "session-1") == 1
    # Who hangs up in the middle of a body leaves nothing behind.
    with socket.create_connection((address.hostname, address.port)) as caller:
        caller.sendall(request + body[:10])
    assert post(service, "/webhook", event(timestamp=101))[0] == 200


def test_a_service_that_is_told_to_stop_ends_what_it_has_begun(
    workers: Start, redis: RedisServer, sandbox: Sandbox
) -> None:
    sandbox.seed("session-1")
    answers: list[int] = []
    with PausingProxy(sandbox.url, "/api/v1/sessions") as proxy:
        service = workers(redis, count=2, base_url=proxy.url)
        thread = threading.Thread(
            target=lambda: answers.append(post(service, "/webhook", event())[0])
        )
        thread.start()
        proxy.wait_until_paused()
        service.terminate()
        until(lambda: "Waiting for connections to close" in service.log())
        proxy.resume()
        thread.join()
        log = service.stop()
    assert answers == [200]
    assert service.process.returncode == 0
    assert "Traceback" not in log


def test_the_log_of_all_that_holds_no_id_and_no_data(
    service: Workers, sandbox: Sandbox
) -> None:
    sandbox.seed("my-session")
    told = event("my-session", message="my words", userId="my-user")
    assert post(service, "/webhook", told)[0] == 200
    assert get(service, "/context/inspect/my-session")[0] == 200
    assert post(service, "/webhook", told | {"sessionId": "my-unknown"})[0] == 404
    sync = {"session_id": "my-session", "data": {"name": "my words"}}
    assert post(service, "/context/sync", sync)[0] == 200
    sandbox.fault(status=500)
    assert post(service, "/webhook", told | {"timestamp": 101})[0] == 502
    status, metrics = get(service, "/metrics")
    assert status == 200
    # A line is written before its answer.
    log = service.log()
    assert "/webhook 200 ok session=" in log
    for word in ("my-", "my words", SECRET, sandbox.client_secret):
        assert word not in log
        assert word.encode() not in metrics


def test_counters_of_all_workers_come_together(
    service: Workers, sandbox: Sandbox
) -> None:
    def applied() -> float:
        text = get(service, "/metrics")[1].decode()
        found = re.search(r'events_total\{outcome="applied"\} (.+)', text)
        return float(found[1]) if found else 0.0

    before = applied()
    sandbox.seed("session-1")
    for timestamp in range(20):
        assert post(service, "/webhook", event(timestamp=timestamp))[0] == 200
    for _ in range(8):
        assert applied() == before + 20
