"""The `ng` protocol: whatever comes, over a network that loses and doubles datagrams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.calls.media.engine import MediaStats, MediaUnavailable
from teahouse.calls.media.rtpengine.bencode import Value, decode, encode
from teahouse.calls.media.rtpengine.engine import RtpEngine
from teahouse.calls.media.rtpengine.ng import Ng, Refused
from teahouse.calls.media.rtpengine.stats import stats_of

VALUES = st.recursive(
    st.integers(-(10**15), 10**15) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_is_read_again(value: Value) -> None:
    assert decode(encode(value)) == value


@given(st.binary(max_size=200) | st.text("0123456789dlie:-").map(str.encode))
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    with suppress(ValueError):
        assert encode(decode(data)) is not None


@pytest.mark.parametrize("data", [b"l" * 100 + b"e" * 100, b"l" + b"i1e" * 20_000 + b"e", b"9" * 50 + b":x", b"5:tea"])
def test_what_is_beyond_the_bounds_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"too|number|early"):
        decode(data)


@given(VALUES)
def test_counts_are_read_out_of_whatever_is_answered(value: Value) -> None:
    assert isinstance(stats_of(value if isinstance(value, dict) else {"tags": value}, "a", "b"), MediaStats)


class Stub(asyncio.DatagramProtocol):
    """Answers datagrams as a test says."""

    def __init__(self, answer: Callable[[int, bytes], list[bytes]]) -> None:
        self.got: list[bytes] = []
        self._answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.got.append(data)
        for answer in self._answer(len(self.got), data.partition(b" ")[0]):
            self._transport.sendto(answer, addr)  # type: ignore[attr-defined]


@asynccontextmanager
async def asking(answer: Callable[[int, bytes], list[bytes]]) -> AsyncIterator[tuple[Ng, Stub]]:
    stub = Stub(answer)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: stub, ("127.0.0.1", 0))
    host, port = transport.get_extra_info("sockname")
    ng = Ng(f"{host}:{port}")
    await ng.open()
    try:
        yield ng, stub
    finally:
        ng.close()
        transport.close()


PONG = b"d6:result4:ponge"


async def test_a_lost_command_is_sent_again_under_its_cookie() -> None:
    async with asking(lambda number, cookie: [cookie + b" " + PONG] if number == 3 else []) as (ng, stub):
        assert await ng.ask("ping") == {"result": "pong"}
        assert len(stub.got) == 3
        assert len(set(stub.got)) == 1, "rtpengine would do it twice"


async def test_answers_that_are_doubled_late_or_nonsense_do_no_harm() -> None:
    def answers(number: int, cookie: bytes) -> list[bytes]:
        good = cookie + b" " + PONG
        return [b"", b" ", b"other " + PONG, cookie, cookie + b" i5e", cookie + b" d6:result", good, good]

    async with asking(answers) as (ng, _):
        assert await ng.ask("ping") == {"result": "pong"}
        assert await ng.ask("ping") == {"result": "pong"}


async def test_each_gets_their_own_answer() -> None:
    waiting: list[bytes] = []

    def in_reverse(number: int, cookie: bytes) -> list[bytes]:
        waiting.append(cookie)
        if len(waiting) < 3:
            return []
        return [one + b" " + encode({"result": "ok", "place": place}) for place, one in enumerate(waiting)][::-1]

    async with asking(in_reverse) as (ng, _):
        answers = await asyncio.gather(*(ng.ask("query", {"call-id": str(each)}) for each in range(3)))
        assert [answer["place"] for answer in answers] == [0, 1, 2]


async def test_silence_ends_at_the_deadline() -> None:
    async with asking(lambda number, cookie: []) as (ng, stub):
        with pytest.raises(MediaUnavailable, match="does not answer"):
            await ng.ask("ping")
        assert len(stub.got) == 4


async def test_a_refusal_says_why() -> None:
    refusal = encode({"result": "error", "error-reason": "no ports left"})
    async with asking(lambda number, cookie: [cookie + b" " + refusal]) as (ng, _):
        with pytest.raises(Refused, match="no ports left"):
            await ng.ask("offer")


async def test_who_waits_when_the_engine_stops_is_told() -> None:
    async with asking(lambda number, cookie: []) as (ng, _):
        asked = asyncio.create_task(ng.ask("ping"))
        await asyncio.sleep(0)
        ng.close()
        with pytest.raises(MediaUnavailable, match="stops"):
            await asked
        with pytest.raises(MediaUnavailable):
            await ng.ask("ping")


@pytest.mark.parametrize("control", ["", "tea", "127.0.0.1", "127.0.0.1:many", "127.0.0.1:99999999"])
async def test_what_is_no_address_is_said(control: str) -> None:
    with pytest.raises(MediaUnavailable):
        await RtpEngine(control).start()
