"""What ``inject-many`` shows while it runs: a bar on a terminal, plain lines now and then elsewhere.
Both go to the standard error, which leaves the standard output to results."""

import sys
import time
from collections.abc import Callable
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from .output import print_problem

# Between two plain lines.
_SECONDS = 10.0


class Shown:
    """Progress of so many bytes; a context manager.

    Args:
        size: Bytes of the input; None where that is not known.
        clock: Seconds that only grow.
    """

    def __init__(
        self, size: int | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._start = self._told = clock()
        self._bar: Progress | None = None
        console = Console(stderr=True)
        if console.is_terminal:
            columns = (
                SpinnerColumn(),
                BarColumn(),
                TaskProgressColumn(),
                TextColumn("{task.fields[counts]}"),
                TimeElapsedColumn(),
                TextColumn("ETA"),
                TimeRemainingColumn(),
            )
            self._bar = Progress(*columns, console=console, transient=True)
            self._task = self._bar.add_task("", total=size, counts="")

    def __enter__(self) -> "Shown":  # noqa: PYI034 (Self came with 3.11)
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    @property
    def seconds(self) -> float:
        """How long it has been running."""
        return self._clock() - self._start

    def update(self, read: int, total: int, failed: int) -> None:
        """Shows how far it is.

        Args:
            read: Bytes that were read.
            total: Rows that have come to an end.
            failed: Those of them that failed.
        """
        now = self._clock()
        # Often enough for the eye.
        if now - self._told < (_SECONDS if self._bar is None else 0.1):
            return
        self._told = now
        counts = f"{total:,} rows, {failed:,} failed, {rate_of(total, self.seconds)}"
        if self._bar is not None:
            self._bar.update(self._task, completed=read, counts=counts)
        else:
            print(counts, file=sys.stderr, flush=True)

    def problem(self, message: str) -> None:
        """Tells of a row that failed.

        Args:
            message: Which row, and why.
        """
        if self._bar is not None:
            self._bar.console.print(
                f"cognigy-context: {message}", markup=False, highlight=False
            )
        else:
            print_problem(message)


def rate_of(total: int, seconds: float) -> str:
    """Rows a second, for people.

    Args:
        total: How many rows.
        seconds: In how long.

    Returns:
        str: For example ``1,200 rows/s``.
    """
    return f"{total / seconds if seconds > 0 else 0:,.0f} rows/s"
