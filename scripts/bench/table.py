"""Writes what was measured as BENCHMARKS.md."""

import datetime
import platform
import re
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import growth
from bounds import BOUNDS

ROOT = Path(__file__).resolve().parents[2]


def version(*command: str) -> str:
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return run.stdout.strip()


def processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text("utf-8").splitlines()
        names = [
            line.split(":", 1)[1].strip()
            for line in lines
            if line.startswith("model name")
        ]
        if names:
            return f"{len(names)} × {names[0]}"
    return platform.machine()


def peers() -> str:
    """The versions of what is measured beside us."""
    wanted = (ROOT / "bindings-python/bench/requirements.txt").read_text("utf-8")
    names = [line.split("==")[0] for line in wanted.splitlines() if "==" in line]
    python = [
        f"{name} {metadata.version(name)}"
        for name in names
        if name not in ("matplotlib", "rich")
    ]
    package = (ROOT / "bindings-wasm/bench/package.json").read_text("utf-8")
    node = re.findall(r'"([\w@/-]+)": "(\d[\w.]*)"', package)
    return ", ".join([*python, *(f"{name} {number}" for name, number in node)])


def seconds(figure: float) -> str:
    for unit, factor in (("s", 1), ("ms", 1e3), ("µs", 1e6)):
        if figure * factor >= 1:
            return f"{figure * factor:.3g} {unit}"
    return f"{figure * 1e9:.3g} ns"


def goal_of(reach: str) -> float:
    """The ratio that a goal asks for."""
    goal = re.match(r"≤ (1/)?([\d.]+)×", reach)
    if not goal:
        raise ValueError(f"no ratio: {reach}")
    return 1 / float(goal[2]) if goal[1] else float(goal[2])


def reached(row: dict[str, Any]) -> bool | None:
    """Whether the goal is reached; None where there is none. A bench may say so itself."""
    if "reached" in row:
        return bool(row["reached"])
    if not row["reach"].startswith("≤"):
        return None
    if "ratio" in row:
        return bool(row["ratio"] <= goal_of(row["reach"]))
    goal, figure = (
        re.match(r"(?:≤ )?([\d.,]+) ([\w µ]+)", row[name])
        for name in ("reach", "figure")
    )
    if not goal or not figure or goal[2].strip() != figure[2].strip():
        raise ValueError(
            f"row {row['row']}: {row['figure']} is not held to {row['reach']}"
        )
    return float(figure[1].replace(",", "")) <= float(goal[1].replace(",", ""))


def measured(row: dict[str, Any]) -> str:
    return row["figure"] if "figure" in row else f"{row['ratio']:.3g}×"


def in_short(row: dict[str, Any]) -> str:
    """A row in a line, for those who wait. Fails where the goal cannot be read."""
    verdict = {True: "reached", False: "not reached", None: ""}[reached(row)]
    return (
        f"row {row['row']}: {measured(row)} ({row['reach']}) {verdict}: {row['work']}"
    )


def line(row: dict[str, Any]) -> str:
    times = ""
    if "ratio" in row:
        times = f"{seconds(row['ours_seconds'])} / {seconds(row['theirs_seconds'])}"
    verdict = {True: "yes", False: "**no**", None: ""}[reached(row)]
    cells = [
        *(row["row"], row["work"], row.get("peer", ""), row["reach"]),
        *(f"**{measured(row)}**", verdict, times),
    ]
    return f"| {' | '.join(cells)} |"


def remaining(row: dict[str, Any]) -> str:
    """How far a row is from its goal."""
    if "ratio" not in row:
        return f"{row['figure']}, to reach {row['reach']}"
    goal = goal_of(row["reach"])
    return f"{measured(row)}, to reach {row['reach']}: a factor of {row['ratio'] / goal:.2f} remains"


def missed_rows(rows: list[dict[str, Any]]) -> list[str]:
    """What bounds each row that is not reached, once a row."""
    missed: dict[str, dict[str, Any]] = {}
    for row in rows:
        if reached(row) is False:
            missed.setdefault(row["row"], row)
    return [
        f"- **{name}** ({remaining(row)}). {BOUNDS.get(name, 'Not looked into yet.')}"
        for name, row in missed.items()
    ]


def order(row: dict[str, Any]) -> tuple[int, str]:
    number = re.match(r"\d+", row["row"])
    return int(number[0]) if number else 0, row["row"]


def write(results: Any, page: Path) -> None:
    rows = sorted(results.rows, key=order)
    held = [verdict for row in rows if (verdict := reached(row)) is not None]
    parts = [
        "# Benchmarks",
        (
            f"Written by `make bench` on {datetime.date.today()}. Every row is a ratio of our time to the peer's for the same\n"
            "work to the same result, which is compared first: the median of interleaved rounds in one run.\n"
            "Absolute times mean little on a shared machine."
        ),
    ]
    if results.failed:
        parts.append(
            f"Not measured in this run, as the bench failed: {', '.join(results.failed)}."
        )
    if rows:
        head = "| row | work | peer | to reach | measured | reached | ours / theirs |\n|---|---|---|---|---|---|---|"
        parts.append("\n".join([head, *map(line, rows)]))
        parts.append(f"{sum(held)} of {len(held)} goals are reached.")
        if missed := missed_rows(rows):
            parts += ["## What bounds the rest", "\n".join(missed)]
    if results.growth:
        parts += [
            "## Growth",
            (
                "The processor's time over size, from 10² to 10⁶ variables, with the limits lifted. Where a limit is an API's own and stays\n"
                "(payloads and state updates), the body is walked, checked and written whole, and then refused for its\n"
                "size. Dashed: readers and writers of JSON alone, which show what memory itself adds."
            ),
            "![Time over the number of variables in Rust, Python and Node](docs/growth.svg)",
            "The exponent between 10⁴ and 10⁶ variables (1 is linear, 2 quadratic), and what a variable costs at 10⁶:",
            growth.table(results.growth),
        ]
    if results.service:
        parts += ["## The webhook service", results.service.strip()]
    parts += [
        "## Where and with what",
        (
            f"{processor()}, {platform.system()}. {version('rustc', '--version')}; Python {platform.python_version()}; "
            f"Node {version('node', '--version')}. Peers: {peers()}; and serde_json in Rust."
        ),
    ]
    page.write_text("\n\n".join(parts) + "\n", "utf-8")
