"""What the tests share: a sandbox, a client of it, and the place of the corpus."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from cognigy_context import Client
from cognigy_context.testing import Sandbox

pytest_plugins = ["seed"]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "soak: takes long; run by `make soak` alone")


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    # Here, as pytest has to load its plugin first.
    from seed import SOAK

    if SOAK:
        return
    soaks = [item for item in items if item.get_closest_marker("soak")]
    config.hook.pytest_deselected(items=soaks)
    items[:] = [item for item in items if item not in soaks]


# What is started in the background of a shell does not heed Ctrl-C, and neither would what it starts.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

CORPUS = Path(os.environ.get("CORPUS", Path(__file__).parent.parent / "corpus"))


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("COGNIGY_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox of the test's own, which no request of an earlier test can reach late."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    """A client that tells of each failure at once."""
    with Client(sandbox.url, api_key=sandbox.api_key, max_retries=0) as client:
        yield client
