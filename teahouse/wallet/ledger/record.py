"""A transfer's record: the 112 bytes that are stored and hashed. `docs/ledger.md` says it for other programs.

The hash of a transfer is SHA-256 over the hash of the one before (of the first: 32 zero bytes), this record, and its
key in UTF-8.
"""

from hashlib import sha256
from struct import Struct
from typing import Final

from teahouse.wallet.ledger.model import Transfer

FORMAT: Final = Struct("<9Q2qBBHI16s")
"""Little-endian: number, at, debit, credit, amount, refers, expires_at, debit_before, credit_before (unsigned 64),
debit_balance, credit_balance (signed 64), kind, version, purpose, currency (8, 8, 16, 32), subject (ASCII,
filled with zeros)."""
SIZE: Final = 112
VERSION: Final = 1
NO_HASH: Final = bytes(32)
assert FORMAT.size == SIZE


def read(record: bytes) -> Transfer:
    """Raises `struct.error` when it is no record."""
    fields = list(FORMAT.unpack(record))
    del fields[12]  # the version
    fields[-1] = fields[-1].rstrip(b"\0").decode("ascii", "replace")
    return Transfer(*fields)


def write(transfer: Transfer) -> bytes:
    t = transfer
    return FORMAT.pack(
        t.number,
        t.at,
        t.debit,
        t.credit,
        t.amount,
        t.refers,
        t.expires_at,
        t.debit_before,
        t.credit_before,
        t.debit_balance,
        t.credit_balance,
        t.kind,
        VERSION,
        t.purpose,
        t.currency,
        t.subject.encode(),
    )


def account_hash(before: bytes, number: int, owner: str, kind: str, currency: str) -> bytes:
    """Return the hash of an account's row: SHA-256 over the hash of the account before and `number|owner|kind|currency`
    in UTF-8."""
    return sha256(before + f"{number}|{owner}|{kind}|{currency}".encode()).digest()
