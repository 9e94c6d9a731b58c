"""Our SIP stack alone, with no house around it, as SIPp's other side: started by `bench.phone` on a core of its own.

    python -m bench.phone_signalling out COUNT IN_FLIGHT PER_S PORT
    python -m bench.phone_signalling in COUNT

`out` calls SIPp at PORT; each call that is answered is hung up at once, and the next one goes out. PER_S 0: as soon as
one of IN_FLIGHT is answered; else at that pace. `in` prints the port that it is called at, then answers at once. Both
end with a line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import uvloop

from bench import process
from teahouse.app import settle_memory
from teahouse.calls.sip.model import Caller, Ended, IncomingLeg, Leg, Outgoing, Trunk
from teahouse.calls.sip.stack import Stack, StackSettings
from tests.calls.sip.phone import ANSWER, BERLIN, OFFER
from tests.calls.sip.sipp import HOST

CALLER: Final = Caller("+4930999888")
TRUNK: Final = "trunk"
PATIENCE_S: Final = 120.0
EXPECTED: Final = ("local", "remote")


class Line:
    """All calls of one run."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.begun = 0
        self.took_ms: list[float] = []
        self.failed: list[Ended] = []
        self.over = asyncio.Event()
        self._ended = 0
        self.stack = Stack(StackSettings(f"{HOST}:0"), self._rings, lambda _trunk, _status: None)

    async def open(self, port: int = 0) -> None:
        await self.stack.start()
        self.stack.set_trunks([Trunk(TRUNK, HOST, port or 5060, keep_alive_s=0)])
        settle_memory()

    def dial(self) -> None:
        if self.begun < self.count:
            self.begun += 1
            Call(self).dial()

    def _rings(self, leg: IncomingLeg) -> None:
        call = Call(self)
        call.leg = leg
        leg.listen(call)
        leg.answer(ANSWER)

    def ended(self, ended: Ended) -> None:
        if ended.cause not in EXPECTED:
            self.failed.append(ended)
        self._ended += 1
        if self._ended == self.count:
            self.over.set()


class Call:
    """Who leads a call."""

    refill = False
    """Whether the next one goes out when this one was answered."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._began = 0.0
        self.leg: Leg | None = None

    def dial(self) -> None:
        self._began = time.perf_counter()
        self.leg = self._line.stack.dial(TRUNK, Outgoing(BERLIN, CALLER, OFFER), self)

    def trying(self) -> None:
        pass

    def ringing(self) -> None:
        pass

    def early_media(self, answer: bytes) -> None:
        pass

    def answered(self, answer: bytes) -> None:
        if self._began and self.leg is not None:
            self._line.took_ms.append((time.perf_counter() - self._began) * 1000)
            self.leg.hang_up()
            if Call.refill:
                self._line.dial()

    def offered(self, offer: bytes, reply: Callable[[bytes | None], None]) -> None:
        reply(None)

    def ended(self, ended: Ended) -> None:
        self._line.ended(ended)


async def calls_out(count: int, in_flight: int, per_s: int, port: int) -> dict[str, Any]:
    line = Line(count)
    await line.open(port)
    used, started = process.own_cpu_s(), time.perf_counter()
    Call.refill = not per_s
    if per_s:
        # Who else is busy on this machine is not what is measured.
        process.prefer_always([os.getpid()])
        for number in range(count):
            await asyncio.sleep(max(0.0, started + number / per_s - time.perf_counter()))
            line.dial()
    else:
        for _ in range(in_flight):
            line.dial()
    return await _summary(line, started, used)


async def calls_in(count: int) -> dict[str, Any]:
    line = Line(count)
    await line.open()
    print(line.stack.address[1], flush=True)
    used, started = process.own_cpu_s(), time.perf_counter()
    return await _summary(line, started, used)


async def _summary(line: Line, started: float, used: float) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE_S):
        await line.over.wait()
    # The last BYEs have their answers, too.
    await line.stack.stop()
    spent = time.perf_counter() - started
    assert not line.failed, f"{len(line.failed)} calls failed: {line.failed[0]}"
    cpu_ms = (process.own_cpu_s() - used) * 1000 / line.count
    found = {"per_s": round(line.count / spent, 1), "cpu_ms": round(cpu_ms, 3)}
    if line.took_ms:
        p50, p99 = np.percentile(line.took_ms, [50, 99])
        found |= {"p50_ms": round(float(p50), 2), "p99_ms": round(float(p99), 2)}
    return found


def main() -> None:
    way, count = sys.argv[1], int(sys.argv[2])
    in_flight, per_s, port = map(int, sys.argv[3:] or (0, 0, 0))
    work = calls_out(count, in_flight, per_s, port) if way == "out" else calls_in(count)
    print(json.dumps(uvloop.run(work)))


if __name__ == "__main__":
    main()
