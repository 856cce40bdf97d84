"""Checks, measures and safely sends the session-context variables of NICE Cognigy.AI.

- `check` and `check_json` check names and values against a `Policy` and return a `Report`;
  `measure` and `measure_json` only measure.
- `parse_variables`, `coerce`, `resolve_scopes` and `debug_view` read variables.
- `InjectionPayload` and `StateUpdate` build checked request bodies.
- `ContextManager` maintains context documents with a `Schema`, a size limit and times to live.
- `WebhookEvent` parses an event of the web-messaging webhook.
- `Client` calls the APIs of a tenant; `AsyncClient` does the same with coroutines.
  `inject_context_request` builds a request for your own transport.
- `check_journal` and `repair_journal` read the journal of a bulk injection.
- `CognigyError` is the base class of the exceptions, for example `ValidationError`.
- `cognigy_context.testing` contains a local tenant for tests.

Example:
    >>> from cognigy_context import check
    >>> report = check({"customer": {"tier": "gold"}, "visits": 3})
    >>> report.ok, report.sizes.platform_bytes
    (True, 52)
"""

# collections.abc re-exports this module, which every interpreter has loaded already.
from _collections_abc import Mapping as _Mapping

from ._core import (
    CODES,
    BulkOutcome,
    BulkRun,
    Client,
    ContextManager,
    ContextUpdate,
    DialogState,
    Document,
    InjectedVariables,
    InjectionPayload,
    InjectionResult,
    Issue,
    JournalReport,
    Policy,
    Report,
    Schema,
    ScopedVariable,
    Sizes,
    StateUpdate,
    StateUpdateResult,
    Variable,
    Variables,
    WebhookEvent,
    __version__,
    check,
    check_journal,
    check_json,
    coerce,
    debug_view,
    deep_merge,
    event_id,
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
from ._errors import (
    AuthenticationError,
    BadRequestError,
    CognigyError,
    ConfigurationError,
    ConflictError,
    DeadlineError,
    NetworkError,
    PermissionDeniedError,
    ProtocolError,
    RateLimitError,
    SchemaLimitError,
    ServerError,
    SessionNotFoundError,
    StateConflictError,
    ValidationError,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._async_client import AsyncBulkRun, AsyncClient

__all__ = [
    "CODES",
    "AsyncBulkRun",
    "AsyncClient",
    "AuthenticationError",
    "BadRequestError",
    "BulkOutcome",
    "BulkRun",
    "Client",
    "CognigyError",
    "ConfigurationError",
    "ConflictError",
    "ContextManager",
    "ContextUpdate",
    "DeadlineError",
    "DialogState",
    "Document",
    "InjectedVariables",
    "InjectionPayload",
    "InjectionResult",
    "Issue",
    "JournalReport",
    "NetworkError",
    "PermissionDeniedError",
    "Policy",
    "ProtocolError",
    "RateLimitError",
    "Report",
    "Schema",
    "SchemaLimitError",
    "ScopedVariable",
    "ServerError",
    "SessionNotFoundError",
    "Sizes",
    "StateConflictError",
    "StateUpdate",
    "StateUpdateResult",
    "ValidationError",
    "Variable",
    "Variables",
    "WebhookEvent",
    "__version__",
    "check",
    "check_journal",
    "check_json",
    "coerce",
    "debug_view",
    "deep_merge",
    "event_id",
    "hash_session_id",
    "inject_context_request",
    "measure",
    "measure_json",
    "parse_variables",
    "repair_journal",
    "resolve_scopes",
    "serialize_context",
    "variables_url",
]

_Mapping.register(Variables)

# These names load asyncio, which most programs do not need. They are imported on first use.
_ASYNC = ("AsyncBulkRun", "AsyncClient")


def __getattr__(name: str) -> object:
    if name in _ASYNC:
        from . import _async_client

        for async_name in _ASYNC:
            globals()[async_name] = getattr(_async_client, async_name)
        return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_ASYNC})
