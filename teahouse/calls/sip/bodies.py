"""Session descriptions in messages."""

from typing import Final

from sipmessage import Request, Response

SDP: Final = "application/sdp"


def is_sdp(message: Request | Response) -> bool:
    """Whether its body is a session description that we can read."""
    kind = (message.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    encoding = (message.headers.get("Content-Encoding") or "identity").strip().lower()
    return bool(message.body) and kind == SDP and encoding == "identity"


def sdp_of(message: Request | Response) -> bytes:
    return message.body if is_sdp(message) else b""
