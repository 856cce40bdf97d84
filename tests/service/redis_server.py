"""A Redis server that tests can kill, restart and pause."""

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
    """Runs redis-server. The constructor starts it. Acknowledged writes survive a kill.

    Args:
        program: The path of redis-server.
        options: Further command-line options.
    """

    def __init__(self, program: str, *options: str) -> None:
        self._program = program
        self._options = options
        self._folder = Path(tempfile.mkdtemp())
        self._process: subprocess.Popen[bytes] | None = None
        self._reserved = reserve_ports()
        self.port = self._reserved[0].getsockname()[1]
        if sys.platform != "linux":
            # On other systems the server cannot listen on a reserved port.
            self._release_ports()
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
        """Kills the server."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def start(self) -> None:
        """Starts the server again, with its data."""
        if not self._launch():
            raise RuntimeError("redis-server did not start again")

    def pause(self) -> None:
        """Suspends the process: its connections stay open, without responses."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Ends the pause."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def __enter__(self) -> "RedisServer":  # noqa: PYI034 (Self came with 3.11)
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self.resume()
            self.kill()
        self._release_ports()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _release_ports(self) -> None:
        for port in self._reserved:
            port.close()

    def _launch(self) -> bool:
        with (self._folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [
                    self._program,
                    *("--port", str(self.port)),
                    *("--bind", "127.0.0.1"),
                    *("--dir", str(self._folder)),
                    *("--save", ""),
                    *("--appendonly", "yes"),
                    # Other values may acknowledge a write before it is in the file.
                    *("--appendfsync", "always"),
                    *self._options,
                ],
                stdout=log,
                stderr=log,
            )
        while process.poll() is None:
            if b"Ready to accept connections" in (self._folder / "log").read_bytes():
                self._process = process
                return True
            time.sleep(0.01)
        return False


# The difference between the port of a server and its port for other nodes of the cluster.
CLUSTER_PORT_OFFSET = 10_000


def reserve_ports() -> list[socket.socket]:
    """Reserves a free port, and the port for the cluster.

    While these sockets are open, no other process gets the ports, so that the server can use them
    again after a kill. The sockets do not listen, so the server can.
    """
    while True:
        port = reserve_port(0)
        try:
            cluster_port = reserve_port(port.getsockname()[1] + CLUSTER_PORT_OFFSET)
        except (OSError, OverflowError):
            port.close()
            continue
        return [port, cluster_port]


def reserve_port(number: int) -> socket.socket:
    port = socket.socket()
    try:
        port.bind(("127.0.0.1", number))
    except BaseException:
        port.close()
        raise
    # After the bind, so that a second reservation of the same port fails.
    port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return port
