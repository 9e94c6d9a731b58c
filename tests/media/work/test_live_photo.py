"""Live photos as they come from an iPhone, an Android phone and Teahouse's own camera, and what the friends get."""

import io
import struct
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from teahouse.media.work.containers import jpeg
from teahouse.media.work.containers.apple import KEY, identifier_of_exif, identifier_of_film, maker_note
from teahouse.media.work.containers.exif import ExifParts, write_exif
from teahouse.media.work.containers.motion_photo import parse, write_heic, write_jpeg
from teahouse.media.work.jobs import MediaRefused
from teahouse.media.work.live_photo import make_live_photo
from tests.media.work.shots import (
    SECRETS,
    Studio,
    bytes_of,
    camera_exif,
    encoded,
    film,
    photo,
    quadrants,
    shown,
    taken,
    types,
)

IDENTIFIER = "FFCBAC24-E547-4BBC-AF47-38B1A3D845E3"
OTHER = "00000000-E547-4BBC-AF47-38B1A3D845E3"
PLACE = "+48.8582+002.2945+035.0/"


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def apple_still(identifier: str = IDENTIFIER, name: str = "JPEG", size: tuple[int, int] = (800, 600)) -> bytes:
    """An iPhone's still: its maker note among all else that it writes."""
    exif = Image.Exif()
    exif.load(camera_exif())
    if identifier:
        exif.get_ifd(0x8769)[0x927C] = maker_note(identifier)
    return encoded(photo(size), name, exif=exif.tobytes())


def apple_film(path: Path, identifier: str = IDENTIFIER, seconds: float = 1.0) -> bytes:
    metadata = {"com.apple.quicktime.location.ISO6709": PLACE, "com.apple.quicktime.make": "SecretMaker"}
    if identifier:
        metadata[KEY.decode()] = identifier
    return film(path, seconds=seconds, metadata=metadata)


def refused(studio: Studio, *sources: bytes) -> str:
    with pytest.raises(MediaRefused) as refusal:
        studio.make(make_live_photo, "live_photo", *sources)
    return refusal.value.reason


def check_moment(data: bytes, seconds: float = 1.0) -> None:
    with av.open(io.BytesIO(data)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.name, video.pix_fmt, audio.codec_context.name) == ("h264", "yuv420p", "aac")
        assert len(list(container.decode(video))) == round(25 * seconds)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("name", ["JPEG", "HEIF"])
def test_an_apple_pair_in_any_order_becomes_a_live_photo(
    studio: Studio, tmp_path: Path, name: str, turned: bool
) -> None:
    pair = [apple_still(name=name), apple_film(tmp_path / "IMG_1.MOV".lower())]
    made = studio.make(make_live_photo, "live_photo", *(reversed(pair) if turned else pair))
    assert types(made) == {
        "original": "image/jpeg",
        "original_video": "video/quicktime",
        "large": "image/jpeg",
        "medium": "image/jpeg",
        "small": "image/jpeg",
        "video": "video/mp4",
    }
    assert (made.width, made.height, made.animated) == (800, 600, False)
    assert 950 <= made.duration <= 1100
    assert made.thumbhash
    check_moment(bytes_of(made, "video"))
    # Nobody learns where it was; both halves carry the same new identifier, and other readers see it.
    for file in made.files:
        written = Path(file.path).read_bytes()
        assert not any(secret in written for secret in (*SECRETS, PLACE.encode(), IDENTIFIER.encode()))
        assert b"x264" not in written or file.variant == "video"
    still, moment = bytes_of(made, "original"), bytes_of(made, "original_video")
    fresh = identifier_of_film(moment)
    assert len(fresh) == 36
    assert identifier_of_exif(Image.open(io.BytesIO(still)).info["exif"]) == fresh
    assert not Image.open(io.BytesIO(still)).getexif().get_ifd(0x8825)
    with av.open(io.BytesIO(moment)) as container:
        assert container.metadata[KEY.decode()] == fresh
        assert len(list(container.decode(video=0))) == 25
    assert Image.open(io.BytesIO(still)).size == (800, 600)


def test_the_cleaned_jpeg_was_not_coded_again(studio: Studio, tmp_path: Path) -> None:
    source = apple_still()
    made = studio.make(make_live_photo, "live_photo", source, apple_film(tmp_path / "a.mov"))
    before, after = Image.open(io.BytesIO(source)), shown(made, "original")
    assert np.array_equal(np.asarray(before), np.asarray(after))


def test_who_keeps_the_metadata_keeps_both_files(studio: Studio, tmp_path: Path) -> None:
    still, moment = apple_still(name="HEIF"), apple_film(tmp_path / "a.mov")
    made = studio.make(make_live_photo, "live_photo", moment, still, keep_metadata=True)
    assert (bytes_of(made, "original"), bytes_of(made, "original_video")) == (still, moment)
    assert types(made)["original"] == "image/heic"
    assert made.files[0].variant == "original"
    assert not any(secret in bytes_of(made, "large") + bytes_of(made, "video") for secret in SECRETS)


@pytest.mark.parametrize(("of_still", "of_film"), [(IDENTIFIER, OTHER), (IDENTIFIER, ""), ("", IDENTIFIER)])
def test_two_that_do_not_belong_together_are_no_pair(
    studio: Studio, tmp_path: Path, of_still: str, of_film: str
) -> None:
    assert refused(studio, apple_still(of_still), apple_film(tmp_path / "a.mov", of_film)) == "no_pair"


