"""The deadline of one request."""

import time
from collections.abc import Awaitable
from typing import TypeVar

import anyio

from .problems import STORE_TIMEOUT, STORE_UNREACHABLE, ProblemError
from .store import StoreTimeout, StoreUnreachable

__all__ = ["Deadline", "reason_of"]

_T = TypeVar("_T")


class Deadline:
    """The time by which a request must be finished.

    Args:
        seconds: Seconds from now.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def remaining(self) -> float:
        """Seconds until the deadline, at least 0."""
        return max(0.0, self._end - time.monotonic())

    async def call_store(self, operation: Awaitable[_T]) -> _T:
        """Awaits an operation of the store until the deadline.

        Args:
            operation: The operation.

        Raises:
            ProblemError: The store cannot be reached, or does not respond in time.
        """
        try:
            with anyio.fail_after(self.remaining):
                return await operation
        except (StoreTimeout, TimeoutError):
            raise ProblemError(STORE_TIMEOUT) from None
        except StoreUnreachable as error:
            raise ProblemError(STORE_UNREACHABLE, reason_of(error)) from None


def reason_of(error: StoreUnreachable) -> str | None:
    """Returns the name of the error that a store reports, for the log; None for any other text, which may
    contain data."""
    text = str(error)
    return text if text.isidentifier() else None
