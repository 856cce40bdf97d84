"""How the service behaves. All of its defaults stand here."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from cognigy_context import ConfigurationError

__all__ = ["PREFIX", "Settings"]

# Of the environment variables.
PREFIX = "COGNIGY_SERVICE_"


@dataclass(frozen=True)
class Settings:
    """How the service behaves. Each field is also an environment variable, for example
    ``COGNIGY_SERVICE_REDIS_URL``; lists are separated by commas. Where the tenant is and what
    proves the right to call it comes from the client's own variables (``COGNIGY_BASE_URL`` and so
    on), or from ``client``.

    Attributes:
        webhook_secrets: Secrets of Standard Webhooks (``whsec_`` and Base64). Signatures made with
            any of them are good, so that a secret can be changed without a gap.
        shared_secrets: What the shared-secret header may hold.
        shared_secret_header: The header's name.
        no_auth: Serve anybody. Without it, and without secrets, the service refuses to start.
        signature_tolerance_seconds: How far the time of a signature may be from now.
        max_body_bytes: Most bytes of a request's body.
        redis_url: For example ``redis://localhost:6379/0``. Without it all is kept in this process.
        redis_cluster: The URL is that of a node of a cluster.
        redis_connections: Most connections to Redis, of one process.
        store_timeout: Seconds that one question to the store may take.
        session_ttl: Seconds for which what is known of a session is kept.
        event_ttl: Seconds for which an event is known to be done. A caller that delivers again
            later than this is not recognised.
        max_sessions: How many sessions are kept in the process, without Redis.
        lease_seconds: For how long a session is kept from others when a worker dies on it.
            Renewed while there is work.
        budget_seconds: How long a request may take in all.
        reserve_seconds: What of the budget is kept for telling the store how the call ended.
        hash_key: With it, session ids are stored under their HMAC-SHA-256 with this key, so that
            who can read the store cannot guess them.
        rate: Most calls to the tenant, as ``requests/seconds``; ``off`` for no limit. Shared by all
            workers through Redis.
        max_concurrent: Most calls to the tenant that are under way, of one process. Without it,
            the client's own.
        schema_file: The path of a JSON Schema that ``/context/inspect`` holds contexts against.
        metrics: Whether there is ``/metrics``.
    """

    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    shared_secrets: tuple[str, ...] = field(default=(), repr=False)
    shared_secret_header: str = "x-webhook-secret"
    no_auth: bool = False
    signature_tolerance_seconds: float = 300.0
    max_body_bytes: int = 524_288
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

    def __post_init__(self) -> None:
        if not (self.no_auth or self.webhook_secrets or self.shared_secrets):
            raise ConfigurationError(
                "callers have no way to prove who they are: set COGNIGY_SERVICE_WEBHOOK_SECRETS "
                "or COGNIGY_SERVICE_SHARED_SECRETS, or say --no-auth to serve anybody"
            )
        if not all(self.webhook_secrets) or not all(self.shared_secrets):
            raise ConfigurationError("a secret of callers is empty: give one, or none")
        for name in _ABOVE_ZERO:
            if not getattr(self, name) > 0:
                raise ConfigurationError(f"{name} must be more than 0")
        if self.reserve_seconds >= self.budget_seconds:
            raise ConfigurationError("reserve_seconds must be less than budget_seconds")
        url = self.redis_url
        if url is not None and not url.startswith(("redis://", "rediss://", "unix://")):
            raise ConfigurationError(
                "redis_url is no URL of Redis: expected redis://host:port/number, "
                "rediss://… or unix://…"
            )
        if self.hash_key == "":
            raise ConfigurationError("hash_key is empty: give one, or none")
        self.limits()

    def limits(self) -> tuple[int, float] | None:
        """The rate as ``(requests, seconds)``; None when there is no limit.

        Raises:
            ConfigurationError: It is neither ``off`` nor ``requests/seconds``.
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
                'rate: expected "requests/seconds", for example "100/60", or "off"'
            )
        return limits

    @classmethod
    def from_env(
        cls, environment: Mapping[str, str] | None = None, **given: Any
    ) -> "Settings":
        """Reads settings from environment variables.

        Args:
            environment: The variables; those of the process when None.
            given: Fields that win over the environment.

        Raises:
            ConfigurationError: A variable cannot be read, or the settings do not fit together.
        """
        environment = os.environ if environment is None else environment
        values: dict[str, Any] = {}
        for item in fields(cls):
            text = environment.get(PREFIX + item.name.upper())
            if text:
                values[item.name] = _read(item.name, item.default, text)
        return cls(**(values | given))


_ABOVE_ZERO = (
    "signature_tolerance_seconds",
    "max_body_bytes",
    "redis_connections",
    "store_timeout",
    "session_ttl",
    "event_ttl",
    "max_sessions",
    "lease_seconds",
    "budget_seconds",
    "reserve_seconds",
)


def _read(name: str, default: object, text: str) -> object:
    """What an environment variable says, in the kind of the field's default."""
    try:
        if isinstance(default, bool):
            return {"1": True, "true": True, "0": False, "false": False}[text.lower()]
        if isinstance(default, tuple):
            return tuple(part.strip() for part in text.split(",") if part.strip())
        if isinstance(default, int) or name == "max_concurrent":
            return int(text)
        return float(text) if isinstance(default, float) else text
    except (KeyError, ValueError):
        raise ConfigurationError(f"{PREFIX}{name.upper()} cannot be read") from None
