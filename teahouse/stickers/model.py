"""Stickers and their packs: what clients may ask and what they are told."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from teahouse.commands import Command, Id, Result
from teahouse.events import Event

PACK_STICKERS_MAX = 200
EMOJI_EACH_MAX = 8
"""Emoji of one sticker."""

PackName = Annotated[str, Meta(min_length=1, max_length=64)]
EmojiText = Annotated[
    str, Meta(max_length=136, pattern=r"^(\S{1,16}( \S{1,16}){0,7})?$", description="Up to eight emoji, by spaces.")
]
Label = Annotated[str, Meta(max_length=100)]
PanelPart = Literal["packs", "favourites", "recents"]
FilePath = Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^[^\\\x00-\x1f\x7f]+$")]


class StickerCard(msgspec.Struct, frozen=True, omit_defaults=True):
    """As a message or a pack shows it. Its file is at `/stickers/{id}/file`; a still, unless it is Lottie, at
    `/stickers/{id}/still`."""

    id: str
    type: str
    """MIME of its file: `image/webp`, `video/webm`, or `application/json` for Lottie."""
    emoji: str
    """What it says, as emoji with spaces between: the first stands for it where no sticker can be shown."""
    pack: str = ""
    """Empty for one that belongs to nobody's pack any more."""
    label: str = ""
    """What it shows, for those who cannot see it."""
    width: int = 512
    height: int = 512
    animated: bool = False
    still: int = 0
    """Lottie only: the frame to rest at."""


class PackSticker(StickerCard, frozen=True):
    """As one sees it in its pack: with what it is found by."""

    keywords: tuple[str, ...] = ()
    labels: dict[str, str] = {}
    """The label in other languages (`en`, `zh`, `ru`)."""


class Pack(Result, frozen=True, omit_defaults=True):
    id: str
    name: str
    stickers: tuple[PackSticker, ...]
    author: str = ""
    owner: str = ""
    """Who may change it; empty for the house's own."""


class Panel(Result, frozen=True):
    """What a person has at hand."""

    packs: tuple[Pack, ...]
    favourites: tuple[StickerCard, ...]
    """Newest first."""
    recents: tuple[StickerCard, ...]
    """The last forty that they sent, newest first."""


# --- packs ----------------------------------------------------------------------------------------


class CreatePack(Command, frozen=True, tag="sticker.pack.create"):
    """Begin a pack of one's own. `nonce` makes it idempotent. It is in one's panel at once."""

    nonce: Annotated[str, Meta(min_length=1, max_length=36, pattern=r"^[A-Za-z0-9_-]+$")]
    name: PackName


class PackCreated(Result, frozen=True):
    pack: str


class UpdatePack(Command, frozen=True, tag="sticker.pack.update"):
    """Rename one's pack, or put its stickers in another order."""

    pack: Id
    name: PackName | UnsetType = UNSET
    order: Annotated[tuple[Id, ...], Meta(max_length=PACK_STICKERS_MAX)] | UnsetType = UNSET
    """All of its stickers."""


class DeletePack(Command, frozen=True, tag="sticker.pack.delete"):
    """Take one's pack away from everybody. Messages go on showing the stickers that were sent."""

    pack: Id


class UpdateSticker(Command, frozen=True, tag="sticker.update"):
    """Say what a sticker of one's own says and shows."""

    sticker: Id
    emoji: EmojiText | UnsetType = UNSET
    label: Label | UnsetType = UNSET


class RemoveSticker(Command, frozen=True, tag="sticker.remove"):
    """Take a sticker out of one's pack. Messages go on showing it."""

    sticker: Id


# --- a person's panel -----------------------------------------------------------------------------


class InstallPack(Command, frozen=True, tag="sticker.install"):
    """Add a pack to one's panel, as the first."""

    pack: Id


class UninstallPack(Command, frozen=True, tag="sticker.uninstall"):
    """Take a pack of somebody else, or of the house, out of one's panel."""

    pack: Id


class OrderPanel(Command, frozen=True, tag="sticker.panel.order"):
    """Put the packs of one's panel in this order; those not named follow."""

    order: Annotated[tuple[Id, ...], Meta(max_length=200)]


class Favour(Command, frozen=True, tag="sticker.favour"):
    """Keep a sticker among one's favourites, whatever becomes of its pack."""

    sticker: Id


class Unfavour(Command, frozen=True, tag="sticker.unfavour"):
    sticker: Id


class NoteUse(Command, frozen=True, tag="sticker.used"):
    """One has sent it: it comes first among the recent ones, on all one's devices."""

    sticker: Id


# --- files in, files out --------------------------------------------------------------------------


class AddSticker(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Make a sticker of an upload, in one's own pack."""

    upload: Id
    emoji: EmojiText = ""
    label: Label = ""


class ImportFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    upload: Id
    name: FilePath
    """Its name, or its path in the folder that was chosen."""


class ImportPack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Make a pack of one zip, or of the files of a folder."""

    files: Annotated[tuple[ImportFile, ...], Meta(min_length=1, max_length=PACK_STICKERS_MAX + 20)]
    name: Annotated[str, Meta(max_length=64)] = ""
    """Empty: what the pack says of itself, or the name of its folder."""


WhichFile = Literal["file", "still", "image"]
FileReason = Literal[
    "unreadable",
    "wrong_kind",
    "too_large",
    "too_long",
    "too_many_pixels",
    "too_slow",
    "crashed",
    "too_many",
]


class RefusedFile(msgspec.Struct, frozen=True, omit_defaults=True):
    name: str
    reason: FileReason
    """As of media that was refused; `too_many`: beyond the bound of a pack."""
    detail: str = ""


class ImportState(Result, frozen=True, omit_defaults=True):
    """How far an import is. What is refused of it is listed, the rest becomes the pack."""

    id: str
    state: Literal["processing", "ready", "failed"]
    done: int = 0
    total: int = 0
    """Files."""
    pack: str = ""
    """When it is ready."""
    name: str = ""
    reason: str = ""
    """Why it failed: `unreadable`, `too_large`, `too_many`, `nothing` (no stickers in it), `interrupted` (the house
    went down), or the code of a refusal."""
    refused: tuple[RefusedFile, ...] = ()
    fits: tuple[Literal["telegram", "wechat"], ...] = ()
    """Whose size rules all its files keep to."""


# --- events ---------------------------------------------------------------------------------------


class StickersChanged(Event, frozen=True, tag="stickers.changed"):
    """Read the panel again: this of it has changed."""

    what: PanelPart


class StickersImport(Event, frozen=True, tag="stickers.import"):
    """For who imports: it made progress, is ready, or failed."""

    importing: ImportState


StickerEvent = StickersChanged | StickersImport
