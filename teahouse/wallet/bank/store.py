"""The tables of pay-outs to banks: withdrawals, and the files that they go to the bank in."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from teahouse.storage.schema import Id, Instant, metadata

withdrawals = sa.Table(
    "wallet_withdrawal",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("person", Id, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("iban", sa.String(34), nullable=False),
    sa.Column("name", sa.String(70), nullable=False),  # as the bank reads it
    sa.Column("at", Instant, nullable=False),
    sa.Column("state", sa.String(9), nullable=False),
    sa.Column("hold", sa.BigInteger, nullable=False),
    sa.Column("file", Id, nullable=False),
    sa.Column("decision", sa.String(8), nullable=False),  # what the operator said of it; carried out in steps
    sa.Column("reason", sa.String(140), nullable=False),
    sa.Index("wallet_withdrawal_person", "person", "id"),
    sa.Index("wallet_withdrawal_waiting", "state", "currency", "id"),
    sa.Index("wallet_withdrawal_file", "file", "id"),
    sa.Index("wallet_withdrawal_decided", "state", "decision"),
)

files = sa.Table(
    "wallet_bank_file",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("by", Id, nullable=False),
    sa.Column("payments", sa.Integer, nullable=False),
    sa.Column("total", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    # The house's account as it was then: the file is the same whenever it is made.
    sa.Column("name", sa.String(70), nullable=False),
    sa.Column("iban", sa.String(34), nullable=False),
    sa.Column("bic", sa.String(11), nullable=False),
)

_w, _f = withdrawals.c, files.c


def withdrawal(connection: sa.Connection, identifier: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(withdrawals).where(_w.id == identifier)).one_or_none()


def newest_of(connection: sa.Connection, person: str, limit: int) -> Sequence[sa.Row[Any]]:
    query = sa.select(withdrawals).where(_w.person == person).order_by(_w.id.desc()).limit(limit)
    return connection.execute(query).all()


def count_waiting(connection: sa.Connection, person: str) -> int:
    query = sa.select(sa.func.count()).where(_w.person == person, _w.state == "waiting")
    return connection.execute(query).scalar_one()


def waiting(connection: sa.Connection, currency: str, limit: int) -> Sequence[sa.Row[Any]]:
    """Return what is in no file yet, the oldest first; without a currency those of all."""
    query = sa.select(withdrawals).where(_w.state == "waiting")
    if currency:
        query = query.where(_w.currency == currency)
    return connection.execute(query.order_by(_w.id).limit(limit)).all()


def of_file(connection: sa.Connection, file: str) -> Sequence[sa.Row[Any]]:
    return connection.execute(sa.select(withdrawals).where(_w.file == file).order_by(_w.id)).all()


def put_in_file(connection: sa.Connection, identifiers: Sequence[str], file: str) -> None:
    for some in _in_parts(identifiers):
        connection.execute(sa.update(withdrawals).where(_w.id.in_(some)).values(state="in_file", file=file))


def decide(connection: sa.Connection, file: str, rejected: Sequence[str], reason: str) -> None:
    """Write down what the bank did with a file's withdrawals."""
    connection.execute(sa.update(withdrawals).where(_w.file == file).values(decision="paid"))
    for some in _in_parts(rejected):
        query = sa.update(withdrawals).where(_w.file == file, _w.id.in_(some))
        connection.execute(query.values(decision="rejected", reason=reason))


def rejected_of(connection: sa.Connection, file: str) -> set[str]:
    query = sa.select(_w.id).where(_w.file == file, _w.decision == "rejected")
    return set(connection.execute(query).scalars())


def decided(connection: sa.Connection, limit: int) -> Sequence[sa.Row[Any]]:
    """Return what was decided and is not carried out yet."""
    query = sa.select(withdrawals).where(_w.state == "in_file", _w.decision.in_(("paid", "rejected")))
    return connection.execute(query.limit(limit)).all()


def end(connection: sa.Connection, identifiers: Sequence[str], state: str) -> None:
    connection.execute(sa.update(withdrawals).where(_w.id.in_(identifiers)).values(state=state))


def file(connection: sa.Connection, identifier: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(files).where(_f.id == identifier)).one_or_none()


def newest_files(connection: sa.Connection, limit: int) -> Sequence[sa.Row[Any]]:
    return connection.execute(sa.select(files).order_by(_f.id.desc()).limit(limit)).all()


def settle_file(connection: sa.Connection, identifier: str) -> None:
    connection.execute(sa.update(files).where(_f.id == identifier).values(state="settled"))


def ibans(connection: sa.Connection, identifiers: Iterable[str], person: str) -> dict[str, str]:
    """Return the accounts that a person's withdrawals went to, by id."""
    query = sa.select(_w.id, _w.iban).where(_w.id.in_(list(identifiers)), _w.person == person)
    return {row.id: row.iban for row in connection.execute(query)}


def _in_parts(identifiers: Sequence[str], size: int = 500) -> Iterable[Sequence[str]]:
    """A statement takes only so many values."""
    return (identifiers[at : at + size] for at in range(0, len(identifiers), size))
