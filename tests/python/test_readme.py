"""The Python code and the commands of ``bindings-python/README.md`` succeed."""

import re
import runpy
import shlex
from pathlib import Path

import pytest
from cognigy_context.__main__ import main
from cognigy_context.testing import Sandbox

README = (
    Path(__file__).parents[2].joinpath("bindings-python/README.md").read_text("utf-8")
)
CODE = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
COMMANDS = re.findall(r"^cognigy-context (.*)$", README, re.MULTILINE)
FILES = {
    "context.json": '{"tier": "gold"}',
    "rows.journal": "cognigy-context journal 1\n",
    "rows.csv": "session_id,key,value\nsession-1,tier,gold\n",
    "update.json": '{"session": {"order": "A-1001"}}',
}


@pytest.fixture(autouse=True)
def _tenant(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Sets the environment for a sandbox, and a folder with the files of the README."""
    sandbox.seed("session-1")
    sandbox.seed_dialog("dialog-1")
    monkeypatch.setenv("COGNIGY_BASE_URL", sandbox.url)
    monkeypatch.setenv("COGNIGY_API_KEY", sandbox.api_key)
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        Path(name).write_text(text, "utf-8")


def test_python_code_runs_and_prints_what_its_comments_state(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # One program, because later sections use the imports of earlier ones.
    Path("readme.py").write_text("\n".join(CODE), "utf-8")
    runpy.run_path("readme.py", run_name="__main__")
    printed = capsys.readouterr().out.splitlines()
    expected = re.findall(r"^ *print\(.*\)  # (.*)$", "".join(CODE), re.MULTILINE)
    assert len(expected) >= 5
    assert not set(expected) - set(printed)


@pytest.mark.parametrize("command", COMMANDS)
def test_command_succeeds(command: str) -> None:
    assert main(shlex.split(command)) == 0
