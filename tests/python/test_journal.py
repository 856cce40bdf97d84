"""Journals and audit files: which files are opened, what remains of a failed write, who can read them."""

import asyncio
import errno
import json
import os
import socket
import stat
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cognigy_context as cc
import pytest
from cognigy_context.testing import Sandbox
from pausing_proxy import PausingProxy

unix_only = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs Unix files")

JOURNAL_HEADER = "cognigy-context journal 1\n"
AUDIT_HEADER = '{"format":"cognigy-context audit","version":1}\n'


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[cc.Client]:
    sandbox.seed("s")
    with cc.Client(
        sandbox.url, api_key=sandbox.api_key, rate=None, max_retries=0
    ) as client:
        yield client


def rows(count: int) -> list[dict[str, Any]]:
    return [
        {"session_id": "s", "variables": [{"key": f"k{n}", "value": n}]}
        for n in range(count)
    ]


def statuses(run: cc.BulkRun) -> list[str]:
    return [outcome.status for outcome in run]


def open_audit(path: Path, **settings: Any) -> cc.Client:
    return cc.Client("https://host", api_key="k", audit=path, **settings)


@pytest.mark.parametrize(
    "content",
    [
        b'{"a": 1}',
        b"name,value\na,1\nb,2",
        b"\x7fELF\0\x01\n\xff",
        b"cognigy-context journal 2\n0 ab",
        b'{"format":"cognigy-context audit","version":2}',
        b"0 " + b"ab" * 16 + b"\n",
    ],
)
def test_a_file_of_another_format_is_rejected_and_unchanged(
    client: cc.Client, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    opened: dict[str, Callable[[], object]] = {
        "journal": lambda: client.inject_many([], journal=path),
        "audit": lambda: open_audit(path),
        "path": lambda: (cc.check_journal(path), cc.repair_journal(path)),
    }
    for name, open_file in opened.items():
        with pytest.raises(cc.ConfigurationError, match=f"^{name}: the file is"):
            open_file()
        assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


@unix_only
def test_anything_but_a_regular_file_is_rejected_without_waiting(
    client: cc.Client, tmp_path: Path
) -> None:
    fifo, sock, link = (tmp_path / name for name in ("fifo", "socket", "link"))
    os.mkfifo(fifo)
    link.symlink_to(fifo)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(sock))
        for path in (fifo, sock, link, tmp_path, Path(os.devnull)):
            for open_file in (
                lambda path=path: client.inject_many([], journal=path),
                lambda path=path: open_audit(path),
                lambda path=path: cc.check_journal(path),
                lambda path=path: cc.repair_journal(path),
            ):
                with pytest.raises(OSError, match="not a regular file") as raised:
                    open_file()
                assert raised.value.errno == errno.EINVAL
                assert raised.value.filename == str(path)


@unix_only
def test_only_the_owner_can_read_a_new_file(client: cc.Client, tmp_path: Path) -> None:
    journal, audit = tmp_path / "journal", tmp_path / "audit"
    client.inject_many([], journal=journal).close()
    open_audit(audit).close()
    journal.write_text(JOURNAL_HEADER + "damaged\n")
    cc.repair_journal(journal)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (journal, audit)]
    assert modes == [0o600, 0o600]


@unix_only
def test_the_lock_of_another_program_does_not_stop_an_audit_file(
    tmp_path: Path,
) -> None:
    import fcntl

    path = tmp_path / "audit"
    with path.open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        for _ in range(2):
            open_audit(path).close()
    assert path.read_text() == AUDIT_HEADER


def test_a_damaged_journal_keeps_its_sound_lines_and_can_be_repaired(
    client: cc.Client, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "journal"
    assert statuses(client.inject_many(rows(2), journal=path)) == ["injected"] * 2
    sound = path.read_text()
    path.write_text(sound + "5 0123456789abc5 0123\n\0\0\n7 01")
    report = cc.check_journal(path)
    assert (report.lines, report.confirmed, report.damaged, report.partial) == (
        *(4, 2, 2, True),
    )
    assert not report.is_sound
    run = client.inject_many(rows(3), journal=path)
    (logged,) = caplog.records
    assert logged.levelname == "WARNING"
    assert logged.getMessage().startswith("the journal has damaged lines")
    with pytest.raises(BlockingIOError, match="another process uses the file"):
        cc.repair_journal(path)
    assert sorted(statuses(run)) == ["injected", "skipped", "skipped"]
    assert cc.repair_journal(path).damaged == 2
    repaired = cc.check_journal(path)
    assert repr(repaired) == (
        "JournalReport(lines=3, confirmed=3, damaged=0, partial=False)"
    )
    assert repaired.is_sound and repaired == cc.repair_journal(path)
    assert path.read_text().startswith(JOURNAL_HEADER)
    with pytest.raises(FileNotFoundError):
        cc.repair_journal(tmp_path / "missing")


@unix_only
def test_a_run_continues_after_the_disk_was_full(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.seed("s")
    journal = tmp_path / "journal"
    # The limit makes a write partial, as a full disk does. It concerns every file of the process.
    code = """
        import os, resource, sys, cognigy_context as cc
        url, journal = sys.argv[1:]
        rows = [
            {"session_id": "s", "variables": [{"key": f"k{n}", "value": n}]}
            for n in range(4)
        ]
        with cc.Client(url, api_key="sandbox-key", rate=None, max_concurrent=1) as client:
            def run(count):
                return [it.status for it in client.inject_many(rows[:count], journal=journal)]
            print(*run(1), end=" | ")
            size = os.path.getsize(journal)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10, resource.RLIM_INFINITY))
            print(*run(3), end=" | ")
            assert os.path.getsize(journal) == size
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
            print(*run(4))
        """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), sandbox.url, str(journal)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.stderr, done.returncode) == ("", 0)
    assert done.stdout == (
        "injected | skipped unconfirmed unconfirmed | "
        "skipped injected injected injected\n"
    )
    assert cc.check_journal(journal).is_sound


