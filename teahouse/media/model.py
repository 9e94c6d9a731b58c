"""Media: what clients may ask and what they are told. A media is made of uploads, once, and then named by messages."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from teahouse.commands import Command, Id, Result
from teahouse.events import Event
from teahouse.media.work.jobs import Variant

MediaKind = Literal["picture", "live_photo", "voice", "video", "video_note", "file"]

FileName = Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^[^/\\\x00-\x1f\x7f]+$")]


class MediaFile(msgspec.Struct, frozen=True):
    """One of the files that a media is made of, at `/media/{id}/{variant}`."""

    variant: Variant
    type: str
    """MIME."""
    size: int
    """Bytes."""


class MediaCard(msgspec.Struct, frozen=True, omit_defaults=True):
    """A media as a message shows it. The server makes it from what it found in the file, nobody sends it."""

    id: str
    files: tuple[MediaFile, ...]
    """The first is the one that people mean when they say "download"."""
    name: str = ""
    width: int = 0
    height: int = 0
    """Upright, in pixels."""
    duration: int = 0
    """Milliseconds."""
    waveform: str = ""
    """Base64 of `WAVEFORM_POINTS` bytes."""
    thumbhash: str = ""
    """Base64."""
    animated: bool = False


class MediaState(msgspec.Struct, frozen=True, omit_defaults=True):
    """A media as its owner sees it on the way."""

    id: str
    kind: MediaKind
    state: Literal["processing", "ready", "failed"]
    progress: int = 0
    """Percent."""
    reason: str = ""
    """Why it failed: a `reason` of `media_refused`."""
    card: MediaCard | None = None
    """When it is ready."""


class MakeMedia(Command, frozen=True, tag="media.make"):
    """Make something that can be sent of what was uploaded. `nonce` makes it idempotent.

    A live photo is made of one upload (a Motion Photo) or of two (the still, the moment); all else of one.
    """

    nonce: Annotated[str, Meta(min_length=1, max_length=36, pattern=r"^[A-Za-z0-9_-]+$")]
    kind: MediaKind
    uploads: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=2)]
    name: FileName | UnsetType = UNSET
    keep_metadata: bool = False
    """Keep the original with its place, time and camera, for everybody who gets it."""


class MediaMade(Result, frozen=True):
    media: MediaState


class DiscardMedia(Command, frozen=True, tag="media.discard"):
    """Drop what was not sent: work on it ends. What a message shows stays."""

    media: Id


class StorageUse(Result, frozen=True):
    used: int
    """Bytes."""
    quota: int
    """Bytes; 0: no limit."""


class MediaChanged(Event, frozen=True, tag="media.changed"):
    """For its owner: a media made progress, is ready, or failed."""

    media: MediaState
