"""Where a SIP server is (RFC 3263): numeric hosts, explicit ports, SRV with priority and weight, A and AAAA."""

import asyncio
import random
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final, Protocol

from teahouse.calls.sip.driver import Where
from teahouse.calls.sip.model import SIP_PORTS, Transport
from teahouse.calls.sip.numeric import is_numeric
from teahouse.calls.sip.transactions import Flow

CACHE_MAX: Final = 256
TARGETS_MAX: Final = 16
LOOK_UP_S_MAX: Final = 5.0
TTL_S_MIN: Final = 30.0
TTL_S_MAX: Final = 3600.0
STALE_S_MAX: Final = 86_400.0
"""How long an old answer serves on while DNS does not answer."""
_SERVICES: Final[dict[Transport, str]] = {"udp": "_sip._udp", "tcp": "_sip._tcp", "tls": "_sips._tcp"}
_LOCAL: Final = ("127.0.0.1", "::1")


class LookUpFailed(Exception):
    """DNS did not answer; a name that is not there is an empty answer."""


@dataclass(frozen=True)
class Srv:
    priority: int
    weight: int
    port: int
    host: str


class LookUp(Protocol):
    """DNS. Both return what is found, and for how many seconds it holds. Raise `LookUpFailed`."""

    async def srv(self, name: str) -> tuple[list[Srv], float]: ...

    async def addresses(self, name: str) -> tuple[list[str], float]: ...


class Dns:
    """By dnspython, with the system's name servers."""

    async def srv(self, name: str) -> tuple[list[Srv], float]:
        found, ttl = await self._query(name, "SRV")
        return [Srv(each.priority, each.weight, each.port, str(each.target).rstrip(".")) for each in found], ttl

    async def addresses(self, name: str) -> tuple[list[str], float]:
        (four, ttl4), (six, ttl6) = await asyncio.gather(self._query(name, "A"), self._query(name, "AAAA"))
        return [str(each.address) for each in (*four, *six)], min(ttl4, ttl6)

    async def _query(self, name: str, kind: str) -> tuple[list[Any], float]:
        import dns.asyncresolver  # noqa: PLC0415 - heavy, and needed only where there are names
        import dns.exception  # noqa: PLC0415
        import dns.resolver  # noqa: PLC0415

        try:
            resolver = dns.asyncresolver.get_default_resolver()
            answer = await resolver.resolve(name, kind, lifetime=LOOK_UP_S_MAX, raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN:
            return [], TTL_S_MIN
        except (dns.exception.DNSException, OSError, ValueError) as error:
            raise LookUpFailed(f"{kind} of {name}: {error}") from error
        return list(answer.rrset or ()), answer.rrset.ttl if answer.rrset else TTL_S_MIN


@dataclass(frozen=True)
class _Target:
    priority: int
    weight: int
    flow: Flow


@dataclass(frozen=True)
class _Known:
    until: float
    targets: tuple[_Target, ...]


class Resolver:
    """With a cache. `dice` gives numbers in [0, 1) for the choice by weight."""

    def __init__(
        self,
        look_up: LookUp | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self._look_up = look_up or Dns()
        self._clock = clock
        self._dice = dice
        self._cache: OrderedDict[Where, _Known] = OrderedDict()
        self._running: dict[Where, asyncio.Task[_Known]] = {}

    def known(self, where: Where) -> list[Flow] | None:
        """The targets, if that needs no look-up; None: ask `resolve`."""
        if is_numeric(where.host):
            return [_flow(where, str(ip_address(where.host)), where.port)]
        if where.host == "localhost":
            return [_flow(where, host, where.port) for host in _LOCAL]
        known = self._cache.get(where)
        if known is None or known.until <= self._clock():
            return None
        self._cache.move_to_end(where)
        return self._in_order(known)

    async def resolve(self, where: Where) -> list[Flow]:
        """The targets in the order in which they are to be tried; none where the name leads nowhere."""
        found = self.known(where)
        if found is not None:
            return found
        running = self._running.get(where)
        if running is None:
            running = self._running[where] = asyncio.create_task(self._look(where))
            running.add_done_callback(lambda _task: self._running.pop(where, None))
        return self._in_order(await asyncio.shield(running))

    async def _look(self, where: Where) -> _Known:
        now = self._clock()
        try:
            targets, ttl = await self._targets(where)
            known = _Known(now + min(max(ttl, TTL_S_MIN), TTL_S_MAX), tuple(targets))
        except LookUpFailed:
            stale = self._cache.get(where)
            usable = stale is not None and stale.until + STALE_S_MAX > now
            known = _Known(now + TTL_S_MIN, stale.targets if stale is not None and usable else ())
            if not known.targets:
                return known  # the next call asks again
        self._cache[where] = known
        self._cache.move_to_end(where)
        if len(self._cache) > CACHE_MAX:
            self._cache.popitem(last=False)
        return known

    async def _targets(self, where: Where) -> tuple[list[_Target], float]:
        if where.port:
            return await self._hosts(where, [Srv(0, 0, where.port, where.host)], TTL_S_MAX)
        services, ttl = await self._look_up.srv(f"{_SERVICES[where.transport]}.{where.host}")
        if [srv.host for srv in services] == [""]:
            return [], ttl  # RFC 2782: the service is decidedly not there
        return await self._hosts(where, services or [Srv(0, 0, 0, where.host)], ttl if services else TTL_S_MAX)

    async def _hosts(self, where: Where, services: list[Srv], ttl: float) -> tuple[list[_Target], float]:
        services = sorted(services, key=lambda srv: srv.priority)[:TARGETS_MAX]
        looked = await asyncio.gather(*(self._addresses(srv.host) for srv in services), return_exceptions=True)
        targets: list[_Target] = []
        failures: list[BaseException] = []
        for srv, found in zip(services, looked, strict=True):
            if isinstance(found, BaseException):
                failures.append(found)
                continue
            hosts, host_ttl = found
            ttl = min(ttl, host_ttl)
            targets += [_Target(srv.priority, srv.weight, _flow(where, host, srv.port)) for host in hosts]
        if failures and not targets:
            raise failures[0]
        return targets[:TARGETS_MAX], ttl

    async def _addresses(self, host: str) -> tuple[list[str], float]:
        return ([host], TTL_S_MAX) if is_numeric(host) else await self._look_up.addresses(host)

    def _in_order(self, known: _Known) -> list[Flow]:
        """By priority; within one, drawn by weight (RFC 2782)."""
        left = list(known.targets)
        order: list[Flow] = []
        while left:
            first = min(target.priority for target in left)
            group = [target for target in left if target.priority == first]
            at = self._dice() * sum(target.weight for target in group)
            chosen = group[-1]
            for target in group:
                at -= target.weight
                if at < 0 or (at == 0 and target.weight == 0 and not any(each.weight for each in group)):
                    chosen = target
                    break
            left.remove(chosen)
            order.append(chosen.flow)
        return list(dict.fromkeys(order))


def _flow(where: Where, host: str, port: int) -> Flow:
    return Flow(where.transport, host, port or SIP_PORTS[where.transport])
