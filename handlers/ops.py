"""Health check and metrics for the operator."""

from collections.abc import Iterable
from http import HTTPStatus

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from handlers.base import BaseHandler, Site
from realtime.engineio.server import Server


class Metrics(Collector):
    """One application's metrics: counters, and values collected from the parts when they are read."""

    def __init__(self, site: Site, engine: Server) -> None:
        self._site = site
        self._engine = engine
        self.registry = CollectorRegistry()
        self.registry.register(self)
        self._requests = Counter(
            "gifchat_requests",
            "HTTP requests answered, but for the polls of Socket.IO, by class of status.",
            ["status"],
            registry=self.registry,
        )

        self._counted: dict[int, Counter] = {}

    def count(self, status: int) -> None:
        """Count an answered request."""
        kind = status // 100
        if kind not in self._counted:
            self._counted[kind] = self._requests.labels(f"{kind}xx")
        self._counted[kind].inc()

    def collect(self) -> Iterable[Metric]:
        """Yield the current values."""
        rooms = self._site.service.lobby()
        members = sum(room.members for room in rooms)
        yield GaugeMetricFamily("gifchat_rooms", "Rooms there are.", len(rooms))
        yield GaugeMetricFamily("gifchat_members", "Places taken in all rooms together.", members)
        yield CounterMetricFamily("gifchat_records", "Records stored.", self._site.service.records_stored)
        yield GaugeMetricFamily("gifchat_visitors", "Visitors known.", len(self._site.visitors))
        yield GaugeMetricFamily("gifchat_sockets", "Engine.IO sessions open.", len(self._engine))
        lessons = GaugeMetricFamily("gifchat_lessons", "Connections of the lessons open.", labels=["lesson"])
        for lesson, tally in self._site.lessons.board.tallies.items():
            lessons.add_metric([lesson], tally.open)
        yield lessons


class HealthHandler(BaseHandler):
    """GET /healthz."""

    async def get(self) -> None:
        """Report whether everything works: 200 if it does, 503 if not."""
        degraded = await self.site.health.degraded()
        self.json(
            {
                "status": "degraded" if degraded else "ok",
                "version": self.site.version,
                "rooms": len(self.site.service.lobby()),
                "visitors": len(self.site.visitors),
                **({"degraded": degraded} if degraded else {}),
            },
            HTTPStatus.SERVICE_UNAVAILABLE if degraded else HTTPStatus.OK,
        )


class MetricsHandler(BaseHandler):
    """GET /metrics, for Prometheus."""

    async def get(self) -> None:
        """Answer in the text format."""
        metrics: Metrics = self.settings["metrics"]
        self.set_header("Content-Type", CONTENT_TYPE_LATEST)
        self.finish(generate_latest(metrics.registry))
