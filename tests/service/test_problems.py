"""The problem for each failure: of a request, of the tenant, of the service."""

import time
from typing import Any

import httpx
import pytest
from cognigy_context import AsyncClient, check
from cognigy_context.testing import Sandbox
from conftest import SECRET, Serve, control, event, stored_document
from redis_server import RedisServer

pytestmark = pytest.mark.anyio

TYPE_PREFIX = "urn:cognigy-context:problem:"


def problem(response: httpx.Response) -> tuple[int, str]:
    """Checks the form of a problem. Returns its status and the end of its type."""
    body = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert body["status"] == response.status_code
    assert body["title"]
    assert body["detail"]
    return response.status_code, body["type"].removeprefix(TYPE_PREFIX)


def budget_for(fault: dict[str, Any]) -> dict[str, float]:
    """Returns a short time budget for a fault that must exceed it."""
    if "latencyMs" not in fault:
        return {}
    return {"budget_seconds": 0.2, "reserve_seconds": 0.1}


@pytest.mark.parametrize(
    ("body", "issues"),
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
async def test_malformed_event_is_422_with_all_issues(
    serve: Serve, body: bytes, issues: set[tuple[str, str]]
) -> None:
    response = await (await serve()).post("/webhook", content=body)
    assert problem(response) == (422, "malformed")
    found = {(issue["path"], issue["code"]) for issue in response.json()["issues"]}
    assert found == issues


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({}, {"/session_id", "/data"}),
        ({"session_id": 1, "data": []}, {"/session_id", "/data"}),
        ({"session_id": "session-1", "data": None}, {"/data"}),
        ([], {""}),
    ],
)
async def test_malformed_sync_is_422_with_all_issues(
    serve: Serve, body: object, paths: set[str]
) -> None:
    response = await (await serve()).post("/context/sync", json=body)
    assert problem(response) == (422, "malformed")
    assert {issue["path"] for issue in response.json()["issues"]} == paths


async def test_sync_issue_paths_refer_to_the_request_body(
    serve: Serve, sandbox: Sandbox
) -> None:
    service = await serve()
    cases = {
        ("session-1", "/data/sessionId/b~1c"): {"sessionId": {"b/c": 10**320}},
        ("..", "/session_id"): {},
        # The stored document makes the result too large, so the path refers to all data.
        ("session-1", "/data"): {"b": "x" * 60_000},
    }
    before = {"document": {"a": "x" * 60_000}}
    control(sandbox, "PUT", "sessions/session-1", before)
    for (session_id, path), data in cases.items():
        body = {"session_id": session_id, "data": data}
        response = await service.post("/context/sync", json=body)
        assert problem(response) == (422, "malformed")
        assert [issue["path"] for issue in response.json()["issues"]] == [path]


@pytest.mark.parametrize("unit", ["seconds", "milliseconds", "microseconds", "largest"])
async def test_timestamp_far_ahead_is_422_and_moves_nothing(
    serve: Serve, sandbox: Sandbox, unit: str
) -> None:
    sandbox.seed("session-1")
    service = await serve()
    now = int(time.time())
    ahead = {
        "seconds": now + 90_000,
        "milliseconds": (now + 90_000) * 1_000,
        "microseconds": now * 1_000_000,
        "largest": 2**63 - 1,
    }[unit]
    response = await service.post("/webhook", json=event(timestamp=ahead))
    assert problem(response) == (422, "malformed")
    (issue,) = response.json()["issues"]
    assert (issue["path"], issue["code"]) == ("/timestamp", "invalid_timestamp")
    inspected = (await service.get("/context/inspect/session-1")).json()
    assert inspected["variables"] == {}
    # Seconds and milliseconds have one order.
    for timestamp, message in ((now, "1"), (now * 1_000 + 999, "2"), (now, "3")):
        body = event(timestamp=timestamp, message=message)
        assert (await service.post("/webhook", json=body)).status_code == 200
    document = stored_document(sandbox, "session-1")
    assert document["last_user_message"] == "2"
    assert document["webhook_timestamp"] == now * 1_000 + 999


async def test_timestamp_that_is_written_as_a_float_is_accepted(
    serve: Serve, sandbox: Sandbox
) -> None:
    sandbox.seed("session-1")
    service = await serve()
    for timestamp, status in ((3396.0, 200), (3396.5, 422), (1e300, 422)):
        response = await service.post("/webhook", json=event(timestamp=timestamp))
        assert response.status_code == status
    assert stored_document(sandbox, "session-1")["webhook_timestamp"] == 3396


@pytest.mark.parametrize("route", ["/webhook", "/context/sync"])
async def test_request_that_the_client_rejects_is_422(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, route: str
) -> None:
    async def reject(*_: object) -> None:
        check({"\ud800": 1}).raise_if_failed()

    for name in ("append_variables", "sync_context"):
        monkeypatch.setattr(AsyncClient, name, reject)
    body = event() if route == "/webhook" else {"session_id": "session-1", "data": {}}
    response = await (await serve()).post(route, json=body)
    assert problem(response) == (422, "malformed")
    assert [issue["code"] for issue in response.json()["issues"]] == ["lone_surrogate"]


@pytest.mark.parametrize(
    ("route", "path"), [("/webhook", "/sessionId"), ("/context/sync", "/session_id")]
)
async def test_session_id_that_no_url_can_contain_is_422(
    serve: Serve, sandbox: Sandbox, route: str, path: str
) -> None:
    session_id = "a" * 400_000
    if route == "/webhook":
        body = event(session_id)
    else:
        body = {"session_id": session_id, "data": {}}
    response = await (await serve()).post(route, json=body)
    assert problem(response) == (422, "malformed")
    (issue,) = response.json()["issues"]
    assert (issue["path"], issue["code"]) == (path, "invalid_id")
    assert sandbox.requests() == []


