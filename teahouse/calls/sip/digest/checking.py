"""Who asks for a password: the side of the carrier."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal

from sipmessage import Request

from teahouse.calls.sip.digest.challenge import Parameters, parse_credentials, quoted, write
from teahouse.calls.sip.digest.hashing import Secret, answer
from teahouse.calls.sip.message.values import parse_uri

NONCE_LIVES_S: Final = 300.0
NONCES_MAX: Final = 10_000
"""Nonces whose counts are remembered; beyond that the oldest are stale before their time."""

Verdict = Literal["ok", "stale", "no"]


class Verifier:
    """Makes challenges for one realm, and checks what comes back. A nonce tells its own age; only counts are kept."""

    def __init__(
        self,
        realm: str,
        passwords: Mapping[str, str],
        algorithms: Sequence[str] = ("SHA-256", "MD5"),
        *,
        qop: Sequence[str] = ("auth",),
        lives_s: float = NONCE_LIVES_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._realm = realm
        self._passwords = passwords
        self._algorithms = algorithms
        self._qop = qop
        self._lives_s = lives_s
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._counts: dict[str, int] = {}
        self._issued_after = float("-inf")

    def challenge(self, *, stale: bool = False, proxy: bool = False) -> list[tuple[str, str]]:
        """The headers of a 401, or of a 407: one for each algorithm, the preferred first (RFC 8760 2.3)."""
        pairs = [("realm", quoted(self._realm)), ("nonce", quoted(self._nonce()))]
        if self._qop:
            pairs.append(("qop", quoted(",".join(self._qop))))
        if stale:
            pairs.append(("stale", "true"))
        name = "Proxy-Authenticate" if proxy else "WWW-Authenticate"
        return [(name, write([*pairs, ("algorithm", algorithm)])) for algorithm in self._algorithms]

    def verify(self, request: Request, *, proxy: bool = False) -> Verdict:
        """`stale`: the password is right, the nonce is too old or its count was used; `challenge(stale=True)` again."""
        for value in request.headers.getlist("Proxy-Authorization" if proxy else "Authorization"):
            for scheme, parameters in parse_credentials(value):
                if scheme == "digest" and parameters.get("realm") == self._realm:
                    return self._check(request, parameters)
        return "no"

    def _check(self, request: Request, said: Parameters) -> Verdict:
        nonce, issued = said.get("nonce", ""), self._issued(said.get("nonce", ""))
        if issued is None or not self._is_right(request, said):
            return "no"
        count = int(said["nc"], 16) if self._qop else 0
        is_old = issued <= self._issued_after or issued + self._lives_s <= self._clock()
        if is_old or (self._qop and count <= self._counts.get(nonce, 0)):
            return "stale"
        self._remember(nonce, count)
        return "ok"

    def _is_right(self, request: Request, said: Parameters) -> bool:
        algorithm, qop, count = said.get("algorithm", "MD5"), said.get("qop", ""), said.get("nc", "")
        password = self._passwords.get(said.get("username", ""))
        if password is None or algorithm.lower() not in {known.lower() for known in self._algorithms}:
            return False
        if qop not in (self._qop or ("",)) or (qop and not _is_count(count)):
            return False
        try:
            if parse_uri(said.get("uri", "")) != parse_uri(str(request.uri)):
                return False
        except ValueError:
            return False
        right = answer(
            Secret(said["username"], password),
            algorithm=algorithm,
            realm=self._realm,
            nonce=said["nonce"],
            method=request.method,
            uri=said["uri"],
            qop=qop,
            count=count,
            cnonce=said.get("cnonce", ""),
            body=request.body,
        )
        return hmac.compare_digest(right.encode(), said.get("response", "").lower().encode(errors="replace"))

    def _remember(self, nonce: str, count: int) -> None:
        self._counts.pop(nonce, None)
        self._counts[nonce] = count
        if len(self._counts) > NONCES_MAX:
            oldest = next(iter(self._counts))
            del self._counts[oldest]
            self._issued_after = max(self._issued_after, self._issued(oldest) or self._issued_after)

    def _nonce(self) -> str:
        text = f"{self._clock().hex()}_{secrets.token_hex(8)}"
        return f"{text}_{self._mac(text)}"

    def _issued(self, nonce: str) -> float | None:
        """When it was made, None for one that is not ours."""
        text, _, mac = nonce.rpartition("_")
        if not hmac.compare_digest(mac.encode(errors="replace"), self._mac(text).encode()):
            return None
        return float.fromhex(text.partition("_")[0])

    def _mac(self, text: str) -> str:
        return hmac.new(self._key, text.encode(errors="replace"), hashlib.sha256).hexdigest()[:32]


def _is_count(text: str) -> bool:
    return len(text) == 8 and all(character in "0123456789abcdefABCDEF" for character in text)
