"""The settings of the service, with all defaults."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from cognigy_context import ConfigurationError

__all__ = ["PREFIX", "Settings"]

# The prefix of the environment variables of the service.
PREFIX = "COGNIGY_SERVICE_"


@dataclass(frozen=True)
class Settings:
    """The settings of the service.

    Each field is also an environment variable, for example ``COGNIGY_SERVICE_REDIS_URL``. Commas
    separate the items of a list; a flag is ``1``, ``true``, ``0`` or ``false``.

    The URL and the credentials of the tenant are not settings: they come from the client's
    variables (``COGNIGY_BASE_URL``, ``COGNIGY_API_KEY`` and others) or from the argument ``client``.

    Attributes:
        webhook_secrets: Secrets of Standard Webhooks, each ``whsec_`` followed by Base64. A
            signature with any of them is valid, so that a secret can be replaced without an
            interruption. Default: none.
        shared_secrets: The accepted values of the shared-secret header. Default: none.
        shared_secret_header: The name of the shared-secret header. Default: ``x-webhook-secret``.
        no_auth: Whether to accept requests without a signature or secret. Default: ``False``, so
            the service does not start without a secret.
        signature_tolerance_seconds: Maximum difference in seconds between the timestamp of a
            signature and the clock of the service. Default: 300.
        max_body_bytes: Maximum size of a request body in bytes. Default: 524,288.
        max_header_bytes: Maximum size of the URL and the headers of a request in bytes.
            Default: 16,384.
        max_header_count: Maximum number of headers of a request. Default: 100.
        header_timeout: Maximum seconds until the headers of a request have arrived, and in which a
            caller must read its response. Default: 10.
        max_connections: Maximum number of open connections per process. Default: 2,048.
        redis_url: The Redis server that stores the sessions, for example
            ``redis://localhost:6379/0``. Default: none; this process stores the sessions in memory.
        redis_cluster: Whether ``redis_url`` names a node of a cluster. Default: ``False``.
        redis_connections: Maximum number of connections to Redis per process. Default: 128.
        store_timeout: Maximum seconds for one operation of the store. Default: 3.
        session_ttl: Seconds until the stored variables and document of a session expire, from
            their last change. Default: 3,600.
        event_ttl: Seconds until the service forgets an event, or a sync with an id. The same one,
            delivered later, may take effect again. Default: 3,600. With ``webhook_secrets`` it is
            at least twice ``signature_tolerance_seconds``, the time in which a signature is valid.
        max_sessions: Maximum number of sessions in the memory of the process, without Redis.
            Default: 100,000.
        lease_seconds: Seconds until a session is free again after its worker has died. A working
            worker renews its lease. Default: 3.
        budget_seconds: Maximum seconds for a request to the service. Default: 10.
        reserve_seconds: Seconds of ``budget_seconds`` that are reserved for storing the outcome of
            the call to the tenant. Default: 0.5.
        hash_key: The key for hashing session ids with HMAC-SHA-256, so that the ids cannot be
            guessed from the store. Default: none; the ids are hashed with SHA-256.
        rate: Maximum number of calls to the tenant per period, as ``requests/seconds``, or ``off``
            for no limit. All workers with the same Redis share it. Default: ``100/60``.
        max_concurrent: Maximum number of concurrent calls to the tenant per process. Default: the
            default of the client, 5.
        schema_file: The path of the JSON Schema that ``/context/inspect`` validates contexts
            against. Default: none; every context is valid.
        metrics: Whether the route ``/metrics`` exists. Default: ``True``.
        docs: Whether the page ``/docs`` exists, which displays the API and loads its script from a
            public CDN. Default: ``False``.
    """

    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    shared_secrets: tuple[str, ...] = field(default=(), repr=False)
    shared_secret_header: str = "x-webhook-secret"
    no_auth: bool = False
    signature_tolerance_seconds: float = 300.0
    max_body_bytes: int = 524_288
    max_header_bytes: int = 16_384
    max_header_count: int = 100
    header_timeout: float = 10.0
    max_connections: int = 2_048
    redis_url: str | None = field(default=None, repr=False)
    redis_cluster: bool = False
    redis_connections: int = 128
    store_timeout: float = 3.0
    session_ttl: float = 3_600.0
    event_ttl: float = 3_600.0
    max_sessions: int = 100_000
    lease_seconds: float = 3.0
    budget_seconds: float = 10.0
    reserve_seconds: float = 0.5
    hash_key: str | None = field(default=None, repr=False)
    rate: str = "100/60"
    max_concurrent: int | None = None
    schema_file: str | None = None
    metrics: bool = True
    docs: bool = False

    def __post_init__(self) -> None:
        if not (self.no_auth or self.webhook_secrets or self.shared_secrets):
            raise ConfigurationError(
                "no secret authenticates callers. Set COGNIGY_SERVICE_WEBHOOK_SECRETS or "
                "COGNIGY_SERVICE_SHARED_SECRETS, or accept all requests with --no-auth (no_auth)."
            )
        for name in ("webhook_secrets", "shared_secrets"):
            if not all(getattr(self, name)):
                raise ConfigurationError(f"{name}: a secret is empty. Remove it.")
        for name in _POSITIVE:
            value = getattr(self, name)
            if not value > 0:
                raise ConfigurationError(f"{name} is {value:g}, it must be above 0")
        if self.reserve_seconds >= self.budget_seconds:
            raise ConfigurationError(
                f"reserve_seconds is {self.reserve_seconds:g} s, it must be below "
                f"budget_seconds ({self.budget_seconds:g} s)"
            )
        url = self.redis_url
        if url is not None and not url.startswith(("redis://", "rediss://", "unix://")):
            raise ConfigurationError(
                "redis_url is not a Redis URL. Write redis://host:port/database, rediss://… or "
                "unix://…."
            )
        if self.hash_key == "":
            raise ConfigurationError("hash_key is empty. Set a key, or omit it.")
        self.limits()

    @property
    def dedup_ttl(self) -> float:
        """Seconds until the service forgets a delivery. A signed request cannot be repeated while its
        signature is valid."""
        if not self.webhook_secrets:
            return self.event_ttl
        return max(self.event_ttl, 2 * self.signature_tolerance_seconds)

    def limits(self) -> tuple[int, float] | None:
        """Returns ``rate`` as a number of requests and a period in seconds.

        Returns:
            tuple: The two numbers, or None when there is no limit.

        Raises:
            ConfigurationError: ``rate`` is neither ``off`` nor ``requests/seconds``.
        """
        if self.rate == "off":
            return None
        requests, slash, seconds = self.rate.partition("/")
        try:
            limits = int(requests), float(seconds)
        except ValueError:
            limits = (0, 0.0)
        if not slash or limits[0] < 1 or not 0 < limits[1] < float("inf"):
            raise ConfigurationError(
                'rate must be requests/seconds (requests ≥ 1, seconds > 0), for example "100/60", '
                'or "off" for no limit'
            )
        return limits

    @classmethod
    def from_env(
        cls, environment: Mapping[str, str] | None = None, **given: Any
    ) -> "Settings":
        """Reads the settings from environment variables. An empty variable counts as not set.

        Args:
            environment: The variables. Default: those of the process.
            given: Fields that override the variables.

        Raises:
            ConfigurationError: A variable cannot be parsed, or a setting is invalid.
        """
        environment = os.environ if environment is None else environment
        values: dict[str, Any] = {}
        for item in fields(cls):
            text = environment.get(PREFIX + item.name.upper())
            if text:
                values[item.name] = _parse(item.name, item.default, text)
        return cls(**(values | given))


_POSITIVE = (
    "signature_tolerance_seconds",
    "max_body_bytes",
    "max_header_bytes",
    "max_header_count",
    "header_timeout",
    "max_connections",
    "redis_connections",
    "store_timeout",
    "session_ttl",
    "event_ttl",
    "max_sessions",
    "lease_seconds",
    "budget_seconds",
    "reserve_seconds",
)

_FLAGS = {"1": True, "true": True, "0": False, "false": False}


def _parse(name: str, default: object, text: str) -> object:
    """Parses an environment variable as the type of the field's default."""
    expected = "1, true, 0 or false"
    try:
        if isinstance(default, bool):
            return _FLAGS[text.lower()]
        if isinstance(default, tuple):
            return tuple(part.strip() for part in text.split(",") if part.strip())
        expected = "an integer"
        if isinstance(default, int) or name == "max_concurrent":
            return int(text)
        expected = "a number"
        return float(text) if isinstance(default, float) else text
    except (KeyError, ValueError):
        raise ConfigurationError(f"{PREFIX}{name.upper()} must be {expected}") from None
