"""People: the one door of this room. Other rooms call what is here, and hang in what they want to be asked."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol

import sqlalchemy as sa
from argon2 import PasswordHasher

from teahouse.commands import Signed
from teahouse.errors import NotFound, Refusal
from teahouse.limits import Buckets
from teahouse.people import contact_store, model, rules, store
from teahouse.people.accounts import Accounts, Audience
from teahouse.people.ceremonies import Ceremonies
from teahouse.people.contacts import ContactBook
from teahouse.people.invitations import HouseRules, Invitations
from teahouse.people.model import Device, Invitation, Person, SignedIn
from teahouse.people.passkeys import Passkeys
from teahouse.people.passwords import Passwords
from teahouse.people.pictures import Pictures
from teahouse.people.proofs import Proofs
from teahouse.people.relations import OnContact, OnRelation, Relations
from teahouse.people.relying_party import RelyingParty
from teahouse.people.sessions import Sessions
from teahouse.people.slow import SlowWork
from teahouse.storage.transaction import Tx

if TYPE_CHECKING:
    from teahouse.house import House

clean_name = rules.clean_name

HASHES_WAITING_MAX = 200
UPLOADS_PER_S = 1 / 30
UPLOADS_AT_ONCE = 20


class Operator(Protocol):
    """The room that keeps the house's settings."""

    @property
    def settings(self) -> HouseRules: ...


