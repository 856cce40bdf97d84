"""Rows 1 and 4: bodies of injections and of state updates."""

import datetime
import json
from typing import Literal

import orjson
import pydantic
from measuring import compare

from cognigy_context import InjectionPayload, StateUpdate

COUNT = 100


def variables() -> list[dict[str, object]]:
    """100 variables, about 8.7 kB of JSON: scalars, short lists, flat objects."""
    values: list[object] = [
        "gold, since the spring",
        42,
        129.5,
        True,
        None,
        ["crm", 7],
        {"id": "A-1001", "open": True},
    ]
    return [
        {
            "key": f"variable_{index}",
            "value": values[index % len(values)],
            "scope": ("session", "user", "global")[index % 3],
            "expiresAt": None,
        }
        for index in range(COUNT)
    ]


def ours_of(variables: list[dict[str, object]]) -> list[dict[str, object]]:
    """The same under the names that the payload's variables have."""
    return [
        {"key": v["key"], "value": v["value"], "scope": v["scope"]} for v in variables
    ]


class VariableModel(pydantic.BaseModel):
    """What an integrator writes today."""

    key: str = pydantic.Field(min_length=1, max_length=128, pattern=r"^[\w-]+$")
    value: object
    scope: Literal["session", "user", "global"] = "session"
    expiresAt: str | None = None


class PayloadModel(pydantic.BaseModel):
    variables: list[VariableModel]
    mergeStrategy: str = "atomic_put"


def row_1() -> None:
    wire = variables()
    body = {"variables": wire, "mergeStrategy": "atomic_put"}
    given = ours_of(wire)

    def ours() -> bytes:
        return InjectionPayload("s-1", given).to_json()

    def by_pydantic() -> bytes:
        model = PayloadModel(variables=[VariableModel(**variable) for variable in wire])
        text = json.dumps(
            model.model_dump(), separators=(",", ":"), ensure_ascii=False
        ).encode()
        if len(text) > 262_144:
            raise ValueError("too large")
        return text

    expected = orjson.dumps(body)
    assert ours() == expected, (ours()[:200], expected[:200])
    assert orjson.loads(by_pydantic()) == body
    work = f"Python: {COUNT} variables (dicts, {len(expected) / 1000:.1f} kB) → checked JSON body"
    compare("1", work, "pydantic + json.dumps", "≤ 1/35×", ours, by_pydantic)
    compare(
        "1b",
        work,
        "orjson.dumps of the ready body",
        "≤ 1.1×",
        ours,
        lambda: orjson.dumps(body),
    )
    parsed = orjson.loads(orjson.dumps(given))
    compare(
        "1c",
        work + ", dicts from a parser",
        "orjson.dumps of the ready body",
        "≤ 1.4×",
        lambda: InjectionPayload("s-1", parsed).to_json(),
        lambda: orjson.dumps(body),
    )
    until = datetime.datetime(2030, 1, 31, 12, tzinfo=datetime.timezone.utc)
    timed = [
        {**variable, "expires_at": until + datetime.timedelta(minutes=index)}
        for index, variable in enumerate(given)
    ]
    timed_body = {
        "variables": [
            {**variable, "expiresAt": variable["expires_at"]} for variable in timed
        ],
        "mergeStrategy": "atomic_put",
    }
    for variable in timed_body["variables"]:
        del variable["expires_at"]
    assert InjectionPayload("s-1", timed).to_json() == orjson.dumps(timed_body)
    compare(
        "1d",
        work + f", with {COUNT} aware datetimes",
        "orjson.dumps of the ready body",
        "≤ 3×",
        lambda: InjectionPayload("s-1", timed).to_json(),
        lambda: orjson.dumps(timed_body),
    )


def row_4() -> None:
    session = {
        f"variable_{index}": variable["value"] or 0
        for index, variable in enumerate(variables())
    }
    body = {"session": session}

    def ours() -> bytes:
        return StateUpdate(session=session).to_json()

    def by_hand() -> bytes:
        for name, value in session.items():
            if not name.isidentifier() or name.startswith(
                ("_cognigy", "_session", "_user", "cognigy_")
            ):
                raise ValueError(name)
            if not isinstance(value, str | int | float | bool | list | dict):
                raise TypeError(name)
            if len(json.dumps(value).encode()) > 1_048_576:
                raise ValueError(name)
        text = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
        if len(text) > 524_288:
            raise ValueError("too large")
        return text

    assert ours() == by_hand() == orjson.dumps(body)
    work = f"Python: StateUpdate of {COUNT} variables → checked bytes"
    compare(
        "4",
        work,
        "isidentifier/isinstance/json.dumps per value",
        "≤ 1/50×",
        ours,
        by_hand,
    )
    compare("4b", work, "orjson.dumps", "≤ 2×", ours, lambda: orjson.dumps(body))
