"""The house's own secrets: 32 random bytes each, made when first needed, kept in the data folder, readable by its owner
only. As a seed, one is an Ed25519 private key (RFC 8032)."""

import os
import secrets
from pathlib import Path

FOLDER = "keys"
BYTES = 32


def house_key(data: Path, name: str) -> bytes:
    """Return the secret of this name. Raises `OSError`, and `ValueError` for a file of another length."""
    file = data / FOLDER / name
    if not file.is_file():
        _make(file)
    key = file.read_bytes()
    if len(key) != BYTES:
        raise ValueError(f"{file} is no key of {BYTES} bytes")
    return key


def _make(file: Path) -> None:
    """Make it whole or not at all, and only if nobody else has meanwhile."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = file.with_suffix(f".{secrets.token_hex(8)}")  # threads of one process may make the same key at once
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(secrets.token_bytes(BYTES))
        opened.flush()
        os.fsync(opened.fileno())
    try:
        os.link(new, file)
    except FileExistsError:
        pass
    finally:
        new.unlink()
