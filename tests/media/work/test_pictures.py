"""Pictures as phones, screens and strangers make them, and what becomes of them."""

import io
import json
import math
import shutil
import struct
import subprocess
import zipfile
import zlib
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from teahouse.media.work import animations
from teahouse.media.work.jobs import Made, MediaRefused
from teahouse.media.work.picture_colour import PRIMARIES, rgb_profile
from teahouse.media.work.picture_reader import TURNS
from teahouse.media.work.pictures import make_picture
from teahouse.media.work.thumb_hash import thumb_hash
from tests.media.work.shots import (
    QUADRANTS,
    SECRETS,
    STILL_FORMATS,
    XMP,
    Studio,
    bytes_of,
    camera_exif,
    encoded,
    photo,
    quadrants,
    shown,
    srgb_profile,
    taken,
    types,
)

GLASS = Image.linear_gradient("L").resize((32, 24))
INVERSE = TURNS | {6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def made_of(studio: Studio, source: bytes, *, keep_metadata: bool = False) -> Made:
    return studio.make(make_picture, "picture", source, keep_metadata=keep_metadata)


def refused(studio: Studio, source: bytes) -> str:
    with pytest.raises(MediaRefused) as refusal:
        made_of(studio, source)
    return refusal.value.reason


@pytest.mark.parametrize("name", STILL_FORMATS)
def test_every_format_becomes_three_sizes(studio: Studio, name: str) -> None:
    made = made_of(studio, taken(name, photo((3000, 2000))))
    assert [shown(made, variant).size for variant in ("large", "medium", "small")] == [
        (2560, 1707),
        (1280, 854),
        (480, 320),
    ]
    assert (made.width, made.height, made.animated, made.duration) == (2560, 1707, False, 0)
    assert set(types(made).values()) <= {"image/jpeg", "image/webp"}
    assert {file.variant for file in made.files} == {"large", "medium", "small"}
    before = np.asarray(photo((3000, 2000)).resize((48, 32), Image.Resampling.BOX), dtype=float)
    after = np.asarray(shown(made, "small").convert("RGB").resize((48, 32), Image.Resampling.BOX), dtype=float)
    assert np.abs(before - after).mean() < (12 if name == "GIF" else 4)


def test_a_photograph_is_a_progressive_jpeg_with_halved_colours(studio: Studio) -> None:
    made = made_of(studio, taken("PNG", photo((800, 600))))
    large = shown(made)
    assert types(made)["large"] == "image/jpeg"
    assert large.info["progressive"]
    assert large.layer[0][1:3] == (2, 2)  # 4:2:0


def test_a_small_picture_is_never_enlarged_and_is_one_file(studio: Studio) -> None:
    made = made_of(studio, taken("JPEG", photo((200, 100))))
    assert shown(made).size == (200, 100)
    assert len({file.path for file in made.files}) == 1
    assert {file.variant for file in made.files} == {"large", "medium", "small"}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["JPEG", "HEIF", "PNG", "WEBP", "AVIF"])
