"""From bytes to a message that is whole (RFC 3261 section 7): what the layers above read of it was read here once."""

import re
from collections.abc import Callable
from typing import Final

from teahouse.calls.sip.message import values
from teahouse.calls.sip.message.typed import CHARSET_ERRORS, LONG_FORMS, Headers, Request, Response

MESSAGE_MAX: Final = 64 * 1024
"""Bytes of a message, head and body."""
LINE_MAX: Final = 8 * 1024
"""Bytes of a header field, folded lines together."""
HEADERS_MAX: Final = 100
"""Header fields of a message."""
VIAS_MAX: Final = 71
"""Hops that a request with the usual Max-Forwards can have passed."""
ADDRESSES_MAX: Final = 100
"""Values of Contact, Route or Record-Route."""
SECONDS_MAX: Final = 2**32 - 1
MAX_FORWARDS_MAX: Final = 255

_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]++")
_NAME = re.compile(values.TOKEN)
_VERSION = re.compile(r"SIP/[0-9]{1,4}\.[0-9]{1,4}", re.IGNORECASE)
_STATUS_LINE = re.compile(r"SIP/2\.0 ([1-6][0-9][0-9])(?: (.*+))?", re.IGNORECASE | re.DOTALL)
_NUMBER = re.compile(r"[0-9]{1,32}")
_SESSION_TIMER = re.compile(r"([0-9]{1,10})[ \t]*+(?:;.*+)?", re.DOTALL)
_RACK = re.compile(rf"[0-9]{{1,10}}[ \t]++[0-9]{{1,10}}[ \t]++{values.TOKEN}")

_SINGLE: Final = frozenset(
    {
        "from",
        "to",
        "call-id",
        "cseq",
        "max-forwards",
        "content-length",
        "content-type",
        "expires",
        "min-expires",
        "session-expires",
        "min-se",
        "rseq",
        "rack",
    }
)


class BadMessage(ValueError):
    """What came is no SIP message, or one whose meaning cannot be relied on."""

    def __init__(self, why: str, code: int = 400, partial: Request | None = None) -> None:
        super().__init__(why)
        self.code = code
        """The status that the RFC wants as the answer to a request; 0 for a response, which is dropped."""
        self.partial = partial
        """The request as far as an answer needs it (top Via, From, To, Call-ID, CSeq); None: it cannot be answered."""


def parse(data: bytes) -> Request | Response:
    """A datagram, or one message of a stream (`Framer`). Raises `BadMessage`.

    A datagram's bytes beyond Content-Length are cut off (18.3). Line ends may be bare LF.
    """
    if len(data) > MESSAGE_MAX:
        raise BadMessage("the message is too long", 513)
    data = data.lstrip(b"\r\n")
    blank = _BLANK_LINE.search(data)
    if blank is None:
        raise BadMessage("the head does not end")
    head, body = data[: blank.start()], data[blank.end() :]
    if b"\n " in head or b"\n\t" in head:
        head = _FOLD.sub(b" ", head)
    lines = [line.removesuffix("\r") for line in head.decode(errors=CHARSET_ERRORS).split("\n")]
    first = lines.pop(0)
    if first[:4].upper() == "SIP/":
        return _response(first, lines, body)
    return _request(first, lines, body)


def _response(first: str, lines: list[str], body: bytes) -> Response:
    try:
        found = _STATUS_LINE.fullmatch(first)
        if found is None:
            raise ValueError("not a status line")
        response = Response(int(found[1]), found[2] or "")
        _read_fields(response.headers, lines)
        _check(response)
        response.body = _body(response, body)
    except ValueError as error:
        raise BadMessage(str(error), 0) from None
    return response


def _request(first: str, lines: list[str], body: bytes) -> Request:
    request = Request("", values.Uri(scheme="", host=""))
    try:
        code = _read_request_line(request, first)
        _read_fields(request.headers, lines)
        if code:
            raise BadMessage("another version of SIP", code)
        request.uri = values.parse_uri(first.split(" ")[1])
        if request.uri.headers:
            raise ValueError("a Request-URI has no headers")
        _check(request)
        if request.cseq.method != request.method:
            raise ValueError("CSeq is of another method")
        request.body = _body(request, body)
    except ValueError as error:
        code = error.code if isinstance(error, BadMessage) else 400
        raise BadMessage(str(error), code, _partial(request, lines)) from None
    return request


