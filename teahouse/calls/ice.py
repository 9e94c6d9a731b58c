"""STUN and TURN servers for browsers, with credentials that end by themselves (coturn's REST scheme).

The scheme is draft-uberti-behave-turn-rest-00: the user name is `<Unix seconds of its end>:<name>`, the password
base64(HMAC-SHA1(secret, user name)). The TURN server knows the secret, so the house need not tell it of anybody.
"""

import base64
import hashlib
import hmac
from typing import Final

import msgspec

from teahouse.config import Settings

HOURS_MAX: Final = 168
URLS_MAX: Final = 8
SCHEMES: Final = {"stun": ("stun:", "stuns:"), "turn": ("turn:", "turns:")}


class IceServer(msgspec.Struct, frozen=True, omit_defaults=True):
    """An `RTCIceServer` of WebRTC."""

    urls: list[str]
    username: str = ""
    credential: str = ""


class IceServers(msgspec.Struct, frozen=True):
    servers: list[IceServer]
    """Empty: calls work within one network."""
    until: int
    """Unix ms when the credentials end; ask again before."""


def ice_servers(settings: Settings, person: str, now_ms: int) -> IceServers:
    """What a person's browser may use from now on, for `turn_hours`.

    Raises `ValueError` when a setting holds what is no STUN or TURN URL.
    """
    hours = min(max(settings.turn_hours, 1), HOURS_MAX)
    until_s = now_ms // 1000 + hours * 3600
    servers = []
    if stun := urls_of(settings.stun_urls, "stun"):
        servers.append(IceServer(stun))
    turn = urls_of(settings.turn_urls, "turn")
    if turn and settings.turn_secret:
        username = f"{until_s}:{opaque(settings.turn_secret, person)}"
        servers.append(IceServer(turn, username, password(settings.turn_secret, username)))
    return IceServers(servers, until_s * 1000)


def urls_of(setting: str, kind: str) -> list[str]:
    """The URLs (RFC 7064, RFC 7065) of a setting. Raises `ValueError` for another scheme or too many."""
    urls = [url.strip() for url in setting.split(",") if url.strip()]
    for url in urls:
        if not url.startswith(SCHEMES[kind]) or "//" in url:
            raise ValueError(f"{kind}_urls: `{url}` does not look like {kind}:host:3478")
    if len(urls) > URLS_MAX:
        raise ValueError(f"{kind}_urls: more than {URLS_MAX}")
    return urls


def opaque(secret: str, person: str) -> str:
    """A person's name at the TURN server: always the same, so that its quotas hold, and it tells its logs nothing."""
    return hmac.new(secret.encode(), b"turn name of " + person.encode(), hashlib.sha256).hexdigest()[:24]


def password(secret: str, username: str) -> str:
    # SHA-1 is what the scheme asks for; as an HMAC it is unbroken.
    return base64.b64encode(hmac.digest(secret.encode(), username.encode(), "sha1")).decode()
