"""A proxy that holds answers back until a test releases them: an event in the place of a delay."""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from urllib.parse import urlsplit

# Guards against a hang; no test waits for so long.
LONGEST = 120


class HoldingProxy:
    """Forwards connections to a server. A context manager.

    Args:
        url: The base URL of the server.
        path: Answers to requests with this in their first line or headers are held back.
    """

    def __init__(self, url: str, path: str) -> None:
        address = urlsplit(url)
        self._server = (address.hostname, address.port)
        self._path = path.encode()
        self._held = threading.Event()
        self._released = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def wait_until_held(self) -> None:
        """Waits until the server has answered a request and the answer is held back."""
        assert self._held.wait(LONGEST), "no answer came"

    def release(self) -> None:
        """Lets the answer go on, and all answers after it."""
        self._released.set()

    def __enter__(self) -> "HoldingProxy":  # noqa: PYI034 (Self came with 3.11)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self.release()
        # Only this wakes the thread that accepts.
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
            is_held = threading.Event()
            for work in (self._forward_requests, self._forward_answers):
                arguments = (caller, server, is_held)
                threading.Thread(target=work, args=arguments, daemon=True).start()

    def _forward_requests(
        self, caller: socket.socket, server: socket.socket, is_held: threading.Event
    ) -> None:
        with suppress(OSError):
            while part := caller.recv(65_536):
                # A request begins in a part of its own, as no caller sends two at a time.
                if self._path in part:
                    is_held.set()
                server.sendall(part)
        end(server)

    def _forward_answers(
        self, caller: socket.socket, server: socket.socket, is_held: threading.Event
    ) -> None:
        with caller, server:
            with suppress(OSError):
                while part := server.recv(65_536):
                    if is_held.is_set():
                        self._held.set()
                        self._released.wait(LONGEST)
                    caller.sendall(part)
            # Wakes the thread that waits for the next request.
            end(caller)


def end(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