class PeopleService:
    def __init__(self, house: "House", operator: Operator, hasher: PasswordHasher | None = None) -> None:
        """`hasher` is given by tests that need many passwords cheaply."""
        self._house = house
        self._operator = operator
        self.on_contact: OnContact = lambda tx, one, other: ""
        """Two people become contacts: returns the id of their direct chat. Hung in by chat."""
        self.on_relation: OnRelation = lambda tx, one, other: None
        """What may pass between two people has changed. Hung in by chat."""
        self.audience_of: Audience = lambda connection, person: ({person}, [person])
        """Who is told of a changed profile: people, and the scopes that keep it. Hung in by chat."""
        # Two threads: on two processors, a rush of sign-ins leaves the other parts of the house their turn.
        self._slow = SlowWork("passwords", threads=2, waiting_max=HASHES_WAITING_MAX)
        # The lambdas: what is hung in comes later than this, and is looked up when it is needed.
        relations = Relations(
            lambda tx, one, other: self.on_contact(tx, one, other),  # noqa: PLW0108
            lambda tx, one, other: self.on_relation(tx, one, other),  # noqa: PLW0108
        )
        self.sessions = Sessions(house)
        self.invitations = Invitations(house, relations, lambda: operator.settings)
        self.passwords = Passwords(self._slow, hasher or PasswordHasher())
        """For short secrets of other rooms too: one hasher, and one queue for its slow work."""
        party, ceremonies = RelyingParty(house.settings), Ceremonies()
        self.proofs = Proofs(house, self._slow, self.passwords, party, ceremonies)
        """For other rooms too: that it is the person who asks, or says yes."""
        self.accounts = Accounts(
            house,
            self.passwords,
            self.sessions,
            self.invitations,
            self.proofs,
            lambda connection, person: self.audience_of(connection, person),  # noqa: PLW0108
        )
        self.passkeys = Passkeys(
            house,
            self._slow,
            self.sessions,
            self.accounts,
            self.proofs,
            party,
            ceremonies,
            lambda: operator.settings,
        )
        self.book = ContactBook(house, relations)
        self.pictures = Pictures(house.settings.data / "pictures")
        self._uploads = Buckets(UPLOADS_PER_S, UPLOADS_AT_ONCE)

    def register(self) -> None:
        house = self._house
        house.authenticate = self.sessions.authenticate
        house.handle(model.UpdateProfile, self.accounts.update_profile)
        house.handle(model.RequestContact, self.book.request)
        house.handle(model.AcceptContact, self.book.accept)
        house.handle(model.DeclineContact, self.book.decline)
        house.handle(model.UpdateContact, self.book.update)
        house.handle(model.RemoveContact, self.book.remove)
        house.handle(model.Block, self.book.block)
        house.handle(model.Unblock, self.book.unblock)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        try:
            yield
        finally:
            self._slow.stop()
            self.pictures.stop()

    async def first_link(self) -> str | None:
        """While the house has no operator: a new link that makes its holder one (it voids the older ones)."""
        return await self.invitations.first_link()

    async def me(self, signed: Signed) -> model.Me:
        return await self._house.store.read(self.accounts.me, signed, self._operator.settings.name)

    async def store_picture(self, data: bytes) -> str:
        """Keep an image as a square picture and return its name. Raises `PictureRefused`."""
        return await self.pictures.store(data)

    def drop_picture(self, name: str) -> None:
        """Remove a picture that nothing names any more (after the commit that took its name away)."""
        self.pictures.drop(name)

    async def set_picture(self, signed: Signed, data: bytes) -> Person:
        self._uploads.take(signed.person)
        name = await self.store_picture(data)
        try:
            return await self._name_picture(signed, name)
        except Refusal:
            self.drop_picture(name)
            raise

    async def remove_picture(self, signed: Signed) -> Person:
        return await self._name_picture(signed, "")

    async def _name_picture(self, signed: Signed, name: str) -> Person:
        person, before = await self._house.store.write(self.accounts.set_picture, signed.person, name)
        self.drop_picture(before)
        return person

    async def invite(self, uses: int, hours: int) -> Invitation | None:
        """Make an invitation in the name of the operator; None while the house has none."""
        operator = await self._house.store.read(store.first_operator)
        if operator is None:
            return None
        asked = model.NewInvitation(uses=uses, hours=hours)
        return await self.invitations.make(Signed(operator, "", is_operator=True), asked)

    async def sign_in_as_operator(self, device: str) -> model.SignedIn | None:
        """A device of the operator's, for who is at the machine itself (and may write to the store anyway); None while
        the house has no operator. It is told to nobody: a server that runs beside this takes the token all the same."""

        def sign_in(tx: Tx) -> model.SignedIn | None:
            operator = store.first_operator(tx.connection)
            person = store.person_by_id(tx.connection, operator) if operator else None
            return self.sessions.open(tx, person, device, "") if person else None

        return await self._house.store.write(sign_in)

    # --- service accounts: merchants and billers, which nobody signs in as ---

    def add_service(self, tx: Tx, handle: str, name: str) -> Person:
        """Add a service account. Raises `HandleTaken`, `BadName`."""
        return self.accounts.add_service(tx, handle, name)

    def change_service(self, tx: Tx, service: str, **values: str) -> Person:
        """Change its name or bio, and tell who sees it."""
        return self.accounts.change_service(tx, service, values)

    def open_key(self, tx: Tx, service: Person, name: str) -> SignedIn:
        """Let a program act as a service account: a device with a token."""
        return self.sessions.open(tx, service, name, "")

    def keys(self, connection: sa.Connection, service: str) -> tuple[Device, ...]:
        """The devices of a service account, the newest first."""
        return self.sessions.shown(connection, Signed(service, ""))

    def end_key(self, tx: Tx, service: str, device: str) -> None:
        """Raises `NotFound`."""
        self.sessions.revoke(tx, Signed(service, ""), device)

    # --- what other rooms read, on a connection of theirs ---

    def person(self, connection: sa.Connection, identifier: str) -> Person | None:
        return store.person_by_id(connection, identifier)

    def shown_name(self, connection: sa.Connection, viewer: str, person: Person) -> str:
        """Return what the viewer calls somebody: their remark, else the person's own name."""
        row = contact_store.contact_of(connection, viewer, person.id)
        return row.remark if row is not None and row.remark else person.name

    def by_handle(self, connection: sa.Connection, handle: str) -> Person:
        found = store.person_by_handle(connection, handle)
        if found is None:
            raise NotFound("Nobody has this handle.")
        return found

    def people_by_id(self, connection: sa.Connection, identifiers: Iterable[str]) -> dict[str, Person]:
        """Those that exist."""
        return store.people_by_id(connection, identifiers)

    def handles_to_ids(self, connection: sa.Connection, handles: Iterable[str]) -> dict[str, str]:
        """Handle to id, for those that exist."""
        return store.handles_to_ids(connection, handles)

    def are_contacts(self, connection: sa.Connection, one: str, other: str) -> bool:
        return contact_store.contact_of(connection, one, other) is not None

    def contacts_among(self, connection: sa.Connection, person: str, others: Iterable[str]) -> set[str]:
        """Which of the others are the person's contacts."""
        return contact_store.contacts_among(connection, person, others)

    def blocked_between(self, connection: sa.Connection, one: str, other: str) -> set[str]:
        """Which of the two have blocked the other."""
        return contact_store.blockers_between(connection, one, other)

    def blocked_among(self, connection: sa.Connection, one: str, others: Iterable[str]) -> set[str]:
        """Which of the others blocked one, or are blocked by one."""
        return contact_store.blocked_among(connection, one, others)

    def count(self, connection: sa.Connection) -> int:
        return store.count(connection)
