"""A proxy that delays responses until a test resumes them, without a fixed delay."""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from urllib.parse import urlsplit

# Seconds until a wait fails, so that no test hangs.
TIMEOUT = 120


class PausingProxy:
    """Forwards connections to a server. A context manager.

    Args:
        url: The base URL of the server.
        path: The proxy delays the response to each request that contains this text.
    """

    def __init__(self, url: str, path: str) -> None:
        address = urlsplit(url)
        self._server = (address.hostname, address.port)
        self._path = path.encode()
        self._paused = threading.Event()
        self._resumed = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def wait_until_paused(self) -> None:
        """Waits until the server has sent a response that the proxy delays."""
        assert self._paused.wait(TIMEOUT), "the server sent no response"

    def resume(self) -> None:
        """Forwards the delayed responses, and from now on delays no response."""
        self._resumed.set()

    def __enter__(self) -> "PausingProxy":  # noqa: PYI034 (Self came with 3.11)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self.resume()
        # Closing alone does not end `accept`.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._server)
            has_match = threading.Event()
            for work in (self._forward_requests, self._forward_responses):
                arguments = (caller, server, has_match)
                threading.Thread(target=work, args=arguments, daemon=True).start()

    def _forward_requests(
        self, caller: socket.socket, server: socket.socket, has_match: threading.Event
    ) -> None:
        with suppress(OSError):
            while part := caller.recv(65_536):
                # Each request starts a new part, because callers do not pipeline requests.
                if self._path in part:
                    has_match.set()
                server.sendall(part)
        shut_down(server)

    def _forward_responses(
        self, caller: socket.socket, server: socket.socket, has_match: threading.Event
    ) -> None:
        with caller, server:
            with suppress(OSError):
                while part := server.recv(65_536):
                    if has_match.is_set():
                        self._paused.set()
                        self._resumed.wait(TIMEOUT)
                    caller.sendall(part)
            # Ends the thread that waits for the next request.
            shut_down(caller)


def shut_down(connection: socket.socket) -> None:
    """Ends a connection in both directions. Does nothing if it has ended."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
