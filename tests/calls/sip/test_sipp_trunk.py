"""Trunks: registered, kept alive, found by DNS, and failed over; SIPp plays their servers."""

import pytest

from teahouse.calls.sip.model import Trunk
from teahouse.calls.sip.resolve import Resolver, Srv
from tests.calls.sip.houses import IMPATIENT, opened, trunk
from tests.calls.sip.phone import Ear, outgoing
from tests.calls.sip.sipp import HOST, Sipp, free_port

NO = {"code": "503", "phrase": "No", "besides": "Retry-After: 60"}


class Zone:
    """DNS of one carrier, with its servers in the order in which they are to be tried."""

    def __init__(self, *ports: int) -> None:
        self._ports = ports

    async def srv(self, name: str) -> tuple[list[Srv], float]:
        assert name == "_sip._udp.carrier.example"
        return [Srv(at, 0, port, "sbc.carrier.example") for at, port in enumerate(self._ports)], 60

    async def addresses(self, name: str) -> tuple[list[str], float]:
        assert name == "sbc.carrier.example"
        return [HOST], 60


def named(**fields: object) -> Trunk:
    return trunk(("carrier.example", 0), **fields)


async def test_a_server_that_is_overloaded_is_passed_over() -> None:
    async with Sipp("refuse", keys=NO) as first, Sipp("answer", count=2) as second:
        resolver = Resolver(Zone(first.port, second.port))
        async with opened(named(), resolver=resolver) as house:
            for _ in range(2):  # the second call does not trouble the first server: it asked for a minute
                ear = Ear()
                call = house.stack.dial("carrier", outgoing(), ear)
                await ear.until("answered")
                call.hang_up()
            await first.finished()
            await second.finished()


async def test_a_server_that_is_silent_is_passed_over() -> None:
    async with Sipp("answer") as second:
        resolver = Resolver(Zone(free_port(), second.port))
        async with opened(named(), settings=IMPATIENT, resolver=resolver) as house:
            ear = Ear()
            call = house.stack.dial("carrier", outgoing(), ear)
            await ear.until("answered")
            call.hang_up()
            await second.finished()


async def test_all_servers_are_overloaded() -> None:
    async with Sipp("refuse", keys=NO) as first, Sipp("refuse", keys=NO) as second:
        resolver = Resolver(Zone(first.port, second.port))
        async with opened(named(), resolver=resolver) as house:
            ear = Ear()
            house.stack.dial("carrier", outgoing(), ear)
            await ear.until("ended")
            assert (ear.ending.cause, ear.ending.code, ear.ending.may_fail_over) == ("unavailable", 503, True)
            await first.finished()
            await second.finished()


async def test_a_connection_that_nobody_takes() -> None:
    async with opened(trunk((HOST, free_port()), transport="tcp")) as house:
        ear = Ear()
        house.stack.dial("carrier", outgoing(), ear)
        await ear.until("ended")
        assert (ear.ending.cause, ear.ending.may_fail_over) == ("unavailable", True)


async def test_we_register_and_leave() -> None:
    async with Sipp("register") as sipp:
        async with opened(trunk(sipp.address, register=True, user="ann", password="secret")) as house:
            await house.bell.until("up")
            assert house.stack.status("carrier").state == "up"
        await sipp.finished()


@pytest.mark.parametrize(("keys", "state"), [({"code": "403"}, "refused"), ({"code": "500"}, "down")])
async def test_a_registrar_that_does_not_want_us(keys: dict[str, str], state: str) -> None:
    async with Sipp("register_refused", keys=keys) as sipp:
        async with opened(trunk(sipp.address, register=True, user="ann", password="wrong")) as house:
            status = await house.bell.until(state)
            assert status.detail == f"{keys['code']} Sorry"
        await sipp.finished()


async def test_options_tell_whether_a_trunk_is_there() -> None:
    async with Sipp("options") as sipp, opened(trunk(sipp.address, keep_alive_s=1), settings=IMPATIENT) as house:
        assert house.stack.status("carrier").state == "starting"
        await house.bell.until("up")
        await sipp.finished()
        await house.bell.until("down")  # SIPp has gone
        house.stack.set_trunks([])
        assert house.stack.status("carrier").state == "off"
