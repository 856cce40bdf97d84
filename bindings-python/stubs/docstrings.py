"""Docstrings of the built module, as source lines."""

import inspect
import re
from typing import Any

from source import StubError

# Docstrings keep the width of the Rust doc comments.
DOC_LINE_WIDTH = 100


def docstring(name: str, value: Any) -> str:
    doc = inspect.cleandoc(getattr(value, "__doc__", None) or "")
    if not doc:
        raise StubError(f"{name} has no docstring")
    return doc


def doc_lines(doc: str, indent: str) -> list[str]:
    """Returns a docstring as source lines."""
    quotes = 'r"""' if "\\" in doc else '"""'
    first, *rest = doc.split("\n")
    if (
        not rest
        and len(indent) + len(doc) + len(quotes) + 3 <= DOC_LINE_WIDTH
        and not doc.endswith('"')
    ):
        return [f'{indent}{quotes}{first}"""']
    lines = [f"{indent}{quotes}{first}"]
    lines += [f"{indent}{line}" if line else "" for line in rest]
    return [*lines, f'{indent}"""']


def section(doc: str, title: str) -> str:
    """Returns a section of a docstring, such as `Args:`, title included."""
    found = re.search(
        rf"^{title}:\n(?:(?: .*)?\n)*?(?=^\S|\Z)", doc + "\n", re.MULTILINE
    )
    if not found:
        raise StubError(f"a docstring has no {title}")
    return found[0].rstrip()
