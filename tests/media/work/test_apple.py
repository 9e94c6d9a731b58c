"""What ties an Apple pair together, and what a JPEG keeps when its metadata goes."""

import io
import struct
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from teahouse.media.work.containers import jpeg
from teahouse.media.work.containers.apple import (
    KEY,
    film_with_identifier,
    identifier_of_exif,
    identifier_of_film,
    maker_note,
)
from teahouse.media.work.containers.boxes import box
from teahouse.media.work.containers.exif import ExifParts, read_exif, write_exif
from teahouse.media.work.picture_colour import rgb_profile
from tests.media.work.shots import SECRETS, encoded, film, photo, quadrants, taken

IDENTIFIER = "FFCBAC24-E547-4BBC-AF47-38B1A3D845E3"
identifiers = st.uuids().map(lambda value: str(value).upper())


@given(orientation=st.integers(1, 8), note=st.binary(max_size=200))
def test_written_exif_is_read_again(orientation: int, note: bytes) -> None:
    parts = ExifParts(orientation, note)
    assert read_exif(write_exif(parts)) == parts
    exif = Image.Exif()
    exif.load(b"Exif\x00\x00" + write_exif(parts))
    assert exif.get(0x0112, 1) == orientation  # another reader agrees
    if note:
        assert exif.get_ifd(0x8769)[0x927C] == note


@given(identifier=identifiers, orientation=st.integers(1, 8))
def test_a_written_maker_note_is_read_again(identifier: str, orientation: int) -> None:
    assert identifier_of_exif(write_exif(ExifParts(orientation, maker_note(identifier)))) == identifier


def test_a_maker_note_among_others_and_in_the_other_byte_order_is_read() -> None:
    value = IDENTIFIER.encode() + b"\x00"
    entries = struct.pack("<HHII", 0x0001, 9, 1, 14) + struct.pack("<HHII", 0x0011, 2, len(value), 14 + 2 + 24 + 4)
    note = b"Apple iOS\x00\x00\x01II" + struct.pack("<H", 2) + entries + bytes(4) + value
    assert identifier_of_exif(write_exif(ExifParts(maker_note=note))) == IDENTIFIER


def test_other_makers_have_no_identifier() -> None:
    assert identifier_of_exif(b"") == ""
    assert identifier_of_exif(write_exif(ExifParts(6))) == ""
    assert identifier_of_exif(write_exif(ExifParts(maker_note=b"Nikon\x00\x02" + bytes(40)))) == ""


@given(orientation=st.integers(0, 65_535))
def test_an_orientation_that_does_not_exist_is_upright(orientation: int) -> None:
    found = read_exif(write_exif(ExifParts(orientation, b"note"))).orientation
    assert found == (orientation if orientation in range(1, 9) else 1)


@given(block=st.binary(max_size=300), start=st.sampled_from([b"", b"II*\x00", b"MM\x00*", b"Exif\x00\x00MM\x00*"]))
def test_any_bytes_are_read_as_exif_without_falling(block: bytes, start: bytes) -> None:
    parts = read_exif(start + block)
    assert read_exif(write_exif(parts)) == parts
    assert identifier_of_exif(start + block) == ""


@given(changes=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=6), identifier=identifiers)
def test_damaged_exif_is_read_without_falling(changes: list[tuple[int, int]], identifier: str) -> None:
    block = bytearray(write_exif(ExifParts(3, maker_note(identifier))))
    for place, value in changes:
        block[place % len(block)] = value
    # Its end mark may be what was damaged.
    assert len(identifier_of_exif(bytes(block))) <= len(identifier) + 1


def test_the_identifier_of_a_real_mov_is_found(tmp_path: Path) -> None:
    mov = film(
        tmp_path / "a.mov",
        metadata={"com.apple.quicktime.make": "Apple", KEY.decode(): IDENTIFIER, "title": "Tea"},
    )
    assert KEY in mov
    assert identifier_of_film(mov) == IDENTIFIER
    assert identifier_of_film(film(tmp_path / "b.mov")) == ""
    assert identifier_of_film(film(tmp_path / "c.mov", metadata={"com.apple.quicktime.make": "Apple"})) == ""


