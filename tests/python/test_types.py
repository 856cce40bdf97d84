"""The stubs and the docs: what they promise is what is there."""

import doctest
import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import cognigy_context as cc
import cognigy_context.testing
import pytest

USAGE = Path(__file__).parent / "types" / "usage.py"
WRONG = Path(__file__).parent / "types" / "wrong.py"


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


def test_a_program_that_uses_the_types_passes_mypy(tmp_path: Path) -> None:
    tool("mypy", "--strict", "--cache-dir", str(tmp_path), str(USAGE), cwd=tmp_path)


def test_what_is_wrong_fails_mypy_line_by_line(tmp_path: Path) -> None:
    options = ("--strict", "--cache-dir", str(tmp_path))
    shown = run("mypy", *options, str(WRONG), cwd=tmp_path).stdout
    found = {int(line) for line in re.findall(r"wrong\.py:(\d+): error", shown)}
    assert found == refused_lines(), shown


def test_a_program_that_uses_the_types_passes_pyright(tmp_path: Path) -> None:
    done = run("pyright", str(USAGE), cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_wrong_fails_pyright_line_by_line(tmp_path: Path) -> None:
    shown = run("pyright", "--outputjson", str(WRONG), cwd=tmp_path).stdout
    found = {
        it["range"]["start"]["line"] + 1
        for it in json.loads(shown)["generalDiagnostics"]
    }
    assert found == refused_lines(), shown


def test_every_public_type_is_known_to_pyright(tmp_path: Path) -> None:
    options = ("--verifytypes", "cognigy_context", "--ignoreexternal")
    done = run("pyright", *options, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_package_itself_passes_mypy(tmp_path: Path) -> None:
    options = ("--strict", "--cache-dir", str(tmp_path))
    tool("mypy", *options, "--package", "cognigy_context", cwd=tmp_path)


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
