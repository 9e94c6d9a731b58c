"""SIPp as the other side of a benchmark: a process on a core of its own, and what it wrote down of its calls."""

from __future__ import annotations

import csv
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Final

from tests.calls.sip.sipp import HOST, PROGRAM, free_port

LISTENS_S: Final = 10.0
ENDS_S: Final = 120.0
BUFFER_BYTES: Final = 4_000_000
OVERLOAD: Final = 100_000
"""Calls a second: whatever `in_flight` allows."""

TRUNK: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE scenario SYSTEM "sipp.dtd">
<scenario name="trunk">
  <recv request="INVITE" crlf="true"/>
  <send><![CDATA[
SIP/2.0 180 Ringing
[last_Via:]
[last_From:]
[last_To:];tag=[pid]T[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:trunk@[local_ip]:[local_port];transport=[transport]>
Content-Length: 0

]]></send>
  <pause milliseconds="{pause_ms}"/>
  <send retrans="500"><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[pid]T[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:trunk@[local_ip]:[local_port];transport=[transport]>
Content-Type: application/sdp
Content-Length: [len]

v=0
o=trunk 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio 6000 RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
]]></send>
  <recv request="ACK" crlf="true"/>
  <recv request="BYE"/>
  <send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
</scenario>
"""
"""It rings at once and answers after a pause."""


class Sipp:
    """Use as a context. One that is called listens once the context is entered; one that calls gets `calls`."""

    def __init__(
        self,
        core: int,
        *,
        calls: tuple[str, int] | None = None,
        count: int = 0,
        in_flight: int = 0,
        per_s: int = OVERLOAD,
        pause_ms: int | None = None,
    ) -> None:
        """`count` 0: until it is ended; `in_flight` 0: no bound; `pause_ms` plays `TRUNK`, else what SIPp brings."""
        self.port = free_port()
        self._folder = tempfile.TemporaryDirectory(prefix="teahouse-bench-sipp-")
        self._path = Path(self._folder.name)
        self._called = calls is None
        self._arguments = self._what(calls, pause_ms)
        self._arguments += ["-i", HOST, "-p", str(self.port), "-nostdin", "-aa", "-buff_size", str(BUFFER_BYTES)]
        self._arguments += ["-timer_resol", "1"]
        self._arguments += ["-trace_stat", "-fd", "1", "-stf", str(self._path / "stat.csv")]
        if count:
            self._arguments += ["-m", str(count)]
        if calls is not None:
            self._arguments += ["-r", str(per_s), *(["-l", str(in_flight)] if in_flight else [])]
        self._prefix = ["taskset", "-c", str(core)]
        self._process: subprocess.Popen[bytes] | None = None

    def _what(self, calls: tuple[str, int] | None, pause_ms: int | None) -> list[str]:
        if calls is not None:
            return ["-sn", "uac", "-s", "+493023125000", f"{calls[0]}:{calls[1]}"]
        if pause_ms is None:
            return ["-sn", "uas"]
        (self._path / "trunk.xml").write_text(TRUNK.format(pause_ms=pause_ms))
        return ["-sf", str(self._path / "trunk.xml")]

    def __enter__(self) -> Sipp:
        with (self._path / "printed").open("wb") as printed:
            self._process = subprocess.Popen(
                [*self._prefix, PROGRAM, *self._arguments],
                cwd=self._path,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=printed,
            )
        deadline = time.monotonic() + LISTENS_S
        while self._called and f" 0100007F:{self.port:04X} " not in Path("/proc/net/udp").read_text():
            assert self._process.poll() is None, self._said()
            assert time.monotonic() < deadline, "SIPp does not listen"
            time.sleep(0.01)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self._process is not None
        if error is not None:
            error.add_note(f"SIPp, {self._process.poll()}: {self._said()}")
        self._process.kill()
        self._process.wait()
        self._folder.cleanup()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def finished(self) -> None:
        """Wait until all its calls are over; one that failed is an error."""
        assert self._process is not None
        code = self._process.wait(ENDS_S)
        assert code == 0, f"SIPp ended with {code}: {self._said()}"

    def stat(self, name: str) -> float:
        """A number of its statistics, over the whole run: `CallRate`, `Retransmissions`."""
        with (self._path / "stat.csv").open(newline="") as file:
            rows = list(csv.DictReader(file, delimiter=";"))
        return float(rows[-1][f"{name}(C)"])

    def _said(self) -> str:
        return (self._path / "printed").read_text(errors="replace")[-2000:]
