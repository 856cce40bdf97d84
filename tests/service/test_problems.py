"""Every answer, from the tenant's failure to the problem that the caller sees."""

import math
from typing import Any
from urllib.parse import quote

import anyio
import anyio.to_thread
import httpx
import pytest
from cognigy_context import hash_session_id
from cognigy_context.service import Settings, Store
from cognigy_context.service.memory_store import MemoryStore
from cognigy_context.service.ordering import Admission
from cognigy_context.service.redis_store import RedisStore
from cognigy_context.testing import Sandbox
from conftest import PATIENT, SECRET, Serve, control, document, event
from pausing_proxy import PausingProxy
from redis_server import RedisServer

pytestmark = pytest.mark.anyio

TYPE = "urn:cognigy-context:problem:"


def problem(answer: httpx.Response) -> tuple[int, str]:
    """The status and the end of the type; they must be told the same way each time."""
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["status"] == answer.status_code
    assert body["title"]
    assert body["detail"]
    return answer.status_code, body["type"].removeprefix(TYPE)


def budget_for(fault: dict[str, Any]) -> dict[str, float]:
    """Little where it is to run out, enough where it is not."""
    if "latencyMs" not in fault:
        return {}
    return {"budget_seconds": 0.2, "reserve_seconds": 0.1}


async def test_an_event_is_stored_and_injected_before_the_answer(
    serve: Serve, sandbox: Sandbox, redis: RedisServer
) -> None:
    sandbox.seed("session-1")
    service = await serve(redis_url=redis.url)
    answer = await service.post("/webhook", json=event(custom={"page": "/orders"}))
    assert answer.status_code == 200
    assert answer.json() == {"status": "processed", "sessionId": "session-1"}
    derived = {
        "last_user_message": "Where is my order?",
        "webhook_timestamp": 100,
        "channel_type": "webchat",
        "custom_data": '{"page":"/orders"}',
    }
    assert document(sandbox, "session-1") == derived
    key = "session:" + hash_session_id("session-1")
    with redis.client() as client:
        assert httpx.Response(200, content=client.get(key)).json() == derived
        assert 3_000 < client.ttl(key) <= 3_600


async def test_ids_can_be_stored_under_a_keyed_hash(
    serve: Serve, sandbox: Sandbox, redis: RedisServer
) -> None:
    sandbox.seed("session-1")
    service = await serve(redis_url=redis.url, hash_key="k")
    assert (await service.post("/webhook", json=event())).status_code == 200
    with redis.client() as client:
        assert client.exists("session:" + hash_session_id("session-1", key="k"))
        plain = hash_session_id("session-1").encode()
        assert not [key for key in client.scan_iter() if plain in key]


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        (b"", {("", "invalid_json")}),
        (b"[]", {("", "wrong_type")}),
        (b"{", {("", "invalid_json")}),
        (
            b'{"sessionId": "", "userId": 1, "channel": "c", "timestamp": 1.5}',
            {
                ("/sessionId", "invalid_id"),
                ("/userId", "wrong_type"),
                ("/message", "missing_field"),
                ("/timestamp", "wrong_type"),
            },
        ),
    ],
)
async def test_a_malformed_event_is_422_with_every_issue(
    serve: Serve, body: bytes, codes: set[tuple[str, str]]
) -> None:
    answer = await (await serve()).post("/webhook", content=body)
    assert problem(answer) == (422, "malformed")
    found = {(issue["path"], issue["code"]) for issue in answer.json()["issues"]}
    assert found == codes


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"status": 400}, (502, "upstream-refused")),
        ({"status": 401}, (401, "upstream-unauthenticated")),
        ({"status": 403}, (403, "upstream-forbidden")),
        ({"status": 404}, (404, "session-not-found")),
        ({"status": 409}, (502, "upstream-refused")),
        ({"status": 413}, (502, "upstream-refused")),
        ({"status": 429, "retryAfter": "7"}, (429, "rate-limited")),
        ({"status": 500}, (502, "upstream-failed")),
        ({"status": 502}, (502, "upstream-failed")),
        ({"status": 504}, (502, "upstream-failed")),
        ({"body": "no JSON"}, (502, "upstream-failed")),
        ({"drop": True}, (503, "upstream-unreachable")),
        ({"latencyMs": 5_000}, (504, "budget-spent")),
    ],
)
@pytest.mark.parametrize("route", ["/webhook", "/context/sync"])
async def test_a_failure_of_the_tenant_has_its_answer(
    serve: Serve,
    sandbox: Sandbox,
    route: str,
    fault: dict[str, Any],
    expected: tuple[int, str],
) -> None:
    sandbox.seed("session-1")
    control(sandbox, "POST", "faults", fault | {"pathPrefix": "/api/v1/sessions"})
    service = await serve(**budget_for(fault))
    body = event() if route == "/webhook" else {"session_id": "session-1", "data": {}}
    answer = await service.post(route, json=body)
    assert problem(answer) == expected
    if expected[0] == 429:
        assert answer.headers["retry-after"] == "7"
    assert "session-1" not in answer.text


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"status": 400}, (502, "upstream-token")),
        ({"status": 401}, (502, "upstream-token")),
        ({"status": 500}, (502, "upstream-token")),
        ({"status": 429, "retryAfter": "3"}, (429, "rate-limited")),
        ({"drop": True}, (503, "upstream-unreachable")),
        ({"latencyMs": 5_000}, (504, "budget-spent")),
    ],
)
async def test_a_token_that_is_not_to_be_had_has_its_answer(
    serve: Serve, sandbox: Sandbox, fault: dict[str, Any], expected: tuple[int, str]
) -> None:
    control(sandbox, "POST", "faults", fault | {"pathPrefix": "/api/v1/auth"})
    service = await serve(**budget_for(fault))
    assert problem(await service.post("/webhook", json=event())) == expected


