"""The people of the house who see other people's wallets: who is a cashier, and what they and operators looked at."""

import sqlalchemy as sa

from teahouse import ids
from teahouse.commands import Signed
from teahouse.errors import Forbidden, NotFound
from teahouse.house import House
from teahouse.people.model import Person
from teahouse.people.service import PeopleService
from teahouse.storage.transaction import Tx
from teahouse.wallet.guard import rules, store
from teahouse.wallet.guard.model import Cashiers, Look, Looks
from teahouse.wallet.model import WalletChanged

LOOKS_SHOWN = 200
CASHIERS_MAX = 500


class Staff:
    def __init__(self, house: House, people: PeopleService) -> None:
        self._house = house
        self._people = people

    # --- looks ---

    def note_look(self, tx: Tx, person: str, by: str, what: str) -> None:
        """Write down that somebody of the house looked at a person's wallet, and tell the person's devices."""
        if by == person:
            return
        store.add_look(tx.connection, {"id": ids.new_id(), "person": person, "by": by, "what": what, "at": tx.now})
        tx.tell(WalletChanged(), (person,))

    async def looks(self, signed: Signed) -> Looks:
        def read(connection: sa.Connection) -> Looks:
            rows = store.newest_looks(connection, signed.person, LOOKS_SHOWN)
            people = self._people.people_by_id(connection, {row.by for row in rows})
            return Looks(tuple(Look(row.at, people.get(row.by) or _gone(row.by), row.what) for row in rows))

        return await self._house.store.read(read)

    # --- cashiers ---

    def is_cashier(self, connection: sa.Connection, person: str) -> bool:
        return store.is_cashier(connection, person)

    def must_be_cashier(self, connection: sa.Connection, person: str) -> None:
        """Raises `NotACashier`."""
        if not store.is_cashier(connection, person):
            raise rules.NotACashier()

    async def cashiers(self, signed: Signed) -> Cashiers:
        must_be_operator(signed)
        return await self._house.store.read(self._all)

    async def make_cashier(self, signed: Signed, person: str) -> Cashiers:
        must_be_operator(signed)

        def commit(tx: Tx) -> Cashiers:
            if self._people.person(tx.connection, person) is None:
                raise NotFound("There is no such person.")
            if not store.is_cashier(tx.connection, person):
                if len(store.all_cashiers(tx.connection)) >= CASHIERS_MAX:
                    raise rules.TooManyCashiers(max=CASHIERS_MAX)
                store.add_cashier(tx.connection, person, tx.now, signed.person)
                tx.tell(WalletChanged(), (person,))
            return self._all(tx.connection)

        return await self._house.store.write(commit)

    async def unmake_cashier(self, signed: Signed, person: str) -> Cashiers:
        must_be_operator(signed)

        def commit(tx: Tx) -> Cashiers:
            if store.remove_cashier(tx.connection, person):
                tx.tell(WalletChanged(), (person,))
            return self._all(tx.connection)

        return await self._house.store.write(commit)

    def _all(self, connection: sa.Connection) -> Cashiers:
        identifiers = store.all_cashiers(connection)
        people = self._people.people_by_id(connection, identifiers)
        return Cashiers(tuple(people[each] for each in identifiers if each in people))


def must_be_operator(signed: Signed) -> None:
    if not signed.is_operator:
        raise Forbidden("Only operators do this.")


def _gone(identifier: str) -> Person:
    """Somebody who looked, and has no account any more."""
    return Person(identifier, "", "")
