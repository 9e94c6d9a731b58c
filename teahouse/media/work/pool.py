"""Keeps a few worker processes warm and gives each one job at a time.

Two lanes: `light` jobs (picture, voice, sticker) take well under a second; `heavy` ones (video, video note, live photo)
take as long as what they show. With two processes or more, the first does light jobs only, so that a voice message
never waits behind a video, and the others do heavy jobs before light ones. A single process takes from the lanes in
turn. Within a lane people (`key`) take turns too: fifty videos of one wait behind the first of another.
"""

import asyncio
import os
import signal
import sys
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, Literal

import msgspec
import structlog

from teahouse.errors import Unavailable
from teahouse.media.work.jobs import Answer, Failed, Job, JobKind, Made, MediaRefused, Progress, Reason
from teahouse.media.work.process import Order

Lane = Literal["light", "heavy"]
LANES: Final[dict[JobKind, Lane]] = {
    "picture": "light",
    "voice": "light",
    "sticker": "light",
    "video": "heavy",
    "video_note": "heavy",
    "live_photo": "heavy",
}

ANSWER_BYTES_MAX: Final = 64 << 10
WAITING_MAX: Final = 256
JOBS_MAX: Final = 200
"""Jobs that one process does before a fresh one takes over: what a library leaks is given back."""
IDLE_S: Final = 120.0
"""Seconds without a job after which a process is let go: an idle house holds no decoder in memory."""
STDERR_KEPT: Final = 4 << 10
ENVIRONMENT_KEPT: Final = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")

PYTHON_PATH: Final = os.pathsep.join(os.path.abspath(path) for path in sys.path)

_answers: Final = msgspec.json.Decoder[Answer](Answer)
_log = structlog.get_logger("teahouse.media.work")


class WorkerPool:
    """Does jobs in other processes, bounded in number, time and memory. Belongs to one event loop."""

    def __init__(
        self,
        workers: int = 2,
        *,
        waiting_max: int = WAITING_MAX,
        jobs_max: int = JOBS_MAX,
        idle_s: float = IDLE_S,
        module: str = "teahouse.media.work.process",
    ) -> None:
        """`module` is what a worker process runs (`python -m`)."""
        if workers < 1:
            raise ValueError("a pool has at least one worker")
        self._seats = [_Seat(number, module, jobs_max, idle_s) for number in range(workers)]
        self._free = set(range(workers))
        self._waiting: dict[Lane, _Turns] = {"light": _Turns(), "heavy": _Turns()}
        self._waiting_max = waiting_max
        self._last: Lane = "heavy"
        self._open = False

    async def start(self) -> None:
        """Accept jobs. Processes are started by the first jobs, not here."""
        self._open = True

    async def stop(self) -> None:
        """Kill what is under way (its callers see `Unavailable`) and every process."""
        self._open = False
        for turns in self._waiting.values():
            turns.refuse_all()
        await asyncio.gather(*(seat.kill() for seat in self._seats))

    @property
    def waiting(self) -> int:
        """How many jobs wait for a process."""
        return sum(len(turns) for turns in self._waiting.values())

    @property
    def processes(self) -> list[int]:
        """Process ids of the workers that are alive."""
        return [seat.pid for seat in self._seats if seat.pid]

    async def run(
        self,
        job: Job,
        on_progress: Callable[[int], None] = lambda percent: None,
        *,
        deadline_s: float,
        key: str = "",
        began: Callable[[], Awaitable[object]] | None = None,
    ) -> Made:
        """Have a job done. Cancelling the caller kills the job.

        `deadline_s` is the time it may take once a process has it; `key` names whose job it is, for taking turns.
        `began` is awaited when its turn has come, before a process gets it; what it raises ends the job.
        Raises `MediaRefused` (also `too_slow` and `crashed`), and `Unavailable` when too many wait or the pool stops.
        """
        seat = await self._seat(LANES[job.kind], key)
        try:
            if began is not None:
                await began()
            return await seat.do(job, on_progress, deadline_s)
        except _Stopped:
            raise Unavailable("the house is going down") from None
        finally:
            self._give_back(seat.number)

    async def _seat(self, lane: Lane, key: str) -> "_Seat":
        if not self._open:
            raise Unavailable("media is not being made now")
        for number in sorted(self._free):
            if self._takes(number, lane):
                self._free.discard(number)
                return self._seats[number]
        if self.waiting >= self._waiting_max:
            raise Unavailable("too much media is waiting to be made", retry_after_ms=5000)
        turn: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting[lane].add(key, turn)
        try:
            return self._seats[await turn]
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._give_back(turn.result())
            self._waiting[lane].drop(key, turn)
            raise

    def _takes(self, number: int, lane: Lane) -> bool:
        return lane == "light" or number > 0 or len(self._seats) == 1

    def _give_back(self, number: int) -> None:
        """Hand a process to who waits for it, or keep it warm."""
        lanes: tuple[Lane, ...]
        if len(self._seats) == 1:
            lanes = ("heavy", "light") if self._last == "light" else ("light", "heavy")
        else:
            lanes = ("light",) if number == 0 else ("heavy", "light")
        for lane in lanes:
            turn = self._waiting[lane].next()
            if turn is not None:
                self._last = lane
                turn.set_result(number)
                return
        self._free.add(number)