@pytest.mark.parametrize("before", [{}, {KEY.decode(): "OLD", "com.apple.quicktime.location.ISO6709": "+48-002/"}])
def test_a_film_is_given_an_identifier_that_others_read(tmp_path: Path, before: dict[str, str]) -> None:
    mov = film_with_identifier(film(tmp_path / "a.mov", metadata=before), IDENTIFIER)
    assert identifier_of_film(mov) == IDENTIFIER
    assert b"ISO6709" not in mov
    with av.open(io.BytesIO(mov)) as container:
        assert container.metadata[KEY.decode()] == IDENTIFIER
        assert len(list(container.decode(video=0))) == 25


def test_a_film_whose_samples_would_move_is_not_touched() -> None:
    with pytest.raises(ValueError, match="last"):
        film_with_identifier(box(b"moov", b"") + box(b"mdat", b""), IDENTIFIER)


@settings(max_examples=200)
@given(data=st.binary(max_size=200), changes=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=8))
def test_any_bytes_are_read_as_a_film_without_falling(data: bytes, changes: list[tuple[int, int]]) -> None:
    mov = bytearray(film_with_identifier(box(b"mdat", data) + box(b"moov", b""), IDENTIFIER))
    assert identifier_of_film(bytes(mov)) == IDENTIFIER
    for place, value in changes:
        mov[place % len(mov)] = value
    assert len(identifier_of_film(bytes(mov))) <= len(IDENTIFIER)
    assert identifier_of_film(data) == ""


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"quality": 100, "subsampling": "4:4:4"}])
def test_a_stripped_jpeg_keeps_every_coefficient_and_its_colours(options: dict[str, object]) -> None:
    source = encoded(
        photo(), "JPEG", exif=taken_exif(), icc_profile=rgb_profile(12), comment=b"SecretComment", **options
    )
    source += b"SecretXmp: after the end"
    clean = jpeg.stripped(source, exif=ExifParts(6, maker_note(IDENTIFIER)))
    assert clean is not None
    assert not any(secret in clean for secret in SECRETS)
    before, after = Image.open(io.BytesIO(source)), Image.open(io.BytesIO(clean))
    assert np.array_equal(np.asarray(before), np.asarray(after))
    assert after.info["icc_profile"] == rgb_profile(12)
    assert after.getexif()[0x0112] == 6
    assert not after.getexif().get_ifd(0x8825)
    assert identifier_of_exif(after.info["exif"]) == IDENTIFIER
    assert jpeg.picture_end(clean) == len(clean)


def taken_exif() -> bytes:
    return bytes(Image.open(io.BytesIO(taken("JPEG"))).info["exif"])


def test_a_cmyk_jpeg_keeps_its_colour_transform() -> None:
    source = encoded(quadrants().convert("CMYK"), "JPEG")
    clean = jpeg.stripped(source, exif=ExifParts())
    assert clean is not None
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(source))), np.asarray(Image.open(io.BytesIO(clean))))


def test_a_jpeg_that_is_cut_off_cannot_be_stripped() -> None:
    source = taken("JPEG")
    for part in (0, 1, 2, 40, len(source) // 2, len(source) - 1):
        assert jpeg.stripped(source[:part], exif=ExifParts()) is None


@settings(deadline=None)
@given(changes=st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), max_size=8))
def test_a_damaged_jpeg_is_walked_without_falling(changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(SMALL)
    for place, value in changes:
        damaged[place % len(damaged)] = value
    clean = jpeg.stripped(bytes(damaged), exif=ExifParts(3))
    assert clean is None or clean.endswith(b"\xff\xd9")


SMALL = taken("JPEG", quadrants((32, 32)))
