"""What a pack may hold and who may change it: bounds, and the refusals that name them. No I/O, no clock."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from teahouse.errors import Conflict, Malformed, NotFound, Refusal
from teahouse.stickers.model import EMOJI_EACH_MAX

PACKS_OWN_MAX: Final = 100
PANEL_MAX: Final = 200
FAVOURITES_MAX: Final = 200
RECENTS_MAX: Final = 40
KIB: Final = 1024

Platform = Literal["telegram", "wechat"]

EMOJI: Final = re.compile(
    "(?:[\U0001f1e6-\U0001f1ff]{2}"
    "|[0-9#*]\ufe0f?\u20e3"
    "|(?:[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff][\ufe0e\ufe0f]?[\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]*)"
    "(?:\u200d[\u2190-\u3299\U0001f000-\U0001faff][\ufe0e\ufe0f]?[\U0001f3fb-\U0001f3ff]?)*)"
)
"""One emoji, with its skin tone, presentation and joined parts (Unicode TR 51, ED-17a, loosely)."""


class TooManyPacks(Refusal):
    code = "too_many_packs"
    status = 409
    title = "There is no room for another pack"


class PackFull(Refusal):
    code = "pack_full"
    status = 409
    title = "The pack is full"


def emoji_in(text: str) -> str:
    """Return the emoji of a text with spaces between; the same one only once."""
    found = dict.fromkeys(
        each for each in EMOJI.findall(text) if any(unicodedata.category(one) in ("So", "Sk", "Me") for one in each)
    )
    return " ".join(list(found)[:EMOJI_EACH_MAX])


def only_emoji(text: str) -> str:
    """Return a person's choice of emoji as it is kept. Raises `Malformed` when there is anything else in it."""
    found = emoji_in(text)
    if EMOJI.sub("", text).strip():
        raise Malformed("Only emoji, with spaces between.")
    return found


def may_change(owner: str, person: str) -> None:
    if not owner or owner != person:
        raise NotFound("There is no such pack of yours.")


def must_be_others(owner: str, person: str) -> None:
    if owner == person:
        raise Conflict("It is your own pack: delete it, if it shall go.")


class FileFacts(msgspec.Struct, frozen=True):
    """What size rules look at."""

    type: str
    """Of the file as it came in."""
    size: int
    """Bytes, as it came in."""
    width: int
    height: int
    duration: int
    """Milliseconds; 0 for a still."""
    frames_per_second: float = 0
    """Of a vector one."""


def fits(files: Sequence[FileFacts]) -> tuple[Platform, ...]:
    """Return whose rules all these files keep to."""
    found: list[Platform] = []
    if files and all(map(_fits_telegram, files)):
        found.append("telegram")
    if len(files) in (16, 24) and all(map(_fits_wechat, files)):
        found.append("wechat")
    return tuple(found)


def _fits_telegram(file: FileFacts) -> bool:
    """https://core.telegram.org/stickers"""
    square = max(file.width, file.height) == 512
    match file.type:
        case "application/gzip":
            side = file.width == file.height == 512
            return side and file.size <= 64 * KIB and file.duration <= 3000 and file.frames_per_second in (30, 60)
        case "video/webm":
            return square and file.size <= 256 * KIB and file.duration <= 3000
        case "image/png" | "image/webp":
            return square and file.size <= 512 * KIB and not file.duration
        case _:
            return False


def _fits_wechat(file: FileFacts) -> bool:
    """WeChat's open platform for stickers: GIF (or PNG where nothing moves), 240 x 240, at most 500 KB each."""
    still = file.type == "image/png" and not file.duration
    return (still or file.type == "image/gif") and (file.width, file.height) == (240, 240) and file.size <= 500 * KIB
