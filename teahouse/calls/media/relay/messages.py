"""What the server and the relay's process say to each other: one line of JSON each way."""

from typing import Final, Literal

import msgspec

from teahouse.calls.media.sdp import BYTES_MAX

LINE_BYTES_MAX: Final = 8 * BYTES_MAX
"""Of two descriptions, each character escaped."""
ASKED_MAX: Final = 1_000
"""Questions that may wait for their answers."""

Kind = Literal["offer", "accept", "join", "reoffered", "rejoin", "stats", "close", "ping"]
Code = Literal["", "bad_offer", "bad_answer", "media_unavailable"]


class Settings(msgspec.Struct, frozen=True):
    """Of the process, for its whole life."""

    address: str
    ports: tuple[int, int]
    stun: str
    calls_max: int


class Ask(msgspec.Struct, frozen=True, omit_defaults=True):
    id: int
    """From 1 on."""
    kind: Kind
    call: str = ""
    browser: str = ""
    trunk: bytes = b""


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    id: int
    """Of the question; 0: the process is ready."""
    code: Code = ""
    """Empty: done."""
    detail: str = ""
    browser: str = ""
    trunk: bytes = b""
    from_browser: int = 0
    from_trunk: int = 0
    dropped: int = 0
    idle_s: float | None = None
    connected: bool = False
