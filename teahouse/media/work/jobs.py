"""What a worker process is asked and what it answers. Workers know files and numbers, nothing of people or chats."""

from typing import Annotated, Literal

import msgspec

from teahouse.errors import Refusal

JobKind = Literal["picture", "live_photo", "voice", "video", "video_note", "sticker"]
Variant = Literal[
    "original", "original_video", "large", "medium", "small", "audio", "video", "poster", "image", "lottie"
]
"""Names of the files that one media is made into; each is served at `/media/{id}/{variant}`.

- picture: `large` (2560), `medium` (1280), `small` (480), `original` when it was kept; an animated one also `video`.
- live_photo: those of a picture, `video` (the moment), `original` and `original_video` (what came in).
- voice: `audio`. video and video_note: `video`, `poster` (1280 at most), `small` (480).
- sticker: `lottie` (JSON) alone; or `image` (WebP), or `video` (WebM) with the same as `image`, and `small` (a still of
  320, WebP).
- file: `original`.
"""

WAVEFORM_POINTS = 100


class Job(msgspec.Struct, frozen=True, kw_only=True):
    kind: JobKind
    sources: tuple[str, ...]
    """Paths of what was uploaded. A live photo has one (Motion Photo) or two (still, moment)."""
    folder: str
    """An empty folder for what is made."""
    keep_metadata: bool = False
    """Keep the original with all that the camera wrote into it."""
    height_max: int = 720
    """Video only: shorter side, in pixels."""
    duration_max_ms: int = 0
    """Refuse what is longer; 0: no limit beyond the worker's own."""


class MadeFile(msgspec.Struct, frozen=True):
    variant: Variant
    path: str
    type: str
    """MIME."""


class Made(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="made"):
    files: tuple[MadeFile, ...]
    """The first is the one that people mean when they say "download"."""
    width: int = 0
    height: int = 0
    """As shown, upright, in pixels."""
    duration: int = 0
    """Milliseconds."""
    waveform: bytes = b""
    """`WAVEFORM_POINTS` loudness values of 0 to 255."""
    thumbhash: bytes = b""
    animated: bool = False


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    percent: int


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    code: str
    """The code of a `MediaRefused`."""
    detail: str = ""


Answer = Made | Progress | Failed


class MediaRefused(Refusal):
    """The file cannot be used as what it was sent as. `reason` says why; the client may offer to send it as a file."""

    code = "media_refused"
    status = 422
    title = "This file cannot be used this way"

    def __init__(self, reason: "Reason", detail: str = "") -> None:
        super().__init__(detail, reason=reason)
        self.reason = reason


Reason = Annotated[
    Literal["unreadable", "wrong_kind", "too_large", "too_long", "too_many_pixels", "no_pair", "too_slow", "crashed"],
    msgspec.Meta(
        description="unreadable: no decoder takes it; wrong_kind: a file of another kind; no_pair: the two are not one "
        "live photo; too_slow, crashed: the worker ran out of its bounds."
    ),
]
