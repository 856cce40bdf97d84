"""Values of wrong types, some of them hostile, that a caller may pass as an argument."""

import datetime
import decimal
from collections.abc import Callable, Iterator
from typing import Any


class CallerError(Exception):
    """Raised by hostile values. A function may raise it again: it comes from the caller's code."""


def _fail(*_: object, **__: object) -> Any:
    raise CallerError("raised by the caller")


class _HostileText(str):
    __str__ = __repr__ = __len__ = __iter__ = __hash__ = __eq__ = _fail  # type: ignore[assignment]


class _HostileInt(int):
    __index__ = __int__ = __lt__ = __eq__ = __hash__ = __repr__ = __str__ = _fail  # type: ignore[assignment]


class _HostileDict(dict[str, Any]):
    __getitem__ = __iter__ = __len__ = keys = items = get = __contains__ = _fail  # type: ignore[assignment]


class _Hostile:
    __getattr__ = __len__ = __iter__ = __index__ = __float__ = __bool__ = _fail
    __call__ = __getitem__ = __fspath__ = __repr__ = __str__ = __hash__ = __eq__ = _fail  # type: ignore[assignment]


class _HugeLength:
    """Claims to have more items than memory, and has none."""

    def __len__(self) -> int:
        return 2**62

    def __getitem__(self, index: object) -> object:
        raise IndexError

    def __length_hint__(self) -> int:
        return 2**62

    def __iter__(self) -> Iterator[object]:
        return iter(())


class _WrongClass:
    """Lies about its class."""

    @property
    def __class__(self) -> Any:
        return str


def _cycle() -> list[Any]:
    items: list[Any] = []
    items.append(items)
    return items


def _generator() -> Iterator[int]:
    yield 1


# A function for each kind that returns a new value.
WRONG_VALUES: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "a bool": lambda: True,
    "an int": lambda: 5,
    "a negative int": lambda: -1,
    "a huge int": lambda: 10**400,
    "an int of 64 bits": lambda: 2**64,
    "a float": lambda: 1.5,
    "NaN": lambda: float("nan"),
    "infinity": lambda: float("inf"),
    "a large float": lambda: 1e300,
    "a Decimal": lambda: decimal.Decimal("sNaN"),
    "an empty str": lambda: "",
    "a str": lambda: "a wrong text",
    "a str with an unpaired surrogate": lambda: "\ud83d",
    "a str with a null character": lambda: "a\0b",
    "bytes": lambda: b"\xff\xfe",
    "a bytearray": lambda: bytearray(b"{}"),
    "a memoryview of ints": lambda: memoryview(b"12345678").cast("i"),
    "a list": lambda: [1],
    "a list of None": lambda: [None],
    "a tuple": lambda: (1, 2, 3),
    "a set": lambda: {1},
    "a dict": lambda: {"key": 1},
    "a dict with an int as a key": lambda: {1: 2},
    "a cycle": _cycle,
    "a generator": _generator,
    "a function": lambda: lambda: None,
    "a function that raises": lambda: _fail,
    "a class": lambda: int,
    "an object": object,
    "a timedelta": lambda: datetime.timedelta(days=-1),
    "a long timedelta": lambda: datetime.timedelta.max,
    "a datetime": lambda: datetime.datetime.min,
    "a module": lambda: datetime,
    "a str that raises": lambda: _HostileText("text"),
    "an int that raises": lambda: _HostileInt(5),
    "a dict that raises": lambda: _HostileDict(key=1),
    "an object that raises": _Hostile,
    "an object that claims to be long": _HugeLength,
    "an object that lies about its class": _WrongClass,
}
