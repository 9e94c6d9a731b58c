"""What ties two people: contact on both sides, their direct chat, blocks; and how their devices hear of it."""

from collections.abc import Callable
from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse.people import contact_store, rules, store
from teahouse.people.model import (
    BlockChanged,
    Contact,
    ContactChanged,
    ContactRemoved,
    ContactRequest,
    ContactRequestChanged,
    ContactRequestClosed,
    Person,
)
from teahouse.storage.transaction import Tx

OnContact = Callable[[Tx, str, str], str]
"""Two people are contacts now; returns the id of their direct chat."""
OnRelation = Callable[[Tx, str, str], None]
"""What may pass between two people has changed (contact, block)."""

_labels = msgspec.json.Decoder(tuple[str, ...])


class Relations:
    def __init__(self, on_contact: OnContact, on_relation: OnRelation) -> None:
        self.on_contact = on_contact
        self.on_relation = on_relation

    def meet(self, tx: Tx, one: str, other: str) -> str:
        """Make two people contacts, if there is room on both sides, and return their direct chat."""
        existing = contact_store.contact_of(tx.connection, one, other)
        if existing is not None:
            return str(existing.chat)
        if any(contact_store.count_contacts(tx.connection, each) >= rules.CONTACTS_MAX for each in (one, other)):
            return ""
        chat = self.on_contact(tx, one, other)
        for side, far in ((one, other), (other, one)):
            contact_store.add_contact(tx.connection, side, far, tx.now, chat)
        for side, far in ((one, other), (other, one)):
            self.tell_contact(tx, side, far)
        self.on_relation(tx, one, other)
        return chat

    def part(self, tx: Tx, one: str, other: str) -> None:
        contact_store.remove_contacts(tx.connection, one, other)
        for side, far in ((one, other), (other, one)):
            tx.tell(ContactRemoved(person=far), (side,), scopes=(side,), key=f"contact:{far}")
        self.on_relation(tx, one, other)

    def block(self, tx: Tx, owner: str, other: str) -> None:
        contact_store.add_block(tx.connection, owner, other, tx.now)
        self._block_changed(tx, owner, other, blocked=True)

    def unblock(self, tx: Tx, owner: str, other: str) -> None:
        contact_store.remove_block(tx.connection, owner, other)
        self._block_changed(tx, owner, other, blocked=False)

    def _block_changed(self, tx: Tx, owner: str, other: str, *, blocked: bool) -> None:
        person = store.person_by_id(tx.connection, other)
        assert person is not None
        tx.tell(BlockChanged(person=person, blocked=blocked), (owner,), scopes=(owner,), key=f"block:{other}")
        if contact_store.contact_of(tx.connection, owner, other) is not None:
            self.tell_contact(tx, owner, other)
        self.on_relation(tx, owner, other)

    def tell_contact(self, tx: Tx, owner: str, other: str) -> None:
        row = contact_store.contact_of(tx.connection, owner, other)
        person = store.person_by_id(tx.connection, other)
        assert row is not None
        assert person is not None
        blocked = contact_store.is_blocked(tx.connection, owner, other)
        event = ContactChanged(contact=as_contact(row, person, blocked=blocked))
        tx.tell(event, (owner,), scopes=(owner,), key=f"contact:{other}")

    def tell_request(self, tx: Tx, identifier: str, sides: tuple[str, ...]) -> None:
        row = contact_store.request_by_id(tx.connection, identifier)
        assert row is not None
        people = store.people_by_id(tx.connection, (row.sender, row.receiver))
        event = ContactRequestChanged(request=as_request(row, people))
        for side in sides:
            tx.tell(event, (side,), scopes=(side,), key=f"request:{identifier}")

    def tell_closed(self, tx: Tx, identifier: str, sides: tuple[str, ...]) -> None:
        for side in sides:
            tx.tell(ContactRequestClosed(request=identifier), (side,), scopes=(side,), key=f"request:{identifier}")


def as_contact(row: sa.Row[Any], person: Person, *, blocked: bool) -> Contact:
    return Contact(
        person=person,
        since=row.since,
        remark=row.remark,
        labels=_labels.decode(row.labels),
        phone=row.phone,
        blocked=blocked,
        chat=row.chat,
    )


def as_request(row: sa.Row[Any], people: dict[str, Person]) -> ContactRequest:
    return ContactRequest(
        id=row.id, sender=people[row.sender], receiver=people[row.receiver], greeting=row.greeting, at=row.at
    )
