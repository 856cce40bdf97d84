"""Signatures: read from the types, compared with the built module, and written."""

import ast
import inspect
from typing import Any, TypeAlias

from source import Source, StubError

LINE_WIDTH = 88

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


class Parameter:
    """One parameter of a function in the types."""

    def __init__(self, name: str, kind: Any, annotation: str, default: str | None):
        self.name, self.kind = name, kind
        self.annotation, self.default = annotation, default

    def __str__(self) -> str:
        stars = {
            inspect.Parameter.VAR_POSITIONAL: "*",
            inspect.Parameter.VAR_KEYWORD: "**",
        }
        text = stars.get(self.kind, "") + self.name
        if self.annotation:
            text += f": {self.annotation}"
        if self.default is not None:
            text += f" = {self.default}" if self.annotation else f"={self.default}"
        return text


def parameters_of(source: Source, function: Function) -> list[Parameter]:
    """Returns the parameters after `self` or `cls`."""
    kinds = inspect.Parameter
    args = function.args

    def convert(arg: ast.arg, kind: Any, default: ast.expr | None = None) -> Parameter:
        annotation = source.segment(arg.annotation) if arg.annotation else ""
        value = None if default is None else source.segment(default)
        return Parameter(arg.arg, kind, annotation, value)

    positional = [(arg, kinds.POSITIONAL_ONLY) for arg in args.posonlyargs]
    positional += [(arg, kinds.POSITIONAL_OR_KEYWORD) for arg in args.args]
    required_count = len(positional) - len(args.defaults)
    defaults: list[ast.expr | None] = [None] * required_count + list(args.defaults)
    parameters = [
        convert(arg, kind, default)
        for (arg, kind), default in zip(positional, defaults, strict=True)
    ]
    if args.vararg:
        parameters.append(convert(args.vararg, kinds.VAR_POSITIONAL))
    for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        parameters.append(convert(arg, kinds.KEYWORD_ONLY, default))
    if args.kwarg:
        parameters.append(convert(args.kwarg, kinds.VAR_KEYWORD))
    if parameters and parameters[0].name in ("self", "cls"):
        del parameters[0]
    return parameters


def with_markers(parameters: list[Parameter]) -> list[str]:
    """Returns the parameters as text, with `/` and `*` where they belong."""
    kinds = inspect.Parameter
    texts: list[str] = []
    has_star = False
    for index, parameter in enumerate(parameters):
        if parameter.kind == kinds.KEYWORD_ONLY and not has_star:
            texts.append("*")
            has_star = True
        has_star = has_star or parameter.kind == kinds.VAR_POSITIONAL
        texts.append(str(parameter))
        following = parameters[index + 1] if index + 1 < len(parameters) else None
        if parameter.kind == kinds.POSITIONAL_ONLY and (
            following is None or following.kind != kinds.POSITIONAL_ONLY
        ):
            texts.append("/")
    return texts


def call_layout(indent: str, start: str, items: list[str], end: str) -> list[str]:
    """Formats a list in parentheses as ruff does: on one line, on three, or one item per line."""
    single = f"{indent}{start}({', '.join(items)}){end}"
    if len(single) <= LINE_WIDTH:
        return [single]
    hanging = f"{indent}    {', '.join(items)}"
    if len(hanging) <= LINE_WIDTH and len(items) > 1:
        return [f"{indent}{start}(", hanging, f"{indent}){end}"]
    return [
        f"{indent}{start}(",
        *(f"{indent}    {it}," for it in items),
        f"{indent}){end}",
    ]


def check_signature(name: str, expected: list[Parameter], value: Any) -> None:
    """Compares names, kinds and defaults with the signature in the built module."""
    actual = [
        it
        for it in inspect.signature(value).parameters.values()
        if it.name not in ("self", "cls")
    ]

    def default_of(parameter: Parameter) -> Any:
        if parameter.default is None:
            return inspect.Parameter.empty
        return ast.literal_eval(parameter.default)

    declared = [(it.name, it.kind, default_of(it)) for it in expected]
    built = [(it.name, it.kind, it.default) for it in actual]
    if declared != built:
        raise StubError(f"{name}: core.pyi has {declared}, the module has {built}")


def constructor_parameters(source: Source) -> list[Parameter]:
    for node in source.find_class("Client").body:
        if isinstance(node, ast.FunctionDef) and node.name == "__new__":
            return parameters_of(source, node)
    raise StubError("Client has no constructor")
