"""Who calls, in SIP's words: From, P-Asserted-Identity (RFC 3325) and Privacy (RFC 3323)."""

import re
from typing import Final

from sipmessage import URI, Address, Request

from teahouse.calls.sip.causes import printable
from teahouse.calls.sip.message import Parameters, UriParameters, parse_addresses
from teahouse.calls.sip.model import Caller

NAME_MAX: Final = 64
ANONYMOUS: Final = "anonymous"

_DIALABLE = re.compile(r"[+0-9A-Za-z*#][0-9A-Za-z*#_.\-]{0,63}")
_SEPARATORS = re.compile(r"[-.()]")


def is_dialable(user: str) -> bool:
    """Whether it may be the user part of a URI: digits and such, so that nobody slips a field or a host into it."""
    return _DIALABLE.fullmatch(user) is not None


def in_brackets(host: str) -> str:
    """An IPv6 address as URIs write it."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def sip_uri(user: str, host: str, port: int = 0, transport: str = "") -> URI:
    parameters = UriParameters({"transport": transport} if transport else {})
    return URI("sip", in_brackets(host), user or None, None, port or None, parameters)


def from_field(caller: Caller, domain: str, tag: str) -> str:
    """From of a call."""
    parameters = Parameters({"tag": tag})
    if caller.private or not is_dialable(caller.number):
        return str(Address(sip_uri(ANONYMOUS, "anonymous.invalid"), "Anonymous", parameters))
    name = printable(caller.name)[:NAME_MAX]
    return str(Address(sip_uri(caller.number, domain), name, parameters))


def identity_fields(caller: Caller, domain: str) -> list[tuple[str, str]]:
    """P-Asserted-Identity with the number, and Privacy where it must not be shown."""
    fields = []
    if is_dialable(caller.number):
        fields.append(("P-Asserted-Identity", str(Address(sip_uri(caller.number, domain)))))
    if caller.private:
        fields.append(("Privacy", "id"))
    return fields


def caller_of(request: Request) -> Caller:
    """Who calls us, by P-Asserted-Identity, else by From."""
    identities = []
    for value in request.headers.getlist("P-Asserted-Identity"):
        try:
            identities += parse_addresses(value)
        except ValueError:
            continue  # it is not worth a call
    shown = request.from_address
    numbers = [number for each in [*identities, shown] if (number := _number_of(each.uri))]
    privacy = {word.strip().lower() for word in (request.headers.get("Privacy") or "").split(";")}
    private = bool(privacy & {"id", "user", "header"}) or _is_anonymous(shown)
    names = [name for each in [*identities, shown] if (name := printable(each.name)[:NAME_MAX])]
    return Caller(numbers[0] if numbers else "", "" if private or not names else names[0], private)


def _number_of(uri: URI) -> str:
    user = uri.user or ""
    if uri.scheme not in ("sip", "sips", "tel") or user.lower() == ANONYMOUS:
        return ""
    user = user.partition(";")[0]
    plain = _SEPARATORS.sub("", user)
    user = plain if plain.lstrip("+").isdecimal() else user
    return user if is_dialable(user) else ""


def _is_anonymous(address: Address) -> bool:
    return (address.uri.user or "").lower() == ANONYMOUS or address.uri.host.lower() == "anonymous.invalid"
