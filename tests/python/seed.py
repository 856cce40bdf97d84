"""A pytest plugin that seeds all random choices of a test run.

Without ``TEST_SEED`` each run makes the same choices. The variable, an integer, selects others. The soak
tests use a random seed. A run that fails prints the seed that repeats it.
"""

import os
import random

import pytest
from hypothesis import HealthCheck, settings

SOAK = bool(os.environ.get("SOAK"))
if SOAK:
    # In the environment, so that the workers of pytest-xdist use the same seed.
    os.environ.setdefault("TEST_SEED", str(random.SystemRandom().getrandbits(32)))

# None: the choices are the same in each run.
SEED = int(os.environ["TEST_SEED"]) if os.environ.get("TEST_SEED") else None

# No time limits, because the time of an example depends on the load of the machine.
UNTIMED = settings(
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile("same", UNTIMED, derandomize=True)
# Without the database, so that only the seed determines the examples.
settings.register_profile("seeded", UNTIMED, database=None)
settings.load_profile("same" if SEED is None else "seeded")


def random_of(name: str) -> random.Random:
    """Returns a random number generator for one test.

    Args:
        name: A name that no other test uses, so that its choices differ from theirs.
    """
    return random.Random(f"{SEED} {name}")


def _seed_message() -> str:
    if SEED is None:
        return "TEST_SEED is not set: each run makes the same random choices"
    return f"TEST_SEED={SEED} repeats the random choices of this run"


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if SEED is not None and config.getoption("--hypothesis-seed") is None:
        config.option.hypothesis_seed = SEED


def pytest_report_header() -> str:
    return _seed_message()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, exitstatus: int
) -> None:
    # The header is not shown with `-q`.
    if exitstatus == pytest.ExitCode.TESTS_FAILED:
        terminalreporter.write_line(_seed_message())


@pytest.fixture(autouse=True)
def _seeded() -> None:
    random.seed(SEED or 0)
