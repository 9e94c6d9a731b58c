"""Passkeys: signing up and in with them, and the list of one's own."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from teahouse import ids
from teahouse.commands import Signed
from teahouse.errors import Conflict, NotFound, Unauthenticated
from teahouse.people import rules, store
from teahouse.people.accounts import Accounts
from teahouse.people.ceremonies import Ceremonies, Purpose
from teahouse.people.invitations import HouseRules
from teahouse.people.model import (
    AddPasskey,
    Ceremony,
    Passkey,
    PasskeySignIn,
    PasskeySignUp,
    PasskeySignUpOptions,
    Person,
    Proof,
    SignedIn,
)
from teahouse.people.proofs import NO_PROOF, Proofs
from teahouse.people.relying_party import Key, PasskeyRefused, RelyingParty
from teahouse.people.sessions import Sessions
from teahouse.people.slow import SlowWork
from teahouse.storage.transaction import Tx

if TYPE_CHECKING:
    from teahouse.house import House

OPTIONS_COST = 0.25
"""Of one try: a sign-in page asks for options as soon as it is shown."""


class LastWayIn(Conflict):
    code = "last_way_in"
    title = "Without this passkey you could not sign in any more: set a password first"


class TooManyPasskeys(Conflict):
    code = "too_many_passkeys"
    title = "There are too many passkeys: remove one first"


class Passkeys:
    def __init__(
        self,
        house: "House",
        slow: SlowWork,
        sessions: Sessions,
        accounts: Accounts,
        proofs: Proofs,
        party: RelyingParty,
        ceremonies: Ceremonies,
        house_rules: Callable[[], HouseRules],
    ) -> None:
        self._house = house
        self._slow = slow
        self._sessions = sessions
        self._accounts = accounts
        self._proofs = proofs
        self._house_rules = house_rules
        self._party = party
        self._ceremonies = ceremonies

    # --- signing in and up ---

    async def sign_in_options(self, address: str) -> Ceremony:
        self._house.limits.sign_in.take(address, cost=OPTIONS_COST)
        challenge, options = await self._slow.run(self._party.request_options)
        return Ceremony(self._ceremonies.begin("sign_in", challenge), options)

    async def sign_in(self, asked: PasskeySignIn, address: str) -> SignedIn:
        self._house.limits.sign_in.take(address)
        begun = self._ceremonies.finish(asked.ceremony, "sign_in")
        row = await self._house.store.read(store.passkey_by_credential, self._party.credential_id(asked.credential))
        if row is None:
            raise PasskeyRefused("The house does not know this passkey.")
        sign_count = await self._slow.run(
            self._party.verify_assertion,
            asked.credential,
            begun.challenge,
            person=row.person,
            public_key=row.public_key,
            sign_count=row.sign_count,
        )

        def commit(tx: Tx) -> SignedIn:
            person = store.person_by_id(tx.connection, row.person)
            if person is None or not store.use_passkey(tx.connection, row.id, sign_count, tx.now):
                raise PasskeyRefused("This passkey was removed.")
            return self._sessions.open(tx, person, asked.device, address)

        return await self._house.store.write(commit)

    async def sign_up_options(self, asked: PasskeySignUpOptions, address: str) -> Ceremony:
        self._house.limits.sign_in.take(address, cost=OPTIONS_COST)
        secret = "" if asked.invitation is msgspec.UNSET else asked.invitation
        person = Person(ids.new_id(), asked.handle, rules.clean_name(asked.name))
        await self._house.store.read(self._accounts.check_admission, asked.handle, secret)
        return await self._creation("sign_up", person, [], secret)

    async def sign_up(self, asked: PasskeySignUp, address: str) -> SignedIn:
        self._house.limits.sign_in.take(address)
        begun = self._ceremonies.finish(asked.ceremony, "sign_up")
        made = await self._slow.run(self._party.verify_creation, asked.credential, begun.challenge)
        assert begun.person is not None
        wanted = begun.person

        def commit(tx: Tx) -> SignedIn:
            person = self._accounts.create(tx, wanted.handle, wanted.name, secret=begun.secret, identifier=wanted.id)
            self._add(tx, person.id, made, asked.device)
            return self._sessions.open(tx, person, asked.device, address)

        return await self._house.store.write(commit)

    # --- one's own passkeys ---

    async def add_options(self, signed: Signed, proof: Proof = NO_PROOF) -> Ceremony:
        """The ceremony stands for the proof when it is finished."""
        await self._proofs.must_be_proved(signed, proof)

        def read(connection: sa.Connection) -> tuple[Person | None, list[bytes]]:
            rows = store.passkeys(connection, signed.person)
            return store.person_by_id(connection, signed.person), [row.credential for row in rows]

        person, credentials = await self._house.store.read(read)
        if person is None:
            raise Unauthenticated()
        return await self._creation("add", person, credentials)

    async def add(self, signed: Signed, asked: AddPasskey) -> Passkey:
        begun = self._ceremonies.finish(asked.ceremony, "add")
        if begun.person is None or begun.person.id != signed.person:
            raise PasskeyRefused("Another person began this.")
        made = await self._slow.run(self._party.verify_creation, asked.credential, begun.challenge)

        def commit(tx: Tx) -> Passkey:
            if len(store.passkeys(tx.connection, signed.person)) >= rules.PASSKEYS_MAX:
                raise TooManyPasskeys(max=rules.PASSKEYS_MAX)
            return self._add(tx, signed.person, made, asked.name)

        return await self._house.store.write(commit)

    def shown(self, connection: sa.Connection, signed: Signed) -> tuple[Passkey, ...]:
        rows = store.passkeys(connection, signed.person)
        return tuple(Passkey(row.id, row.name, row.created_at, row.used_at) for row in rows)

    async def remove(self, signed: Signed, identifier: str, proof: Proof = NO_PROOF) -> None:
        await self._proofs.must_be_proved(signed, proof)
        await self._house.store.write(self._remove, signed, identifier)

    def _remove(self, tx: Tx, signed: Signed, identifier: str) -> None:
        rows = store.passkeys(tx.connection, signed.person)
        account = store.account(tx.connection, identifier=signed.person)
        if account is None or identifier not in {row.id for row in rows}:
            raise NotFound("There is no such passkey of yours.")
        if len(rows) == 1 and account.password is None:
            raise LastWayIn()
        store.remove_passkey(tx.connection, signed.person, identifier)

    # --- steps ---

    async def _creation(self, purpose: Purpose, person: Person, known: list[bytes], secret: str = "") -> Ceremony:
        house = self._house_rules().name
        challenge, options = await self._slow.run(self._party.creation_options, house, person, known)
        return Ceremony(self._ceremonies.begin(purpose, challenge, person=person, secret=secret), options)

    def _add(self, tx: Tx, person: str, made: Key, name: str) -> Passkey:
        if store.passkey_by_credential(tx.connection, made.credential) is not None:
            raise PasskeyRefused("This passkey is in use already.")
        passkey = Passkey(ids.new_id(), rules.clean_line(name), tx.now, tx.now)
        store.add_passkey(
            tx.connection,
            {
                "id": passkey.id,
                "person": person,
                "credential": made.credential,
                "public_key": made.public_key,
                "sign_count": made.sign_count,
                "name": passkey.name,
                "created_at": tx.now,
                "used_at": tx.now,
            },
        )
        return passkey
