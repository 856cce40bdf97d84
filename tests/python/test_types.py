"""Type stubs and docstrings: type checkers, doctests, and completeness."""

import doctest
import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import cognigy_context as cc
import cognigy_context.testing
import pytest

HERE = Path(__file__).resolve().parent
USAGE = HERE / "types" / "usage.py"
WRONG = HERE / "types" / "wrong.py"


def run(*arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    # pyright finds packages through the first Python on the PATH.
    folder = str(Path(sys.executable).parent)
    path = os.pathsep.join([folder, os.environ.get("PATH", "")])
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        check=False,
        cwd=cwd,
        env={**os.environ, "PATH": path, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"},
        capture_output=True,
        text=True,
        timeout=600,
    )


def assert_tool_passes(*arguments: str, cwd: Path) -> None:
    done = run(*arguments, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr


def lines_with_errors() -> set[int]:
    """Returns the numbers of the lines of wrong.py that are marked as errors."""
    lines = WRONG.read_text("utf-8").splitlines()
    marked = {
        number for number, line in enumerate(lines, 1) if line.endswith("# error")
    }
    assert len(marked) > 30
    return marked


# A checker reads both programs in one run, because most of its time goes into their imports.
Errors = dict[Path, dict[int, str]]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache folder that the runs of mypy share."""
    return tmp_path_factory.mktemp("mypy")


@pytest.fixture(scope="module")
def errors_of_mypy(cache: Path) -> Errors:
    options = ("--strict", "--no-error-summary", "--cache-dir", str(cache))
    done = run("mypy", *options, str(USAGE), str(WRONG), cwd=cache)
    errors: Errors = {USAGE: {}, WRONG: {}}
    for line in done.stdout.splitlines():
        found = re.match(r"(.+\.py):(\d+): (error: .*)", line)
        if found:
            errors_of_file = errors.setdefault((cache / found[1]).resolve(), {})
            errors_of_file[int(found[2])] = found[3]
    assert done.returncode == 1, done.stdout + done.stderr
    return errors


@pytest.fixture(scope="module")
def errors_of_pyright(tmp_path_factory: pytest.TempPathFactory) -> Errors:
    cwd = tmp_path_factory.mktemp("pyright")
    done = run("pyright", "--outputjson", str(USAGE), str(WRONG), cwd=cwd)
    assert done.returncode == 1, done.stdout + done.stderr
    errors: Errors = {USAGE: {}, WRONG: {}}
    for diagnostic in json.loads(done.stdout)["generalDiagnostics"]:
        line = diagnostic["range"]["start"]["line"] + 1
        file = Path(diagnostic["file"]).resolve()
        errors.setdefault(file, {})[line] = diagnostic["message"]
    return errors


def test_mypy_accepts_correct_code(errors_of_mypy: Errors) -> None:
    assert errors_of_mypy[USAGE] == {}


def test_mypy_reports_each_marked_line(errors_of_mypy: Errors) -> None:
    assert set(errors_of_mypy) == {USAGE, WRONG}
    assert set(errors_of_mypy[WRONG]) == lines_with_errors(), errors_of_mypy[WRONG]


def test_pyright_accepts_correct_code(
    errors_of_pyright: Errors,
) -> None:
    assert errors_of_pyright[USAGE] == {}


def test_pyright_reports_each_marked_line(errors_of_pyright: Errors) -> None:
    assert set(errors_of_pyright) == {USAGE, WRONG}
    assert set(errors_of_pyright[WRONG]) == lines_with_errors(), errors_of_pyright[
        WRONG
    ]


def test_pyright_finds_types_for_every_public_name(tmp_path: Path) -> None:
    options = ("--verifytypes", "cognigy_context", "--ignoreexternal")
    assert_tool_passes("pyright", *options, cwd=tmp_path)


def test_mypy_accepts_the_package(cache: Path) -> None:
    options = ("--strict", "--cache-dir", str(cache))
    assert_tool_passes("mypy", *options, "--package", "cognigy_context", cwd=cache)


def test_stubtest_accepts_the_stubs(tmp_path: Path) -> None:
    assert_tool_passes("mypy.stubtest", "cognigy_context", cwd=tmp_path)


@pytest.mark.parametrize(
    "module", [cc, cognigy_context.testing], ids=lambda module: module.__name__
)
def test_examples_in_docstrings_pass(module: ModuleType) -> None:
    finder = doctest.DocTestFinder(recurse=False)
    runner = doctest.DocTestRunner()
    documented = [(module, module.__name__)]
    documented += [(getattr(module, name), name) for name in module.__all__]
    examples = 0
    for item, name in documented:
        for test in finder.find(item, name, module=False):
            examples += len(test.examples)
            runner.run(test)
    assert examples > 2 and runner.failures == 0


def test_every_public_name_has_a_docstring() -> None:
    for name in cc.__all__:
        value = getattr(cc, name)
        if not callable(value):
            continue
        assert inspect.getdoc(value), name
        for member, item in vars(value).items() if isinstance(value, type) else ():
            if not member.startswith("_"):
                assert inspect.getdoc(item), f"{name}.{member}"


def test_signatures_show_the_default_policy() -> None:
    assert (
        str(inspect.signature(cc.check)) == "(value, policy='platform', existing=None)"
    )
    assert inspect.signature(cc.Client).parameters["policy"].default == "platform"


def test_the_tests_import_the_installed_package() -> None:
    package = Path(cc.__file__).resolve()
    assert "site-packages" in package.parts
    assert (
        package.with_name("py.typed").exists()
        and package.with_name("_core.pyi").exists()
    )


GENERATOR = HERE.parent.parent / "bindings-python/stubs/generate.py"


def test_the_generated_files_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, str(GENERATOR), "--check"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def public_items() -> list[tuple[str, Any]]:
    """Returns the public classes, functions and members, with their names."""
    items: list[tuple[str, Any]] = []
    for name in cc.__all__:
        value = getattr(cc, name)
        if inspect.isclass(value):
            items.append((name, value))
            items += [
                (f"{name}.{member}", found)
                for member, found in vars(value).items()
                if not member.startswith("_") and not isinstance(found, str | tuple)
            ]
        elif callable(value):
            items.append((name, value))
    return sorted(items, key=lambda item: item[0])


@pytest.mark.parametrize(
    ("name", "value"), public_items(), ids=[name for name, _ in public_items()]
)
def test_docstring_has_a_summary_and_every_argument(name: str, value: Any) -> None:
    doc = inspect.getdoc(value) or ""
    summary = doc.split("\n\n")[0]
    assert summary, "no docstring"
    assert summary.rstrip(":").endswith((".", ")", "``")), summary
    if not inspect.isroutine(value) and not inspect.isclass(value):
        return
    if inspect.isclass(value) and "Args:" not in doc:
        # Only the library creates objects of this class.
        return
    parameters = [
        parameter.name
        for parameter in inspect.signature(value).parameters.values()
        if parameter.name not in ("self", "cls")
        and parameter.kind is not inspect.Parameter.VAR_KEYWORD
    ]
    missing = [
        parameter
        for parameter in parameters
        if not re.search(rf"^ *\*{{0,2}}{parameter}:", doc, re.MULTILINE)
    ]
    assert not missing, f"no description of {', '.join(missing)}"
