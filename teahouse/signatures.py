"""HTTP Message Signatures (RFC 9421) with Ed25519, and Content-Digest (RFC 9530): how the house and the servers that
it speaks with know each other.

A request is signed over its method, address, type and digest; an answer over its status, type and digest, and over the
signature of the request that it answers, so that it is good for nothing else. `tag` says what a signature is for.
"""

import base64
import hashlib
import secrets
from collections.abc import MutableMapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from teahouse import clock

LABEL: Final = "teahouse"
"""Of the house's own signatures, within `Signature` and `Signature-Input`."""
LIVES: Final = timedelta(seconds=60)
"""How long a signature is good for."""
SKEW: Final = timedelta(seconds=60)
"""How far the other side's clock may be off."""
REQUEST_COVERS: Final = ("@method", "@authority", "@path", "@query", "content-type", "content-digest")
ANSWER_COVERS: Final = (
    "@status",
    "content-type",
    "content-digest",
    '"@method";req',
    '"@authority";req',
    '"@path";req',
    f'"signature";req;key="{LABEL}"',
)


class NotTrusted(Exception):
    """A message without a signature that is good: by this key, for this use, of now."""


class Request(msgspec.Struct):
    """A request as it is signed. `url` is the one that the other side knows; signing adds to `headers`."""

    method: str
    url: str
    headers: dict[str, str]


class Answer(msgspec.Struct):
    """An answer, and the request (with its signature) that it answers."""

    status_code: int
    headers: MutableMapping[str, str]
    request: Request


class SigningKey:
    """An Ed25519 key of ours, made of 32 secret bytes."""

    def __init__(self, seed: bytes) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - heavy

        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        raw = self._private.public_key().public_bytes_raw()
        self.public = base64.b64encode(raw).decode()
        """Raw (RFC 8032), base64."""
        self.id = key_id(raw)

    def sign(self, request: Request, body: bytes, tag: str) -> None:
        """Add `Content-Digest`, `Signature-Input` and `Signature` to a request's headers.

        Raises `ValueError` for what cannot be signed: a URL that is none.
        """
        self._sign(request, body, tag, REQUEST_COVERS, LABEL)

    def sign_answer(self, answer: Answer, body: bytes, tag: str, label: str = LABEL) -> None:
        """As `sign`; the answer's headers must be a dict."""
        self._sign(answer, body, tag, ANSWER_COVERS, label)

    def _sign(self, message: Request | Answer, body: bytes, tag: str, covers: tuple[str, ...], label: str) -> None:
        from http_message_signatures import (  # noqa: PLC0415 - heavy
            HTTPMessageSignaturesException,
            HTTPMessageSigner,
            algorithms,
        )

        now = datetime.fromtimestamp(clock.now_ms() / 1000).astimezone()
        try:
            # Not `sign`, which works everything out twice.
            prepared = HTTPMessageSigner(signature_algorithm=algorithms.ED25519).prepare(
                message,
                key_id=self.id,
                created=now,
                expires=now + LIVES,
                nonce=secrets.token_urlsafe(18),
                label=label,
                tag=tag,
                covered_component_ids=covers,
                body=body,
            )
        except HTTPMessageSignaturesException as error:
            raise ValueError(str(error)) from None
        signature = base64.b64encode(self._private.sign(prepared.signature_base)).decode()
        message.headers["Signature-Input"] = f"{label}={prepared.signature_params}"
        message.headers["Signature"] = f"{label}=:{signature}:"


def key_id(public: bytes) -> str:
    """Return how a key (raw) is named: the first 16 characters of its SHA-256 in base64url."""
    return base64.urlsafe_b64encode(hashlib.sha256(public).digest())[:16].decode()


def public_key(text: str) -> bytes:
    """Return the raw bytes of an Ed25519 key in base64. Raises `ValueError`."""
    raw = base64.b64decode(text, validate=True)
    if len(raw) != 32:
        raise ValueError("an Ed25519 key has 32 bytes")
    return raw


def verify(message: Request | Answer, body: bytes, tag: str, public: str, named: str = "") -> str:
    """Return the nonce of a message that is signed with this public key (under this key id, if one is given).

    Whoever takes requests must refuse a nonce that came before; an answer needs none, for it names its request.
    Raises `NotTrusted`.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415
    from http_message_signatures import (  # noqa: PLC0415
        HTTPMessageSignaturesException,
        HTTPMessageVerifier,
        MappingKeyResolver,
        algorithms,
    )

    try:
        raw = public_key(public)
        key = Ed25519PublicKey.from_public_bytes(raw)
        verifier = HTTPMessageVerifier(
            signature_algorithm=algorithms.ED25519,
            key_resolver=MappingKeyResolver(public_keys={named or key_id(raw): key}, private_keys={}),
        )
        verifier.max_clock_skew = SKEW
        found: list[Any] = verifier.verify(
            message,
            max_age=LIVES,
            expect_tag=tag,
            require_components=REQUEST_COVERS if isinstance(message, Request) else ANSWER_COVERS,
            body=body,
        )
    except (HTTPMessageSignaturesException, ValueError) as error:
        raise NotTrusted(str(error)) from None
    if len(found) != 1:
        raise NotTrusted("more than one signature for the same use")
    return found[0].nonce or ""
