"""Merchants: opened, staffed, paid out. The one door of this room."""

from typing import Any

import sqlalchemy as sa

from teahouse.commands import Actor, Signed
from teahouse.merchants.accounts import model, rules, store
from teahouse.merchants.accounts.counters import Counters
from teahouse.merchants.accounts.keys import ApiKeys
from teahouse.merchants.accounts.known import KnownMerchants
from teahouse.merchants.accounts.model import (
    ApiKey,
    ApiKeyMade,
    Counter,
    MakeApiKey,
    Merchant,
    MerchantTariffs,
    Role,
    SetDefaultTariff,
    Shop,
    Tariff,
)
from teahouse.merchants.accounts.opening import Opening
from teahouse.merchants.accounts.shops import Shops
from teahouse.merchants.accounts.staff import Staff
from teahouse.merchants.accounts.takings import Takings, describe
from teahouse.storage.transaction import Tx
from teahouse.wallet.ledger.model import Purpose
from teahouse.wallet.purse import Purse


class Accounts:
    def __init__(self, purse: Purse) -> None:
        self._purse = purse
        self._known = KnownMerchants(purse)
        self._shops = Shops(purse, self._known)
        self._opening = Opening(purse, self._known, self._shops)
        self._staff = Staff(purse.people, self._known)
        self._counters = Counters(self._known)
        self._keys = ApiKeys(purse.people, self._known)
        self._takings = Takings(purse, self._known)

    def register(self) -> None:
        """Hang the commands into the house."""
        house = self._purse.house
        house.handle(model.OpenMerchant, self._opening.open)
        house.handle(model.UpdateMerchant, self._opening.update)
        house.handle(model.JudgeMerchant, self._opening.judge)
        house.handle(model.SetStaff, self._staff.set)
        house.handle(model.RemoveStaff, self._staff.remove)
        house.handle(model.AddCounter, self._counters.add)
        house.handle(model.UpdateCounter, self._counters.update)
        house.handle(model.RemoveCounter, self._counters.remove)
        house.handle(model.TakeOut, self._takings.take_out)
        self._purse.describe[Purpose.TAKE_OUT] = describe

    # --- what other rooms ask ---

    def must_be_staff(self, connection: sa.Connection, actor: Actor, merchant: str, least: Role = "cashier") -> Role:
        """Return the actor's role (the merchant's own program counts as a manager). Raises `NoSuchMerchant` for who is
        no staff, `Forbidden` for who may not do this."""
        return self._known.role(connection, actor, merchant, least)

    def must_be_open(self, connection: sa.Connection, merchant: str) -> sa.Row[Any]:
        """Return the row of a merchant that sells. Raises `NoSuchMerchant`, `MerchantClosed`."""
        row = self._known.get(connection, merchant).row
        rules.must_sell(row.state)
        return row

    def staff_ids(self, connection: sa.Connection, merchant: str) -> list[str]:
        """Whom to tell: the staff, and the merchant itself (its program)."""
        return [*self._known.get(connection, merchant).staff, merchant]

    def counter(self, connection: sa.Connection, merchant: str, counter: str) -> Counter:
        """Raises `NoSuchCounter`."""
        return self._known.counter(connection, merchant, counter)

    def counter_of_token(self, connection: sa.Connection, token: str) -> tuple[str, Counter]:
        """Return the merchant and counter of a code. Raises `NoSuchCounter`."""
        return self._known.counter_of_token(connection, token)

    def counter_names(self, connection: sa.Connection, merchant: str) -> dict[str, str]:
        """Of all that it ever had, also those that were removed."""
        return store.counter_names(connection, merchant)

    def currency(self, connection: sa.Connection, merchant: str) -> str:
        """In which it sells."""
        return str(self._known.get(connection, merchant).row.currency)

    def take_outs_between(
        self, connection: sa.Connection, merchant: str, currency: str, since: int, until: int
    ) -> list[sa.Row[Any]]:
        """From an instant on and before another, in order: id, person, amount, at (as the ledger has it)."""
        return store.take_outs_between(connection, merchant, currency, since, until)

    def tariff(self, connection: sa.Connection, merchant: str) -> Tariff:
        return self._known.get(connection, merchant).tariff

    def takings(self, tx: Tx, merchant: str, currency: str) -> int:
        """What a merchant may take out or refund from: its account, less the discounts that are not settled yet."""
        return self._takings.of(tx, merchant, currency)

    # --- reads ---

    async def mine(self, signed: Signed) -> tuple[Shop, ...]:
        return await self._purse.house.store.read(self._shops.mine, signed)

    async def all(self, signed: Signed) -> MerchantTariffs:
        return await self._purse.house.store.read(self._shops.all, signed)

    async def set_default_tariff(self, signed: Signed, asked: SetDefaultTariff) -> MerchantTariffs:
        if not signed.is_operator:
            raise rules.OperatorsOnly()

        def commit(tx: Tx) -> MerchantTariffs:
            store.set_default_tariff(tx.connection, asked.tariff)
            return self._shops.all(tx.connection, signed)

        return await self._purse.house.store.write(commit)

    async def merchant(self, signed: Signed, merchant: str) -> Merchant:
        return await self._purse.house.store.read(self._shops.merchant, merchant)

    async def shop(self, signed: Signed, merchant: str) -> Shop:
        return await self._purse.house.store.read(self._shops.of, merchant, signed.person)

    async def keys(self, signed: Signed, merchant: str) -> tuple[ApiKey, ...]:
        return await self._purse.house.store.read(self._keys.shown, signed, merchant)

    async def make_key(self, signed: Signed, merchant: str, asked: MakeApiKey) -> ApiKeyMade:
        return await self._purse.house.store.write(self._keys.make, signed, merchant, asked)

    async def revoke_key(self, signed: Signed, merchant: str, key: str) -> None:
        await self._purse.house.store.write(self._keys.revoke, signed, merchant, key)
