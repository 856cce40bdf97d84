"""The service as it is run: uvicorn with several worker processes."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path


class Workers:
    """Starts when it is made, and is ready then.

    Args:
        log: Where its log goes.
        count: How many worker processes.
        environment: What it is configured with.
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
        while not found or self.started() < count:
            if self.process.poll() is not None:
                raise RuntimeError(self.log())
            time.sleep(0.02)
            found = re.search(r"running on (http://[0-9.]+:[0-9]+) ", self.log())
        self.url = found[1]

    def log(self) -> str:
        return self._log.read_text("utf-8", "replace")

    def started(self) -> int:
        """How many workers have become ready, those that died since included."""
        return self.log().count("Application startup complete")

    def pids(self) -> list[int]:
        """The worker processes."""
        found = re.findall(r"Started server process \[(\d+)\]", self.log())
        return [int(pid) for pid in found]

    def terminate(self) -> None:
        """Asks it to stop, as a service manager does."""
        self.process.send_signal(signal.SIGTERM)

    def stop(self) -> str:
        """Stops it, and gives its whole log."""
        if self.process.poll() is None:
            self.terminate()
        try:
            self.process.wait(timeout=120)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        return self.log()
