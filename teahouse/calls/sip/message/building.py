"""Making requests and the responses to them (RFC 3261 8.1.1 and 8.2.6)."""

from collections.abc import Iterable, Mapping
from typing import Final

import sipmessage

from teahouse.calls.sip.message import values
from teahouse.calls.sip.message.typed import Request, Response

Fields = Mapping[str, str] | Iterable[tuple[str, str]]
"""Further header fields; a name may come more than once in a list of pairs."""

MAX_FORWARDS: Final = 70

PHRASES: Final[Mapping[int, str]] = {
    100: "Trying",
    180: "Ringing",
    181: "Call Is Being Forwarded",
    182: "Queued",
    183: "Session Progress",
    200: "OK",
    202: "Accepted",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    415: "Unsupported Media Type",
    416: "Unsupported URI Scheme",
    420: "Bad Extension",
    421: "Extension Required",
    422: "Session Interval Too Small",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    483: "Too Many Hops",
    484: "Address Incomplete",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    489: "Bad Event",
    491: "Request Pending",
    500: "Server Internal Error",
    501: "Not Implemented",
    503: "Service Unavailable",
    504: "Server Time-out",
    505: "Version Not Supported",
    513: "Message Too Large",
    600: "Busy Everywhere",
    603: "Decline",
    604: "Does Not Exist Anywhere",
    606: "Not Acceptable",
}


def request(
    method: str,
    uri: sipmessage.URI | str,
    *,
    via: sipmessage.Via | str,
    from_: sipmessage.Address | str,
    to: sipmessage.Address | str,
    call_id: str,
    cseq: int,
    max_forwards: int = MAX_FORWARDS,
    headers: Fields = (),
    body: bytes = b"",
    content_type: str = "application/sdp",
) -> Request:
    """A request with all that 8.1.1 asks of one. `content_type` is said only with a body. Raises `ValueError` for a
    URI that is none."""
    made = Request(method, values.parse_uri(uri) if isinstance(uri, str) else uri, body)
    fields = made.headers
    fields.set("Via", str(via))
    fields.set("Max-Forwards", str(max_forwards))
    fields.set("From", str(from_))
    fields.set("To", str(to))
    fields.set("Call-ID", call_id)
    fields.set("CSeq", f"{cseq} {method}")
    _add(made, headers, content_type)
    return made


def response_to(
    request: sipmessage.Request,
    code: int,
    phrase: str = "",
    *,
    to_tag: str = "",
    headers: Fields = (),
    body: bytes = b"",
    content_type: str = "application/sdp",
) -> Response:
    """The response that goes back the way of its request: Via, From, To, Call-ID and CSeq verbatim (8.2.6.2).

    `to_tag` is added where To has none. Record-Route is copied from 101 to 299 (12.1.1), Timestamp into 100 (8.2.6.1).
    """
    made = Response(code, phrase or PHRASES.get(code, ""), body)
    copied = ["Via", "From", "To", "Call-ID", "CSeq"]
    if code == 100:
        copied.append("Timestamp")
    elif code < 300:
        copied.append("Record-Route")
    for name in copied:
        made.headers.setlist(name, request.headers.getlist(name))
    if to_tag and not tag_of(request.to_address):
        made.headers.set("To", f"{request.headers['To']};tag={to_tag}")
    _add(made, headers, content_type)
    return made


def tag_of(address: sipmessage.Address) -> str:
    """The tag of From or To; empty where there is none."""
    return address.parameters.get("tag") or ""


def _add(message: Request | Response, headers: Fields, content_type: str) -> None:
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    for name, value in pairs:
        message.headers.add(name, value)
    if message.body and message.headers.get("Content-Type") is None:
        message.headers.set("Content-Type", content_type)
    message.headers.set("Content-Length", str(len(message.body)))
