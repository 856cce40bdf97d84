from asyncio import Future
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from os import PathLike
from types import EllipsisType, TracebackType
from typing import Any, Final, Literal, TypeAlias, TypedDict, TypeVar, final, overload

from typing_extensions import Unpack

from ._errors import CognigyError

_Preset: TypeAlias = Literal[
    "injection", "context", "state", "platform", "platform_app"
]
_Severity: TypeAlias = Literal["error", "warning"]
_NameRule: TypeAlias = Literal["any", "injection", "identifier", "platform"]
_Unit: TypeAlias = Literal["json", "platform"]
_JsonText: TypeAlias = str | bytes | bytearray | memoryview

class _Overrides(TypedDict, total=False):
    names: _NameRule
    reserved_prefixes: list[str] | tuple[str, ...]
    max_name_length: int | None
    allow_null: bool
    strip_internal: bool
    max_value_bytes: int | None
    max_payload_bytes: int | None
    max_context_bytes: int | None
    context_unit: _Unit
    max_depth: int | None
    warn_from: float | None
    unsafe_integers: _Severity

class _Replacements(_Overrides, total=False):
    preset: _Preset

_Mode: TypeAlias = Literal["lossless", "compat"]
_Clock: TypeAlias = Callable[[], float]
_T = TypeVar("_T")

class _DebugLine(TypedDict):
    value: Any
    scope: str
    type: Literal["null", "boolean", "integer", "number", "string", "array", "object"]
    is_system: bool

class _AuditEntry(TypedDict):
    timestamp: str
    session_id: str
    action: str
    payload_size: int
    audit_trail_id: str

class _Inspection(TypedDict):
    session_id: str
    current_context: dict[str, Any]
    ttl_registry: dict[str, str]
    recent_audit_trail: list[_AuditEntry]
    schema_valid: bool

_PolicyArgument: TypeAlias = Policy | _Preset | dict[str, Any]

_Time: TypeAlias = float | timedelta
_ApiFamily: TypeAlias = Literal[
    "sessions_v1", "sessions_v2", "botsessions", "documents", "runtime_v2", "platform"
]
_Path: TypeAlias = str | PathLike[str]
_Auditor: TypeAlias = Callable[[_AuditRecord], object]
# `...` is the default limit, None is no limit.
_Rate: TypeAlias = tuple[int, _Time] | EllipsisType | None
_Listener = TypeVar("_Listener", bound=Callable[[str, Any, StateUpdateResult], object])

class _AuditDetails(TypedDict, total=False):
    attempts: int
    http_status: int
    error: str
    trace_id: str
    payload_sha256: str
    result_summary: str

class _AuditRecord(TypedDict):
    timestamp: str
    operation: str
    status: Literal["success", "failure", "refused", "cancelled"]
    session: str | None
    variable_count: int
    latency_ms: float
    details: _AuditDetails

class _Metrics(TypedDict):
    total_injections: int
    success_count: int
    failure_count: int
    success_rate_percent: float
    average_latency_ms: float
    p50_latency_ms: float
    p95_latency_ms: float
    p99_latency_ms: float
    dropped_notices: int

class _StateMetrics(TypedDict):
    persistence_rate: float
    average_latency: float

class _RetrievalMetrics(TypedDict):
    avg_latency: float
    total_retrieved: int
    audit_trail: list[_AuditRecord]

class _Snapshot(TypedDict):
    session_id: str
    variables: dict[str, _DebugLine]
    metrics: _RetrievalMetrics

class _BulkSummary(TypedDict):
    total: int
    injected: int
    unconfirmed: int
    skipped: int
    failed: int

class _Request(TypedDict):
    method: str
    url: str
    headers: dict[str, str]
    body: str

