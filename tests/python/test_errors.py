"""The exceptions: classes, base classes, fields, pickling and copying."""

import copy
import pickle
from typing import Any

import cognigy_context as cc
import pytest
from cognigy_context import _core, _errors

FIELDS: dict[str, Any] = {
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


def test_every_error_kind_has_its_own_class() -> None:
    assert tuple(_errors.CLASS_OF_KIND) == _core._API_ERROR_KINDS
    classes = list(_errors.CLASS_OF_KIND.values())
    assert len(set(classes)) == len(classes)


def test_every_error_is_public_and_extends_cognigy_error() -> None:
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
def test_errors_extend_built_in_exceptions_or_a_general_error(
    error: type, base: type
) -> None:
    assert issubclass(error, base)


@pytest.mark.parametrize("error", CLASSES, ids=lambda error: error.__name__)
def test_errors_keep_their_fields_when_pickled_or_copied(error: Any) -> None:
    original = error("It failed.", **FIELDS)
    for copied in (
        pickle.loads(pickle.dumps(original)),
        copy.copy(original),
        copy.deepcopy(original),
    ):
        assert type(copied) is error
        assert str(copied) == "It failed."
        assert {name: getattr(copied, name) for name in FIELDS} == FIELDS


def test_fields_that_are_not_set_have_defaults() -> None:
    error = cc.ServerError("It failed.")
    assert (error.attempts, error.retryable, error.during_token) == (0, False, False)
    assert all(
        getattr(error, name) is None
        for name in FIELDS
        if name not in ("attempts", "retryable", "during_token")
    )


def test_a_validation_error_keeps_its_report_when_pickled_or_copied() -> None:
    with pytest.raises(cc.ValidationError) as raised:
        cc.check({"": 1}).raise_if_failed()
    for copied in (
        pickle.loads(pickle.dumps(raised.value)),
        copy.deepcopy(raised.value),
    ):
        assert copied.report == raised.value.report
        assert copied.issues == raised.value.issues
        assert str(copied) == str(raised.value) == str(raised.value.report)
        assert (copied.attempts, copied.retryable, copied.status) == (0, False, None)
