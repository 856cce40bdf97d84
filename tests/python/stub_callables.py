"""Reads the public functions and classes of the package from its stub and Python files."""

import ast
from dataclasses import dataclass
from pathlib import Path

# Special methods that get an argument of the caller.
_CALLED_WITH_ARGUMENTS = {
    "__new__",
    "__init__",
    "__eq__",
    "__getitem__",
    "__contains__",
}
_CALLBACK_TYPES = ("Callable", "_Clock", "_Listener", "_Auditor")


@dataclass(frozen=True)
class Parameter:
    """A parameter of a public callable."""

    name: str
    is_positional_only: bool
    is_variadic: bool
    # Whether the argument may be a function, whose result is then a value of the caller as well.
    is_callback: bool


def read_callables(*files: Path) -> dict[str, list[Parameter]]:
    """Returns the parameters of each public callable by its name, such as ``Policy.replace``."""
    callables: dict[str, list[Parameter]] = {}
    for file in files:
        tree = ast.parse(file.read_text())
        classes = {
            node.name: node for node in tree.body if isinstance(node, ast.ClassDef)
        }
        exported = _exported_names(tree)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name in exported:
                callables[node.name] = _parameters(node, classes)
            elif isinstance(node, ast.ClassDef) and node.name in exported:
                callables.update(_methods(node, classes))
    return callables


def _exported_names(tree: ast.Module) -> set[str]:
    """Returns the public names of ``__all__``."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return {
                name
                for name in ast.literal_eval(node.value)
                if not name.startswith("_")
            }
    raise ValueError("the file has no __all__")


def _methods(
    node: ast.ClassDef, classes: dict[str, ast.ClassDef]
) -> dict[str, list[Parameter]]:
    methods: dict[str, list[Parameter]] = {}
    for member in node.body:
        if not isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        decorators = {ast.unparse(decorator) for decorator in member.decorator_list}
        if member.name.startswith("_") and member.name not in _CALLED_WITH_ARGUMENTS:
            continue
        if "property" in decorators:
            continue
        parameters = _parameters(member, classes)
        if "staticmethod" not in decorators:
            parameters = parameters[1:]
        name = {"__new__": node.name, "__init__": node.name}.get(
            member.name, f"{node.name}.{member.name}"
        )
        # Of overloads, the one with the most parameters contains the others.
        if len(parameters) >= len(methods.get(name, [])):
            methods[name] = parameters
    return methods


def _parameters(
    node: ast.FunctionDef | ast.AsyncFunctionDef, classes: dict[str, ast.ClassDef]
) -> list[Parameter]:
    arguments = node.args
    parameters = [
        Parameter(
            argument.arg,
            argument in arguments.posonlyargs,
            False,
            _is_callback(argument),
        )
        for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    ]
    if arguments.vararg:
        parameters.append(Parameter(arguments.vararg.arg, True, True, False))
    if arguments.kwarg:
        parameters += [
            Parameter(name, False, False, False)
            for name in _typed_dict_keys(
                ast.unparse(arguments.kwarg.annotation), classes
            )
        ]
    return parameters


def _is_callback(argument: ast.arg) -> bool:
    annotation = ast.unparse(argument.annotation) if argument.annotation else ""
    return any(name in annotation for name in _CALLBACK_TYPES)


def _typed_dict_keys(annotation: str, classes: dict[str, ast.ClassDef]) -> list[str]:
    name = annotation.removeprefix("Unpack[").removesuffix("]")
    if name not in classes:
        return []
    node = classes[name]
    inherited = [
        key
        for base in node.bases
        if isinstance(base, ast.Name) and base.id in classes
        for key in _typed_dict_keys(base.id, classes)
    ]
    return inherited + [
        member.target.id
        for member in node.body
        if isinstance(member, ast.AnnAssign) and isinstance(member.target, ast.Name)
    ]
