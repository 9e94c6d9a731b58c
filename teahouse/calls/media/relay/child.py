"""The relay's process as the server sees it: started, asked, missed when it is gone."""

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import msgspec
import structlog

from teahouse.calls.media.engine import MediaUnavailable
from teahouse.calls.media.relay.messages import ASKED_MAX, LINE_BYTES_MAX, Answer, Ask, Kind, Settings

MODULE: Final = "teahouse.calls.media.relay.process"
START_S: Final = 10.0
ANSWER_S: Final = 5.0
STOP_S: Final = 2.0
STDERR_KEPT: Final = 4 << 10
ENVIRONMENT_KEPT: Final = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
PYTHON_PATH: Final = os.pathsep.join(os.path.abspath(path) for path in sys.path)

_answers: Final = msgspec.json.Decoder(Answer)
_log = structlog.get_logger("teahouse.calls.media.relay")


class Child:
    """One process, from its start to its end; after that it answers nothing any more."""

    def __init__(self, process: asyncio.subprocess.Process, on_end: Callable[["Child"], None]) -> None:
        self._process = process
        self._on_end = on_end
        self._asked: dict[int, asyncio.Future[Answer]] = {}
        self._last = 0
        self._stopping = False
        self.alive = True
        self._stderr = asyncio.create_task(self._last_words())
        self._reader: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, settings: Settings, on_end: Callable[["Child"], None]) -> "Child":
        """Start it and wait until it is ready. `on_end` is called once, when it is gone. Raises `MediaUnavailable`."""
        environment = {name: os.environ[name] for name in ENVIRONMENT_KEPT if name in os.environ}
        # One thread each: sound is passed on, not computed.
        environment |= {"PYTHONPATH": PYTHON_PATH, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", MODULE, str(os.getpid()), msgspec.json.encode(settings).decode()),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
            limit=LINE_BYTES_MAX,
        )
        child = cls(process, on_end)
        try:
            async with asyncio.timeout(START_S):
                assert process.stdout is not None
                line = await process.stdout.readline()
        except BaseException as error:
            await child.kill()
            if isinstance(error, TimeoutError):
                raise MediaUnavailable("the relay did not start in time") from None
            raise
        if not line:
            await child.kill()
            raise MediaUnavailable("the relay did not start")
        child._reader = asyncio.create_task(child._read())
        return child

    @property
    def pid(self) -> int:
        return self._process.pid

    async def ask(self, kind: Kind, call: str = "", *, browser: str = "", trunk: bytes = b"") -> Answer:
        """Ask and wait for the answer, whatever it is. Raises `MediaUnavailable` when there is none."""
        if not self.alive:
            raise MediaUnavailable("the relay that carried this call is gone")
        if len(self._asked) >= ASKED_MAX:
            raise MediaUnavailable("the relay is asked too much")
        self._last += 1
        number = self._last
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._asked[number] = future
        try:
            assert self._process.stdin is not None
            with suppress(ConnectionError):
                self._process.stdin.write(msgspec.json.encode(Ask(number, kind, call, browser, trunk)) + b"\n")
            async with asyncio.timeout(ANSWER_S):
                return await future
        except TimeoutError:
            raise MediaUnavailable("the relay did not answer in time") from None
        finally:
            self._asked.pop(number, None)

    async def stop(self) -> None:
        """Let it say goodbye to the calls' peers, then end it."""
        self._stopping = True
        assert self._process.stdin is not None
        self._process.stdin.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_S):
                await self._process.wait()
        await self.kill()

    async def kill(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        if self._reader is not None:
            await self._reader
        await self._stderr

    async def _read(self) -> None:
        assert self._process.stdout is not None
        with suppress(ValueError):
            while line := await self._process.stdout.readline():
                answer = _answers.decode(line)
                future = self._asked.get(answer.id)
                if future is not None and not future.done():
                    future.set_result(answer)
        # Its wire is closed, or it talks nonsense: either way it is of no use any more.
        self.alive = False
        with suppress(ProcessLookupError):
            self._process.kill()
        code = await self._process.wait()
        words = await self._stderr
        if not self._stopping:
            _log.warning("relay_died", code=code, stderr=words.decode(errors="replace"))
        for future in self._asked.values():
            if not future.done():
                future.set_exception(MediaUnavailable("the relay went down"))
        self._on_end(self)

    async def _last_words(self) -> bytes:
        assert self._process.stderr is not None
        kept = b""
        while chunk := await self._process.stderr.read(STDERR_KEPT):
            kept = (kept + chunk)[-STDERR_KEPT:]
        return kept
