"""Names to servers (RFC 3263), with DNS in memory."""

import asyncio
from collections import Counter
from typing import TypeVar

import pytest

from teahouse.calls.sip.driver import Where
from teahouse.calls.sip.resolve import CACHE_MAX, STALE_S_MAX, LookUpFailed, Resolver, Srv
from teahouse.calls.sip.transactions import Flow

Found = TypeVar("Found")


class Zone:
    def __init__(self, services: dict[str, list[Srv]] | None = None, hosts: dict[str, list[str]] | None = None) -> None:
        self.services = services or {}
        self.hosts = hosts or {}
        self.asked: list[str] = []
        self.is_down = False
        self.ttl = 100.0

    async def srv(self, name: str) -> tuple[list[Srv], float]:
        return self._answer(name, self.services), self.ttl

    async def addresses(self, name: str) -> tuple[list[str], float]:
        return self._answer(name, self.hosts), self.ttl

    def _answer(self, name: str, zone: dict[str, list[Found]]) -> list[Found]:
        self.asked.append(name)
        if self.is_down:
            raise LookUpFailed(name)
        return zone.get(name, [])


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


SERVERS = {
    "_sip._udp.x.example": [
        Srv(20, 0, 5070, "c.example"),
        Srv(10, 90, 5060, "a.example"),
        Srv(10, 10, 5061, "b.example"),
    ]
}
HOSTS = {"a.example": ["192.0.2.1", "2001:db8::1"], "b.example": ["192.0.2.2"], "c.example": ["192.0.2.3"]}


@pytest.mark.parametrize(
    ("where", "flow"),
    [
        (Where("192.0.2.9"), Flow("udp", "192.0.2.9", 5060)),
        (Where("192.0.2.9", 5080, "tcp"), Flow("tcp", "192.0.2.9", 5080)),
        (Where("2001:db8::9", 0, "tls"), Flow("tls", "2001:db8::9", 5061)),
    ],
)
async def test_numbers_need_no_dns(where: Where, flow: Flow) -> None:
    zone = Zone()
    resolver = Resolver(zone)
    assert resolver.known(where) == await resolver.resolve(where) == [flow]
    assert zone.asked == []


async def test_a_port_means_no_services() -> None:
    zone = Zone(SERVERS, HOSTS)
    assert await Resolver(zone).resolve(Where("b.example", 7)) == [Flow("udp", "192.0.2.2", 7)]
    assert zone.asked == ["b.example"]


async def test_without_services_the_name_itself_is_asked() -> None:
    zone = Zone({}, HOSTS)
    assert await Resolver(zone).resolve(Where("b.example", 0, "tls")) == [Flow("tls", "192.0.2.2", 5061)]
    assert zone.asked == ["_sips._tcp.b.example", "b.example"]


async def test_priority_comes_before_weight_and_every_address_has_its_turn() -> None:
    flows = await Resolver(Zone(SERVERS, HOSTS), dice=lambda: 0.0).resolve(Where("x.example"))
    assert [(flow.host, flow.port) for flow in flows] == [
        ("192.0.2.1", 5060),
        ("2001:db8::1", 5060),
        ("192.0.2.2", 5061),
        ("192.0.2.3", 5070),
    ]


async def test_weights_are_shares() -> None:
    numbers = iter(range(10_000))
    resolver = Resolver(Zone(SERVERS, HOSTS), dice=lambda: (next(numbers) * 0.618) % 1)
    first = Counter([(await resolver.resolve(Where("x.example")))[0].host for _ in range(1000)])
    assert first["192.0.2.3"] == 0
    assert 20 < first["192.0.2.2"] < 120


async def test_a_service_that_is_decidedly_not_there() -> None:
    zone = Zone({"_sip._udp.x.example": [Srv(0, 0, 0, "")]}, {"x.example": ["192.0.2.1"]})
    assert await Resolver(zone).resolve(Where("x.example")) == []


async def test_one_server_without_an_address_does_not_hide_the_others() -> None:
    zone = Zone(SERVERS, {"c.example": ["192.0.2.3"]})
    assert await Resolver(zone).resolve(Where("x.example")) == [Flow("udp", "192.0.2.3", 5070)]


async def test_answers_hold_for_their_time() -> None:
    zone, clock = Zone(SERVERS, HOSTS), Clock()
    resolver = Resolver(zone, clock=clock)
    await resolver.resolve(Where("x.example"))
    asked = len(zone.asked)
    clock.now = 99
    assert len(resolver.known(Where("x.example")) or []) == 4
    clock.now = 100
    assert resolver.known(Where("x.example")) is None
    await resolver.resolve(Where("x.example"))
    assert len(zone.asked) == 2 * asked


async def test_old_answers_serve_while_dns_is_down() -> None:
    zone, clock = Zone(SERVERS, HOSTS), Clock()
    resolver = Resolver(zone, clock=clock)
    await resolver.resolve(Where("x.example"))
    zone.is_down = True
    clock.now = 1000
    assert len(await resolver.resolve(Where("x.example"))) == 4
    clock.now += 2 * STALE_S_MAX
    assert await resolver.resolve(Where("x.example")) == []
    zone.is_down = False
    assert len(await resolver.resolve(Where("x.example"))) == 4


async def test_two_who_ask_at_a_time_ask_once() -> None:
    zone = Zone(SERVERS, HOSTS)
    resolver = Resolver(zone)
    one, two = await asyncio.gather(*(resolver.resolve(Where("x.example")) for _ in range(2)))
    assert sorted(map(str, one)) == sorted(map(str, two))
    assert zone.asked.count("_sip._udp.x.example") == 1


async def test_the_cache_is_bounded() -> None:
    zone = Zone({}, {f"h{at}.example": ["192.0.2.1"] for at in range(CACHE_MAX + 10)})
    resolver = Resolver(zone)
    for at in range(CACHE_MAX + 10):
        await resolver.resolve(Where(f"h{at}.example", 5060))
    known = [at for at in range(CACHE_MAX + 10) if resolver.known(Where(f"h{at}.example", 5060))]
    assert known == list(range(10, CACHE_MAX + 10))
