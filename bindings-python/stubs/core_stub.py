"""Writes `_core.pyi`: the types of `core.pyi` with the docstrings of the built module."""

import ast
import inspect
import re
from collections.abc import Iterator
from typing import Any

from docstrings import doc_lines, docstring
from signatures import (
    call_layout,
    check_signature,
    constructor_parameters,
    parameters_of,
    with_markers,
)
from source import HEADER, SYNCHRONOUS, Source, client_methods, returned_type

# The methods of `Client` that `_AsyncCalls` lacks. It has `bulk` instead.
NOT_IN_CALLS = frozenset({"inject_many"})


def core_stub(core: Any) -> str:
    """Returns the text of `_core.pyi` for a built `_core` module."""
    source = Source()
    # First and last line to replace, from 1, and the new lines. An insertion ends before it starts.
    edits: list[tuple[int, int, list[str]]] = []
    for node in source.tree.body:
        if isinstance(node, ast.FunctionDef):
            edits.append(
                _function_edit(source, node, node.name, getattr(core, node.name))
            )
        elif isinstance(node, ast.ClassDef) and hasattr(core, node.name):
            edits.extend(_class_edits(source, node, getattr(core, node.name)))
    lines = list(source.lines)
    for first, last, new in sorted(edits, key=lambda edit: edit[:2], reverse=True):
        lines[first - 1 : last] = new
    return HEADER + "\n".join(lines) + "\n"


def _class_edits(
    source: Source, node: ast.ClassDef, value: Any
) -> Iterator[tuple[int, int, list[str]]]:
    """Yields the edits that add docstrings, and the members of `_AsyncCalls`."""
    is_public = not node.name.startswith("_")
    line = min(_first_line(it) for it in node.body)
    new = []
    if is_public:
        new += [*doc_lines(docstring(node.name, value), "    "), ""]
    if node.name == "_AsyncCalls":
        new += _async_calls(source)
    if new:
        yield line, line - 1, new
    for member in node.body:
        if not isinstance(member, ast.FunctionDef):
            continue
        if member.name == "__new__":
            if is_public:
                check_signature(node.name, parameters_of(source, member), value)
        elif is_public and not member.name.startswith("_"):
            name = f"{node.name}.{member.name}"
            yield _function_edit(source, member, name, vars(value)[member.name])


def _first_line(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(it.lineno for it in decorators)])


def _function_edit(
    source: Source, node: ast.FunctionDef, name: str, value: Any
) -> tuple[int, int, list[str]]:
    """Returns an edit that replaces the `...` of a function by its docstring.

    A private function without a docstring stays unchanged.
    """
    indent = " " * node.col_offset
    decorators = {source.segment(it) for it in node.decorator_list}
    parameters = parameters_of(source, node)
    if isinstance(value, classmethod | staticmethod):
        value = value.__func__ if hasattr(value, "__func__") else value
    if not decorators & {"property", "overload"}:
        check_signature(name, parameters, value)
    last = node.end_lineno or node.lineno
    comment = re.search(r"\.\.\.(  #.*)$", source.lines[last - 1])
    first_argument = [it.arg for it in [*node.args.posonlyargs, *node.args.args]][:1]
    receiver = [it for it in first_argument if it in ("self", "cls")]
    items = receiver + with_markers(parameters)
    if (
        node.args.posonlyargs
        and receiver
        and not any(it.kind == inspect.Parameter.POSITIONAL_ONLY for it in parameters)
    ):
        items = [*receiver, "/", *items[1:]]
    returns = f" -> {source.segment(node.returns)}:" if node.returns else ":"
    lines = call_layout(indent, f"def {node.name}", items, returns)
    if comment:
        lines[-1] += comment[1]
    if name.startswith("_") and not getattr(value, "__doc__", None):
        return node.lineno, last, source.lines[node.lineno - 1 : last]
    lines += doc_lines(docstring(name, value), indent + "    ")
    following = source.lines[last] if last < len(source.lines) else ""
    if following.strip():
        lines.append("")
    return node.lineno, last, lines


def _async_calls(source: Source) -> list[str]:
    """Returns the members of `_AsyncCalls`: the methods of `Client`, which return futures."""
    parameters = ["cls", *with_markers(constructor_parameters(source))]
    lines = call_layout("    ", "def __new__", parameters, " -> _AsyncCalls: ...")
    for node in client_methods(source):
        if node.name in NOT_IN_CALLS:
            continue
        returns = returned_type(source, node, "_AsyncCalls")
        if node.name not in SYNCHRONOUS:
            returns = f"Future[{returns}]"
        items = ["self", *with_markers(parameters_of(source, node))]
        lines += call_layout("    ", f"def {node.name}", items, f" -> {returns}: ...")
    return lines