async def test_a_tenant_that_is_not_there_is_503(serve: Serve) -> None:
    # Nothing listens on the discard port of this machine.
    service = await serve({"base_url": "http://127.0.0.1:9"})
    answer = await service.post("/webhook", json=event())
    assert problem(answer) == (503, "upstream-unreachable")


async def test_a_failure_that_passes_is_not_seen(
    serve: Serve, sandbox: Sandbox
) -> None:
    sandbox.seed("session-1")
    sandbox.fault(status=503, retry_after=0, times=2, path_prefix="/api/v1/sessions")
    service = await serve({"max_retries": 3})
    assert (await service.post("/webhook", json=event())).status_code == 200


async def test_a_wait_that_the_budget_does_not_allow_is_429_with_retry_after(
    serve: Serve, sandbox: Sandbox
) -> None:
    sandbox.seed("session-1")
    sandbox.fault(status=503, retry_after=600, path_prefix="/api/v1/sessions")
    service = await serve({"max_retries": 3})
    answer = await service.post("/webhook", json=event())
    assert problem(answer) == (429, "rate-limited")
    assert answer.headers["retry-after"] == "600"


async def test_tokens_that_end_are_got_again(serve: Serve, sandbox: Sandbox) -> None:
    sandbox.seed("session-1")
    service = await serve()
    for timestamp in range(3):
        answer = await service.post("/webhook", json=event(timestamp=timestamp))
        assert answer.status_code == 200
        control(sandbox, "DELETE", "tokens")
    assert control(sandbox, "GET", "counters")["tokensGranted"] == 3


async def test_one_token_serves_all_requests(serve: Serve, sandbox: Sandbox) -> None:
    sandbox.seed("session-1")
    service = await serve()
    for timestamp in range(5):
        await service.post("/webhook", json=event(timestamp=timestamp))
    assert control(sandbox, "GET", "counters")["tokensGranted"] == 1


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({}, {"/session_id", "/data"}),
        ({"session_id": 1, "data": []}, {"/session_id", "/data"}),
        ({"session_id": "session-1", "data": None}, {"/data"}),
        ([], {""}),
    ],
)
async def test_a_malformed_sync_is_422(
    serve: Serve, body: object, paths: set[str]
) -> None:
    answer = await (await serve()).post("/context/sync", json=body)
    assert problem(answer) == (422, "malformed")
    assert {issue["path"] for issue in answer.json()["issues"]} == paths


async def test_issues_of_a_sync_name_the_places_of_its_request(
    serve: Serve, sandbox: Sandbox
) -> None:
    service = await serve()
    asked = {
        ("session-1", "/data/sessionId/b~1c"): {"sessionId": {"b/c": 10**320}},
        ("..", "/session_id"): {},
        # The document has been too large before, in places that nobody sent.
        ("session-1", "/data"): {"b": "x" * 60_000},
    }
    before = {"document": {"a": "x" * 60_000}}
    control(sandbox, "PUT", "sessions/session-1", before)
    for (session_id, path), data in asked.items():
        body = {"session_id": session_id, "data": data}
        answer = await service.post("/context/sync", json=body)
        assert problem(answer) == (422, "malformed")
        assert [issue["path"] for issue in answer.json()["issues"]] == [path]


