"""Why a call ended: SIP's statuses and the telephone network's causes (Q.850 by RFC 3326), in our few words."""

import re
from collections.abc import Mapping
from typing import Final

from sipmessage import Request, Response

from teahouse.calls.sip.model import EndCause

PHRASE_MAX: Final = 200

_BY_CODE: Final[Mapping[int, EndCause]] = {
    401: "unauthorised",
    403: "forbidden",
    404: "not_found",
    407: "unauthorised",
    408: "no_answer",
    410: "not_found",
    415: "unacceptable",
    416: "not_found",
    480: "no_answer",
    484: "not_found",
    485: "not_found",
    486: "busy",
    487: "no_answer",
    488: "unacceptable",
    600: "busy",
    603: "declined",
    604: "not_found",
    606: "unacceptable",
    607: "declined",
    608: "declined",
}
_BY_Q850: Final[Mapping[int, EndCause]] = {
    1: "not_found",  # unallocated number
    17: "busy",
    18: "no_answer",
    19: "no_answer",
    20: "no_answer",  # subscriber absent
    21: "declined",
    22: "not_found",  # number changed
    28: "not_found",  # number incomplete
    34: "unavailable",  # no circuit
    38: "unavailable",
    41: "unavailable",
    42: "unavailable",
    44: "unavailable",
    47: "unavailable",
    50: "forbidden",
    55: "forbidden",
    57: "forbidden",
    58: "unacceptable",
    65: "unacceptable",
    88: "unacceptable",
}
_Q850 = re.compile(r"\bQ\.850\b[^,]*?;\s*cause\s*=\s*([0-9]{1,3})", re.IGNORECASE)
_TEXT = re.compile(r';\s*text\s*=\s*"?([^"]*)', re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")

MAY_FAIL_OVER: Final[frozenset[EndCause]] = frozenset({"unavailable", "unauthorised", "forbidden", "malformed"})
"""The faults of a trunk, not of the one who is called."""


def cause_of(response: Response) -> EndCause:
    """Of a final answer other than 2xx. The network's own cause says more than the status it was put into."""
    found = _Q850.search(response.headers.get("Reason") or "")
    if found and response.code not in (401, 407) and int(found[1]) in _BY_Q850:
        return _BY_Q850[int(found[1])]
    return _BY_CODE.get(response.code, "unavailable")


def phrase_of(message: Request | Response) -> str:
    """For the operator's eyes: the text of Reason, else the reason phrase."""
    reason = message.headers.get("Reason") or ""
    text = _TEXT.search(reason)
    said = (text[1] if text else reason) or (message.phrase if isinstance(message, Response) else "")
    return printable(said)


def printable(text: str) -> str:
    return _UNPRINTABLE.sub(" ", text).strip()[:PHRASE_MAX]


def reason_field(reason: str) -> list[tuple[str, str]]:
    """Reason of our BYE or CANCEL: normal clearing, with what the caller of `hang_up` said."""
    said = printable(reason).replace("\\", "").replace('"', "")
    text = f';text="{said}"' if said else ""
    return [("Reason", f"Q.850;cause=16{text}")]
