"""Calls to phones, with SIPp as the trunk: what the house adds to the trunk's own time, how many calls a second it sets
up, and how many our SIP stack alone does, beside SIPp calling itself in the same run."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from io import FileIO
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench import process
from bench.phone_house import MARKS, Caller, PhoneHouse, call_in_turn
from bench.phone_sipp import Sipp
from bench.phone_straight import straight
from bench.scenarios import RUNS, Summary
from tests.calls.sip.sipp import HOST, PROGRAM

SIGNALLED: Final = 3_000
"""Calls of one run of the stack alone."""
IN_FLIGHT: Final = 50
PACE: Final = 200
"""Calls a second at which it is asked how long one takes."""
PACED_S: Final = 5
STRAIGHT: Final = 200
PAUSE_MS: Final = 100
"""The called takes so long to answer."""
IN_TURN: Final = 150
CALLERS: Final = 20
MANY: Final = 600
WARM: Final = 5
BLOCK: Final = bytes(4096)
RUN_S_MAX: Final = 150


def phone(scale: float) -> dict[str, Summary]:
    """All of it; `sipp` is SIPp beside it."""
    if not shutil.which(PROGRAM):
        print("phone: SIPp is not installed (apt-get install sip-tester)", flush=True)
        return {}
    count = max(400, int(SIGNALLED * scale))
    found = {"sip_out": _middle(lambda: _out(count)), "sip_in": _middle(lambda: _in(count))}
    found["sip_out"] |= _paced(max(PACE, int(PACE * PACED_S * scale)))
    sipp = {
        "sip_out": _middle(lambda: _sipp(count, process.SERVER_CORE, process.GENERATOR_CORE)),
        "sip_in": _middle(lambda: _sipp(count, process.GENERATOR_CORE, process.SERVER_CORE)),
    }
    for name, theirs in sipp.items():
        found[name]["of_sipp"] = round(found[name]["per_s"] / theirs["per_s"], 3)
    return found | _whole(scale) | {"sipp": sipp}


# --- the stack alone ---


def _out(count: int) -> Summary:
    """We call, SIPp answers at once, we hang up; 50 set-ups under way."""
    with Sipp(process.GENERATOR_CORE, count=count) as called:
        found: Summary = json.loads(_stack("out", count, IN_FLIGHT, 0, called.port).communicate(timeout=RUN_S_MAX)[0])
        called.finished()
        return found | {"sent_again": called.stat("Retransmissions")}


def _paced(count: int) -> Summary:
    """From `dial` until it is answered at 200 calls a second, without what one bare socket needs for a call."""
    with Sipp(process.GENERATOR_CORE) as called:
        process.prefer_always([called.pid])
        alone = statistics.median(straight(called.port, STRAIGHT))
        found: Summary = json.loads(_stack("out", count, 0, PACE, called.port).communicate(timeout=RUN_S_MAX)[0])
    added = {f"added_{name}": round(found[name] - alone, 2) for name in ("p50_ms", "p99_ms")}
    return {"paced": found, "straight_ms": round(alone, 2), **added}


def _in(count: int) -> Summary:
    """SIPp calls us, we answer at once, it hangs up."""
    called = _stack("in", count)
    assert called.stdout is not None
    port = int(called.stdout.readline())
    with Sipp(process.GENERATOR_CORE, calls=(HOST, port), count=count, in_flight=IN_FLIGHT) as calling:
        calling.finished()
        again = calling.stat("Retransmissions")
        found: Summary = json.loads(called.communicate(timeout=RUN_S_MAX)[0])
        # Our clock ran before SIPp was there; its own begins with its first call.
        return found | {"per_s": calling.stat("CallRate"), "sent_again": again}


def _sipp(count: int, calling_core: int, called_core: int) -> Summary:
    with (
        Sipp(called_core) as called,
        Sipp(calling_core, calls=(HOST, called.port), count=count, in_flight=IN_FLIGHT) as calling,
    ):
        calling.finished()
        return {"per_s": calling.stat("CallRate"), "sent_again": calling.stat("Retransmissions")}


def _stack(*arguments: object) -> subprocess.Popen[str]:
    command = ["taskset", "-c", str(process.SERVER_CORE), sys.executable, "-m", "bench.phone_signalling"]
    return subprocess.Popen([*command, *map(str, arguments)], stdout=subprocess.PIPE, text=True)


def _middle(measure: Callable[[], Summary]) -> Summary:
    runs = sorted((measure() for _ in range(RUNS)), key=lambda run: run["per_s"])
    return runs[RUNS // 2] | {"of_runs": [run["per_s"] for run in runs]}


# --- the whole house ---


def _whole(scale: float) -> dict[str, Summary]:
    folder = Path(tempfile.mkdtemp(prefix="teahouse-bench-phone-"))
    try:
        with PhoneHouse(folder, CALLERS) as house:
            try:
                many = _many(house, max(5 * CALLERS, int(MANY * scale)))
                house.restart()
                one = _one(house, folder, max(20, int(IN_TURN * scale)))
                return {"phone_call": one, "phone_many": many}
            except Exception as error:
                error.add_note(house.server.output[-4000:])
                raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _one(house: PhoneHouse, folder: Path, count: int) -> Summary:
    """One call after the other to a trunk that answers after 100 ms, until the caller is told that it is answered."""
    synced = []
    with Sipp(process.GENERATOR_CORE, pause_ms=PAUSE_MS) as trunk, FileIO(folder / "block", "w") as block:
        alone = statistics.median(straight(trunk.port, max(20, count // 5)))
        house.leads_to(trunk.port)
        caller = Caller(house, house.guests[0])
        call_in_turn([caller], WARM)
        # Who else is busy on this machine is not what is measured.
        process.prefer_always([os.getpid(), trunk.pid, *house.pids])
        try:
            for _ in range(count):
                call_in_turn([caller], 1)
                synced.append(_durable_ms(block))
        finally:
            # What this process measures next, it measures as before.
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        caller.connection.close()
    first, times = caller.times[0], caller.times[WARM:]
    p50, p99 = np.percentile([each.answered for each in times], [50, 99])
    sync_p50, sync_p99 = np.percentile(synced, [50, 99])
    return {
        "added_p50_ms": round(float(p50) - alone, 1),
        "added_p99_ms": round(float(p99) - alone, 1),
        "trunk_ms": round(alone, 1),
        "fsync_p50_ms": round(float(sync_p50), 2),
        "fsync_p99_ms": round(float(sync_p99), 2),
        # The first call starts the relay's process.
        "first_added_ms": round(first.answered - alone, 1),
        "told_at_ms": {name: round(statistics.median(getattr(each, name) for each in times), 1) for name in MARKS},
    }


def _durable_ms(file: FileIO) -> float:
    """What the machine takes just now to make a block durable, which is a part of each of a call's commits."""
    started = time.perf_counter()
    file.write(BLOCK)
    os.fsync(file.fileno())
    return (time.perf_counter() - started) * 1000


