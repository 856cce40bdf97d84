"""Measures rows: the median ratio of rounds that run both sides in turn."""

import gc
import json
import statistics
import time
from collections.abc import Callable

ROUNDS = 41
# The approximate seconds of each side in a round.
SIDE_SECONDS = 0.004


def seconds(calls: int, work: Callable[[], object]) -> float:
    """Returns the mean seconds of one call, over a number of calls."""
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
    """Prints a row twice: with the garbage collector off, then on.

    Runs both sides for about 4 ms in each of 41 rounds.
    """
    for collector in ("off", "on"):
        (gc.disable if collector == "off" else gc.enable)()
        # A warm-up.
        seconds(50, ours), seconds(50, theirs)
        calls = max(1, int(SIDE_SECONDS / seconds(20, ours)))
        their_calls = max(1, int(SIDE_SECONDS / seconds(5, theirs)))
        rounds = [
            (seconds(calls, ours), seconds(their_calls, theirs)) for _ in range(ROUNDS)
        ]
        report(f"{work} (gc {collector})", rounds, row=row, peer=peer, reach=reach)
    gc.enable()


def report(
    work: str, rounds: list[tuple[float, float]], *, row: str, peer: str, reach: str
) -> None:
    """Prints a row as one line of JSON.

    Args:
        work: What both sides do.
        rounds: The seconds of one call of our side and of the peer, per round.
        row: The number of the row.
        peer: The other side.
        reach: The target of the ratio.
    """
    line = {
        "row": row,
        "work": work,
        "peer": peer,
        "reach": reach,
        "ratio": statistics.median(ours / theirs for ours, theirs in rounds),
        "ours_seconds": statistics.median(ours for ours, _ in rounds),
        "theirs_seconds": statistics.median(theirs for _, theirs in rounds),
    }
    print(json.dumps(line), flush=True)
