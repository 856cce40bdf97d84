"""Repeats suites under load and lists each test that failed at least once.

Each round uses another seed and another number of threads.
"""

import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import results
from run import CORES, duration
from steps import Step

# Default rounds of a quick and of a slow suite.
QUICK_ROUNDS = 20
SLOW_ROUNDS = 5
# Test threads of the rounds, in turn.
THREADS = (1, 2, 4, 8)


@contextmanager
def load() -> Iterator[None]:
    """Runs two busy processes per processor inside the `with` block."""
    # Each process exits when its parent exits.
    work = (
        "import os\nparent = os.getppid()\n"
        "while os.getppid() == parent:\n    sum(range(100_000))"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", work]) for _ in range(2 * CORES)
    ]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


@dataclass
class _RepeatedSuite:
    """Results of the rounds of a suite."""

    suite: Step
    rounds: int
    passed: int = 0
    seconds: float = 0.0
    failures: Counter[str] = field(default_factory=Counter[str])


def run(
    suites: list[Step], first_seed: int | None, rounds: int | None, logs: Path
) -> bool:
    """Repeats the suites, several at a time. Returns whether every test passed every time."""
    logs.mkdir(parents=True, exist_ok=True)
    seed = (
        random.SystemRandom().randrange(1 << 31) if first_seed is None else first_seed
    )
    repeated = [
        _RepeatedSuite(
            suite, rounds or (QUICK_ROUNDS if suite.is_quick else SLOW_ROUNDS)
        )
        for suite in suites
    ]
    # Starts with the longest suite, so that none runs alone at the end.
    order = sorted(repeated, key=lambda each: -each.rounds * each.suite.usual_seconds)
    stopped = threading.Event()
    # One more than the number of processors, because suites also wait.
    with load(), ThreadPoolExecutor(max_workers=CORES + 1) as pool:
        runs = [pool.submit(_repeat, each, seed, logs, stopped) for each in order]
        try:
            for done in runs:
                done.result()
        except BaseException:
            # On Ctrl-C, for example, each worker finishes its current round.
            stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    rows: list[tuple[str, ...]] = [("suite", "rounds", "passed", "time", "failures")]
    for each in repeated:
        failed = [f"{test} ({times}×)" for test, times in each.failures.items()]
        rows.append(
            (
                each.suite.title,
                str(each.rounds),
                str(each.passed),
                duration(each.seconds),
                "; ".join(failed) or "none",
            )
        )
    print(results.table(rows))
    return all(each.passed == each.rounds for each in repeated)


def _repeat(
    repeated: _RepeatedSuite, seed: int, logs: Path, stopped: threading.Event
) -> None:
    suite, count = repeated.suite, repeated.rounds
    for number in range(count):
        if stopped.is_set():
            return
        threads = THREADS[number % len(THREADS)]
        began = time.monotonic()
        log = logs / f"{suite.name}-{number + 1}.log"
        has_passed, failed = _round(suite, seed + number, threads, log)
        seconds = time.monotonic() - began
        result = "passed" if has_passed else f"FAILED, see {log}"
        print(
            f"flake: {suite.name} {number + 1}/{count}: {result}"
            f" (TEST_SEED={seed + number} TEST_THREADS={threads}, {duration(seconds)})",
            flush=True,
        )
        repeated.seconds += seconds
        if has_passed:
            repeated.passed += 1
        else:
            repeated.failures.update(failed or ["the suite"])


def _round(suite: Step, seed: int, threads: int, log: Path) -> tuple[bool, list[str]]:
    environment = os.environ | {
        "TEST_SEED": str(seed),
        "TEST_THREADS": str(threads),
        "PROPTEST_RNG_SEED": str(seed),
        "RUST_TEST_THREADS": str(threads),
        "NEXTEST_TEST_THREADS": str(threads),
    }
    with log.open("wb") as output:
        done = subprocess.run(
            suite.command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    outcome = results.read(log.read_text("utf-8", errors="replace"))
    if done.returncode == 0 and suite.counts_tests and not outcome.tests:
        return False, ["no test ran"]
    return done.returncode == 0, outcome.failed
