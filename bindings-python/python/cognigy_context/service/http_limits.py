"""The HTTP protocol of uvicorn, with limits on the memory and the time that a connection can take.

uvicorn reads headers of any size with httptools, and waits for them without end. Both happen before the
application, and so before authentication. This protocol refuses:

- headers, or trailers, beyond ``max_header_bytes`` or ``max_header_count``: 431;
- headers that do not arrive within ``header_timeout``: 408;
- connections beyond ``max_connections``: 503.

It also closes a connection whose caller does not read its response, or continues to send a body after the
response, for ``header_timeout``. The application limits the size and the time of bodies.

``cognigy-context serve`` uses it. With another launcher, pass it to uvicorn as ``http``::

    uvicorn.run(create_app(settings), http=LimitedHttpProtocol.with_settings(settings))
    uvicorn --factory cognigy_context.service:create_app \\
        --http cognigy_context.service.http_limits:LimitedHttpProtocol
"""

import asyncio
import logging
from typing import Any, ClassVar

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from .metrics import record_refused_connection
from .problems import (
    HEADERS_TIMEOUT,
    HEADERS_TOO_LARGE,
    TOO_MANY_CONNECTIONS,
    Problem,
    problem_response,
)
from .settings import Settings

__all__ = ["LimitedHttpProtocol"]

_log = logging.getLogger("cognigy_context.service")

# The parser gets the data in pieces of this size, so that it cannot buffer much more than the limits allow.
_PIECE_BYTES = 4_096

# A connection is closed after the responses to one request and to this number of further requests that the
# caller sent ahead.
_MAX_PIPELINED_REQUESTS = 8

# After a refusal, data is read and dropped up to these limits, because closing a connection with unread
# data can discard the response before the caller has read it.
_MAX_DROPPED_BYTES = 1_048_576
_DROP_SECONDS = 2.0

_STATUS_LINES = {
    408: b"HTTP/1.1 408 Request Timeout\r\n",
    431: b"HTTP/1.1 431 Request Header Fields Too Large\r\n",
    503: b"HTTP/1.1 503 Service Unavailable\r\n",
}


class _Environment:
    """The settings of the environment, read for the first connection."""

    settings: ClassVar[Settings | None] = None


def _settings_from_env() -> Settings:
    if _Environment.settings is None:
        # The secrets are the application's part.
        _Environment.settings = Settings.from_env(no_auth=True)
    return _Environment.settings


