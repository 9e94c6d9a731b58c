"""A bounded run of the fuzzer with every other test: seconds, always the same bytes. Longer ones are run by hand."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from teahouse.media.work.containers import jpeg
from teahouse.media.work.containers.apple import film_with_identifier, maker_note
from teahouse.media.work.containers.boxes import box
from teahouse.media.work.containers.exif import ExifParts, write_exif
from teahouse.media.work.containers.motion_photo import write_jpeg
from teahouse.media.work.containers.motion_xmp import packet
from tests.media.work.shots import encoded, quadrants

IDENTIFIER = "FFCBAC24-E547-4BBC-AF47-38B1A3D845E3"


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris runs on Linux x86-64 only")
def test_five_thousand_strange_files_are_read_without_falling(tmp_path: Path) -> None:
    exif = write_exif(ExifParts(6, maker_note(IDENTIFIER)))
    picture = jpeg.inserted(encoded(quadrants((16, 16)), "JPEG"), jpeg.application(jpeg.APP1, b"Exif\x00\x00" + exif))
    film = film_with_identifier(box(b"ftyp", b"qt  " + bytes(4)) + box(b"mdat", b"x") + box(b"moov", b""), IDENTIFIER)
    xmp = packet("image/jpeg", 300, padding=8, timestamp_us=5, micro_video=False)
    motion = write_jpeg(picture, film)
    heic = box(b"ftyp", b"heic" + bytes(4)) + xmp + box(b"mpvd", film)
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for index, (parser, seed) in enumerate([(0, motion), (0, heic), (1, motion), (2, film), (3, xmp), (4, exif)]):
        (corpus / str(index)).write_bytes(bytes((parser,)) + seed)
    command = [sys.executable, "-m", "tests.fuzz.fuzz_motion_photo", "-runs=5000", "-seed=1", "-max_len=8192"]
    done = subprocess.run(
        [*command, "-timeout=10", f"-artifact_prefix={tmp_path}/", str(corpus)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Done 5" in done.stderr
