"""Two user agents of ours call each other over real sockets."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from teahouse.calls.sip.message import Request, parse, response_to, serialise
from teahouse.calls.sip.model import Transport, Trunk
from teahouse.calls.sip.stack import StackSettings
from tests.calls.sip.houses import House, opened, trunk
from tests.calls.sip.phone import ANN, ANSWER, BERLIN, HELD, OFFER, Ear, outgoing


@asynccontextmanager
async def neighbours(transport: Transport = "udp") -> AsyncIterator[tuple[House, House]]:
    """Two, each the other's trunk."""
    async with AsyncExitStack() as exits:
        ours, theirs = [await exits.enter_async_context(opened()) for _ in range(2)]
        for here, there in ((ours, theirs), (theirs, ours)):
            host, port = there.stack.address
            here.stack.set_trunks([Trunk("them", host, port, transport, keep_alive_s=0)])
        yield ours, theirs


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_whole_call(transport: Transport) -> None:
    async with neighbours(transport) as (ours, theirs):
        ann, bo = Ear(), Ear(answer=ANSWER + b"a=recvonly\r\n")
        call = ours.stack.dial("them", outgoing(), ann)
        leg = await theirs.bell.rings()
        leg.listen(bo)
        assert (leg.dialled, leg.caller, leg.offer, leg.trunk) == (BERLIN, ANN, OFFER, "them")
        leg.ring()
        await ann.until("ringing")
        leg.answer(ANSWER)
        await ann.until("answered")
        await bo.until("answered")
        assert (ann.answers, bo.answers) == ([ANSWER], [OFFER])

        held: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        call.reoffer(HELD, held.set_result)
        assert await held == ANSWER + b"a=recvonly\r\n"
        assert bo.offers == [HELD]
        back: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        leg.reoffer(ANSWER, back.set_result)
        assert await back == ANSWER

        leg.hang_up()
        await ann.until("ended")
        assert (ann.ending.cause, ann.ending.was_answered, bo.ending.cause) == ("remote", True, "local")
        assert ann.events == ["trying", "ringing", "answered", "offered", "ended"]


async def test_what_is_no_sip_at_all_changes_nothing() -> None:
    """Noise on every door, from the trunk's own address, while a call goes on."""
    async with neighbours() as (ours, theirs):
        ann, bo = Ear(), Ear()
        ours.stack.dial("them", outgoing(), ann)
        leg = await theirs.bell.rings()
        leg.listen(bo)
        _, udp = theirs.stack.address
        sender, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            asyncio.DatagramProtocol, remote_addr=("127.0.0.1", udp)
        )
        for noise in (b"", b"\r\n\r\n", b"\0" * 2000, b"INVITE\r\n\r\n", b"SIP/2.0 200\r\n\r\n", random.randbytes(900)):
            sender.sendto(noise)
        sender.close()
        for noise in (b"\xff" * 100_000, b"OPTIONS sip:a SIP/2.0\r\nContent-Length: -5\r\n\r\n"):
            reader, writer = await asyncio.open_connection("127.0.0.1", udp)
            writer.write(noise)
            with contextlib.suppress(ConnectionError):
                assert await reader.read() == b""  # it is cut
            writer.close()
        leg.answer(ANSWER)
        await ann.until("answered")


async def test_a_connection_is_kept_alive_by_line_ends() -> None:
    async with neighbours("tcp") as (_, theirs):
        reader, writer = await asyncio.open_connection(*theirs.stack.address)
        writer.write(b"\r\n\r\n")
        assert await reader.readexactly(2) == b"\r\n"
        writer.close()


async def test_strangers_may_not_even_connect() -> None:
    async with opened(trunk(("192.0.2.1", 5060))) as house:
        reader, writer = await asyncio.open_connection(*house.stack.address)
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        writer.close()
        assert house.stack.dropped == 1


async def test_a_connection_that_broke_during_a_call_is_opened_again() -> None:
    """The one who was called has only the caller's Contact to go by then."""
    async with neighbours("tcp") as (ours, theirs):
        ann, bo = Ear(), Ear()
        ours.stack.dial("them", outgoing(), ann)
        leg = await theirs.bell.rings()
        leg.listen(bo)
        leg.answer(ANSWER)
        await bo.until("answered")
        for connection in list(ours.stack._streams._open.values()):
            connection.close()
        leg.hang_up()
        await ann.until("ended")
        assert (ann.ending.cause, ann.ending.was_answered) == ("remote", True)


async def test_who_closes_hangs_up_first() -> None:
    async with neighbours() as (ours, theirs):
        ann, bo = Ear(), Ear()
        ours.stack.dial("them", outgoing(), ann)
        leg = await theirs.bell.rings()
        leg.listen(bo)
        leg.answer(ANSWER)
        await bo.until("answered")
        await ours.stack.stop()
        assert (ann.ending.cause, bo.ending.cause) == ("local", "remote")


async def test_who_closes_before_the_ack_waits_for_it_to_hang_up() -> None:
    async with neighbours() as (ours, theirs):
        ann = Ear()
        ours.stack.dial("them", outgoing(), ann)
        leg = await theirs.bell.rings()
        leg.answer(ANSWER)
        await theirs.stack.stop()
        await ann.until("ended")
        assert ann.ending.cause == "remote"


async def test_a_port_that_is_taken_is_said() -> None:
    async with opened() as house:
        _, port = house.stack.address
        with pytest.raises(OSError, match="in use"):
            async with opened(settings=StackSettings(f"127.0.0.1:{port}")):
                pass


@pytest.mark.parametrize(
    ("public", "shown"),
    [
        ("203.0.113.5", "203.0.113.5:"),
        ("203.0.113.5:5099", "203.0.113.5:5099"),
        ("[2001:db8::5]:5099", "[2001:db8::5]:5099"),
    ],
)
async def test_the_public_address_is_what_others_see(public: str, shown: str) -> None:
    settings = StackSettings("127.0.0.1:0", public_address=public, t1_s=0.1)
    carrier, ear = Carrier(), Ear()
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: carrier, ("127.0.0.1", 0))
    async with opened(trunk(transport.get_extra_info("sockname")), settings=settings) as house:
        house.stack.dial("carrier", outgoing(), ear)
        await ear.until("ended")
        transport.close()
    invite = carrier.asked[0]
    assert invite.headers["Contact"].startswith(f"<sip:teahouse@{shown}")
    assert invite.headers["Via"].startswith(f"SIP/2.0/UDP {shown}")


class Carrier(asyncio.DatagramProtocol):
    """Is always busy."""

    def __init__(self) -> None:
        self.asked: list[Request] = []

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        request = parse(data)
        assert isinstance(request, Request)
        self.asked.append(request)
        if request.method != "ACK":
            self._transport.sendto(serialise(response_to(request, 486, to_tag="t")), addr)
