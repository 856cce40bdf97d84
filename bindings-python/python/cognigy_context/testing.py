"""A tenant of Cognigy.AI to test against: its routes, limits and failures, over real HTTP."""

import json
import urllib.request
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote

from ._core import _Sandbox

__all__ = ["Sandbox"]

# Loopback only: a proxy that is set up for this machine has no part in it.
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


class Sandbox:
    """A tenant in memory, on a thread of its own. A context manager; it starts when it is made.

    What is not given is as :meth:`defaults` says.

    Args:
        port: The port to listen on; 0 takes a free one.
        host: The address to listen on.
        api_key: The API key that is accepted.
        client_id: The OAuth2 client that is accepted.
        client_secret: The OAuth2 client's secret.
        context_limit: The largest context, in the platform's own measure. A key that brings the
            context over it is replaced by an error text, as on the platform.
        body_limit: The largest request body, in bytes.
        token_lifetime: Seconds, fractions too, for which an access token is accepted.
        max_entries: How many sessions, profiles and tokens are kept, each.

    Raises:
        OSError: The host is not known or the port is taken.

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
        """What each setting is when it is not given, by name."""
        return _Sandbox.defaults()

    def start(self) -> "Sandbox":
        """Starts it again after :meth:`stop`, empty; does nothing while it runs.

        Returns:
            Sandbox: Itself.

        Raises:
            OSError: The host is not known or the port is taken.
        """
        if self._running is None:
            self._running = _Sandbox(**self._options)
        return self

    def stop(self) -> None:
        """Stops it and waits until it has stopped, a second at most."""
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
        """Its base URL, without a slash at the end."""
        return self._core.url

    @property
    def webhook_url(self) -> str:
        """An address that takes notices, as a webhook does; :meth:`webhooks` shows them."""
        return f"{self.url}/_sandbox/webhook"

    @property
    def api_key(self) -> str:
        """The API key that it accepts."""
        return self._core.api_key

    @property
    def client_id(self) -> str:
        """The OAuth2 client that it accepts."""
        return self._core.client_id

    @property
    def client_secret(self) -> str:
        """The OAuth2 client's secret."""
        return self._core.client_secret

    def welcome(self) -> str:
        """The text for whoever starts a sandbox by hand: URL, credentials, commands to paste."""
        return self._core.welcome()

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
        """Makes a session exactly this, even over the limit; what is left out is empty.

        Args:
            session_id: The session's id.
            context: Its context on the platform.
            user_id: Its user.
            state: Its state on the platform.
            document: Its context document.
            variables: What was injected: mappings of ``key``, ``value``, ``scope``.
            bot_variables: What ``get_variables`` reads: mappings of ``name``, ``value`` (text),
                ``scope``.

        Returns:
            dict: The session, as :meth:`session` gives it.
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
        """Reads a session back.

        Args:
            session_id: The session's id.

        Returns:
            dict: ``sessionId``, ``userId``, ``context``, ``state``, ``seeded``,
            ``platformBytes``, and what the other families see of it.

        Raises:
            KeyError: There is no such session.
        """
        return self._found("sessions/", session_id)

    def seed_dialog(self, dialog_id: str, **fields: Any) -> dict[str, Any]:
        """Makes a dialog exactly this; what is left out is empty.

        Args:
            dialog_id: The dialog's id.
            **fields: ``session`` and ``user``: names to values.

        Returns:
            dict: The dialog, as :meth:`dialog` gives it.
        """
        path = "dialogs/" + quote(dialog_id, safe="")
        seeded: dict[str, Any] = self._control("PUT", path, fields)
        return seeded

    def dialog(self, dialog_id: str) -> dict[str, Any]:
        """Reads a dialog back.

        Args:
            dialog_id: The dialog's id.

        Returns:
            dict: Its variables, its ``version`` and how many ``transitions`` there were.

        Raises:
            KeyError: There is no such dialog.
        """
        return self._found("dialogs/", dialog_id)

    def configure(self, **options: Any) -> dict[str, Any]:
        """Changes how the tenant behaves, until :meth:`reset`.

        Args:
            **options: Under their names on the wire, for example ``pageSize=3`` or
                ``rateLimit={"requests": 2, "windowMs": 300}``.

        Returns:
            dict: All options, as they are now.

        Raises:
            ValueError: There is no such option, or it cannot be so.
        """
        configured: dict[str, Any] = self._told("PATCH", "config", options)
        return configured

    def counters(self) -> dict[str, Any]:
        """How many requests there were, of which kind."""
        counted: dict[str, Any] = self._control("GET", "counters")
        return counted

    def webhooks(self) -> list[dict[str, Any]]:
        """What :attr:`webhook_url` was told, oldest first: dicts of ``headers`` and ``body``."""
        told: list[dict[str, Any]] = self._control("GET", "webhook")["webhooks"]
        return told

    def revoke_tokens(self) -> None:
        """Takes back all tokens, so that each family has to ask for one again."""
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
        """Makes requests fail.

        Args:
            status: The answer is a problem with this status, 200 to 599.
            retry_after: Its ``Retry-After`` header: seconds, or any text.
            latency: Seconds that the answer waits.
            drop: The connection is closed without an answer.
            after: The request takes its effect first; only its answer is late or lost.
            times: For how many requests; without it, until :meth:`clear_faults`.
            skip: How many matching requests pass first.
            method: Only for requests of this method.
            path_prefix: Only for paths that begin so, as they are sent (percent-encoded).
            body: The answer's text, whatever it should be.
            cut: The answer breaks off in its middle.
            gzip: The answer is packed.
            trickle: Seconds over which the answer comes, bit by bit.

        Raises:
            ValueError: No such fault can be.
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
        self._told("POST", "faults", given)

    def clear_faults(self) -> None:
        """Takes back all faults."""
        self._control("DELETE", "faults")

    def requests(self) -> list[dict[str, Any]]:
        """The last 1,000 requests, oldest first.

        Returns:
            list: Dicts of ``atMs``, ``method``, ``path``, ``auth``, ``bytes`` and ``status``: never
            a query, a body or a credential.
        """
        logged: list[dict[str, Any]] = self._control("GET", "requests")["requests"]
        return logged

    def reset(self) -> None:
        """Forgets everything: sessions, profiles, tokens, faults and requests."""
        self._control("POST", "reset")

    @property
    def _core(self) -> _Sandbox:
        if self._running is None:
            raise RuntimeError("the sandbox is stopped: start() starts it again")
        return self._running

    def _found(self, kind: str, key: str) -> dict[str, Any]:
        try:
            found: dict[str, Any] = self._control("GET", kind + quote(key, safe=""))
        except HTTPError as error:
            if error.code != 404:
                raise
            error.close()
            raise KeyError(key) from None
        return found

    def _told(self, method: str, path: str, body: dict[str, Any]) -> Any:
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
        with _open(request) as answer:
            text = answer.read()
        return json.loads(text) if text else None
