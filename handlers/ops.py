"""Health check and metrics for the operator."""

import collections
import itertools
from collections.abc import Iterable
from http import HTTPStatus

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from handlers.base import BaseHandler
from handlers.connections import Connections
from handlers.site import Site
from lan.interfaces import is_own, own_addresses
from realtime.engineio.budget import Rates
from realtime.engineio.buffers import Cause
from realtime.engineio.server import Server
from realtime.errors import Banned, Forbidden, Frozen, Held, Muted, NotAllowed, NotTeacher, SeatNeeded, WrongToken
from realtime.histogram import BOUNDS_S, Histogram
from realtime.hub import Namespace

OF_DESK = frozenset(
    error.code for error in (Banned, Frozen, Held, Muted, NotAllowed, NotTeacher, SeatNeeded, WrongToken)
)
"""The refusals that the teacher's desk causes: of it, nothing is told."""


class Metrics(Collector):
    """One application's metrics: counters, and values collected from the parts when they are read."""

    def __init__(self, site: Site, engine: Server, connections: Connections) -> None:
        self._site = site
        self._engine = engine
        self._accepted = connections
        self.registry = CollectorRegistry()
        self.registry.register(self)
        self._refusals: collections.Counter[str] = collections.Counter()
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

    def refused(self, code: str) -> None:
        """Count a refused request."""
        self._refusals[code] += 1

    def collect(self) -> Iterable[Metric]:
        """Yield the current values."""
        rooms = self._site.service.lobby()
        members = sum(room.members for room in rooms)
        yield GaugeMetricFamily("gifchat_rooms", "Rooms there are.", len(rooms))
        yield GaugeMetricFamily("gifchat_members", "Places taken in all rooms together.", members)
        yield CounterMetricFamily("gifchat_records", "Records stored.", self._site.service.records_stored)
        yield GaugeMetricFamily("gifchat_visitors", "Visitors known.", len(self._site.visitors))
        newcomers = len(self._site.visitors.newcomers)
        yield GaugeMetricFamily("gifchat_newcomers", "Visitors of whom nothing is stored yet.", newcomers)
        yield from self._connections()
        lessons = GaugeMetricFamily("gifchat_lessons", "Connections of the lessons open.", labels=["lesson"])
        for lesson, tally in self._site.lessons.board.tallies.items():
            lessons.add_metric([lesson], tally.open)
        yield lessons
        closed = CounterMetricFamily(
            "gifchat_sessions_over_rate",
            "Engine.IO sessions closed because they sent too much for too long, by what.",
            labels=["what"],
        )
        for what in Rates._fields:
            closed.add_metric([what], self._engine.over_rate[what])
        yield closed
        yield from self._latencies()
        refusals = CounterMetricFamily("gifchat_refusals", "Requests and events refused.", labels=["code"])
        for code, count in sum((one.refusals for one in self._namespaces()), self._refusals.copy()).items():
            if code not in OF_DESK:
                refusals.add_metric([code], count)
        yield refusals
        limited = CounterMetricFamily("gifchat_limited", "What a rate limit refused.", labels=["limit", "of"])
        allowances = self._site.service.allowances
        for limit, of in itertools.product(allowances.limits, ("visitor", "address")):
            limited.add_metric([limit.name, of], allowances.refusals[limit.name, of])
        yield limited

    def _namespaces(self) -> Iterable[Namespace]:
        return self._site.hub.public

    def _connections(self) -> Iterable[Metric]:
        sockets = GaugeMetricFamily("gifchat_sockets", "Engine.IO sessions open.", labels=["transport"])
        polling = sum(session.polling for session in self._engine)
        sockets.add_metric(["polling"], polling)
        sockets.add_metric(["websocket"], len(self._engine) - polling)
        yield sockets
        buffers = self._engine.buffers
        yield GaugeMetricFamily(
            "gifchat_buffered_bytes",
            "Bytes kept for clients: half received, waiting, or sent and not read.",
            buffers.held_bytes,
        )
        yield GaugeMetricFamily("gifchat_connections", "Connections accepted and open.", len(self._accepted))
        closed = CounterMetricFamily(
            "gifchat_connections_closed", "Connections closed for what they take from others.", labels=["cause"]
        )
        for cause in Cause:
            closed.add_metric([cause.name.lower()], buffers.ended[cause])
        for crowd in ("crowded", "refused"):
            closed.add_metric([crowd], self._accepted.closed[crowd])
        yield closed

    def _latencies(self) -> Iterable[Metric]:
        commits = HistogramMetricFamily("gifchat_commit_seconds", "Duration of a commit of one or more rows.")
        commits.add_metric([], *_shape(self._site.commits))
        yield commits
        fanouts = HistogramMetricFamily(
            "gifchat_fanout_seconds",
            "Time from the first emit of a loop iteration to the last write.",
            labels=["namespace"],
        )
        for namespace in self._namespaces():
            fanouts.add_metric([namespace.name], *_shape(namespace.fanout.latency))
        yield fanouts


def _shape(histogram: Histogram) -> tuple[list[tuple[str, float]], float]:
    """Return the cumulative buckets and the sum, as Prometheus has them."""
    counts = itertools.accumulate(histogram.counts)
    return list(zip([*map(str, BOUNDS_S), "+Inf"], map(float, counts), strict=True)), histogram.sum_s


class HealthHandler(BaseHandler):
    """GET /healthz."""

    async def get(self) -> None:
        """Report whether everything works: 200 if it does, 503 if not."""
        degraded = await self.site.health.degraded()
        self.json(
            {
                "status": "degraded" if degraded else "ok",
                "version": self.site.version,
                "rooms": self.site.service.rooms,
                "visitors": len(self.site.visitors),
                **({"degraded": degraded} if degraded else {}),
            },
            HTTPStatus.SERVICE_UNAVAILABLE if degraded else HTTPStatus.OK,
        )


class MetricsHandler(BaseHandler):
    """GET /metrics, for Prometheus."""

    async def get(self) -> None:
        """Answer in the text format, unless told otherwise to this machine only: others have no need to count."""
        if not self.site.metrics_open and not is_own(self.address, own_addresses()):
            raise Forbidden
        metrics: Metrics = self.settings["metrics"]
        self.set_header("Content-Type", CONTENT_TYPE_LATEST)
        self.finish(generate_latest(metrics.registry))
