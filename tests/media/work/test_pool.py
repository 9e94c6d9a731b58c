"""The worker pool with real processes: good jobs, bad ones, dead ones, and whose turn it is."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from teahouse.errors import Unavailable
from teahouse.media.work.jobs import Job, JobKind, MediaRefused
from teahouse.media.work.pool import WorkerPool
from tests.media.work.recordings import speech, write_sound, write_video

MISBEHAVING = "tests.media.work.misbehaving"
LONG = 60.0
HEVC = {"x265-params": "log-level=none:pools=1", "preset": "ultrafast"}


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    pool = WorkerPool(2, module=MISBEHAVING)
    await pool.start()
    yield pool
    await pool.stop()
    assert pool.processes == []


@pytest.fixture
def job(tmp_path: Path) -> Callable[..., Job]:
    made = 0

    def make(habit: str, kind: JobKind = "voice") -> Job:
        nonlocal made
        made += 1
        folder = tmp_path / f"made-{made}"
        folder.mkdir()
        return Job(kind=kind, sources=(habit,), folder=str(folder))

    return make


MakeJob = Callable[..., Job]


def words(made: object) -> str:
    return Path(made.files[0].path).read_text()  # type: ignore[attr-defined]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def test_no_process_before_the_first_job_and_one_for_many(pool: WorkerPool, job: MakeJob) -> None:
    assert pool.processes == []
    pids = {words(await pool.run(job("pid"), deadline_s=LONG)) for _ in range(5)}
    assert pids == {str(pid) for pid in pool.processes}
    assert len(pids) == 1


async def test_progress_only_grows(pool: WorkerPool, job: MakeJob) -> None:
    steps: list[int] = []
    await pool.run(job("steps"), steps.append, deadline_s=LONG)
    assert steps == [0, 10, 60, 100]


async def test_what_a_library_prints_is_not_taken_for_an_answer(pool: WorkerPool, job: MakeJob) -> None:
    first = words(await pool.run(job("print"), deadline_s=LONG))
    assert words(await pool.run(job("pid"), deadline_s=LONG)) == first


async def test_a_refusal_keeps_its_reason_and_the_process(pool: WorkerPool, job: MakeJob) -> None:
    before = words(await pool.run(job("pid"), deadline_s=LONG))
    with pytest.raises(MediaRefused) as refused:
        await pool.run(job("refuse"), deadline_s=LONG)
    assert (refused.value.reason, refused.value.detail) == ("wrong_kind", "a refusal with a reason")
    assert words(await pool.run(job("pid"), deadline_s=LONG)) == before


@pytest.mark.parametrize("habit", ["hog", "crash", "raise", "babble", "lie"])
async def test_a_job_that_breaks_its_process_is_refused_and_the_next_is_done(
    pool: WorkerPool, job: MakeJob, habit: str
) -> None:
    before = words(await pool.run(job("pid"), deadline_s=LONG))
    with pytest.raises(MediaRefused) as refused:
        await pool.run(job(habit), deadline_s=LONG)
    assert refused.value.reason == "crashed"
    assert words(await pool.run(job("pid"), deadline_s=LONG)) != before


@pytest.mark.parametrize("habit", ["spin", "sleep"])
async def test_a_job_without_end_is_killed_at_its_deadline(pool: WorkerPool, job: MakeJob, habit: str) -> None:
    pid = int(words(await pool.run(job("pid"), deadline_s=LONG)))
    with pytest.raises(MediaRefused) as refused:
        await pool.run(job(habit), deadline_s=0.5)
    assert refused.value.reason == "too_slow"
    assert not alive(pid)
    assert words(await pool.run(job("pid"), deadline_s=LONG)) != str(pid)


async def test_a_worker_killed_in_the_middle_is_replaced(pool: WorkerPool, job: MakeJob) -> None:
    started = asyncio.Event()
    task = asyncio.create_task(pool.run(job("sleep"), lambda percent: started.set(), deadline_s=LONG))
    await started.wait()
    os.kill(pool.processes[0], signal.SIGKILL)
    with pytest.raises(MediaRefused) as refused:
        await task
    assert refused.value.reason == "crashed"
    assert words(await pool.run(job("pid"), deadline_s=LONG))


async def test_a_worker_that_died_while_idle_is_replaced_unseen(pool: WorkerPool, job: MakeJob) -> None:
    pid = int(words(await pool.run(job("pid"), deadline_s=LONG)))
    os.kill(pid, signal.SIGKILL)
    await until(lambda: pool.processes == [])
    assert words(await pool.run(job("pid"), deadline_s=LONG)) != str(pid)


async def test_cancelling_kills_the_job(pool: WorkerPool, job: MakeJob) -> None:
    started = asyncio.Event()
    task = asyncio.create_task(pool.run(job("spin"), lambda percent: started.set(), deadline_s=LONG))
    await started.wait()
    pid = pool.processes[0]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not alive(pid)
    assert words(await pool.run(job("pid"), deadline_s=LONG)) != str(pid)


async def test_a_light_job_never_waits_behind_videos(pool: WorkerPool, job: MakeJob) -> None:
    started = asyncio.Event()
    videos = [
        asyncio.create_task(pool.run(job("sleep", "video"), lambda percent: started.set(), deadline_s=LONG))
        for _ in range(5)
    ]
    await started.wait()
    assert words(await pool.run(job("pid"), deadline_s=LONG))
    assert pool.waiting == 4
    for video in videos:
        video.cancel()
    await asyncio.gather(*videos, return_exceptions=True)
    assert pool.waiting == 0


async def test_people_take_turns_within_a_lane(pool: WorkerPool, job: MakeJob, tmp_path: Path) -> None:
    go, started, order = tmp_path / "go", asyncio.Event(), list[str]()

    async def send(name: str, habit: str = "pid") -> None:
        await pool.run(job(habit, "video"), lambda percent: started.set(), deadline_s=LONG, key=name)
        order.append(name)

    tasks = [asyncio.create_task(send("anna", f"wait:{go}"))]
    await started.wait()
    for name in ("anna", "anna", "anna", "bo"):
        tasks.append(asyncio.create_task(send(name)))
        await until(lambda: pool.waiting == len(tasks) - 1)
    go.touch()
    await asyncio.gather(*tasks)
    assert order == ["anna", "anna", "bo", "anna", "anna"]


async def test_a_single_process_takes_from_both_lanes_in_turn(job: MakeJob, tmp_path: Path) -> None:
    pool = WorkerPool(1, module=MISBEHAVING)
    await pool.start()
    go, started, order = tmp_path / "go", asyncio.Event(), list[str]()

    async def send(kind: JobKind, habit: str = "pid") -> None:
        await pool.run(job(habit, kind), lambda percent: started.set(), deadline_s=LONG)
        order.append(kind)

    tasks = [asyncio.create_task(send("video", f"wait:{go}"))]
    await started.wait()
    for kind in ("video", "video", "voice", "voice"):
        tasks.append(asyncio.create_task(send(kind)))
        await until(lambda: pool.waiting == len(tasks) - 1)
    go.touch()
    await asyncio.gather(*tasks)
    assert order == ["video", "voice", "video", "voice", "video"]
    await pool.stop()


async def test_too_many_waiting_are_refused(job: MakeJob) -> None:
    pool = WorkerPool(1, module=MISBEHAVING, waiting_max=2)
    await pool.start()
    tasks = [asyncio.create_task(pool.run(job("sleep"), deadline_s=LONG)) for _ in range(3)]
    await until(lambda: pool.waiting == 2)
    with pytest.raises(Unavailable):
        await pool.run(job("pid"), deadline_s=LONG)
    await pool.stop()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(end) for end in ends] == [Unavailable] * 3
    with pytest.raises(Unavailable):
        await pool.run(job("pid"), deadline_s=LONG)


async def test_a_worn_process_is_replaced(job: MakeJob) -> None:
    pool = WorkerPool(1, module=MISBEHAVING, jobs_max=2)
    await pool.start()
    pids = [words(await pool.run(job("pid"), deadline_s=LONG)) for _ in range(5)]
    assert pids[0] == pids[1] != pids[2] == pids[3] != pids[4]
    await pool.stop()


async def test_an_idle_process_is_let_go(job: MakeJob) -> None:
    pool = WorkerPool(1, module=MISBEHAVING, idle_s=0.0)
    await pool.start()
    pid = int(words(await pool.run(job("pid"), deadline_s=LONG)))
    await until(lambda: not alive(pid))
    assert words(await pool.run(job("pid"), deadline_s=LONG)) != str(pid)
    await pool.stop()


async def test_a_worker_knows_no_secrets_and_reaches_nobody(
    pool: WorkerPool, job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEAHOUSE_STORE", "postgresql://a:secret@b/c")
    facts = words(await pool.run(job("facts"), deadline_s=LONG)).splitlines()
    assert not any(fact.startswith("env TEAHOUSE") for fact in facts)
    assert int(facts[-1].removeprefix("nice ")) >= 10
    if sys.platform == "linux":
        assert {"cannot socket", "cannot program", "cannot kill"} <= set(facts)


@pytest.mark.skipif(not hasattr(os, "SCHED_BATCH"), reason="Linux only")
async def test_a_worker_stands_behind_whoever_serves_a_chat(pool: WorkerPool, job: MakeJob) -> None:
    """It is as low as a process can be, within the server's session (one of its own would have the same share of the
    machine as the server), and does not hear the Ctrl+C that is meant for the server."""
    pid = int(words(await pool.run(job("pid"), deadline_s=LONG)))
    assert os.sched_getscheduler(pid) == os.SCHED_BATCH
    assert os.getpriority(os.PRIO_PROCESS, pid) == 19
    assert os.getsid(pid) == os.getsid(0)
    assert os.getpgid(pid) != os.getpgid(0)


async def test_real_workers_make_voices_and_videos_within_their_bounds(tmp_path: Path) -> None:
    pool = WorkerPool(2)
    await pool.start()
    voice = write_sound(tmp_path / "voice.webm", speech(20), "libopus", format="webm", options={"live": "1"})
    film = write_video(tmp_path / "film.mov", size=(1920, 1080), seconds=1, codec="libx265", options=HEVC)
    text = tmp_path / "letter.mp4"
    text.write_text("not a film")
    jobs = []
    for number, (kind, source) in enumerate((("voice", voice), ("video", film), ("video_note", film), ("voice", text))):
        folder = tmp_path / f"out-{number}"
        folder.mkdir()
        jobs.append(Job(kind=kind, sources=(str(source),), folder=str(folder)))  # type: ignore[arg-type]
    heard, seen, note, refused = await asyncio.gather(
        *(pool.run(job, deadline_s=LONG) for job in jobs), return_exceptions=True
    )
    await pool.stop()
    assert heard.duration == pytest.approx(20_000, abs=30)  # type: ignore[union-attr]
    assert (seen.width, seen.height) == (1280, 720)  # type: ignore[union-attr]
    assert (note.width, note.height) == (480, 480)  # type: ignore[union-attr]
    assert isinstance(refused, MediaRefused)
    assert refused.reason == "unreadable"


SERVER = """
import asyncio, sys
from teahouse.media.work.jobs import Job
from teahouse.media.work.pool import WorkerPool
from tests.media.work.recordings import speech, write_sound, write_video

async def main():
    pool = WorkerPool(2, module="tests.media.work.misbehaving")
    await pool.start()
    def say(percent):
        print(*pool.processes, flush=True)
    await pool.run(Job(kind="voice", sources=("spin",), folder=sys.argv[1]), say, deadline_s=600)

asyncio.run(main())
"""


def test_workers_die_with_a_server_that_is_killed(tmp_path: Path) -> None:
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    pids = [int(pid) for pid in server.stdout.readline().split()]
    assert pids
    assert all(alive(pid) for pid in pids)
    server.kill()
    server.wait()
    deadline = time.monotonic() + 20
    while any(alive(pid) for pid in pids):
        assert time.monotonic() < deadline, "a worker outlived its server"
        time.sleep(0.01)
