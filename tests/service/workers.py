"""The service in several worker processes of uvicorn."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path


class Workers:
    """Runs the service. The constructor starts it and waits until all workers are ready.

    Args:
        log: The path of the log file.
        count: The number of worker processes.
        environment: Environment variables, in addition to those of this process.
    """

    def __init__(self, log: Path, count: int, environment: dict[str, str]) -> None:
        self._log = log
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "cognigy_context.service"),
                    *("--port", "0", "--workers", str(count)),
                ],
                env=os.environ | environment,
                stdout=file,
                stderr=file,
            )
        found = None
        while not found or self.ready_count() < count:
            if self.process.poll() is not None:
                raise RuntimeError(self.log())
            time.sleep(0.02)
            found = re.search(r"running on (http://[0-9.]+:[0-9]+) ", self.log())
        self.url = found[1]

    def log(self) -> str:
        """Returns the log so far."""
        return self._log.read_text("utf-8", "replace")

    def ready_count(self) -> int:
        """Returns the number of workers that have become ready, including dead ones."""
        return self.log().count("Application startup complete")

    def pids(self) -> list[int]:
        """Returns the process ids of all workers, including dead ones."""
        found = re.findall(r"Started server process \[(\d+)\]", self.log())
        return [int(pid) for pid in found]

    def terminate(self) -> None:
        """Sends SIGTERM, as a service manager does."""
        self.process.send_signal(signal.SIGTERM)

    def stop(self) -> str:
        """Stops the service. Returns its log."""
        if self.process.poll() is None:
            self.terminate()
        try:
            self.process.wait(timeout=120)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        return self.log()
