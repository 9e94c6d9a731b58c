"""Profile pictures: what comes in, in whatever form, is small, square, upright and says nothing of its camera."""

import asyncio
import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from teahouse.errors import NotFound, RateLimited
from teahouse.people.pictures import PICTURE_BYTES_MAX, PictureRefused, render
from tests.harness.house import OpenHouse, open_house

RED, GREEN, BLUE = (220, 20, 20), (20, 200, 20), (20, 20, 220)
ORIENTATION, GPS = 0x0112, 0x8825


def written(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def halves(size: tuple[int, int] = (800, 600)) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, size[0], size[1]))
    return image


def near(image: Image.Image, at: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    pixel = image.convert("RGB").getpixel(at)
    assert isinstance(pixel, tuple)
    return all(abs(one - other) < 40 for one, other in zip(pixel, colour, strict=True))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_becomes_square_in_two_sizes(kind: str) -> None:
    made = render(written(halves(), kind))
    assert {size: opened(data).size for size, data in made.items()} == {384: (384, 384), 96: (96, 96)}
    for size, data in made.items():
        image = opened(data)
        assert image.format == "WEBP"
        assert near(image, (size // 4, size // 2), RED)
        assert near(image, (3 * size // 4, size // 2), BLUE)


def test_a_picture_taken_sideways_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # "turn it a quarter to the right to see it": its left is the top
    image = opened(render(written(halves(), "JPEG", exif=exif, quality=95))[384])
    assert near(image, (192, 96), RED)
    assert near(image, (192, 288), BLUE)


def test_nothing_of_where_and_with_what_it_was_taken_is_kept() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(GPS)[2] = (52.0, 31.0, 12.0)
    comment = PngImagePlugin.PngInfo()
    comment.add_text("Comment", "SecretComment")
    for data in (
        written(halves(), "JPEG", exif=exif, comment=b"SecretComment"),
        written(halves(), "PNG", pnginfo=comment, exif=exif),
        written(halves(), "WEBP", exif=exif, xmp=b"<x>SecretXmp</x>"),
    ):
        for made in render(data).values():
            assert b"Secret" not in made
            assert not opened(made).getexif()
            assert "icc_profile" not in opened(made).info


def test_a_transparent_picture_stays_so_and_a_small_one_small() -> None:
    image = Image.new("RGBA", (50, 80), (*GREEN, 0))
    made = opened(render(written(image, "PNG"))[384])
    assert made.size == (50, 50)
    assert made.mode == "RGBA"
    assert made.getpixel((25, 25))[3] == 0  # type: ignore[index]


def huge_png(side: int) -> bytes:
    """A PNG of a few bytes that says it is enormous."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        written(halves(), "JPEG")[:2000],
        written(halves(), "PNG")[:-300],
        written(halves(), "GIF"),
        huge_png(7000),
        huge_png(60_000),
        bytes(PICTURE_BYTES_MAX + 1),
    ],
    ids=["nothing", "text", "svg", "cut jpeg", "cut png", "gif", "49 megapixels", "a bomb", "too many bytes"],
)
def test_what_is_no_picture_for_us_is_refused(data: bytes) -> None:
    with pytest.raises(PictureRefused):
        render(data)


async def test_a_person_changes_and_removes_their_picture(house: OpenHouse) -> None:
    founder = await house.found()
    first = await house.people.set_picture(founder.signed, written(halves(), "JPEG"))
    assert opened(house.people.pictures.read(first.picture, 96)).size == (96, 96)

    second = await house.people.set_picture(founder.signed, written(halves(), "PNG"))

    assert [event["person"].get("picture") for event in founder.told("profile.changed")] == [
        first.picture,
        second.picture,
    ]
    with pytest.raises(NotFound):
        house.people.pictures.read(first.picture, 96)
    removed = await house.people.remove_picture(founder.signed)
    assert removed.picture == ""
    with pytest.raises(NotFound):
        house.people.pictures.read(second.picture, 384)


async def test_a_refused_picture_changes_nothing(house: OpenHouse) -> None:
    founder = await house.found()
    kept = await house.people.set_picture(founder.signed, written(halves(), "JPEG"))
    with pytest.raises(PictureRefused):
        await house.people.set_picture(founder.signed, b"no picture")
    assert (await house.people.me(founder.signed)).person.picture == kept.picture


async def test_names_reach_no_other_file(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.found()
        for name in ("../teahouse.db", "..", "", "0" * 32, "/etc/passwd", "0" * 31 + "\n"):
            with pytest.raises(NotFound):
                house.people.pictures.read(name, 96)
        with pytest.raises(NotFound):
            house.people.pictures.read("0" * 32, 97)


async def test_uploads_are_limited(house: OpenHouse) -> None:
    founder = await house.found()
    uploads = [house.people.set_picture(founder.signed, b"no picture") for _ in range(30)]
    outcomes = await asyncio.gather(*uploads, return_exceptions=True)
    assert {type(each) for each in outcomes} == {PictureRefused, RateLimited}
    assert sum(isinstance(each, PictureRefused) for each in outcomes) == 20
