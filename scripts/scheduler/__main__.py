"""Runs the project's tests.

    python3 scripts/scheduler test            everything that is released
    python3 scripts/scheduler check           what a contributor runs all day
    python3 scripts/scheduler flake [SUITE…]  the suites again and again under load, on what `test` built

With CI=true a test or a step that is skipped counts as a failure.
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
    tasks.add_parser("test", help="everything that is released")
    tasks.add_parser("check", help="what a contributor runs all day")
    flaky = tasks.add_parser("flake", help="the suites again and again, under load")
    flaky.add_argument(
        "--seed", type=int, help="the seed of the first round (default: random)"
    )
    flaky.add_argument(
        "--rounds", type=int, help="rounds of each suite (default: 20 or 5)"
    )
    flaky.add_argument("suites", nargs="*", help="names of suites (default: all)")
    arguments = parser.parse_args()
    if arguments.task == "flake":
        suites = [step for step in TEST if step.is_suite and step.can_flake]
        if unknown := set(arguments.suites) - {step.name for step in suites}:
            names = ", ".join(step.name for step in suites)
            parser.error(
                f"no such suite: {', '.join(sorted(unknown))}. There are: {names}."
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
        runner.say("FAILED: with CI=true nothing may be skipped")
        passed = False
    minutes, seconds = divmod(int(time.monotonic() - start), 60)
    runner.say(f"{'passed' if passed else 'FAILED'} in {minutes} min {seconds} s")
    print(f"total: {tests} passed, {failed} failed, {skipped} skipped")
    return 0 if passed else 1


def other_pythons() -> str:
    """What of the machine's interpreters the run did not test."""
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
