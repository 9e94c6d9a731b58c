"""Carriers' passwords, sealed with a key of the house (AES-256-GCM): a copy of the store gives none of them away."""

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from teahouse.keys import house_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

logger = structlog.get_logger()

KEY: Final = "trunks"
_NONCE_BYTES: Final = 12


def seal(data: Path, trunk: str, password: str) -> bytes:
    """Return what is stored of a trunk's password; of none, nothing. Raises as `house_key`."""
    if not password:
        return b""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + _cipher(data).encrypt(nonce, password.encode(), trunk.encode())


def unseal(data: Path, trunk: str, sealed: bytes) -> str:
    """Return the password; empty where there is none, or where it was sealed with another key (a store that was moved
    without the data folder): then the carrier refuses us, and the operator sees it and sets it anew."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415

    if not sealed:
        return ""
    try:
        return _cipher(data).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], trunk.encode()).decode()
    except InvalidTag:
        logger.error("trunk_password_lost", trunk=trunk, key=KEY)
        return ""


def _cipher(data: Path) -> "AESGCM":
    return _of_key(house_key(data, KEY))


@lru_cache(maxsize=4)
def _of_key(key: bytes) -> "AESGCM":
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    return AESGCM(key)