@pytest.mark.parametrize("is_deleted", [True, False])
def test_a_deleted_or_replaced_journal_confirms_nothing(
    client: cc.Client, tmp_path: Path, is_deleted: bool
) -> None:
    journal = tmp_path / "journal"
    run = client.inject_many(rows(3), journal=journal, concurrency=1)
    assert next(run).status == "injected"
    if is_deleted:
        journal.unlink()
    else:
        other = tmp_path / "other"
        other.write_text(JOURNAL_HEADER)
        other.replace(journal)
    assert statuses(run) == ["unconfirmed"] * 2


def test_records_for_a_deleted_audit_file_are_logged_as_failures(
    sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "audit"
    with cc.Client(sandbox.url, api_key=sandbox.api_key, audit=path) as client:
        assert not client.session_exists("s")
        path.unlink()
        assert not client.session_exists("s")
    (logged,) = caplog.records
    assert "deleted or replaced" in logged.getMessage()


@pytest.mark.parametrize("is_durable", [False, True])
def test_durable_files_have_the_same_content(
    sandbox: Sandbox, tmp_path: Path, is_durable: bool
) -> None:
    sandbox.seed("s")
    journal, audit = tmp_path / "journal", tmp_path / "audit"
    with cc.Client(
        sandbox.url,
        api_key=sandbox.api_key,
        audit=[audit],
        audit_durable=is_durable,
    ) as client:
        run = client.inject_many(rows(2), journal=journal, durable=is_durable)
        assert statuses(run) == ["injected"] * 2
        for durable in (1, None, "yes"):
            with pytest.raises(TypeError, match="^durable must be a bool"):
                client.inject_many([], durable=durable)  # type: ignore[arg-type]
    assert cc.check_journal(journal).confirmed == 2
    header, *records = audit.read_text().splitlines(keepends=True)
    assert header == AUDIT_HEADER
    assert [json.loads(record)["operation"] for record in records] == ["inject"] * 2
    with pytest.raises(TypeError, match="^audit_durable must be a bool"):
        open_audit(audit, audit_durable=None)


def test_a_path_of_another_type_is_a_type_error_that_names_the_argument(
    client: cc.Client,
) -> None:
    invalid: Any
    for invalid in (5, b"journal", ["journal"]):
        with pytest.raises(TypeError, match="^path must be a str or a path, not "):
            cc.check_journal(invalid)
        with pytest.raises(TypeError, match="^path must be a str or a path, not "):
            cc.repair_journal(invalid)
        with pytest.raises(TypeError, match="^journal must be a str or a path, not "):
            client.inject_many([], journal=invalid)

    class RaisingPath:
        def __fspath__(self) -> str:
            raise LookupError("no path")

    with pytest.raises(LookupError, match="no path"):
        client.inject_many([], journal=RaisingPath())


def test_a_closed_run_with_calls_in_flight_releases_its_journal_at_once(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.seed("s")
    journal = tmp_path / "journal"
    with (
        PausingProxy(sandbox.url, "/context") as proxy,
        cc.Client(proxy.url, api_key=sandbox.api_key, rate=None) as client,
    ):
        run = client.inject_many(rows(9), journal=journal)
        waiting = threading.Thread(target=statuses, args=(run,))
        waiting.start()
        proxy.wait_until_paused()
        run.close()
        client.inject_many([], journal=journal).close()
        waiting.join()
    assert run.summary["total"] == 0


def test_a_closed_async_run_with_calls_in_flight_releases_its_journal_at_once(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.seed("s")
    journal = tmp_path / "journal"

    async def main() -> None:
        async with cc.AsyncClient(sandbox.url, api_key=sandbox.api_key) as client:
            for _ in range(10):
                run = client.inject_many(rows(50), journal=journal, durable=True)
                await anext(run)
                await run.aclose()

    asyncio.run(main())
    assert cc.check_journal(journal).is_sound


def test_durable_needs_a_file() -> None:
    client = cc.Client("http://127.0.0.1:1", api_key="k")
    with client, pytest.raises(cc.ConfigurationError, match="^durable needs a journal"):
        client.inject_many([], durable=True)
    for audit in (None, [], print, [print]):
        with pytest.raises(cc.ConfigurationError, match="^audit_durable needs a file"):
            cc.Client(
                "http://127.0.0.1:1", api_key="k", audit=audit, audit_durable=True
            )
