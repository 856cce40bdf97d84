"""Runs the benchmarks one after another and writes their results.

Each benchmark prints one JSON line per table row or growth point. When a benchmark fails, the others
still run and their results are written; the failures are listed at the end.
"""

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import growth
import table
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / "build/bench"
PYTHON = str(HOME / "venv/bin/python")
PYTHON_ROWS = (PYTHON, "bindings-python/bench/rows.py")
CARGO = ("cargo", "bench", "--quiet", "-p", "cognigy-context", "--bench")


@dataclass
class Group:
    """Benchmarks that one command runs."""

    title: str
    command: tuple[str, ...]
    rows: tuple[str, ...] = ()
    # Expected seconds, for the progress bar.
    expected_seconds: int = 60
    # Whether the command accepts row numbers as arguments.
    accepts_rows: bool = False


GROUPS = {
    "rust": Group("Rust", (*CARGO, "rows"), ("13",), 110),
    "python": Group(
        "Python", PYTHON_ROWS, ("1", "2", "3", "4", "5"), 60, accepts_rows=True
    ),
    "network": Group(
        "Python over a network", PYTHON_ROWS, ("6", "7"), 300, accepts_rows=True
    ),
    "node": Group(
        "Node", ("scripts/bench/node.sh", "rows.mjs"), ("8", "9", "10", "11", "12")
    ),
    "service": Group("the webhook service", ("scripts/bench/service.sh",), ("14",), 90),
    "growth-rust": Group("growth in Rust", (*CARGO, "growth"), expected_seconds=120),
    "growth-python": Group(
        "growth in Python", (PYTHON, "bindings-python/bench/growth.py")
    ),
    "growth-node": Group(
        "growth in Node", ("scripts/bench/node.sh", "growth.mjs"), expected_seconds=120
    ),
}


