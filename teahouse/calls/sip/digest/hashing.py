"""The sums of digest authentication (RFC 7616 3.4)."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _sha512_256(data: bytes) -> str:
    return hashlib.new("sha512_256", data).hexdigest()


ALGORITHMS: Final[dict[str, Callable[[bytes], str]]] = {
    "sha-512-256": _sha512_256,
    "sha-256": _sha256,
    "md5": _md5,
}
"""By name in small letters, the strongest first; each may have `-sess` behind it."""
if "sha512_256" not in hashlib.algorithms_available:
    del ALGORITHMS["sha-512-256"]

SESSION: Final = "-sess"


@dataclass(frozen=True)
class Secret:
    user: str
    password: str = field(repr=False)


def hash_of(algorithm: str) -> Callable[[bytes], str] | None:
    """The sum that an algorithm's name means, None for an unknown one."""
    return ALGORITHMS.get(algorithm.lower().removesuffix(SESSION))


def answer(
    secret: Secret,
    *,
    algorithm: str,
    realm: str,
    nonce: str,
    method: str,
    uri: str,
    qop: str = "",
    count: str = "",
    cnonce: str = "",
    body: bytes = b"",
) -> str:
    """The `response` parameter. `count` is `nc`, eight hex digits. Raises `ValueError` for an unknown algorithm."""
    digest = hash_of(algorithm)
    if digest is None:
        raise ValueError("an unknown algorithm")

    def h(*parts: str) -> str:
        return digest(":".join(parts).encode(errors="surrogateescape"))

    key = h(secret.user, realm, secret.password)
    if algorithm.lower().endswith(SESSION):
        key = h(key, nonce, cnonce)
    what = h(method, uri, digest(body)) if qop == "auth-int" else h(method, uri)
    return h(key, nonce, count, cnonce, qop, what) if qop else h(key, nonce, what)
