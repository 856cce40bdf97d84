"""Growth of the time with the size: exponents and plot."""

import itertools
import math
import statistics
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

LANGUAGES = ("Rust", "Python", "Node")
# At these sizes the fixed cost of a call no longer affects the slope.
LARGE = 10_000
# Our series, in drawing order, in the Okabe-Ito palette (safe for colour-blind readers). All other series
# are peers, drawn dashed.
COLOURS = {
    "check of JSON text": "#0072B2",
    "check of objects": "#D55E00",
    "check and write": "#D55E00",
    "payload of an injection": "#009E73",
    "state update": "#E69F00",
    "response to debug view": "#CC79A7",
    "update of a context": "#56B4E9",
    "first update of a context": "#882255",
}
PEERS = ("#555555", "#999999")


def series(points: Iterable[dict[str, Any]]) -> dict[tuple[str, str], dict[int, float]]:
    """Returns seconds by size for each language and work."""
    found: dict[tuple[str, str], dict[int, float]] = {}
    for point in points:
        sizes = found.setdefault((point["language"], point["growth"]), {})
        sizes[point["size"]] = point["seconds"]
    return found


def exponent(seconds: dict[int, float]) -> float:
    """Returns the slope of the larger sizes on logarithmic axes: 1 is linear, 2 is quadratic."""
    sizes = [size for size in seconds if size >= LARGE]
    if len(sizes) < 2:
        return math.nan
    logs = (
        [math.log(size) for size in sizes],
        [math.log(seconds[size]) for size in sizes],
    )
    return statistics.linear_regression(*logs).slope


def draw(points: list[dict[str, Any]], picture: Path) -> None:
    """Draws one panel per language: time over the number of variables, both logarithmic."""
    mpl.rcParams |= {
        "font.size": 9,
        "svg.fonttype": "none",
        "font.family": ["DejaVu Sans", "sans-serif"],
        # The same input gives the same file.
        "svg.hashsalt": "growth",
    }
    found = series(points)
    languages = [name for name in LANGUAGES if any(name == key[0] for key in found)]
    figure = Figure(figsize=(4.2 * len(languages), 5.6), layout="constrained")
    panels = figure.subplots(
        1, len(languages), sharex=True, sharey=True, squeeze=False
    )[0]
    for panel, language in zip(panels, languages, strict=True):
        works = {work: sizes for (of, work), sizes in found.items() if of == language}
        peers = itertools.cycle(PEERS)
        for work in sorted(
            works, key=lambda work: list(COLOURS).index(work) if work in COLOURS else 99
        ):
            ours = work in COLOURS
            panel.plot(
                *zip(*sorted(works[work].items()), strict=True),
                label=f"{work} ({exponent(works[work]):.2f})",
                color=COLOURS[work] if ours else next(peers),
                linestyle="-" if ours else "--",
                marker="o" if ours else None,
                markersize=3,
                linewidth=1.6 if ours else 1.2,
            )
        panel.set(title=language, xscale="log", yscale="log", xlabel="variables")
        panel.grid(which="major", color="#dddddd", linewidth=0.6)
        panel.spines[["top", "right"]].set_visible(False)
        panel.set_axisbelow(True)
        panel.minorticks_off()
        panel.legend(
            title="in brackets: exponent from 10⁴",
            loc="upper center",
            bbox_to_anchor=(0.5, -0.14),
            frameon=False,
            fontsize=8.5,
            title_fontsize=8,
        )
    panels[0].set_ylabel("CPU time of one call")
    panels[0].set_yticks(
        [10.0**power for power in range(-6, 2)],
        ["1 µs", "10 µs", "100 µs", "1 ms", "10 ms", "100 ms", "1 s", "10 s"],
    )
    figure.savefig(picture, metadata={"Date": None, "Creator": None}, facecolor="white")


def table(points: list[dict[str, Any]]) -> str:
    """Returns the exponents and the time per variable at the largest size, as a Markdown table."""
    found = series(points)
    languages = [name for name in LANGUAGES if any(name == key[0] for key in found)]
    works = list(dict.fromkeys(work for _, work in found))
    works.sort(key=lambda work: work not in COLOURS)
    rows = {point["growth"]: set() for point in points}
    for point in points:
        rows[point["growth"]] |= {point["rows"]} - {""}

    def cell(language: str, work: str) -> str:
        seconds = found.get((language, work))
        if not seconds:
            return ""
        largest = max(seconds)
        each = seconds[largest] / largest * 1e9
        return f"{exponent(seconds):.2f} ({each:,.0f} ns)"

    lines = [
        f"| {work} | {', '.join(sorted(rows[work], key=lambda row: (len(row), row)))} | "
        + " | ".join(cell(language, work) for language in languages)
        + " |"
        for work in works
    ]
    head = (
        f"| work | rows | {' | '.join(languages)} |\n|---|---|{'--:|' * len(languages)}"
    )
    return "\n".join([head, *lines])
