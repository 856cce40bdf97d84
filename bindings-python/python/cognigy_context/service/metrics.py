"""The Prometheus metrics of the service. No label contains an id."""

import os

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

__all__ = ["CONTENT_TYPE", "ServiceMetrics", "record_refused_connection"]

CONTENT_TYPE = CONTENT_TYPE_LATEST

_PREFIX = "cognigy_context_service"

# Connections belong to the process, not to one service in it.
_connection_registry = CollectorRegistry()
_refused_connections = Counter(
    f"{_PREFIX}_refused_connections",
    "Connections that were refused before their request reached the service, by problem.",
    ("problem",),
    registry=_connection_registry,
)

_LATENCY_BUCKETS_SECONDS = (
    *(0.005, 0.01, 0.025, 0.05, 0.1, 0.25),
    *(0.5, 1.0, 2.5, 5.0, 10.0),
)


def record_refused_connection(problem: str) -> None:
    """Records a connection that was refused before its request reached the service.

    Args:
        problem: The name of the problem.
    """
    _refused_connections.labels(problem).inc()


class ServiceMetrics:
    """The metrics of one service; with the environment variable ``PROMETHEUS_MULTIPROC_DIR`` the
    sum over all workers.

    Attributes:
        requests_in_progress: The number of requests without a response yet.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            f"{_PREFIX}_requests",
            "Responses, by route, status and problem.",
            ("route", "status", "problem"),
            registry=self._registry,
        )
        self._request_seconds = Histogram(
            f"{_PREFIX}_request_seconds",
            "Duration of requests in seconds.",
            ("route",),
            buckets=_LATENCY_BUCKETS_SECONDS,
            registry=self._registry,
        )
        self._events = Counter(
            f"{_PREFIX}_events",
            "Events and syncs with an id, by outcome: processed, duplicate, older.",
            ("outcome",),
            registry=self._registry,
        )
        self._refused_callers = Counter(
            f"{_PREFIX}_refused_callers",
            "Requests without valid authentication, by reason: missing, malformed, stale, wrong.",
            ("reason",),
            registry=self._registry,
        )
        self._session_waits = Counter(
            f"{_PREFIX}_session_waits",
            "Requests that waited for another request of the same session.",
            registry=self._registry,
        )
        self.requests_in_progress: Gauge = Gauge(
            f"{_PREFIX}_requests_in_progress",
            "Requests in progress.",
            multiprocess_mode="livesum",
            registry=self._registry,
        )

    def record_response(
        self, route: str, status: int, problem: str, seconds: float
    ) -> None:
        """Records a response.

        Args:
            route: The path template.
            status: The HTTP status.
            problem: The name of the problem; empty for a success.
            seconds: The duration of the request in seconds.
        """
        self._requests.labels(route, str(status), problem).inc()
        self._request_seconds.labels(route).observe(seconds)

    def record_event(self, outcome: str) -> None:
        """Records an event, or a sync with an id.

        Args:
            outcome: ``processed``, ``duplicate`` or ``older``.
        """
        self._events.labels(outcome).inc()

    def record_refused_caller(self, reason: str) -> None:
        """Records a request without valid authentication.

        Args:
            reason: ``missing``, ``malformed``, ``stale`` or ``wrong``.
        """
        self._refused_callers.labels(reason).inc()

    def record_session_wait(self) -> None:
        """Records a request that waits for another request of the same session."""
        self._session_waits.inc()

    def render(self) -> bytes:
        """Returns all metrics in the text format of Prometheus."""
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
            return generate_latest(registry)
        return generate_latest(self._registry) + generate_latest(_connection_registry)
