"""Row 2: an answer of variables, from its bytes to the debug view."""

import json

import msgspec
import orjson
import pydantic
from measuring import compare

from cognigy_context import debug_view, parse_variables

COUNT = 1_000
RANKS = {"global": 1, "bot": 2, "session": 3, "user": 4}
KINDS = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    dict: "object",
    list: "array",
    type(None): "null",
}


def answer() -> bytes:
    """1,000 variables, about 77 kB: texts as flows store them, every eighth name in two scopes."""
    values = [
        *("gold since spring", "42", "129.5", "true", "+49 170 000000"),
        *('{"id":"A-1001","open":true}', "de-DE", "2026-01-31"),
    ]
    variables = [
        {
            "name": f"variable_{index - 1 if index % 8 == 7 else index}",
            "value": values[index % len(values)],
            "scope": ("session", "bot", "user", "global")[index % 4],
            "type": None,
        }
        for index in range(COUNT)
    ]
    return orjson.dumps({"variables": variables})


class VariableModel(pydantic.BaseModel):
    """What an integrator writes today."""

    name: str
    value: object
    scope: str
    type: str | None = None


class AnswerModel(pydantic.BaseModel):
    variables: list[VariableModel]


class VariableStruct(msgspec.Struct):
    """The same for msgspec."""

    name: str
    value: object
    scope: str
    type: str | None = None


class AnswerStruct(msgspec.Struct):
    variables: list[VariableStruct]


def coerced(text: object) -> object:
    if not isinstance(text, str):
        return text
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for read in (int, float, json.loads):
        try:
            value: object = read(text)
        except ValueError:
            continue
        # Nothing may be lost.
        if read is json.loads or str(value) == text:
            return value
    return text


def viewed(variables: list[VariableModel] | list[VariableStruct]) -> dict[str, object]:
    winners: dict[str, VariableModel | VariableStruct] = {}
    for variable in variables:
        held = winners.get(variable.name)
        if held is None or RANKS.get(variable.scope, 0) > RANKS.get(held.scope, 0):
            winners[variable.name] = variable
    view: dict[str, object] = {}
    for name, variable in winners.items():
        value = coerced(variable.value)
        view[name] = {
            "value": value,
            "scope": variable.scope,
            "type": KINDS[type(value)],
            "is_system": name.startswith("_"),
        }
    return view


def row_2() -> None:
    page = answer()
    decoder = msgspec.json.Decoder(AnswerStruct)

    def ours() -> object:
        return debug_view(parse_variables(page))

    def by_pydantic() -> object:
        return viewed(AnswerModel.model_validate(orjson.loads(page)).variables)

    def by_msgspec() -> object:
        return viewed(decoder.decode(page).variables)

    expected = by_pydantic()
    assert ours() == expected == by_msgspec()
    assert list(debug_view(parse_variables(page))) == list(expected)
    work = (
        f"Python: response with {COUNT:,} variables ({len(page) / 1000:.0f} kB)"
        " → coerced, resolved debug view"
    )
    compare("2", work, "pydantic + orjson + loops", "beside it", ours, by_pydantic)
    compare("2b", work, "msgspec + the same loops", "beside it", ours, by_msgspec)
    compare(
        "2c",
        work,
        "orjson.loads of the bytes",
        "≤ 0.95×",
        ours,
        lambda: orjson.loads(page),
    )
