"""Writes the results as BENCHMARKS.md."""

import datetime
import platform
import re
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import growth

ROOT = Path(__file__).resolve().parents[2]


def version(*command: str) -> str:
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return run.stdout.strip()


def processor() -> str:
    """Returns the number and the name of the processors; without /proc/cpuinfo only the architecture."""
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
    """Returns the versions of the peers."""
    requirements = (ROOT / "bindings-python/bench/requirements.txt").read_text("utf-8")
    names = [line.split("==")[0] for line in requirements.splitlines() if "==" in line]
    python = [
        f"{name} {metadata.version(name)}"
        for name in names
        if name not in ("matplotlib", "rich")
    ]
    package = (ROOT / "bindings-wasm/bench/package.json").read_text("utf-8")
    node = re.findall(r'"([\w@/-]+)": "(\d[\w.]*)"', package)
    return ", ".join([*python, *(f"{name} {number}" for name, number in node)])


def format_seconds(seconds: float) -> str:
    """Returns a time with three significant digits, in s, ms, µs or ns."""
    for unit, factor in (("s", 1), ("ms", 1e3), ("µs", 1e6)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def measured(row: dict[str, Any]) -> str:
    """Returns the figure of a row, or its ratio to the peer."""
    return row["figure"] if "figure" in row else f"{row['ratio']:.3g}×"


def summary(row: dict[str, Any]) -> str:
    """Returns one line about a row, for the progress output."""
    return f"row {row['row']}: {measured(row)}: {row['work']}"


def markdown_row(row: dict[str, Any]) -> str:
    times = ""
    if "ratio" in row:
        times = f"{format_seconds(row['ours_seconds'])} / {format_seconds(row['theirs_seconds'])}"
    cells = [
        *(row["row"], row["work"], row.get("peer", "")),
        *(f"**{measured(row)}**", times),
    ]
    return f"| {' | '.join(cells)} |"


def sort_key(row: dict[str, Any]) -> tuple[int, str]:
    """Returns a key that sorts rows by number, for example 2, 2b, 10."""
    number = re.match(r"\d+", row["row"])
    return int(number[0]) if number else 0, row["row"]


def write(results: Any, page: Path) -> None:
    rows = sorted(results.rows, key=sort_key)
    parts = [
        "# Benchmarks",
        (
            f"Written by `make bench` on {datetime.date.today()}. A ratio is our time divided by the peer's time for the\n"
            "same work with the same result (the bench compares the results first): the median of interleaved rounds\n"
            "in one run. Below 1× is faster than the peer. Absolute times vary between machines.\n"
            "[docs/performance.md](docs/performance.md) explains the targets and where the time goes."
        ),
    ]
    if results.failed:
        parts.append(
            f"Not measured, because the benchmark failed: {', '.join(results.failed)}."
        )
    if rows:
        head = "| row | work | peer | ours | ours / theirs |\n|---|---|---|---|---|"
        parts.append("\n".join([head, *map(markdown_row, rows)]))
    if results.growth:
        parts += [
            "## Growth",
            (
                "CPU time by size, from 10² to 10⁶ variables, with the limits lifted. Payloads and state updates have a\n"
                "fixed limit: the body is checked and written completely, and then rejected for its size.\n"
                "Dashed: JSON readers and writers alone, which show the cost of memory."
            ),
            "![Time over the number of variables in Rust, Python and Node](docs/growth.svg)",
            "The exponent between 10⁴ and 10⁶ variables (1 is linear, 2 is quadratic) and the time per variable at 10⁶:",
            growth.table(results.growth),
        ]
    if results.service:
        parts += ["## The webhook service", results.service.strip()]
    parts += [
        "## Machine and versions",
        (
            f"{processor()}, {platform.system()}. {version('rustc', '--version')}; Python {platform.python_version()}; "
            f"Node {version('node', '--version')}. Peers: {peers()}; and serde_json in Rust."
        ),
    ]
    page.write_text("\n\n".join(parts) + "\n", "utf-8")
