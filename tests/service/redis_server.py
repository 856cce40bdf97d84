"""A Redis of one's own, which can be killed, started again, and held up."""

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import redis as redis_py
from redis.backoff import NoBackoff
from redis.retry import Retry


class RedisServer:
    """Starts when it is made. What was acknowledged survives a kill: it is in a file by then.

    Args:
        program: The path of redis-server.
        options: More of its options.
    """

    def __init__(self, program: str, *options: str) -> None:
        self._program = program
        self._options = options
        self._place = Path(tempfile.mkdtemp())
        self._process: subprocess.Popen[bytes] | None = None
        self._reserved = reserved_ports()
        self.port = self._reserved[0].getsockname()[1]
        if sys.platform != "linux":
            # Elsewhere the server could not listen beside the reservation.
            self._give_ports_back()
        if not self._launch():
            raise RuntimeError("redis-server did not start")

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self) -> "redis_py.Redis":
        return redis_py.Redis(port=self.port, retry=Retry(NoBackoff(), 0))

    def flush(self) -> None:
        with self.client() as client:
            client.flushall()

    def kill(self) -> None:
        """Ends it without warning."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def start(self) -> None:
        """Starts it again, with what it held."""
        if not self._launch():
            raise RuntimeError("redis-server did not start again")

    def hold(self) -> None:
        """From now on it answers nothing, and keeps its connections."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def __enter__(self) -> "RedisServer":  # noqa: PYI034 (Self came with 3.11)
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self.go_on()
            self.kill()
        self._give_ports_back()
        shutil.rmtree(self._place, ignore_errors=True)

    def _give_ports_back(self) -> None:
        for port in self._reserved:
            port.close()

    def _launch(self) -> bool:
        with (self._place / "log").open("wb") as log:
            process = subprocess.Popen(
                [
                    self._program,
                    *("--port", str(self.port)),
                    *("--bind", "127.0.0.1"),
                    *("--dir", str(self._place)),
                    *("--save", ""),
                    *("--appendonly", "yes"),
                    # With any other, what was acknowledged may be in no file yet.
                    *("--appendfsync", "always"),
                    *self._options,
                ],
                stdout=log,
                stderr=log,
            )
        while process.poll() is None:
            if b"Ready to accept connections" in (self._place / "log").read_bytes():
                self._process = process
                return True
            time.sleep(0.01)
        return False


# From a server's port to that on which the nodes of its cluster speak to each other.
TO_CLUSTER_PORT = 10_000


def reserved_ports() -> list[socket.socket]:
    """Takes a port of the system, and the one for a cluster.

    The system gives them to nobody else while these sockets are open, so that they are still free
    when the server comes back after a kill. As they do not listen, the server can.
    """
    while True:
        port = reserved(0)
        try:
            cluster_port = reserved(port.getsockname()[1] + TO_CLUSTER_PORT)
        except (OSError, OverflowError):
            port.close()
            continue
        return [port, cluster_port]


def reserved(number: int) -> socket.socket:
    port = socket.socket()
    try:
        port.bind(("127.0.0.1", number))
    except BaseException:
        port.close()
        raise
    # Only now, so that another reservation of the same port is refused.
    port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return port
