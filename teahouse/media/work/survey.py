"""What a video truly is: counted from its packets and its first frames, since its header may say anything."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from av.sidedata.sidedata import Type
from av.video.frame import VideoFrame

from teahouse.media.work.jobs import MediaRefused
from teahouse.media.work.probe import VIDEO_FORMATS, audio_stream, decoded, open_av, packets, refusing, video_stream

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.container import InputContainer

LONGER_MS: Final = 500
"""How much longer than the limit a video may be: recorders stop a little late."""
FRAMES_PER_SECOND_MAX: Final = 300
HDR_TRANSFERS: Final = (16, 18)
"""SMPTE ST 2084 (PQ) and ARIB STD-B67 (HLG), as ITU-T H.273 numbers them."""
LOOKED_AT_MAX: Final = 500
"""Packets that are decoded to find the first picture and the first sound."""

Turn = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Survey:
    width: int
    height: int
    """As shown, upright."""
    stored: tuple[int, int]
    turn: Turn
    """Filters that turn a stored picture upright."""
    square_pixels: bool
    hdr: bool
    colours: tuple[int, int, int]
    """Primaries, transfer and matrix, as ITU-T H.273 numbers them."""
    codec: str
    profile: str
    pixel_format: str
    start_s: float
    """Where time begins: of picture or sound, whichever is first."""
    duration_ms: int
    frames_per_second: float
    bit_rate: float
    """Of the picture alone."""
    key_gap_s: float
    """The longest time from one key frame to the next, or to the end."""
    sound: str
    """The decoder of the sound; empty when there is none."""
    sound_profile: str
    channels: int
    sound_bit_rate: float


class _Track:
    """What the packets of one stream come to."""

    def __init__(self) -> None:
        self.first, self.last, self.key, self.key_gap = math.inf, -math.inf, math.inf, 0.0
        self.size = self.count = 0

    def add(self, time: float, duration: float, size: int, key: bool) -> None:
        self.first, self.last = min(self.first, time), max(self.last, time + duration)
        if key:
            self.key_gap = max(self.key_gap, time - self.key if self.key < time else 0.0)
            self.key = time
        self.size += size
        self.count += 1


def survey(path: str, limit_ms: int) -> Survey:
    """Read all packets of `path`, and decode its first picture and sound.

    Raises `MediaRefused`: unreadable, wrong_kind (no moving picture), too_many_pixels, too_long (than `limit_ms`).
    """
    with open_av(path, VIDEO_FORMATS) as container, refusing():
        tracks = _counted(container, limit_ms)
    with open_av(path, VIDEO_FORMATS) as container, refusing():
        return _looked_at(container, *tracks)


def _counted(container: InputContainer, limit_ms: int) -> tuple[_Track, _Track]:
    video, audio = video_stream(container), audio_stream(container)
    if video is None:
        raise MediaRefused("wrong_kind" if len(container.streams) else "unreadable", "there is no moving picture in it")
    picture, sound = _Track(), _Track()
    for packet in packets(container, *(stream for stream in (video, audio) if stream is not None)):
        stamp = packet.pts if packet.pts is not None else packet.dts
        if stamp is None or packet.time_base is None or packet.is_discard:
            continue
        track = picture if packet.stream.index == video.index else sound
        time, lasts = float(stamp * packet.time_base), float((packet.duration or 0) * packet.time_base)
        track.add(time, lasts, packet.size, packet.is_keyframe)
        # A gap of hours between two frames is as long as hours of frames, and no more welcome.
        length_s = max(picture.last, sound.last) - min(picture.first, sound.first)
        if length_s * 1000 > limit_ms + LONGER_MS:
            raise MediaRefused("too_long", f"longer than {limit_ms} ms")
        if picture.count > FRAMES_PER_SECOND_MAX * (limit_ms / 1000 + 1):
            raise MediaRefused("too_long", "too many frames")
    return picture, sound


def _looked_at(container: InputContainer, picture: _Track, sound: _Track) -> Survey:
    video, audio = video_stream(container), audio_stream(container)
    assert video is not None
    frame: VideoFrame | None = None
    first_heard: AudioFrame | None = None
    for number, packet in enumerate(packets(container, *(stream for stream in (video, audio) if stream is not None))):
        for one in decoded(packet):
            if isinstance(one, VideoFrame):
                frame = frame or one
            else:
                first_heard = first_heard or one
        if frame is not None and (first_heard is not None or audio is None or number > LOOKED_AT_MAX):
            break
    if frame is None:
        raise MediaRefused("unreadable", "no picture of it could be decoded")
    turn, turned = _turn(frame)
    aspect = float(video.sample_aspect_ratio or 1)
    aspect = aspect if 0.1 < aspect < 10 else 1.0
    width, height = max(1, round(frame.width * aspect)), frame.height
    seconds = max(picture.last - picture.first, 1e-3) if picture.count else 1e-3
    # Of decoded frames: packets of sound begin a little early with what no one is to hear (priming).
    begins = [one.time for one in (frame, first_heard) if one is not None and one.time is not None]
    start = min(begins, default=0.0)
    sound_seconds = max(sound.last - sound.first, 1e-3) if sound.count else 1.0
    return Survey(
        width=height if turned else width,
        height=width if turned else height,
        stored=(frame.width, frame.height),
        turn=turn,
        square_pixels=aspect == 1.0,
        hdr=frame.color_trc in HDR_TRANSFERS,
        colours=(frame.color_primaries, frame.color_trc, frame.colorspace),
        codec=video.codec_context.name,
        profile=video.codec_context.profile or "",
        pixel_format=frame.format.name,
        start_s=start,
        duration_ms=max(0, round((max(picture.last, sound.last) - start) * 1000)) if picture.count else 0,
        frames_per_second=picture.count / seconds,
        bit_rate=picture.size * 8 / seconds,
        key_gap_s=max(picture.key_gap, picture.last - picture.key),
        sound=audio.codec_context.name if audio is not None and first_heard is not None else "",
        sound_profile=(audio.codec_context.profile or "") if audio is not None else "",
        channels=audio.codec_context.layout.nb_channels if audio is not None else 0,
        sound_bit_rate=sound.size * 8 / sound_seconds,
    )


def _turn(frame: VideoFrame) -> tuple[Turn, bool]:
    """The filters that a display matrix (ISO 14496-12, `tkhd`) asks for, and whether they swap width and height."""
    try:
        matrix = bytes(cast(Any, frame.side_data)[Type.DISPLAYMATRIX])
    except KeyError:
        return (), False
    values = memoryview(matrix[:36]).cast("i")
    a, b, c, d = values[0], values[1], values[3], values[4]
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return (("hflip",) if a < 0 else ()) + (("vflip",) if d < 0 else ()), False
    if b > 0:
        return ("transpose=clock" if c < 0 else "transpose=cclock_flip",), True
    return ("transpose=cclock" if c > 0 else "transpose=clock_flip",), True
