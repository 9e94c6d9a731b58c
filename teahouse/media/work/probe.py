"""Opens audio and video files of strangers with FFmpeg, carefully.

FFmpeg reads far more than recordings: playlists that name other files and hosts, pictures, games' formats. Only the
formats and decoders named here are tried, and only the file itself is read.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import av
import av.error
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from teahouse.media.work.jobs import MediaRefused

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame

    AnyPacket = Packet[AudioStream] | Packet[VideoStream] | Packet[Stream]

VIDEO_FORMATS: Final = ("mov", "matroska", "webm", "avi", "mpegts", "mpeg", "ogg", "flv", "asf")
AUDIO_FORMATS: Final = ("mov", "matroska", "webm", "ogg", "mp3", "wav", "aac", "flac", "amr", "aiff", "caf")

# fmt: off
VIDEO_DECODERS: Final = frozenset((
    "h264", "hevc", "vp8", "vp9", "libvpx", "libvpx-vp9", "av1", "libdav1d", "mpeg4", "msmpeg4", "msmpeg4v2",
    "h263", "mpeg1video", "mpeg2video", "mjpeg", "theora", "flv", "wmv1", "wmv2", "wmv3", "vc1", "prores", "dvvideo",
))
AUDIO_DECODERS: Final = frozenset((
    "aac", "aac_latm", "opus", "libopus", "vorbis", "mp3", "mp3float", "mp2", "mp2float", "mp1", "mp1float", "ac3",
    "eac3", "flac", "alac", "amrnb", "amrwb", "libopencore_amrnb", "libopencore_amrwb", "wmav1", "wmav2",
    "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_s32be", "pcm_f32le", "pcm_f32be",
    "pcm_f64le", "pcm_u8", "pcm_s8", "pcm_alaw", "pcm_mulaw", "adpcm_ima_wav", "adpcm_ima_qt", "adpcm_ms",
))
# fmt: on

PIXELS_MAX: Final = 8192 * 4608
"""Of one frame: 8K with some room."""
SAMPLE_RATES: Final = range(4000, 384_001)
"""What recorders write. To bring a gigahertz down takes filters as long as the recording."""
STREAMS_MAX: Final = 32
OPTIONS: Final = {
    "protocol_whitelist": "file",
    "max_streams": str(STREAMS_MAX),
    "probesize": str(8 << 20),
    "analyzeduration": str(10_000_000),
}


@contextmanager
def refusing() -> Iterator[None]:
    """Inside, an error of FFmpeg is a refusal of the file; running out of memory or disk space stays what it is."""
    try:
        yield
    except (MemoryError, MediaRefused):
        raise
    except (av.error.FFmpegError, ValueError, EOFError) as error:
        number = getattr(error, "errno", None)
        if number == errno.ENOSPC:
            raise
        # EFBIG: what is made grew beyond RLIMIT_FSIZE.
        raise MediaRefused("too_large" if number == errno.EFBIG else "unreadable", type(error).__name__) from error


@contextmanager
def open_av(path: str, formats: tuple[str, ...]) -> Iterator[InputContainer]:
    """Open `path` as one of `formats`; raises `MediaRefused("unreadable")` when it is none of them."""
    options = OPTIONS | {"format_whitelist": ",".join(formats)}
    try:
        with refusing():
            container = av.open(f"file:{path}", "r", options=options, metadata_errors="ignore")
    except MemoryError as error:
        # Nothing is decoded yet: it is the header that asks for more than there is.
        raise MediaRefused("unreadable", type(error).__name__) from error
    with container:
        yield container


def audio_stream(container: InputContainer) -> AudioStream | None:
    """The first sound that we can decode, set to one thread."""
    for stream in container.streams.audio:
        if stream.codec_context is not None and stream.codec_context.name in AUDIO_DECODERS:
            stream.codec_context.thread_count = 1
            return stream
    return None


def video_stream(container: InputContainer) -> VideoStream | None:
    """The first moving picture (not a cover) that we can decode, set to one thread.

    Raises `MediaRefused("too_many_pixels")`.
    """
    for stream in container.streams.video:
        context = stream.codec_context
        if context is None or context.name not in VIDEO_DECODERS or stream.disposition & Disposition.attached_pic:
            continue
        if context.width * context.height > PIXELS_MAX:
            raise MediaRefused("too_many_pixels", f"{context.width} x {context.height}")
        context.thread_count = 1
        # What the container says is not what the stream says: the decoder keeps to the bound too.
        context.options = context.options | {"max_pixels": str(PIXELS_MAX)}
        return stream
    return None


def packets(container: InputContainer, *streams: AudioStream | VideoStream) -> Iterator[AnyPacket]:
    """All packets that can be read, then one empty packet per stream (flush); a broken end is an end."""
    while True:
        try:
            for packet in container.demux(*streams):
                if packet.size or packet.dts is None:
                    yield packet
            return
        except IndexError:
            # PyAV does not know a stream that begins in the middle (MPEG-TS); that packet is read, go on after it.
            continue
        except MemoryError:
            raise
        except av.error.FFmpegError:
            break
    for stream in streams:
        end: Packet[Stream] = Packet()
        end.stream = stream
        yield end


def decoded(packet: AnyPacket) -> list[AudioFrame | VideoFrame]:
    """The frames of a packet; a packet that cannot be decoded has none, as every player does it."""
    try:
        frames: list[AudioFrame | VideoFrame] = packet.decode()  # type: ignore[assignment]  # no subtitles asked for
    except MemoryError:
        raise
    except (av.error.FFmpegError, EOFError):
        return []
    return [frame for frame in frames if isinstance(frame, VideoFrame) or frame.sample_rate in SAMPLE_RATES]
