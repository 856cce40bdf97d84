"""Values that commands read: JSON files, and ``NAME=VALUE`` on the command line."""

import json
from collections.abc import Iterable
from typing import Any

from .. import coerce, measure_json
from .files import UnreadableError, read


def json_of(text: bytes | str) -> Any:
    """What JSON text says.

    Args:
        text: The text.

    Returns:
        Python's objects for it.

    Raises:
        ValidationError: It is no JSON, or says something twice.
    """
    # json itself takes NaN, and of a key that stands twice the last.
    measure_json(text)
    return json.loads(text)


def read_object(file: str) -> dict[str, Any]:
    """The JSON object in a file.

    Args:
        file: Its path, or ``-`` for the standard input.

    Returns:
        dict: Names to values.

    Raises:
        UnreadableError: It cannot be read, or holds another value.
        ValidationError: It is no JSON.
    """
    value = json_of(read(file))
    if not isinstance(value, dict):
        raise UnreadableError(f"{file}: holds no JSON object")
    return value


def assigned(assignments: Iterable[str]) -> dict[str, Any]:
    """What ``NAME=VALUE`` says, each value as ``coerce`` reads it.

    Args:
        assignments: The texts.

    Returns:
        dict: Names to values.

    Raises:
        UnreadableError: One has no ``=``, or a name is given twice.
    """
    found: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals:
            raise UnreadableError("--set takes NAME=VALUE")
        if name in found:
            raise UnreadableError("--set names a variable twice")
        found[name] = coerce(text)
    return found
