"""The values of header fields (RFC 3261 sections 19, 20 and 25): addresses, URIs, Via, CSeq and their parameters.

They are sipmessage's own types, read and written without its losses: it re-encodes parameters (a tag `a+b` would come
back as `a%2Bb`), takes `"A" <sip:a>, "B" <sip:b>` for one address, and knows neither URI headers nor other schemes.
Every pattern is linear in what it reads: no value can hold up the loop.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

import sipmessage
from sipmessage import grammar

TOKEN: Final = r"[A-Za-z0-9\-.!%*_+`'~]++"
_QUOTED = r'"(?:[^"\\]++|\\.)*+"'
_WORDS = r'[^\x00-\x08\x0a-\x1f\x7f"<>,;:@\\=?]*+'
"""A display name without quotes: tokens by the grammar, and what people write instead (`Zoë (Berlin)`)."""
_VALUE = rf'(?:{_QUOTED}|[^\s;,"<>]++)'
_PARAMETER = rf"[ \t]*+;[ \t]*+({TOKEN})(?:[ \t]*+=[ \t]*+({_VALUE}))?+"
_PARAMETERS = rf"(?:[ \t]*+;[ \t]*+{TOKEN}(?:[ \t]*+=[ \t]*+{_VALUE})?+)*+"
_HOST = r"\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9_.\-]{1,255}"

_MEDIA_TYPE = re.compile(rf"({TOKEN}[ \t]*+/[ \t]*+{TOKEN})({_PARAMETERS})[ \t;]*+", re.DOTALL)
_EACH_PARAMETER = re.compile(_PARAMETER, re.DOTALL)
_NAME_ADDR = re.compile(rf'[ \t]*+({_QUOTED}|{_WORDS})[ \t]*+<([^<>\s"]++)>({_PARAMETERS})[ \t]*+', re.DOTALL)
_ADDR_SPEC = re.compile(rf'[ \t]*+([^\s;,?<>"]++)({_PARAMETERS})[ \t]*+', re.DOTALL)
_VIA = re.compile(
    rf"[ \t]*+SIP[ \t]*+/[ \t]*+[0-9]\.[0-9][ \t]*+/[ \t]*+({TOKEN})[ \t]++({_HOST})"
    rf"(?:[ \t]*+:[ \t]*+([0-9]{{1,5}}))?+({_PARAMETERS})[ \t]*+",
    re.IGNORECASE | re.DOTALL,
)
_CSEQ = re.compile(rf"0*+([0-9]{{0,10}})[ \t]++({TOKEN})")
_SIP_URI = re.compile(
    rf'(sips?):(?:([^@:<>"\s]*+)(?::([^@<>"\s]*+))?+@)?({_HOST})(?::([0-9]{{1,5}}))?+'
    r"((?:;[^;?=\s@]++(?:=[^;?\s@]*+)?+)*+)(?:\?([^\s<>]++))?+",
    re.IGNORECASE,
)
_OTHER_URI = re.compile(r'([A-Za-z][A-Za-z0-9+.\-]*+):([^\s<>"]++)')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)

CSEQ_MAX: Final = 2**31 - 1
PORT_MAX: Final = 65535
SIP_SCHEMES: Final = ("sip", "sips")


class Parameters(sipmessage.Parameters):
    """Parameters of a header field, verbatim: a quoted value keeps its quotes. Names are looked up in small letters."""

    def __init__(self, data: Mapping[str, str | None] | None = None) -> None:
        self._data: dict[str, str | None] = dict(data or {})

    def replace(self, **changes: str | None) -> "Parameters":
        return type(self)({**self._data, **changes})

    def without(self, *names: str) -> "Parameters":
        return type(self)({name: value for name, value in self._data.items() if name not in names})

    def __getitem__(self, key: str) -> str | None:
        return self._data[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._data!r})"

    def __str__(self) -> str:
        return "".join(f";{k}" if v is None else f";{k}={v}" for k, v in self._data.items())


class UriParameters(Parameters):
    """Parameters of a SIP URI: escapes are undone, and made again when they are written."""

    def __str__(self) -> str:
        def escaped(text: str) -> str:
            return quote(text, safe=grammar.C_URI_PARAM_SAFE, errors="surrogateescape")

        return "".join(f";{escaped(k)}" if v is None else f";{escaped(k)}={escaped(v)}" for k, v in self._data.items())


_NO_PARAMETERS: Final = Parameters()
_NO_URI_PARAMETERS: Final = UriParameters()


@dataclass(frozen=True)
class Uri(sipmessage.URI):
    """A URI of any scheme. One that is not SIP's has no host, and all that follows the colon is `opaque`."""

    headers: str = ""
    """What follows `?`, as it came."""
    opaque: str = ""

    def __str__(self) -> str:
        if self.scheme not in SIP_SCHEMES:
            return f"{self.scheme}:{self.opaque}"
        host = self.host if self.port is None else f"{self.host}:{self.port}"
        headers = f"?{self.headers}" if self.headers else ""
        return f"{self.scheme}:{self._userinfo()}{host}{self.parameters}{headers}"

    def _userinfo(self) -> str:
        if self.user is None:
            return ""
        user = quote(self.user, safe=grammar.C_USER_SAFE, errors="surrogateescape")
        if self.password is None:
            return f"{user}@"
        return f"{user}:{quote(self.password, safe=grammar.C_PASSWORD_SAFE, errors='surrogateescape')}@"


