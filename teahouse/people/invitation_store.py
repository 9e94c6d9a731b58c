"""Rows of invitations to the house."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from teahouse.storage.schema import Id, Instant, metadata

SHOWN_MAX = 500

invitation = sa.Table(
    "invitation",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("secret_hash", sa.LargeBinary(32), nullable=False, unique=True),
    # Empty for the house's first link.
    sa.Column("inviter", Id, nullable=False, index=True),
    sa.Column("operator", sa.Boolean, nullable=False),
    sa.Column("note", sa.String(80), nullable=False),
    sa.Column("uses", sa.Integer, nullable=False),
    sa.Column("used", sa.Integer, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
)


def add(connection: sa.Connection, values: dict[str, Any]) -> None:
    connection.execute(sa.insert(invitation), [values])


def by_secret(connection: sa.Connection, secret_hash: bytes) -> sa.Row[Any] | None:
    return connection.execute(sa.select(invitation).where(invitation.c.secret_hash == secret_hash)).first()


def by_id(connection: sa.Connection, identifier: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(invitation).where(invitation.c.id == identifier)).first()


def use(connection: sa.Connection, identifier: str) -> None:
    query = sa.update(invitation).where(invitation.c.id == identifier).values(used=invitation.c.used + 1)
    connection.execute(query)


def shown(connection: sa.Connection, inviter: str, *, everybodys: bool) -> Sequence[sa.Row[Any]]:
    """Newest first, without the first link."""
    query = sa.select(invitation).where(invitation.c.inviter != "" if everybodys else invitation.c.inviter == inviter)
    return connection.execute(query.order_by(invitation.c.id.desc()).limit(SHOWN_MAX)).all()


def count_open(connection: sa.Connection, inviter: str, now: int) -> int:
    query = sa.select(sa.func.count()).select_from(invitation).where(invitation.c.inviter == inviter)
    query = query.where(invitation.c.used < invitation.c.uses, invitation.c.expires_at > now)
    return connection.execute(query).scalar_one()


def remove(connection: sa.Connection, identifier: str) -> None:
    connection.execute(sa.delete(invitation).where(invitation.c.id == identifier))


def remove_over(connection: sa.Connection, inviter: str, before: int) -> None:
    connection.execute(sa.delete(invitation).where(invitation.c.inviter == inviter, invitation.c.expires_at < before))


def remove_first_links(connection: sa.Connection) -> None:
    connection.execute(sa.delete(invitation).where(invitation.c.operator))
