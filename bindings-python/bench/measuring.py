"""How a row is measured: both sides in turns, and the median of the ratios of the rounds."""

import gc
import json
import statistics
import time
from collections.abc import Callable

ROUNDS = 41
# How long each side of a round takes, about.
ROUND_SECONDS = 0.004


def seconds(calls: int, work: Callable[[], object]) -> float:
    """Seconds that one call takes, as the mean of so many."""
    start = time.perf_counter()
    for _ in range(calls):
        work()
    return (time.perf_counter() - start) / calls


def compare(
    row: str,
    work: str,
    peer: str,
    reach: str,
    ours: Callable[[], object],
    theirs: Callable[[], object],
) -> None:
    """Prints the row: the median of ours / theirs, with the collector off and then on."""
    for collector in ("off", "on"):
        (gc.disable if collector == "off" else gc.enable)()
        seconds(50, ours), seconds(50, theirs)
        calls = max(1, int(ROUND_SECONDS / seconds(20, ours)))
        their_calls = max(1, int(ROUND_SECONDS / seconds(5, theirs)))
        rounds = [
            (seconds(calls, ours), seconds(their_calls, theirs)) for _ in range(ROUNDS)
        ]
        report(f"{work} (gc {collector})", rounds, row=row, peer=peer, reach=reach)
    gc.enable()


def report(
    work: str, rounds: list[tuple[float, float]], *, row: str, peer: str, reach: str
) -> None:
    """Prints the line of a row from the seconds of both sides in each round."""
    line = {
        "row": row,
        "work": work,
        "peer": peer,
        "reach": reach,
        "ratio": statistics.median(a / b for a, b in rounds),
        "ours_seconds": statistics.median(a for a, _ in rounds),
        "theirs_seconds": statistics.median(b for _, b in rounds),
    }
    print(json.dumps(line), flush=True)
