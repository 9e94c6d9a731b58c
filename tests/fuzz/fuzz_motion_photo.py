"""Fuzz what reads the files of live photos, with coverage (atheris).

`python -m tests.fuzz.fuzz_motion_photo -max_total_time=60` (libFuzzer's options; a folder as an argument is a corpus).
"""

import sys
from collections.abc import Callable

import atheris

with atheris.instrument_imports(include=["teahouse.media.work.containers"]):
    from teahouse.media.work.containers import jpeg
    from teahouse.media.work.containers.apple import identifier_of_exif, identifier_of_film
    from teahouse.media.work.containers.boxes import film_end
    from teahouse.media.work.containers.exif import ExifParts, read_exif, write_exif
    from teahouse.media.work.containers.motion_photo import parse, without_xmp
    from teahouse.media.work.containers.motion_xmp import read_claim


def motion_photo(data: bytes) -> None:
    found = parse(data)
    if found is not None:
        assert 0 < found.still_end <= found.video_start < found.video_end <= len(data)
        assert film_end(data, found.video_start, found.video_end) == found.video_end


def still(data: bytes) -> None:
    clean = jpeg.stripped(data, exif=ExifParts(6))
    if clean is not None:
        assert jpeg.stripped(clean, exif=ExifParts(6)) == clean
    without_xmp(data)
    parts = read_exif(data)
    assert read_exif(write_exif(parts)) == parts
    identifier_of_exif(jpeg.exif_of(data))


def film(data: bytes) -> None:
    assert len(identifier_of_film(data)) <= 128


def xmp(data: bytes) -> None:
    claim = read_claim(data)
    assert claim is None or min(claim.length, claim.padding, claim.after) >= 0


def exif(data: bytes) -> None:
    assert len(identifier_of_exif(data)) <= 128


PARSERS: tuple[Callable[[bytes], None], ...] = (motion_photo, still, film, xmp, exif)


def one(data: bytes) -> None:
    """The first byte chooses the parser, so that one run and one corpus serve all."""
    if data:
        PARSERS[data[0] % len(PARSERS)](data[1:])


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
