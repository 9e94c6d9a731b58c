"""Health for supervisors, and numbers for Prometheus."""

from typing import Any

import sqlalchemy as sa
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.process_collector import ProcessCollector

from teahouse.errors import Unavailable
from teahouse.house import House


class HouseCollector:
    """Reads the house's own counters when Prometheus asks, so that the hot path counts in plain integers."""

    def __init__(self, house: House) -> None:
        self._house = house

    def collect(self) -> Any:
        house = self._house
        yield GaugeMetricFamily(
            "teahouse_commands_waiting", "Commands that wait for the writer", house.store.writer.waiting
        )
        yield CounterMetricFamily("teahouse_commands", "Commands decided", house.commands_decided)
        yield CounterMetricFamily("teahouse_commits", "Groups committed", house.commits)
        yield CounterMetricFamily("teahouse_events", "Events told", house.events_told)
        yield GaugeMetricFamily("teahouse_connections", "Live connections", house.connections())
        yield GaugeMetricFamily("teahouse_phone_calls", "Calls to and from phones that go on", house.phone_calls())


def routes(house: House) -> list[HTTPRouteHandler]:
    registry = CollectorRegistry()
    registry.register(HouseCollector(house))
    ProcessCollector(registry=registry)

    @get("/health/live", include_in_schema=False, sync_to_thread=False)
    def live() -> dict[str, str]:
        """The process answers."""
        return {"status": "live"}

    @get("/health/ready", include_in_schema=False)
    async def ready() -> dict[str, str]:
        """The store can be read and the writer keeps up."""
        await house.store.read(lambda connection: connection.execute(sa.text("SELECT 1")).scalar_one())
        if house.store.writer.waiting > house.settings.commands_waiting // 2:
            raise Unavailable("The writer is behind.")
        return {"status": "ready"}

    @get("/metrics", include_in_schema=False, sync_to_thread=False)
    def metrics() -> Response[bytes]:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return [live, ready, metrics]
