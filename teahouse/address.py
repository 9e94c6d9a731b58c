"""Where a request comes from."""

import ipaddress
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from teahouse.config import Settings

HOPS_MAX = 20


@lru_cache(maxsize=8)
def _networks(proxies: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(each.strip(), strict=False) for each in proxies.split(",") if each.strip())


def _is_proxy(address: str, proxies: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in _networks(proxies))


def client_address(scope: Mapping[str, Any], settings: Settings) -> str:
    """Return the address of the client of an ASGI scope (HTTP or WebSocket).

    `X-Forwarded-For` is believed only as far as the proxies that the settings name wrote it: from the right, the
    first address that is not one of them. What a client wrote further left is not looked at.
    """
    client = scope.get("client")
    address = str(client[0]) if client else ""
    if not _is_proxy(address, settings.proxies):
        return address
    written = b",".join(value for name, value in scope.get("headers", ()) if name == b"x-forwarded-for")
    for hop in reversed(written.decode("latin-1").split(",")[-HOPS_MAX:]):
        try:
            address = str(ipaddress.ip_address(hop.strip()))
        except ValueError:
            return address
        if not _is_proxy(address, settings.proxies):
            return address
    return address
