"""Reads values from JSON files and from ``NAME=VALUE`` arguments."""

import json
from collections.abc import Iterable
from typing import Any

from .. import coerce, measure_json
from .files import UsageError, read


def json_of(text: bytes | str) -> Any:
    """Parses JSON text.

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
    """Reads the JSON object in a file.

    Args:
        file: Its path, or ``-`` for the standard input.

    Returns:
        dict: Names to values.

    Raises:
        UsageError: It cannot be read, or holds another value.
        ValidationError: It is no JSON.
    """
    value = json_of(read(file))
    if not isinstance(value, dict):
        raise UsageError(f"{file}: holds no JSON object")
    return value


def assigned(assignments: Iterable[str]) -> dict[str, Any]:
    """Parses ``NAME=VALUE`` arguments; converts the values as ``coerce`` does.

    Args:
        assignments: The texts.

    Returns:
        dict: Names to values.

    Raises:
        UsageError: One has no ``=``, or a name is given twice.
    """
    found: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals:
            raise UsageError("--set takes NAME=VALUE")
        if name in found:
            raise UsageError("--set names a variable twice")
        found[name] = coerce(text)
    return found
