"""What the files of a pack say of it: our own `pack.json`, other apps' small texts, and the names of files and folders.

`pack.json` is what an export writes and what the starter pack is kept as:
`{"name", "author", "stickers": [{"file", "emoji": […], "keywords": […], "label": {"en": …} or "…", "still"}]}`.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec

from teahouse.stickers.model import EMOJI_EACH_MAX, PACK_STICKERS_MAX
from teahouse.stickers.rules import emoji_in
from teahouse.stickers.zips import JOINER

MANIFEST: Final = "pack.json"
MANIFEST_BYTES_MAX: Final = 1 << 20
TEXT_BYTES_MAX: Final = 64 << 10
EMOJI_LISTS: Final = ("emojis.txt", "emoji.txt")
TITLE, AUTHOR = "title.txt", "author.txt"
SUFFIXES: Final = (".webp", ".png", ".apng", ".gif", ".json", ".tgs", ".webm", ".jpg", ".jpeg", ".avif", ".heic")
ASIDE: Final = re.compile(r"(thumb(nail)?s?|icon|cover|banner|tray|缩略图|聊天面板图标|封面|横幅)", re.IGNORECASE)
"""Folders and files of WeChat's, LINE's and WhatsApp's packs that are about the stickers and are none."""
KEYWORDS_MAX: Final = 24
KEYWORD_MAX: Final = 32
LABEL_MAX: Final = 100
NAME_MAX: Final = 64
LANGUAGES: Final = ("en", "zh", "ru")
STILL_MAX: Final = 36_000


class Planned(msgspec.Struct, frozen=True):
    """One sticker that is to be made."""

    name: str
    path: Path
    emoji: str = ""
    label: str = ""
    keywords: tuple[str, ...] = ()
    labels: dict[str, str] = {}
    still: int = 0


class Plan(msgspec.Struct, frozen=True):
    name: str
    author: str
    stickers: tuple[Planned, ...]
    too_many: tuple[str, ...] = ()
    """Names of the files beyond the bound of a pack."""


class Entry(msgspec.Struct, frozen=True):
    file: str
    emoji: str | tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    label: str | dict[str, str] = ""
    still: int = 0


class Manifest(msgspec.Struct, frozen=True):
    stickers: tuple[Entry, ...]
    name: str = ""
    author: str = ""


def plan(files: Sequence[tuple[str, Path]]) -> Plan:
    """Return what to make of the files of a pack, `(path within the pack, where it is)`."""
    by_name = dict(files)
    manifest = _manifest(by_name)
    if manifest is not None:
        return manifest
    wanted = [(name, path) for name, path in files if _is_sticker(name)]
    wanted.sort(key=lambda each: _natural(each[0]))
    listed = _listed_emoji(by_name, [name for name, _ in wanted])
    planned = [
        Planned(name=name, path=path, emoji=listed.get(name) or emoji_in(PurePosixPath(name).stem))
        for name, path in wanted
    ]
    return Plan(
        name=_plain(_text(by_name, TITLE), NAME_MAX) or _folder_name([name for name, _ in wanted]),
        author=_plain(_text(by_name, AUTHOR), NAME_MAX),
        stickers=tuple(planned[:PACK_STICKERS_MAX]),
        too_many=tuple(each.name for each in planned[PACK_STICKERS_MAX:]),
    )


def read_manifest(data: bytes) -> Manifest | None:
    """Return what a `pack.json` says; None when it is none of ours."""
    try:
        return msgspec.json.decode(data, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return None


def planned(entry: Entry, path: Path) -> Planned:
    """Return what a manifest says of a sticker, within bounds."""
    emoji = entry.emoji if isinstance(entry.emoji, str) else " ".join(entry.emoji[:EMOJI_EACH_MAX])
    told = {"": entry.label} if isinstance(entry.label, str) else entry.label
    labels = {name: _plain(told[name], LABEL_MAX) for name in LANGUAGES if told.get(name)}
    keywords = dict.fromkeys(_plain(each, KEYWORD_MAX) for each in entry.keywords[:KEYWORDS_MAX])
    return Planned(
        name=entry.file,
        path=path,
        emoji=emoji_in(emoji),
        label=_plain(told.get("", ""), LABEL_MAX) or labels.get("en") or next(iter(labels.values()), ""),
        keywords=tuple(each for each in keywords if each),
        labels=labels,
        still=min(max(0, entry.still), STILL_MAX),
    )


def _manifest(files: Mapping[str, Path]) -> Plan | None:
    """Return what our own manifest says, wherever in the pack it lies."""
    where = min((name for name in files if PurePosixPath(name).name == MANIFEST), key=len, default=None)
    if where is None or files[where].stat().st_size > MANIFEST_BYTES_MAX:
        return None
    found = read_manifest(files[where].read_bytes())
    if found is None:
        return None
    home = where.removesuffix(MANIFEST)
    listed = [planned(each, files[home + each.file]) for each in found.stickers if home + each.file in files]
    return Plan(
        name=_plain(found.name, NAME_MAX),
        author=_plain(found.author, NAME_MAX),
        stickers=tuple(listed[:PACK_STICKERS_MAX]),
        too_many=tuple(each.name for each in listed[PACK_STICKERS_MAX:]),
    )


def _is_sticker(name: str) -> bool:
    path = PurePosixPath(name)
    if path.suffix.lower() not in SUFFIXES or path.name in (MANIFEST, "contents.json", "manifest.json", "info.json"):
        return False
    return not any(ASIDE.fullmatch(re.sub(r"[\d_\s-]+$", "", part)) for part in (*path.parts[:-1], path.stem))


def _listed_emoji(files: Mapping[str, Path], names: Sequence[str]) -> dict[str, str]:
    """Return what a list of emoji says: lines of a file's name and its emoji, or just emoji, in the files' order."""
    where = next((name for name in files if PurePosixPath(name).name.lower() in EMOJI_LISTS), None)
    lines = [line.strip() for line in _text(files, where).splitlines() if line.strip()] if where else []
    of: dict[str, str] = {}
    for line, in_order in zip(lines, [*names, *[""] * len(lines)], strict=False):
        named = next((name for name in names if _stem_in(line, PurePosixPath(name))), in_order)
        if named:
            of[named] = emoji_in(line)
    return of


def _stem_in(line: str, path: PurePosixPath) -> bool:
    first = re.split(r"[\s=:,;\t]+", line, maxsplit=1)[0]
    return first in (path.name, path.stem)


def _text(files: Mapping[str, Path], wanted: str) -> str:
    where = wanted if wanted in files else next((name for name in files if PurePosixPath(name).name == wanted), None)
    if where is None or files[where].stat().st_size > TEXT_BYTES_MAX:
        return ""
    return files[where].read_bytes().decode("utf-8", "replace").removeprefix("\ufeff")


def _folder_name(names: Sequence[str]) -> str:
    """The folder that all of them are in; the innermost that is no word for "the stickers themselves"."""
    tops = {PurePosixPath(name).parts[0] for name in names if len(PurePosixPath(name).parts) > 1}
    return _plain(tops.pop(), NAME_MAX) if len(tops) == 1 and all("/" in name for name in names) else ""


def _plain(text: str, most: int) -> str:
    """One line, without what cannot be seen."""
    return " ".join("".join(one if one.isprintable() or one == JOINER else " " for one in text).split())[:most]


def _natural(name: str) -> list[tuple[int, int, str]]:
    """2.png comes before 10.png."""
    return [(0, int(part[:18]), "") if part.isdecimal() else (1, 0, part.lower()) for part in re.split(r"(\d+)", name)]
