"""Runs steps in parallel within the number of processors, each as soon as its requirements are met."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import results
from results import Outcome
from steps import Step

CORES = os.cpu_count() or 1
# Seconds between progress lines.
REPORT_INTERVAL = 60.0
# Lines of a failed step's output that are shown; its log contains everything.
SHOWN_LINES = 150
# Characters of each line that are shown.
SHOWN_LINE_LENGTH = 1000


@dataclass
class _Running:
    step: Step
    process: subprocess.Popen[bytes]
    log: Path
    start: float


class Runner:
    """Runs steps; each writes to its own log."""

    def __init__(self, label: str, steps: tuple[Step, ...], logs: Path) -> None:
        self._label = label
        self._steps = steps
        self._logs = logs
        self.outcomes: dict[str, Outcome] = {}
        self._running: list[_Running] = []

    def run(self) -> bool:
        """Runs all steps and shows the output of failed ones. Returns whether all passed."""
        self._logs.mkdir(parents=True, exist_ok=True)
        waiting = list(self._steps)
        reported = time.monotonic()
        try:
            while waiting or self._running:
                waiting = self._start_ready_steps(waiting)
                time.sleep(0.1)
                for running in list(self._running):
                    if running.process.poll() is not None:
                        self._end(running)
                        reported = time.monotonic()
                if time.monotonic() - reported >= REPORT_INTERVAL:
                    self._report()
                    reported = time.monotonic()
        finally:
            for running in self._running:
                running.process.terminate()
        return all(outcome.is_ok for outcome in self.outcomes.values())

    def say(self, text: str) -> None:
        print(f"{self._label}: {text}", flush=True)

    def _start_ready_steps(self, waiting: list[Step]) -> list[Step]:
        remaining: list[Step] = []
        for step in waiting:
            missing = [
                need
                for need in step.needs
                if need in self.outcomes and not self.outcomes[need].is_ok
            ]
            if missing:
                self.outcomes[step.name] = Outcome(not_run=f"{missing[0]} failed")
                self.say(f"{step.title}: not run: {missing[0]} failed")
            elif all(need in self.outcomes for need in step.needs) and self._can_start(
                step
            ):
                self._start(step)
            else:
                remaining.append(step)
        return remaining

    def _can_start(self, step: Step) -> bool:
        steps = [running.step for running in self._running]
        if step.exclusive_resource and step.exclusive_resource in {
            other.exclusive_resource for other in steps
        }:
            return False
        busy = sum(other.cores for other in steps)
        return step.cores == 0 or busy == 0 or busy + step.cores <= CORES

    def _start(self, step: Step) -> None:
        log = self._logs / f"{step.name}.log"
        self.say(f"{step.title} (usually {duration(step.usual_seconds)})")
        with log.open("wb") as output:
            process = subprocess.Popen(
                step.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._running.append(_Running(step, process, log, time.monotonic()))

    def _end(self, running: _Running) -> None:
        self._running.remove(running)
        log = running.log.read_text("utf-8", errors="replace")
        outcome = results.read(log)
        outcome.seconds = time.monotonic() - running.start
        outcome.is_ok = running.process.returncode == 0
        if outcome.is_ok and running.step.counts_tests and not outcome.tests:
            outcome.is_ok = False
            log += "\nno test ran"
        self.outcomes[running.step.name] = outcome
        taken = duration(outcome.seconds)
        tests = f"{outcome.tests:,} tests, " if outcome.tests else ""
        if outcome.is_ok:
            self.say(f"{running.step.title}: passed, {tests}{taken}")
            return
        lines = [
            line if len(line) <= SHOWN_LINE_LENGTH else f"{line[:SHOWN_LINE_LENGTH]} …"
            for line in log.splitlines()[-SHOWN_LINES:]
        ]
        self.say(
            f"{running.step.title}: FAILED with exit code {running.process.returncode}, {taken}"
        )
        print("\n".join(lines))
        self.say(f"{running.step.title}: FAILED; full output: {running.log}")

    def _report(self) -> None:
        now = time.monotonic()
        running = ", ".join(
            f"{running.step.name} {duration(now - running.start)} of about {duration(running.step.usual_seconds)}"
            for running in self._running
        )
        self.say(f"running: {running}")


def duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.1f} min"


def summary(steps: tuple[Step, ...], outcomes: dict[str, Outcome]) -> str:
    """Returns the table of suites and the reasons for skipped tests."""
    rows: list[tuple[str, ...]] = [("suite", "tests", "time", "skipped", "result")]
    for step in steps:
        outcome = outcomes.get(step.name, Outcome(not_run="the run was interrupted"))
        if not step.is_suite and outcome.is_ok:
            continue
        result = "passed" if outcome.is_ok else "FAILED"
        if outcome.not_run:
            result = f"not run: {outcome.not_run}"
        rows.append(
            (
                step.title,
                f"{outcome.tests:,}" if outcome.tests else "",
                "" if outcome.not_run else duration(outcome.seconds),
                str(len(outcome.skipped)) if outcome.skipped else "",
                result,
            )
        )
    lines = [results.table(rows)]
    for step in steps:
        for skipped in outcomes.get(step.name, Outcome()).skipped:
            lines.append(f"skipped in {step.name}: {skipped}")
    return "\n".join(lines)
