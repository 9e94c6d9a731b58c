"""WWW-Authenticate, Authorization and their kin as text (RFC 3261 20.7, 20.44; RFC 9110 11.4)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sipmessage import Response

from teahouse.calls.sip.digest.hashing import hash_of
from teahouse.calls.sip.message.values import TOKEN

CHALLENGES_MAX: Final = 16
"""Challenges of one response that are looked at."""

_PARAMETER = re.compile(rf'({TOKEN})[ \t]*+=[ \t]*+(?:"((?:[^"\\]++|\\.)*+)"|([^\s,"]++))[ \t]*+', re.DOTALL)
_SCHEME = re.compile(rf"({TOKEN})(?:[ \t]++|$)")
_BETWEEN = re.compile(r"[ \t,]*+")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)

Parameters = dict[str, str]


def parse_credentials(value: str) -> list[tuple[str, Parameters]]:
    """Schemes (small letters) with their parameters, unquoted. What cannot be read ends the list."""
    found: list[tuple[str, Parameters]] = []
    at = _end(_BETWEEN, value, 0)
    while at < len(value):
        if (parameter := _PARAMETER.match(value, at)) and found:
            name, quoted, token = parameter.groups()
            found[-1][1].setdefault(name.lower(), _ESCAPED.sub(r"\1", quoted) if token is None else token)
            at = parameter.end()
            if at < len(value) and value[at] != ",":
                break
        elif scheme := _SCHEME.match(value, at):
            found.append((scheme[1].lower(), {}))
            at = scheme.end()
        else:
            break
        at = _end(_BETWEEN, value, at)
    return found


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def write(pairs: Iterable[tuple[str, str]]) -> str:
    """A Digest header's value of parameters as they stand."""
    return "Digest " + ", ".join(f"{name}={value}" for name, value in pairs)


@dataclass(frozen=True)
class Challenge:
    """A Digest challenge; other schemes are none."""

    realm: str
    nonce: str
    is_proxy: bool = False
    """It came by Proxy-Authenticate."""
    algorithm: str = ""
    """As it was written; empty: not said, and MD5 is meant."""
    qop: tuple[str, ...] = ()
    """In small letters; empty: RFC 2069's way, without count and cnonce."""
    opaque: str | None = None
    is_stale: bool = False
    wants_user_hash: bool = False

    @classmethod
    def parse_all(cls, response: Response) -> list["Challenge"]:
        """In their order, first WWW-Authenticate's; without those that lack a realm or a nonce. Never raises."""
        challenges = [
            cls._of(parameters, is_proxy)
            for is_proxy, header in ((False, "WWW-Authenticate"), (True, "Proxy-Authenticate"))
            for value in response.headers.getlist(header)
            for scheme, parameters in parse_credentials(value)
            if scheme == "digest" and "realm" in parameters and parameters.get("nonce")
        ]
        return challenges[:CHALLENGES_MAX]

    @classmethod
    def _of(cls, parameters: Parameters, is_proxy: bool) -> "Challenge":
        return cls(
            realm=parameters["realm"],
            nonce=parameters["nonce"],
            is_proxy=is_proxy,
            algorithm=parameters.get("algorithm", ""),
            qop=tuple(word for part in parameters.get("qop", "").split(",") if (word := part.strip().lower())),
            opaque=parameters.get("opaque"),
            is_stale=parameters.get("stale", "").lower() == "true",
            wants_user_hash=parameters.get("userhash", "").lower() == "true",
        )

    @property
    def can_be_answered(self) -> bool:
        """Its algorithm is known, and so is a quality of protection that it offers."""
        known = hash_of(self.algorithm or "MD5") is not None
        return known and (not self.qop or "auth" in self.qop or "auth-int" in self.qop)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
