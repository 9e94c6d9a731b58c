"""Digest authentication (RFC 3261 22, RFC 7616, RFC 8760; RFC 2617 where the other side is older).

`Authoriser` is who asks, `Verifier` who checks. One realm's nonce is used again, with its count, until it is stale.
"""

from teahouse.calls.sip.digest.asking import Authoriser
from teahouse.calls.sip.digest.challenge import Challenge
from teahouse.calls.sip.digest.checking import Verdict, Verifier
from teahouse.calls.sip.digest.hashing import ALGORITHMS, Secret, answer

__all__ = ["ALGORITHMS", "Authoriser", "Challenge", "Secret", "Verdict", "Verifier", "answer"]
