"""The processing of a request: acquire the session's lease, call the tenant, store the outcome."""

import asyncio
import json
import logging
import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, TypeVar

import anyio

from cognigy_context import (
    AsyncClient,
    CognigyError,
    DeadlineError,
    Schema,
    ValidationError,
    WebhookEvent,
    hash_session_id,
    measure,
)

from .deadline import Deadline, reason_of
from .metrics import ServiceMetrics
from .ordering import Admission, to_sort_key
from .parsing import load_json, locate_sync_issue
from .problems import (
    BUDGET_SPENT,
    RATE_LIMITED,
    STORE_TIMEOUT,
    STORE_UNREACHABLE,
    ProblemError,
    problem_from_client_error,
    problem_from_validation_error,
)
from .settings import Settings
from .store import (
    LeaseRequest,
    Outcome,
    Store,
    StoredEvent,
    StoreTimeout,
    StoreUnreachable,
)

__all__ = ["SessionProcessor"]

_T = TypeVar("_T")

_log = logging.getLogger("cognigy_context.service")

PROCESSED = "processed"

# The number of requests to the tenant that an operation needs.
_EVENT_REQUESTS = 1
_SYNC_REQUESTS = 2

# The last day that a date can express. What expires later has no entry in `ttl_registry`.
_MAX_EXPIRY = datetime(9999, 12, 31, tzinfo=timezone.utc).timestamp()


