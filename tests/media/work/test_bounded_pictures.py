"""Pictures and live photos inside a real worker, shut in as it is: without network, with little memory and time."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from teahouse.media.work.jobs import Job, JobKind, Made, MediaRefused
from teahouse.media.work.pool import WorkerPool
from tests.media.work.shots import STILL_FORMATS, encoded, film, photo, taken


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    pool = WorkerPool(1)
    await pool.start()
    yield pool
    await pool.stop()


async def made_by(pool: WorkerPool, folder: Path, kind: JobKind, *sources: bytes) -> Made:
    out = folder / "out"
    out.mkdir(parents=True)
    paths = [folder / f"upload-{index}" for index in range(len(sources))]
    for path, source in zip(paths, sources, strict=True):
        path.write_bytes(source)
    return await pool.run(Job(kind=kind, sources=tuple(map(str, paths)), folder=str(out)), deadline_s=120)


async def test_a_worker_makes_every_kind_of_picture_and_a_live_photo(pool: WorkerPool, tmp_path: Path) -> None:
    for name in STILL_FORMATS:
        made = await made_by(pool, tmp_path / name, "picture", taken(name))
        assert {file.variant for file in made.files} == {"large", "medium", "small"}
    live = await made_by(pool, tmp_path / "live", "live_photo", taken("JPEG"), film(tmp_path / "a.mp4"))
    assert {file.variant for file in live.files} >= {"large", "video", "original", "original_video"}


async def test_a_worker_has_room_for_the_largest_picture(pool: WorkerPool, tmp_path: Path) -> None:
    tile = photo((500, 500)).convert("RGBA")
    tile.putalpha(128)
    whole = tile.resize((10_000, 10_000), 0)
    made = await made_by(pool, tmp_path / "largest", "picture", encoded(whole, "PNG", compress_level=1))
    assert (made.width, made.height) == (2560, 2560)


async def test_a_worker_says_why_it_refuses(pool: WorkerPool, tmp_path: Path) -> None:
    with pytest.raises(MediaRefused) as refusal:
        await made_by(pool, tmp_path / "page", "picture", b"<script>alert(1)</script>")
    assert refusal.value.reason == "wrong_kind"