def test_a_turned_picture_stands_upright(studio: Studio, name: str, orientation: int) -> None:
    upright = quadrants((320, 240))
    stored = upright.transpose(INVERSE[orientation]) if orientation in INVERSE else upright
    made = made_of(studio, encoded(stored, name, exif=camera_exif(orientation)))
    for variant in ("large", "medium", "small"):
        image = shown(made, variant).convert("RGB")
        assert image.size == (320, 240)
        assert 0x0112 not in image.getexif()
        for index, colour in enumerate(QUADRANTS):
            pixel = image.getpixel((80 + 160 * (index % 2), 60 + 120 * (index // 2)))
            assert isinstance(pixel, tuple)
            assert max(abs(a - b) for a, b in zip(pixel, colour, strict=True)) < 12
    assert (made.width, made.height) == (320, 240)


@pytest.mark.parametrize("name", STILL_FORMATS)
def test_nothing_says_where_and_by_what_it_was_taken(studio: Studio, name: str) -> None:
    source = taken(name, photo((1600, 900)))
    assert any(secret in source for secret in SECRETS)
    made = made_of(studio, source)
    for file in made.files:
        written = Path(file.path).read_bytes()
        image = Image.open(io.BytesIO(written))
        assert not any(secret in written for secret in SECRETS)
        assert b"Exif\x00\x00" not in written
        assert XMP not in written
        assert not image.getexif()
        assert not {"exif", "xmp", "comment", "icc_profile"} & set(image.info)


@pytest.mark.parametrize("name", STILL_FORMATS)
def test_who_keeps_the_metadata_keeps_the_file(studio: Studio, name: str) -> None:
    source = taken(name)
    made = made_of(studio, source, keep_metadata=True)
    assert made.files[0].variant == "original"
    assert bytes_of(made, "original") == source
    assert types(made)["original"] == f"image/{'heic' if name == 'HEIF' else name.lower()}"
    assert not any(secret in bytes_of(made, "large") for secret in SECRETS)


def srgb_of(pixel: tuple[int, int, int], primaries: int) -> np.ndarray:
    """The sRGB value of a colour given in other primaries, by the book: linear light, one matrix, the curve again."""

    def matrix(columns: tuple[tuple[float, float], ...]) -> np.ndarray:
        xyz = np.array([(x / y, 1, (1 - x - y) / y) for x, y in columns]).T
        white = np.array((0.3127 / 0.3290, 1, (1 - 0.3127 - 0.3290) / 0.3290))
        return xyz * np.linalg.solve(xyz, white)

    value = np.array(pixel) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    rec709 = matrix(((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)))
    light = np.clip(np.linalg.solve(rec709, matrix(PRIMARIES[primaries]) @ linear), 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055) * 255


@pytest.mark.parametrize("pixel", [(200, 100, 50), (60, 160, 220), (120, 120, 120), (240, 230, 20)])
@pytest.mark.parametrize(("name", "primaries"), [("JPEG", 12), ("HEIF", 12), ("PNG", 9), ("AVIF", 12)])
def test_wide_colours_are_shown_as_they_were_seen(
    studio: Studio, name: str, primaries: int, pixel: tuple[int, int, int]
) -> None:
    quality = {} if name == "PNG" else {"quality": 100}
    made = made_of(
        studio, encoded(Image.new("RGB", (64, 64), pixel), name, icc_profile=rgb_profile(primaries), **quality)
    )
    seen = np.array(shown(made).convert("RGB").getpixel((32, 32)), dtype=float)
    assert np.abs(seen - srgb_of(pixel, primaries)).max() < 5
    if len(set(pixel)) > 1:
        assert np.abs(seen - np.array(pixel)).max() > 5  # leaving them alone would have been wrong


def test_colours_named_by_code_points_alone_are_understood(studio: Studio) -> None:
    pixel = (200, 100, 50)
    source = encoded(
        Image.new("RGB", (64, 64), pixel), "HEIF", quality=100, color_primaries=12, transfer_characteristics=13
    )
    assert b"nclx" in source
    assert b"colrprof" not in source
    seen = np.array(shown(made_of(studio, source)).convert("RGB").getpixel((32, 32)), dtype=float)
    assert np.abs(seen - srgb_of(pixel, 12)).max() < 6


def test_srgb_stays_what_it_is_and_a_broken_profile_is_as_if_absent(studio: Studio) -> None:
    for profile in (srgb_profile(), b"no profile at all", rgb_profile(12)[:200]):
        made = made_of(studio, encoded(Image.new("RGB", (64, 64), (200, 100, 50)), "PNG", icc_profile=profile))
        assert shown(made).convert("RGB").getpixel((9, 9)) == (200, 100, 50)


@pytest.mark.parametrize(
    ("image", "seen"),
    [
        (Image.new("CMYK", (64, 64), (0, 255, 255, 0)), (255, 0, 0)),
        (Image.new("L", (64, 64), 100), (100, 100, 100)),
        (Image.new("1", (64, 64), 1), (255, 255, 255)),
        (Image.fromarray(np.full((64, 64), 25_600, dtype=np.uint16)), (100, 100, 100)),
        (Image.new("P", (64, 64), 0), (0, 0, 0)),
    ],
)
def test_every_kind_of_pixel_is_shown_rightly(studio: Studio, image: Image.Image, seen: tuple[int, int, int]) -> None:
    made = made_of(studio, encoded(image, "JPEG" if image.mode == "CMYK" else "PNG"))
    pixel = shown(made).convert("RGB").getpixel((9, 9))
    assert isinstance(pixel, tuple)
    assert max(abs(a - b) for a, b in zip(pixel, seen, strict=True)) < 4


def test_what_can_be_seen_through_stays_so(studio: Studio) -> None:
    image = photo((900, 600)).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    made = made_of(studio, encoded(image, "PNG"))
    assert set(types(made).values()) == {"image/webp"}
    for variant in ("large", "medium", "small"):
        low, high = shown(made, variant).getchannel("A").getextrema()
        assert low < 10
        assert high > 245
    assert made.thumbhash[2] & 0x80  # the hash knows of it


def test_an_alpha_channel_that_hides_nothing_is_dropped(studio: Studio) -> None:
    made = made_of(studio, encoded(photo().convert("RGBA"), "PNG"))
    assert types(made)["large"] == "image/jpeg"


def page(size: tuple[int, int] = (1170, 2000)) -> Image.Image:
    """Writing on white, as on a telephone's screen."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for line in range(size[1] // 33):
        words = f"{line}: Tea at four? Bring the small cups."
        draw.text((30, 30 + 32 * line), words, "#c22", ImageFont.load_default(22))
    return image


def test_a_screenshot_stays_crisp(studio: Studio) -> None:
    source = encoded(page(), "PNG")
    made = made_of(studio, source)
    assert np.array_equal(np.asarray(shown(made).convert("RGB")), np.asarray(page()))
    assert len(bytes_of(made, "large")) < len(source)


def test_writing_around_a_photograph_keeps_its_edges_and_colours(studio: Studio) -> None:
    image = page()
    image.paste(photo((900, 700)), (100, 900))
    made = made_of(studio, encoded(image, "PNG"))
    usual = Image.open(io.BytesIO(encoded(image, "JPEG", quality=82, subsampling="4:2:0")))
    writing = (0, 0, 1170, 800)
    before, after, smeared = (
        np.asarray(one.convert("RGB").crop(writing), dtype=float) for one in (image, shown(made), usual)
    )
    assert np.abs(before - after).mean() < 0.5 * np.abs(before - smeared).mean()
    assert len(bytes_of(made, "large")) < 1_000_000


def moving(name: str, size: tuple[int, int] = (201, 151), count: int = 8) -> bytes:
    frames = [quadrants(size).rotate(360 * index / count) for index in range(count)]
    durations = [40] * (count - 1) + [700]
    return encoded(frames[0], name, save_all=True, append_images=frames[1:], duration=durations, loop=0)


@pytest.mark.parametrize("name", ["GIF", "WEBP", "PNG", "AVIF"])
def test_what_moves_becomes_a_film_and_a_still(studio: Studio, name: str) -> None:
    made = made_of(studio, moving(name))
    assert made.animated
    assert made.duration == 7 * 40 + 700
    assert types(made)["video"] == "video/mp4"
    assert shown(made).size == (201, 151)
    with av.open(io.BytesIO(bytes_of(made, "video"))) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.pix_fmt) == (200, 150, "yuv420p")
        assert (stream.codec_context.name, len(container.streams)) == ("h264", 1)
        assert container.duration == made.duration * 1000
        frames = list(container.decode(stream))
    assert [round(float(frame.pts * frame.time_base) * 1000) for frame in frames] == [40 * index for index in range(8)]
    first = frames[0].to_ndarray(format="rgb24")
    assert np.abs(first[30, 40].astype(int) - QUADRANTS[0]).max() < 30


def test_a_gif_of_one_frame_does_not_move(studio: Studio) -> None:
    made = made_of(studio, encoded(quadrants(), "GIF"))
    assert not made.animated
    assert "video" not in types(made)


def test_an_animation_without_end_is_refused(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(animations, "FRAMES_MAX", 5)
    assert refused(studio, moving("GIF")) == "too_long"
    monkeypatch.setattr(animations, "FRAMES_MAX", 8)
    assert made_of(studio, moving("GIF")).animated
    monkeypatch.setattr(animations, "DURATION_MS_MAX", 900)
    assert refused(studio, moving("WEBP")) == "too_long"
    monkeypatch.setattr(animations, "PIXELS_MAX", 201 * 151 * 3)
    assert refused(studio, moving("PNG")) == "too_many_pixels"


def png_header(width: int, height: int) -> bytes:
    """A PNG that says how large it is, with one row's worth of data behind it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    body = zlib.compress(bytes(100_000))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def grown(name: str, width: int, height: int) -> bytes:
    """A real small file whose header claims more."""
    data = bytearray(encoded(photo((64, 64)), name))
    if name == "JPEG":
        at = data.index(b"\xff\xc0") + 5
        data[at : at + 4] = struct.pack(">HH", height, width)
    elif name == "GIF":
        data[6:10] = struct.pack("<HH", width, height)
    elif name == "WEBP":
        data[26:30] = struct.pack("<HH", width, height)
    else:
        at = data.index(b"ispe") + 8
        data[at : at + 8] = struct.pack(">II", width, height)
    return bytes(data)


@pytest.mark.parametrize(
    "source",
    [
        png_header(65_536, 1),
        png_header(1, 2_000_000_000),
        png_header(20_000, 20_000),
        grown("JPEG", 65_535, 65_535),
        grown("JPEG", 12_000, 9_000),
        grown("GIF", 65_535, 65_535),
        grown("WEBP", 16_383, 16_383),
    ],
    ids=["edge", "huge edge", "area", "jpeg edges", "jpeg area", "gif", "webp"],
)
def test_a_bomb_is_refused_for_what_its_header_says(studio: Studio, source: bytes) -> None:
    assert refused(studio, source) == "too_many_pixels"


@pytest.mark.parametrize("name", ["HEIF", "AVIF"])
def test_a_box_that_lies_about_its_picture_is_refused(studio: Studio, name: str) -> None:
    assert refused(studio, grown(name, 30_000, 30_000)) in {"too_many_pixels", "unreadable"}


def test_an_edge_of_65535_pixels_is_still_a_picture(studio: Studio) -> None:
    made = made_of(studio, encoded(Image.new("RGB", (65_535, 2), "red"), "PNG"))
    assert shown(made).size == (2560, 1)
    made = made_of(studio, encoded(photo((65_500, 8)), "JPEG"))
    assert shown(made, "small").size == (480, 1)


@pytest.mark.parametrize("part", [0.02, 0.2, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("name", STILL_FORMATS)
def test_a_cut_off_picture_is_refused(studio: Studio, name: str, part: float) -> None:
    source = encoded(photo(), name)
    assert refused(studio, source[: int(len(source) * part)]) == "unreadable"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"", "unreadable"),
        (b"\x89PNG\r\n\x1a\n", "unreadable"),
        (b"<!doctype html><script>alert(1)</script>", "wrong_kind"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "wrong_kind"),
        (b"%PDF-1.7\n", "wrong_kind"),
        (b"PK\x03\x04" + bytes(100), "wrong_kind"),
        (b"II*\x00" + bytes(200), "wrong_kind"),
        (b"BM" + bytes(200), "wrong_kind"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "wrong_kind"),
        (bytes(5000), "wrong_kind"),
    ],
    ids=["empty", "signature", "html", "svg", "pdf", "zip", "tiff", "bmp", "eps", "zeros"],
)
def test_what_is_no_picture_is_refused_whatever_its_name(
    studio: Studio, tmp_path: Path, source: bytes, reason: str
) -> None:
    path = tmp_path / "holiday.png"
    path.write_bytes(source)
    with pytest.raises(MediaRefused) as refusal:
        studio.make(make_picture, "picture", path)
    assert refusal.value.reason == reason


def test_a_picture_that_is_also_a_page_and_an_archive_comes_out_as_a_picture_only(studio: Studio) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as entries:
        entries.writestr("payload.html", "<script>alert(1)</script>")
    source = encoded(photo(), "JPEG", comment=b"<html><script>alert(2)</script>") + archive.getvalue()
    assert zipfile.is_zipfile(io.BytesIO(source))
    made = made_of(studio, source)
    for file in made.files:
        written = Path(file.path).read_bytes()
        assert b"script" not in written
        assert not zipfile.is_zipfile(io.BytesIO(written))


SEEDS = (*(encoded(quadrants((48, 32)), name) for name in STILL_FORMATS), moving("PNG", (24, 16), 3))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.sampled_from(SEEDS),
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.binary(min_size=1, max_size=6)), max_size=6),
    cut=st.integers(0, 10_000),
)
def test_a_damaged_picture_is_made_or_refused_and_nothing_else(
    studio: Studio, seed: bytes, changes: list[tuple[int, bytes]], cut: int
) -> None:
    damaged = bytearray(seed)
    for place, what in changes:
        at = place % len(damaged)
        damaged[at : at + len(what)] = what
    source = bytes(damaged if cut % 3 else damaged[: cut % len(damaged)])
    try:
        made = made_of(studio, source)
    except MediaRefused:  # and no other error
        return
    assert max(shown(made).size) <= 2560


