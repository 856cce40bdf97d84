"""The client for asyncio. Loaded when it is first asked for, as it brings asyncio with it."""

from __future__ import annotations

import asyncio
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Callable,
    Iterable,
    Iterator,
    Mapping,
)
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar, final

from ._core import Client, _AsyncBulk, _AsyncCalls, _wait_for_callbacks

if TYPE_CHECKING:
    from datetime import timedelta
    from os import PathLike
    from types import TracebackType

    from typing_extensions import Self, Unpack

    from ._core import (
        BulkOutcome,
        DialogState,
        Document,
        InjectedVariables,
        InjectionPayload,
        InjectionResult,
        StateUpdate,
        StateUpdateResult,
        Variables,
        _AuditRecord,
        _BulkSummary,
        _JsonText,
        _Metrics,
        _Settings,
        _Snapshot,
        _StateMetrics,
    )

    _Listener = TypeVar("_Listener", bound=Callable[[str, Any, StateUpdateResult], object])

__all__ = ["AsyncBulkRun", "AsyncClient"]


@final
class AsyncClient:
    """A client of one tenant of Cognigy.AI whose calls are coroutines, on any asyncio loop.

    It takes the arguments of :class:`Client` and has its methods, with the same results and errors.
    What does not wait (``metrics``, ``audit_trail``, ``on_state_updated``, ``with_deadline``,
    ``inject_many``) is no coroutine. To cancel an await is to give the call up. Callbacks are plain
    functions; ``get_token`` is called on a thread of its own.

    Args:
        base_url: Address of the tenant's API.
        **settings: The keywords of :class:`Client`.

    Raises:
        ConfigurationError: As for :class:`Client`.
        OSError: As for :class:`Client`.

    Example:
        >>> from cognigy_context import AsyncClient, InjectionPayload
        >>> async def main() -> None:
        ...     async with AsyncClient("https://api-trial.cognigy.ai", api_key="...") as client:
        ...         payload = InjectionPayload("s-1", [{"key": "tier", "value": "gold"}])
        ...         print(await client.inject(payload))
    """

    __slots__ = ("__weakref__", "_calls")

    def __init__(
        self, base_url: str | None = None, **settings: Unpack[_Settings]
    ) -> None:
        self._calls = _AsyncCalls(base_url, **settings)

    async def inject(
        self,
        payload: InjectionPayload | Mapping[str, Any],
        crm_payload: object = None,
    ) -> InjectionResult:
        return await self._calls.inject(payload, crm_payload)

    async def get_injected(self, session_id: str) -> InjectedVariables:
        return await self._calls.get_injected(session_id)

    async def session_exists(self, session_id: str) -> bool:
        return await self._calls.session_exists(session_id)

    async def append_variables(
        self, session_id: str, variables: Mapping[str, Any]
    ) -> dict[str, Any]:
        return await self._calls.append_variables(session_id, variables)

    async def get_document(self, session_id: str) -> Document:
        return await self._calls.get_document(session_id)

    async def sync_context(self, session_id: str, data: object) -> dict[str, Any]:
        return await self._calls.sync_context(session_id, data)

    async def get_variables(
        self,
        session_id: str,
        name: str | None = None,
        scope: str | None = None,
        include_system: bool = False,
    ) -> Variables:
        return await self._calls.get_variables(session_id, name, scope, include_system)

    async def debug_snapshot(
        self,
        session_id: str,
        name: str | None = None,
        scope: str | None = None,
        include_system: bool = False,
    ) -> _Snapshot:
        return await self._calls.debug_snapshot(session_id, name, scope, include_system)

    async def get_state(self, dialog_id: str) -> DialogState:
        return await self._calls.get_state(dialog_id)

    async def update_state(
        self,
        dialog_id: str,
        update: StateUpdate | Mapping[str, Any],
        if_match: str | None = None,
        rebase: bool = False,
    ) -> StateUpdateResult:
        return await self._calls.update_state(dialog_id, update, if_match, rebase)

    async def update_state_parts(
        self,
        dialog_id: str,
        update: StateUpdate | Mapping[str, Any],
        if_match: str | None = None,
        rebase: bool = False,
    ) -> list[StateUpdateResult]:
        return await self._calls.update_state_parts(dialog_id, update, if_match, rebase)

    def on_state_updated(self, callback: _Listener) -> _Listener:
        return self._calls.on_state_updated(callback)

    async def inject_context(
        self,
        session_id: str,
        user_id: str,
        context: Mapping[str, Any],
        existing: Mapping[str, Any] | _JsonText | None = None,
    ) -> dict[str, Any]:
        return await self._calls.inject_context(session_id, user_id, context, existing)

    async def reset_context(
        self, session_id: str, user_id: str, flow_reference_id: str, entrypoint: str
    ) -> dict[str, Any]:
        return await self._calls.reset_context(
            session_id, user_id, flow_reference_id, entrypoint
        )

    async def inject_state(self, session_id: str, user_id: str, state: str) -> str:
        return await self._calls.inject_state(session_id, user_id, state)

    async def reset_state(self, session_id: str, user_id: str) -> None:
        await self._calls.reset_state(session_id, user_id)

    async def list_profiles(
        self, query: Mapping[str, object] | None = None
    ) -> dict[str, Any]:
        return await self._calls.list_profiles(query)

    async def get_profile(self, profile_id: str) -> dict[str, Any]:
        return await self._calls.get_profile(profile_id)

    async def create_profile(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        return await self._calls.create_profile(fields)

    async def update_profile(
        self, profile_id: str, fields: Mapping[str, Any]
    ) -> dict[str, Any]:
        return await self._calls.update_profile(profile_id, fields)

    async def delete_profile(self, profile_id: str) -> None:
        await self._calls.delete_profile(profile_id)

    def metrics(self) -> _Metrics:
        return self._calls.metrics()

    def state_metrics(self) -> _StateMetrics:
        return self._calls.state_metrics()

    def audit_trail(self, count: int | None = None) -> list[_AuditRecord]:
        return self._calls.audit_trail(count)

    async def drain(self, seconds: float | timedelta) -> bool:
        return await self._calls.drain(seconds)

    def with_deadline(self, seconds: float | timedelta) -> AsyncClient:
        other = AsyncClient.__new__(AsyncClient)
        other._calls = self._calls.with_deadline(seconds)
        return other

    async def close(self) -> None:
        await self._calls.close()
        # The thread that told the loop of it is still on its way back; a program that ends now, at
        # its exit perhaps, must not end it there.
        _wait_for_callbacks()

    def inject_many(
        self,
        items: AsyncIterable[object] | Iterable[object],
        *,
        journal: str | PathLike[str] | None = None,
        concurrency: int | None = None,
        on_progress: Callable[[_BulkSummary], object] | None = None,
    ) -> AsyncBulkRun:
        """Injects any number of payloads, as :meth:`Client.inject_many`, of which it takes the
        arguments.

        Args:
            items: As there; an async iterable is as good.
            journal: The path of the file that remembers what is confirmed.
            concurrency: How many are under way at a time.
            on_progress: Called after each item with the ``summary`` so far.

        Returns:
            AsyncBulkRun: To be iterated over with ``async for``, once.

        Raises:
            TypeError: ``items`` cannot be iterated over.
            BlockingIOError: Another run uses the journal.
            ConfigurationError: The file is no journal.
            OSError: The journal cannot be opened.
        """
        source: Iterator[object] | AsyncIterator[object]
        if isinstance(items, AsyncIterable):
            source = items.__aiter__()
        else:
            source = iter(items)
        return AsyncBulkRun(self._calls.bulk(journal, concurrency, on_progress), source)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"Async{self._calls!r}"


# What the methods of both clients have in common is told once, there.
for _name, _method in vars(AsyncClient).items():
    if not _name.startswith("_") and not _method.__doc__:
        _method.__doc__ = getattr(Client, _name).__doc__
del _name, _method


@final
class AsyncBulkRun:
    """Many injections under way: an async iterator of :class:`BulkOutcome`, in the order in which
    they come to an end. Made by :meth:`AsyncClient.inject_many`.
    """

    __slots__ = ("_bulk", "_outcome", "_pull", "_raised", "_source")

    def __init__(
        self, bulk: _AsyncBulk, source: Iterator[object] | AsyncIterator[object]
    ) -> None:
        self._bulk = bulk
        self._source = source
        # What the input raised, for when all that was taken of it has come to its end.
        self._raised: BaseException | None = None
        # What is waited for, and waited for again when that wait was cancelled.
        self._pull: asyncio.Task[tuple[object, ...]] | None = None
        self._outcome: asyncio.Future[BulkOutcome | None] | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> BulkOutcome:
        while True:
            self._fill()
            if self._outcome is None and self._bulk.is_under_way():
                self._outcome = self._bulk.outcome()
            waiting = {wait for wait in (self._pull, self._outcome) if wait is not None}
            if not waiting:
                raised, self._raised = self._raised, None
                raise raised if raised is not None else StopAsyncIteration
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if self._pull is not None and self._pull.done():
                pull, self._pull = self._pull, None
                self._take(pull.result)
            if self._outcome is not None and self._outcome.done():
                outcome, self._outcome = self._outcome, None
                found = outcome.result()
                if found is not None:
                    return found

    def _fill(self) -> None:
        """Takes as much of the input as can be under way, or begins to wait for it."""
        while self._pull is None and self._bulk.wants():
            if isinstance(self._source, AsyncIterator):
                self._pull = asyncio.ensure_future(_next_of(self._source))
            else:
                self._take(partial(tuple, islice(self._source, 1)))

    def _take(self, pull: Callable[[], tuple[object, ...]]) -> None:
        try:
            item = pull()
            if item:
                self._bulk.feed(item[0])
            else:
                self._bulk.finish()
        except Exception as raised:  # noqa: BLE001 (raised again, at the end)
            self._bulk.finish()
            self._raised = raised

    @property
    def summary(self) -> _BulkSummary:
        """How many came to what so far: a dict of ``total``, ``injected`` (the unconfirmed
        included), ``unconfirmed``, ``skipped`` and ``failed``.
        """
        return self._bulk.summary()

    async def aclose(self) -> None:
        """Gives up what is under way, and takes no more of the input. The journal is closed when this
        returns.
        """
        self._bulk.give_up()
        for wait in (self._pull, self._outcome):
            if wait is not None:
                wait.cancel()
        self._pull = self._outcome = None

    def __repr__(self) -> str:
        return f"<AsyncBulkRun total={self.summary['total']}>"


async def _next_of(source: AsyncIterator[object]) -> tuple[object, ...]:
    async for item in source:
        return (item,)
    return ()
