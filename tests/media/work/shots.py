"""Real files to try the makers with: pictures by Pillow, films by PyAV, and what cameras write into them."""

from __future__ import annotations

import io
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageCms, ImageDraw
from pillow_heif import register_heif_opener

from teahouse.media.work.jobs import Job, JobKind, Made

register_heif_opener()

QUADRANTS = ((220, 30, 30), (30, 190, 40), (30, 60, 220), (230, 210, 40))
SECRETS = (b"SecretMaker", b"SecretXmp", b"SecretComment", b"SecretOwner")
LATITUDE = (48.0, 51.0, 29.6)
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><!-- SecretXmp --></x:xmpmeta>'
STILL_FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "HEIF")


def quadrants(size: tuple[int, int] = (320, 240)) -> Image.Image:
    """Red, green / blue, yellow: one sees how it is turned."""
    image = Image.new("RGB", size)
    draw = ImageDraw.Draw(image)
    width, height = size
    for index, colour in enumerate(QUADRANTS):
        left, top = index % 2 * width // 2, index // 2 * height // 2
        draw.rectangle((left, top, left + width // 2, top + height // 2), fill=colour)
    return image


def photo(size: tuple[int, int] = (640, 480), seed: int = 7) -> Image.Image:
    """Something with as many colours and as little flatness as a photograph."""
    noise = np.random.default_rng(seed)
    coarse = Image.fromarray(noise.integers(0, 255, (9, 12, 3), dtype=np.uint8)).resize(size, Image.Resampling.BICUBIC)
    grain = noise.normal(0, 4, (size[1], size[0], 3))
    return Image.fromarray(np.clip(np.asarray(coarse) + grain, 0, 255).astype(np.uint8))


def camera_exif(orientation: int = 1) -> bytes:
    """What a phone writes: its maker, which side is up, and where it was."""
    exif = Image.Exif()
    exif[0x010F] = "SecretMaker"
    exif[0x0112] = orientation
    exif.get_ifd(0x8769)[0xA430] = "SecretOwner"
    exif.get_ifd(0x8825).update({1: "N", 2: LATITUDE, 3: "E", 4: (2.0, 17.0, 40.2)})
    return exif.tobytes()


def encoded(image: Image.Image, name: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, name, **options)
    return out.getvalue()


def taken(name: str, image: Image.Image | None = None, orientation: int = 1) -> bytes:
    """A picture with all that a camera and an editor leave in a file of this format."""
    image = image or photo()
    if name == "GIF":
        return encoded(image, "GIF", comment=b"SecretComment")
    options: dict[str, object] = {"exif": camera_exif(orientation), "xmp": XMP}
    if name == "JPEG":
        options["comment"] = b"SecretComment"
    if name == "PNG":
        options.pop("xmp")
    return encoded(image, name, **options)


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def film(
    path: Path,
    *,
    seconds: float = 1.0,
    size: tuple[int, int] = (160, 120),
    sound: bool = True,
    metadata: dict[str, str] | None = None,
) -> bytes:
    """A film in the container that the name's ending says, with the metadata that QuickTime keeps in `moov/meta`."""
    options = {"movflags": "use_metadata_tags"} if path.suffix in {".mov", ".mp4"} else {}
    with av.open(str(path), "w", options=options) as out:
        out.metadata.update(metadata or {})
        webm = path.suffix == ".webm"
        video = out.add_stream("libvpx" if webm else "libx264", rate=25)
        video.width, video.height = size
        video.pix_fmt = "yuv420p"
        audio = out.add_stream("libopus" if webm else "aac", rate=48_000, layout="mono") if sound else None
        for index in range(round(25 * seconds)):
            frame = av.VideoFrame.from_image(quadrants(size).rotate(index))
            frame.pts, frame.time_base = index, Fraction(1, 25)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        if audio is not None:
            for index in range(round(50 * seconds)):
                wave = np.sin(np.arange(960) * 0.05).astype(np.float32) * 0.3
                heard = av.AudioFrame.from_ndarray(wave[None], format="fltp" if not webm else "flt", layout="mono")
                heard.sample_rate, heard.pts, heard.time_base = 48_000, index * 960, Fraction(1, 48_000)
                out.mux(audio.encode(heard))
            out.mux(audio.encode(None))
    return path.read_bytes()


class Studio:
    """Where files are put and made: one folder per job, as the worker has it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0

    def make(
        self,
        maker: Callable[[Job, Callable[[int], None]], Made],
        kind: JobKind,
        *sources: bytes | Path,
        keep_metadata: bool = False,
    ) -> Made:
        self.count += 1
        place = self.folder / str(self.count)
        out = place / "out"
        out.mkdir(parents=True)
        paths = []
        for index, source in enumerate(sources):
            path = source if isinstance(source, Path) else place / f"upload-{index}"
            if isinstance(source, bytes):
                path.write_bytes(source)
            paths.append(str(path))
        told: list[int] = []
        job = Job(kind=kind, sources=tuple(paths), folder=str(out), keep_metadata=keep_metadata)
        made = maker(job, told.append)
        assert told == sorted(told)
        assert told[-1] == 100
        listed = {file.path for file in made.files}
        assert listed == {str(path) for path in out.iterdir()}  # nothing is left lying about
        return made


def bytes_of(made: Made, variant: str) -> bytes:
    return Path(next(file.path for file in made.files if file.variant == variant)).read_bytes()


def shown(made: Made, variant: str = "large") -> Image.Image:
    image = Image.open(io.BytesIO(bytes_of(made, variant)))
    image.load()
    return image


def types(made: Made) -> dict[str, str]:
    return {file.variant: file.type for file in made.files}
