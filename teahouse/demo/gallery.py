"""Pictures, a film and a hummed tune for the sample house, painted and played by numbers: all of it made here."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Picture = NDArray[np.float32]
"""Height x width x 3, of 0 to 1."""
Colour = tuple[float, float, float]

SHORE: Final = 0.74
"""Where the river begins, as a part of the height."""
SAMPLES_S: Final = 48_000
FRAMES_S: Final = 24


class Scene(NamedTuple):
    """Hills behind each other under a sky, by a river."""

    sky: tuple[Colour, Colour]
    """Above and at the horizon."""
    hills: tuple[Colour, Colour]
    """The farthest and the nearest."""
    light: Colour
    sun: tuple[float, float]
    """Place, as parts of width and height."""
    seed: int
    lanterns: int = 0


DAWN: Final = Scene(
    ((0.38, 0.51, 0.72), (0.99, 0.82, 0.66)),
    ((0.72, 0.66, 0.72), (0.13, 0.25, 0.24)),
    (1.0, 0.93, 0.78),
    (0.68, 0.36),
    5,
)
NOON: Final = Scene(
    ((0.30, 0.60, 0.86), (0.84, 0.94, 0.96)),
    ((0.56, 0.75, 0.74), (0.16, 0.42, 0.24)),
    (1.0, 1.0, 0.96),
    (0.25, 0.15),
    11,
)
DUSK: Final = Scene(
    ((0.12, 0.12, 0.32), (0.93, 0.49, 0.42)),
    ((0.42, 0.27, 0.43), (0.06, 0.07, 0.14)),
    (1.0, 0.78, 0.52),
    (0.4, 0.52),
    3,
    22,
)
MIST: Final = Scene(
    ((0.70, 0.77, 0.78), (0.95, 0.94, 0.88)),
    ((0.78, 0.82, 0.80), (0.25, 0.36, 0.31)),
    (1.0, 0.98, 0.9),
    (0.55, 0.28),
    23,
)


def paint(scene: Scene, size: tuple[int, int], at: float = 0.0) -> Image.Image:
    """Paint a scene `at` seconds after it began: the river moves and the lanterns drift."""
    image = Image.fromarray(_bytes(_river(_land(scene, size), scene, at)))
    return _with_lanterns(image, scene, at) if scene.lanterns else image


@lru_cache(maxsize=1)
def _land(scene: Scene, size: tuple[int, int]) -> Picture:
    """What stands still: sky, sun and hills."""
    width, height = size
    y, x = _places(size)
    picture = _mix(np.array(scene.sky[0]), np.array(scene.sky[1]), np.clip(y / 0.62, 0, 1) ** 1.3)
    sun_x, sun_y = scene.sun
    distance = np.hypot((x - sun_x) * width / height, y - sun_y)
    glow = np.exp(-distance * 5.5)[..., None] * 0.55 + (distance < 0.045)[..., None] * 0.6
    picture = picture + glow * np.array(scene.light)
    chance = np.random.default_rng(scene.seed)
    for layer in range(5):
        near = layer / 4
        ridge = 0.44 + 0.065 * layer + _ridge(chance, x[0]) * (0.10 - 0.012 * layer)
        colour = _mix(np.array(scene.hills[0]), np.array(scene.hills[1]), np.float32(near**1.4))
        inside = np.clip((y - ridge[None, :]) * height / 1.5, 0, 1)[..., None]
        haze = np.clip((y - ridge[None, :]) * 3.2, 0, 1)[..., None] * (1 - near) * 0.45
        picture = picture * (1 - inside) + (colour * (1 - haze) + np.array(scene.sky[1]) * haze) * inside
    land: Picture = picture.astype(np.float32)
    return land


def _places(size: tuple[int, int]) -> tuple[Picture, Picture]:
    """Where each pixel is, down and across, as parts of height and width."""
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    return y / size[1], x / size[0]


def _bytes(picture: Picture) -> NDArray[np.uint8]:
    return (np.clip(picture, 0, 1) * 255).astype(np.uint8)


def jpeg(image: Image.Image) -> bytes:
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=90)
    return encoded.getvalue()


def motion_photo(scene: Scene, size: tuple[int, int]) -> bytes:
    """A still with its moment, as phones write it: a Motion Photo of three seconds, the still in the middle."""
    from teahouse.media.work.containers.motion_photo import write_jpeg  # noqa: PLC0415

    moment = film(scene, (size[0] // 2, size[1] // 2), 3.0)
    return write_jpeg(jpeg(paint(scene, size, 1.5)), moment, timestamp_us=1_500_000)


def film(scene: Scene, size: tuple[int, int], seconds: float, sound: bool = True) -> bytes:
    """An MP4 of a scene (H.264; with `sound` an AAC hum)."""
    import av  # noqa: PLC0415

    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as container:
        video: Any = container.add_stream("libx264", rate=FRAMES_S, options={"preset": "ultrafast", "crf": "23"})
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        audio: Any = container.add_stream("aac", rate=SAMPLES_S, layout="mono") if sound else None
        for number in range(int(seconds * FRAMES_S)):
            frame: Any = av.VideoFrame.from_ndarray(np.asarray(paint(scene, size, number / FRAMES_S)), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FRAMES_S)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio is not None:
            for frame in _sound_frames(hum(seconds), audio.format.name):
                container.mux(audio.encode(frame))
            container.mux(audio.encode(None))
    return target.getvalue()


def tune(seconds: float) -> bytes:
    """A hummed tune as a browser records a voice message: Opus in WebM."""
    import av  # noqa: PLC0415

    target = io.BytesIO()
    with av.open(target, "w", format="webm") as container:
        audio: Any = container.add_stream("libopus", rate=SAMPLES_S, layout="mono")
        for frame in _sound_frames(hum(seconds), "flt"):
            container.mux(audio.encode(frame))
        container.mux(audio.encode(None))
    return target.getvalue()


def hum(seconds: float) -> NDArray[np.float32]:
    """Somebody hums five notes, breathing between them."""
    t = np.arange(int(seconds * SAMPLES_S), dtype=np.float32) / SAMPLES_S
    notes = (220.0, 247.0, 277.0, 330.0, 277.0, 247.0, 294.0)
    beat = 0.62
    number = (t / beat).astype(int)
    within = t / beat - number
    pitch = np.array(notes, dtype=np.float32)[number % len(notes)] * (1 + 0.006 * np.sin(2 * np.pi * 5.2 * t))
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLES_S
    tone = sum(np.sin(phase * harmonic) / harmonic**1.7 for harmonic in range(1, 7))
    loud = np.sin(np.pi * np.clip(within, 0, 1)) ** 0.6 * (0.5 + 0.5 * np.sin(t * 0.9) ** 2)
    return np.asarray(tone * loud * 0.28, np.float32)


def _sound_frames(samples: NDArray[np.float32], form: str) -> Iterator[Any]:
    import av  # noqa: PLC0415

    for at in range(0, len(samples), 960):
        frame = av.AudioFrame.from_ndarray(samples[None, at : at + 960], format=form, layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = SAMPLES_S, at, Fraction(1, SAMPLES_S)
        yield frame


def _mix(one: Any, other: Any, part: Any) -> Picture:
    part = part[..., None]
    mixed: Picture = np.asarray(one * (1 - part) + other * part, np.float32)
    return mixed


def _ridge(chance: np.random.Generator, x: Picture) -> Picture:
    """A line of hills, of waves of halving height."""
    waves: Callable[[int], Picture] = lambda octave: (  # noqa: E731
        np.sin(x * np.pi * (1.7**octave) * chance.uniform(1.4, 2.6) + chance.uniform(0, 6.3)) / 1.9**octave
    )
    line: Picture = -np.abs(sum(waves(octave) for octave in range(7))) / 1.6  # type: ignore[assignment]
    return line


def _river(land: Picture, scene: Scene, at: float) -> Picture:
    """The lower part mirrors the upper one, in ripples that grow towards the eye."""
    height, width, _ = land.shape
    first = int(SHORE * height)
    y, x = (each[first:] for each in _places((width, height)))
    shore = np.float32(SHORE)
    depth = np.clip((y - shore) / (1 - shore), 0, 1)
    ripple = np.sin(depth * 90 - at * 2.4 + np.sin(x * 9 + at) * 1.6) * 0.016 * depth
    rows = np.clip(((shore - (y - shore) * 0.9 + ripple) * height).astype(int), 0, height - 1)
    columns = np.clip(((x + ripple * 0.7) * width).astype(int), 0, width - 1)
    mirrored = land[rows, columns] * np.float32(0.82) + np.array(scene.sky[1], np.float32) * np.float32(0.08)
    waves = np.sin(depth * 150 - at * 3 + np.sin(x * 23 + depth * 8) * 2) * np.sin(x * 47 + depth * 31)
    glint = (
        np.clip(waves - 0.7, 0, 1)[..., None] * depth[..., None] * np.array(scene.light, np.float32) * np.float32(0.4)
    )
    water = np.clip((y - shore) * height / 2, 0, 1)[..., None]
    whole = land.copy()
    whole[first:] = land[first:] * (1 - water) + (mirrored + glint) * water
    return whole


def _with_lanterns(image: Image.Image, scene: Scene, at: float) -> Image.Image:
    """Paper lanterns rise from the river."""
    chance = np.random.default_rng(scene.seed + 1)
    width, height = image.size
    lights = Image.new("RGB", image.size)
    draw = ImageDraw.Draw(lights)
    for _ in range(scene.lanterns):
        far = chance.uniform(0.3, 1.0)
        left = (chance.uniform(0, 1) + at * 0.006 * far) % 1 * width
        top = (chance.uniform(0.05, 0.95) - at * 0.02 * far) % 1 * height * 0.8
        side = height * 0.022 * far
        draw.rounded_rectangle((left, top, left + side, top + side * 1.35), side * 0.3, (255, int(150 + 60 * far), 70))
    halo = lights.filter(ImageFilter.GaussianBlur(height * 0.018))
    soft = lights.filter(ImageFilter.GaussianBlur(max(1.0, height * 0.0015)))
    total = np.asarray(image, np.int16) + np.asarray(halo, np.int16) + np.asarray(soft, np.int16)
    return Image.fromarray(np.clip(total, 0, 255).astype(np.uint8))
