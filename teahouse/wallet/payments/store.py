"""Rows of payments between people, and of the codes and charges that lead to them."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from teahouse.storage.schema import Append, Id, Instant, Number, metadata

IN_AT_ONCE = 500

payments = sa.Table(
    "wallet_payment",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("payer", Id, nullable=False),
    sa.Column("payee", Id, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("note", sa.String(140), nullable=False),
    sa.Column("code", sa.String(64), nullable=False),  # the receive code it was paid by
    # Payments at once have the defaults of all that follows: they are many, and each value costs.
    sa.Column("state", sa.String(8), nullable=False, server_default="paid"),
    sa.Column("charge", sa.String(16), nullable=False, server_default=""),
    sa.Column("chat", sa.String(16), nullable=False, server_default=""),  # of a transfer: where its card is
    sa.Column("seq", sa.Integer, nullable=False, server_default="0"),
    sa.Column("hold", Number, nullable=False, server_default="0"),  # of a transfer: its number in the ledger
    sa.Column("expires_at", Instant, nullable=False, server_default="0"),
    sa.Column("settled_at", Instant, nullable=False, server_default="0"),
)

receive_codes = sa.Table(
    "wallet_receive_code",
    metadata,
    sa.Column("token", sa.String(32), primary_key=True),
    sa.Column("person", Id, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),  # 0: the payer says
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("note", sa.String(140), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),  # 0: never; one's fixed code
    sa.Index("wallet_receive_code_person", "person", "at"),
)

pay_codes = sa.Table(
    "wallet_pay_code",
    metadata,
    sa.Column("person", Id, primary_key=True),  # the newest only
    sa.Column("digest", sa.LargeBinary(32), nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Index("wallet_pay_code_digest", "digest", unique=True),
)

charges = sa.Table(
    "wallet_charge",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("payer", Id, nullable=False),
    sa.Column("payee", Id, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("note", sa.String(140), nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("ended_at", Instant, nullable=False),
    sa.Column("purpose", sa.Integer, nullable=False),
    sa.Column("subject", sa.String(16), nullable=False),
    sa.Column("credit", Number, nullable=False),  # the ledger account that gets it; 0: the payee's own
    sa.Index("wallet_charge_payer", "payer", "state"),
    sa.Index("wallet_charge_due", "state", "expires_at"),
)

append_paid = Append(payments, [column.name for column in payments.c if column.server_default is None])

_p, _r, _k, _c = payments.c, receive_codes.c, pay_codes.c, charges.c


# --- payments -------------------------------------------------------------------------------------


def payment(connection: sa.Connection, identifier: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(payments).where(_p.id == identifier)).one_or_none()


def payments_among(connection: sa.Connection, person: str, identifiers: Sequence[str]) -> list[sa.Row[Any]]:
    """Those of these payments that a person is a side of."""
    found: list[sa.Row[Any]] = []
    for at in range(0, len(identifiers), IN_AT_ONCE):
        some = identifiers[at : at + IN_AT_ONCE]
        query = sa.select(payments).where(_p.id.in_(some), sa.or_(_p.payer == person, _p.payee == person))
        found += connection.execute(query).all()
    return found


def add_payment(connection: sa.Connection, **values: Any) -> None:
    connection.execute(sa.insert(payments), [values])


def settle(connection: sa.Connection, identifier: str, state: str, at: int) -> None:
    connection.execute(sa.update(payments).where(_p.id == identifier).values(state=state, settled_at=at))


# --- receive codes --------------------------------------------------------------------------------


def receive_code(connection: sa.Connection, token: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(receive_codes).where(_r.token == token)).one_or_none()


def fixed_code(connection: sa.Connection, person: str) -> str | None:
    query = sa.select(_r.token).where(_r.person == person, _r.expires_at == 0)
    return connection.execute(query).scalar_one_or_none()


def add_receive_code(connection: sa.Connection, **values: Any) -> None:
    connection.execute(sa.insert(receive_codes), [values])


def remove_receive_codes(connection: sa.Connection, person: str, now: int, keep: int) -> list[str]:
    """Of a person's codes but the fixed one, remove those that are over and the oldest beyond `keep`; return which."""
    query = sa.select(_r.token, _r.expires_at).where(_r.person == person, _r.expires_at > 0).order_by(_r.at.desc())
    rows = connection.execute(query).all()
    over = [row.token for at, row in enumerate(rows) if at >= keep or row.expires_at <= now]
    if over:
        connection.execute(sa.delete(receive_codes).where(_r.token.in_(over)))
    return over


# --- pay codes ------------------------------------------------------------------------------------


def replace_pay_code(connection: sa.Connection, person: str, digest: bytes, expires_at: int) -> None:
    connection.execute(sa.delete(pay_codes).where(_k.person == person))
    connection.execute(sa.insert(pay_codes), [{"person": person, "digest": digest, "expires_at": expires_at}])


def pay_code(connection: sa.Connection, digest: bytes) -> sa.Row[Any] | None:
    return connection.execute(sa.select(pay_codes).where(_k.digest == digest)).one_or_none()


def remove_pay_code(connection: sa.Connection, person: str) -> None:
    connection.execute(sa.delete(pay_codes).where(_k.person == person))


# --- charges --------------------------------------------------------------------------------------


def charge(connection: sa.Connection, identifier: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(charges).where(_c.id == identifier)).one_or_none()


def charges_waiting(connection: sa.Connection, payer: str, now: int) -> Sequence[sa.Row[Any]]:
    query = sa.select(charges).where(_c.payer == payer, _c.state == "waiting", _c.expires_at > now).order_by(_c.id)
    return connection.execute(query).all()


def charges_due(connection: sa.Connection, now: int, limit: int) -> Sequence[sa.Row[Any]]:
    query = sa.select(charges).where(_c.state == "waiting", _c.expires_at <= now).order_by(_c.expires_at).limit(limit)
    return connection.execute(query).all()


def add_charge(connection: sa.Connection, **values: Any) -> None:
    connection.execute(sa.insert(charges), [values])


def end_charge(connection: sa.Connection, identifier: str, state: str, at: int) -> None:
    connection.execute(sa.update(charges).where(_c.id == identifier).values(state=state, ended_at=at))