@pytest.mark.parametrize("ending", ["mp4", "webm", "mov"])
def test_teahouses_own_camera_needs_no_identifier(studio: Studio, tmp_path: Path, ending: str) -> None:
    moment = film(tmp_path / f"a.{ending}", seconds=3, metadata={"comment": "SecretComment"})
    assert b"SecretComment" in moment
    made = studio.make(make_live_photo, "live_photo", taken("JPEG"), moment)
    kinds = {"mp4": "video/mp4", "webm": "video/webm", "mov": "video/quicktime"}
    assert types(made)["original_video"] == kinds[ending]
    assert b"SecretComment" not in bytes_of(made, "original_video")
    assert identifier_of_film(bytes_of(made, "original_video")) == ""
    check_moment(bytes_of(made, "video"), 3)
    with av.open(io.BytesIO(bytes_of(made, "original_video"))) as container:
        assert len(list(container.decode(video=0))) == 75


@pytest.mark.parametrize("micro_video", [False, True])
def test_a_motion_photo_stays_one(studio: Studio, tmp_path: Path, micro_video: bool) -> None:
    moment = film(tmp_path / "a.mp4", seconds=2, metadata={"location": PLACE, "comment": "SecretComment"})
    source = write_jpeg(taken("JPEG", orientation=6), moment, timestamp_us=700_000, micro_video=micro_video)
    made = studio.make(make_live_photo, "live_photo", source)
    assert types(made) == {
        "original": "image/jpeg",
        "large": "image/jpeg",
        "medium": "image/jpeg",
        "small": "image/jpeg",
        "video": "video/mp4",
    }
    assert (made.width, made.height) == (480, 640)
    check_moment(bytes_of(made, "video"), 2)
    original = bytes_of(made, "original")
    assert not any(secret in original for secret in (*SECRETS, PLACE.encode()))
    found = parse(original)
    assert found is not None
    assert found.timestamp_us == 700_000
    with av.open(io.BytesIO(original[found.video_start : found.video_end])) as container:
        assert len(list(container.decode(video=0))) == 50
    image = Image.open(io.BytesIO(original))
    assert image.getexif()[0x0112] == 6
    assert np.array_equal(np.asarray(image), np.asarray(Image.open(io.BytesIO(source))))


@pytest.mark.parametrize("keep_metadata", [False, True])
def test_a_heic_motion_photo_is_one_too(studio: Studio, tmp_path: Path, keep_metadata: bool) -> None:
    moment = film(tmp_path / "a.mp4")
    source = write_heic(lambda xmp: encoded(quadrants(), "HEIF", xmp=xmp, exif=camera_exif(6)), moment)
    made = studio.make(make_live_photo, "live_photo", source, keep_metadata=keep_metadata)
    assert (made.width, made.height) == (240, 320)
    check_moment(bytes_of(made, "video"))
    original = bytes_of(made, "original")
    if keep_metadata:
        assert original == source
    else:
        assert parse(original) is not None
        assert Image.open(io.BytesIO(original)).size == (240, 320)
        assert not any(secret in original for secret in SECRETS)


def test_a_film_that_was_turned_stays_turned(studio: Studio, tmp_path: Path) -> None:
    moment = bytearray(film(tmp_path / "a.mov", size=(320, 240)))
    header = moment.index(b"tkhd")
    quarter = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 240 << 16, 0, 1 << 30)
    moment[header + 4 + 40 : header + 4 + 76] = quarter
    made = studio.make(make_live_photo, "live_photo", taken("JPEG"), bytes(moment))
    with av.open(io.BytesIO(bytes_of(made, "video"))) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (240, 320)
    copied = bytes_of(made, "original_video")
    assert quarter[:20] in copied


def test_a_moment_is_short(studio: Studio, tmp_path: Path) -> None:
    assert refused(studio, taken("JPEG"), film(tmp_path / "a.mp4", seconds=12, size=(64, 48))) == "too_long"


def test_what_is_no_still_with_its_film_is_refused(studio: Studio, tmp_path: Path) -> None:
    still, moment = taken("JPEG"), film(tmp_path / "a.mp4")
    assert refused(studio, still) == "no_pair"
    assert refused(studio, still, still) == "no_pair"
    assert refused(studio, moment, moment) == "no_pair"
    assert refused(studio, moment) == "wrong_kind"
    assert refused(studio, b"") == "unreadable"
    assert refused(studio, b"<html>", moment) == "wrong_kind"
    assert refused(studio, still, moment, moment) == "no_pair"
    assert refused(studio, still, moment[:200]) == "unreadable"
    assert refused(studio, still[: len(still) // 2], moment) == "unreadable"
    only_claims = write_jpeg(still, moment)[: -len(moment)]
    assert refused(studio, only_claims) == "no_pair"


def test_a_still_that_claims_another_side_up_is_shown_as_it_claims(studio: Studio, tmp_path: Path) -> None:
    exif = write_exif(ExifParts(8, maker_note(IDENTIFIER)))
    still = jpeg.inserted(encoded(quadrants(), "JPEG"), jpeg.application(jpeg.APP1, b"Exif\x00\x00" + exif))
    made = studio.make(make_live_photo, "live_photo", still, apple_film(tmp_path / "a.mov"))
    assert shown(made).size == (240, 320)
    assert shown(made, "original").getexif()[0x0112] == 8
