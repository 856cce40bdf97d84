"""The type stubs and docstrings match the package."""

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
    # pyright asks the first Python on the PATH where packages are.
    here = str(Path(sys.executable).parent)
    path = os.pathsep.join([here, os.environ.get("PATH", "")])
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        check=False,
        cwd=cwd,
        env={**os.environ, "PATH": path, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"},
        capture_output=True,
        text=True,
        timeout=600,
    )


def tool(*arguments: str, cwd: Path) -> None:
    done = run(*arguments, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr


def refused_lines() -> set[int]:
    lines = WRONG.read_text("utf-8").splitlines()
    marked = {at for at, line in enumerate(lines, 1) if line.endswith("# refused")}
    assert len(marked) > 30
    return marked


# A checker reads both programs in one run, as most of its time goes into what they import.
Errors = dict[Path, dict[int, str]]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the runs of mypy know of each other."""
    return tmp_path_factory.mktemp("mypy")


@pytest.fixture(scope="module")
def errors_of_mypy(cache: Path) -> Errors:
    options = ("--strict", "--no-error-summary", "--cache-dir", str(cache))
    done = run("mypy", *options, str(USAGE), str(WRONG), cwd=cache)
    errors: Errors = {USAGE: {}, WRONG: {}}
    for line in done.stdout.splitlines():
        found = re.match(r"(.+\.py):(\d+): (error: .*)", line)
        if found:
            place = errors.setdefault((cache / found[1]).resolve(), {})
            place[int(found[2])] = found[3]
    assert done.returncode == 1, done.stdout + done.stderr
    return errors


@pytest.fixture(scope="module")
def errors_of_pyright(tmp_path_factory: pytest.TempPathFactory) -> Errors:
    cwd = tmp_path_factory.mktemp("pyright")
    done = run("pyright", "--outputjson", str(USAGE), str(WRONG), cwd=cwd)
    assert done.returncode == 1, done.stdout + done.stderr
    errors: Errors = {USAGE: {}, WRONG: {}}
    for it in json.loads(done.stdout)["generalDiagnostics"]:
        line = it["range"]["start"]["line"] + 1
        errors.setdefault(Path(it["file"]).resolve(), {})[line] = it["message"]
    return errors


def test_a_program_that_uses_the_types_passes_mypy(errors_of_mypy: Errors) -> None:
    assert errors_of_mypy[USAGE] == {}


def test_what_is_wrong_fails_mypy_line_by_line(errors_of_mypy: Errors) -> None:
    assert set(errors_of_mypy) == {USAGE, WRONG}
    assert set(errors_of_mypy[WRONG]) == refused_lines(), errors_of_mypy[WRONG]


def test_a_program_that_uses_the_types_passes_pyright(
    errors_of_pyright: Errors,
) -> None:
    assert errors_of_pyright[USAGE] == {}


def test_what_is_wrong_fails_pyright_line_by_line(errors_of_pyright: Errors) -> None:
    assert set(errors_of_pyright) == {USAGE, WRONG}
    assert set(errors_of_pyright[WRONG]) == refused_lines(), errors_of_pyright[WRONG]


def test_every_public_type_is_known_to_pyright(tmp_path: Path) -> None:
    options = ("--verifytypes", "cognigy_context", "--ignoreexternal")
    tool("pyright", *options, cwd=tmp_path)


def test_the_package_itself_passes_mypy(cache: Path) -> None:
    options = ("--strict", "--cache-dir", str(cache))
    tool("mypy", *options, "--package", "cognigy_context", cwd=cache)


def test_the_stubs_agree_with_the_module(tmp_path: Path) -> None:
    tool("mypy.stubtest", "cognigy_context", cwd=tmp_path)


@pytest.mark.parametrize(
    "module", [cc, cognigy_context.testing], ids=lambda it: it.__name__
)
def test_examples_in_the_docs_are_true(module: ModuleType) -> None:
    finder = doctest.DocTestFinder(recurse=False)
    runner = doctest.DocTestRunner()
    places = [(module, module.__name__)]
    places += [(getattr(module, name), name) for name in module.__all__]
    examples = 0
    for place, name in places:
        for test in finder.find(place, name, module=False):
            examples += len(test.examples)
            runner.run(test)
    assert examples > 2 and runner.failures == 0


def test_everything_public_is_documented() -> None:
    for name in cc.__all__:
        value = getattr(cc, name)
        if not callable(value):
            continue
        assert inspect.getdoc(value), name
        for member, what in vars(value).items() if isinstance(value, type) else ():
            if not member.startswith("_"):
                assert inspect.getdoc(what), f"{name}.{member}"


def test_signatures_show_the_default_policy() -> None:
    assert (
        str(inspect.signature(cc.check)) == "(value, policy='platform', existing=None)"
    )
    assert inspect.signature(cc.Client).parameters["policy"].default == "platform"


def test_it_is_the_installed_package_that_is_tested() -> None:
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
def test_hover_shows_a_summary_and_every_argument(name: str, value: Any) -> None:
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
