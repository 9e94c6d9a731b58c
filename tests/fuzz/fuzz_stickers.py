"""Fuzz what reads strangers' stickers and packs, with coverage (atheris).

`python -m tests.fuzz.fuzz_stickers -max_total_time=60` (libFuzzer's options; a folder as an argument is a corpus).
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(
    include=["teahouse.media.work.lottie", "teahouse.media.work.webp", "teahouse.stickers"]
):
    from teahouse.media.work import lottie, webp
    from teahouse.media.work.jobs import MediaRefused
    from teahouse.stickers import manifest, zips


def vector(data: bytes) -> None:
    try:
        once = lottie.read(data)
    except MediaRefused:
        return
    assert lottie.read(once.data) == once
    assert 0 < once.duration <= lottie.DURATION_MS_MAX


def picture(data: bytes) -> None:
    try:
        plain = webp.plain(data)
    except MediaRefused:
        return
    assert webp.plain(plain) == plain
    assert not webp.has_profile(plain)


def pack(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        file, out = home / "pack.zip", home / "out"
        file.write_bytes(data)
        out.mkdir()
        try:
            found = zips.unpack(file, out)
        except zips.ZipRefused:
            return
        finally:
            assert {path.name for path in home.iterdir()} == {"pack.zip", "out"}
            assert sum(path.stat().st_size for path in out.rglob("*")) <= zips.TOTAL_BYTES_MAX
        plan(found)


def plan(files: list[tuple[str, Path]]) -> None:
    found = manifest.plan(files)
    assert len(found.stickers) <= manifest.PACK_STICKERS_MAX
    there = {path for _, path in files}
    assert all(each.path in there for each in found.stickers)


def texts(data: bytes) -> None:
    """The files in a pack that say what is in it."""
    with tempfile.TemporaryDirectory() as name:
        half = len(data) // 2
        files = {"pack.json": data[:half], "emojis.txt": data[half:], "title.txt": data, "a.png": b"", "b.tgs": b""}
        for file, content in files.items():
            (Path(name) / file).write_bytes(content)
        plan([(file, Path(name) / file) for file in files])


PARSERS: tuple[Callable[[bytes], None], ...] = (vector, picture, pack, texts)


def one(data: bytes) -> None:
    if data:
        PARSERS[data[0] % len(PARSERS)](data[1:])


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
