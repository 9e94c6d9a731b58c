"""Rows of people, their devices and what they sign in with."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from teahouse.people.model import Person
from teahouse.storage.schema import Id, Instant, metadata

IN_AT_ONCE = 500

person = sa.Table(
    "person",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("handle", sa.String(32), nullable=False, unique=True),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("bio", sa.String(280), nullable=False, default=""),
    sa.Column("picture", sa.String(64), nullable=False, default=""),
    sa.Column("operator", sa.Boolean, nullable=False, default=False),
    # argon2id, encoded with its parameters; NULL: this person signs in with passkeys only.
    sa.Column("password", sa.String(255)),
    sa.Column("created_at", Instant, nullable=False),
    # A merchant or biller: nobody signs in as it, and it is nobody's contact.
    sa.Column("service", sa.Boolean, nullable=False, default=False),
)

device = sa.Table(
    "device",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("person", Id, nullable=False, index=True),
    sa.Column("token_hash", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("address", sa.String(64), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("seen_at", Instant, nullable=False),
)

recovery_code = sa.Table(
    "recovery_code",
    metadata,
    sa.Column("person", Id, primary_key=True),
    sa.Column("code_hash", sa.LargeBinary(32), primary_key=True),
)

passkey = sa.Table(
    "passkey",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("person", Id, nullable=False, index=True),
    sa.Column("credential", sa.LargeBinary(1023), nullable=False, unique=True),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    sa.Column("sign_count", sa.BigInteger, nullable=False),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("used_at", Instant, nullable=False),
)

AS_SEEN = (person.c.id, person.c.handle, person.c.name, person.c.picture, person.c.bio, person.c.service)
"""The columns that `seen` makes a `Person` of."""


def seen(row: Sequence[Any]) -> Person:
    return Person(row[0], row[1], row[2], row[3], row[4], bool(row[5]))


def person_by_id(connection: sa.Connection, identifier: str) -> Person | None:
    row = connection.execute(sa.select(*AS_SEEN).where(person.c.id == identifier)).first()
    return seen(row) if row else None


def person_by_handle(connection: sa.Connection, handle: str) -> Person | None:
    row = connection.execute(sa.select(*AS_SEEN).where(person.c.handle == handle)).first()
    return seen(row) if row else None


def people_by_id(connection: sa.Connection, identifiers: Iterable[str]) -> dict[str, Person]:
    ordered = list(dict.fromkeys(identifiers))
    found: dict[str, Person] = {}
    for at in range(0, len(ordered), IN_AT_ONCE):
        for row in connection.execute(sa.select(*AS_SEEN).where(person.c.id.in_(ordered[at : at + IN_AT_ONCE]))):
            found[row[0]] = seen(row)
    return found


def handles_to_ids(connection: sa.Connection, handles: Iterable[str]) -> dict[str, str]:
    ordered = list(dict.fromkeys(handles))
    found: dict[str, str] = {}
    for at in range(0, len(ordered), IN_AT_ONCE):
        query = sa.select(person.c.handle, person.c.id).where(person.c.handle.in_(ordered[at : at + IN_AT_ONCE]))
        found.update((handle, identifier) for handle, identifier in connection.execute(query))
    return found


def account(connection: sa.Connection, *, handle: str = "", identifier: str = "") -> sa.Row[Any] | None:
    """The whole row of a person, by handle or by id."""
    where = person.c.handle == handle if handle else person.c.id == identifier
    return connection.execute(sa.select(person).where(where)).first()


def is_taken(connection: sa.Connection, handle: str) -> bool:
    return connection.execute(sa.select(person.c.id).where(person.c.handle == handle)).first() is not None


def has_operator(connection: sa.Connection) -> bool:
    return connection.execute(sa.select(person.c.id).where(person.c.operator).limit(1)).first() is not None


def first_operator(connection: sa.Connection) -> str | None:
    """The id of whoever has been operator the longest of those who are."""
    return connection.execute(sa.select(person.c.id).where(person.c.operator).order_by(person.c.id).limit(1)).scalar()


def count(connection: sa.Connection) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(person)).scalar_one()


def add_person(connection: sa.Connection, values: dict[str, Any]) -> None:
    connection.execute(sa.insert(person), [values])


def change_person(connection: sa.Connection, identifier: str, **values: Any) -> None:
    connection.execute(sa.update(person).where(person.c.id == identifier).values(**values))


# --- devices --------------------------------------------------------------------------------------


def add_device(connection: sa.Connection, values: dict[str, Any]) -> None:
    connection.execute(sa.insert(device), [values])


def device_by_token(connection: sa.Connection, token_hash: bytes) -> tuple[str, str, int, bool, bool] | None:
    """`(device, person, seen_at, operator, service)`."""
    row = connection.execute(
        sa.select(device.c.id, device.c.person, device.c.seen_at, person.c.operator, person.c.service)
        .join(person, person.c.id == device.c.person)
        .where(device.c.token_hash == token_hash)
    ).first()
    return (row[0], row[1], row[2], bool(row[3]), bool(row[4])) if row else None


def devices(connection: sa.Connection, owner: str) -> Sequence[sa.Row[Any]]:
    """Newest seen first."""
    query = sa.select(device).where(device.c.person == owner)
    return connection.execute(query.order_by(device.c.seen_at.desc(), device.c.id.desc())).all()


def is_familiar(connection: sa.Connection, owner: str, address: str) -> bool:
    query = sa.select(device.c.id).where(device.c.person == owner, device.c.address == address).limit(1)
    return connection.execute(query).first() is not None


def touch_device(connection: sa.Connection, identifier: str, now: int) -> None:
    connection.execute(sa.update(device).where(device.c.id == identifier).values(seen_at=now))


def remove_devices(connection: sa.Connection, identifiers: Sequence[str]) -> None:
    connection.execute(sa.delete(device).where(device.c.id.in_(identifiers)))


# --- recovery codes and passkeys ------------------------------------------------------------------


def replace_recovery_codes(connection: sa.Connection, owner: str, hashes: Iterable[bytes]) -> None:
    connection.execute(sa.delete(recovery_code).where(recovery_code.c.person == owner))
    connection.execute(sa.insert(recovery_code), [{"person": owner, "code_hash": each} for each in hashes])


def use_recovery_code(connection: sa.Connection, owner: str, code_hash: bytes) -> bool:
    """Whether it was there; it is gone now."""
    query = sa.delete(recovery_code).where(recovery_code.c.person == owner, recovery_code.c.code_hash == code_hash)
    return connection.execute(query).rowcount == 1


def recovery_codes_left(connection: sa.Connection, owner: str) -> int:
    query = sa.select(sa.func.count()).select_from(recovery_code).where(recovery_code.c.person == owner)
    return connection.execute(query).scalar_one()


def passkeys(connection: sa.Connection, owner: str) -> Sequence[sa.Row[Any]]:
    return connection.execute(sa.select(passkey).where(passkey.c.person == owner).order_by(passkey.c.id)).all()


def passkey_by_credential(connection: sa.Connection, credential: bytes) -> sa.Row[Any] | None:
    return connection.execute(sa.select(passkey).where(passkey.c.credential == credential)).first()


def add_passkey(connection: sa.Connection, values: dict[str, Any]) -> None:
    connection.execute(sa.insert(passkey), [values])


def use_passkey(connection: sa.Connection, identifier: str, sign_count: int, now: int) -> bool:
    """Whether it is still there."""
    query = sa.update(passkey).where(passkey.c.id == identifier).values(sign_count=sign_count, used_at=now)
    return connection.execute(query).rowcount == 1


def remove_passkey(connection: sa.Connection, owner: str, identifier: str) -> None:
    connection.execute(sa.delete(passkey).where(passkey.c.person == owner, passkey.c.id == identifier))
