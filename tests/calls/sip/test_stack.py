"""Two user agents of ours call each other over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from teahouse.calls.sip.model import Transport, Trunk
from tests.calls.sip.houses import House, opened
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
