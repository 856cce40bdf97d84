"""Several worker processes with one Redis and one tenant."""

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
from conftest import HEADERS, SECRET, control, event, stored_document
from pausing_proxy import PausingProxy
from redis_server import RedisServer
from seed import random_of
from workers import Workers

Start = Callable[..., Workers]


def post(service: Workers, path: str, body: object) -> tuple[int, dict[str, object]]:
    """Sends a request on a new connection, so that any worker may get it."""
    address = urlsplit(service.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    try:
        connection.request("POST", path, json.dumps(body), HEADERS)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def get(service: Workers, path: str) -> tuple[int, bytes]:
    address = urlsplit(service.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    try:
        connection.request("GET", path, headers=HEADERS)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def wait_until(condition: Callable[[], bool]) -> None:
    """Waits up to 120 s until a condition is true."""
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, "the condition did not become true"
        time.sleep(0.01)


def count_injections(sandbox: Sandbox, session_id: str) -> int:
    """Returns the number of injections into a session that the tenant has accepted."""
    path = f"/api/v1/sessions/{session_id}/context"
    return sum(
        request["path"] == path and request["method"] == "POST"
        for request in sandbox.requests()
        if request["status"] == 200
    )


def expire_leases(redis: RedisServer) -> None:
    """Deletes the leases of dead workers, as their expiry does."""
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


def test_event_delivered_to_all_workers_at_once_takes_effect_once(
    service: Workers, sandbox: Sandbox, pool: ThreadPoolExecutor
) -> None:
    for number in range(4):
        session = f"session-{number}"
        sandbox.seed(session)
        start = threading.Barrier(16)

        def deliver(session: str = session, start: threading.Barrier = start) -> int:
            start.wait()
            return post(service, "/webhook", event(session))[0]

        responses = [pool.submit(deliver) for _ in range(16)]
        assert {response.result() for response in responses} == {200}
        assert count_injections(sandbox, session) == 1


def test_newest_event_wins_in_any_order_of_delivery(
    service: Workers, sandbox: Sandbox, pool: ThreadPoolExecutor
) -> None:
    draw = random_of("order of delivery")
    sessions = [f"session-{number}" for number in range(6)]
    deliveries = []
    for session in sessions:
        sandbox.seed(session)
        for timestamp in range(12):
            body = event(session, timestamp=timestamp, message=f"message {timestamp}")
            deliveries += [body] * draw.randint(1, 3)
    draw.shuffle(deliveries)
    responses = list(pool.map(lambda body: post(service, "/webhook", body), deliveries))
    assert {status for status, _ in responses} == {200}
    for session in sessions:
        assert stored_document(sandbox, session)["last_user_message"] == "message 11"
        assert count_injections(sandbox, session) <= 12


def test_newest_event_wins_when_the_tenant_fails_sometimes(
    service: Workers, sandbox: Sandbox, pool: ThreadPoolExecutor
) -> None:
    draw = random_of("failing tenant")
    # About a third of the injections fail, two thirds of those after they have taken effect.
    path = "/api/v1/sessions"
    for fault in (
        {"status": 400},
        {"status": 400, "after": True},
        {"drop": True, "after": True},
    ):
        chance = {"chance": 0.12, "seed": draw.getrandbits(32), "pathPrefix": path}
        control(sandbox, "POST", "faults", fault | chance)
    sessions = [f"session-{number}" for number in range(4)]
    deliveries = []
    for session in sessions:
        sandbox.seed(session)
        for timestamp in range(8):
            body = event(session, timestamp=timestamp, message=f"message {timestamp}")
            deliveries += [body] * 2
    draw.shuffle(deliveries)

    def deliver_until_accepted(body: dict[str, object]) -> int:
        for _ in range(60):
            status, _ = post(service, "/webhook", body)
            if status == 200:
                return status
            assert status in (429, 502, 503, 504)
        return status

    assert set(pool.map(deliver_until_accepted, deliveries)) == {200}
    control(sandbox, "DELETE", "faults")
    for session in sessions:
        assert stored_document(sandbox, session)["last_user_message"] == "message 7"


def test_concurrent_syncs_of_a_session_keep_all_data(
    service: Workers, sandbox: Sandbox, pool: ThreadPoolExecutor
) -> None:
    # Without ETags only the lease prevents conflicting writes.
    control(sandbox, "PATCH", "config", {"v1Etag": False})
    sandbox.seed("session-1")
    bodies = [
        {"session_id": "session-1", "data": {f"key_{number}": number}}
        for number in range(24)
    ]
    responses = list(
        pool.map(lambda body: post(service, "/context/sync", body), bodies)
    )
    assert {status for status, _ in responses} == {200}
    assert stored_document(sandbox, "session-1") == {f"key_{n}": n for n in range(24)}
    inspected = json.loads(get(service, "/context/inspect/session-1")[1])
    assert inspected["current_context"] == stored_document(sandbox, "session-1")


def test_event_of_a_killed_worker_can_be_delivered_again(
    workers: Start, redis: RedisServer, sandbox: Sandbox
) -> None:
    service = workers(redis, count=2)
    sandbox.seed("session-1")
    # Delays the response of the first attempt, so that the kill interrupts the request.
    sandbox.fault(latency=60, times=1, path_prefix="/api/v1/sessions")
    errors: list[BaseException] = []

    def deliver() -> None:
        try:
            post(service, "/webhook", event(message="first"))
        except (OSError, http.client.HTTPException) as error:
            errors.append(error)

    thread = threading.Thread(target=deliver)
    thread.start()
    path = "/api/v1/sessions/session-1/context"
    wait_until(lambda: path in [request["path"] for request in sandbox.requests()])
    for pid in service.pids():
        os.kill(pid, signal.SIGKILL)
    thread.join()
    assert errors
    wait_until(lambda: service.ready_count() == 4)
    # The second delivery succeeds after the lease of the dead worker has expired.
    expire_leases(redis)
    assert post(service, "/webhook", event(message="first"))[0] == 200
    assert stored_document(sandbox, "session-1")["last_user_message"] == "first"


def test_redis_outage_is_503_and_order_survives_a_restart(
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
    # The duplicate and the older event have no effect. The event that failed takes effect.
    assert post(service, "/webhook", newest)[0] == 200
    assert post(service, "/webhook", event(timestamp=100, message="older"))[0] == 200
    assert count_injections(sandbox, "session-1") == 1
    assert post(service, "/webhook", event(timestamp=300, message="last"))[0] == 200
    assert stored_document(sandbox, "session-1")["last_user_message"] == "last"


def test_redis_killed_during_an_injection_is_503_and_the_retry_succeeds(
    workers: Start, own_redis: RedisServer, sandbox: Sandbox
) -> None:
    sandbox.seed("session-1")
    responses: list[int] = []
    first = event(message="first")
    # The injection takes effect, and the response arrives after the kill.
    with PausingProxy(sandbox.url, "/api/v1/sessions") as proxy:
        service = workers(own_redis, count=1, base_url=proxy.url)
        thread = threading.Thread(
            target=lambda: responses.append(post(service, "/webhook", first)[0])
        )
        thread.start()
        proxy.wait_until_paused()
        assert stored_document(sandbox, "session-1") != {}
        own_redis.kill()
        proxy.resume()
        thread.join()
        assert responses == [503]
        own_redis.start()
        expire_leases(own_redis)
        assert post(service, "/webhook", first)[0] == 200
        assert post(service, "/webhook", first)[0] == 200
    # Sent twice: the outcome of the first injection was not stored, that of the second was.
    path = "/api/v1/sessions/session-1/context"
    assert [request["path"] for request in sandbox.requests()].count(path) == 2
    assert stored_document(sandbox, "session-1")["last_user_message"] == "first"


def test_paused_redis_is_504(
    workers: Start, own_redis: RedisServer, sandbox: Sandbox
) -> None:
    # After the pause Redis executes the pending commands, so a lease is taken until it expires.
    service = workers(own_redis, count=1, store_timeout=0.5, lease_seconds=1)
    sandbox.seed("session-1")

    def is_accepted(body: dict[str, object]) -> bool:
        return post(service, "/webhook", body)[0] == 200

    wait_until(lambda: is_accepted(event()))
    own_redis.pause()
    status, problem = post(service, "/webhook", event(timestamp=101))
    assert status == 504
    assert str(problem["type"]).endswith(":store-timeout")
    assert get(service, "/readyz")[0] == 504
    own_redis.resume()
    wait_until(lambda: get(service, "/readyz")[0] == 200)
    wait_until(lambda: is_accepted(event(timestamp=101)))


def test_disconnected_caller_does_not_stop_the_request(
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
        path = "/api/v1/sessions/session-1/context"
        wait_until(lambda: path in [request["path"] for request in sandbox.requests()])
    # The retry waits until the event is done, and has no effect.
    assert post(service, "/webhook", event(message="first"))[0] == 200
    assert count_injections(sandbox, "session-1") == 1
    # A caller that disconnects within the body does not affect later requests.
    with socket.create_connection((address.hostname, address.port)) as caller:
        caller.sendall(request + body[:10])
    assert post(service, "/webhook", event(timestamp=101))[0] == 200


def test_service_completes_requests_in_progress_on_sigterm(
    workers: Start, redis: RedisServer, sandbox: Sandbox
) -> None:
    sandbox.seed("session-1")
    responses: list[int] = []
    with PausingProxy(sandbox.url, "/api/v1/sessions") as proxy:
        service = workers(redis, count=2, base_url=proxy.url)
        thread = threading.Thread(
            target=lambda: responses.append(post(service, "/webhook", event())[0])
        )
        thread.start()
        proxy.wait_until_paused()
        service.terminate()
        wait_until(lambda: "Waiting for connections to close" in service.log())
        proxy.resume()
        thread.join()
        log = service.stop()
    assert responses == [200]
    assert service.process.returncode == 0
    assert "Traceback" not in log


def test_log_and_metrics_contain_no_ids_and_no_data(
    service: Workers, sandbox: Sandbox
) -> None:
    sandbox.seed("my-session")
    body = event("my-session", message="my words", userId="my-user")
    assert post(service, "/webhook", body)[0] == 200
    assert get(service, "/context/inspect/my-session")[0] == 200
    assert post(service, "/webhook", body | {"sessionId": "my-unknown"})[0] == 404
    sync = {"session_id": "my-session", "data": {"name": "my words"}}
    assert post(service, "/context/sync", sync)[0] == 200
    sandbox.fault(status=500)
    assert post(service, "/webhook", body | {"timestamp": 101})[0] == 502
    status, metrics = get(service, "/metrics")
    assert status == 200
    # The service logs a request before it responds.
    log = service.log()
    assert "/webhook 200 processed session=" in log
    for word in ("my-", "my words", SECRET, sandbox.client_secret):
        assert word not in log
        assert word.encode() not in metrics


def test_metrics_are_the_sum_over_all_workers(
    service: Workers, sandbox: Sandbox
) -> None:
    def processed() -> float:
        text = get(service, "/metrics")[1].decode()
        found = re.search(r'events_total\{outcome="processed"\} (.+)', text)
        return float(found[1]) if found else 0.0

    before = processed()
    sandbox.seed("session-1")
    for timestamp in range(20):
        assert post(service, "/webhook", event(timestamp=timestamp))[0] == 200
    for _ in range(8):
        assert processed() == before + 20
