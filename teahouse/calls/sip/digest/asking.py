"""Who answers challenges: one user of one carrier."""

import dataclasses
import secrets
from dataclasses import dataclass, field
from typing import Final

from sipmessage import Request, Response

from teahouse.calls.sip.digest.challenge import Challenge, parse_credentials, quoted, write
from teahouse.calls.sip.digest.hashing import ALGORITHMS, SESSION, Secret, answer, hash_of

REALMS_MAX: Final = 8
"""Realms whose nonces are remembered."""
_NOT_PROOF: Final = frozenset({100, 401, 403, 407})
"""Answers that do not show that the password was right."""

_Where = tuple[bool, str]
"""By a proxy or not, and the realm."""


@dataclass
class _Session:
    """A nonce in use."""

    challenge: Challenge
    cnonce: str = field(default_factory=lambda: secrets.token_hex(8))
    count: int = 0
    is_proved: bool = False
    """The password was right with a nonce of this realm."""
    was_stale: bool = False
    """It replaced a stale one, and nothing was accepted since."""


class Authoriser:
    """Signs the requests of one user, and learns from each answer.

    `sign` every request before it is sent; give every final answer to `heard`, which says whether to send the request
    again (with a new CSeq and branch, signed anew). ACK carries its INVITE's headers (22.1), CANCEL none.
    """

    def __init__(self, user: str, password: str) -> None:
        self._secret = Secret(user, password)
        self._sessions: dict[_Where, _Session] = {}

    def sign(self, request: Request) -> None:
        """Set Authorization and Proxy-Authorization for every realm known so far; none: the request stays bare."""
        request.headers.remove("Authorization")
        request.headers.remove("Proxy-Authorization")
        for name, value in self.credentials(request.method, str(request.uri), request.body):
            request.headers.add(name, value)

    def credentials(self, method: str, uri: str, body: bytes = b"") -> list[tuple[str, str]]:
        """Header names and values; each call counts as one use of the nonces."""
        return [
            ("Proxy-Authorization" if is_proxy else "Authorization", self._answer(session, method, uri, body))
            for (is_proxy, _), session in self._sessions.items()
        ]

    def heard(self, request: Request, response: Response) -> bool:
        """Whether the request should be sent again. False with 401 or 407: the password is wrong, or none of the
        algorithms is known; that realm's nonce is forgotten."""
        used = _nonces_used(request)
        if response.code not in (401, 407):
            self._learn(used, response)
            return False
        chosen = _strongest(Challenge.parse_all(response))
        worth = [self._consider(where, challenge, used.get(where)) for where, challenge in chosen.items()]
        return bool(worth) and all(worth)

    def _consider(self, where: _Where, challenge: Challenge, used: str | None) -> bool:
        session = self._sessions.get(where)
        if used is None:
            self._take(where, challenge)
            return True
        if session is not None and challenge.nonce != used:
            if challenge.is_stale and session.challenge.nonce != used:
                return True  # Another request has brought the new nonce already.
            if session.is_proved or (challenge.is_stale and not session.was_stale):
                self._take(where, challenge, was_stale=True)
                return True
        self._sessions.pop(where, None)
        return False

    def _take(self, where: _Where, challenge: Challenge, was_stale: bool = False) -> None:
        self._sessions.pop(where, None)
        self._sessions[where] = _Session(challenge, was_stale=was_stale)
        while len(self._sessions) > REALMS_MAX:
            del self._sessions[next(iter(self._sessions))]

    def _learn(self, used: dict[_Where, str], response: Response) -> None:
        for where, nonce in used.items():
            session = self._sessions.get(where)
            if session is None or session.challenge.nonce != nonce or response.code in _NOT_PROOF:
                continue
            session.is_proved, session.was_stale = True, False
            info = response.headers.get("Proxy-Authentication-Info" if where[0] else "Authentication-Info") or ""
            for _, parameters in parse_credentials(f"Digest {info}"):
                if following := parameters.get("nextnonce"):
                    challenge = dataclasses.replace(session.challenge, nonce=following)
                    self._sessions[where] = _Session(challenge, is_proved=True)

    def _answer(self, session: _Session, method: str, uri: str, body: bytes) -> str:
        session.count += 1
        challenge, secret = session.challenge, self._secret
        algorithm = challenge.algorithm or "MD5"
        qop = "" if not challenge.qop else "auth" if "auth" in challenge.qop else "auth-int"
        count = f"{session.count:08x}"
        response = answer(
            secret,
            algorithm=algorithm,
            realm=challenge.realm,
            nonce=challenge.nonce,
            method=method,
            uri=uri,
            qop=qop,
            count=count,
            cnonce=session.cnonce,
            body=body,
        )
        pairs = [
            ("username", quoted(self._user(challenge, algorithm))),
            ("realm", quoted(challenge.realm)),
            ("nonce", quoted(challenge.nonce)),
            ("uri", quoted(uri)),
            ("response", quoted(response)),
        ]
        if challenge.algorithm:
            pairs.append(("algorithm", algorithm))
        if qop:
            pairs += [("qop", qop), ("nc", count)]
        if qop or algorithm.lower().endswith(SESSION):
            pairs.append(("cnonce", quoted(session.cnonce)))
        if challenge.opaque is not None:
            pairs.append(("opaque", quoted(challenge.opaque)))
        if challenge.wants_user_hash:
            pairs.append(("userhash", "true"))
        return write(pairs)

    def _user(self, challenge: Challenge, algorithm: str) -> str:
        digest = hash_of(algorithm)
        if not challenge.wants_user_hash or digest is None:
            return self._secret.user
        return digest(f"{self._secret.user}:{challenge.realm}".encode())


def _strongest(challenges: list[Challenge]) -> dict[_Where, Challenge]:
    """One challenge a realm; of two as strong, the first."""
    order = list(ALGORITHMS)
    chosen: dict[_Where, Challenge] = {}
    for challenge in challenges:
        if challenge.can_be_answered:
            where = (challenge.is_proxy, challenge.realm)
            if where not in chosen or _rank(order, challenge) < _rank(order, chosen[where]):
                chosen[where] = challenge
    return chosen


def _rank(order: list[str], challenge: Challenge) -> int:
    return order.index((challenge.algorithm or "MD5").lower().removesuffix(SESSION))


def _nonces_used(request: Request) -> dict[_Where, str]:
    return {
        (is_proxy, parameters["realm"]): parameters["nonce"]
        for is_proxy, header in ((False, "Authorization"), (True, "Proxy-Authorization"))
        for value in request.headers.getlist(header)
        for scheme, parameters in parse_credentials(value)
        if scheme == "digest" and "realm" in parameters and "nonce" in parameters
    }
