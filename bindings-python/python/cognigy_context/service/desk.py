"""What is done with a request: take the session, call the tenant, tell the store."""

import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import anyio

from cognigy_context import (
    AsyncClient,
    CognigyError,
    DeadlineError,
    Issue,
    Schema,
    ValidationError,
    WebhookEvent,
    check_json,
    event_id,
    hash_session_id,
    measure,
)

from .answers import (
    BUDGET_SPENT,
    MALFORMED,
    RATE_LIMITED,
    STORE_TIMEOUT,
    STORE_UNREACHABLE,
    Refused,
    of_client,
    of_validation,
)
from .meters import Meters
from .ordering import Verdict, sort_text
from .settings import Settings
from .stores import Event, Outcome, Store, StoreTimeout, StoreUnreachable, Turn

__all__ = ["Budget", "Desk", "read_event", "read_sync"]

_T = TypeVar("_T")
_Call = Callable[[AsyncClient], Awaitable[_T]]


class Budget:
    """The time of one request, which is only ever spent.

    Args:
        seconds: How much there is.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds that are left, 0 at least."""
        return max(0.0, self._end - time.monotonic())

    async def of_store(self, question: Awaitable[_T]) -> _T:
        """Asks the store, for as long as there is time.

        Raises:
            Refused: It did not answer, or not in time.
        """
        try:
            with anyio.fail_after(self.left):
                return await question
        except (StoreTimeout, TimeoutError):
            raise Refused(STORE_TIMEOUT) from None
        except StoreUnreachable:
            raise Refused(STORE_UNREACHABLE) from None


class Desk:
    """Does what requests ask for. One for all requests of a process.

    Args:
        settings: How it behaves.
        store: What keeps sessions.
        client: What calls the tenant.
        meters: What counts.
    """

    def __init__(
        self, settings: Settings, store: Store, client: AsyncClient, meters: Meters
    ) -> None:
        self._settings = settings
        self._store = store
        self._client = client
        self._meters = meters
        self._schema = _schema(settings.schema_file)

    def hash(self, session_id: str) -> str:
        """The name under which a session is stored and logged."""
        return hash_session_id(session_id, key=self._settings.hash_key)

    async def webhook(
        self, budget: Budget, event: WebhookEvent, mark: str, size: int
    ) -> None:
        """Stores an event and injects what is derived of it.

        Args:
            budget: The time that is left for it.
            event: The event.
            mark: What it is known by when it is delivered again.
            size: Its size in bytes.

        Raises:
            Refused: With what is to be answered.
        """
        variables = event.derived_variables()
        stored = Event(mark, sort_text(event.timestamp), json.dumps(variables))
        turn = Turn(self.hash(event.session_id), uuid.uuid4().hex, stored)
        verdict = await self._take(turn, budget)
        if verdict is not Verdict.GO:
            self._meters.event(verdict.value)
            return
        await self._call(
            turn,
            budget,
            1,
            lambda client: client.append_variables(event.session_id, variables),
        )
        await budget.of_store(self._store.finish(turn, _outcome(turn, "webhook", size)))
        self._meters.event("applied")

    async def sync(
        self, budget: Budget, session_id: str, data: dict[str, Any], size: int
    ) -> int:
        """Merges data into a session's context document.

        Args:
            budget: The time that is left for it.
            session_id: The session.
            data: What is merged.
            size: The size of the request in bytes.

        Returns:
            int: The size of the whole document, as compact JSON.

        Raises:
            Refused: With what is to be answered.
        """
        turn = Turn(self.hash(session_id), uuid.uuid4().hex)
        await self._take(turn, budget)
        context = await self._call(
            turn,
            budget,
            2,
            lambda client: client.sync_context(session_id, data),
            lambda issue: _place_of(issue, data),
        )
        text = json.dumps(context, ensure_ascii=False, separators=(",", ":"))
        outcome = _outcome(turn, "sync", size, text)
        await budget.of_store(self._store.finish(turn, outcome))
        return measure(context).json_bytes

    async def inspect(self, budget: Budget, session_id: str) -> dict[str, Any]:
        """What is known of a session. Of an unknown one it is empty.

        Args:
            budget: The time that is left for it.
            session_id: The session.

        Raises:
            Refused: With what is to be answered.
        """
        kept = await budget.of_store(self._store.inspect(self.hash(session_id)))
        context = json.loads(kept.context or "{}")
        ends = {"/current_context": kept.context_end, "/variables": kept.variables_end}
        return {
            "session_id": session_id,
            "current_context": context,
            "variables": json.loads(kept.variables or "{}"),
            "ttl_registry": {
                place: _rfc3339(end) for place, end in ends.items() if end is not None
            },
            "recent_audit_trail": [json.loads(entry) for entry in kept.audit],
            "schema_valid": self._is_valid(context),
        }

    async def is_ready(self, budget: Budget) -> None:
        """Asks the store whether it is there.

        Args:
            budget: The time that is left for it.

        Raises:
            Refused: It is not.
        """
        await budget.of_store(self._store.ping())

    async def _take(self, turn: Turn, budget: Budget) -> Verdict:
        """Waits until the session is this turn's, or there is nothing to do."""
        asked = 0
        try:
            while True:
                verdict = await budget.of_store(self._store.begin(turn))
                if verdict is not Verdict.BUSY:
                    return verdict
                if asked == 0:
                    self._meters.waited()
                with anyio.fail_after(budget.left):
                    await self._store.wait(turn, asked)
                asked += 1
        except TimeoutError:
            await self._give_back(turn)
            raise Refused(BUDGET_SPENT) from None
        except BaseException:
            await self._give_back(turn)
            raise

    async def _call(
        self,
        turn: Turn,
        budget: Budget,
        requests: int,
        call: _Call[_T],
        place: Callable[[dict[str, Any]], str] | None = None,
    ) -> _T:
        """Calls the tenant while the session is this turn's, and gives it back on failure. What is
        refused is told by its ``place`` in the request."""
        # What was sent may take effect although no answer came. Nothing newer is sent until then.
        linger = self._settings.lease_seconds
        try:
            await self._wait_for_rate(budget, requests)
            seconds = budget.left - self._settings.reserve_seconds
            if seconds <= 0:
                linger = 0.0
                raise Refused(BUDGET_SPENT)
            return await self._keep(turn, call(self._client.with_deadline(seconds)))
        except CognigyError as error:
            if not isinstance(error, DeadlineError):
                linger = 0.0
            await self._give_back(turn, linger)
            if isinstance(error, ValidationError):
                raise Refused(of_validation(error, place)) from None
            raise Refused(of_client(error)) from None
        except StoreTimeout:
            raise Refused(STORE_TIMEOUT) from None
        except StoreUnreachable:
            raise Refused(STORE_UNREACHABLE) from None
        except Refused:
            await self._give_back(turn)
            raise
        except BaseException:
            await self._give_back(turn, linger)
            raise

    async def _wait_for_rate(self, budget: Budget, requests: int) -> None:
        latest = max(0.0, budget.left - self._settings.reserve_seconds)
        wait = 0.0
        for _ in range(requests):
            wait = await budget.of_store(self._store.reserve(latest))
            if wait > latest:
                raise Refused(RATE_LIMITED.said_of({}, wait))
        if wait > 0:
            await anyio.sleep(wait)

    async def _keep(self, turn: Turn, work: Awaitable[_T]) -> _T:
        """Waits for work, and keeps the session for as long as it takes."""
        task = asyncio.ensure_future(work)
        try:
            while True:
                done, _ = await asyncio.wait(
                    (task,), timeout=self._settings.lease_seconds / 3
                )
                if done:
                    return task.result()
                # Without the session another one may send what is newer: stop.
                if not await self._store.renew(turn):
                    raise StoreUnreachable("the lease was lost")
        finally:
            task.cancel()

    async def _give_back(self, turn: Turn, after: float = 0.0) -> None:
        """As far as the store can be told; otherwise the session comes free by itself."""
        with (
            anyio.CancelScope(shield=True),
            anyio.move_on_after(self._settings.reserve_seconds),
        ):
            try:
                await self._store.release(turn, after)
            except (StoreTimeout, StoreUnreachable):
                pass

    def _is_valid(self, context: dict[str, Any]) -> bool:
        if self._schema is None:
            return True
        try:
            self._schema.apply(context)
        except ValidationError:
            return False
        return True


