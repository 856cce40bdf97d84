"""Runs the project's tests.

    python3 scripts/scheduler test            tests everything that is released
    python3 scripts/scheduler check           runs the quick checks for every change
    python3 scripts/scheduler flake [SUITE…]  repeats the suites under load, on what `test` built

With CI=true a skipped test or step is a failure.
"""

import argparse
import os
import platform
import subprocess
import time
from pathlib import Path

import flake
from run import Runner, summary
from steps import CHECK, TEST, Step

LOGS = Path("build/test")


def main() -> int:
    os.chdir(Path(__file__).parents[2])
    parser = argparse.ArgumentParser(
        prog="scripts/scheduler", description="Runs the project's tests."
    )
    tasks = parser.add_subparsers(dest="task", required=True)
    tasks.add_parser("test", help="Test everything that is released.")
    tasks.add_parser("check", help="Run the quick checks for every change.")
    flaky = tasks.add_parser("flake", help="Repeat the suites under load.")
    flaky.add_argument(
        "--seed", type=int, help="Seed of the first round (default: random)."
    )
    flaky.add_argument(
        "--rounds",
        type=int,
        help="Rounds of each suite (default: 20 for quick suites, 5 for others).",
    )
    flaky.add_argument("suites", nargs="*", help="Names of suites (default: all).")
    arguments = parser.parse_args()
    if arguments.task == "flake":
        suites = [step for step in TEST if step.is_suite and step.can_flake]
        if unknown := set(arguments.suites) - {step.name for step in suites}:
            names = ", ".join(step.name for step in suites)
            parser.error(
                f"unknown suite: {', '.join(sorted(unknown))}. Suites: {names}."
            )
        chosen = [
            step
            for step in suites
            if not arguments.suites or step.name in arguments.suites
        ]
        passed = flake.run(chosen, arguments.seed, arguments.rounds, LOGS / "flake")
        return 0 if passed else 1
    steps = TEST if arguments.task == "test" else CHECK
    return run(arguments.task, steps)


def run(task: str, steps: tuple[Step, ...]) -> int:
    start = time.monotonic()
    runner = Runner(task, steps, LOGS / task)
    passed = runner.run()
    print()
    print(summary(steps, runner.outcomes))
    print()
    if task == "test":
        print(other_pythons())
        print()
    outcomes = runner.outcomes.values()
    tests = sum(outcome.tests for outcome in outcomes)
    failed = sum(len(outcome.failed) or 1 for outcome in outcomes if not outcome.is_ok)
    skipped = sum(len(outcome.skipped) for outcome in outcomes)
    if skipped and os.environ.get("CI") == "true":
        runner.say("FAILED: with CI=true no test may be skipped")
        passed = False
    minutes, seconds = divmod(int(time.monotonic() - start), 60)
    runner.say(f"{'passed' if passed else 'FAILED'} in {minutes} min {seconds} s")
    print(f"total: {tests} passed, {failed} failed, {skipped} skipped")
    return 0 if passed else 1


def other_pythons() -> str:
    """Returns a line about the interpreters that this run did not test."""
    found = subprocess.run(
        ["scripts/setup/find-pythons.sh"], capture_output=True, text=True, check=False
    ).stdout.split()
    used = platform.python_version()
    versions = []
    for python in found:
        code = "import platform; print(platform.python_version())"
        done = subprocess.run(
            [python, "-I", "-c", code], capture_output=True, text=True, check=False
        )
        versions.append(done.stdout.strip())
    others = [version for version in versions if version != used]
    tested = f"The wheel was tested with Python {used}."
    if not others:
        return tested
    return f"{tested} `make matrix` tests it with {', '.join(others)} too."


raise SystemExit(main())
