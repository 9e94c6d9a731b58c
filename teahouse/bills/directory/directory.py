"""The directory of billers. The one door of this room."""

from collections.abc import Collection, Sequence
from typing import Any, get_args

import sqlalchemy as sa

from teahouse.bills.connectors.model import Reach
from teahouse.bills.directory import rules, store
from teahouse.bills.directory.model import (
    AddBiller,
    Biller,
    BillerCategory,
    BillerList,
    BillerSetup,
    UpdateBiller,
)
from teahouse.bills.directory.setting_up import SettingUp
from teahouse.commands import Signed
from teahouse.errors import Forbidden
from teahouse.people.model import Person
from teahouse.storage.transaction import Tx
from teahouse.wallet.ledger import store as ledger
from teahouse.wallet.purse import Purse

NOT_REACHED = ("biller_away", "biller_not_trusted")
"""Troubles that are over with the next good answer."""


class Directory:
    def __init__(self, purse: Purse) -> None:
        self._purse = purse
        self._setting_up = SettingUp(purse, self._setup, self._forget)
        # From any thread: rows are replaced, never changed.
        self._known: dict[str, tuple[sa.Row[Any], Biller]] = {}
        self._version = 0

    def register(self) -> None:
        """Hang the commands into the house."""
        self._purse.house.handle(AddBiller, self._setting_up.add)
        self._purse.house.handle(UpdateBiller, self._setting_up.update)

    # --- what other rooms ask ---

    def row(self, connection: sa.Connection, biller: str) -> sa.Row[Any]:
        """Return a biller's row, open or not. Raises `NoSuchBiller`."""
        return self._one(connection, biller)[0]

    def open_row(self, connection: sa.Connection, biller: str) -> sa.Row[Any]:
        """Raises `NoSuchBiller`, `BillerPaused`."""
        found = self.row(connection, biller)
        if found.state != "open":
            raise rules.BillerPaused()
        return found

    def shown(self, connection: sa.Connection, billers: Collection[str]) -> dict[str, Biller]:
        return {each: self._one(connection, each)[1] for each in billers}

    def reach(self, row: sa.Row[Any]) -> Reach:
        return Reach(row.id, row.currency, row.open_amount, row.url, row.key_id, row.public_key)

    def customer_of(self, row: sa.Row[Any], given: dict[str, str]) -> dict[str, str]:
        """Return a customer's values as the biller writes them. Raises `WrongCustomerField` (its `field`)."""
        return rules.customer_of(store.read_fields(row.fields), given)

    def note_trouble(self, tx: Tx, biller: str, trouble: str) -> None:
        """Let the operator see what went wrong with a biller."""
        store.change(tx.connection, biller, trouble=trouble[:200])
        self._forget(tx)

    def not_reached(self, connection: sa.Connection) -> set[str]:
        """Return the billers whose trouble is that they do not answer."""
        return store.in_trouble(connection, NOT_REACHED)

    def answers_again(self, tx: Tx, biller: str) -> None:
        """Take a trouble away that is over now."""
        store.end_trouble(tx.connection, biller, NOT_REACHED)
        self._forget(tx)

    # --- reads ---

    async def find(self, *, category: BillerCategory | None, region: str, text: str) -> BillerList:
        return await self._purse.house.store.read(self._find, category, region.upper(), text.strip().casefold())

    async def setups(self, signed: Signed) -> tuple[BillerSetup, ...]:
        if not signed.is_operator:
            raise Forbidden("Only operators do this.")

        def read(connection: sa.Connection) -> tuple[BillerSetup, ...]:
            return tuple(self._setup(connection, row) for row in store.all_billers(connection))

        return await self._purse.house.store.read(read)

    async def biller(self, biller: str) -> Biller:
        def read(connection: sa.Connection) -> Biller:
            return self._one(connection, biller)[1]

        return await self._purse.house.store.read(read)

    # --- within ---

    def _one(self, connection: sa.Connection, biller: str) -> tuple[sa.Row[Any], Biller]:
        """From memory, if it was asked for lately. Raises `NoSuchBiller`."""
        found = self._known.get(biller)
        if found is None:
            version = self._version
            row = store.biller(connection, biller)
            if row is None:
                raise rules.NoSuchBiller()
            found = row, self._shown(connection, [row])[0]
            if version == self._version:  # else it may have been read just before it was changed
                self._known[biller] = found
        return found

    def _forget(self, tx: Tx) -> None:
        """Read billers again, once what was changed of one is there."""

        def forget() -> None:
            self._version += 1
            self._known = {}

        tx.after(forget)

    def _find(self, connection: sa.Connection, category: str | None, region: str, text: str) -> BillerList:
        rows = store.open_billers(connection)
        known = {row.category for row in rows}
        regions = sorted({each for row in rows for each in row.regions.split()})
        fitting = [
            row for row in rows if category in (None, row.category) and rules.serves(row.regions.split(), region)
        ]
        found = [each for each in self._shown(connection, fitting) if text in _words_of(each)]
        found.sort(key=lambda each: (each.person.name.casefold(), each.person.id))
        categories = tuple(each for each in get_args(BillerCategory) if each in known)
        return BillerList(billers=tuple(found[: rules.SHOWN_MAX]), categories=categories, regions=tuple(regions))

    def _shown(self, connection: sa.Connection, rows: Sequence[sa.Row[Any]]) -> list[Biller]:
        people = self._purse.people.people_by_id(connection, [row.id for row in rows])
        return [
            Biller(
                person=people.get(row.id) or Person(row.id, "", ""),
                category=row.category,
                regions=tuple(row.regions.split()),
                fields=store.read_fields(row.fields),
                currency=row.currency,
                accepts=row.accepts,
                about=row.about,
                open_amount=bool(row.open_amount),
            )
            for row in rows
        ]

    def _setup(self, connection: sa.Connection, row: sa.Row[Any]) -> BillerSetup:
        account = ledger.account_of(connection, row.id, "biller", row.currency)
        return BillerSetup(
            biller=self._shown(connection, [row])[0],
            state=row.state,
            connector=row.connector,
            url=row.url,
            key_id=row.key_id,
            public_key=row.public_key,
            deadline_s=row.deadline_s,
            iban=row.iban,
            bic=row.bic,
            settles=row.settles,
            settles_as=row.settles_as,
            balance=account.balance if account else 0,
            trouble=row.trouble,
        )


def _words_of(biller: Biller) -> str:
    return f"{biller.person.name}\n{biller.person.handle}\n{biller.about}".casefold()
