"""Reads the counts out of rtpengine's answer to `query`."""

from collections.abc import Iterator

from teahouse.calls.media.engine import MediaStats
from teahouse.calls.media.rtpengine.bencode import Value


def stats_of(answer: dict[str, Value], browser: str, trunk: str) -> MediaStats:
    """What came from each side's tag on RTP streams, and what was taken from neither."""
    from_browser, browser_errors = _counts(answer, browser)
    from_trunk, trunk_errors = _counts(answer, trunk)
    return MediaStats(from_browser, from_trunk, browser_errors + trunk_errors)


def _counts(answer: dict[str, Value], tag: str) -> tuple[int, int]:
    packets = errors = 0
    for stream in _streams(_dict(_dict(answer.get("tags")).get(tag))):
        stats = _dict(stream.get("stats"))
        if "RTP" in _list(stream.get("flags")):
            packets += _int(stats.get("packets"))
        errors += _int(stats.get("errors"))
    return packets, errors


def _streams(tag: dict[str, Value]) -> Iterator[dict[str, Value]]:
    for media in _list(tag.get("medias")):
        yield from map(_dict, _list(_dict(media).get("streams")))


def _dict(value: Value | None) -> dict[str, Value]:
    return value if isinstance(value, dict) else {}


def _list(value: Value | None) -> list[Value]:
    return value if isinstance(value, list) else []


def _int(value: Value | None) -> int:
    return value if isinstance(value, int) else 0
