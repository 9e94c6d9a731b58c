"""Proof that it is the person who asks, and not whoever holds their open session: the account's password, a passkey, or
that they signed in just now. What opens another way into the account, or to its money, asks for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from msgspec import UNSET

from teahouse.commands import Signed
from teahouse.errors import Conflict, Unauthenticated
from teahouse.people import rules, store
from teahouse.people.ceremonies import Ceremonies, Purpose
from teahouse.people.model import Ceremony, Person, Proof
from teahouse.people.passwords import Passwords
from teahouse.people.relying_party import PasskeyRefused, RelyingParty
from teahouse.people.slow import SlowWork
from teahouse.programs import PeopleOnly
from teahouse.storage.transaction import Tx

if TYPE_CHECKING:
    from teahouse.house import House

NO_PROOF = Proof()


class NoPasskey(Conflict):
    code = "no_passkey"
    title = "There is no passkey on this account"


class Proofs:
    def __init__(
        self, house: "House", slow: SlowWork, passwords: Passwords, party: RelyingParty, ceremonies: Ceremonies
    ) -> None:
        self._house = house
        self._slow = slow
        self._passwords = passwords
        self._party = party
        self._ceremonies = ceremonies

    async def must_be_proved(self, signed: Signed, given: Proof, *, ask_password: bool = False) -> None:
        """Raises `ProofNeeded`, or what is wrong with the proof. `ask_password`: where the account has one, having
        signed in just now does not do."""
        if given.ceremony is not UNSET and given.credential is not UNSET:
            await self.confirm(signed, "prove", given.ceremony, given.credential)
            return
        row, signed_in_at = await self._house.store.read(_known_of, signed)
        if row.service:
            # Its key is no sign-in: whoever holds it must not make another way in, nor a PIN.
            raise PeopleOnly()
        if row.password is not None and given.password is not UNSET:
            # Guesses count for the person, not the device, so that many devices guess no faster than one.
            with self.one_guess(f"{row.handle} confirms"):
                if not await self._passwords.verify(row.password, given.password):
                    raise rules.WrongCredentials("The password is wrong.")
            return
        now = self._house.store.writer.clock()
        must_give = ask_password and row.password is not None
        rules.must_be_proved(must_give=must_give, signed_in_at=signed_in_at, now=now)

    @contextmanager
    def one_guess(self, key: str) -> Iterator[None]:
        """Count a try, and take it back unless it was wrong."""
        self._house.limits.guess.take(key)
        wrong = False
        try:
            yield
        except rules.WrongCredentials:
            wrong = True
            raise
        finally:
            if not wrong:
                self._house.limits.guess.take(key, cost=-1.0)

    # --- by passkey ---

    async def options(self, signed: Signed, purpose: Purpose) -> Ceremony:
        """Begin to say yes to something with one of one's own passkeys. Raises `NoPasskey`."""
        rows = await self._house.store.read(store.passkeys, signed.person)
        if not rows:
            raise NoPasskey()
        challenge, options = await self._slow.run(self._party.request_options, [row.credential for row in rows])
        person = Person(signed.person, "", "")
        return Ceremony(self._ceremonies.begin(purpose, challenge, person=person), options)

    async def confirm(self, signed: Signed, purpose: Purpose, ceremony: str, credential: dict[str, Any]) -> None:
        """That the person said yes: with a passkey of theirs that made sure who uses it. Raises `PasskeyRefused`."""
        begun = self._ceremonies.finish(ceremony, purpose)
        if begun.person is None or begun.person.id != signed.person:
            raise PasskeyRefused("Another person began this.")
        row = await self._house.store.read(store.passkey_by_credential, self._party.credential_id(credential))
        if row is None or row.person != signed.person:
            raise PasskeyRefused("This is no passkey of yours.")
        sign_count = await self._slow.run(
            self._party.verify_assertion,
            credential,
            begun.challenge,
            person=row.person,
            public_key=row.public_key,
            sign_count=row.sign_count,
            user_verified=True,
        )

        def commit(tx: Tx) -> None:
            if not store.use_passkey(tx.connection, row.id, sign_count, tx.now):
                raise PasskeyRefused("This passkey was removed.")

        await self._house.store.write(commit)


def _known_of(connection: sa.Connection, signed: Signed) -> tuple[sa.Row[Any], int]:
    """Return the account, and when this device signed in (Unix ms). Raises `Unauthenticated`."""
    row = store.account(connection, identifier=signed.person)
    device = next((each for each in store.devices(connection, signed.person) if each.id == signed.device), None)
    if row is None or device is None:
        raise Unauthenticated()
    return row, device.created_at
