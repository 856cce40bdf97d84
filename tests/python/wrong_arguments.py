"""Calls every public callable with wrong values in every place, and prints the outcome as JSON.

Runs in a process of its own, so that a hang or a crash fails only this process. Each place that is
about to be tried is written to the standard error.
"""

import asyncio
import json
import os
import re
import resource
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cognigy_context as cc
from stub_callables import Parameter, read_callables
from valid_arguments import FIELDS, Call, valid_calls
from wrong_values import WRONG_VALUES, CallerError

# The message of a TypeError of this package, or of Python for a wrong number or name of arguments.
NAMED = re.compile(
    r"\bmust (be|have|return)\b|^\w+: \(requests|missing \d+ required|unexpected keyword"
    r"|takes (\d+ positional|no keyword)|expected \d+ argument|unhashable|Cannot hash"
)
PACKAGE = Path(cc.__file__).parent
SOURCES = [
    PACKAGE / "_core.pyi",
    PACKAGE / "_async_client.py",
    PACKAGE / "_async_bulk.py",
    PACKAGE / "testing.py",
]
# Created by calls, not by callers.
CREATED_BY_THE_PACKAGE = {"AsyncBulkRun"}
# Send their arguments as JSON to the sandbox, which is for tests.
SANDBOX_REQUESTS = re.compile(r"Sandbox\.(?!defaults$|start$|stop$)")


def main() -> None:
    os.chdir(tempfile.mkdtemp())
    warnings.simplefilter("ignore")
    loop = asyncio.new_event_loop()
    calls = valid_calls(loop)
    declared = {
        name: parameters
        for name, parameters in read_callables(*SOURCES).items()
        if not SANDBOX_REQUESTS.match(name)
    }
    run = Run()
    for name, call in calls.items():
        run.attempt(
            f"{name} with valid arguments", call, dict(call[1]), [], is_valid=True
        )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name, parameters in declared.items():
        if name in calls:
            run.try_places(name, calls[name], parameters)
    for name, call in calls.items():
        run.attempt(
            f"{name} with valid arguments, afterwards", call, dict(call[1]), [], True
        )
    public = {
        name
        for name in cc.__all__
        if callable(getattr(cc, name)) and not _is_error_class(getattr(cc, name))
    }
    result = {
        "callables": len(declared),
        "places": run.places,
        "attempts": sum(run.outcomes.values()) + len(run.failures),
        "missing": sorted(declared.keys() - calls.keys() - CREATED_BY_THE_PACKAGE),
        "unknown": sorted(calls.keys() - declared.keys()),
        "not_declared": sorted(
            public - {name.split(".")[0] for name in declared} - _RESULTS
        ),
        "outcomes": run.outcomes,
        "failures": run.failures[:200],
        "grown_mib": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory)
        >> 10,
    }
    print(json.dumps(result))
    # Threads of the runtime must not delay the end.
    sys.stdout.flush()


# The classes of results, which have only properties.
_RESULTS = {
    "ContextUpdate",
    "DialogState",
    "Document",
    "InjectedVariables",
    "InjectionResult",
    "StateUpdateResult",
    "BulkOutcome",
}


def _is_error_class(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, BaseException)


class Run:
    """Counts the calls and collects their failures."""

    def __init__(self) -> None:
        self.places = 0
        self.outcomes: Counter[str] = Counter()
        self.failures: list[str] = []

    def try_places(self, name: str, call: Call, parameters: list[Parameter]) -> None:
        """Tries every wrong value in every place of a callable."""
        positional = [each.name for each in parameters if each.is_positional_only]
        paths: list[tuple[tuple[str | int, ...], bool]] = []
        for parameter in parameters:
            paths.append(((parameter.name,), False))
            if parameter.is_callback:
                paths.append(((parameter.name,), True))
        paths += [(path, False) for path in FIELDS.get(name, [])]
        for path, is_result in paths:
            self.places += 1
            place = f"{name} {'.'.join(map(str, path))}{'()' if is_result else ''}"
            print(place, file=sys.stderr, flush=True)
            for what, create in WRONG_VALUES.items():
                value = _returning(create) if is_result else create()
                arguments = _replace(call[1], path, value)
                self.attempt(f"{place}: {what}", call, arguments, positional)
        self.attempt(f"{name} without arguments", call, {}, [])
        self.attempt(
            f"{name} with an unknown argument",
            call,
            {**call[1], "wrong": 1},
            positional,
        )

    def attempt(
        self,
        what: str,
        call: Call,
        arguments: dict[str, Any],
        positional: list[str],
        is_valid: bool = False,
    ) -> None:
        """Makes one call."""
        function, _ = call
        given = [arguments.pop(name) for name in positional if name in arguments]
        if is_valid:
            # Functions with positional-only parameters.
            for name in ("pages", "other", "key", "name", "default"):
                if name in arguments and _is_positional_only(what, name):
                    given.append(arguments.pop(name))
        try:
            function(*given, **arguments)
        except BaseException as error:  # noqa: BLE001 (a panic is a BaseException)
            problem = _problem_of(what, error, is_valid)
            if problem:
                self.failures.append(f"{what}: {problem}")
            else:
                self.outcomes[type(error).__name__] += 1
        else:
            self.outcomes["value"] += 1


def _is_positional_only(what: str, name: str) -> bool:
    return name in ("pages", "other") or (
        what.startswith("Variables.") and name != "pages"
    )


def _problem_of(what: str, error: BaseException, is_valid: bool) -> str | None:
    try:
        text = f"{type(error).__name__}: {str(error)[:200]}"
    except CallerError:
        text = type(error).__name__
    if isinstance(error, CallerError):
        return text if is_valid else None
    if isinstance(error, cc.CognigyError):
        # Nothing listens on the address of the client.
        if is_valid and not isinstance(error, cc.NetworkError):
            return text
        return f"{text} repeats the value" if "wrong text" in str(error) else None
    if is_valid:
        return text
    if isinstance(error, KeyError) and what.startswith("Variables.__getitem__"):
        return None
    if type(error) is TypeError:
        return None if NAMED.search(str(error)) else text
    if type(error) is ValueError:
        return None
    # As for `tuple(argument)`.
    if type(error) is MemoryError and "claims to be long" in what:
        return None
    # Files and addresses, as the documentation says.
    if isinstance(error, OSError) and re.search(
        r"(\b|_)(journal|audit|host|port)\b", what
    ):
        return None
    return text + "".join(traceback.format_exception(error)[-3:])


def _returning(create: Callable[[], Any]) -> Callable[..., Any]:
    return lambda *_: create()


def _replace(value: Any, path: tuple[str | int, ...], new: Any) -> Any:
    """Returns a copy of a dict or list with another value at a path."""
    step, *rest = path
    if isinstance(step, int):
        copy: Any = (
            list(value) if isinstance(value, (list, tuple)) else [None] * (step + 1)
        )
        copy[step] = _replace(copy[step], tuple(rest), new) if rest else new
        return tuple(copy) if isinstance(value, tuple) else copy
    copy = dict(value) if isinstance(value, dict) else {}
    copy[step] = _replace(copy.get(step), tuple(rest), new) if rest else new
    return copy


if __name__ == "__main__":
    main()
