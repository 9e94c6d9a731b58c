"""Phone calls through the relay: what it adds to a packet's way, how many it carries, and others beside it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import Any, Final

from bench import process
from bench.scenarios import Summary

CALLS: Final = 50
SECONDS: Final = 10.0
STEPS: Final = (100, 200, 300, 400, 600)
P99_MAX_MS: Final = 5.0
BUSY: Final = 0.9
"""Share of its core from which the generator would measure itself."""
TRANSCODED: Final = 10
RUN_S_MAX: Final = 180


def calls(scale: float) -> dict[str, Summary]:
    """50 calls, 50 packets a second each way, one relay on one core; then more, until packets wait or are lost."""
    seconds = max(2.0, SECONDS * scale)
    found = _load("relay", CALLS, seconds)
    curve = [found]
    for count in STEPS:
        step = _load("relay", count, seconds)
        curve.append(step)
        if not holds(step) or step["generator_cpu"] > BUSY:
            break
    carried = max((step["calls"] for step in curve if holds(step)), default=0)
    found["cpu_per_call"] = round(found["server_cpu"] / found["calls"], 4)
    return {"calls": found | {"carried": carried, "curve": [_point(step) for step in curve]}}


def peers(scale: float) -> dict[str, dict[str, Summary]]:
    """rtpengine under the same load, and aiortc decoding and encoding a few calls, in the same run."""
    seconds = max(2.0, SECONDS * scale)
    found = {"aiortc, transcoding": {"calls": _transcoding(seconds)}}
    if shutil.which("rtpengine"):
        engine = _load("rtpengine", CALLS, seconds)
        engine["cpu_per_call"] = round(engine["server_cpu"] / engine["calls"], 4)
        found["rtpengine in userspace"] = {"calls": engine}
    return found


def holds(step: Summary) -> bool:
    return bool(step["added_p99_ms"] <= P99_MAX_MS and step["lost"] == 0)


def _point(step: Summary) -> dict[str, Any]:
    return {
        name: step[name] for name in ("calls", "added_p50_ms", "added_p99_ms", "lost", "server_cpu", "generator_cpu")
    }


def _load(engine: str, count: int, seconds: float) -> Summary:
    return _run("bench.relay_load", engine, str(count), str(seconds))


def _transcoding(seconds: float) -> Summary:
    return _run("bench.relay_transcoding", str(TRANSCODED), str(seconds))


def _run(module: str, *arguments: str) -> Summary:
    command = [sys.executable, "-m", module, *arguments, str(process.GENERATOR_CORE)]
    ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=RUN_S_MAX)
    summary: Summary = json.loads(ran.stdout)
    return summary
