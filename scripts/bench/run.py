"""Runs the benches one after the other and writes what they measured.

Each bench prints a JSON line for a row of the table, or for a point of the growth. A bench that
fails is named at the end, and what the others measured is written all the same.
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
    """Benches that one command runs."""

    title: str
    command: tuple[str, ...]
    rows: tuple[str, ...] = ()
    # Seconds, for the bar.
    about: int = 60
    # Whether the command takes the numbers of the rows that are asked for.
    picks: bool = False


GROUPS = {
    "rust": Group("Rust", (*CARGO, "rows"), ("13",), 110),
    "python": Group("Python", PYTHON_ROWS, ("1", "2", "3", "4", "5"), 60, picks=True),
    "network": Group("Python over a network", PYTHON_ROWS, ("6", "7"), 300, picks=True),
    "node": Group(
        "Node", ("scripts/bench/node.sh", "rows.mjs"), ("8", "9", "10", "11", "12")
    ),
    "service": Group("the webhook service", ("scripts/bench/service.sh",), ("14",), 90),
    "growth-rust": Group("growth in Rust", (*CARGO, "growth"), about=120),
    "growth-python": Group(
        "growth in Python", (PYTHON, "bindings-python/bench/growth.py")
    ),
    "growth-node": Group(
        "growth in Node", ("scripts/bench/node.sh", "growth.mjs"), about=120
    ),
}


@dataclass
class Results:
    """What a run came to."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    growth: list[dict[str, Any]] = field(default_factory=list)
    # The section of the service, as Markdown.
    service: str = ""
    # Titles of the groups that failed.
    failed: list[str] = field(default_factory=list)


def asked_for(names: list[str]) -> dict[str, tuple[str, ...]]:
    """The groups to run, each with the rows of it that are asked for."""
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
                f"bench: {name}? There are the groups {groups}, and the rows 1 to 14"
            )
    return {name: picked[name] for name in GROUPS if name in picked}


def lines_of(command: tuple[str, ...], log: Path) -> Iterator[str | None]:
    """What the command prints, line by line, and None while there is none. Raises when it fails."""
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
        raise RuntimeError(f"{command[0]} ended with {process.returncode}")


def service_of(figures: dict[str, Any]) -> dict[str, Any]:
    """Row 14, from what the service's own bench wrote."""
    ours = figures["ours"]["requests_per_second"]
    theirs = figures["by_hand"]["requests_per_second"]
    return {
        "row": "14",
        "work": "webhook service: an event, one worker, Redis on loopback",
        "peer": "the same by hand (FastAPI + httpx + redis-py, a token per request)",
        "reach": "≤ 1/3×",
        "ratio": theirs / ours,
        "ours_seconds": 1 / ours,
        "theirs_seconds": 1 / theirs,
    }


class Show:
    """Says what is going on: with a bar on a terminal, in plain lines elsewhere."""

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

    def at(self, done: float, title: str) -> None:
        self.progress.update(self.task, completed=done, description=title)

    def line(self, line: dict[str, Any]) -> None:
        if "row" in line:
            self.say(table.in_short(line))
        elif not self.terminal and line["size"] == 1_000_000:
            self.say(f"{line['growth']}: {line['seconds']:.3g} s for 1,000,000")


def run_group(name: str, rows: tuple[str, ...], show: Show, done: int) -> list[Any]:
    """The lines that a group printed. Those it printed before it failed are lost."""
    group = GROUPS[name]
    command = (*group.command, *rows) if group.picks else group.command
    service = HOME / "service.json"
    if name == "service":
        service.unlink(missing_ok=True)
    lines, start = [], time.monotonic()
    show.at(done, group.title)
    for text in lines_of(command, HOME / f"{name}.log"):
        show.at(done + min(time.monotonic() - start, 0.98 * group.about), group.title)
        if text and text.startswith("{"):
            lines.append(json.loads(text))
            show.line(lines[-1])
    if name == "service":
        lines.append(service_of(json.loads(service.read_text("utf-8"))))
        show.line(lines[-1])
    if not lines:
        raise RuntimeError("nothing was measured")
    return lines


def run(picked: dict[str, tuple[str, ...]]) -> Results:
    results, done, began = Results(), 0, time.monotonic()
    total = sum(GROUPS[name].about for name in picked)
    show = Show(total)
    with show.progress:
        for name, rows in picked.items():
            group = GROUPS[name]
            start = time.monotonic()
            if not show.terminal:
                show.say(f"{group.title}, with its peers" if rows else group.title)
            try:
                lines = run_group(name, rows, show, done)
            except (OSError, RuntimeError, ValueError, KeyError) as error:
                results.failed.append(group.title)
                log = (HOME / f"{name}.log").read_text("utf-8").splitlines()
                show.say("\n  ".join([f"{group.title}: failed: {error}", *log[-15:]]))
                continue
            finally:
                done += group.about
            show.say(f"{group.title}: {time.monotonic() - start:.0f} s")
            results.rows += [line for line in lines if "row" in line]
            results.growth += [line for line in lines if "growth" in line]
            if name == "service":
                results.service = (HOME / "service.md").read_text("utf-8")
        show.at(total, "done")
    show.say(f"{(time.monotonic() - began) / 60:.1f} minutes in all")
    return results


def main() -> None:
    names = [name.lower() for name in sys.argv[1:]]
    picked = asked_for(names)
    results = run(picked)
    # A part of the rows is no table of all.
    place = HOME if names else ROOT
    page, picture = place / "BENCHMARKS.md", place / "docs/growth.svg"
    if results.growth:
        picture.parent.mkdir(parents=True, exist_ok=True)
        growth.draw(results.growth, picture)
    table.write(results, page)
    print(page.read_text("utf-8") if names else "")
    print(f"bench: written to {page.relative_to(ROOT)}")
    if results.failed:
        sys.exit(f"bench: failed: {', '.join(results.failed)}")


main()