def _read_request_line(request: Request, first: str) -> int:
    """The code to refuse it with once the fields are read, or 0."""
    parts = first.split(" ")
    if not _NAME.fullmatch(parts[0]):
        raise ValueError("not a method")
    request.method = parts[0]
    if len(parts) != 3 or not _VERSION.fullmatch(parts[2]):
        raise ValueError("not a request line")
    return 0 if parts[2].upper() == "SIP/2.0" else 505


def _read_fields(headers: Headers, lines: list[str]) -> None:
    if len(lines) > HEADERS_MAX:
        raise ValueError("too many header fields")
    for line in lines:
        if len(line) > LINE_MAX:
            raise ValueError("a header field is too long")
        name, colon, value = line.partition(":")
        name = name.rstrip(" \t")
        if not colon or "\r" in line or not _NAME.fullmatch(name):
            raise ValueError("not a header field")
        headers.add(LONG_FORMS.get(name.lower(), name) if len(name) == 1 else name, value.strip(" \t"))


def _check(message: Request | Response) -> None:
    """Read all that the layers above will. Raises `ValueError`."""
    headers = message.headers
    if repeated := _SINGLE.intersection(headers.repeated()):
        raise ValueError(f"more than one {min(repeated)}")
    for name in ("Via", "From", "To", "Call-ID", "CSeq"):
        if not headers.get(name):
            raise ValueError(f"no {name}")
    if len(message.via) > VIAS_MAX:
        raise ValueError("too many Via")
    for reading in (message.from_address, message.to_address, message.cseq):
        assert reading is not None
    if len(headers["Call-ID"].split()) != 1:
        raise ValueError("not a Call-ID")
    if max(len(message.contact), len(message.route), len(message.record_route)) > ADDRESSES_MAX:
        raise ValueError("too many addresses")
    for name, how in _CHECKED.items():
        value = headers.get(name)
        if value is not None:
            how(value)


def _number(at_most: int) -> Callable[[str], None]:
    def check(value: str) -> None:
        if not _NUMBER.fullmatch(value) or int(value) > at_most:
            raise ValueError("a number is malformed or too large")

    return check


def _shape(pattern: re.Pattern[str]) -> Callable[[str], None]:
    def check(value: str) -> None:
        if not pattern.fullmatch(value):
            raise ValueError("a field is malformed")

    return check


_CHECKED: Final[dict[str, Callable[[str], None]]] = {
    "Content-Length": _number(SECONDS_MAX),
    "Max-Forwards": _number(MAX_FORWARDS_MAX),
    "Expires": _number(SECONDS_MAX),
    "Min-Expires": _number(SECONDS_MAX),
    "RSeq": _number(SECONDS_MAX),
    "Session-Expires": _shape(_SESSION_TIMER),
    "Min-SE": _shape(_SESSION_TIMER),
    "RAck": _shape(_RACK),
}


def _body(message: Request | Response, rest: bytes) -> bytes:
    length = message.content_length
    if length is None:
        return rest
    if length > len(rest):
        raise ValueError("the body is shorter than Content-Length says")
    return rest[:length]


def _partial(request: Request, lines: list[str]) -> Request | None:
    """What an answer needs, from the first field of each name, or None."""
    found = Request(request.method, request.uri)
    for line in lines[:HEADERS_MAX]:
        name, _, value = line.partition(":")
        name = name.rstrip(" \t")
        name = LONG_FORMS.get(name.lower(), name).lower()
        if (
            name in _NEEDED
            and len(line) <= LINE_MAX
            and "\r" not in line
            and value.strip()
            and not found.headers.get(name)
        ):
            found.headers.set(_NEEDED[name], value.strip(" \t"))
    try:
        found.via = found.via[:1]
        for reading in (found.from_address, found.to_address, found.cseq):
            assert reading is not None
    except (KeyError, ValueError):
        return None
    has_name = len((found.headers.get("Call-ID") or "").split()) == 1
    return found if has_name and found.via and request.method else None


_NEEDED: Final = {"via": "Via", "from": "From", "to": "To", "call-id": "Call-ID", "cseq": "CSeq"}
