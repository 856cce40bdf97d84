"""The progress of ``inject-many``: a bar on a terminal, otherwise at most a line every 10 s.

The progress goes to standard error, so that standard output contains only results.
"""

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

# Minimum seconds between two updates of the progress.
_LINE_INTERVAL = 10.0
_BAR_INTERVAL = 0.1


class ProgressReporter:
    """Reports the progress through an input; a context manager.

    Args:
        size: Bytes of the input; ``None`` if unknown.
        clock: Returns monotonic seconds. Default: ``time.monotonic``.
    """

    def __init__(
        self, size: int | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._start = self._last_update = clock()
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

    def __enter__(self) -> "ProgressReporter":  # noqa: PYI034 (Self came with 3.11)
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
        """Seconds since the start."""
        return self._clock() - self._start

    def update(self, read: int, completed: int, failed: int) -> None:
        """Shows the progress, at most every 0.1 s on the bar or every 10 s as a line.

        Args:
            read: Bytes read so far.
            completed: Completed rows, including failed ones.
            failed: Failed rows.
        """
        now = self._clock()
        interval = _LINE_INTERVAL if self._bar is None else _BAR_INTERVAL
        if now - self._last_update < interval:
            return
        self._last_update = now
        counts = (
            f"{completed:,} rows, {failed:,} failed, {rate_of(completed, self.seconds)}"
        )
        if self._bar is not None:
            self._bar.update(self._task, completed=read, counts=counts)
        else:
            print(counts, file=sys.stderr, flush=True)

    def problem(self, message: str) -> None:
        """Prints an error message.

        Args:
            message: The message.
        """
        if self._bar is not None:
            self._bar.console.print(
                f"cognigy-context: {message}", markup=False, highlight=False
            )
        else:
            print_problem(message)


def rate_of(rows: int, seconds: float) -> str:
    """Returns the rows per second as text.

    Args:
        rows: The number of rows.
        seconds: Elapsed seconds.

    Returns:
        str: For example ``1,200 rows/s``.
    """
    return f"{rows / seconds if seconds > 0 else 0:,.0f} rows/s"
