"""Files become stickers: every kind that people have, in few kinds that browsers show, without what came along."""

import gzip
import io
import json
from pathlib import Path

import av
import pytest
from PIL import Image, PngImagePlugin

from teahouse.media.work.jobs import Made, MediaRefused
from teahouse.media.work.stickers import STILL_SIDE_MAX
from tests.stickers import making
from tests.stickers.conftest import Workshop


def file_of(made: Made, variant: str) -> bytes:
    return Path(next(file.path for file in made.files if file.variant == variant)).read_bytes()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_still_keeps_its_transparency(workshop: Workshop, kind: str) -> None:
    made = workshop.make(making.written([making.drawn()], kind))
    assert [(file.variant, file.type) for file in made.files] == [("image", "image/webp"), ("small", "image/webp")]
    assert (made.width, made.height, made.animated, made.duration) == (512, 512, False, 0)
    image = opened(file_of(made, "image")).convert("RGBA")
    assert making.is_clear(image.getpixel((2, 2)))
    red, green, _, alpha = image.getpixel((120, 240))  # type: ignore[misc]
    assert (red > 150, green < 80, alpha) == (True, True, 255)
    assert opened(file_of(made, "small")).size == (STILL_SIDE_MAX, STILL_SIDE_MAX)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_what_moves_goes_on_moving(workshop: Workshop, kind: str) -> None:
    frames = making.frames(6, 240)
    options = {"disposal": 2} if kind == "GIF" else {}
    made = workshop.make(making.written(frames, kind, **options))
    assert (made.animated, made.width, made.duration) == (True, 240, 480)
    image = opened(file_of(made, "image"))
    assert (image.format, image.n_frames, image.info["loop"]) == ("WEBP", 6, 0)  # type: ignore[attr-defined]
    for number in (0, 5):
        image.seek(number)
        frame = image.convert("RGBA")
        assert making.is_clear(frame.getpixel((2, 2)))
        left = next(x for x in range(240) if frame.getpixel((x, 114))[3] > 128)  # type: ignore[index]
        assert abs(left - 240 * (0.1 + 0.5 * number / 6)) < 4, "the ball is where it was"


def test_large_ones_are_made_to_fit_and_small_ones_stay_small(workshop: Workshop) -> None:
    wide = making.drawn(1600).crop((0, 400, 1600, 1200))
    made = workshop.make(making.written([wide], "PNG"))
    assert (made.width, made.height) == (512, 256)
    assert opened(file_of(made, "image")).size == (512, 256)
    assert workshop.make(making.png(side=100)).width == 100


def test_a_video_stays_one_with_its_transparency_and_without_its_title(workshop: Workshop) -> None:
    made = workshop.make(making.webm(title="SecretTitle"))
    assert [file.type for file in made.files] == ["video/webm", "image/webp", "image/webp"]
    video = file_of(made, "video")
    assert b"Secret" not in video
    with av.open(io.BytesIO(video)) as container:
        stream = container.streams.video[0]
        assert {name.lower(): value for name, value in stream.metadata.items()}["alpha_mode"] == "1"
        decoder = av.CodecContext.create("libvpx-vp9", "r")
        shown = [frame for packet in container.demux(stream) if packet.size for frame in decoder.decode(packet)]
    assert len(shown) == 12
    assert making.is_clear(shown[0].to_ndarray(format="rgba")[2, 2])
    fall_back = opened(file_of(made, "image"))
    assert making.is_clear(fall_back.convert("RGBA").getpixel((2, 2)))
    assert fall_back.n_frames > 3  # type: ignore[attr-defined]
    assert abs(made.duration - 400) <= 34


@pytest.mark.parametrize("packed", [False, True], ids=["lottie", "tgs"])
def test_vectors_are_written_anew(workshop: Workshop, packed: bool) -> None:
    made = workshop.make(making.tgs() if packed else making.lottie_file())
    assert [(file.variant, file.type) for file in made.files] == [("lottie", "application/json")]
    assert (made.width, made.height, made.duration, made.animated) == (512, 512, 1000, True)
    tree = json.loads(file_of(made, "lottie"))
    assert "nm" not in tree["layers"][0], "names are for who draws"
    assert tree["layers"][0]["shapes"] == making.shape_layer()["shapes"]


@pytest.mark.parametrize(
    "data", [making.png(), making.gif(), making.webm(), making.tgs()], ids=["png", "gif", "webm", "tgs"]
)
def test_what_was_made_is_made_into_itself(workshop: Workshop, data: bytes) -> None:
    once = workshop.make(data)
    again = workshop.make(Path(once.files[0].path).read_bytes())
    first, second = (Path(made.files[0].path).read_bytes() for made in (once, again))
    assert first == second


def test_nothing_of_the_camera_goes_along(workshop: Workshop) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    comment = PngImagePlugin.PngInfo()
    comment.add_text("Comment", "SecretComment")
    for data in (
        making.written([making.drawn()], "WEBP", exif=exif, xmp=b"<x>SecretXmp</x>"),
        making.written([making.drawn()], "WEBP", exif=exif) + b"SecretTail",
        making.written([making.drawn()], "PNG", pnginfo=comment, exif=exif),
        making.written(making.frames(), "WEBP", exif=exif),
    ):
        made = workshop.make(data)
        assert all(b"Secret" not in Path(file.path).read_bytes() for file in made.files)


def test_the_still_of_an_animation_that_fades_in_shows_something(workshop: Workshop) -> None:
    clear = Image.new("RGBA", (240, 240), (0, 0, 0, 0))
    made = workshop.make(making.written([clear, clear, *making.frames(4, 240)], "PNG"))
    small = opened(file_of(made, "small")).convert("RGBA")
    assert small.getchannel("A").getextrema() == (0, 255)


REFUSED = {
    "nothing": (b"", "unreadable"),
    "text": (b"hello", "wrong_kind"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "wrong_kind"),
    "html": (b"<html><script>alert(1)</script></html>", "wrong_kind"),
    "cut png": (making.png()[:500], "unreadable"),
    "edges": (making.png(side=4200), "too_many_pixels"),
    "frames": (making.written(making.frames(310, 16), "GIF", disposal=2), "too_long"),
    "slow": (making.written(making.frames(3, 64), "GIF", disposal=2, duration=9000), "too_long"),
    "bytes": (bytes(9 << 20), "too_large"),
    "wide webm": (making.webm(side=640), "too_many_pixels"),
    "cut webm": (making.webm()[:600], "unreadable"),
    "no webm": (b"\x1a\x45\xdf\xa3" + bytes(200), "unreadable"),
    "no json": (gzip.compress(b"not json"), "unreadable"),
    "bomb": (gzip.compress(bytes(300 << 20)), "too_large"),
}


@pytest.mark.parametrize(("data", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_sticker_is_refused_with_its_reason(workshop: Workshop, data: bytes, reason: str) -> None:
    with pytest.raises(MediaRefused) as refused:
        workshop.make(data)
    assert refused.value.reason == reason


def test_a_picture_that_says_it_is_lottie_is_looked_at(workshop: Workshop) -> None:
    with pytest.raises(MediaRefused) as refused:
        workshop.make(b"  {" + making.png())
    assert refused.value.reason == "unreadable"