__all__ = [
    "CODES",
    "_API_ERROR_KINDS",
    "BulkOutcome",
    "BulkRun",
    "Client",
    "ContextManager",
    "ContextUpdate",
    "DialogState",
    "Document",
    "InjectedVariables",
    "InjectionPayload",
    "InjectionResult",
    "Issue",
    "JournalReport",
    "Policy",
    "Report",
    "Schema",
    "ScopedVariable",
    "Sizes",
    "StateUpdate",
    "StateUpdateResult",
    "Variable",
    "Variables",
    "WebhookEvent",
    "_AsyncBulk",
    "_AsyncCalls",
    "_Sandbox",
    "__version__",
    "_restore_report",
    "_wait_for_callbacks",
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

__version__: Final[str]
CODES: Final[tuple[str, ...]]
_API_ERROR_KINDS: Final[tuple[str, ...]]

@final
class Issue:
    def __new__(
        cls,
        code: str,
        severity: _Severity,
        path: str,
        message: str,
        limit: int | None = None,
        actual: int | None = None,
        hint: str | None = None,
    ) -> Issue: ...
    @property
    def code(self) -> str: ...
    @property
    def severity(self) -> _Severity: ...
    @property
    def path(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def limit(self) -> int | None: ...
    @property
    def actual(self) -> int | None: ...
    @property
    def hint(self) -> str | None: ...
    def to_dict(self) -> dict[str, Any]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Sizes:
    def __new__(
        cls, json_bytes: int, platform_bytes: int, depth: int, variables: int
    ) -> Sizes: ...
    @property
    def json_bytes(self) -> int: ...
    @property
    def platform_bytes(self) -> int: ...
    @property
    def depth(self) -> int: ...
    @property
    def variables(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Report:
    @property
    def ok(self) -> bool: ...
    @property
    def issues(self) -> tuple[Issue, ...]: ...
    @property
    def sizes(self) -> Sizes: ...
    @property
    def omitted(self) -> int: ...
    def raise_if_failed(self) -> Report: ...
    def to_dict(self) -> dict[str, Any]: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class Policy:
    def __new__(
        cls, preset: _Preset = "platform", **overrides: Unpack[_Overrides]
    ) -> Policy: ...
    def replace(self, **overrides: Unpack[_Replacements]) -> Policy: ...
    @property
    def preset(self) -> _Preset: ...
    @property
    def names(self) -> _NameRule: ...
    @property
    def reserved_prefixes(self) -> tuple[str, ...]: ...
    @property
    def max_name_length(self) -> int | None: ...
    @property
    def allow_null(self) -> bool: ...
    @property
    def strip_internal(self) -> bool: ...
    @property
    def max_value_bytes(self) -> int | None: ...
    @property
    def max_payload_bytes(self) -> int | None: ...
    @property
    def max_context_bytes(self) -> int | None: ...
    @property
    def context_unit(self) -> _Unit: ...
    @property
    def max_depth(self) -> int | None: ...
    @property
    def warn_from(self) -> float | None: ...
    @property
    def unsafe_integers(self) -> _Severity: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]: ...

@final
class InjectionResult:
    @property
    def status(self) -> Literal["success"]: ...
    @property
    def latency_ms(self) -> float: ...
    @property
    def variables_injected(self) -> int: ...
    @property
    def result(self) -> dict[str, Any]: ...

@final
class InjectedVariables:
    @property
    def variables(self) -> dict[str, Any]: ...
    @property
    def tag(self) -> str | None: ...

@final
class Document:
    @property
    def document(self) -> dict[str, Any]: ...
    @property
    def tag(self) -> str | None: ...

@final
class DialogState:
    @property
    def state(self) -> dict[str, Any]: ...
    @property
    def tag(self) -> str | None: ...

@final
class StateUpdateResult:
    @property
    def result(self) -> dict[str, Any]: ...
    @property
    def tag(self) -> str | None: ...
    @property
    def guarded(self) -> bool: ...
    @property
    def latency_ms(self) -> float: ...

@final
class BulkOutcome:
    @property
    def index(self) -> int: ...
    @property
    def session(self) -> str | None: ...
    @property
    def status(self) -> Literal["injected", "unconfirmed", "skipped", "failed"]: ...
    @property
    def error(self) -> CognigyError | None: ...

@final
class BulkRun:
    def __iter__(self) -> BulkRun: ...
    def __next__(self) -> BulkOutcome: ...
    @property
    def summary(self) -> _BulkSummary: ...
    def close(self) -> None: ...

@final
class JournalReport:
    @property
    def lines(self) -> int: ...
    @property
    def confirmed(self) -> int: ...
    @property
    def damaged(self) -> int: ...
    @property
    def partial(self) -> bool: ...
    @property
    def is_sound(self) -> bool: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Client:
    def __new__(
        cls,
        base_url: str | None = None,
        *,
        api_key: str | None = None,
        bearer_token: str | None = None,
        get_token: Callable[[_ApiFamily], str | tuple[str, float | None]] | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        tenant_id: str | None = None,
        token_urls: dict[_ApiFamily, str] | None = None,
        scopes: dict[_ApiFamily, str] | None = None,
        policy: _PolicyArgument = "platform",
        session_id_prefix: str | None = None,
        deadline: _Time | None = None,
        attempt_timeout: _Time | None = None,
        connect_timeout: _Time | None = None,
        token_timeout: _Time | None = None,
        token_lifetime: _Time | None = None,
        max_retries: int | None = None,
        max_concurrent: int | None = None,
        rate: _Rate = ...,
        platform_rate: _Rate = ...,
        audit: _Path | _Auditor | list[_Path | _Auditor] | None = None,
        audit_durable: bool = False,
        log_raw_session_ids: bool = False,
        crm_webhook: str | None = None,
        crm_webhook_secret: str | None = None,
        snapshot_webhook: str | None = None,
    ) -> Client: ...
    def inject(
        self, payload: InjectionPayload | Mapping[str, Any], crm_payload: object = None
    ) -> InjectionResult: ...
    def get_injected(self, session_id: str) -> InjectedVariables: ...
    def session_exists(self, session_id: str) -> bool: ...
    def append_variables(
        self, session_id: str, variables: Mapping[str, Any]
    ) -> dict[str, Any]: ...
    def get_document(self, session_id: str) -> Document: ...
    def sync_context(self, session_id: str, data: object) -> dict[str, Any]: ...
    def get_variables(
        self,
        session_id: str,
        name: str | None = None,
        scope: str | None = None,
        include_system: bool = False,
    ) -> Variables: ...
    def debug_snapshot(
        self,
        session_id: str,
        name: str | None = None,
        scope: str | None = None,
        include_system: bool = False,
    ) -> _Snapshot: ...
    def get_state(self, dialog_id: str) -> DialogState: ...
    def update_state(
        self,
        dialog_id: str,
        update: StateUpdate | Mapping[str, Any],
        if_match: str | None = None,
        rebase: bool = False,
    ) -> StateUpdateResult: ...
    def update_state_parts(
        self,
        dialog_id: str,
        update: StateUpdate | Mapping[str, Any],
        if_match: str | None = None,
        rebase: bool = False,
    ) -> list[StateUpdateResult]: ...
    def on_state_updated(self, callback: _Listener) -> _Listener: ...
    def inject_context(
        self,
        session_id: str,
        user_id: str,
        context: Mapping[str, Any],
        existing: Mapping[str, Any] | _JsonText | None = None,
    ) -> dict[str, Any]: ...
    def reset_context(
        self, session_id: str, user_id: str, flow_reference_id: str, entrypoint: str
    ) -> dict[str, Any]: ...
    def inject_state(self, session_id: str, user_id: str, state: str) -> str: ...
    def reset_state(self, session_id: str, user_id: str) -> None: ...
    def list_profiles(
        self, query: Mapping[str, object] | None = None
    ) -> dict[str, Any]: ...
    def get_profile(self, profile_id: str) -> dict[str, Any]: ...
    def create_profile(self, fields: Mapping[str, Any]) -> dict[str, Any]: ...
    def update_profile(
        self, profile_id: str, fields: Mapping[str, Any]
    ) -> dict[str, Any]: ...
    def delete_profile(self, profile_id: str) -> None: ...
    def metrics(self) -> _Metrics: ...
    def state_metrics(self) -> _StateMetrics: ...
    def audit_trail(self, count: int | None = None) -> list[_AuditRecord]: ...
    def drain(self, seconds: _Time) -> bool: ...
    def with_deadline(self, seconds: _Time) -> Client: ...
    def close(self) -> None: ...
    def inject_many(
        self,
        items: Iterable[object],
        *,
        journal: _Path | None = None,
        durable: bool = False,
        concurrency: int | None = None,
        on_progress: Callable[[_BulkSummary], object] | None = None,
    ) -> BulkRun: ...
    def __enter__(self) -> Client: ...
    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None: ...

@final
class _AsyncBulk:
    def has_capacity(self) -> bool: ...
    def is_in_progress(self) -> bool: ...
    def feed(self, item: object) -> None: ...
    def finish(self) -> None: ...
    def outcome(self) -> Future[BulkOutcome | None]: ...
    def summary(self) -> _BulkSummary: ...
    def cancel(self) -> None: ...

@final
class _AsyncCalls:
    def bulk(
        self,
        journal: _Path | None,
        durable: bool,
        concurrency: int | None,
        on_progress: Callable[[_BulkSummary], object] | None,
    ) -> _AsyncBulk: ...

@final
class ScopedVariable:
    def __new__(
        cls, name: str, value: object, scope: str, type: str | None = None
    ) -> ScopedVariable: ...
    @property
    def name(self) -> str: ...
    @property
    def value(self) -> Any: ...
    @property
    def scope(self) -> str: ...
    @property
    def type(self) -> str | None: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class Variables(Mapping[str, ScopedVariable]):
    @property
    def next_cursor(self) -> str | None: ...
    @property
    def issues(self) -> tuple[Issue, ...]: ...
    @property
    def shadowed(self) -> tuple[tuple[ScopedVariable, str], ...]: ...
    @overload
    def get(self, name: str, /) -> ScopedVariable | None: ...
    @overload
    def get(self, name: str, default: _T, /) -> ScopedVariable | _T: ...
    def keys(self) -> list[str]: ...  # type: ignore[override]
    def values(self) -> list[ScopedVariable]: ...  # type: ignore[override]
    def items(self) -> list[tuple[str, ScopedVariable]]: ...  # type: ignore[override]
    def __getitem__(self, key: str, /) -> ScopedVariable: ...
    def __contains__(self, key: object, /) -> bool: ...
    def __iter__(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class Variable:
    def __new__(
        cls,
        key: str,
        value: object,
        scope: str = "session",
        expires_at: datetime | str | None = None,
    ) -> Variable: ...
    @property
    def key(self) -> str: ...
    @property
    def value(self) -> Any: ...
    @property
    def scope(self) -> str: ...
    @property
    def expires_at(self) -> datetime | str | None: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class InjectionPayload:
    def __new__(
        cls,
        session_id: str,
        variables: Iterable[object],
        merge_strategy: str = "atomic_put",
    ) -> InjectionPayload: ...
    @property
    def session_id(self) -> str: ...
    @property
    def variables(self) -> tuple[Any, ...]: ...
    @property
    def merge_strategy(self) -> str: ...
    def to_json(self, *, clock: _Clock | None = None) -> bytes: ...
    def to_api_body(self, *, clock: _Clock | None = None) -> dict[str, Any]: ...
    def check(self, *, clock: _Clock | None = None) -> Report: ...

@final
class StateUpdate:
    def __new__(
        cls,
        session: Mapping[str, Any] = {},
        user: Mapping[str, Any] = {},
        next_step: str | None = None,
    ) -> StateUpdate: ...
    @property
    def session(self) -> Mapping[str, Any]: ...
    @property
    def user(self) -> Mapping[str, Any]: ...
    @property
    def next_step(self) -> str | None: ...
    def to_json(self) -> bytes: ...
    def to_api_body(self) -> dict[str, Any]: ...
    def check(self) -> Report: ...
    def split(self) -> list[StateUpdate]: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class Schema:
    def __new__(cls, json_schema: Mapping[str, Any] | bool | _JsonText) -> Schema: ...
    def apply(self, payload: object) -> Any: ...

@final
class ContextUpdate:
    @property
    def context(self) -> dict[str, Any]: ...
    @property
    def expired(self) -> tuple[str, ...]: ...
    @property
    def pruned(self) -> tuple[str, ...]: ...

@final
class ContextManager:
    def __new__(
        cls,
        schema: Schema | Mapping[str, Any] | bool | _JsonText | None = None,
        max_size_bytes: int | None = 95_000,
        ttl_seconds: float | timedelta | None = 300,
        prune_paths: Iterable[str] | None = ["/user_profile/preferences"],
        lru: bool = False,
        clock: _Clock | None = None,
    ) -> ContextManager: ...
    def update(self, session_id: str, data: object) -> ContextUpdate: ...
    def inspect(self, session_id: str) -> _Inspection: ...
    def reset(self, session_id: str) -> None: ...
    def sweep(self) -> int: ...

@final
class WebhookEvent:
    @classmethod
    def from_json(cls, text: _JsonText) -> WebhookEvent: ...
    @classmethod
    def from_value(cls, value: object) -> WebhookEvent: ...
    @property
    def session_id(self) -> str: ...
    @property
    def user_id(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def timestamp_ms(self) -> int: ...
    @property
    def custom(self) -> dict[str, Any] | None: ...
    def check_timestamp(self, now: float | timedelta | None = None) -> None: ...
    def derived_variables(self) -> dict[str, Any]: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

def coerce(value: object, mode: _Mode = "lossless", hint: str | None = None) -> Any: ...
def resolve_scopes(variables: Iterable[_T]) -> dict[str, _T]: ...
def debug_view(
    variables: Variables | Mapping[str, Any] | Iterable[object],
) -> dict[str, _DebugLine]: ...
def parse_variables(*pages: _JsonText, mode: _Mode = "lossless") -> Variables: ...
def variables_url(
    base_url: str,
    session_id: str,
    *,
    name: str | None = None,
    scope: str | None = None,
    include_system: bool = False,
) -> str: ...
def serialize_context(value: object) -> str: ...
def deep_merge(base: object, update: object) -> Any: ...
def check(
    value: object,
    policy: _PolicyArgument = "platform",
    existing: Mapping[str, Any] | _JsonText | None = None,
) -> Report: ...
def check_json(
    text: _JsonText,
    policy: _PolicyArgument = "platform",
    existing: Mapping[str, Any] | _JsonText | None = None,
) -> Report: ...
def check_journal(path: _Path) -> JournalReport: ...
def repair_journal(path: _Path) -> JournalReport: ...
def measure(value: object) -> Sizes: ...
def measure_json(text: _JsonText) -> Sizes: ...
def event_id(text: _JsonText) -> str: ...
def hash_session_id(session_id: str, key: bytes | str | None = None) -> str: ...
def inject_context_request(
    base_url: str,
    session_id: str,
    user_id: str,
    context: Mapping[str, Any],
    existing: Mapping[str, Any] | _JsonText | None = None,
    *,
    api_key: str | None = None,
    policy: _PolicyArgument = "platform",
) -> _Request: ...
def _restore_report(json: str) -> Report: ...
def _wait_for_callbacks() -> None: ...

@final
class _Sandbox:
    def __new__(
        cls,
        *,
        port: int | None = None,
        host: str | None = None,
        api_key: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        context_limit: int | None = None,
        body_limit: int | None = None,
        token_lifetime: float | None = None,
        max_entries: int | None = None,
    ) -> _Sandbox: ...
    @staticmethod
    def defaults() -> dict[str, Any]: ...
    @property
    def url(self) -> str: ...
    @property
    def api_key(self) -> str: ...
    @property
    def client_id(self) -> str: ...
    @property
    def client_secret(self) -> str: ...
    def banner(self) -> str: ...
    def stop(self) -> None: ...