def read_event(body: bytes, webhook_id: str | None) -> tuple[WebhookEvent, str]:
    """An event, and what it is known by when it is delivered again.

    Args:
        body: The event as JSON.
        webhook_id: The id that its sender gave it.

    Raises:
        Refused: It is not what an event should be.
    """
    try:
        event = WebhookEvent.from_json(body)
        name = webhook_id or event_id(body)
    except ValidationError as error:
        raise Refused(of_validation(error)) from None
    return event, sha256(name.encode()).hexdigest()


def read_sync(body: bytes) -> tuple[str, dict[str, Any]]:
    """The session and the data of ``{session_id, data}``.

    Args:
        body: The request as JSON.

    Raises:
        Refused: With every issue.
    """
    try:
        # What stands in the text is looked at before it is read: Python's reader takes more.
        check_json(body, _ANY).raise_if_failed()
        given = json.loads(body)
    except ValidationError as error:
        raise Refused(of_validation(error)) from None
    except ValueError:
        # An integer of thousands of digits.
        issue = Issue(
            "unsafe_integer", "error", "", "an integer is too long to be read"
        )
        raise Refused(MALFORMED.said_of({"issues": [issue.to_dict()]})) from None
    issues: list[Issue] = []
    for name, kind, what in (
        ("session_id", str, "a string"),
        ("data", dict, "an object"),
    ):
        if given.get(name) is None:
            message = "a required field is missing"
            issues.append(Issue("missing_field", "error", f"/{name}", message))
        elif not isinstance(given[name], kind):
            message = f"expected {what}"
            issues.append(Issue("wrong_type", "error", f"/{name}", message))
    if issues:
        found = [issue.to_dict() for issue in issues]
        raise Refused(MALFORMED.said_of({"issues": found}))
    return given["session_id"], given["data"]


def _place_of(issue: dict[str, Any], data: dict[str, Any]) -> str:
    """Where in a request for a sync an issue is, which the client tells by the id's name on the wire
    and by places of the merged document."""
    path: str = issue["path"]
    if issue["code"] == "invalid_id":
        return "/session_id"
    found: Any = data
    for part in path.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and name in found:
            found = found[name]
        elif isinstance(found, list) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        else:
            # It was there before, and is of the whole that the data made too much of.
            return "/data"
    return "/data" + path


# Only what no JSON may hold: the data itself is held against its policy by the client.
_ANY: Any = {"preset": "context", "max_context_bytes": None}


def _outcome(turn: Turn, action: str, size: int, context: str | None = None) -> Outcome:
    entry = {
        "timestamp": _rfc3339(time.time()),
        "session_id": turn.session,
        "action": action,
        "payload_size": size,
        "audit_trail_id": uuid.uuid4().hex,
    }
    return Outcome(json.dumps(entry), context)


def _rfc3339(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(
        timespec="milliseconds"
    )


def _schema(path: str | None) -> Schema | None:
    return None if path is None else Schema(Path(path).read_bytes())
