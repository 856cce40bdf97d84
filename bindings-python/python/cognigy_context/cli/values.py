"""Reads values from JSON files and from ``NAME=VALUE`` arguments."""

import json
from collections.abc import Iterable
from typing import Any

from .. import coerce, measure_json
from .files import UsageError, read


def parse_json(text: bytes | str) -> Any:
    """Parses JSON text.

    Args:
        text: The text.

    Returns:
        The value as Python objects.

    Raises:
        ValidationError: The text is not valid JSON, has a duplicate key, or contains an
            integer beyond the range of a float.
    """
    # Raises for NaN and duplicate keys, which the parser of Python accepts.
    measure_json(text)
    return json.loads(text)


def read_object(file: str) -> dict[str, Any]:
    """Reads the JSON object in a file.

    Args:
        file: The path, or ``-`` for standard input.

    Returns:
        dict: The values by name.

    Raises:
        UsageError: The file cannot be read, or contains another type of value.
        ValidationError: The file does not contain valid JSON.
    """
    value = parse_json(read(file))
    if not isinstance(value, dict):
        raise UsageError(f"{file}: the file must contain a JSON object")
    return value


def parse_assignments(assignments: Iterable[str]) -> dict[str, Any]:
    """Parses ``NAME=VALUE`` arguments, and converts each value with ``coerce``.

    Args:
        assignments: The arguments.

    Returns:
        dict: The values by name.

    Raises:
        UsageError: An argument has no ``=``, or a name occurs twice.
    """
    values: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals:
            raise UsageError("--set must be NAME=VALUE")
        if name in values:
            raise UsageError("--set has the same NAME twice. Pass each name once.")
        values[name] = coerce(text)
    return values
