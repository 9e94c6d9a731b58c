"""The film of a live photo: told from its still by content, cut out of a Motion Photo, copied without its metadata."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal

import av
import av.error
from av.bitstream import BitStreamFilterContext
from av.container import OutputContainer
from av.packet import Packet

from teahouse.media.work.containers.apple import film_with_identifier
from teahouse.media.work.containers.motion_photo import STILL_BRANDS
from teahouse.media.work.jobs import MediaRefused
from teahouse.media.work.probe import VIDEO_FORMATS, audio_stream, open_av, packets, video_stream

FilmForm = Literal["mov", "mp4", "webm"]
FILM_TYPES: Final[dict[FilmForm, str]] = {"mov": "video/quicktime", "mp4": "video/mp4", "webm": "video/webm"}
EBML: Final = b"\x1a\x45\xdf\xa3"
OLD_QUICKTIME: Final = frozenset((b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"))
"""What a MOV from before `ftyp` begins with."""
CHUNK: Final = 1 << 20
WITHOUT_SEI: Final = {"h264": "filter_units=remove_types=6", "hevc": "filter_units=remove_types=39|40"}
"""Supplemental messages (SEI) are where cameras and apps hide what is no picture."""


def film_form(path: str) -> FilmForm | None:
    """Which kind of film a file begins like; None when like none."""
    with open(path, "rb") as file:
        head = file.read(12)
    if head[:4] == EBML:
        return "webm"
    if head[4:8] in OLD_QUICKTIME or head[4:12] == b"ftypqt  ":
        return "mov"
    return "mp4" if head[4:8] == b"ftyp" and head[8:12] not in STILL_BRANDS else None


def cut_out(source: str, target: Path, start: int, end: int) -> None:
    """Copy the bytes `[start, end)` of a file into another, a chunk at a time."""
    with open(source, "rb") as file, target.open("wb") as out:
        file.seek(start)
        left = end - start
        while left > 0 and (chunk := file.read(min(CHUNK, left))):
            out.write(chunk)
            left -= len(chunk)


def copy_without_metadata(source: str, target: Path, form: FilmForm, *, identifier: str = "") -> bool:
    """Copy picture and sound as they are coded, and nothing beside them; False when this form cannot hold them.

    A MOV may be given a content identifier, so that it stays half of an Apple live photo. Raises `MediaRefused`.
    """
    try:
        # Without "faststart", `moov` is the last box: the identifier goes there, and no offset moves.
        with av.open(str(target), "w", format=form, options={"fflags": "+bitexact"}) as out:
            for packet in _copied(source, out):
                out.mux_one(packet)
        if identifier:
            target.write_bytes(film_with_identifier(target.read_bytes(), identifier))
    except (av.error.FFmpegError, ValueError):
        target.unlink(missing_ok=True)
        return False
    return os.path.getsize(target) > 0


def _copied(source: str, out: OutputContainer) -> Iterator[Packet[Any]]:
    with open_av(source, VIDEO_FORMATS) as container:
        video, audio = video_stream(container), audio_stream(container)
        if video is None:
            raise MediaRefused("wrong_kind", "there is no moving picture in it")
        picture = out.add_stream_from_template(video)
        sound = out.add_stream_from_template(audio) if audio is not None else None
        steps = WITHOUT_SEI.get(video.codec_context.name)
        clean = BitStreamFilterContext(steps, video, picture) if steps else None
        for packet in packets(container, *(stream for stream in (video, audio) if stream is not None)):
            if packet.dts is None:
                continue
            if packet.stream.index != video.index:
                if sound is not None:
                    packet.stream = sound
                    yield packet
                continue
            for kept in clean.filter(packet) if clean is not None else (packet,):
                kept.stream = picture
                yield kept
