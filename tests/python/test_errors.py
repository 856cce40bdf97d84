"""The exceptions: one tree, complete, and fit to travel."""

import copy
import pickle
from typing import Any

import cognigy_context as cc
import pytest
from cognigy_context import _core, _errors

FACTS: dict[str, Any] = {
    "operation": "inject_context",
    "status": 503,
    "session": "6a84",
    "attempts": 2,
    "retryable": True,
    "hint": "Wait.",
    "code": 1004,
    "trace_id": "t-1",
    "retry_after": 1.5,
    "current_tag": '"7"',
    "during_token": True,
}
CLASSES = [cc.CognigyError, cc.ConfigurationError, *_errors.CLASS_OF_KIND.values()]


def test_every_kind_of_failure_has_a_class_of_its_own() -> None:
    assert tuple(_errors.CLASS_OF_KIND) == _core._API_ERROR_KINDS
    classes = list(_errors.CLASS_OF_KIND.values())
    assert len(set(classes)) == len(classes)


def test_every_error_is_public_and_has_one_root() -> None:
    defined = {
        value
        for value in vars(_errors).values()
        if isinstance(value, type) and issubclass(value, Exception)
    }
    assert defined == {
        getattr(cc, name) for name in cc.__all__ if name.endswith("Error")
    }
    for error in defined:
        assert issubclass(error, cc.CognigyError)
        assert error.__module__ == "cognigy_context" and error.__doc__


@pytest.mark.parametrize(
    ("error", "base"),
    [
        (cc.ValidationError, ValueError),
        (cc.ConfigurationError, ValueError),
        (cc.NetworkError, ConnectionError),
        (cc.DeadlineError, TimeoutError),
        (cc.StateConflictError, cc.ConflictError),
    ],
)
def test_built_in_bases(error: type, base: type) -> None:
    assert issubclass(error, base)


@pytest.mark.parametrize("error", CLASSES, ids=lambda error: error.__name__)
def test_errors_travel_with_their_facts(error: Any) -> None:
    made = error("It failed.", **FACTS)
    for again in (
        pickle.loads(pickle.dumps(made)),
        copy.copy(made),
        copy.deepcopy(made),
    ):
        assert type(again) is error
        assert str(again) == "It failed."
        assert {name: getattr(again, name) for name in FACTS} == FACTS


def test_an_error_without_facts_has_them_all_as_nothing() -> None:
    made = cc.ServerError("It failed.")
    assert (made.attempts, made.retryable, made.during_token) == (0, False, False)
    assert all(
        getattr(made, name) is None
        for name in FACTS
        if name not in ("attempts", "retryable", "during_token")
    )


def test_a_validation_error_travels_with_its_report() -> None:
    with pytest.raises(cc.ValidationError) as raised:
        cc.check({"": 1}).raise_if_failed()
    for again in (
        pickle.loads(pickle.dumps(raised.value)),
        copy.deepcopy(raised.value),
    ):
        assert again.report == raised.value.report
        assert again.issues == raised.value.issues
        assert str(again) == str(raised.value) == str(raised.value.report)
        assert (again.attempts, again.retryable, again.status) == (0, False, None)