@dataclass
class Results:
    """The results of a run."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    growth: list[dict[str, Any]] = field(default_factory=list)
    # The section about the service, as Markdown.
    service: str = ""
    # Titles of the groups that failed.
    failed: list[str] = field(default_factory=list)


def select_groups(names: list[str]) -> dict[str, tuple[str, ...]]:
    """Returns the selected groups, each with its selected rows."""
    if not names:
        return {name: group.rows for name, group in GROUPS.items()}
    picked: dict[str, tuple[str, ...]] = {}
    for name in names:
        found = False
        for group_name, group in GROUPS.items():
            if name in (group_name, group_name.split("-")[0]):
                picked[group_name] = group.rows
            elif name in group.rows:
                picked[group_name] = (*picked.get(group_name, ()), name)
            else:
                continue
            found = True
        if not found:
            groups = ", ".join([*GROUPS, "growth"])
            sys.exit(
                f"bench: unknown group or row {name!r}. Groups: {groups}; rows: 1 to 14."
            )
    return {name: picked[name] for name in GROUPS if name in picked}


def lines_of(command: tuple[str, ...], log: Path) -> Iterator[str | None]:
    """Yields the output lines of a command, and None every 0.2 s without output.

    Raises:
        RuntimeError: The command failed.
    """
    with (
        log.open("w", encoding="utf-8") as errors,
        subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        assert process.stdout
        lines: queue.Queue[str] = queue.Queue()

        def read(stream: Any = process.stdout) -> None:
            for line in stream:
                lines.put(line)

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        try:
            while reader.is_alive() or not lines.empty():
                try:
                    yield lines.get(timeout=0.2)
                except queue.Empty:
                    yield None
        finally:
            if reader.is_alive():
                process.terminate()
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} exited with code {process.returncode}")


def service_row(figures: dict[str, Any]) -> dict[str, Any]:
    """Returns row 14 from the results of the service benchmark."""
    ours = figures["ours"]["requests_per_second"]
    theirs = figures["hand_written"]["requests_per_second"]
    return {
        "row": "14",
        "work": "webhook service: an event, one worker, Redis on loopback",
        "peer": "the same by hand (FastAPI + httpx + redis-py, a token per event)",
        "ratio": theirs / ours,
        "ours_seconds": 1 / ours,
        "theirs_seconds": 1 / theirs,
    }


class Display:
    """Shows progress: a bar on a terminal, plain lines elsewhere."""

    def __init__(self, total: int) -> None:
        self.console = Console(highlight=False, soft_wrap=True)
        bar = (
            TextColumn("bench: {task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
        )
        terminal = self.console.is_terminal
        self.progress = Progress(*bar, console=self.console, disable=not terminal)
        self.task = self.progress.add_task("", total=total)
        self.terminal = terminal

    def say(self, text: str) -> None:
        self.console.print(f"bench: {text}", markup=False)

    def set_progress(self, done: float, title: str) -> None:
        """Sets the completed seconds and the title of the bar."""
        self.progress.update(self.task, completed=done, description=title)

    def print_result(self, line: dict[str, Any]) -> None:
        """Prints a table row, or the growth point of 1,000,000 variables."""
        if "row" in line:
            self.say(table.summary(line))
        elif not self.terminal and line["size"] == 1_000_000:
            self.say(f"{line['growth']}: {line['seconds']:.3g} s for 1,000,000")


def run_group(
    name: str, rows: tuple[str, ...], display: Display, done: int
) -> list[Any]:
    """Returns the results of a group. When the group fails, its earlier results are lost."""
    group = GROUPS[name]
    command = (*group.command, *rows) if group.accepts_rows else group.command
    service = HOME / "service.json"
    if name == "service":
        service.unlink(missing_ok=True)
    lines, start = [], time.monotonic()
    display.set_progress(done, group.title)
    for text in lines_of(command, HOME / f"{name}.log"):
        display.set_progress(
            done + min(time.monotonic() - start, 0.98 * group.expected_seconds),
            group.title,
        )
        if text and text.startswith("{"):
            lines.append(json.loads(text))
            display.print_result(lines[-1])
    if name == "service":
        lines.append(service_row(json.loads(service.read_text("utf-8"))))
        display.print_result(lines[-1])
    if not lines:
        raise RuntimeError("no results")
    return lines


def run(picked: dict[str, tuple[str, ...]]) -> Results:
    results, done, began = Results(), 0, time.monotonic()
    total = sum(GROUPS[name].expected_seconds for name in picked)
    display = Display(total)
    with display.progress:
        for name, rows in picked.items():
            group = GROUPS[name]
            start = time.monotonic()
            if not display.terminal:
                display.say(f"{group.title}, with its peers" if rows else group.title)
            try:
                lines = run_group(name, rows, display, done)
            except (OSError, RuntimeError, ValueError, KeyError) as error:
                results.failed.append(group.title)
                log = (HOME / f"{name}.log").read_text("utf-8").splitlines()
                display.say(
                    "\n  ".join([f"{group.title}: failed: {error}", *log[-15:]])
                )
                continue
            finally:
                done += group.expected_seconds
            display.say(f"{group.title}: {time.monotonic() - start:.0f} s")
            results.rows += [line for line in lines if "row" in line]
            results.growth += [line for line in lines if "growth" in line]
            if name == "service":
                results.service = (HOME / "service.md").read_text("utf-8")
        display.set_progress(total, "done")
    display.say(f"{(time.monotonic() - began) / 60:.1f} minutes in total")
    return results


def main() -> None:
    names = [name.lower() for name in sys.argv[1:]]
    picked = select_groups(names)
    results = run(picked)
    # A partial run must not replace the committed table.
    folder = HOME if names else ROOT
    page, picture = folder / "BENCHMARKS.md", folder / "docs/growth.svg"
    if results.growth:
        picture.parent.mkdir(parents=True, exist_ok=True)
        growth.draw(results.growth, picture)
    table.write(results, page)
    print(page.read_text("utf-8") if names else "")
    print(f"bench: written to {page.relative_to(ROOT)}")
    if results.failed:
        sys.exit(f"bench: failed: {', '.join(results.failed)}")


main()
