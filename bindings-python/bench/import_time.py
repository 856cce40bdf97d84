"""Row 5: the time of an import."""

import subprocess
import sys

from measure import report


def row_5() -> None:
    def import_seconds(modules: str) -> float:
        """Returns the seconds of an import in a new process."""
        code = (
            f"import time; start = time.perf_counter(); import {modules}; "
            "print(time.perf_counter() - start)"
        )
        run = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        return float(run.stdout)

    rounds = [
        (import_seconds("cognigy_context"), import_seconds("httpx, pydantic"))
        for _ in range(15)
    ]
    report(
        "Python: import cognigy_context",
        rounds,
        row="5",
        peer="import httpx, pydantic",
        reach="≤ 1/5×",
    )
