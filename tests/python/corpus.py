"""Reads the corpus, and replaces the corpus forms in values by what they stand for."""

import json
import sys
from typing import Any

from conftest import CORPUS

# The corpus contains integers beyond the digit limit of Python.
sys.set_int_max_str_digits(0)


def index() -> dict[str, Any]:
    return json.loads((CORPUS / "index.json").read_text("utf-8"))


def files() -> list[str]:
    return [entry["file"] for entry in index()["files"]]


def read(file: str) -> dict[str, Any]:
    return json.loads((CORPUS / file).read_text("utf-8"))


def cases_for(runner: str) -> list[tuple[str, dict[str, Any]]]:
    """Returns the cases that a runner can run, each with a unique name."""
    can = set(index()["runners"][runner]["can"])
    return [
        (f"{file}: {case['name']}", case)
        for file in files()
        for case in read(file)["cases"]
        if can.issuperset(case.get("requires", ()))
    ]


def value_of(form: Any) -> Any:
    """Returns a value with all corpus forms in it replaced."""
    if isinstance(form, list):
        return [value_of(item) for item in form]
    if not isinstance(form, dict):
        return form
    if len(form) == 1:
        ((name, content),) = form.items()
        if name in _FORMS:
            return _FORMS[name](content)
    return {key: value_of(value) for key, value in form.items()}


def assert_issues(found: Any, expected: list[dict[str, Any]]) -> None:
    """Asserts that the issues of a report or result equal those that a case states.

    A message or hint is compared only where the expected issue has one.
    """
    issues = [issue.to_dict() for issue in found.issues]
    for issue, stated in zip(issues, expected, strict=False):
        for text in {"message", "hint"} - stated.keys():
            issue.pop(text, None)
    assert issues == expected


def text_of(parts: Any) -> str:
    """Returns the JSON text of a case: a string, or parts that may be corpus forms."""
    parts = [parts] if isinstance(parts, str) else parts
    return "".join(value_of(part) for part in parts)


def _nest(content: list[Any]) -> Any:
    depth, leaf = content
    value = value_of(leaf)
    for _ in range(depth):
        value = [value]
    return value


def _nest_objects(content: list[Any]) -> Any:
    depth, leaf = content
    value = value_of(leaf)
    for _ in range(depth):
        value = {"k": value}
    return value


def _map(content: list[Any]) -> Any:
    count, prefix, value = content
    return {f"{prefix}{number}": value_of(value) for number in range(count)}


def _cycle() -> Any:
    value: dict[str, Any] = {}
    value["self"] = value
    return value


def _list_cycle() -> Any:
    value: list[Any] = []
    value.append(value)
    return value


_VALUES = {
    "nan": lambda: float("nan"),
    "infinity": lambda: float("inf"),
    "-infinity": lambda: float("-inf"),
    "lone_surrogate": lambda: "\ud83d",
    "unserializable": object,
    "cycle": _cycle,
    "list_cycle": _list_cycle,
}

_FORMS = {
    "$repeat": lambda content: content[0] * content[1],
    "$list": lambda content: [value_of(content[1]) for _ in range(content[0])],
    "$map": _map,
    "$nest": _nest,
    "$nest_objects": _nest_objects,
    "$integer": lambda content: int(value_of(content)),
    "$entries": lambda content: {value_of(k): value_of(v) for k, v in content},
    "$value": lambda content: _VALUES[content](),
}
