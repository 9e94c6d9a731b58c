"""Numeric addresses."""

from ipaddress import ip_address


def plain(host: str) -> str:
    """Without the brackets of a URI."""
    return host.removeprefix("[").removesuffix("]")


def is_numeric(host: str) -> bool:
    try:
        ip_address(plain(host))
    except ValueError:
        return False
    return True
