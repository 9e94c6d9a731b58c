"""Whether an address is on the public internet. People choose whom the house calls (push services, pages to preview),
and without this it could be made to call its neighbours."""

import ipaddress

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""IPv4 as an IPv6-only network reaches it (RFC 6052)."""
UNICAST = ipaddress.ip_network("2000::/3")
"""All of IPv6 that is routed in public so far."""
SPECIAL = tuple(
    ipaddress.ip_network(each)
    for each in (
        "2001::/23",  # protocol assignments, Teredo among them (RFC 2928, RFC 4380): an IPv4 address may hide in it
        "2002::/16",  # 6to4 (RFC 3056): the same
        "3fff::/20",  # documentation (RFC 9637)
        "192.0.0.0/24",  # protocol assignments (RFC 6890)
        "192.88.99.0/24",  # 6to4 relays (RFC 7526)
    )
)


def is_public(address: str) -> bool:
    """Whether an address (without a zone, as text) is one of the public internet, so that anybody could call it.

    Not: this machine, private and shared networks, link-local ones (the metadata service of clouds among them),
    multicast, documentation, what is reserved; nor any of these inside an IPv6 address.
    """
    try:
        parsed: _Address = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            parsed = parsed.ipv4_mapped
        elif parsed in NAT64:
            parsed = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        elif parsed.scope_id is not None or parsed not in UNICAST:
            return False
    return (
        parsed.is_global
        and not parsed.is_multicast
        and not parsed.is_reserved
        and not any(parsed.version == network.version and parsed in network for network in SPECIAL)
    )