@pytest.mark.parametrize(
    "headers",
    [
        {"a": "x" * 16_384},
        {f"a{number}": "x" for number in range(101)},
    ],
)
async def test_headers_beyond_the_limits_are_431_under_any_server(
    serve: Serve, headers: dict[str, str]
) -> None:
    service = await serve()
    response = await service.post("/webhook", json=event(), headers=headers)
    assert problem(response) == (431, "headers-too-large")
    response = await service.get("/context/inspect/" + "x" * 16_384)
    assert problem(response) == (431, "headers-too-large")


async def test_integer_with_thousands_of_digits_is_422(serve: Serve) -> None:
    body = b'{"session_id": "session-1", "data": {"a": ' + b"1" * 5_000 + b"}}"
    response = await (await serve()).post("/context/sync", content=body)
    assert problem(response) == (422, "malformed")


async def test_sync_beyond_the_document_limit_is_422_and_writes_nothing(
    serve: Serve, sandbox: Sandbox
) -> None:
    before = {"a": "x" * 60_000}
    control(sandbox, "PUT", "sessions/session-1", {"document": before})
    body = {"session_id": "session-1", "data": {"b": "x" * 60_000}}
    response = await (await serve()).post("/context/sync", json=body)
    assert problem(response) == (422, "malformed")
    assert [issue["code"] for issue in response.json()["issues"]] == [
        "context_too_large"
    ]
    assert stored_document(sandbox, "session-1") == before


async def test_body_over_the_limit_is_413_before_it_is_read_completely(
    serve: Serve,
) -> None:
    service = await serve(max_body_bytes=1_000)
    response = await service.post("/webhook", content=b" " * 1_001)
    assert problem(response) == (413, "body-too-large")

    sent = 0

    async def endless() -> Any:
        nonlocal sent
        while True:
            sent += 500
            yield b" " * 500

    response = await service.post("/webhook", content=endless())
    assert problem(response) == (413, "body-too-large")
    assert sent <= 2_000


async def test_unknown_route_is_404_and_wrong_method_is_405(serve: Serve) -> None:
    service = await serve()
    assert problem(await service.get("/nothing")) == (404, "no-such-route")
    response = await service.get("/webhook")
    assert problem(response) == (405, "method-not-allowed")
    assert response.headers["allow"] == "POST"


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
async def test_tenant_failure_has_its_problem(
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
    response = await service.post(route, json=body)
    assert problem(response) == expected
    if expected[0] == 429:
        assert response.headers["retry-after"] == "7"
    assert "session-1" not in response.text


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
async def test_failed_token_request_has_its_problem(
    serve: Serve, sandbox: Sandbox, fault: dict[str, Any], expected: tuple[int, str]
) -> None:
    control(sandbox, "POST", "faults", fault | {"pathPrefix": "/api/v1/auth"})
    service = await serve(**budget_for(fault))
    assert problem(await service.post("/webhook", json=event())) == expected


async def test_unreachable_tenant_is_503(serve: Serve) -> None:
    # Nothing listens on the discard port.
    service = await serve({"base_url": "http://127.0.0.1:9"})
    response = await service.post("/webhook", json=event())
    assert problem(response) == (503, "upstream-unreachable")


async def test_transient_failure_is_retried(serve: Serve, sandbox: Sandbox) -> None:
    sandbox.seed("session-1")
    sandbox.fault(status=503, retry_after=0, times=2, path_prefix="/api/v1/sessions")
    service = await serve({"max_retries": 3})
    assert (await service.post("/webhook", json=event())).status_code == 200


async def test_retry_after_beyond_the_budget_is_429_with_retry_after(
    serve: Serve, sandbox: Sandbox
) -> None:
    sandbox.seed("session-1")
    sandbox.fault(status=503, retry_after=600, path_prefix="/api/v1/sessions")
    service = await serve({"max_retries": 3})
    response = await service.post("/webhook", json=event())
    assert problem(response) == (429, "rate-limited")
    assert response.headers["retry-after"] == "600"


async def test_call_beyond_the_shared_rate_is_429_with_retry_after(
    serve: Serve, sandbox: Sandbox, redis: RedisServer
) -> None:
    sandbox.seed("session-1")
    services = [await serve(redis_url=redis.url, rate="2/6000") for _ in range(2)]
    responses = [
        await services[n % 2].post("/webhook", json=event(timestamp=n))
        for n in range(3)
    ]
    assert [response.status_code for response in responses] == [200, 200, 429]
    assert problem(responses[2]) == (429, "rate-limited")
    assert 5_000 < int(responses[2].headers["retry-after"]) <= 6_000


async def test_internal_error_is_500_without_its_message(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cognigy_context.service import app

    def fail(*_: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(app, "parse_event", fail)
    response = await (await serve()).post("/webhook", json=event())
    assert problem(response) == (500, "service-failed")
    assert SECRET not in response.text


def test_problem_types_are_distinct() -> None:
    from cognigy_context.service.problems import ALL_PROBLEMS

    assert len({it.type for it in ALL_PROBLEMS}) == len(ALL_PROBLEMS)
    assert all(400 <= it.status <= 599 and it.detail for it in ALL_PROBLEMS)
