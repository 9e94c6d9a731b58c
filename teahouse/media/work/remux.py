"""The short way: a video that is already what browsers play is copied into a new file, packet by packet.

Nothing is lost and it takes a moment, but all that a camera wrote beside the picture stays behind: only the coded
picture and sound are taken over, without the supplemental messages (SEI) that cameras and apps hide data in.
"""

from contextlib import suppress
from typing import Final

import av
import av.error
from av.bitstream import BitStreamFilterContext

from teahouse.media.work.probe import VIDEO_FORMATS, audio_stream, open_av, packets, video_stream
from teahouse.media.work.survey import Survey

PROFILES: Final = ("Baseline", "Constrained Baseline", "Main", "High")
SOUND_PROFILES: Final = ("LC", "")
SOUND_BIT_RATE_MAX: Final = 200_000
KEY_GAP_MAX_S: Final = 5.0
"""Seeking decodes from the key frame before."""
DENSER: Final = 1.25
"""Bit rate over the encoder's own bound that is not worth losing quality for."""
WITHOUT_SEI: Final = "filter_units=remove_types=6"
OUT: Final = {"movflags": "+faststart", "fflags": "+bitexact"}


def remuxed(found: Survey, source: str, target: str, bit_rate_max: int, frames_per_second_max: int) -> bool:
    """Copy `source` to `target` if every browser plays it as it is; False: it must be transcoded."""
    if not _plays_everywhere(found, bit_rate_max, frames_per_second_max):
        return False
    # A file that only looks right is transcoded like any other.
    with suppress(av.error.FFmpegError, ValueError):
        _copy(source, target, bool(found.sound))
        return True
    return False


def _plays_everywhere(found: Survey, bit_rate_max: int, frames_per_second_max: int) -> bool:
    return (
        found.codec == "h264"
        and found.pixel_format == "yuv420p"
        and found.profile in PROFILES
        and not found.turn
        and not found.hdr
        and found.square_pixels
        and found.frames_per_second < frames_per_second_max + 1
        and found.bit_rate <= bit_rate_max * DENSER
        and found.key_gap_s <= KEY_GAP_MAX_S
        and found.sound in ("", "aac")
        and found.sound_profile in SOUND_PROFILES
        and found.channels <= 2
        and found.sound_bit_rate <= SOUND_BIT_RATE_MAX
    )


def _copy(source: str, target: str, with_sound: bool) -> None:
    with open_av(source, VIDEO_FORMATS) as container, av.open(target, "w", format="mp4", options=OUT) as out:
        video, audio = video_stream(container), audio_stream(container) if with_sound else None
        assert video is not None
        picture = out.add_stream_from_template(video)
        sound = out.add_stream_from_template(audio) if audio is not None else None
        clean = BitStreamFilterContext(WITHOUT_SEI, video, picture)
        for packet in packets(container, *(stream for stream in (video, audio) if stream is not None)):
            if packet.dts is None:
                continue
            if packet.stream.index == video.index:
                for kept in clean.filter(packet):
                    kept.stream = picture
                    out.mux_one(kept)
            elif sound is not None:
                packet.stream = sound
                out.mux_one(packet)
