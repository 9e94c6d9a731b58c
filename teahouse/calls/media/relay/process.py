"""The relay's process: reads questions as lines of JSON from its standard input, writes answers to its standard output.

`python -m teahouse.calls.media.relay.process PARENT SETTINGS`, started by `child.Child`. It ends when its input does,
after a goodbye to all peers, or with its parent.
"""

import asyncio
import gc
import os
import sys
from contextlib import suppress
from dataclasses import dataclass, field

import msgspec
import uvloop

from teahouse.calls.media.engine import BadAnswer, BadOffer, MediaUnavailable
from teahouse.calls.media.relay.bounds import shut_in
from teahouse.calls.media.relay.browser_leg import reachable_addresses
from teahouse.calls.media.relay.call import Call, Surroundings
from teahouse.calls.media.relay.messages import ASKED_MAX, LINE_BYTES_MAX, Answer, Ask, Settings
from teahouse.calls.media.relay.ports import Ports

GOODBYE_S = 1.0


@dataclass
class Seat:
    call: Call
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """A call's questions are answered one after another."""


class Calls:
    """All calls of the process."""

    def __init__(self, settings: Settings) -> None:
        self._ports = Ports(settings.address, *settings.ports)
        self._stun = _host_and_port(settings.stun) if settings.stun else None
        self._calls_max = settings.calls_max
        self._seats: dict[str, Seat] = {}

    async def answer(self, ask: Ask) -> Answer:
        try:
            return await self._answered(ask)
        except BadOffer as error:
            return Answer(ask.id, "bad_offer", error.detail)
        except BadAnswer as error:
            return Answer(ask.id, "bad_answer", str(error))
        except MediaUnavailable as error:
            return Answer(ask.id, "media_unavailable", error.detail)
        except Exception as error:
            # What nobody foresaw ends one question, not everybody's calls; the server keeps what is written here.
            sys.excepthook(*sys.exc_info())
            return Answer(ask.id, "media_unavailable", type(error).__name__)

    async def close(self) -> None:
        await asyncio.gather(*(seat.call.close() for seat in self._seats.values()), return_exceptions=True)

    async def _answered(self, ask: Ask) -> Answer:
        if ask.kind == "ping":
            if len(self._seats) >= self._calls_max or not self._ports.free:
                raise MediaUnavailable("as many calls as it carries")
            return Answer(ask.id)
        seat = self._seats.get(ask.call)
        if seat is None:
            if ask.kind == "close":
                return Answer(ask.id)
            seat = self._seat(ask)
        async with seat.turn:
            return await self._done(ask, seat.call)

    def _seat(self, ask: Ask) -> Seat:
        if ask.kind not in ("offer", "join"):
            raise MediaUnavailable("there is no such call")
        if len(self._seats) >= self._calls_max:
            raise MediaUnavailable("as many calls as it carries")
        # Addresses are looked at for each call: a laptop moves from one network to the next.
        around = Surroundings(self._ports, reachable_addresses(self._ports.address), self._stun)
        seat = self._seats[ask.call] = Seat(Call(around))
        return seat

    async def _done(self, ask: Ask, call: Call) -> Answer:
        match ask.kind:
            case "offer":
                trunk = await call.offer(ask.browser)
                return Answer(ask.id, trunk=trunk, browser=call.browser_answer)
            case "accept":
                await call.accept(ask.trunk)
            case "join":
                trunk = await call.join(ask.trunk, ask.browser)
                return Answer(ask.id, trunk=trunk, browser=call.browser_answer)
            case "reoffered":
                return Answer(ask.id, trunk=await call.reoffered(ask.trunk))
            case "rejoin":
                return Answer(ask.id, browser=await call.rejoin(ask.browser))
            case "close":
                self._seats.pop(ask.call, None)
                await call.close()
        return Answer(
            ask.id,
            from_browser=call.from_browser,
            from_trunk=call.from_trunk,
            dropped=call.dropped,
            idle_s=call.idle_s,
            connected=call.connected,
        )


def _host_and_port(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


async def serve(settings: Settings, wire: int) -> None:
    """Answer until the input ends."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(LINE_BYTES_MAX)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(0, "rb"))
    out, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(wire, "wb"))
    calls = Calls(settings)
    under_way: set[asyncio.Task[None]] = set()

    async def answer(ask: Ask) -> None:
        out.write(msgspec.json.encode(await calls.answer(ask)) + b"\n")

    out.write(msgspec.json.encode(Answer(0)) + b"\n")
    # What is loaded now stays: nothing to look through again while packets wait.
    gc.collect()
    gc.freeze()
    while line := await reader.readline():
        ask = msgspec.json.decode(line, type=Ask)
        if len(under_way) >= ASKED_MAX:
            out.write(msgspec.json.encode(Answer(ask.id, "media_unavailable", "too many questions")) + b"\n")
            continue
        task = loop.create_task(answer(ask))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    with suppress(TimeoutError):
        async with asyncio.timeout(GOODBYE_S):
            await calls.close()


def main() -> None:
    settings = msgspec.json.decode(sys.argv[2], type=Settings)
    # What libraries print goes to standard error: the wire is ours alone.
    wire = os.dup(1)
    os.dup2(2, 1)
    shut_in(int(sys.argv[1]), settings.calls_max)
    uvloop.run(serve(settings, wire))


if __name__ == "__main__":
    main()