class LimitedHttpProtocol(HttpToolsProtocol):
    """One connection. The limits come from the environment variables of :class:`Settings`, or from
    :meth:`with_settings`."""

    _given_settings: ClassVar[Settings | None] = None

    @classmethod
    def with_settings(cls, settings: Settings) -> "type[LimitedHttpProtocol]":
        """Returns a protocol with the limits of the settings.

        Args:
            settings: The settings; only ``max_header_bytes``, ``max_header_count``,
                ``header_timeout`` and ``max_connections`` matter.

        Returns:
            type: The protocol class.
        """
        return type(cls.__name__, (cls,), {"_given_settings": settings})

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._settings = self._given_settings or _settings_from_env()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._is_refused = False
        self._dropped_bytes = 0
        self._is_message_open = False
        self._has_headers = False
        # Of the current message: the bytes of the URL, headers and trailers that the parser has
        # reported, and the bytes since its last report, which it may have buffered.
        self._reported_bytes = 0
        self._unreported_bytes = 0
        self._header_count = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Starts the timeout for the first headers, or refuses the connection."""
        super().connection_made(transport)
        if len(self.connections) > self._settings.max_connections:
            self._refuse(TOO_MANY_CONNECTIONS)
        else:
            self._start_timer("receive", self._on_receive_timeout)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops all timeouts."""
        for name in list(self._timers):
            self._stop_timer(name)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parses data in pieces, and refuses headers beyond the limits."""
        for start in range(0, len(data), _PIECE_BYTES):
            if self._is_refused:
                self._drop(len(data) - start)
                return
            if self.transport.is_closing():
                return
            piece = data[start : start + _PIECE_BYTES]
            self._unreported_bytes += len(piece)
            super().data_received(piece)
            self._check_header_limits()
        if not self._is_refused and self._waits_for_caller():
            self._start_timer("receive", self._on_receive_timeout)

    def on_message_begin(self) -> None:
        """Resets the counts for the next request."""
        if self._is_refused:
            return
        # The time until here belongs to the previous request.
        self._stop_timer("receive")
        self._is_message_open, self._has_headers = True, False
        self._reported_bytes = self._unreported_bytes = self._header_count = 0
        if len(self.pipeline) >= _MAX_PIPELINED_REQUESTS:
            self._close_after_responses()
            return
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Counts a part of the URL."""
        if not self._is_refused:
            self._report(len(url))
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Counts a header. Ignores trailers, which must not count as headers."""
        if self._is_refused:
            return
        self._header_count += 1
        self._report(len(name) + len(value) + len(b": \r\n"))
        self._check_header_limits()
        if not (self._is_refused or self._has_headers):
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Starts the request."""
        if not self._is_refused:
            self._report(0)
            self._has_headers = True
            self._stop_timer("receive")
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Passes a part of the body to the application."""
        if not self._is_refused:
            self._report(0)
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Ends the request."""
        if not self._is_refused:
            self._report(0)
            self._is_message_open = False
            self._stop_timer("receive")
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Limits the time for the rest of a body that nothing reads, and for an unread response."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._start_timer("write", self.transport.abort)
        elif (
            not self._is_refused
            and self._is_message_open
            and self._has_headers
            # The open message may be the next request, whose body the application limits.
            and not self._is_responding
        ):
            self._start_timer("receive", self._on_receive_timeout)

    def send_400_response(self, msg: str) -> None:
        """Responds to data that is not HTTP, unless the connection is refused already."""
        if not self._is_refused:
            super().send_400_response(msg)
            self._start_timer("write", self.transport.abort)

    def timeout_keep_alive_handler(self) -> None:
        """Closes an idle connection."""
        self._close()

    def pause_writing(self) -> None:
        """Limits the time in which the caller does not read its response."""
        super().pause_writing()
        self._start_timer("write", self.transport.abort)

    def resume_writing(self) -> None:
        """Ends this limit, unless the connection is closing: it then ends with the last byte."""
        super().resume_writing()
        if not self.transport.is_closing():
            self._stop_timer("write")

    def _report(self, size: int) -> None:
        self._reported_bytes += size
        self._unreported_bytes = 0

    def _check_header_limits(self) -> None:
        size = self._reported_bytes + self._unreported_bytes
        if self._is_refused or self.transport.is_closing():
            return
        if (
            size > self._settings.max_header_bytes
            or self._header_count > self._settings.max_header_count
        ):
            self._refuse(HEADERS_TOO_LARGE)

    @property
    def _is_responding(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _waits_for_caller(self) -> bool:
        """Returns whether only the caller can continue, and no other timeout runs."""
        if self._is_message_open and not self._has_headers:
            return True
        # Otherwise the caller sent line breaks before a request, or the rest of a body.
        return not self._is_responding

    def _on_receive_timeout(self) -> None:
        self._timers.pop("receive", None)
        if self._is_message_open and not self._has_headers:
            self._refuse(HEADERS_TIMEOUT)
        else:
            self._close()

    def _refuse(self, problem: Problem) -> None:
        """Responds with a problem, and closes the connection."""
        record_refused_connection(problem.name)
        _log.info("connection refused: %d %s", problem.status, problem.name)
        self._is_refused = True
        if self._is_message_open and self._has_headers:
            # The rest of the request cannot be read, and its response may have been sent.
            self.transport.abort()
            return
        if self._is_responding:
            self._close_after_responses()
            return
        self._unset_keepalive_if_required()
        self._stop_timer("receive")
        response = problem_response(problem)
        headers = [*response.raw_headers, (b"connection", b"close")]
        lines = [name + b": " + value + b"\r\n" for name, value in headers]
        body = bytes(response.body)
        self.transport.write(
            b"".join([_STATUS_LINES[problem.status], *lines, b"\r\n", body])
        )
        if problem is not TOO_MANY_CONNECTIONS and self.transport.can_write_eof():
            self.transport.write_eof()
            self._start_timer("drop", self.transport.abort, _DROP_SECONDS)
        else:
            self._close()

    def _close_after_responses(self) -> None:
        """Drops all further data, and closes the connection after the last response."""
        self._is_refused = True
        self._stop_timer("receive")
        self.cycle.keep_alive = False

    def _drop(self, size: int) -> None:
        self._dropped_bytes += size
        if self._dropped_bytes > _MAX_DROPPED_BYTES:
            self.transport.abort()

    def _close(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
            # A caller that does not read its response would delay the end.
            self._start_timer("write", self.transport.abort)

    def _start_timer(
        self, name: str, action: Any, seconds: float | None = None
    ) -> None:
        """Starts a timeout, unless it runs already."""
        if name not in self._timers:
            delay = self._settings.header_timeout if seconds is None else seconds
            self._timers[name] = self.loop.call_later(delay, action)

    def _stop_timer(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()
