"""A local tenant for tests, with the routes, limits and failures of Cognigy.AI, over HTTP."""

import json
import urllib.request
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote

from ._core import _Sandbox

__all__ = ["Sandbox"]

# Ignores the proxy settings of the machine, because the sandbox listens on it.
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


class Sandbox:
    """Runs a tenant in memory, on its own thread. The constructor starts it. A context manager.

    Args:
        port: The port to listen on. Default: 0, a free port.
        host: The address to listen on. Default: ``127.0.0.1``.
        api_key: The accepted API key. Default: ``sandbox-key``.
        client_id: The accepted OAuth 2 client id. Default: ``sandbox``.
        client_secret: The accepted OAuth 2 client secret. Default: ``sandbox``.
        context_limit: The maximum size of a context in platform bytes. A value that exceeds it is
            replaced by an error text, as on the platform. Default: 64,000.
        body_limit: The maximum size of a request body in bytes. Default: 65,536.
        token_lifetime: Seconds until an access token expires. Default: 900.
        max_entries: The maximum number of sessions, and also of dialogs, of profiles and of
            tokens. Default: 10,000.

    Raises:
        OSError: The host is unknown, or the port is in use.
        ConfigurationError: A number is negative or too large.

    Example:
        >>> from cognigy_context import Client
        >>> from cognigy_context.testing import Sandbox
        >>> with Sandbox() as sandbox, Client(sandbox.url, api_key=sandbox.api_key) as client:
        ...     client.inject_context("session-1", "user-1", {"tier": "gold"})
        ...     sandbox.session("session-1")["platformBytes"]
        {'tier': 'gold'}
        16
    """

    def __init__(
        self,
        port: int = 0,
        *,
        host: str | None = None,
        api_key: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        context_limit: int | None = None,
        body_limit: int | None = None,
        token_lifetime: float | None = None,
        max_entries: int | None = None,
    ) -> None:
        self._options: dict[str, Any] = {
            "port": port,
            "host": host,
            "api_key": api_key,
            "client_id": client_id,
            "client_secret": client_secret,
            "context_limit": context_limit,
            "body_limit": body_limit,
            "token_lifetime": token_lifetime,
            "max_entries": max_entries,
        }
        self._running: _Sandbox | None = None
        self.start()

    @staticmethod
    def defaults() -> dict[str, Any]:
        """Returns the default of each argument, by name."""
        return _Sandbox.defaults()

    def start(self) -> "Sandbox":
        """Starts the sandbox again after :meth:`stop`, without data. Does nothing while it runs.

        Returns:
            Sandbox: This object.

        Raises:
            OSError: The host is unknown, or the port is in use.
        """
        if self._running is None:
            self._running = _Sandbox(**self._options)
        return self

    def stop(self) -> None:
        """Stops the sandbox. Waits up to 1 s until it has stopped."""
        running, self._running = self._running, None
        if running is not None:
            running.stop()

    def __enter__(self) -> "Sandbox":  # noqa: PYI034 (Self came with 3.11)
        return self.start()

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<Sandbox {self.url}>" if self._running else "<Sandbox stopped>"

    @property
    def url(self) -> str:
        """The base URL, without a slash at the end."""
        return self._core.url

    @property
    def webhook_url(self) -> str:
        """A URL that receives webhooks. :meth:`webhooks` returns them."""
        return f"{self.url}/_sandbox/webhook"

    @property
    def api_key(self) -> str:
        """The accepted API key."""
        return self._core.api_key

    @property
    def client_id(self) -> str:
        """The accepted OAuth 2 client id."""
        return self._core.client_id

    @property
    def client_secret(self) -> str:
        """The accepted OAuth 2 client secret."""
        return self._core.client_secret

    def banner(self) -> str:
        """Returns a text for the terminal: the URL, the credentials and example commands."""
        return self._core.banner()

    def seed(
        self,
        session_id: str,
        context: Mapping[str, Any] | None = None,
        *,
        user_id: str | None = None,
        state: str | None = None,
        document: Mapping[str, Any] | None = None,
        variables: Iterable[Mapping[str, Any]] | None = None,
        bot_variables: Iterable[Mapping[str, Any]] | None = None,
    ) -> dict[str, Any]:
        """Replaces a session, or creates it. Accepts data over the limits.

        Args:
            session_id: The session id.
            context: The context on the platform. Default: empty.
            user_id: The user id. Default: none.
            state: The state on the platform. Default: none.
            document: The context document. Default: none.
            variables: The injected variables: mappings with ``key``, ``value`` and ``scope``.
                Default: none.
            bot_variables: The variables that ``get_variables`` reads: mappings with ``name``,
                ``value`` (text) and ``scope``. Default: none.

        Returns:
            dict: The session, in the form of :meth:`session`.
        """
        fields = {
            "userId": user_id,
            "context": context,
            "state": state,
            "document": document,
            "variables": None if variables is None else list(variables),
            "botVariables": None if bot_variables is None else list(bot_variables),
        }
        body = {name: value for name, value in fields.items() if value is not None}
        path = "sessions/" + quote(session_id, safe="")
        seeded: dict[str, Any] = self._control("PUT", path, body)
        return seeded

    def session(self, session_id: str) -> dict[str, Any]:
        """Returns a session.

        Args:
            session_id: The session id.

        Returns:
            dict: ``sessionId``, ``userId``, ``context``, ``state``, ``seeded``,
            ``platformBytes``; also ``document``, ``variables`` and ``botVariables`` if present.

        Raises:
            KeyError: The session does not exist.
        """
        return self._get_by_id("sessions/", session_id)

    def seed_dialog(self, dialog_id: str, **fields: Any) -> dict[str, Any]:
        """Replaces a dialog, or creates it.

        Args:
            dialog_id: The dialog id.
            **fields: ``session`` and ``user``: the variables, values by name. Default: empty.

        Returns:
            dict: The dialog, in the form of :meth:`dialog`.
        """
        path = "dialogs/" + quote(dialog_id, safe="")
        seeded: dict[str, Any] = self._control("PUT", path, fields)
        return seeded

    def dialog(self, dialog_id: str) -> dict[str, Any]:
        """Returns a dialog.

        Args:
            dialog_id: The dialog id.

        Returns:
            dict: ``dialogId``, ``session``, ``user``, ``nextStep``, ``version`` and
            ``transitions``, the number of updates with a next step.

        Raises:
            KeyError: The dialog does not exist.
        """
        return self._get_by_id("dialogs/", dialog_id)

    def configure(self, **options: Any) -> dict[str, Any]:
        """Changes the behaviour of the tenant until :meth:`reset`.

        Args:
            **options: The options by their JSON names, for example ``pageSize=3`` or
                ``rateLimit={"requests": 2, "windowMs": 300}``.

        Returns:
            dict: All options, after the change.

        Raises:
            ValueError: An option is unknown, or its value is invalid.
        """
        configured: dict[str, Any] = self._validated("PATCH", "config", options)
        return configured

    def counters(self) -> dict[str, Any]:
        """Returns the number of requests by kind.

        Returns:
            dict: ``requests``, ``statuses``, ``tooManyRequests``, ``tokenRequests`` and
            ``tokensGranted``.
        """
        counters: dict[str, Any] = self._control("GET", "counters")
        return counters

    def webhooks(self) -> list[dict[str, Any]]:
        """Returns the last 1,000 webhooks that :attr:`webhook_url` received, oldest first.

        Returns:
            list: Dicts with ``atMs``, ``headers`` and ``body``.
        """
        received: list[dict[str, Any]] = self._control("GET", "webhook")["webhooks"]
        return received

    def revoke_tokens(self) -> None:
        """Revokes all access tokens."""
        self._control("DELETE", "tokens")

    def fault(
        self,
        *,
        status: int | None = None,
        retry_after: float | str | None = None,
        latency: float | None = None,
        drop: bool = False,
        after: bool = False,
        times: int | None = None,
        skip: int = 0,
        method: str | None = None,
        path_prefix: str = "",
        body: str | None = None,
        cut: bool = False,
        gzip: bool = False,
        trickle: float | None = None,
    ) -> None:
        """Makes matching requests fail, or delays them.

        Args:
            status: Returns a problem with this status, 200 to 599.
            retry_after: The ``Retry-After`` header of that response: seconds, or any text.
            latency: Delays the response by this number of seconds.
            drop: Closes the connection without a response. Default: ``False``.
            after: Executes the request first; only the response is delayed, lost or replaced.
                Default: ``False``.
            times: The number of requests that fail. Default: all, until :meth:`clear_faults`.
            skip: The number of matching requests to let through first. Default: 0.
            method: Only requests with this method. Default: all.
            path_prefix: Only paths with this prefix, as sent (percent-encoded). Default: all.
            body: Returns this text as the body.
            cut: Closes the connection after half of the body. Default: ``False``.
            gzip: Compresses the response. Default: ``False``.
            trickle: Sends the body in pieces over this number of seconds.

        Raises:
            ValueError: The arguments are not a valid fault.
        """
        fields: dict[str, Any] = {
            "status": status,
            "retryAfter": None if retry_after is None else str(retry_after),
            "latencyMs": None if latency is None else round(latency * 1000),
            "drop": drop,
            "after": after,
            "times": times,
            "skip": skip,
            "method": method,
            "pathPrefix": path_prefix,
            "body": body,
            "cut": cut,
            "gzip": gzip,
            "trickleMs": None if trickle is None else round(trickle * 1000),
        }
        given = {name: value for name, value in fields.items() if value is not None}
        self._validated("POST", "faults", given)

    def clear_faults(self) -> None:
        """Removes all faults."""
        self._control("DELETE", "faults")

    def requests(self) -> list[dict[str, Any]]:
        """Returns the last 1,000 requests to the tenant, oldest first.

        Returns:
            list: Dicts with ``atMs``, ``method``, ``path``, ``auth``, ``headers``,
            ``headerValues``, ``bytes`` and ``status``, but without the query, the body and the
            credentials.
        """
        logged: list[dict[str, Any]] = self._control("GET", "requests")["requests"]
        return logged

    def reset(self) -> None:
        """Deletes all data, tokens, faults, counters and recorded requests and webhooks, and restores
        the initial options."""
        self._control("POST", "reset")

    @property
    def _core(self) -> _Sandbox:
        if self._running is None:
            raise RuntimeError("the sandbox is stopped. Call start().")
        return self._running

    def _get_by_id(self, path_prefix: str, key: str) -> dict[str, Any]:
        try:
            found: dict[str, Any] = self._control(
                "GET", path_prefix + quote(key, safe="")
            )
        except HTTPError as error:
            if error.code != 404:
                raise
            error.close()
            raise KeyError(key) from None
        return found

    def _validated(self, method: str, path: str, body: dict[str, Any]) -> Any:
        """Calls a control route; raises ``ValueError`` when it rejects the body."""
        try:
            return self._control(method, path, body)
        except HTTPError as error:
            with error:
                raise ValueError(json.load(error)["detail"]) from None

    def _control(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        url = f"{self.url}/_sandbox/{path}"
        request = urllib.request.Request(url, data=data, headers=headers, method=method)
        with _open(request) as response:
            text = response.read()
        return json.loads(text) if text else None
