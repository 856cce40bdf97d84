"""Fixtures of all tests (a sandbox and a client), and the folder of the corpus."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from cognigy_context import Client
from cognigy_context.testing import Sandbox

pytest_plugins = ["seed"]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "soak: a long test; only `make soak` runs it")


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    # Imported here, because pytest must load the plugin first.
    from seed import SOAK

    if SOAK:
        return
    soaks = [item for item in items if item.get_closest_marker("soak")]
    config.hook.pytest_deselected(items=soaks)
    items[:] = [item for item in items if item not in soaks]


# A shell starts background processes with Ctrl-C ignored, and their child processes inherit that.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

CORPUS = Path(os.environ.get("CORPUS", Path(__file__).parent.parent / "corpus"))


@pytest.fixture(autouse=True)
def _clear_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Removes the settings of a client and of proxies from the environment."""
    for name in list(os.environ):
        if name.startswith("COGNIGY_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Returns a new sandbox, which no late request of another test can reach."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    """Returns a client of the sandbox that does not retry."""
    with Client(sandbox.url, api_key=sandbox.api_key, max_retries=0) as client:
        yield client
