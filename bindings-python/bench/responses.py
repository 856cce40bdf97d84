"""Row 2: a response with variables, from its bytes to the debug view."""

import json

import msgspec
import orjson
import pydantic
from measure import compare

from cognigy_context import debug_view, parse_variables

COUNT = 1_000
# The scope with the highest rank is resolved.
SCOPE_RANKS = {"global": 1, "bot": 2, "session": 3, "user": 4}
TYPE_NAMES = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    dict: "object",
    list: "array",
    type(None): "null",
}


def response() -> bytes:
    """Returns 1,000 variables (74 kB) with text values, as flows store them.

    Every eighth variable has the name of the variable before it, in another scope.
    """
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
    """A variable, as an integrator without this library would declare it."""

    name: str
    value: object
    scope: str
    type: str | None = None


class ResponseModel(pydantic.BaseModel):
    variables: list[VariableModel]


class VariableStruct(msgspec.Struct):
    """The fields of ``VariableModel``, for msgspec."""

    name: str
    value: object
    scope: str
    type: str | None = None


class ResponseStruct(msgspec.Struct):
    variables: list[VariableStruct]


def coerce(text: object) -> object:
    """Converts a text to a JSON value, or returns it when the conversion loses data."""
    if not isinstance(text, str):
        return text
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for parse in (int, float, json.loads):
        try:
            value: object = parse(text)
        except ValueError:
            continue
        # Rejects a number that is written in another way, for example 007.
        if parse is json.loads or str(value) == text:
            return value
    return text


def view_of(variables: list[VariableModel] | list[VariableStruct]) -> dict[str, object]:
    """Returns the debug view, as ``debug_view`` does."""
    resolved: dict[str, VariableModel | VariableStruct] = {}
    for variable in variables:
        earlier = resolved.get(variable.name)
        if earlier is None or SCOPE_RANKS.get(variable.scope, 0) > SCOPE_RANKS.get(
            earlier.scope, 0
        ):
            resolved[variable.name] = variable
    view: dict[str, object] = {}
    for name, variable in resolved.items():
        value = coerce(variable.value)
        view[name] = {
            "value": value,
            "scope": variable.scope,
            "type": TYPE_NAMES[type(value)],
            "is_system": name.startswith("_"),
        }
    return view


def row_2() -> None:
    body = response()
    decoder = msgspec.json.Decoder(ResponseStruct)

    def ours() -> object:
        return debug_view(parse_variables(body))

    def by_pydantic() -> object:
        return view_of(ResponseModel.model_validate(orjson.loads(body)).variables)

    def by_msgspec() -> object:
        return view_of(decoder.decode(body).variables)

    expected = by_pydantic()
    assert ours() == expected == by_msgspec()
    assert list(debug_view(parse_variables(body))) == list(expected)
    work = (
        f"Python: response with {COUNT:,} variables ({len(body) / 1000:.0f} kB)"
        " → coerced, resolved debug view"
    )
    compare("2", work, "pydantic + orjson + loops", "report only", ours, by_pydantic)
    compare("2b", work, "msgspec + the same loops", "report only", ours, by_msgspec)
    compare(
        "2c",
        work,
        "orjson.loads of the bytes",
        "≤ 0.95×",
        ours,
        lambda: orjson.loads(body),
    )
