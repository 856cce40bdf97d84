"""The rows of ``inject-many``, read one at a time from CSV or JSON Lines."""

import csv
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import IO, Any

from .. import CognigyError, InjectionPayload, coerce
from .files import UnreadableError
from .values import json_of

COLUMNS = ("session_id", "key", "value", "scope", "expires_at")
_FIELDS = {*COLUMNS, "variables", "merge_strategy"}
# Refused whatever else it holds: it keeps the place of a row that says nothing that can be sent.
_NOTHING = InjectionPayload("", [])


@dataclass
class Rows:
    """The payloads of a file, in order and once, with what is known of each until its end.

    Args:
        opened: The file, in bytes.
        file: Its name, for messages.
        text: How values of CSV are read: ``lossless`` or ``compat`` as ``coerce`` does, or
            ``text``, as they are.

    Attributes:
        size: Bytes of the file; None where that cannot be known.
        read: Bytes that were read so far.
        lines: The line of each row under way, by its place.
        problems: What is wrong with a row under way that cannot be a payload, by its place.
    """

    opened: IO[bytes]
    file: str
    text: str = "lossless"
    read: int = 0
    lines: dict[int, int] = field(default_factory=dict)
    problems: dict[int, str] = field(default_factory=dict)
    _line: int = 0

    def __post_init__(self) -> None:
        self.size: int | None = _size(self.opened)

    def of_csv(self) -> Iterator[InjectionPayload]:
        """The rows of CSV whose first line names the columns of :data:`COLUMNS`; the last two
        may be missing, and empty cells of them say nothing.

        Raises:
            UnreadableError: The columns are others, or the file is no UTF-8.
        """
        # A value may be larger than what csv takes for a mistake.
        csv.field_size_limit(2**31 - 1)
        lines = csv.reader(self._decoded(), strict=True)
        columns = self._columns(lines)
        index = 0
        while True:
            first = self._line + 1
            try:
                cells = next(lines)
            except StopIteration:
                return
            except csv.Error as error:
                # Where the next row begins cannot be known.
                raise UnreadableError(f"{self.file}, line {first}: {error}") from None
            if not cells:
                continue
            yield self._payload(index, first, partial(self._of_cells, columns, cells))
            index += 1

    def of_json_lines(self) -> Iterator[InjectionPayload]:
        """The rows of JSON Lines: objects of the fields of :data:`COLUMNS`, or of ``session_id``,
        ``variables`` (a list, or an object of names and values) and ``merge_strategy``.

        Raises:
            UnreadableError: The file is no UTF-8.
        """
        index = 0
        for line in self._decoded():
            if not line.strip():
                continue
            yield self._payload(index, self._line, partial(_of_line, line))
            index += 1

    def ended(self, index: int) -> tuple[int, str | None]:
        """Forgets a row.

        Args:
            index: Its place.

        Returns:
            tuple: Its line, and what was wrong with it if it could be no payload.
        """
        return self.lines.pop(index), self.problems.pop(index, None)

    def _payload(
        self, index: int, line: int, read: Callable[[], InjectionPayload]
    ) -> InjectionPayload:
        self.lines[index] = line
        try:
            payload = read()
        except _RowError as problem:
            self.problems[index] = str(problem)
        except CognigyError as error:
            self.problems[index] = str(error).partition("\n")[2].strip() or str(error)
        else:
            return payload
        return _NOTHING

    def _decoded(self) -> Iterator[str]:
        for line in self.opened:
            self._line += 1
            self.read += len(line)
            try:
                yield line.decode("utf-8-sig" if self._line == 1 else "utf-8")
            except UnicodeDecodeError:
                raise UnreadableError(
                    f"{self.file}, line {self._line}: not UTF-8"
                ) from None

    def _columns(self, lines: Iterator[list[str]]) -> list[str]:
        columns = next(lines, [])
        if (
            not {"session_id", "key", "value"} <= set(columns)
            or not set(columns) <= set(COLUMNS)
            or len(set(columns)) != len(columns)
        ):
            raise UnreadableError(
                f"{self.file}: the first line must name the columns session_id, key, value, "
                "and may name scope and expires_at"
            )
        return columns

    def _of_cells(self, columns: list[str], cells: list[str]) -> InjectionPayload:
        if len(cells) != len(columns):
            raise _RowError(f"{len(cells)} cells in a table of {len(columns)} columns")
        row: dict[str, Any] = dict(zip(columns, cells, strict=True))
        for name in ("scope", "expires_at"):
            if not row.get(name):
                row.pop(name, None)
        if self.text != "text":
            row["value"] = coerce(row["value"], self.text)  # type: ignore[arg-type]
        return InjectionPayload(row.pop("session_id"), [row])


class _RowError(Exception):
    """What is wrong with a row, without its values."""


def _of_line(line: str) -> InjectionPayload:
    row = json_of(line)
    if not isinstance(row, dict):
        raise _RowError("holds no JSON object")
    if not row.keys() <= _FIELDS:
        known = ", ".join((*COLUMNS, "variables", "merge_strategy"))
        raise _RowError(f"has a field that is none of {known}")
    session_id = row.pop("session_id", None)
    if not isinstance(session_id, str):
        raise _RowError("session_id is missing, or is no text")
    strategy = row.pop("merge_strategy", "atomic_put")
    if not isinstance(strategy, str):
        raise _RowError("merge_strategy is no text")
    variables = row.pop("variables", None)
    if variables is None:
        return InjectionPayload(session_id, [row], strategy)
    if row:
        raise _RowError("has variables beside a variable's own fields")
    if isinstance(variables, dict):
        variables = [{"key": key, "value": value} for key, value in variables.items()]
    if not isinstance(variables, list):
        raise _RowError("variables is no list and no object")
    return InjectionPayload(session_id, variables, strategy)


def _size(opened: IO[bytes]) -> int | None:
    if opened is sys.stdin.buffer:
        return None
    try:
        # 0 for what is no ordinary file, such as a pipe.
        return os.fstat(opened.fileno()).st_size or None
    except OSError:
        return None
