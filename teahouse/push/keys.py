"""The house's VAPID key (RFC 8292): made once, kept in the data folder, readable by its owner only."""

import base64
import os
from pathlib import Path

PRIVATE = "vapid.pem"
PUBLIC = "vapid.pub"


def public_key(folder: Path) -> str:
    """Return the public key as browsers want it (an uncompressed P-256 point, base64url). Makes the pair when new."""
    public = folder / PUBLIC
    if not public.is_file():
        _make(folder)
    return public.read_text("ascii").strip()


def private_key_file(folder: Path) -> Path:
    return folder / PRIVATE


def _make(folder: Path) -> None:
    # Imported only when a house is new: it costs a tenth of a second.
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    point = key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    with open(os.open(folder / PRIVATE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(pem)
    (folder / PUBLIC).write_text(base64.urlsafe_b64encode(point).rstrip(b"=").decode(), "ascii")
