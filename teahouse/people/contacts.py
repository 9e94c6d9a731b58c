"""Contacts: how strangers reach each other (only through a request), and how people keep away whom they do not want."""

from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa
from msgspec import UNSET

from teahouse import ids
from teahouse.commands import Actor, Done, Signed
from teahouse.errors import Malformed, NotFound
from teahouse.people import contact_store, rules, store
from teahouse.people.model import (
    AcceptContact,
    Block,
    ContactAccepted,
    ContactLink,
    ContactRequested,
    Contacts,
    DeclineContact,
    Person,
    RemoveContact,
    RequestContact,
    Unblock,
    UpdateContact,
)
from teahouse.people.relations import Relations, as_contact, as_request
from teahouse.storage.transaction import Tx

if TYPE_CHECKING:
    from teahouse.house import House


class ContactBook:
    def __init__(self, house: "House", relations: Relations) -> None:
        self._house = house
        self._relations = relations

    # --- reads ---

    def shown(self, connection: sa.Connection, signed: Signed) -> Contacts:
        rows = contact_store.contacts(connection, signed.person)
        requests = contact_store.requests_of(connection, signed.person)
        blocked = contact_store.blocked_by(connection, signed.person)
        wanted = {row.other for row in rows} | {side for row in requests for side in (row.sender, row.receiver)}
        people = store.people_by_id(connection, wanted | set(blocked))
        return Contacts(
            contacts=tuple(as_contact(row, people[row.other], blocked=row.other in blocked) for row in rows),
            requests=tuple(as_request(row, people) for row in requests),
            blocked=tuple(people[each] for each in blocked),
        )

    async def make_link(self, signed: Signed) -> ContactLink:
        """A new link to oneself; the older one does not work any more."""
        secret = ids.new_token()
        await self._house.store.write(
            lambda tx: contact_store.replace_link(tx.connection, signed.person, ids.hash_token(secret), tx.now)
        )
        return ContactLink(f"{self._house.settings.public_url}/p/{secret}")

    def behind_link(self, connection: sa.Connection, secret: str) -> Person:
        owner = contact_store.link_owner(connection, ids.hash_token(secret))
        person = store.person_by_id(connection, owner) if owner else None
        if person is None:
            raise NotFound("This contact link does not work any more.")
        return person

    # --- commands ---

    def request(self, tx: Tx, actor: Actor, command: RequestContact) -> ContactRequested:
        asker, asked = actor.person, self._asked(tx.connection, command)
        if asker == asked:
            raise rules.Yourself()
        theirs = contact_store.request_from(tx.connection, asked, asker)
        earlier = contact_store.request_from(tx.connection, asker, asked)
        contact = contact_store.contact_of(tx.connection, asker, asked)
        standing = rules.Standing(
            contacts=contact is not None,
            blocked_by_asker=contact_store.is_blocked(tx.connection, asker, asked),
            blocked_by_asked=contact_store.is_blocked(tx.connection, asked, asker),
            asked_too=theirs is not None and bool(theirs.sender_sees),
            earlier=earlier is not None,
            earlier_open=earlier is not None and bool(earlier.sender_sees),
            earlier_shown=earlier is not None and bool(earlier.receiver_sees),
            hidden_at=earlier.hidden_at if earlier is not None else 0,
            sent_open=contact_store.count_sent(tx.connection, asker),
            shown_to_asked=contact_store.count_received(tx.connection, asked),
        )
        move = rules.ask(standing, tx.now)
        if move == "already":
            assert contact is not None
            return ContactRequested(chat=contact.chat)
        if move == "accept":
            return ContactRequested(chat=self._become_contacts(tx, asker, asked))
        if earlier is None:
            return ContactRequested(request=self._add_request(tx, asker, asked, command, shown=move == "send"))
        if move == "show":
            greeting = rules.clean(command.greeting)
            contact_store.change_request(
                tx.connection, earlier.id, sender_sees=True, receiver_sees=True, greeting=greeting, at=tx.now
            )
            self._relations.tell_request(tx, earlier.id, (asker, asked))
        elif not earlier.sender_sees:
            contact_store.change_request(tx.connection, earlier.id, sender_sees=True)
            self._relations.tell_request(tx, earlier.id, (asker,))
        return ContactRequested(request=earlier.id)

    def accept(self, tx: Tx, actor: Actor, command: AcceptContact) -> ContactAccepted:
        row = contact_store.request_by_id(tx.connection, command.request)
        if row is None or row.receiver != actor.person or not row.receiver_sees:
            raise NotFound("There is no such request to you.")
        return ContactAccepted(chat=self._become_contacts(tx, row.receiver, row.sender))

    def decline(self, tx: Tx, actor: Actor, command: DeclineContact) -> Done:
        row = contact_store.request_by_id(tx.connection, command.request)
        if row is not None and row.receiver == actor.person and row.receiver_sees:
            self._hide(tx, row.id, row.receiver)
        elif row is not None and row.sender == actor.person and row.sender_sees:
            self._withdraw(tx, row)
        else:
            raise NotFound("There is no such request of yours.")
        return Done()

    def update(self, tx: Tx, actor: Actor, command: UpdateContact) -> Done:
        self._must_be_contact(tx, actor, command.person)
        values: dict[str, str] = {}
        if command.remark is not UNSET:
            values["remark"] = rules.clean_line(command.remark)
        if command.labels is not UNSET:
            labels = dict.fromkeys(label for each in command.labels if (label := rules.clean_line(each)))
            values["labels"] = msgspec.json.encode(list(labels)).decode()
        if command.phone is not UNSET:
            values["phone"] = rules.clean_line(command.phone)
        if not values:
            raise Malformed("Give at least one of remark, labels and phone.")
        contact_store.change_contact(tx.connection, actor.person, command.person, **values)
        self._relations.tell_contact(tx, actor.person, command.person)
        return Done()

    def remove(self, tx: Tx, actor: Actor, command: RemoveContact) -> Done:
        self._must_be_contact(tx, actor, command.person)
        self._relations.part(tx, actor.person, command.person)
        return Done()

    def block(self, tx: Tx, actor: Actor, command: Block) -> Done:
        """Their request is not shown any more, and one's own to them is withdrawn."""
        owner, other = actor.person, command.person
        if owner == other:
            raise rules.Yourself()
        if store.person_by_id(tx.connection, other) is None:
            raise NotFound("There is no such person.")
        if contact_store.is_blocked(tx.connection, owner, other):
            return Done()
        theirs = contact_store.request_from(tx.connection, other, owner)
        if theirs is not None and theirs.receiver_sees:
            self._hide(tx, theirs.id, owner)
        own = contact_store.request_from(tx.connection, owner, other)
        if own is not None and own.sender_sees:
            self._withdraw(tx, own)
        self._relations.block(tx, owner, other)
        return Done()

    def unblock(self, tx: Tx, actor: Actor, command: Unblock) -> Done:
        if contact_store.is_blocked(tx.connection, actor.person, command.person):
            self._relations.unblock(tx, actor.person, command.person)
        return Done()

    # --- steps ---

    def _asked(self, connection: sa.Connection, command: RequestContact) -> str:
        ways = (command.person, command.handle, command.link)
        if sum(way is not UNSET for way in ways) != 1:
            raise Malformed("Give exactly one of person, handle and link.")
        if command.link is not UNSET:
            return self.behind_link(connection, command.link).id
        if command.handle is not UNSET:
            person = store.person_by_handle(connection, command.handle)
        else:
            person = store.person_by_id(connection, str(command.person))
        if person is None:
            raise NotFound("There is no such person.")
        if person.service:
            raise rules.ServiceAccount()
        return person.id

    def _add_request(self, tx: Tx, asker: str, asked: str, command: RequestContact, *, shown: bool) -> str:
        identifier = ids.new_id()
        values = {
            "id": identifier,
            "sender": asker,
            "receiver": asked,
            "greeting": rules.clean(command.greeting),
            "at": tx.now,
            "sender_sees": True,
            "receiver_sees": shown,
            "hidden_at": 0 if shown else tx.now,
        }
        contact_store.add_request(tx.connection, values)
        self._relations.tell_request(tx, identifier, (asker, asked) if shown else (asker,))
        return identifier

    def _become_contacts(self, tx: Tx, one: str, other: str) -> str:
        for each in (one, other):
            if contact_store.count_contacts(tx.connection, each) >= rules.CONTACTS_MAX:
                raise rules.TooManyContacts(f"At most {rules.CONTACTS_MAX} each.", max=rules.CONTACTS_MAX)
        for sender, receiver in ((one, other), (other, one)):
            row = contact_store.request_from(tx.connection, sender, receiver)
            if row is not None:
                contact_store.remove_request(tx.connection, row.id)
                sides = [side for side, sees in ((sender, row.sender_sees), (receiver, row.receiver_sees)) if sees]
                self._relations.tell_closed(tx, row.id, tuple(sides))
        return self._relations.meet(tx, one, other)

    def _hide(self, tx: Tx, request: str, receiver: str) -> None:
        contact_store.change_request(tx.connection, request, receiver_sees=False, hidden_at=tx.now)
        self._relations.tell_closed(tx, request, (receiver,))

    def _withdraw(self, tx: Tx, row: sa.Row[Any]) -> None:
        if row.receiver_sees:
            contact_store.remove_request(tx.connection, row.id)
            self._relations.tell_closed(tx, row.id, (row.sender, row.receiver))
            return
        # It was declined: it stays, unseen by both, so that asking again at once does not get through.
        contact_store.change_request(tx.connection, row.id, sender_sees=False)
        self._relations.tell_closed(tx, row.id, (row.sender,))

    def _must_be_contact(self, tx: Tx, actor: Actor, other: str) -> None:
        if contact_store.contact_of(tx.connection, actor.person, other) is None:
            raise NotFound("That person is not a contact of yours.")
