"""Counts the instructions of each hot path and compares them with the baseline, or writes the baseline.

The counts depend on the compiler and on the CPU features (the C library selects its routines by them). The
baseline records both; with another compiler or CPU only a large growth fails.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

# Allowed growth in percent. Two runs differ by a hundredth of this, because hash maps are seeded.
TOLERANCE = 2.0
# Allowed growth with another compiler or CPU than that of the baseline.
TOLERANCE_OTHER_MACHINE = 50.0


def output_of(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def environment() -> dict[str, str]:
    """Returns the properties of the machine that the counts depend on."""
    rustc = dict(re.findall(r"^(\S+): (.*)$", output_of("rustc", "-vV"), re.MULTILINE))
    flags: set[str] = set()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        found = re.search(
            r"^(?:flags|Features)\s*:\s*(.*)$", cpuinfo.read_text("utf-8"), re.MULTILINE
        )
        flags = set(found[1].split()) if found else set()
    return {
        "rustc": f"{rustc['release']} ({rustc['commit-hash'][:9]})",
        "target": rustc["host"],
        # Only the features that valgrind supports.
        "cpu": " ".join(sorted(flags & {"sse4_2", "avx2", "bmi2", "erms", "asimd"})),
        "libc": " ".join(
            filter(None, output_of("getconf", "GNU_LIBC_VERSION").split())
        ),
    }


def count(program: str, path: str) -> int:
    run = subprocess.run(
        [
            *("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"),
            # Counts this function and everything that it calls.
            "--toggle-collect=*::counted",
            *(program, path),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    collected = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode != 0 or not collected or int(collected[1]) == 0:
        sys.exit(f"counts: cannot count {path}:\n{run.stderr}{run.stdout}")
    return int(collected[1])


def check(counts: dict[str, int], current: dict[str, str], baseline_file: Path) -> None:
    baseline = json.loads(baseline_file.read_text("utf-8"))
    tolerance = TOLERANCE
    if changed := [
        name for name in current if baseline["environment"].get(name) != current[name]
    ]:
        tolerance = TOLERANCE_OTHER_MACHINE
        differences = ", ".join(
            f"{name} is {current[name] or 'unknown'}, was {baseline['environment'].get(name)}"
            for name in changed
        )
        print(
            f"counts: allowing {tolerance:.0f} % growth, because the baseline comes from another environment: {differences}"
        )
    if set(counts) != set(baseline["instructions"]):
        different = sorted(set(counts) ^ set(baseline["instructions"]))
        sys.exit(
            f"counts: paths added or removed: {', '.join(different)}. Run `make counts` to update the baseline."
        )
    worse, better = [], []
    for path, now in counts.items():
        before = baseline["instructions"][path]
        percent = (now / before - 1) * 100
        line = f"counts: {path}: {now:,} instructions, baseline {before:,} ({percent:+.1f} %)"
        if percent > tolerance:
            worse.append(line)
        elif percent < -tolerance and tolerance == TOLERANCE:
            better.append(line)
    print(
        "\n".join(
            [*better, *worse]
            or [f"counts: {len(counts)} paths are within the tolerance"]
        )
    )
    if better:
        print(
            "counts: improved by more than the tolerance. Run `make counts` to update the baseline."
        )
    if worse:
        sys.exit(
            f"counts: {len(worse)} of {len(counts)} paths exceed the baseline by more than {tolerance:.0f} %. "
            "If the growth is intended, run `make counts` and commit the new baseline."
        )


def update(
    counts: dict[str, int], current: dict[str, str], baseline_file: Path
) -> None:
    baseline = (
        json.loads(baseline_file.read_text("utf-8")) if baseline_file.exists() else {}
    )
    for path, now in counts.items():
        before = baseline.get("instructions", {}).get(path)
        change = f", {(now / before - 1) * 100:+.1f} %" if before else ""
        print(f"counts: {path}: {now:,}{change}")
    text = json.dumps({"environment": current, "instructions": counts}, indent=2)
    baseline_file.write_text(text + "\n", "utf-8")


def main() -> None:
    task, program, baseline_file = sys.argv[1:]
    paths = output_of(program).split()
    counts = {path: count(program, path) for path in paths}
    {"check": check, "update": update}[task](counts, environment(), Path(baseline_file))


main()
