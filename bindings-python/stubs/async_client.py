"""Writes `_async_client.py`: a coroutine for each method of `Client`."""

import ast
import inspect
import re
from collections.abc import Iterator
from typing import Any

from docstrings import doc_lines, docstring, section
from signatures import call_layout, constructor_parameters, parameters_of, with_markers
from source import HEADER, HERE, SYNCHRONOUS, Source, client_methods, returned_type


def async_client(core: Any) -> str:
    """Returns the text of `_async_client.py` for a built `_core` module."""
    source = Source()
    template = (HERE / "async_client.py.in").read_text("utf-8")
    in_template = set(
        re.findall(r"^    (?:async )?def ([a-z]\w*)", template, re.MULTILINE)
    )
    methods: list[str] = []
    for node in client_methods(source):
        if node.name not in in_template:
            methods += ["", *_async_method(source, node, core.Client)]
    lines: list[str] = []
    name = ""
    for line in template.splitlines():
        found = re.match(r"\s+(?:async )?def (\w+)", line)
        name = found[1] if found else name
        indent = line[: len(line) - len(line.lstrip())]
        match line.strip():
            case "$methods":
                lines += methods[1:]
            case "$init":
                lines += _async_init(source)
            case "$doc":
                doc = docstring(f"Client.{name}", getattr(core.Client, name))
                lines += doc_lines(doc, indent)
            case "$arguments_of_client":
                doc = docstring("Client", core.Client)
                sections = [section(doc, "Args"), section(doc, "Raises")]
                lines += [
                    f"{indent}{it}" if it else ""
                    for it in "\n\n".join(sections).split("\n")
                ]
            case _:
                lines.append(line)
    text = "\n".join(lines) + "\n"
    names = {
        node.id
        for node in ast.walk(ast.parse(text.replace("$core_imports", "        _T,")))
        if isinstance(node, ast.Name)
    }
    defined = set(_names_of(source)) - {"__all__", "_AsyncCalls", "_wait_for_callbacks"}
    imports = sorted(names & defined, key=_import_order)
    text = text.replace("$core_imports", "\n".join(f"        {it}," for it in imports))
    return HEADER + text


def _import_order(name: str) -> tuple[int, str]:
    """Returns the sort key of a name in ruff's order: constants, classes, then other names."""
    is_class = name[:1].isupper()
    return (0 if name.isupper() else 1 if is_class else 2, name.lower())


def _names_of(source: Source) -> Iterator[str]:
    for node in source.tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif isinstance(node, ast.Assign):
            yield from (it.id for it in node.targets if isinstance(it, ast.Name))


def _async_init(source: Source) -> list[str]:
    parameters = constructor_parameters(source)
    items = ["self", *with_markers(parameters)]
    lines = call_layout("    ", "def __init__", items, " -> None:")
    keyword = inspect.Parameter.KEYWORD_ONLY
    given = [
        f"{it.name}={it.name}" if it.kind == keyword else it.name for it in parameters
    ]
    return [*lines, *call_layout("        ", "self._calls = _AsyncCalls", given, "")]


def _async_method(source: Source, node: ast.FunctionDef, client: Any) -> list[str]:
    parameters = parameters_of(source, node)
    is_awaited = node.name not in SYNCHRONOUS
    returns = returned_type(source, node, "AsyncClient")
    items = ["self", *with_markers(parameters)]
    start = f"async def {node.name}" if is_awaited else f"def {node.name}"
    lines = call_layout("    ", start, items, f" -> {returns}:")
    lines += doc_lines(
        docstring(f"Client.{node.name}", getattr(client, node.name)), " " * 8
    )
    call = "await " if is_awaited else ""
    if returns != "None":
        call = f"return {call}"
    given = [it.name for it in parameters]
    return lines + call_layout("        ", f"{call}self._calls.{node.name}", given, "")
