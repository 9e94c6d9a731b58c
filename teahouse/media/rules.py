"""What may be uploaded and made: bounds, and the refusals that name them. No I/O, no clock."""

import re
from typing import Final

from teahouse.clock import DAY_MS, HOUR_MS
from teahouse.errors import Conflict, Refusal, TooLarge
from teahouse.media.model import MediaKind
from teahouse.media.work.jobs import JobKind

MIB: Final = 1024 * 1024
UPLOADS_UNFINISHED_MAX: Final = 20
"""Of one person, at once."""
PROCESSING_MAX: Final = 40
"""Media of one person that wait to be made."""
NAME_MAX: Final = 255
TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}")
"""A MIME type without parameters (RFC 6838, section 4.2)."""
ANY_TYPE: Final = "application/octet-stream"

UPLOAD_KEPT_MS: Final = DAY_MS
"""Since its last byte, or since it was whole."""
UNSENT_KEPT_MS: Final = 48 * HOUR_MS
"""A media that no message shows, since it was made."""
SENT_CHECKED_MS: Final = 7 * DAY_MS
"""How often it is looked whether a message still shows a media; what is recalled is looked at after `GRACE_MS`."""
GRACE_MS: Final = HOUR_MS
"""What lost its last use is kept this long: somebody may be about to use it again."""

ATTEMPTS_MAX: Final = 2
"""A media is given up after the house went down this often while it was being made."""
DEADLINES_S: Final[dict[JobKind, float]] = {
    "picture": 60,
    "sticker": 60,
    "voice": 120,
    "live_photo": 120,
    "video_note": 300,
    "video": 3600,
}
"""What making one may take, once a process has it."""
SOURCES_MAX: Final[dict[MediaKind, int]] = {
    "picture": 1,
    "live_photo": 2,
    "voice": 1,
    "video": 1,
    "video_note": 1,
    "file": 1,
}


class QuotaExceeded(Refusal):
    """The person's files take all the room they may."""

    code = "quota_exceeded"
    status = 413
    title = "There is no room left for your files"


class TooManyUploads(Refusal):
    code = "too_many_uploads"
    status = 429
    title = "Finish some uploads first"


class TooMuchWaiting(Refusal):
    code = "too_much_waiting"
    status = 429
    title = "Wait until some of your media are made"


class UploadLocked(Refusal):
    """Bytes are coming in for it at this moment."""

    code = "upload_locked"
    status = 423
    title = "Something else is writing to this upload"


class UploadGone(Refusal):
    code = "upload_gone"
    status = 410
    title = "This upload has expired"


class WrongOffset(Conflict):
    code = "wrong_offset"
    title = "The upload is not where you think it is"


class ChecksumMismatch(Refusal):
    """The bytes are not those that were sent (tus, checksum extension)."""

    code = "checksum_mismatch"
    status = 460
    title = "The bytes changed on their way"


class NotUploaded(Refusal):
    code = "not_uploaded"
    status = 409
    title = "Not all bytes of it are here yet"


class MediaNotReady(Refusal):
    code = "media_not_ready"
    status = 409
    title = "This is not ready to be sent"


class WrongKind(Refusal):
    code = "wrong_media_kind"
    status = 422
    title = "This is something else than what it is sent as"


def may_begin(length: int, *, length_max: int, quota: int, used: int, unfinished: int, unfinished_bytes: int) -> None:
    """Raises the `Refusal` of an upload of `length` bytes. `quota` 0: no limit."""
    if length > length_max:
        raise TooLarge(f"A file may have {length_max} bytes.", bytes_max=length_max)
    if unfinished >= UPLOADS_UNFINISHED_MAX:
        raise TooManyUploads(uploads_max=UPLOADS_UNFINISHED_MAX)
    if quota and used + unfinished_bytes + length > quota:
        raise QuotaExceeded(used=used + unfinished_bytes, quota=quota)


def clean_name(name: str) -> str:
    """Return the last part of what a client calls a file, without what no filesystem or reader wants; may be empty."""
    last = re.split(r"[/\\]", name)[-1]
    # Control characters, and those that turn the direction of writing: "exe.gpj" must not look like "jpg.exe".
    plain = re.sub(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", last).strip()
    return plain[:NAME_MAX]


def clean_type(mime: str) -> str:
    plain = mime.partition(";")[0].strip().lower()
    return plain if TYPE.fullmatch(plain) else ANY_TYPE
