"""Where files are kept, and what makes media of them."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from teahouse.config import Settings
from teahouse.doctor.model import Finding

BUCKET_S_MAX: Final = 20.0
"""For a bucket to take a probe and give it back."""
SAMPLE_S_MAX: Final = 60.0
"""For a worker process to make a small picture, film or voice."""


def blobs(settings: Settings) -> Iterator[Finding]:
    """Where files are kept: it takes a probe, gives it back and lets it go."""
    from teahouse.storage.blobs import WrongPlace

    place = settings.blobs.partition("?")[0] or str(settings.data / "blobs")
    try:
        if settings.blobs:
            asyncio.run(probe_bucket(settings))
        else:
            probe_folder(settings.data / "blobs")
    except WrongPlace as error:
        yield Finding("Files", "fail", str(error), "Set TEAHOUSE_BLOBS right, or leave it empty.")
    except Exception as error:  # a bucket's client raises what it likes
        said = (str(error).strip() or type(error).__name__).splitlines()[0][:300]
        advice = "Give the folder to the user who runs Teahouse (chown)."
        if settings.blobs:
            advice = (
                "Check that the bucket is there, and AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, endpoint and region."
            )
        yield Finding("Files", "fail", f"{place}: {said}", advice)
    else:
        yield Finding("Files", "ok", f"{place} is written and read")


async def probe_bucket(settings: Settings) -> None:
    """Raises whatever keeps a blob from being put, read back or dropped."""
    from teahouse.storage.blobs import Threads, hash_of, make_blobs

    threads = Threads("doctor", 1)
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "probe"
            path.write_bytes(os.urandom(1000))
            sha256, size = hash_of(path)
            bucket = make_blobs(settings, threads)
            async with asyncio.timeout(BUCKET_S_MAX):
                await bucket.put(path, sha256, size)
                read = b"".join([block async for block in bucket.open(sha256, 0, size)])
                await bucket.delete(sha256)
            if read != path.read_bytes():
                raise OSError("it gave back other bytes than it was given")
    finally:
        threads.stop()


def probe_folder(folder: Path) -> None:
    """Raises `OSError` when a file cannot be written there. A folder that is not there yet will be made."""
    # Not as a blob: what root leaves in the folder, the user who runs Teahouse could not write to.
    if folder.exists():
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"probe")


def media(settings: Settings) -> Iterator[Finding]:
    """Worker processes start, and have the codecs for a picture, a film and a voice."""
    advice = (
        "Install Teahouse anew (Pillow and PyAV carry the codecs). Workers need 2 GiB of address space (`ulimit -v`)."
    )
    try:
        failed = asyncio.run(make_samples())
    except Exception as error:
        yield Finding("Media", "fail", f"no worker process: {error!r}", advice)
        return
    if failed:
        yield Finding("Media", "fail", "; ".join(failed), advice)
    else:
        yield Finding("Media", "ok", "pictures, films and voices are made")


async def make_samples() -> list[str]:
    """Have one of each made, the film of the picture that moves; return what could not be made, and why."""
    import wave

    from PIL import Image

    from teahouse.media.work.jobs import Job, JobKind, MediaRefused
    from teahouse.media.work.pool import WorkerPool

    pool = WorkerPool(1)
    await pool.start()
    failed = []
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            frames = [Image.new("L", (64, 64), shade) for shade in range(0, 250, 25)]
            frames[0].save(folder / "picture.gif", save_all=True, append_images=frames[1:], duration=100)
            with wave.open(str(folder / "voice.wav"), "wb") as sound:
                sound.setnchannels(1)
                sound.setsampwidth(2)
                sound.setframerate(8000)
                sound.writeframes(bytes(8000))
            film = folder / "picture" / "video.mp4"
            samples: tuple[tuple[JobKind, Path], ...] = (
                ("picture", folder / "picture.gif"),
                ("video", film),
                ("voice", folder / "voice.wav"),
            )
            for kind, source in samples:
                made = folder / kind
                made.mkdir()
                try:
                    await pool.run(Job(kind=kind, sources=(str(source),), folder=str(made)), deadline_s=SAMPLE_S_MAX)
                except MediaRefused as refusal:
                    failed.append(f"no {kind} can be made: {' '.join(filter(None, (refusal.reason, refusal.detail)))}")
    finally:
        await pool.stop()
    return failed