def _many(house: PhoneHouse, count: int) -> Summary:
    """20 people call a trunk that answers at once, hang up, and call again."""
    with Sipp(process.GENERATOR_CORE) as trunk:
        house.leads_to(trunk.port)
        callers = [Caller(house, guest) for guest in house.guests]
        call_in_turn(callers, 2 * CALLERS)
        found = _middle(lambda: _many_once(house, trunk, callers, count))
        for caller in callers:
            caller.connection.close()
    return found


def _many_once(house: PhoneHouse, trunk: Sipp, callers: Sequence[Caller], count: int) -> Summary:
    for caller in callers:
        caller.times.clear()
    server, others = house.server.pid, house.pids[1:]

    def used() -> tuple[float, float, float]:
        return process.cpu_s([server]), process.cpu_s(others), process.own_cpu_s() + process.cpu_s([trunk.pid])

    before = used()
    spent = call_in_turn(callers, count)
    in_server, in_relay, beside = (now - then for now, then in zip(used(), before, strict=True))
    answered = [times.answered for caller in callers for times in caller.times]
    found: dict[str, Any] = {
        "per_s": round(count / spent, 1),
        "answered_p50_ms": round(statistics.median(answered), 1),
        "cpu_ms": round(in_server * 1000 / count, 2),
        "relay_cpu_ms": round(in_relay * 1000 / count, 2),
    }
    return found | {"server_cpu": (in_server + in_relay) / spent, "generator_cpu": beside / spent}


if __name__ == "__main__":
    process.pin_generator()
    print(json.dumps(phone(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0), indent=1))
