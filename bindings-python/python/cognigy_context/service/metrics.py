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

__all__ = ["CONTENT_TYPE", "ServiceMetrics"]

CONTENT_TYPE = CONTENT_TYPE_LATEST

_LATENCY_BUCKETS_SECONDS = (
    *(0.005, 0.01, 0.025, 0.05, 0.1, 0.25),
    *(0.5, 1.0, 2.5, 5.0, 10.0),
)


class ServiceMetrics:
    """The metrics of one service; with the environment variable ``PROMETHEUS_MULTIPROC_DIR`` the
    sum over all workers.

    Attributes:
        requests_in_progress: The number of requests without a response yet.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        prefix = "cognigy_context_service"
        self._requests = Counter(
            f"{prefix}_requests",
            "Responses, by route, status and problem.",
            ("route", "status", "problem"),
            registry=self._registry,
        )
        self._request_seconds = Histogram(
            f"{prefix}_request_seconds",
            "Duration of requests in seconds.",
            ("route",),
            buckets=_LATENCY_BUCKETS_SECONDS,
            registry=self._registry,
        )
        self._events = Counter(
            f"{prefix}_events",
            "Events, by outcome: applied, duplicate, superseded.",
            ("outcome",),
            registry=self._registry,
        )
        self._session_waits = Counter(
            f"{prefix}_session_waits",
            "Requests that waited for another request of the same session.",
            registry=self._registry,
        )
        self.requests_in_progress: Gauge = Gauge(
            f"{prefix}_requests_in_progress",
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
        """Records an event.

        Args:
            outcome: ``applied``, ``duplicate`` or ``superseded``.
        """
        self._events.labels(outcome).inc()

    def record_session_wait(self) -> None:
        """Records a request that waits for another request of the same session."""
        self._session_waits.inc()

    def render(self) -> bytes:
        """Returns all metrics in the text format of Prometheus."""
        registry = self._registry
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
