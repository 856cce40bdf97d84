"""``inject_many``: outcomes, reading of items, journals, killed processes."""

import asyncio
import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cognigy_context as cc
import pytest
from cognigy_context.testing import Sandbox
from pausing_proxy import PausingProxy


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[cc.Client]:
    with cc.Client(
        sandbox.url, api_key=sandbox.api_key, rate=None, max_retries=0
    ) as client:
        yield client


def row(session_id: str, **variables: object) -> dict[str, Any]:
    """Returns an item with variables of a session."""
    named = [{"key": key, "value": value} for key, value in variables.items()]
    return {"session_id": session_id, "variables": named}


def test_inject_many_yields_an_outcome_for_each_item(
    client: cc.Client, sandbox: Sandbox
) -> None:
    sandbox.seed("s")
    items: list[Any] = [
        row("s", a=1),
        cc.InjectionPayload("s", [cc.Variable("b", 2)]),
        row("unknown", c=3),
        row("s", **{"bad name": 4}),
        row("..", d=5),
        (row("s", e=6), {"case": 7}),
    ]
    summaries: list[Any] = []
    run = client.inject_many(items, on_progress=summaries.append)
    outcomes = sorted(run, key=lambda outcome: outcome.index)
    assert [outcome.status for outcome in outcomes] == [
        *("injected", "injected", "failed", "failed", "failed", "injected")
    ]
    kinds = [type(outcome.error) for outcome in outcomes if outcome.error]
    assert kinds == [*(cc.SessionNotFoundError, cc.ValidationError, cc.ValidationError)]
    assert outcomes[0].session == cc.hash_session_id("s")
    assert run.summary == summaries[-1]
    assert run.summary == {
        "total": 6,
        "injected": 3,
        "unconfirmed": 0,
        "skipped": 0,
        "failed": 3,
    }
    assert list(run) == []
    assert client.get_injected("s").variables == {"a": 1, "b": 2, "e": 6}


def test_inject_many_reads_only_as_many_items_as_it_sends_concurrently(
    client: cc.Client, sandbox: Sandbox
) -> None:
    sandbox.seed("s")
    read = 0
    caller = threading.current_thread()

    def rows() -> Iterator[dict[str, Any]]:
        nonlocal read
        for n in range(10_000):
            assert threading.current_thread() is caller
            read = n + 1
            yield row("s", n=n)

    run = client.inject_many(rows(), concurrency=3)
    assert read == 0
    for finished, _ in enumerate(run, 1):
        assert read <= finished + 3
        if finished == 50:
            break
    run.close()
    assert list(run) == []


def test_an_error_of_the_input_is_raised_after_the_earlier_items(
    client: cc.Client, sandbox: Sandbox
) -> None:
    sandbox.seed("s")

    def rows() -> Iterator[Any]:
        yield row("s", a=1)
        yield row("s", b=2)
        raise LookupError("a row is missing")

    run = client.inject_many(rows())
    statuses = []
    with pytest.raises(LookupError, match="missing"):
        for outcome in run:
            statuses.append(outcome.status)
    assert statuses == ["injected", "injected"]
    with pytest.raises(TypeError, match="InjectionPayload"):
        list(client.inject_many([row("s", c=3), 5]))
    assert client.get_injected("s").variables == {"a": 1, "b": 2, "c": 3}
    with pytest.raises(TypeError):
        client.inject_many(5)  # type: ignore[arg-type]


