"""The rows of ``inject-many``, read one at a time from CSV or JSON Lines."""

import csv
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import IO, Any

from .. import CognigyError, InjectionPayload, coerce
from .files import UsageError
from .values import parse_json

COLUMNS = ("session_id", "key", "value", "scope", "expires_at")
_FIELDS = {*COLUMNS, "variables", "merge_strategy"}
# Replaces a row that cannot be read. It is invalid, so that the run counts the row as failed.
_PLACEHOLDER = InjectionPayload("", [])


@dataclass
class Rows:
    """Reads the payloads of a file once, in order.

    Args:
        opened: The open binary file.
        file: The file name for messages.
        conversion: Conversion of CSV values: ``lossless`` or ``compat`` (see ``coerce``), or ``text``
            for none.

    Attributes:
        size: Bytes of the file; ``None`` for standard input, a pipe or an empty file.
        read: Bytes read so far.
        lines: The line number of each row in progress, by index of the row.
        problems: The problem of each unreadable row in progress, by index of the row.
    """

    opened: IO[bytes]
    file: str
    conversion: str = "lossless"
    read: int = 0
    lines: dict[int, int] = field(default_factory=dict)
    problems: dict[int, str] = field(default_factory=dict)
    _line: int = 0

    def __post_init__(self) -> None:
        self.size: int | None = _size(self.opened)

    def read_csv(self) -> Iterator[InjectionPayload]:
        """Reads CSV whose first line names the columns of :data:`COLUMNS`.

        ``scope`` and ``expires_at`` are optional; an empty cell there counts as missing.

        Raises:
            UsageError: The columns are wrong, or the file is not UTF-8 or not valid CSV.
        """
        # The default limit of the csv module is 128 KiB. This is the largest limit that all
        # platforms accept.
        csv.field_size_limit(2**31 - 1)
        rows = csv.reader(self._decoded(), strict=True)
        columns = self._columns(rows)
        index = 0
        while True:
            first_line = self._line + 1
            try:
                cells = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                # The start of the next row is unknown.
                raise UsageError(f"{self.file}, line {first_line}: {error}") from None
            if not cells:
                continue
            read = partial(self._from_cells, columns, cells)
            yield self._payload(index, first_line, read)
            index += 1

    def read_json_lines(self) -> Iterator[InjectionPayload]:
        """Reads JSON Lines: objects with the fields of :data:`COLUMNS`, or with ``session_id``,
        ``variables`` (a list, or an object of names and values) and ``merge_strategy``.

        Raises:
            UsageError: The file is not UTF-8.
        """
        index = 0
        for line in self._decoded():
            if not line.strip():
                continue
            yield self._payload(index, self._line, partial(_from_line, line))
            index += 1

    def pop(self, index: int) -> tuple[int, str | None]:
        """Removes a completed row.

        Args:
            index: The index of the row.

        Returns:
            tuple: The line number, and the problem; ``None`` for a readable row.
        """
        return self.lines.pop(index), self.problems.pop(index, None)

    def _payload(
        self, index: int, line: int, read: Callable[[], InjectionPayload]
    ) -> InjectionPayload:
        self.lines[index] = line
        try:
            payload = read()
        except _RowError as error:
            self.problems[index] = str(error)
        except CognigyError as error:
            # The first line of a report only counts its issues.
            self.problems[index] = str(error).partition("\n")[2].strip() or str(error)
        else:
            return payload
        return _PLACEHOLDER

    def _decoded(self) -> Iterator[str]:
        for line in self.opened:
            self._line += 1
            self.read += len(line)
            try:
                yield line.decode("utf-8-sig" if self._line == 1 else "utf-8")
            except UnicodeDecodeError:
                raise UsageError(f"{self.file}, line {self._line}: not UTF-8") from None

    def _columns(self, rows: Iterator[list[str]]) -> list[str]:
        columns = next(rows, [])
        if (
            not {"session_id", "key", "value"} <= set(columns)
            or not set(columns) <= set(COLUMNS)
            or len(set(columns)) != len(columns)
        ):
            raise UsageError(
                f"{self.file}: the first line must name the columns session_id, key, value, "
                "and may name scope and expires_at"
            )
        return columns

    def _from_cells(self, columns: list[str], cells: list[str]) -> InjectionPayload:
        if len(cells) != len(columns):
            raise _RowError(
                f"the row has {len(cells)} cells, the first line has {len(columns)}"
            )
        row: dict[str, Any] = dict(zip(columns, cells, strict=True))
        for name in ("scope", "expires_at"):
            if not row.get(name):
                row.pop(name, None)
        if self.conversion != "text":
            row["value"] = coerce(row["value"], self.conversion)  # type: ignore[arg-type]
        return InjectionPayload(row.pop("session_id"), [row])


class _RowError(Exception):
    """A problem of a row. The message contains no values."""


def _from_line(line: str) -> InjectionPayload:
    row = parse_json(line)
    if not isinstance(row, dict):
        raise _RowError("the line is not a JSON object")
    if not row.keys() <= _FIELDS:
        known = ", ".join((*COLUMNS, "variables", "merge_strategy"))
        raise _RowError(f"unknown field. Use {known}.")
    session_id = row.pop("session_id", None)
    if not isinstance(session_id, str):
        raise _RowError("session_id must be a string")
    strategy = row.pop("merge_strategy", "atomic_put")
    if not isinstance(strategy, str):
        raise _RowError("merge_strategy must be a string")
    variables = row.pop("variables", None)
    if variables is None:
        return InjectionPayload(session_id, [row], strategy)
    if row:
        raise _RowError(
            "variables cannot be combined with key, value, scope or expires_at"
        )
    if isinstance(variables, dict):
        variables = [{"key": key, "value": value} for key, value in variables.items()]
    if not isinstance(variables, list):
        raise _RowError("variables must be a list or an object")
    return InjectionPayload(session_id, variables, strategy)


def _size(opened: IO[bytes]) -> int | None:
    if opened is sys.stdin.buffer:
        return None
    try:
        # The size is 0 for a pipe and other special files.
        return os.fstat(opened.fileno()).st_size or None
    except OSError:
        return None
