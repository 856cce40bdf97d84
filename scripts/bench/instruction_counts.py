"""Counts the instructions of each hot path, and holds them to those that are kept, or keeps them.

What a path takes depends on the compiler and on the machine's instructions (its C library picks
its routines by them). So the counts are kept with both, and elsewhere only a path that has grown
grossly fails.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

# In percent: more than this is worse. Two runs differ by a hundredth of that, as hash maps are seeded.
TOLERANCE = 2.0
# The same where the compiler or the machine is another.
TOLERANCE_ELSEWHERE = 50.0


def output_of(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def made_by() -> dict[str, str]:
    """What the counts depend on, apart from the code."""
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
        # Of those that valgrind knows.
        "cpu": " ".join(sorted(flags & {"sse4_2", "avx2", "bmi2", "erms", "asimd"})),
        "libc": " ".join(
            filter(None, output_of("getconf", "GNU_LIBC_VERSION").split())
        ),
    }


def count(program: str, path: str) -> int:
    run = subprocess.run(
        [
            *("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"),
            # Of one function, and of all that it calls.
            "--toggle-collect=*::counted",
            *(program, path),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    collected = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode != 0 or not collected or int(collected[1]) == 0:
        sys.exit(f"counts: {path} could not be counted:\n{run.stderr}{run.stdout}")
    return int(collected[1])


def check(counts: dict[str, int], by: dict[str, str], kept_file: Path) -> None:
    kept = json.loads(kept_file.read_text("utf-8"))
    tolerance = TOLERANCE
    if others := [what for what in by if kept["made_by"].get(what) != by[what]]:
        tolerance = TOLERANCE_ELSEWHERE
        differences = ", ".join(
            f"{what} is {by[what] or 'unknown'} and was {kept['made_by'].get(what)}"
            for what in others
        )
        print(
            f"counts: held to {tolerance:.0f} % only, as the kept ones were made elsewhere: {differences}"
        )
    if set(counts) != set(kept["instructions"]):
        changed = sorted(set(counts) ^ set(kept["instructions"]))
        sys.exit(
            f"counts: paths that came or went: {', '.join(changed)}. `make counts` keeps the new ones."
        )
    worse, better = [], []
    for path, now in counts.items():
        before = kept["instructions"][path]
        percent = (now / before - 1) * 100
        line = f"counts: {path}: {now:,} instructions, {before:,} are kept ({percent:+.1f} %)"
        if percent > tolerance:
            worse.append(line)
        elif percent < -tolerance and tolerance == TOLERANCE:
            better.append(line)
    print(
        "\n".join(
            [*better, *worse] or [f"counts: {len(counts)} paths take what they took"]
        )
    )
    if better:
        print("counts: better by more than the tolerance: `make counts` keeps that")
    if worse:
        sys.exit(
            f"counts: {len(worse)} of {len(counts)} paths take over {tolerance:.0f} % more than is kept. "
            "Where that is the price of something: `make counts` keeps the new counts, to be committed with it."
        )


def renew(counts: dict[str, int], by: dict[str, str], kept_file: Path) -> None:
    kept = json.loads(kept_file.read_text("utf-8")) if kept_file.exists() else {}
    for path, now in counts.items():
        before = kept.get("instructions", {}).get(path)
        change = f", {(now / before - 1) * 100:+.1f} %" if before else ""
        print(f"counts: {path}: {now:,}{change}")
    text = json.dumps({"made_by": by, "instructions": counts}, indent=2)
    kept_file.write_text(text + "\n", "utf-8")


def main() -> None:
    task, program, kept_file = sys.argv[1:]
    paths = output_of(program).split()
    counts = {path: count(program, path) for path in paths}
    {"check": check, "renew": renew}[task](counts, made_by(), Path(kept_file))


main()
