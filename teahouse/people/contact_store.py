"""Rows of what is between people: contacts, requests, blocks, contact links."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from teahouse.people.store import IN_AT_ONCE, person
from teahouse.storage.schema import Id, Instant, metadata

# One row on each side: what is private to one person (remark, labels, phone) is theirs alone.
contact = sa.Table(
    "contact",
    metadata,
    sa.Column("person", Id, primary_key=True),
    sa.Column("other", Id, primary_key=True),
    sa.Column("since", Instant, nullable=False),
    sa.Column("remark", sa.String(64), nullable=False),
    sa.Column("labels", sa.Text, nullable=False),  # JSON list
    sa.Column("chat", Id, nullable=False),
    sa.Column("phone", sa.String(40), nullable=False, server_default=""),
)

# One row a direction. A side that does not see it any more: declined or blocked (receiver), withdrawn (sender).
request = sa.Table(
    "contact_request",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("sender", Id, nullable=False),
    sa.Column("receiver", Id, nullable=False, index=True),
    sa.Column("greeting", sa.String(280), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("sender_sees", sa.Boolean, nullable=False),
    sa.Column("receiver_sees", sa.Boolean, nullable=False),
    sa.Column("hidden_at", Instant, nullable=False),
    sa.UniqueConstraint("sender", "receiver"),
)

block = sa.Table(
    "block",
    metadata,
    sa.Column("person", Id, primary_key=True),
    sa.Column("other", Id, primary_key=True),
    sa.Column("at", Instant, nullable=False),
)

contact_link = sa.Table(
    "contact_link",
    metadata,
    sa.Column("person", Id, primary_key=True),
    sa.Column("secret_hash", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("created_at", Instant, nullable=False),
)


def contact_of(connection: sa.Connection, owner: str, other: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(contact).where(contact.c.person == owner, contact.c.other == other)).first()


def contacts(connection: sa.Connection, owner: str) -> Sequence[sa.Row[Any]]:
    return connection.execute(sa.select(contact).where(contact.c.person == owner).order_by(contact.c.other)).all()


def count_contacts(connection: sa.Connection, owner: str) -> int:
    return connection.execute(
        sa.select(sa.func.count()).select_from(contact).where(contact.c.person == owner)
    ).scalar_one()


def contacts_among(connection: sa.Connection, owner: str, others: Iterable[str]) -> set[str]:
    ordered = list(dict.fromkeys(others))
    found: set[str] = set()
    for at in range(0, len(ordered), IN_AT_ONCE):
        found.update(
            connection.execute(
                sa.select(contact.c.other).where(
                    contact.c.person == owner, contact.c.other.in_(ordered[at : at + IN_AT_ONCE])
                )
            ).scalars()
        )
    return found


def add_contact(connection: sa.Connection, owner: str, other: str, since: int, chat: str) -> None:
    values = {"person": owner, "other": other, "since": since, "remark": "", "labels": "[]", "chat": chat, "phone": ""}
    connection.execute(sa.insert(contact), [values])


def change_contact(connection: sa.Connection, owner: str, other: str, **values: Any) -> None:
    connection.execute(sa.update(contact).where(contact.c.person == owner, contact.c.other == other).values(**values))


def remove_contacts(connection: sa.Connection, one: str, other: str) -> None:
    connection.execute(sa.delete(contact).where(_between(contact.c.person, contact.c.other, one, other)))


# --- requests -------------------------------------------------------------------------------------


def request_by_id(connection: sa.Connection, identifier: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(request).where(request.c.id == identifier)).first()


def request_from(connection: sa.Connection, sender: str, receiver: str) -> sa.Row[Any] | None:
    query = sa.select(request).where(request.c.sender == sender, request.c.receiver == receiver)
    return connection.execute(query).first()


def requests_of(connection: sa.Connection, owner: str) -> Sequence[sa.Row[Any]]:
    """Those that a person sees, sent and received."""
    received = sa.and_(request.c.receiver == owner, request.c.receiver_sees)
    sent = sa.and_(request.c.sender == owner, request.c.sender_sees)
    return connection.execute(sa.select(request).where(sa.or_(received, sent)).order_by(request.c.id)).all()


def count_sent(connection: sa.Connection, sender: str) -> int:
    query = sa.select(sa.func.count()).select_from(request)
    return connection.execute(query.where(request.c.sender == sender, request.c.sender_sees)).scalar_one()


def count_received(connection: sa.Connection, receiver: str) -> int:
    query = sa.select(sa.func.count()).select_from(request)
    return connection.execute(query.where(request.c.receiver == receiver, request.c.receiver_sees)).scalar_one()


def add_request(connection: sa.Connection, values: dict[str, Any]) -> None:
    connection.execute(sa.insert(request), [values])


def change_request(connection: sa.Connection, identifier: str, **values: Any) -> None:
    connection.execute(sa.update(request).where(request.c.id == identifier).values(**values))


def remove_request(connection: sa.Connection, identifier: str) -> None:
    connection.execute(sa.delete(request).where(request.c.id == identifier))


# --- blocks ---------------------------------------------------------------------------------------


def is_blocked(connection: sa.Connection, owner: str, other: str) -> bool:
    query = sa.select(block.c.at).where(block.c.person == owner, block.c.other == other)
    return connection.execute(query).first() is not None


def blockers_between(connection: sa.Connection, one: str, other: str) -> set[str]:
    query = sa.select(block.c.person).where(_between(block.c.person, block.c.other, one, other))
    return set(connection.execute(query).scalars())


def blocked_among(connection: sa.Connection, one: str, others: Iterable[str]) -> set[str]:
    """Which of the others blocked one, or are blocked by one."""
    ordered = list(dict.fromkeys(others))
    found: set[str] = set()
    for at in range(0, len(ordered), IN_AT_ONCE):
        some = ordered[at : at + IN_AT_ONCE]
        for theirs, ones in ((block.c.person, block.c.other), (block.c.other, block.c.person)):
            found.update(connection.execute(sa.select(theirs).where(ones == one, theirs.in_(some))).scalars())
    return found


def blocked_by(connection: sa.Connection, owner: str) -> list[str]:
    query = sa.select(block.c.other).where(block.c.person == owner).order_by(block.c.at, block.c.other)
    return list(connection.execute(query).scalars())


def add_block(connection: sa.Connection, owner: str, other: str, now: int) -> None:
    connection.execute(sa.insert(block), [{"person": owner, "other": other, "at": now}])


def remove_block(connection: sa.Connection, owner: str, other: str) -> None:
    connection.execute(sa.delete(block).where(block.c.person == owner, block.c.other == other))


# --- contact links --------------------------------------------------------------------------------


def replace_link(connection: sa.Connection, owner: str, secret_hash: bytes, now: int) -> None:
    connection.execute(sa.delete(contact_link).where(contact_link.c.person == owner))
    connection.execute(sa.insert(contact_link), [{"person": owner, "secret_hash": secret_hash, "created_at": now}])


def link_owner(connection: sa.Connection, secret_hash: bytes) -> str | None:
    query = sa.select(person.c.id).join(contact_link, contact_link.c.person == person.c.id)
    return connection.execute(query.where(contact_link.c.secret_hash == secret_hash)).scalar_one_or_none()


def _between(left: sa.ColumnElement[str], right: sa.ColumnElement[str], one: str, other: str) -> sa.ColumnElement[bool]:
    return sa.or_(sa.and_(left == one, right == other), sa.and_(left == other, right == one))
