"""The asynchronous iterator of a bulk run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from typing_extensions import Self

    from ._core import BulkOutcome, _AsyncBulk, _BulkSummary

__all__ = ["AsyncBulkRun"]


@final
class AsyncBulkRun:
    """Iterates over the outcomes of a bulk run, in the order in which items finish.

    Returned by :meth:`AsyncClient.inject_many`. Yields each
    :class:`BulkOutcome` once, with ``async for``.
    """

    __slots__ = ("_bulk", "_input_error", "_outcome", "_pull", "_source")

    def __init__(
        self, bulk: _AsyncBulk, source: Iterator[object] | AsyncIterator[object]
    ) -> None:
        self._bulk = bulk
        self._source = source
        # The exception of the input, which `__anext__` raises after all earlier outcomes.
        self._input_error: BaseException | None = None
        # Both survive a cancelled `__anext__`, so that the next call awaits them again.
        self._pull: asyncio.Task[tuple[object, ...]] | None = None
        self._outcome: asyncio.Future[BulkOutcome | None] | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> BulkOutcome:
        while True:
            self._pull_input()
            if self._outcome is None and self._bulk.is_in_progress():
                self._outcome = self._bulk.outcome()
            pending = {task for task in (self._pull, self._outcome) if task is not None}
            if not pending:
                error, self._input_error = self._input_error, None
                raise error if error is not None else StopAsyncIteration
            await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            if self._pull is not None and self._pull.done():
                pull, self._pull = self._pull, None
                self._feed(pull.result)
            if self._outcome is not None and self._outcome.done():
                future, self._outcome = self._outcome, None
                outcome = future.result()
                if outcome is not None:
                    return outcome

    def _pull_input(self) -> None:
        """Takes items up to the concurrency limit; from an async input, starts to await one."""
        while self._pull is None and self._bulk.has_capacity():
            if isinstance(self._source, AsyncIterator):
                self._pull = asyncio.ensure_future(_next_item(self._source))
            else:
                self._feed(partial(tuple, islice(self._source, 1)))

    def _feed(self, next_item: Callable[[], tuple[object, ...]]) -> None:
        """Submits the next item, or marks the input as finished when there is none."""
        try:
            item = next_item()
            if item:
                self._bulk.feed(item[0])
            else:
                self._bulk.finish()
        except Exception as error:  # noqa: BLE001 (raised again by `__anext__`)
            self._bulk.finish()
            self._input_error = error

    @property
    def summary(self) -> _BulkSummary:
        """The counts so far: ``total``, ``injected``, ``unconfirmed``, ``skipped`` and ``failed``.

        ``total`` counts the finished items; ``injected`` includes ``unconfirmed``.
        """
        return self._bulk.summary()

    async def aclose(self) -> None:
        """Cancels the injections in flight, stops reading the input and closes the journal."""
        self._bulk.cancel()
        for task in (self._pull, self._outcome):
            if task is not None:
                task.cancel()
        self._pull = self._outcome = None

    def __repr__(self) -> str:
        return f"<AsyncBulkRun total={self.summary['total']}>"


def iterate(items: object) -> Iterator[object] | AsyncIterator[object]:
    """Returns an iterator over the input of a bulk run, asynchronous for asynchronous input."""
    if isinstance(items, AsyncIterable):
        return items.__aiter__()
    try:
        return iter(items)  # type: ignore[call-overload, no-any-return]
    except TypeError:
        given = type(items)
        in_module = given.__module__ not in ("builtins", "__main__")
        name = (
            f"{given.__module__}.{given.__qualname__}"
            if in_module
            else given.__qualname__
        )
        raise TypeError(f"items must be iterable, not {name}") from None


async def _next_item(source: AsyncIterator[object]) -> tuple[object, ...]:
    async for item in source:
        return (item,)
    return ()
