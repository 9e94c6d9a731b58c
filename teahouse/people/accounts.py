"""Accounts: sign-up, sign-in, passwords, recovery codes and one's own profile."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa
from msgspec import UNSET

from teahouse import ids
from teahouse.commands import Actor, Done, Signed
from teahouse.errors import Malformed, Unauthenticated
from teahouse.people import rules, store
from teahouse.people.invitations import Invitations
from teahouse.people.model import (
    ChangePassword,
    Me,
    Person,
    ProfileChanged,
    Proof,
    Recover,
    RecoveryCodes,
    SignedIn,
    SignIn,
    SignUp,
    UpdateProfile,
)
from teahouse.people.passwords import Passwords
from teahouse.people.proofs import NO_PROOF, Proofs
from teahouse.people.sessions import Sessions
from teahouse.storage.transaction import Tx

if TYPE_CHECKING:
    from teahouse.house import House

Audience = Callable[[sa.Connection, str], tuple[set[str], list[str]]]


class Accounts:
    def __init__(
        self,
        house: "House",
        passwords: Passwords,
        sessions: Sessions,
        invitations: Invitations,
        proofs: Proofs,
        audience_of: Audience,
    ) -> None:
        self._house = house
        self._passwords = passwords
        self._sessions = sessions
        self._invitations = invitations
        self._proofs = proofs
        self._audience_of = audience_of

    # --- coming in ---

    async def sign_up(self, asked: SignUp, address: str) -> SignedIn:
        self._house.limits.sign_in.take(address)
        secret = "" if asked.invitation is UNSET else asked.invitation
        name = rules.clean_name(asked.name)
        # Looked at before as well, so that nobody waits for a hash to hear that the handle is taken.
        await self._house.store.read(self.check_admission, asked.handle, secret)
        password = await self._passwords.hash(asked.password)

        def commit(tx: Tx) -> SignedIn:
            person = self.create(tx, asked.handle, name, secret=secret, password=password)
            return self._sessions.open(tx, person, asked.device, address)

        return await self._house.store.write(commit)

    def check_admission(self, connection: sa.Connection, handle: str, secret: str) -> None:
        self._invitations.admit(connection, secret)
        if store.is_taken(connection, handle):
            raise rules.HandleTaken(handle)

    def create(
        self, tx: Tx, handle: str, name: str, *, secret: str = "", password: str | None = None, identifier: str = ""
    ) -> Person:
        """Add a person whom the house takes in, and use their invitation up."""
        self.check_admission(tx.connection, handle, secret)
        identifier = identifier or ids.new_id()
        values = {
            "id": identifier,
            "handle": handle,
            "name": name,
            "bio": "",
            "picture": "",
            "operator": False,
            "password": password,
            "created_at": tx.now,
            "service": False,
        }
        store.add_person(tx.connection, values)
        self._invitations.redeem(tx, secret, identifier)
        return Person(identifier, handle, name)

    def add_service(self, tx: Tx, handle: str, name: str) -> Person:
        if store.is_taken(tx.connection, handle):
            raise rules.HandleTaken(handle)
        made = Person(ids.new_id(), handle, rules.clean_name(name), service=True)
        values = {**msgspec.structs.asdict(made), "operator": False, "password": None, "created_at": tx.now}
        store.add_person(tx.connection, values)
        return made

    def change_service(self, tx: Tx, service: str, values: dict[str, str]) -> Person:
        clean = {"name": rules.clean_name, "bio": rules.clean}
        store.change_person(tx.connection, service, **{name: clean[name](value) for name, value in values.items()})
        return self.tell_profile(tx, service)

    async def sign_in(self, asked: SignIn, address: str) -> SignedIn:
        self._house.limits.sign_in.take(address)
        row, guesser = await self._house.store.read(_sign_in_row, asked.handle, address)
        encoded = row.password if row else None
        with self._proofs.one_guess(guesser):
            if not await self._passwords.verify(encoded, asked.password):
                raise rules.WrongCredentials()
        assert row is not None
        renewed = await self._passwords.hash(asked.password) if self._passwords.is_outdated(row.password) else None

        def commit(tx: Tx) -> SignedIn:
            now = store.account(tx.connection, identifier=row.id)
            if now is None or now.password != encoded:
                raise rules.WrongCredentials("The password was changed just now.")
            if renewed:
                store.change_person(tx.connection, now.id, password=renewed)
            return self._sessions.open(tx, _as_seen(now), asked.device, address)

        return await self._house.store.write(commit)

    async def recover(self, asked: Recover, address: str) -> SignedIn:
        """Sign in with a recovery code, which sets a new password and signs every other device out."""
        self._house.limits.sign_in.take(address)
        row, guesser = await self._house.store.read(_sign_in_row, asked.handle, address)
        code_hash = rules.hash_recovery_code(asked.code)

        with self._proofs.one_guess(guesser):
            # Before the code is looked at, so that a wrong one takes as long.
            password = await self._passwords.hash(asked.new)

            def commit(tx: Tx) -> SignedIn:
                if row is None or not store.use_recovery_code(tx.connection, row.id, code_hash):
                    raise rules.WrongCredentials("Handle or recovery code is wrong.")
                store.change_person(tx.connection, row.id, password=password)
                self._sessions.revoke_others(tx, row.id, but="", reason="password_changed")
                return self._sessions.open(tx, _as_seen(row), asked.device, address)

            return await self._house.store.write(commit)

    # --- one's own account ---

    def me(self, connection: sa.Connection, signed: Signed, house: str) -> Me:
        row = store.account(connection, identifier=signed.person)
        if row is None:
            raise Unauthenticated()
        return Me(
            person=_as_seen(row),
            operator=bool(row.operator),
            has_password=row.password is not None,
            passkeys=len(store.passkeys(connection, row.id)),
            recovery_codes_left=store.recovery_codes_left(connection, row.id),
            house=house,
        )

    async def change_password(self, signed: Signed, asked: ChangePassword) -> None:
        row = await self._house.store.read(lambda connection: store.account(connection, identifier=signed.person))
        if row is None:
            raise Unauthenticated()
        encoded = row.password
        if encoded is not None:
            with self._proofs.one_guess(f"{row.handle} {signed.device}"):
                if asked.current is UNSET or not await self._passwords.verify(encoded, asked.current):
                    raise rules.WrongCredentials("The current password is wrong.")
        else:
            await self._proofs.must_be_proved(signed, Proof(ceremony=asked.ceremony, credential=asked.credential))
        password = await self._passwords.hash(asked.new)

        def commit(tx: Tx) -> None:
            now = store.account(tx.connection, identifier=signed.person)
            if now is None or now.password != encoded:
                raise rules.WrongCredentials("The password was changed just now.")
            store.change_person(tx.connection, signed.person, password=password)
            self._sessions.revoke_others(tx, signed.person, but=signed.device, reason="password_changed")

        await self._house.store.write(commit)

    async def make_recovery_codes(self, signed: Signed, proof: Proof = NO_PROOF) -> RecoveryCodes:
        await self._proofs.must_be_proved(signed, proof)
        codes = tuple(rules.new_recovery_code() for _ in range(rules.RECOVERY_CODES))
        hashes = [rules.hash_recovery_code(code) for code in codes]
        await self._house.store.write(lambda tx: store.replace_recovery_codes(tx.connection, signed.person, hashes))
        return RecoveryCodes(codes)

    # --- profile ---

    def update_profile(self, tx: Tx, actor: Actor, command: UpdateProfile) -> Done:
        values: dict[str, str] = {}
        if command.name is not UNSET:
            values["name"] = rules.clean_name(command.name)
        if command.bio is not UNSET:
            values["bio"] = rules.clean(command.bio)
        if command.handle is not UNSET:
            values["handle"] = command.handle
        if not values:
            raise Malformed("Give at least one of name, bio and handle.")
        holder = store.person_by_handle(tx.connection, values["handle"]) if "handle" in values else None
        if holder is not None and holder.id != actor.person:
            raise rules.HandleTaken(holder.handle)
        store.change_person(tx.connection, actor.person, **values)
        self.tell_profile(tx, actor.person)
        return Done()

    def set_picture(self, tx: Tx, person: str, picture: str) -> tuple[Person, str]:
        """Return the person and the name of the picture they had."""
        before = store.person_by_id(tx.connection, person)
        if before is None:
            raise Unauthenticated()
        store.change_person(tx.connection, person, picture=picture)
        return self.tell_profile(tx, person), before.picture

    def tell_profile(self, tx: Tx, identifier: str) -> Person:
        person = store.person_by_id(tx.connection, identifier)
        if person is None:
            raise Unauthenticated()
        people, scopes = self._audience_of(tx.connection, identifier)
        tx.tell(ProfileChanged(person=person), people, scopes=scopes, key=f"profile:{identifier}")
        return person


def _sign_in_row(connection: sa.Connection, handle: str, address: str) -> tuple[sa.Row[Any] | None, str]:
    """Return the account and whose guesses are counted: those at an address where the person has a device are counted
    apart, so that a stranger's guessing does not lock them out."""
    row = store.account(connection, handle=handle)
    familiar = row is not None and store.is_familiar(connection, row.id, address)
    return row, f"{handle} {address}" if familiar else handle


def _as_seen(row: sa.Row[Any]) -> Person:
    return Person(row.id, row.handle, row.name, row.picture, row.bio, bool(row.service))
