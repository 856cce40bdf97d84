"""What is counted, for Prometheus. No label holds an id."""

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

__all__ = ["CONTENT_TYPE", "Meters"]

CONTENT_TYPE = CONTENT_TYPE_LATEST

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Meters:
    """The counters of one service. With ``PROMETHEUS_MULTIPROC_DIR`` they are those of all workers."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        prefix = "cognigy_context_service"
        self._requests = Counter(
            f"{prefix}_requests",
            "Requests that were answered, by route, status and problem.",
            ("route", "status", "problem"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            f"{prefix}_request_seconds",
            "How long requests took.",
            ("route",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._events = Counter(
            f"{prefix}_events",
            "Events, by what became of them: applied, duplicate, superseded.",
            ("outcome",),
            registry=self._registry,
        )
        self._waits = Counter(
            f"{prefix}_session_waits",
            "How often a request had to wait for another one of its session.",
            registry=self._registry,
        )
        self.under_way: Gauge = Gauge(
            f"{prefix}_requests_under_way",
            "Requests that are not answered yet.",
            multiprocess_mode="livesum",
            registry=self._registry,
        )

    def answered(self, route: str, status: int, problem: str, seconds: float) -> None:
        """Counts an answer. ``problem`` is empty when all went well."""
        self._requests.labels(route, str(status), problem).inc()
        self._seconds.labels(route).observe(seconds)

    def event(self, outcome: str) -> None:
        """Counts an event."""
        self._events.labels(outcome).inc()

    def waited(self) -> None:
        """Counts a request that had to wait for its session."""
        self._waits.inc()

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        registry = self._registry
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
