"""Repeats suites under load, each round with another seed and another number of threads, and names each
test that did not pass every time."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import results
from run import CORES, duration
from steps import Step

# How often a suite of seconds and one of minutes is repeated.
QUICK_ROUNDS = 20
SLOW_ROUNDS = 5
THREADS = (1, 2, 4, 8)


@contextmanager
def load() -> Iterator[None]:
    """Twice as many busy processes as there are processors, for as long as this is open."""
    # Each ends by itself when its parent is gone.
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


def run(
    suites: list[Step], first_seed: int | None, rounds: int | None, logs: Path
) -> bool:
    """Repeats the suites; true where each test passed each time."""
    logs.mkdir(parents=True, exist_ok=True)
    seed = (
        random.SystemRandom().randrange(1 << 31) if first_seed is None else first_seed
    )
    rows: list[tuple[str, ...]] = [
        ("suite", "rounds", "passed", "time", "not passed every time")
    ]
    is_ok = True
    with load():
        for suite in suites:
            count = rounds or (QUICK_ROUNDS if suite.is_quick else SLOW_ROUNDS)
            failures: Counter[str] = Counter()
            passed = 0
            start = time.monotonic()
            for number in range(count):
                threads = THREADS[number % len(THREADS)]
                began = time.monotonic()
                log = logs / f"{suite.name}-{number + 1}.log"
                has_passed, failed = _round(suite, seed + number, threads, log)
                taken = duration(time.monotonic() - began)
                result = "passed" if has_passed else f"FAILED, see {log}"
                print(
                    f"flake: {suite.name} {number + 1}/{count}: {result}"
                    f" (TEST_SEED={seed + number} TEST_THREADS={threads}, {taken})",
                    flush=True,
                )
                if has_passed:
                    passed += 1
                else:
                    failures.update(failed or ["the suite as a whole"])
            is_ok &= passed == count
            named = "; ".join(f"{test} ({times}×)" for test, times in failures.items())
            rows.append(
                (
                    suite.title,
                    str(count),
                    str(passed),
                    duration(time.monotonic() - start),
                    named or "none",
                )
            )
    print(results.table(rows))
    return is_ok


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
    failed = results.read(log.read_text("utf-8", errors="replace")).failed
    return done.returncode == 0, failed
