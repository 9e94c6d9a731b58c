"""Who asks, and who answers: HTTP Message Signatures (RFC 9421) with the library `http-message-signatures`."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    InvalidSignature,
    MappingKeyResolver,
    algorithms,
)

TAG = "teahouse-biller"
GOOD_FOR = timedelta(seconds=60)
CLOCKS_DIFFER = timedelta(seconds=60)
REQUEST_COVERS = ("@method", "@authority", "@path", "@query", "content-type", "content-digest")
ANSWER_COVERS = (
    "@status",
    "content-type",
    "content-digest",
    '"@method";req',
    '"@authority";req',
    '"@path";req',
    '"signature";req;key="teahouse"',
)


@dataclass
class Asked:
    """A request, as the library wants to see one."""

    method: str
    url: str
    headers: Mapping[str, str]


@dataclass
class Answered:
    status_code: int
    headers: dict[str, str]
    request: Asked


def key_id(public: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(public).digest())[:16].decode()


class Signing:
    def __init__(self, ours: Ed25519PrivateKey, house: bytes) -> None:
        """`house`: the house's public key, as `GET /api/v1/house-key` shows it (there in base64)."""
        self.ours = ours
        self.house = house
        public = Ed25519PublicKey.from_public_bytes(house)
        self._verifier = HTTPMessageVerifier(
            signature_algorithm=algorithms.ED25519,
            key_resolver=MappingKeyResolver(public_keys={key_id(house): public}, private_keys={}),
        )
        self._verifier.max_clock_skew = CLOCKS_DIFFER

    def check(self, asked: Asked, body: bytes) -> str:
        """Return the request's nonce, which must be refused when it comes again. Raises `InvalidSignature`."""
        results = self._verifier.verify(
            asked, body=body, max_age=GOOD_FOR, expect_tag=TAG, require_components=REQUEST_COVERS
        )
        if len(results) != 1 or not results[0].nonce:
            raise InvalidSignature("one signature, with a nonce")
        return results[0].nonce

    def sign(self, answered: Answered, body: bytes, created: datetime | None = None) -> None:
        """Add the signature to the answer's headers. It names the request's, so it is good for no other request."""
        created = created or datetime.now(UTC)
        public = self.ours.public_key().public_bytes_raw()
        HTTPMessageSigner(
            signature_algorithm=algorithms.ED25519,
            key_resolver=MappingKeyResolver(public_keys={}, private_keys={key_id(public): self.ours}),
        ).sign(
            answered,
            key_id=key_id(public),
            created=created,
            expires=created + GOOD_FOR,
            tag=TAG,
            label="biller",
            covered_component_ids=ANSWER_COVERS,
            body=body,
        )
