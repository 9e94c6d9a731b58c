"""Requests and responses: sipmessage's, with fields that are looked up and read once, and read right."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import sipmessage
from sipmessage.message import COMPACT_FORMS

from teahouse.calls.sip.message import values

CHARSET_ERRORS: Final = "surrogateescape"
"""Bytes that are not UTF-8 go through as they came."""

Value = TypeVar("Value")


class Headers(sipmessage.Headers):
    """Fields by name, in order, with what was read of them. `getlist` gives a copy: change by `set` and its kin."""

    def __init__(self) -> None:
        super().__init__()
        # Tuples of text are no work for the garbage collector, of which a house with many calls has enough.
        self._fields: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._read: dict[str, Any] = {}

    def add(self, key: str, value: str) -> None:
        name = key.lower()
        field = self._fields.get(name)
        self._fields[name] = (key, (value,)) if field is None else (field[0], (*field[1], value))
        self._read.pop(name, None)

    def get(self, key: str, default: str | None = None) -> str | None:
        field = self._fields.get(key.lower())
        return default if field is None else field[1][0]

    def getlist(self, key: str) -> list[str]:
        field = self._fields.get(key.lower())
        return [] if field is None else list(field[1])

    def keys(self) -> list[str]:
        return [name for name, _ in self._fields.values()]

    def remove(self, key: str) -> None:
        self._fields.pop(key.lower(), None)
        self._read.pop(key.lower(), None)

    def set(self, key: str, value: str) -> None:
        name = key.lower()
        field = self._fields.get(name)
        self._fields[name] = (key if field is None else field[0], (value,))
        self._read.pop(name, None)

    def setlist(self, key: str, values: list[str]) -> None:
        name = key.lower()
        if not values:
            return self.remove(key)
        field = self._fields.get(name)
        self._fields[name] = (key if field is None else field[0], tuple(values))
        self._read.pop(name, None)

    def __getitem__(self, key: str) -> str:
        return self._fields[key.lower()][1][0]

    def __str__(self) -> str:
        return "".join(f"{name}: {value}\r\n" for name, value in self.items()) + "\r\n"

    def items(self) -> list[tuple[str, str]]:
        return [(name, value) for name, values in self._fields.values() for value in values]

    def repeated(self) -> list[str]:
        """Names, in small letters, of which there is more than one field."""
        return [name for name, (_, values) in self._fields.items() if len(values) > 1]

    def read(self, name: str, how: Callable[[tuple[str, ...]], Value]) -> Value:
        """What `how` makes of the field `name` (small letters), read once until the field changes."""
        if name in self._read:
            value: Value = self._read[name]
            return value
        field = self._fields.get(name)
        self._read[name] = value = how(() if field is None else field[1])
        return value

    def keep(self, name: str, value: object) -> None:
        """Hold what a writer already knows the field to read as."""
        self._read[name] = value


class _Fields(sipmessage.Message):
    """Typed access to what a user agent reads. What `parse` gave never raises here; what was made by hand raises
    `KeyError` or `ValueError`. (`accept`, `date` and the fields of authentication are sipmessage's own, and may.)"""

    headers: Headers

    @property
    def via(self) -> list[sipmessage.Via]:
        return self.headers.read("via", _vias)[:]

    @via.setter
    def via(self, value: list[sipmessage.Via]) -> None:
        self.headers.setlist("Via", [str(via) for via in value])
        self.headers.keep("via", list(value))

    @property
    def cseq(self) -> sipmessage.CSeq:
        return self.headers.read("cseq", _cseq)

    @cseq.setter
    def cseq(self, value: sipmessage.CSeq) -> None:
        self.headers.set("CSeq", str(value))

    @property
    def from_address(self) -> sipmessage.Address:
        return self.headers.read("from", _address)

    @from_address.setter
    def from_address(self, value: sipmessage.Address) -> None:
        self.headers.set("From", str(value))

    @property
    def to_address(self) -> sipmessage.Address:
        return self.headers.read("to", _address)

    @to_address.setter
    def to_address(self, value: sipmessage.Address) -> None:
        self.headers.set("To", str(value))

    @property
    def content_type(self) -> sipmessage.MediaType | None:
        """None, too, for one that cannot be read: such a body is of no known kind."""
        return self.headers.read("content-type", _media_type)

    @content_type.setter
    def content_type(self, value: sipmessage.MediaType | None) -> None:
        self.headers.setlist("Content-Type", [] if value is None else [str(value)])

    def _get_address_list(self, key: str) -> list[sipmessage.Address]:
        """Contact, Route, Record-Route. `Contact: *` (10.2.2) names no address: the list is empty."""
        return self.headers.read(key.lower(), _addresses)[:]

    def _get_token_list(self, key: str) -> list[str]:
        return [token for value in self.headers.getlist(key) for part in value.split(",") if (token := part.strip())]

    def __bytes__(self) -> bytes:
        return serialise(self)


class Request(_Fields, sipmessage.Request):
    """A request; see `sipmessage.Request`."""

    headers: Headers

    def __init__(self, method: str, uri: sipmessage.URI, body: bytes = b"") -> None:
        super().__init__(method, uri, body)
        self.headers = Headers()


class Response(_Fields, sipmessage.Response):
    """A response; see `sipmessage.Response`."""

    headers: Headers

    def __init__(self, code: int, phrase: str, body: bytes = b"") -> None:
        super().__init__(code, phrase, body)
        self.headers = Headers()


def serialise(message: sipmessage.Message) -> bytes:
    """The bytes to send, with the Content-Length that is right whatever was set. Raises `ValueError` for a line break
    within a value: nothing that people type may begin a header field of its own."""
    if isinstance(message, sipmessage.Request):
        lines = [f"{message.method} {message.uri} SIP/2.0"]
    elif isinstance(message, sipmessage.Response):
        lines = [f"SIP/2.0 {message.code} {message.phrase}"]
    else:
        raise TypeError("neither a request nor a response")
    headers = message.headers
    if isinstance(headers, Headers):
        fields = headers.items()
    else:
        names = headers.keys()
        fields = [(name, value) for name in names for value in headers.getlist(name)]
    lines += [f"{name}: {value}" for name, value in fields if name.lower() != "content-length"]
    lines.append(f"Content-Length: {len(message.body)}")
    text = "\r\n".join(lines)
    if not text.count("\n") == text.count("\r") == len(lines) - 1:
        raise ValueError("a line break within a SIP message's head")
    return f"{text}\r\n\r\n".encode(errors=CHARSET_ERRORS) + message.body


LONG_FORMS: Final[Mapping[str, str]] = COMPACT_FORMS
"""Header names by their compact form, small letters (RFC 3261 7.3.3 and later ones)."""


def _vias(fields: tuple[str, ...]) -> list[sipmessage.Via]:
    return [via for field in fields for via in values.parse_vias(field)]


def _addresses(fields: tuple[str, ...]) -> list[sipmessage.Address]:
    return [address for field in fields if field != "*" for address in values.parse_addresses(field)]


def _address(fields: tuple[str, ...]) -> sipmessage.Address:
    if not fields:
        raise KeyError("the address is missing")
    return values.parse_address(fields[0])


def _media_type(fields: tuple[str, ...]) -> sipmessage.MediaType | None:
    try:
        return values.parse_media_type(fields[0]) if fields else None
    except ValueError:
        return None


def _cseq(fields: tuple[str, ...]) -> sipmessage.CSeq:
    if not fields:
        raise KeyError("CSeq is missing")
    return values.parse_cseq(fields[0])
