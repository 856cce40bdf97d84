"""Runs built fuzz targets for some minutes, and prints a table of the runs. Fails on a finding.

A log of each run is in core/fuzz/artifacts/TARGET/log.txt.
"""

import argparse
import math
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

FUZZ = Path("core/fuzz")

# An input that takes longer than this, or more memory, is a finding.
MAX_SECONDS_PER_INPUT = 10
MAX_MEGABYTES = 2_048
MAX_INPUT_BYTES = 4_096


@dataclass(frozen=True)
class Run:
    """The figures of one target's run."""

    target: str
    executions: int
    per_second: int
    edges: int
    new_units: int
    # The files of the inputs that failed.
    findings: tuple[Path, ...]
    exit_code: int

    @property
    def verdict(self) -> str:
        if self.findings:
            return f"{len(self.findings)} FINDING" + (
                "S" if len(self.findings) > 1 else ""
            )
        if self.exit_code != 0:
            return f"FAILED (exit code {self.exit_code})"
        return "clean" if self.executions > 0 else "FAILED (no executions)"


def main() -> int:
    arguments = parse_arguments()
    targets = arguments.targets or all_targets()
    jobs = arguments.jobs or os.cpu_count() or 1
    seconds = round(arguments.minutes * 60)
    print(
        f"fuzz: {len(targets)} targets, {seconds} s each, {jobs} at a time", flush=True
    )
    runs = []
    with ThreadPoolExecutor(jobs) as pool:
        pending = [
            pool.submit(fuzz, arguments.programs, target, seconds) for target in targets
        ]
        for finished in as_completed(pending):
            run = finished.result()
            runs.append(run)
            print(
                f"fuzz: {run.target}: {run.executions:,} executions, {run.verdict}",
                flush=True,
            )
    runs.sort(key=lambda run: run.target)
    print_table(runs)
    failed = [run for run in runs if run.verdict != "clean"]
    for run in failed:
        print(f"\n{run.target}: see {log_of(run.target)}")
        for finding in run.findings:
            print(f"  to reproduce: {arguments.programs / run.target} {finding}")
    return 1 if failed else 0


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--programs", type=Path, required=True, help="the folder of the programs"
    )
    parser.add_argument(
        "--minutes", type=float, required=True, help="the time of each target"
    )
    parser.add_argument(
        "--jobs", type=int, default=0, help="targets at a time; 0: one per CPU"
    )
    parser.add_argument("targets", nargs="*", help="default: all")
    arguments = parser.parse_args()
    # libFuzzer reads 0 s as no limit.
    if not (arguments.minutes * 60 >= 1 and math.isfinite(arguments.minutes)):
        parser.error(
            "--minutes must be a finite number of at least 0.017, which is 1 s"
        )
    unknown = set(arguments.targets) - set(all_targets())
    if unknown:
        parser.error(
            f"unknown target {', '.join(sorted(unknown))}; use one of {', '.join(all_targets())}"
        )
    return arguments


def all_targets() -> list[str]:
    files = (FUZZ / "fuzz_targets").glob("*.rs")
    return sorted(file.stem for file in files if file.stem != "support")


def log_of(target: str) -> Path:
    return FUZZ / "artifacts" / target / "log.txt"


def fuzz(programs: Path, target: str, seconds: int) -> Run:
    artifacts = FUZZ / "artifacts" / target
    corpus = FUZZ / "corpus" / target
    for folder in (artifacts, corpus):
        folder.mkdir(parents=True, exist_ok=True)
    before = set(artifacts.iterdir())
    dictionaries = FUZZ / "dictionaries"
    dictionary = dictionaries / f"{target}.dict"
    if not dictionary.exists():
        dictionary = dictionaries / "json.dict"
    command = [
        str(programs / target),
        str(corpus),
        f"-dict={dictionary}",
        f"-artifact_prefix={artifacts}/",
        f"-max_total_time={seconds}",
        f"-timeout={MAX_SECONDS_PER_INPUT}",
        f"-rss_limit_mb={MAX_MEGABYTES}",
        f"-max_len={MAX_INPUT_BYTES}",
        "-print_final_stats=1",
    ]
    environment = {**os.environ, "ASAN_OPTIONS": "detect_odr_violation=0"}
    with log_of(target).open("w") as log:
        process = subprocess.run(
            command, stdout=log, stderr=log, env=environment, check=False
        )
    text = log_of(target).read_text(errors="replace")
    findings = tuple(sorted(set(artifacts.iterdir()) - before - {log_of(target)}))
    executions = last_number(text, r"^stat::number_of_executed_units: *(\d+)")
    return Run(
        target=target,
        # The statistics are missing after a finding; the last status line then counts the executions.
        executions=executions or last_number(text, r"^#(\d+)\t"),
        per_second=last_number(text, r"exec/s: (\d+)"),
        edges=last_number(text, r"\bcov: (\d+)"),
        new_units=last_number(text, r"^stat::new_units_added: *(\d+)"),
        findings=findings,
        exit_code=process.returncode,
    )


def last_number(text: str, pattern: str) -> int:
    numbers = re.findall(pattern, text, re.MULTILINE)
    return int(numbers[-1]) if numbers else 0


def print_table(runs: list[Run]) -> None:
    print(
        f"\n{'target':<20} {'executions':>13} {'exec/s':>8} {'edges':>7} {'new units':>9}  verdict"
    )
    for run in runs:
        print(
            f"{run.target:<20} {run.executions:>13,} {run.per_second:>8,} {run.edges:>7,} "
            f"{run.new_units:>9,}  {run.verdict}"
        )
    total = sum(run.executions for run in runs)
    print(f"{'all':<20} {total:>13,}")


if __name__ == "__main__":
    sys.exit(main())
