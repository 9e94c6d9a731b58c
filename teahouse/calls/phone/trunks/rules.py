"""What a trunk and a number must be like. Pure."""

import ipaddress
import re
from ipaddress import IPv4Network, IPv6Network

from teahouse.calls.phone.trunks.model import TrunkSetup
from teahouse.errors import Conflict, NotFound, Refusal

TRUNKS_MAX = 50
NUMBERS_MAX = 10_000
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")


class NoSuchTrunk(NotFound):
    code = "no_such_trunk"
    title = "There is no such trunk"


class TooManyTrunks(Conflict):
    code = "too_many_trunks"
    title = "There are too many trunks"


class NoSuchNumber(NotFound):
    code = "no_such_number"
    title = "The house does not have this number"


class TooManyNumbers(Conflict):
    code = "too_many_numbers"
    title = "There are too many numbers"


class BadTrunk(Refusal):
    """`fields["field"]` says which part of the setup."""

    code = "bad_trunk"
    title = "A trunk cannot be set up like this"


def must_be_usable(setup: TrunkSetup) -> None:
    """Raises `BadTrunk`."""
    if not setup.name.strip():
        raise BadTrunk("A trunk has a name.", field="name")
    must_be_host(setup.host, "host")
    if setup.domain:
        must_be_host(setup.domain, "domain")
    if any(ord(each) < 0x21 or each in '"<>@:;\\' or ord(each) > 0x7E for each in setup.user):
        raise BadTrunk('A user name has no spaces and none of "<>@:;\\ in it.', field="user")
    if setup.register and not setup.user:
        raise BadTrunk("Who registers needs a user name.", field="user")
    if 0 < setup.session_expires_s < 90:
        raise BadTrunk(
            "A session lasts 90 seconds at least (RFC 4028), or 0: no session timer.", field="session_expires_s"
        )
    networks_of(setup)


def must_be_host(text: str, field: str) -> None:
    """A name of DNS, an IPv4 address, or an IPv6 address (in brackets or not). Raises `BadTrunk`."""
    bare = text.removeprefix("[").removesuffix("]")
    if ":" in text or text.startswith("[") or text.endswith("]"):
        try:
            ipaddress.IPv6Address(bare)
        except ValueError:
            raise BadTrunk("This is no host: the port has a field of its own.", field=field) from None
        if text.startswith("[") != text.endswith("]"):
            raise BadTrunk("A bracket is missing.", field=field)
        return
    labels = text.removesuffix(".").split(".")
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise BadTrunk("This is no name of a host.", field=field)
    if labels[-1].isdigit():
        try:
            ipaddress.IPv4Address(text)
        except ValueError:
            raise BadTrunk("This is no address.", field=field) from None


def networks_of(setup: TrunkSetup) -> tuple[IPv4Network | IPv6Network, ...]:
    """Raises `BadTrunk`."""
    found: list[IPv4Network | IPv6Network] = []
    for each in setup.networks:
        try:
            network = ipaddress.ip_network(each.strip(), strict=False)
        except ValueError:
            raise BadTrunk(f"This is no network: {each}", field="networks") from None
        if not network.prefixlen:
            raise BadTrunk("Not everybody is the carrier: name its networks.", field="networks")
        found.append(network)
    return tuple(found)