class _Turns:
    """Who waits in a lane: keys in turn, and the jobs of one key in their order."""

    def __init__(self) -> None:
        self._by_key: OrderedDict[str, deque[asyncio.Future[int]]] = OrderedDict()

    def __len__(self) -> int:
        return sum(len(turns) for turns in self._by_key.values())

    def add(self, key: str, turn: "asyncio.Future[int]") -> None:
        self._by_key.setdefault(key, deque()).append(turn)

    def drop(self, key: str, turn: "asyncio.Future[int]") -> None:
        turns = self._by_key.get(key)
        if turns is not None and turn in turns:
            turns.remove(turn)
            if not turns:
                del self._by_key[key]

    def next(self) -> "asyncio.Future[int] | None":
        while self._by_key:
            key, turns = self._by_key.popitem(last=False)
            turn = turns.popleft()
            if turns:
                self._by_key[key] = turns
            if not turn.done():
                return turn
        return None

    def refuse_all(self) -> None:
        while (turn := self.next()) is not None:
            turn.set_exception(Unavailable("the house is going down"))


class _Stopped(Exception):
    """The pool was stopped while a job was under way."""


class _Seat:
    """One place for a process: starts it when a job comes, replaces it when it is dead, worn or long idle."""

    def __init__(self, number: int, module: str, jobs_max: int, idle_s: float) -> None:
        self.number = number
        self._module = module
        self._jobs_max = jobs_max
        self._idle_s = idle_s
        self._process: asyncio.subprocess.Process | None = None
        self._stderr: asyncio.Task[bytes] | None = None
        self._jobs = 0
        self._retiring: asyncio.TimerHandle | None = None
        self._retired: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def pid(self) -> int:
        return self._process.pid if self._process is not None and self._process.returncode is None else 0

    async def do(self, job: Job, on_progress: Callable[[int], None], deadline_s: float) -> Made:
        if self._retiring is not None:
            self._retiring.cancel()
            self._retiring = None
        if self._retired is not None:
            await self._retired
        self._stopping = False
        try:
            async with asyncio.timeout(deadline_s):
                answer = await self._answer(job, on_progress, deadline_s)
        except BaseException as error:
            # Whatever came between, the process is in the middle of a job that nobody waits for any more.
            await self.kill()
            if isinstance(error, TimeoutError):
                raise MediaRefused("too_slow") from None
            raise
        self._jobs += 1
        if self._jobs >= self._jobs_max or (isinstance(answer, Failed) and answer.code == "crashed"):
            await self.kill()
        else:
            self._retiring = asyncio.get_running_loop().call_later(self._idle_s, self._retire)
        if isinstance(answer, Failed):
            raise _refusal(answer)
        return answer

    async def _answer(self, job: Job, on_progress: Callable[[int], None], deadline_s: float) -> Made | Failed:
        process = self._process
        if process is None or process.returncode is not None:
            process = await self._start()
        if self._stopping:
            raise _Stopped
        assert process.stdin is not None
        assert process.stdout is not None
        # The CPU bound is for a process that the wall clock of a stopped server would not reach.
        order = Order(job, int(deadline_s) + 1)
        with suppress(ConnectionError):
            process.stdin.write(msgspec.json.encode(order) + b"\n")
            await process.stdin.drain()
        while True:
            try:
                line = await process.stdout.readline()
                if not line:
                    return await self._autopsy(process)
                answer: Answer = _answers.decode(line)
            except ValueError:
                with suppress(ProcessLookupError):
                    process.kill()
                return await self._autopsy(process)
            if isinstance(answer, Progress):
                on_progress(answer.percent)
            elif isinstance(answer, Made) and not _within(answer, job.folder):
                return Failed("crashed", "named a file that is not of this job")
            else:
                return answer

    async def _autopsy(self, process: asyncio.subprocess.Process) -> Failed:
        """Why there is no answer: out of CPU time, killed, crashed, or talking nonsense."""
        code = await process.wait()
        if self._stopping:
            raise _Stopped
        last_words = await self._stderr if self._stderr is not None else b""
        _log.warning("media_worker_died", code=code, stderr=last_words.decode(errors="replace"))
        return Failed("too_slow" if code == -signal.SIGXCPU else "crashed")

    async def _start(self) -> asyncio.subprocess.Process:
        environment = {name: os.environ[name] for name in ENVIRONMENT_KEPT if name in os.environ}
        environment["PYTHONPATH"] = PYTHON_PATH
        # One thread each: the pool's size says how many cores media may take.
        environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", self._module, str(os.getpid())),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
            limit=ANSWER_BYTES_MAX,
        )
        assert self._process.stderr is not None
        self._stderr = asyncio.create_task(_last_words(self._process.stderr))
        self._jobs = 0
        return self._process

    def _retire(self) -> None:
        self._retiring = None
        self._retired = asyncio.get_running_loop().create_task(self.kill())

    async def kill(self) -> None:
        self._stopping = True
        if self._retiring is not None:
            self._retiring.cancel()
            self._retiring = None
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        if self._stderr is not None:
            await self._stderr


async def _last_words(stderr: asyncio.StreamReader) -> bytes:
    kept = b""
    while chunk := await stderr.read(STDERR_KEPT):
        kept = (kept + chunk)[-STDERR_KEPT:]
    return kept


def _refusal(failed: Failed) -> MediaRefused:
    if failed.code == "crashed" and failed.detail:
        _log.warning("media_worker_failed", detail=failed.detail)
    try:
        return MediaRefused(msgspec.convert(failed.code, Reason), failed.detail)
    except msgspec.ValidationError:
        return MediaRefused("crashed")


def _within(made: Made, folder: str) -> bool:
    """Whether what was made is in the job's own folder: a worker that was taken over must not name other files."""
    home = os.path.realpath(folder) + os.sep
    return all(os.path.realpath(file.path).startswith(home) for file in made.files)