def parse_uri(text: str) -> Uri:
    """Raises `ValueError` for what is no URI. The host is in small letters."""
    if found := _SIP_URI.fullmatch(text):
        scheme, user, password, host, port, parameters, headers = found.groups()
        return Uri(
            scheme=scheme.lower(),
            host=host.lower(),
            user=None if user is None else _unescaped(user),
            password=None if password is None else _unescaped(password),
            port=_port(port),
            parameters=_uri_parameters(parameters) if parameters else _NO_URI_PARAMETERS,
            headers=headers or "",
        )
    found = _OTHER_URI.fullmatch(text)
    if found is None or found[1].lower() in SIP_SCHEMES:
        raise ValueError("not a URI")
    user = _unescaped(found[2].partition(";")[0]) if found[1].lower() == "tel" else None
    return Uri(scheme=found[1].lower(), host="", user=user, opaque=found[2])


def parse_address(text: str) -> sipmessage.Address:
    """From, To and the like: exactly one address. Raises `ValueError`."""
    address, end = _address_at(text, 0)
    if end != len(text):
        raise ValueError("more than one address")
    return address


def parse_addresses(text: str) -> list[sipmessage.Address]:
    """Contact, Route and the like: addresses between commas. Raises `ValueError`."""
    addresses: list[sipmessage.Address] = []
    at = 0
    while True:
        address, at = _address_at(text, at)
        addresses.append(address)
        if at == len(text):
            return addresses
        at = _after_comma(text, at)


def parse_vias(text: str) -> list[sipmessage.Via]:
    """One Via field, of one or more values. Raises `ValueError`."""
    vias: list[sipmessage.Via] = []
    at = 0
    while True:
        found = _VIA.match(text, at)
        if found is None:
            raise ValueError("not a Via")
        transport, host, port, parameters = found.groups()
        vias.append(sipmessage.Via(transport, host.lower(), _port(port), parse_parameters(parameters)))
        at = found.end()
        if at == len(text):
            return vias
        at = _after_comma(text, at)


def parse_cseq(text: str) -> sipmessage.CSeq:
    """Raises `ValueError` for a malformed value and for one of 2**31 or more (8.1.1.5)."""
    found = _CSEQ.fullmatch(text)
    if found is None or text[0] not in "0123456789":
        raise ValueError("not a CSeq")
    sequence = int(found[1] or "0")
    if sequence > CSEQ_MAX:
        raise ValueError("the sequence number is too large")
    return sipmessage.CSeq(sequence, found[2])


def parse_media_type(text: str) -> sipmessage.MediaType:
    """Content-Type. A `;` too many at its end is borne. Raises `ValueError`."""
    found = _MEDIA_TYPE.fullmatch(text)
    if found is None:
        raise ValueError("not a media type")
    return sipmessage.MediaType("".join(found[1].split()).lower(), parse_parameters(found[2]))


def parse_parameters(text: str) -> Parameters:
    """The part from the first `;` on, which a pattern has read before."""
    if not text:
        return _NO_PARAMETERS
    return Parameters({name.lower(): value or None for name, value in _EACH_PARAMETER.findall(text)})


def _address_at(text: str, at: int) -> tuple[sipmessage.Address, int]:
    if found := _NAME_ADDR.match(text, at):
        name = found[1].strip()
        if name.startswith('"'):
            name = _ESCAPED.sub(r"\1", name[1:-1])
        return sipmessage.Address(parse_uri(found[2]), name, parse_parameters(found[3])), found.end()
    found = _ADDR_SPEC.match(text, at)
    if found is None:
        raise ValueError("not an address")
    return sipmessage.Address(parse_uri(found[1]), "", parse_parameters(found[2])), found.end()


def _after_comma(text: str, at: int) -> int:
    if text[at] != ",":
        raise ValueError("values must be set apart by commas")
    return at + 1


def _port(text: str | None) -> int | None:
    if text is None:
        return None
    if not 0 < int(text) <= PORT_MAX:
        raise ValueError("no such port")
    return int(text)


def _unescaped(text: str) -> str:
    return unquote(text, errors="surrogateescape") if "%" in text else text


def _uri_parameters(text: str) -> UriParameters:
    data: dict[str, str | None] = {}
    for part in text.split(";")[1:]:
        name, equals, value = part.partition("=")
        data[_unescaped(name).lower()] = _unescaped(value) if equals else None
    return UriParameters(data)