def test_a_journal_skips_confirmed_items_in_the_next_run(
    client: cc.Client, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.seed("s")
    journal = tmp_path / "rows.journal"
    items = [row("s", **{f"k{n}": n}) for n in range(20)]
    first = client.inject_many(items[:12], journal=journal)
    assert {outcome.status for outcome in first} == {"injected"}
    del first
    sent = len(sandbox.requests())
    again = client.inject_many(items, journal=str(journal))
    list(again)
    assert (again.summary["skipped"], again.summary["injected"]) == (12, 8)
    assert len(sandbox.requests()) == sent + 8


def test_a_locked_or_invalid_journal_is_rejected(
    client: cc.Client, tmp_path: Path
) -> None:
    journal = tmp_path / "rows.journal"
    first = client.inject_many([], journal=journal)
    with pytest.raises(BlockingIOError):
        client.inject_many([], journal=journal)
    assert list(first) == []
    other = tmp_path / "other"
    other.write_text("this is no journal\n")
    with pytest.raises(
        cc.ConfigurationError, match="journal: the file is not a journal"
    ):
        client.inject_many([], journal=other)
    with pytest.raises(OSError):
        client.inject_many([], journal=tmp_path / "missing" / "rows.journal")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("ending", ["close", "del", "exhaust"])
def test_a_journal_can_be_reopened_after_its_run_while_a_forked_child_lives(
    client: cc.Client, sandbox: Sandbox, tmp_path: Path, ending: str
) -> None:
    sandbox.seed("s")
    journal = tmp_path / "rows.journal"
    run: Any = client.inject_many([row("s", a=1), row("s", b=2)], journal=journal)
    assert next(run).status == "injected"
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        # The child drops its copy of the run and waits until the parent closes the pipe.
        del run
        os.close(writer)
        os.read(reader, 1)
        os._exit(0)
    try:
        with pytest.raises(BlockingIOError):
            client.inject_many([], journal=journal)
        match ending:
            case "close":
                run.close()
            case "del":
                del run
            case "exhaust":
                assert [outcome.status for outcome in run] == ["injected"]
        assert list(client.inject_many([], journal=journal)) == []
    finally:
        os.close(writer)
        os.close(reader)
        os.waitpid(child, 0)


def test_an_async_run_releases_its_journal_when_closed_or_exhausted(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.seed("s")
    journal = tmp_path / "rows.journal"
    items = [row("s", a=1), row("s", b=2)]

    async def main() -> None:
        async with cc.AsyncClient(sandbox.url, api_key=sandbox.api_key) as client:
            closed = client.inject_many(items, journal=journal)
            assert (await anext(closed)).status == "injected"
            await closed.aclose()
            exhausted = client.inject_many(items, journal=journal)
            assert len([outcome async for outcome in exhausted]) == 2
            again = client.inject_many(items, journal=journal)
            assert [outcome.status async for outcome in again] == ["skipped"] * 2

    asyncio.run(main())


def test_a_killed_run_resumes_after_the_confirmed_items(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.seed("s")
    journal = tmp_path / "rows.journal"
    code = """
        import sys, threading, cognigy_context as cc
        client = cc.Client(sys.argv[1], api_key="sandbox-key", rate=None, max_concurrent=4)
        def rows():
            for n in range(400):
                if n == int(sys.argv[3]):
                    threading.Event().wait()
                yield {"session_id": "s", "variables": [{"key": f"k{n}", "value": n}]}
        run = client.inject_many(rows(), journal=sys.argv[2])
        for outcome in run:
            print(outcome.status, flush=True)
        print(run.summary, flush=True)
        """
    arguments = [sys.executable, "-c", textwrap.dedent(code), sandbox.url, str(journal)]
    # Each process is killed after 30 outcomes, and never reads the row `stop`.
    for stop in ("100", "200", "300"):
        with subprocess.Popen(
            [*arguments, stop], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout
            for _ in range(30):
                process.stdout.readline()
            process.kill()
    confirmed = cc.check_journal(journal).confirmed
    assert 0 < confirmed <= 300
    # The last process reads all rows.
    done = subprocess.run(
        [*arguments, "-1"], capture_output=True, text=True, check=True
    )
    summary = done.stdout.splitlines()[-1]
    assert f"'injected': {400 - confirmed}, " in summary
    assert f"'skipped': {confirmed}, " in summary
    with cc.Client(sandbox.url, api_key=sandbox.api_key) as client:
        variables = client.get_injected("s").variables
    assert variables == {f"k{n}": n for n in range(400)}


def test_32_threads_can_share_a_client(client: cc.Client, sandbox: Sandbox) -> None:
    sandbox.seed("s")

    def work(number: int) -> None:
        for turn in range(5):
            client.inject(row("s", **{f"k{number}_{turn}": turn}))

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(work, range(32)))
    variables = client.get_injected("s").variables
    assert variables == {f"k{n}_{turn}": turn for n in range(32) for turn in range(5)}
    assert client.metrics()["success_count"] == 160


def test_close_waits_for_queued_webhook_deliveries(sandbox: Sandbox) -> None:
    sandbox.seed("s")
    with PausingProxy(sandbox.url, "/_sandbox/webhook") as proxy:
        client = cc.Client(
            sandbox.url,
            api_key=sandbox.api_key,
            crm_webhook=f"{proxy.url}/_sandbox/webhook",
        )
        client.inject(row("s", a=1), {"case": 7})
        assert client.metrics()["dropped_notices"] == 0
        proxy.wait_until_paused()
        closing = threading.Thread(target=client.close)
        closing.start()
        closing.join(0.1)
        assert closing.is_alive()
        proxy.resume()
        closing.join()
    assert len(sandbox.webhooks()) == 1
