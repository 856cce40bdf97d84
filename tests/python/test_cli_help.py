"""The help texts of the command line: one style, correct defaults, and examples that parse."""

import argparse
import importlib
import re
import shlex
from typing import Any

import pytest
import typer
from cognigy_context.__main__ import main
from cognigy_context.cli import sandbox, serve
from cognigy_context.cli.app import app
from cognigy_context.cli.help_text import PROGRAM

GROUP: Any = typer.main.get_command(app)
# These commands parse their options with argparse.
PARSERS = {
    "sandbox": sandbox._parser(),
    "serve": serve._parser("cognigy-context serve"),
}
COMMANDS = list(GROUP.commands)
# The commands of a group, for example `journal check`, and all other commands.
CLICK_COMMANDS = {
    f"{name} {sub_name}".strip(): sub
    for name, command in GROUP.commands.items()
    for sub_name, sub in getattr(command, "commands", {"": command}).items()
}
# Options whose help text may state another default than the declaration.
OTHER_DEFAULTS = {
    "existing": "an empty context",
    "scope": "session",
    "file_format": "from the file name",
    "concurrency": "5",
    "base_url": "COGNIGY_BASE_URL",
    "api_key": "COGNIGY_API_KEY",
    "client_id": "COGNIGY_CLIENT_ID",
    "client_secret": "COGNIGY_CLIENT_SECRET",
    "tenant_id": "COGNIGY_TENANT_ID",
    "deadline": "60",
    "max_retries": "3",
    "rate": "100/60; for inject --user-id 1000/300",
    "redis_url": "COGNIGY_SERVICE_REDIS_URL, or else memory of this process",
    "browser": "--browser",
}


def help_of(command: str, option: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main([*command.split(), option]) == 0
    output = capsys.readouterr()
    assert output.err == ""
    return output.out


def parameters() -> list[Any]:
    """Returns a case for each parameter of each command: its name, its help text and its default."""
    found = []
    for command, parser in PARSERS.items():
        for action in parser._actions:
            text = (action.help or "").replace("%(default)s", str(action.default))
            has_default = action.default not in (False, None, argparse.SUPPRESS)
            default = action.default if has_default else None
            name = action.dest
            found.append(pytest.param(name, text, default, id=f"{command} {name}"))
    for command in sorted(set(CLICK_COMMANDS) - set(PARSERS)):
        for it in CLICK_COMMANDS[command].params:
            is_flag = getattr(it, "is_flag", False)
            default = None if is_flag or it.required else it.default
            found.append(
                pytest.param(it.name, it.help, default, id=f"{command} {it.name}")
            )
    return found


@pytest.mark.parametrize("command", ["", *dict.fromkeys([*COMMANDS, *CLICK_COMMANDS])])
def test_help_has_examples_and_no_double_brackets(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = help_of(command, "--help", capsys)
    assert "Examples:" in text and f"$ {PROGRAM} {command}" in text
    assert "[[" not in text and "[default:" not in text
    assert help_of(command, "-h", capsys) == text


@pytest.mark.parametrize(("name", "text", "default"), parameters())
def test_help_of_a_parameter_is_a_sentence_with_its_default(
    name: str, text: str, default: object
) -> None:
    assert text[0].isupper() and text.endswith(".")
    stated = re.search(r"\(default: (.+)\)\.", text)
    if name in OTHER_DEFAULTS and (stated or default is not None):
        assert stated
        assert stated[1] in (OTHER_DEFAULTS[name], str(default))
    elif default is None:
        assert not stated
    else:
        assert stated
        assert stated[1] == str(default)


@pytest.mark.parametrize("command", COMMANDS)
def test_examples_parse(command: str) -> None:
    module = importlib.import_module(f"cognigy_context.cli.{command.replace('-', '_')}")
    for example in module.EXAMPLES:
        name, *arguments = shlex.split(example.partition(" < ")[0])
        assert name == command
        if command in PARSERS:
            PARSERS[command].parse_args(arguments)
            continue
        if hasattr(GROUP.commands[command], "commands"):
            name += f" {arguments.pop(0)}"
        CLICK_COMMANDS[name].make_context(name, arguments)
