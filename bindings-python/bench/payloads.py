"""Rows 1 and 4: the bodies of injections and of state updates."""

import datetime
import json
from typing import Literal

import orjson
import pydantic
from measure import compare

from cognigy_context import InjectionPayload, StateUpdate

# The number of variables in a body.
COUNT = 100
MAX_INJECTION_BYTES = 262_144
MAX_STATE_BYTES = 524_288
MAX_VALUE_BYTES = 1_048_576


def variables() -> list[dict[str, object]]:
    """Returns 100 variables in the form of the API: scalars, short lists, flat objects."""
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


def payload_variables(variables: list[dict[str, object]]) -> list[dict[str, object]]:
    """Returns the variables as ``InjectionPayload`` takes them."""
    return [
        {"key": it["key"], "value": it["value"], "scope": it["scope"]}
        for it in variables
    ]


class VariableModel(pydantic.BaseModel):
    """A variable, as an integrator without this library would declare it."""

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
    given = payload_variables(wire)

    def ours() -> bytes:
        return InjectionPayload("s-1", given).to_json()

    def by_pydantic() -> bytes:
        model = PayloadModel(variables=[VariableModel(**variable) for variable in wire])
        text = json.dumps(
            model.model_dump(), separators=(",", ":"), ensure_ascii=False
        ).encode()
        if len(text) > MAX_INJECTION_BYTES:
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
    first_expiry = datetime.datetime(2030, 1, 31, 12, tzinfo=datetime.timezone.utc)
    expiring = [
        {**variable, "expires_at": first_expiry + datetime.timedelta(minutes=index)}
        for index, variable in enumerate(given)
    ]
    expiring_body = {
        "variables": [
            {**variable, "expiresAt": variable["expires_at"]} for variable in expiring
        ],
        "mergeStrategy": "atomic_put",
    }
    for variable in expiring_body["variables"]:
        del variable["expires_at"]
    assert InjectionPayload("s-1", expiring).to_json() == orjson.dumps(expiring_body)
    compare(
        "1d",
        work + f", with {COUNT} aware datetimes",
        "orjson.dumps of the ready body",
        "≤ 3×",
        lambda: InjectionPayload("s-1", expiring).to_json(),
        lambda: orjson.dumps(expiring_body),
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
            if len(json.dumps(value).encode()) > MAX_VALUE_BYTES:
                raise ValueError(name)
        text = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
        if len(text) > MAX_STATE_BYTES:
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
