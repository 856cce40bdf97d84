"""The seed of all random choices of a test run, as a plugin of pytest.

Without ``TEST_SEED`` each run makes the same choices; with it, those of that integer. The soak draws
a seed of its own. A run that fails prints the seed with which it can be repeated.
"""

import os
import random

import pytest
from hypothesis import HealthCheck, settings

SOAK = bool(os.environ.get("SOAK"))
if SOAK:
    # In the environment, where the workers of pytest-xdist find the same one.
    os.environ.setdefault("TEST_SEED", str(random.SystemRandom().getrandbits(32)))

# None where the choices are the same in each run.
SEED = int(os.environ["TEST_SEED"]) if os.environ.get("TEST_SEED") else None

# Time is no property of the code: how long a draw takes depends on what else the machine does.
UNTIMED = settings(
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile("same", UNTIMED, derandomize=True)
# Without the database, so that the seed alone decides.
settings.register_profile("seeded", UNTIMED, database=None)
settings.load_profile("same" if SEED is None else "seeded")


def random_of(name: str) -> random.Random:
    """Makes the generator of a test's own choices.

    Args:
        name: Tells its choices from those of other tests.
    """
    return random.Random(f"{SEED} {name}")


def _shown() -> str:
    if SEED is None:
        return "TEST_SEED is not set: the same random choices in each run"
    return f"TEST_SEED={SEED} repeats the random choices of this run"


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if SEED is not None and config.getoption("--hypothesis-seed") is None:
        config.option.hypothesis_seed = SEED


def pytest_report_header() -> str:
    return _shown()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, exitstatus: int
) -> None:
    # The header is not shown with `-q`.
    if exitstatus == pytest.ExitCode.TESTS_FAILED:
        terminalreporter.write_line(_shown())


@pytest.fixture(autouse=True)
def _seeded() -> None:
    random.seed(SEED or 0)