async def test_an_integer_of_thousands_of_digits_is_422(serve: Serve) -> None:
    body = b'{"session_id": "session-1", "data": {"a": ' + b"1" * 5_000 + b"}}"
    answer = await (await serve()).post("/context/sync", content=body)
    assert problem(answer) == (422, "malformed")


async def test_a_sync_merges_and_tells_the_size_of_the_whole(
    serve: Serve, sandbox: Sandbox
) -> None:
    control(sandbox, "PUT", "sessions/session-1", {"document": {"a": {"b": 1}, "c": 2}})
    service = await serve()
    body = {"session_id": "session-1", "data": {"a": {"d": "ü"}}}
    answer = await service.post("/context/sync", json=body)
    merged = {"a": {"b": 1, "d": "ü"}, "c": 2}
    assert answer.json() == {
        "status": "success",
        "context_size_bytes": len('{"a":{"b":1,"d":"ü"},"c":2}'.encode()),
    }
    assert document(sandbox, "session-1") == merged
    inspected = (await service.get("/context/inspect/session-1")).json()
    assert inspected["current_context"] == merged


async def test_a_document_that_would_be_too_large_is_422_and_not_written(
    serve: Serve, sandbox: Sandbox
) -> None:
    before = {"a": "x" * 60_000}
    control(sandbox, "PUT", "sessions/session-1", {"document": before})
    body = {"session_id": "session-1", "data": {"b": "x" * 60_000}}
    answer = await (await serve()).post("/context/sync", json=body)
    assert problem(answer) == (422, "malformed")
    assert [issue["code"] for issue in answer.json()["issues"]] == ["context_too_large"]
    assert document(sandbox, "session-1") == before


@pytest.mark.parametrize(
    "session", ["nobody/here", "a\nb", "a\r\n", "\u2028", "%2F", "{}"]
)
async def test_an_unknown_session_is_empty_to_inspect(
    serve: Serve, session: str
) -> None:
    service = await serve()
    answer = await service.get(f"/context/inspect/{quote(session, safe='')}")
    assert answer.json() == {
        "session_id": session,
        "current_context": {},
        "variables": {},
        "ttl_registry": {},
        "recent_audit_trail": [],
        "schema_valid": True,
    }


@pytest.mark.parametrize("kind", ["memory", "redis"])
async def test_inspect_shows_the_last_ten_actions_with_hashed_ids(
    serve: Serve, sandbox: Sandbox, redis: RedisServer, kind: str
) -> None:
    sandbox.seed("session-1")
    service = await serve(redis_url=redis.url if kind == "redis" else None)
    for timestamp in range(12):
        await service.post("/webhook", json=event(timestamp=timestamp))
    sync = {"session_id": "session-1", "data": {"tier": "gold"}}
    await service.post("/context/sync", json=sync)
    inspected = (await service.get("/context/inspect/session-1")).json()
    assert inspected["variables"]["webhook_timestamp"] == 11
    assert inspected["current_context"]["tier"] == "gold"
    assert set(inspected["ttl_registry"]) == {"/current_context", "/variables"}
    trail = inspected["recent_audit_trail"]
    assert [entry["action"] for entry in trail] == ["webhook"] * 9 + ["sync"]
    assert {entry["session_id"] for entry in trail} == {hash_session_id("session-1")}
    assert len({entry["audit_trail_id"] for entry in trail}) == 10


async def test_inspect_holds_the_context_against_the_schema(
    serve: Serve, sandbox: Sandbox, tmp_path: Any
) -> None:
    (tmp_path / "schema.json").write_text('{"required": ["tier"]}')
    sandbox.seed("session-1")
    service = await serve(schema_file=str(tmp_path / "schema.json"))
    before = (await service.get("/context/inspect/session-1")).json()
    sync = {"session_id": "session-1", "data": {"tier": "gold"}}
    await service.post("/context/sync", json=sync)
    after = (await service.get("/context/inspect/session-1")).json()
    assert [before["schema_valid"], after["schema_valid"]] == [False, True]


