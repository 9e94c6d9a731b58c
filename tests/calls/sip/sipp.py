"""SIPp, the real peer: a process on 127.0.0.1 that plays one scenario."""

import asyncio
import contextlib
import socket
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final

PROGRAM: Final = "/usr/bin/sipp"
SCENARIOS: Final = Path(__file__).parent / "scenarios"
PATIENCE_S: Final = 40
HOST: Final = "127.0.0.1"


def free_port() -> int:
    """A port of 127.0.0.1 that is free for UDP and TCP."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind((HOST, 0))
            port = udp.getsockname()[1]
            with contextlib.suppress(OSError):
                tcp.bind((HOST, port))
                return int(port)


class Sipp:
    """One run of one scenario: `async with Sipp("answer") as sipp`, then `await sipp.finished()`.

    A scenario that waits for calls (UAS) listens once the context is entered. One that calls (UAC) gets `calls`, the
    address to call. `keys` fill `[name]` in the scenario; `extra` are further arguments of SIPp. `finished` raises
    `AssertionError` with SIPp's own words where the scenario did not go as written.
    """

    def __init__(
        self,
        scenario: str,
        *,
        calls: tuple[str, int] | None = None,
        transport: str = "udp",
        count: int = 1,
        number: str = "+4930555",
        keys: Mapping[str, str] | None = None,
        extra: Sequence[str] = (),
        port: int = 0,
    ) -> None:
        self.port = port or free_port()
        self.host = HOST
        self._scenario = scenario
        self._calls = calls
        self._folder = tempfile.TemporaryDirectory(prefix="sipp-")
        mode = {"udp": "u1", "tcp": "t1"}[transport]
        self._arguments = [
            *("-sf", str(self._folder_path / "scenario.xml"), "-i", HOST, "-p", str(self.port), "-t", mode),
            *("-m", str(count), "-nostdin"),
            *("-trace_err", "-error_file", str(self._folder_path / "errors")),
            *("-trace_msg", "-message_file", str(self._folder_path / "messages")),
            *("-timeout", str(PATIENCE_S), "-timeout_error", "-recv_timeout", str(PATIENCE_S * 1000), "-s", number),
        ]
        self._write_scenario(keys or {})
        self._arguments += extra
        if calls is not None:
            self._arguments.append(f"{calls[0]}:{calls[1]}")
        self._transport = transport
        self._process: asyncio.subprocess.Process | None = None

    @property
    def _folder_path(self) -> Path:
        return Path(self._folder.name)

    @property
    def address(self) -> tuple[str, int]:
        return self.host, self.port

    async def __aenter__(self) -> "Sipp":
        self._process = await asyncio.create_subprocess_exec(
            PROGRAM,
            *self._arguments,
            cwd=self._folder.name,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.STDOUT,
        )
        if self._calls is None:
            await self._listens()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._process
        assert process is not None
        if process.returncode is None:
            process.kill()
            await process.wait()
        if error is not None:
            error.add_note(self._report())
        self._folder.cleanup()

    async def finished(self) -> None:
        """Wait until every call of the scenario is over, and hold it to success."""
        assert self._process is not None
        async with asyncio.timeout(PATIENCE_S + 10):
            code = await self._process.wait()
        assert code == 0, f"SIPp ended with {code}\n{self._report()}"

    def messages(self) -> str:
        """What went over the wire, as SIPp saw it; whole once the scenario has finished."""
        path = self._folder_path / "messages"
        return path.read_text(errors="replace") if path.exists() else ""

    def _write_scenario(self, keys: Mapping[str, str]) -> None:
        """SIPp's own `-key` fills no status codes."""
        text = (SCENARIOS / f"{self._scenario}.xml").read_text()
        for name, value in keys.items():
            text = text.replace(f"[{name}]", value)
        (self._folder_path / "scenario.xml").write_text(text)

    async def _listens(self) -> None:
        """Until its socket is open, as the kernel lists it."""
        assert self._process is not None
        async with asyncio.timeout(PATIENCE_S):
            while not _is_open(self._transport, self.port):
                assert self._process.returncode is None, self._report()
                await asyncio.sleep(0.01)  # the process tells nobody that it is ready

    def _report(self) -> str:
        parts = [f"--- SIPp, scenario {self._scenario} ---"]
        for name in ("errors", "messages"):
            path = self._folder_path / name
            if path.exists():
                parts.append(f"--- {name} ---\n{path.read_text(errors='replace')[-8000:]}")
        return "\n".join(parts)


def _is_open(transport: str, port: int) -> bool:
    return f" 0100007F:{port:04X} " in Path(f"/proc/net/{transport}").read_text()
