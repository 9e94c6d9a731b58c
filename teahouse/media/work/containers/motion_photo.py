"""Motion Photos: a still with its moment in one file (Android's "Motion Photo format 1.0", Google's older MicroVideo).

The still is a JPEG, HEIC or AVIF whose XMP says so; the film (MP4 or MOV) follows it: bare after a JPEG, in an `mpvd`
box after a HEIC or AVIF. Files in the wild add bytes between and after (gain maps, Samsung's trailer), so the lengths
that the XMP claims are only where we look first: a film counts when its boxes are there.
"""

from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from teahouse.media.work.containers import jpeg
from teahouse.media.work.containers.boxes import box, boxes, film_end
from teahouse.media.work.containers.motion_xmp import Claim, packet, read_claim
from teahouse.media.work.containers.source import Source

XMP_HEADER: Final = b"http://ns.adobe.com/xap/1.0/\x00"
XMP_BEGIN: Final = b"<x:xmpmeta"
XMP_END: Final = b"</x:xmpmeta>"
XMP_MAX: Final = 0xFFFF
SAMSUNG_MARKER: Final = b"MotionPhoto_Data"
"""Stands right before the film in Samsung's trailer; their older phones write no XMP at all."""
MPVD_HEADER: Final = 8
STILL_BRANDS: Final = frozenset(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis")
)


class MotionPhoto(msgspec.Struct, frozen=True):
    """Where the two parts lie: the still is `[0, still_end)`, the film `[video_start, video_end)`."""

    still_end: int
    video_start: int
    video_end: int
    timestamp_us: int | None
    """The instant of the still in the film, in microseconds from its start; None when nobody says."""


def parse(data: Source) -> MotionPhoto | None:
    """Find the parts of a Motion Photo; None when it is none. Any bytes may come; reads no more than it must."""
    if data[:2] == jpeg.SOI:
        return _parse_jpeg(data)
    if data[4:8] == b"ftyp" and data[8:12] in STILL_BRANDS:
        return _parse_boxes(data)
    return None


def write_jpeg(still: bytes, video: bytes, *, timestamp_us: int | None = None, micro_video: bool = False) -> bytes:
    """A Motion Photo of a JPEG and an MP4 or MOV; XMP that the still had is replaced.

    `micro_video` writes the older form instead. Raises ValueError when a part is not whole.
    """
    if jpeg.picture_end(still) is None or film_end(video, 0, len(video)) != len(video):
        raise ValueError("a Motion Photo is made of a whole JPEG and a whole MP4 or MOV")
    xmp = packet("image/jpeg", len(video), padding=0, timestamp_us=timestamp_us, micro_video=micro_video)
    return jpeg.inserted(without_xmp(still), jpeg.application(jpeg.APP1, XMP_HEADER + xmp)) + video


def write_heic(encode: Callable[[bytes], bytes], video: bytes, *, timestamp_us: int | None = None) -> bytes:
    """A Motion Photo of a HEIC; `encode` makes the still, carrying the XMP packet that it is given.

    Raises ValueError when the film is not whole.
    """
    if film_end(video, 0, len(video)) != len(video):
        raise ValueError("a Motion Photo needs a whole MP4 or MOV")
    still = encode(packet("image/heic", len(video), padding=MPVD_HEADER, timestamp_us=timestamp_us, micro_video=False))
    return still + box(b"mpvd", video)


def without_xmp(still: Source) -> bytes:
    """A JPEG without its XMP: so that it does not speak of a film that is no longer there."""
    out, position = [], 0
    for segment in jpeg.segments(still):
        if _is_xmp(still, segment):
            out.append(still[position : segment.start])
            position = segment.end
    out.append(still[position : len(still)])
    return b"".join(out)


def _parse_jpeg(data: Source) -> MotionPhoto | None:
    claim, end = None, None
    for segment in jpeg.segments(data):
        if claim is None and _is_xmp(data, segment):
            claim = read_claim(data[segment.content + len(XMP_HEADER) : segment.end])
        if segment.marker == jpeg.EOI:
            end = segment.end
    if end is None:
        return None
    marker = data.find(SAMSUNG_MARKER, end)
    if claim is None and marker < 0:
        return None
    return _first_film(data, claim, [*([marker + len(SAMSUNG_MARKER)] if marker >= 0 else []), end], after=end)


def _parse_boxes(data: Source) -> MotionPhoto | None:
    for found in boxes(data, 0, len(data)):
        if found.type == b"mpvd":
            end = film_end(data, found.content, found.end)
            claim = _claim_in(data, found.start)
            timestamp = claim.timestamp_us if claim else None
            return MotionPhoto(found.start, found.content, end, timestamp) if end is not None else None
    claim = _claim_in(data, len(data))
    return _first_film(data, claim, [], after=8) if claim else None


def _claim_in(data: Source, limit: int) -> Claim | None:
    """The claim of the first XMP packet in a HEIC or AVIF, where it is an item like any other."""
    start = data.find(XMP_BEGIN, 0, limit)
    end = data.find(XMP_END, start, min(limit, start + XMP_MAX)) if start >= 0 else -1
    return read_claim(data[start : end + len(XMP_END)]) if end >= 0 else None


def _first_film(data: Source, claim: Claim | None, more: list[int], *, after: int) -> MotionPhoto | None:
    """The first place, claimed or guessed, where a film does begin."""
    for start in (*_claimed(len(data), claim), *more):
        end = film_end(data, start, len(data)) if after <= start < len(data) else None
        if end is not None:
            padding = claim.padding if claim else 0
            still_end = start - padding if start - padding >= after else start
            if data[max(still_end - len(SAMSUNG_MARKER), 0) : still_end] == SAMSUNG_MARKER:
                still_end = after
            return MotionPhoto(still_end, start, end, claim.timestamp_us if claim else None)
    return None


def _claimed(size: int, claim: Claim | None) -> Iterator[int]:
    if claim is not None and claim.length > 0:
        yield size - claim.length - claim.after
        yield size - claim.length


def _is_xmp(data: Source, segment: jpeg.Segment) -> bool:
    header = data[segment.content : segment.content + len(XMP_HEADER)]
    return segment.marker == jpeg.APP1 and header == XMP_HEADER
