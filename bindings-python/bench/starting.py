"""Row 5: what an import costs."""

import subprocess
import sys

from measuring import report


def row_5() -> None:
    def start(imports: str) -> float:
        code = f"import time; a = time.perf_counter(); import {imports}; print(time.perf_counter() - a)"
        run = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        return float(run.stdout)

    rounds = [(start("cognigy_context"), start("httpx, pydantic")) for _ in range(15)]
    report(
        "Python: import cognigy_context",
        rounds,
        row="5",
        peer="import httpx, pydantic",
        reach="≤ 1/5×",
    )
