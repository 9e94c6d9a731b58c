"""The ledger's tables. A transfer is its record and its hash; what must be found by other means has its own rows."""

from collections.abc import Sequence

import sqlalchemy as sa

from teahouse.storage.schema import Append, Id, Instant, Number, metadata
from teahouse.wallet.ledger import record
from teahouse.wallet.ledger.model import Account, Transfer

accounts = sa.Table(
    "ledger_account",
    metadata,
    sa.Column("number", Number, primary_key=True, autoincrement=False),
    sa.Column("owner", Id, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Index("ledger_account_owner", "owner", "kind", "currency", unique=True),
)

balances = sa.Table(
    "ledger_balance",  # apart from the accounts: every group renews hundreds, and narrow rows cost a quarter
    metadata,
    sa.Column("number", Number, primary_key=True, autoincrement=False),
    sa.Column("credits", sa.BigInteger, nullable=False),
    sa.Column("debits", sa.BigInteger, nullable=False),
    sa.Column("held_in", sa.BigInteger, nullable=False),
    sa.Column("held_out", sa.BigInteger, nullable=False),
    sa.Column("entries", sa.BigInteger, nullable=False),
    sa.Column("last", sa.BigInteger, nullable=False),
    # Room on each page, so that PostgreSQL renews a row in place and no index grows.
    postgresql_with={"fillfactor": 50},
)

transfers = sa.Table(
    "ledger_transfer",
    metadata,
    sa.Column("number", Number, primary_key=True, autoincrement=False),
    sa.Column("key", sa.String(80), nullable=False),
    sa.Column("record", sa.LargeBinary, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Index("ledger_transfer_key", "key", unique=True),
)

holds = sa.Table(
    "ledger_hold",  # open ones only: a hold that is over has its end in the ledger
    metadata,
    sa.Column("number", Number, primary_key=True, autoincrement=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Index("ledger_hold_expiry", "expires_at"),
)

reversals = sa.Table(
    "ledger_reversal",  # which transfers were reversed, so that each is once
    metadata,
    sa.Column("number", Number, primary_key=True, autoincrement=False),
    sa.Column("by", sa.BigInteger, nullable=False),
)

marks = sa.Table(
    "ledger_mark",  # every 64th transfer of an account, to find a time or a page in a long history
    metadata,
    sa.Column("account", Number, primary_key=True),
    sa.Column("entries", Number, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("at", Instant, nullable=False),
)
MARK_EVERY = 64

append_transfers = Append(transfers)
append_holds = Append(holds)
append_reversals = Append(reversals)
append_marks = Append(marks)
append_accounts = Append(accounts)
renew_balances = Append(balances, key="number", renew=("credits", "debits", "held_in", "held_out", "entries", "last"))

_a, _t, _h = accounts.c, transfers.c, holds.c
_accounts = sa.select(
    _a.number, _a.owner, _a.kind, _a.currency, *(column for column in balances.c if column.name != "number")
).join(balances, balances.c.number == _a.number)


def account_by_number(connection: sa.Connection, number: int) -> Account | None:
    row = connection.execute(_accounts.where(_a.number == number)).one_or_none()
    return Account(*row) if row else None


def account_of(connection: sa.Connection, owner: str, kind: str, currency: str) -> Account | None:
    query = _accounts.where(_a.owner == owner, _a.kind == kind, _a.currency == currency)
    row = connection.execute(query).one_or_none()
    return Account(*row) if row else None


def accounts_of(connection: sa.Connection, owner: str) -> tuple[Account, ...]:
    rows = connection.execute(_accounts.where(_a.owner == owner).order_by(_a.number))
    return tuple(Account(*row) for row in rows)


def accounts_of_kind(connection: sa.Connection, kind: str) -> tuple[Account, ...]:
    rows = connection.execute(_accounts.where(_a.kind == kind).order_by(_a.number))
    return tuple(Account(*row) for row in rows)


def transfer(connection: sa.Connection, number: int) -> Transfer | None:
    found = connection.execute(sa.select(_t.record).where(_t.number == number)).scalar_one_or_none()
    return record.read(found) if found else None


def transfer_by_key(connection: sa.Connection, key: str) -> Transfer | None:
    found = connection.execute(sa.select(_t.record).where(_t.key == key)).scalar_one_or_none()
    return record.read(found) if found else None


def head(connection: sa.Connection) -> tuple[int, int, bytes]:
    """Return the number, the time and the hash of the newest transfer."""
    row = connection.execute(sa.select(_t.record, _t.hash).order_by(_t.number.desc()).limit(1)).one_or_none()
    if row is None:
        return 0, 0, record.NO_HASH
    newest = record.read(row.record)
    return newest.number, newest.at, bytes(row.hash)


def is_open(connection: sa.Connection, hold: int) -> bool:
    return connection.execute(sa.select(_h.number).where(_h.number == hold)).one_or_none() is not None


def holds_due(connection: sa.Connection, now: int, limit: int) -> list[int]:
    """Return open holds whose time is up, the oldest first."""
    query = sa.select(_h.number).where(_h.expires_at > 0, _h.expires_at <= now).order_by(_h.expires_at).limit(limit)
    return list(connection.execute(query).scalars())


def reversed_by(connection: sa.Connection, number: int) -> int:
    """Return the transfer that reversed this one, 0 for none."""
    r = reversals.c
    return connection.execute(sa.select(r.by).where(r.number == number)).scalar_one_or_none() or 0


def last_account(connection: sa.Connection) -> tuple[int, bytes]:
    """Return the number and the hash of the newest account."""
    row = connection.execute(sa.select(_a.number, _a.hash).order_by(_a.number.desc()).limit(1)).one_or_none()
    return (row.number, bytes(row.hash)) if row else (0, record.NO_HASH)


def owners(connection: sa.Connection, numbers: Sequence[int]) -> list[tuple[int, str, str]]:
    """Return number, owner and kind of accounts."""
    rows = connection.execute(sa.select(_a.number, _a.owner, _a.kind).where(_a.number.in_(numbers)))
    return [(row.number, row.owner, row.kind) for row in rows]


def open_among(connection: sa.Connection, numbers: Sequence[int]) -> set[int]:
    """Return which of these are open holds."""
    return set(connection.execute(sa.select(_h.number).where(_h.number.in_(numbers))).scalars())
