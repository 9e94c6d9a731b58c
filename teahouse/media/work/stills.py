"""The still that stands for a video until it plays."""

import os
from dataclasses import dataclass
from typing import Final

import numpy as np
from av.video.frame import VideoFrame
from PIL import Image

from teahouse.media.work.jobs import MadeFile, MediaRefused
from teahouse.media.work.probe import VIDEO_FORMATS, decoded, open_av, packets, refusing, video_stream
from teahouse.media.work.thumb_hash import thumb_hash

POSTER_SIDE_MAX: Final = 1280
SMALL_SIDE_MAX: Final = 480
QUALITY: Final = 80
LOOK_S: Final = 8.0
"""The poster is looked for in so many first seconds."""
DARK: Final = 32.0
"""Mean luma below which a picture is night, or a shot that fades in."""
FLAT: Final = 12.0
"""Standard deviation of luma below which there is nothing to see."""


@dataclass(frozen=True)
class Stills:
    files: tuple[MadeFile, MadeFile]
    thumbhash: bytes


def make_stills(video: str, folder: str) -> Stills:
    """`poster` (1280 at most) and `small` (480) of `video`, JPEG: its first key frame that shows something.

    Raises `MediaRefused("unreadable")`.
    """
    picture: Image.Image = _chosen(video).to_image()  # type: ignore[no-untyped-call]
    picture.thumbnail((POSTER_SIDE_MAX, POSTER_SIDE_MAX), Image.Resampling.LANCZOS)
    poster = os.path.join(folder, "poster.jpg")
    picture.save(poster, "JPEG", quality=QUALITY, progressive=True)
    picture.thumbnail((SMALL_SIDE_MAX, SMALL_SIDE_MAX), Image.Resampling.LANCZOS)
    small = os.path.join(folder, "small.jpg")
    picture.save(small, "JPEG", quality=QUALITY, progressive=True)
    return Stills(
        (MadeFile("poster", poster, "image/jpeg"), MadeFile("small", small, "image/jpeg")), thumb_hash(picture)
    )


def _chosen(path: str) -> VideoFrame:
    best: tuple[float, VideoFrame] | None = None
    with open_av(path, VIDEO_FORMATS) as container, refusing():
        video = video_stream(container)
        if video is None:
            raise MediaRefused("unreadable", "no picture of it could be decoded")
        video.codec_context.skip_frame = "NONKEY"
        for packet in packets(container, video):
            for frame in decoded(packet):
                assert isinstance(frame, VideoFrame)
                luma = np.frombuffer(bytes(frame.planes[0]), np.uint8)[:: max(1, frame.width * frame.height // 20_000)]
                contrast, mean = float(luma.std()), float(luma.mean())
                if contrast >= FLAT and mean >= DARK:
                    return frame
                if best is None or contrast > best[0]:
                    best = (contrast, frame)
                if (frame.time or 0) > LOOK_S:
                    return best[1]
    if best is None:
        raise MediaRefused("unreadable", "no picture of it could be decoded")
    return best[1]
