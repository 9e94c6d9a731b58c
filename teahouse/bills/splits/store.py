"""The tables of splits."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from teahouse.storage.schema import Id, Instant, metadata

splits = sa.Table(
    "bill_split",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("maker", Id, nullable=False),
    sa.Column("chat", Id, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("title", sa.String(80), nullable=False),
    sa.Column("total", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("payment", Id, nullable=False),  # the bill payment that it is of; empty: something else
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("at", Instant, nullable=False),
)

shares = sa.Table(
    "bill_split_share",
    metadata,
    sa.Column("split", Id, primary_key=True),
    sa.Column("person", Id, primary_key=True),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("paid_at", Instant, nullable=False),  # 0: not yet
)

_p, _s = splits.c, shares.c


def split(connection: sa.Connection, identifier: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(splits).where(_p.id == identifier)).one_or_none()


def splits_of(connection: sa.Connection, identifiers: Sequence[str]) -> Sequence[sa.Row[Any]]:
    return connection.execute(sa.select(splits).where(_p.id.in_(identifiers))).all()


def shares_of(connection: sa.Connection, identifier: str) -> Sequence[sa.Row[Any]]:
    """In the order in which they were asked."""
    return connection.execute(sa.select(shares).where(_s.split == identifier).order_by(_s.place)).all()


def add(connection: sa.Connection, values: dict[str, Any], asked: Sequence[tuple[str, int]]) -> None:
    connection.execute(sa.insert(splits).values(**values))
    rows = [
        {"split": values["id"], "person": person, "place": place, "amount": amount, "paid_at": 0}
        for place, (person, amount) in enumerate(asked)
    ]
    connection.execute(sa.insert(shares), rows)


def pay(connection: sa.Connection, identifier: str, person: str, at: int) -> None:
    connection.execute(sa.update(shares).where(_s.split == identifier, _s.person == person).values(paid_at=at))


def end(connection: sa.Connection, identifier: str, state: str) -> None:
    connection.execute(sa.update(splits).where(_p.id == identifier).values(state=state))
