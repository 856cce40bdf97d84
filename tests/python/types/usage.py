"""Correct code, which mypy and pyright check. The code is never run."""

# pyright: strict

from datetime import datetime

from cognigy_context import (
    CODES,
    Client,
    CognigyError,
    ContextManager,
    InjectionPayload,
    Issue,
    JournalReport,
    Policy,
    RateLimitError,
    Report,
    Schema,
    ScopedVariable,
    Sizes,
    StateUpdate,
    ValidationError,
    Variable,
    Variables,
    WebhookEvent,
    check,
    check_journal,
    check_json,
    coerce,
    debug_view,
    deep_merge,
    hash_session_id,
    inject_context_request,
    measure,
    measure_json,
    parse_variables,
    repair_journal,
    resolve_scopes,
    serialize_context,
    variables_url,
)
from cognigy_context.testing import Sandbox


def checks(context: dict[str, object]) -> list[str]:
    policy: Policy = Policy("state", max_depth=None, reserved_prefixes=["x_"])
    reports: list[Report] = [
        check(context),
        check(context, policy, existing={"a": 1}),
        check(context, "platform_app", '{"a": 1}'),
        check(context, {"preset": "platform", "max_context_bytes": 10}),
        check_json(b"{}", policy.replace(preset="context")),
        check_json(memoryview(b"{}")).raise_if_failed(),
    ]
    sizes: Sizes = measure(context)
    total: int = sizes.json_bytes + measure_json("{}").platform_bytes
    issues: list[Issue] = [issue for report in reports for issue in report.issues]
    limits = [issue.limit for issue in issues if issue.limit is not None]
    return [
        issue.code for issue in issues if issue.code in CODES and total > sum(limits)
    ]


def sends(url: str) -> dict[str, object]:
    with Client(url, api_key="k", policy="platform", session_id_prefix="s") as client:
        try:
            return client.inject_context("s", "u", {"a": 1}, existing=b"{}")
        except ValidationError as error:
            return {
                "issues": [str(issue) for issue in error.issues],
                "ok": error.report.ok,
            }
        except RateLimitError as error:
            return {"wait": error.retry_after or 1.0}
        except CognigyError as error:
            return {
                "retry": error.retryable,
                "status": error.status,
                "hint": error.hint,
            }


def builds_a_request() -> str:
    request = inject_context_request("https://host", "s", "u", {"a": 1}, api_key="k")
    name: str = request["headers"]["x-api-key"]
    return (
        request["method"]
        + request["url"]
        + request["body"]
        + name
        + hash_session_id("s")
    )


def tests() -> int:
    with Sandbox(port=0, context_limit=10) as sandbox:
        sandbox.seed("s", {"a": 1})
        sandbox.fault(status=500, times=1)
        return len(sandbox.requests()) + len(sends(sandbox.url))


def reads(page: bytes) -> dict[str, object]:
    variables: Variables = parse_variables(page, "{}", mode="compat")
    first: ScopedVariable | None = variables.get("a")
    either: ScopedVariable | int = variables.get("a", 1)
    names: list[str] = [name for name in variables if name in variables]
    by: list[str] = [scope for _, scope in variables.shadowed]
    resolved: dict[str, ScopedVariable] = resolve_scopes(
        [ScopedVariable("a", 1, "bot")]
    )
    raw: dict[str, dict[str, str]] = resolve_scopes([{"name": "a", "scope": "bot"}])
    kinds: list[str] = [entry["type"] for entry in debug_view(variables).values()]
    url: str = variables_url("https://host", "s", name="a", include_system=True)
    return {
        "value": coerce("1", hint="number"),
        "all": [
            first,
            either,
            names,
            by,
            resolved,
            raw,
            kinds,
            url,
            variables.next_cursor,
        ],
        "view": debug_view(resolved) == debug_view([{"name": "a"}]),
    }


def writes(until: datetime) -> bytes:
    payload = InjectionPayload(
        "s",
        [Variable("a", 1, "user", until), {"key": "b", "value": 2}],
        merge_strategy="x",
    )
    report: Report = payload.check(clock=lambda: 0.0)
    update = StateUpdate({"a": 1}, user={"b": 2}, next_step="x")
    parts: list[StateUpdate] = update.split()
    bodies: list[dict[str, object]] = [payload.to_api_body(), update.to_api_body()]
    return payload.to_json() + update.to_json() + repr((report, parts, bodies)).encode()


def manages() -> str:
    schema = Schema({"type": "object"})
    manager = ContextManager(schema, 1_000, 60, ["/a"], lru=True, clock=lambda: 1.5)
    updated = manager.update("s", {"a": 1})
    found = manager.inspect("s")
    entries: list[str] = [entry["action"] for entry in found["recent_audit_trail"]]
    manager.reset("s")
    swept: int = manager.sweep()
    merged: dict[str, object] = deep_merge(updated.context, found["current_context"])
    event = WebhookEvent.from_json(serialize_context(merged))
    event.check_timestamp(1_893_456_000.5)
    milliseconds: int = event.timestamp_ms
    derived: dict[str, object] = event.derived_variables()
    return f"{entries} {swept} {updated.expired} {derived} {milliseconds} {hash_session_id('s', b'k')}"


def repairs(client: Client) -> int:
    report: JournalReport = check_journal("rows.journal")
    if report.partial or not report.is_sound:
        report = repair_journal("rows.journal")
    run = client.inject_many([], journal="rows.journal", durable=True)
    run.close()
    return report.lines + report.confirmed + report.damaged