class Noting:
    """A store that notes what it was asked."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.noted: list[tuple[str, object]] = []

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)

        async def noting(*given: Any, **named: Any) -> Any:
            result = await method(*given, **named)
            self.noted.append((name, result))
            return result

        return noting

    async def until(self, asked: str, result: object, times: int = 1) -> None:
        with anyio.fail_after(120):
            while self.noted.count((asked, result)) < times:
                await anyio.sleep(0.005)


@pytest.mark.parametrize("kind", [MemoryStore, lambda it: RedisStore(it, "tenant")])
async def test_a_session_is_kept_for_as_long_as_its_injection_takes(
    serve: Serve, sandbox: Sandbox, redis: RedisServer, kind: Any
) -> None:
    sandbox.seed("session-1")
    # The leases are long, and renewed as often as short ones.
    kept = Settings(no_auth=True, redis_url=redis.url, **PATIENT)
    store = Noting(kind(kept))
    with PausingProxy(sandbox.url, "/api/v1/sessions") as proxy:
        service = await serve({"base_url": proxy.url}, store=store, lease_seconds=0.03)

        async def post(message: str, timestamp: int) -> None:
            told = event(message=message, timestamp=timestamp)
            assert (await service.post("/webhook", json=told)).status_code == 200

        async with anyio.create_task_group() as group:
            group.start_soon(post, "first", 100)
            await anyio.to_thread.run_sync(proxy.wait_until_paused)
            await store.until("renew", True, times=3)
            group.start_soon(post, "second", 101)
            await store.until("begin", Admission.BUSY)
            proxy.resume()
    path = "/api/v1/sessions/session-1/context"
    statuses = [it["status"] for it in sandbox.requests() if it["path"] == path]
    assert statuses == [200, 200]
    assert document(sandbox, "session-1")["last_user_message"] == "second"
    await store.close()


async def test_the_shared_rate_is_429_with_retry_after(
    serve: Serve, sandbox: Sandbox, redis: RedisServer
) -> None:
    sandbox.seed("session-1")
    services = [await serve(redis_url=redis.url, rate="2/6000") for _ in range(2)]
    answers = [
        await services[turn % 2].post("/webhook", json=event(timestamp=turn))
        for turn in range(3)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert problem(answers[2]) == (429, "rate-limited")
    assert 5_000 < int(answers[2].headers["retry-after"]) <= 6_000


async def test_what_is_not_there_is_a_problem_too(serve: Serve) -> None:
    service = await serve()
    assert problem(await service.get("/nothing")) == (404, "no-such-route")
    answer = await service.get("/webhook")
    assert problem(answer) == (405, "method-not-allowed")
    assert answer.headers["allow"] == "POST"


async def test_a_body_over_the_cap_is_413_before_it_is_read(serve: Serve) -> None:
    service = await serve(max_body_bytes=1_000)
    answer = await service.post("/webhook", content=b" " * 1_001)
    assert problem(answer) == (413, "body-too-large")

    sent = 0

    async def endless() -> Any:
        nonlocal sent
        while True:
            sent += 500
            yield b" " * 500

    answer = await service.post("/webhook", content=endless())
    assert problem(answer) == (413, "body-too-large")
    assert sent <= 2_000


async def test_health_readiness_and_metrics_need_no_secret(
    serve: Serve, sandbox: Sandbox, redis: RedisServer
) -> None:
    sandbox.seed("session-1")
    service = await serve(redis_url=redis.url)
    await service.post("/webhook", json=event())
    await service.post("/webhook", json=event())
    await service.post("/webhook", json=event(timestamp=1))
    del service.headers["x-webhook-secret"]
    assert (await service.get("/healthz")).json() == {"status": "ok"}
    assert (await service.get("/readyz")).json() == {"status": "ready"}
    text = (await service.get("/metrics")).text
    for outcome in ("applied", "duplicate", "superseded"):
        name = f'cognigy_context_service_events_total{{outcome="{outcome}"}}'
        assert f"{name} 1.0" in text
    assert "session-1" not in text
    assert hash_session_id("session-1") not in text


async def test_a_failure_of_the_service_itself_says_nothing_of_it(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cognigy_context.service import app

    def broken(*_: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(app, "parse_event", broken)
    answer = await (await serve()).post("/webhook", json=event())
    assert problem(answer) == (500, "service-failed")
    assert SECRET not in answer.text


def test_every_problem_has_a_type_of_its_own() -> None:
    from cognigy_context.service.problems import ALL_PROBLEMS

    assert len({kind.type for kind in ALL_PROBLEMS}) == len(ALL_PROBLEMS)
    assert all(math.isfinite(kind.status) and kind.detail for kind in ALL_PROBLEMS)
