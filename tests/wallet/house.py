"""A house with a wallet on a real store, and people with money who pay each other."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from teahouse import ids
from teahouse.clock import now_ms
from teahouse.commands import Signed
from teahouse.money import Money
from teahouse.people.model import Person, SignedIn
from teahouse.storage.transaction import Tx
from teahouse.wallet.guard.model import Approve, SetPin
from teahouse.wallet.ledger.model import New, Purpose
from teahouse.wallet.service import WalletService
from tests.chat.house import Chatter, TeaHouse, open_teahouse, reopen_teahouse
from tests.harness.house import PASSWORD, Guest

PIN = "482915"
EUR = "EUR"
_keys = itertools.count()


def new_key() -> str:
    return f"{ids.new_id()}-{next(_keys)}"


def eur(amount: int) -> Money:
    return Money(amount, EUR)


class Payer(Chatter):
    """A person with a wallet."""

    def __init__(self, purse: WalletHouse, guest: Guest) -> None:
        super().__init__(purse.tea, guest)
        self.purse = purse

    async def sets_pin(self, pin: str = PIN) -> None:
        await self.purse.wallet.guard.set_pin(self.guest.signed, SetPin(pin=pin, password=PASSWORD))

    async def approves(self, amount: int, currency: str = EUR, uses: int = 1) -> str:
        """Say yes to a sum by PIN."""
        asked = Approve(amount=Money(amount, currency), pin=PIN, uses=uses)
        approved = await self.purse.wallet.guard.approve(self.guest.signed, asked)
        return approved.approval

    async def has(self, currency: str = EUR) -> int:
        """What they may spend, in minor units."""
        return (await self.purse.sums(self.id, currency))[1]

    async def balance(self, currency: str = EUR) -> int:
        return (await self.purse.sums(self.id, currency))[0]


class WalletHouse:
    def __init__(self, tea: TeaHouse) -> None:
        self.tea = tea
        self.house = tea.house
        self.wallet = WalletService(tea.house, tea.opened.people, tea.opened.operator, tea.chat)
        self._shift_ms = 0

    @property
    def operator(self) -> Signed:
        return self.tea.founder

    async def person(self, handle: str, funds: int = 0, *, pin: bool = True) -> Payer:
        payer = Payer(self, await self.tea.opened.sign_up(handle))
        if pin:
            await payer.sets_pin()
        if funds:
            await self.fund(payer.id, funds)
        return payer

    async def people(self, *handles: str, funds: int = 10_000) -> list[Payer]:
        return [await self.person(handle, funds) for handle in handles]

    async def friends(self, *handles: str, funds: int = 10_000) -> list[Payer]:
        """People of whom each is a contact of each."""
        people = await self.people(*handles, funds=funds)
        for one, other in itertools.combinations(people, 2):
            await one.meets(other)
        return people

    async def again(self, payer: Payer) -> Payer:
        """The same person on the same device, after the house was closed and opened."""
        face = Person(id=payer.guest.id, handle=payer.guest.handle, name="")
        signed = await self.house.authenticate(payer.guest.token)
        return Payer(self, Guest(self.tea.opened, SignedIn(face, payer.guest.token, payer.guest.device), signed))

    async def fund(self, person: str, amount: int, currency: str = EUR) -> None:
        """Give somebody money out of the house's account for corrections."""

        def give(tx: Tx) -> None:
            source = self.wallet.purse.house_account(tx, "suspense", currency)
            account = self.wallet.purse.account(tx, person, currency)
            new = New(new_key(), source.number, account.number, amount, purpose=Purpose.CORRECTION)
            self.wallet.ledger.post(tx, new)

        await self.house.store.write(give)

    async def sums(self, person: str, currency: str = EUR) -> tuple[int, int]:
        """Return what somebody has, and what of it they may spend."""

        def read(tx: Tx) -> tuple[int, int]:
            account = self.wallet.ledger.find(tx, person, "member", currency)
            if account is None:
                return 0, 0
            balance = account.credits - account.debits
            return balance, balance - account.held_out

        return await self.house.store.write(read)

    async def account_sum(self, kind: Any, currency: str = EUR, owner: str = "") -> int:
        """Return what an account of the house has: credits less debits."""

        def read(tx: Tx) -> int:
            account = self.wallet.ledger.find(tx, owner, kind, currency)
            return 0 if account is None else account.credits - account.debits

        return await self.house.store.write(read)

    def passes(self, milliseconds: int) -> None:
        """Let time pass: for the writer's clock, which decides what is due."""
        self._shift_ms += milliseconds

        self.house.store.writer.clock = lambda: now_ms() + self._shift_ms

    async def rows(self, query: Any) -> list[Any]:
        return await self.tea.rows(query)


@asynccontextmanager
async def _with_wallet(tea: TeaHouse) -> AsyncIterator[WalletHouse]:
    purse = WalletHouse(tea)
    purse.wallet.register()
    async with purse.wallet.running():
        yield purse


@asynccontextmanager
async def open_wallet_house(folder: Path, **settings: Any) -> AsyncIterator[WalletHouse]:
    """A new house that takes everybody in, with a wallet in EUR."""
    async with open_teahouse(folder, **settings) as tea, _with_wallet(tea) as purse:
        yield purse


@asynccontextmanager
async def reopen_wallet_house(folder: Path, **settings: Any) -> AsyncIterator[WalletHouse]:
    """The house as it was left."""
    async with reopen_teahouse(folder, **settings) as tea, _with_wallet(tea) as purse:
        yield purse


def as_json(value: Any) -> Any:
    return msgspec.to_builtins(value)
