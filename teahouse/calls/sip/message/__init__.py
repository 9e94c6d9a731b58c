"""SIP messages: bytes to messages and back, upon the library sipmessage, made whole.

`parse` gives sipmessage's requests and responses (subclasses of them) whose fields were all read once, so nothing above
raises later. `request`, `response_to` and `serialise` make them; `Framer` cuts streams.
"""

from teahouse.calls.sip.message.building import PHRASES, Fields, request, response_to, tag_of
from teahouse.calls.sip.message.framing import PING, PONG, Framer
from teahouse.calls.sip.message.parsing import HEADERS_MAX, LINE_MAX, MESSAGE_MAX, VIAS_MAX, BadMessage, parse
from teahouse.calls.sip.message.typed import Headers, Request, Response, serialise
from teahouse.calls.sip.message.values import (
    Parameters,
    Uri,
    UriParameters,
    parse_address,
    parse_addresses,
    parse_uri,
    parse_vias,
)

__all__ = [
    "HEADERS_MAX",
    "LINE_MAX",
    "MESSAGE_MAX",
    "PHRASES",
    "PING",
    "PONG",
    "VIAS_MAX",
    "BadMessage",
    "Fields",
    "Framer",
    "Headers",
    "Parameters",
    "Request",
    "Response",
    "Uri",
    "UriParameters",
    "parse",
    "parse_address",
    "parse_addresses",
    "parse_uri",
    "parse_vias",
    "request",
    "response_to",
    "serialise",
    "tag_of",
]