CLIENT = Path(__file__).parents[3] / "web/node_modules/thumbhash/thumbhash.js"
in_node = pytest.mark.skipif(shutil.which("node") is None or not CLIENT.exists(), reason="the client is not installed")


def reference(call: str, given: object) -> str:
    """What the client's own library makes of something."""
    program = f"import * as it from '{CLIENT.as_uri()}'; const given = JSON.parse(process.argv[1]); console.log({call})"
    command = ["node", "--input-type=module", "-e", program, json.dumps(given)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@in_node
@pytest.mark.parametrize(
    "image",
    [photo((32, 24)), photo((32, 32)), photo((9, 30)), Image.merge("RGBA", (*photo((32, 24)).split(), GLASS))],
    ids=["landscape", "square", "portrait", "glass"],
)
def test_the_hash_is_the_one_of_the_reference(image: Image.Image) -> None:
    pixels = image.convert("RGBA")
    call = "Buffer.from(it.rgbaToThumbHash(given.w, given.h, given.pixels)).toString('hex')"
    expected = bytes.fromhex(reference(call, {"w": image.width, "h": image.height, "pixels": list(pixels.tobytes())}))
    ours = thumb_hash(image)
    assert ours[:5] == expected[:5]
    assert len(ours) == len(expected)
    for a, b in zip(ours, expected, strict=True):  # what lies between two values may be rounded to either
        assert max(abs((a & 15) - (b & 15)), abs((a >> 4) - (b >> 4))) <= 1


@in_node
def test_the_hash_shows_the_picture(studio: Studio) -> None:
    made = made_of(studio, encoded(quadrants((400, 300)), "PNG"))
    assert 0 < len(made.thumbhash) <= 25
    call = "JSON.stringify((({w, h, rgba}) => [w, h, [...rgba]])(it.thumbHashToRGBA(given)))"
    width, height, pixels = json.loads(reference(call, list(made.thumbhash)))
    seen = np.array(pixels, dtype=float).reshape(height, width, 4)
    assert math.isclose(width / height, 4 / 3, rel_tol=0.1)
    for index, colour in enumerate(QUADRANTS):
        spot = seen[height // 4 + height // 2 * (index // 2), width // 4 + width // 2 * (index % 2), :3]
        assert np.abs(spot - np.array(colour)).max() < 80