class SessionProcessor:
    """Processes requests. One processor serves all requests of a process.

    Args:
        settings: The settings of the service.
        store: The session store.
        client: The client of the tenant.
        metrics: The metrics of the service.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        client: AsyncClient,
        metrics: ServiceMetrics,
    ) -> None:
        self._settings = settings
        self._store = store
        self._client = client
        self._metrics = metrics
        self._schema = _load_schema(settings.schema_file)

    def hash_session(self, session_id: str) -> str:
        """Returns the hash that replaces a session id in the store and in the log.

        Args:
            session_id: The session id.

        Raises:
            ValidationError: The id is invalid.
        """
        return hash_session_id(session_id, key=self._settings.hash_key)

    async def process_event(
        self, deadline: Deadline, event: WebhookEvent, dedup_key: str, size: int
    ) -> str:
        """Stores an event and injects its derived variables. Skips a duplicate or older event.

        Args:
            deadline: The deadline of the request.
            event: The event.
            dedup_key: The event's deduplication key, the same for each delivery.
            size: The size of the body in bytes.

        Returns:
            str: ``processed``, ``duplicate`` or ``older``.

        Raises:
            ProblemError: The problem to respond with.
        """
        variables = event.derived_variables()
        sort_key = to_sort_key(event.timestamp_ms)
        stored = StoredEvent(sort_key, json.dumps(variables))
        request = self._lease_request(event.session_id, dedup_key, stored)
        admission = await self._acquire(request, deadline)
        if admission is not Admission.ADMITTED:
            self._metrics.record_event(admission.value)
            return str(admission.value)
        await self._call_tenant(
            request,
            deadline,
            _EVENT_REQUESTS,
            lambda client: client.append_variables(event.session_id, variables),
        )
        outcome = _outcome(request, "webhook", size)
        await deadline.call_store(self._store.finish(request, outcome))
        self._metrics.record_event(PROCESSED)
        return PROCESSED

    async def sync(
        self,
        deadline: Deadline,
        session_id: str,
        data: dict[str, Any],
        dedup_key: str | None,
        size: int,
    ) -> tuple[int, str]:
        """Merges data into a session's context document. Skips a duplicate.

        Args:
            deadline: The deadline of the request.
            session_id: The session id.
            data: The data to merge.
            dedup_key: The deduplication key of the request, the same for each delivery; None for a
                request that takes effect each time.
            size: The size of the body in bytes.

        Returns:
            tuple: The size of the document in bytes, as compact JSON, and ``processed`` or
            ``duplicate``. After a duplicate it is the size of the stored document, 0 without one.

        Raises:
            ProblemError: The problem to respond with.
        """
        request = self._lease_request(session_id, dedup_key)
        admission = await self._acquire(request, deadline)
        if admission is Admission.DUPLICATE:
            self._metrics.record_event(admission.value)
            snapshot = await deadline.call_store(self._store.inspect(request.session))
            stored = _read_object(snapshot.context)
            return 0 if stored is None else measure(stored).json_bytes, str(
                admission.value
            )
        context = await self._call_tenant(
            request,
            deadline,
            _SYNC_REQUESTS,
            lambda client: client.sync_context(session_id, data),
            lambda issue: locate_sync_issue(issue, data),
        )
        text = json.dumps(context, ensure_ascii=False, separators=(",", ":"))
        outcome = _outcome(request, "sync", size, text)
        await deadline.call_store(self._store.finish(request, outcome))
        if dedup_key is not None:
            self._metrics.record_event(PROCESSED)
        return measure(context).json_bytes, PROCESSED

    async def inspect(self, deadline: Deadline, session_id: str) -> dict[str, Any]:
        """Returns the stored data of a session, in the form of ``/context/inspect``.

        Args:
            deadline: The deadline of the request.
            session_id: The session id; the data of an unknown session is empty.

        Raises:
            ProblemError: The problem to respond with.
        """
        session = self.hash_session(session_id)
        snapshot = await deadline.call_store(self._store.inspect(session))
        context = _read_object(snapshot.context) or {}
        entries = [_read_object(entry) for entry in snapshot.audit]
        expiries = {
            "/current_context": snapshot.context_expiry,
            "/variables": snapshot.variables_expiry,
        }
        return {
            "session_id": session_id,
            "current_context": context,
            "variables": _read_object(snapshot.variables) or {},
            "ttl_registry": {
                pointer: _rfc3339(expiry)
                for pointer, expiry in expiries.items()
                if expiry is not None and expiry <= _MAX_EXPIRY
            },
            "recent_audit_trail": [entry for entry in entries if entry is not None],
            "schema_valid": self._is_valid(context),
        }

    async def check_ready(self, deadline: Deadline) -> None:
        """Checks that the store accepts writes.

        Args:
            deadline: The deadline of the request.

        Raises:
            ProblemError: The store does not respond, or accepts no writes.
        """
        await deadline.call_store(self._store.ping())

    def _lease_request(
        self, session_id: str, dedup_key: str | None, event: StoredEvent | None = None
    ) -> LeaseRequest:
        session = self.hash_session(session_id)
        return LeaseRequest(session, uuid.uuid4().hex, dedup_key, event)

    async def _acquire(self, request: LeaseRequest, deadline: Deadline) -> Admission:
        """Waits until the request has the session's lease, or its event needs no work."""
        attempts = 0
        try:
            while True:
                admission = await deadline.call_store(self._store.begin(request))
                if admission is not Admission.BUSY:
                    return admission
                if attempts == 0:
                    self._metrics.record_session_wait()
                with anyio.fail_after(deadline.remaining):
                    await self._store.wait(request, attempts)
                attempts += 1
        except TimeoutError:
            await self._release(request)
            raise ProblemError(BUDGET_SPENT) from None
        except BaseException:
            await self._release(request)
            raise

    async def _call_tenant(
        self,
        request: LeaseRequest,
        deadline: Deadline,
        request_count: int,
        call: Callable[[AsyncClient], Awaitable[_T]],
        locate: Callable[[dict[str, Any]], str] | None = None,
    ) -> _T:
        """Calls the tenant under the lease, and releases the lease when the call fails.

        Args:
            request: The lease request.
            deadline: The deadline of the request.
            request_count: The number of requests to reserve under the rate limit.
            call: The call. Gets a client whose deadline leaves time to store the outcome.
            locate: Returns the JSON Pointer of a validation issue in the request's body; None
                keeps the path of the issue.

        Raises:
            ProblemError: The call failed, the rate limit was exceeded, or the lease was lost.
        """
        # After a call without a response the request may still take effect. The lease stays taken
        # for this time, so that a newer request takes effect later.
        hold_after = self._settings.lease_seconds
        try:
            await self._wait_for_rate(deadline, request_count)
            seconds = deadline.remaining - self._settings.reserve_seconds
            if seconds <= 0:
                raise ProblemError(BUDGET_SPENT)
            work = call(self._client.with_deadline(seconds))
            return await self._run_with_renewal(request, work)
        except CognigyError as error:
            if not isinstance(error, DeadlineError):
                hold_after = 0.0
            await self._release(request, hold_after)
            if isinstance(error, ValidationError):
                problem = problem_from_validation_error(error, locate)
                raise ProblemError(problem) from None
            raise ProblemError(problem_from_client_error(error)) from None
        # Without the store, the lease cannot be released. It expires.
        except StoreTimeout:
            raise ProblemError(STORE_TIMEOUT) from None
        except StoreUnreachable as error:
            raise ProblemError(STORE_UNREACHABLE, reason_of(error)) from None
        except ProblemError:
            await self._release(request)
            raise
        except BaseException:
            await self._release(request, hold_after)
            raise

    async def _wait_for_rate(self, deadline: Deadline, request_count: int) -> None:
        """Reserves requests under the shared rate limit, and waits until they may be sent."""
        max_wait = max(0.0, deadline.remaining - self._settings.reserve_seconds)
        wait = 0.0
        for _ in range(request_count):
            wait = await deadline.call_store(self._store.reserve(max_wait))
            if wait > max_wait:
                raise ProblemError(RATE_LIMITED.with_details({}, wait))
        if wait > 0:
            await anyio.sleep(wait)

    async def _run_with_renewal(self, request: LeaseRequest, work: Awaitable[_T]) -> _T:
        """Awaits work, and renews the lease until the work is done.

        Raises:
            StoreUnreachable: The lease was lost.
        """
        task = asyncio.ensure_future(work)
        renewal_seconds = self._settings.lease_seconds / 3
        try:
            while True:
                done, _ = await asyncio.wait((task,), timeout=renewal_seconds)
                if done:
                    return task.result()
                # Without the lease another worker may send newer data: stop.
                if not await self._store.renew(request):
                    raise StoreUnreachable("the lease was lost")
        finally:
            task.cancel()

    async def _release(self, request: LeaseRequest, hold_after: float = 0.0) -> None:
        """Releases the lease after a number of seconds. Without the store, the lease expires."""
        with (
            anyio.CancelScope(shield=True),
            anyio.move_on_after(self._settings.reserve_seconds),
        ):
            try:
                await self._store.release(request, hold_after)
            except (StoreTimeout, StoreUnreachable):
                pass

    def _is_valid(self, context: dict[str, Any]) -> bool:
        """Returns whether a context is valid. Without a schema, every context is."""
        if self._schema is None:
            return True
        try:
            self._schema.apply(context)
        except ValidationError:
            return False
        return True


def _outcome(
    request: LeaseRequest, action: str, size: int, context: str | None = None
) -> Outcome:
    entry = {
        "timestamp": _rfc3339(time.time()),
        "session_id": request.session,
        "action": action,
        "payload_size": size,
        "audit_trail_id": uuid.uuid4().hex,
    }
    return Outcome(json.dumps(entry), context)


def _read_object(text: str | None) -> dict[str, Any] | None:
    """Parses a stored JSON object. Returns None for anything else, which the service cannot have stored."""
    if text is None:
        return None
    try:
        value = load_json(text)
    except (ValidationError, ValueError):
        value = None
    if isinstance(value, dict):
        return value
    _log.warning(
        "the store contained corrupt data, which is ignored: not a JSON object"
    )
    return None


def _rfc3339(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(
        timespec="milliseconds"
    )


def _load_schema(path: str | None) -> Schema | None:
    return None if path is None else Schema(Path(path).read_bytes())
