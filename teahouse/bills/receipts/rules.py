"""A receipt's token: the payment's id, and a tag that only this house can make. Pure."""

import base64
from hashlib import sha256
from hmac import compare_digest, digest

from teahouse.errors import Conflict, NotFound

ID_LENGTH = 16
TAG_LENGTH = 16
"""Base32 characters: 80 bits."""
PATH = "/v/"


class NoSuchReceipt(NotFound):
    code = "no_such_receipt"
    title = "This house made no such receipt"


class NotPaid(Conflict):
    code = "not_paid"
    title = "There is a receipt once the bill is paid"


def token_of(key: bytes, payment: str) -> str:
    return payment + _tag(key, payment)


def payment_in(key: bytes, token: str) -> str:
    """Return the payment of a token. Raises `NoSuchReceipt` for a forged one."""
    payment, tag = token[:ID_LENGTH], token[ID_LENGTH:]
    if not token.isascii() or not compare_digest(tag, _tag(key, payment)):
        raise NoSuchReceipt()
    return payment


def _tag(key: bytes, payment: str) -> str:
    made = digest(key, f"receipt {payment}".encode(), sha256)
    return base64.b32encode(made).decode().lower()[:TAG_LENGTH]
