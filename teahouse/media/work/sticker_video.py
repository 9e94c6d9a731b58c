"""Stickers that are videos: WebM, VP9, with or without transparency, and never with sound.

Telegram's kind (https://core.telegram.org/stickers#video-requirements). The picture is copied packet by packet,
after each was decoded once; what a browser cannot show transparent (Safari) gets the frames as an animated WebP.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import av
import av.error
from PIL import Image

from teahouse.media.work.jobs import Made, MadeFile, MediaRefused
from teahouse.media.work.probe import open_av, packets, refusing, video_stream
from teahouse.media.work.sticker_picture import Frame, animation, with_still
from teahouse.media.work.stickers import SIDE_MAX, Tell, fitted
from teahouse.media.work.thumb_hash import thumb_hash

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

    from teahouse.media.work.probe import AnyPacket

VIDEO_BYTES_MAX: Final = 1 << 20
DURATION_MS_MAX: Final = 10_000
FRAMES_MAX: Final = 600
DECODERS: Final = {"vp9": "libvpx-vp9", "vp8": "libvpx"}
"""FFmpeg's own decoders leave the transparency out."""
FRAME_MS_LEAST: Final = 66
"""Of the animated WebP: fifteen frames a second, or it would be many times the video's size."""
OUT: Final = {"fflags": "+bitexact"}


def make_video_sticker(source: Path, folder: Path, progress: Tell) -> Made:
    if source.stat().st_size > VIDEO_BYTES_MAX:
        raise MediaRefused("too_large", f"more than {VIDEO_BYTES_MAX} bytes")
    with open_av(str(source), ("matroska", "webm")) as container, refusing():
        stream = video_stream(container)
        if stream is None or stream.codec_context.name.removeprefix("lib") not in ("vp9", "vpx-vp9", "vp8", "vpx"):
            raise MediaRefused("wrong_kind", "a video sticker is VP9 or VP8")
        if max(stream.width, stream.height) > SIDE_MAX:
            raise MediaRefused("too_many_pixels", f"a side of more than {SIDE_MAX}")
        frames, duration = _decoded(container, stream, progress)
    size = fitted(*frames[0][0].size)
    target = folder / "video.webm"
    _copy(source, target)
    progress(50)
    files, small = with_still(folder, [frame for frame, _ in frames], animation(frames))
    return Made(
        files=(MadeFile("video", str(target), "video/webm"), *files),
        width=size[0],
        height=size[1],
        duration=duration,
        thumbhash=thumb_hash(small),
        animated=True,
    )


def _decoded(container: InputContainer, stream: VideoStream, progress: Tell) -> tuple[list[Frame], int]:
    """Decode all of it; return the frames that an animation needs, as RGBA, and how long it lasts in milliseconds."""
    decoder = av.CodecContext.create(DECODERS["vp8" if "vp8" in stream.codec_context.name else "vp9"], "r")
    assert isinstance(decoder, av.VideoCodecContext)
    decoder.width, decoder.height = stream.width, stream.height
    decoder.thread_count = 1
    kept: list[tuple[Image.Image, int]] = []
    count = at = last = 0
    for frame in _all_frames(container, stream, decoder):
        count += 1
        at = round(float((frame.pts or 0) * (stream.time_base or 0)) * 1000)
        if count > FRAMES_MAX or at > DURATION_MS_MAX:
            raise MediaRefused("too_long", f"more than {FRAMES_MAX} frames or {DURATION_MS_MAX // 1000} seconds")
        if max(frame.width, frame.height) > SIDE_MAX:
            raise MediaRefused("too_many_pixels", f"a side of more than {SIDE_MAX}")
        if not kept or at - kept[-1][1] >= FRAME_MS_LEAST:
            image = Image.fromarray(frame.to_ndarray(format="rgba"))
            kept.append((image, at))
        last = at
        progress(min(40, count))
    if not kept:
        raise MediaRefused("unreadable", "no picture of it could be decoded")
    end = last + (last // max(1, count - 1) if count > 1 else FRAME_MS_LEAST)
    ends = [start for _, start in kept[1:]] + [end]
    return [(image, max(1, stop - start)) for (image, start), stop in zip(kept, ends, strict=True)], end


def _all_frames(
    container: InputContainer, stream: VideoStream, decoder: av.VideoCodecContext
) -> Iterator[av.VideoFrame]:
    for packet in packets(container, stream):
        if packet.size:
            yield from decoder.decode(packet)
    yield from decoder.decode(None)


def _copy(source: Path, target: Path) -> None:
    """Copy the picture alone into a new file: no sound, no tags, no attachments."""
    with open_av(str(source), ("matroska", "webm")) as container, refusing():
        stream = video_stream(container)
        assert stream is not None
        with av.open(str(target), "w", format="webm", options=OUT) as out:
            picture = out.add_stream_from_template(stream)
            # Without it no player looks for the transparency that travels beside each packet.
            if any(name.lower() == "alpha_mode" and value == "1" for name, value in stream.metadata.items()):
                picture.metadata["alpha_mode"] = "1"
            for packet in _timed(packet for packet in packets(container, stream) if packet.size):
                packet.stream = picture
                out.mux_one(packet)


def _timed(coded: Iterator[AnyPacket]) -> Iterator[AnyPacket]:
    """Say of every packet how long it lasts: until the next one, and the last one as long as the one before."""
    held = None
    lasts = 0
    for packet in coded:
        if held is not None and held.pts is not None and packet.pts is not None:
            held.duration = lasts = max(0, packet.pts - held.pts)
            yield held
        held = packet
    if held is not None:
        held.duration = lasts or held.duration
        yield held
