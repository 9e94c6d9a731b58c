"""A house in which calls are metered without being led: what the room that leads them would do, by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from teahouse import ids
from teahouse.calls.phone.meter import store
from teahouse.calls.phone.meter.holds import waiting_holds
from teahouse.calls.phone.meter.meter import Meter, Running
from teahouse.calls.phone.policy.policy import Policy
from teahouse.calls.phone.rates.model import Rate
from teahouse.storage.transaction import Tx
from teahouse.wallet.check import faults_of
from teahouse.wallet.ledger.audit import Audit
from teahouse.wallet.model import Entry
from tests.chat.house import TeaHouse, open_teahouse, reopen_teahouse
from tests.wallet.house import EUR, Payer, WalletHouse

T = TypeVar("T")
BERLIN = "+493012345678"
TRUNK = "t" * 16


def rate(per_minute: float, first_s: int = 60, next_s: int = 60, *, connection: float = 0, currency: str = EUR) -> Rate:
    """A rate by minor units a minute."""
    parts = round(per_minute * 10_000), round(connection * 10_000)
    return Rate("d" * 16, "49", "Germany", currency, *parts, first_s, next_s)


class MeterHouse(WalletHouse):
    """A house with a wallet, a meter and a policy, in which nobody leads calls."""

    def __init__(self, tea: TeaHouse) -> None:
        super().__init__(tea)
        self.meter = Meter(self.wallet.purse)
        self.policy = Policy(self.wallet.purse)


@asynccontextmanager
async def _with_meter(tea: TeaHouse) -> AsyncIterator[MeterHouse]:
    house = MeterHouse(tea)
    house.wallet.register()
    house.meter.register()
    house.policy.register()
    async with house.wallet.running(), house.policy.running():
        yield house


@asynccontextmanager
async def open_metered(folder: Path, **settings: Any) -> AsyncIterator[MeterHouse]:
    """A new house that takes everybody in."""
    async with open_teahouse(folder, **settings) as tea, _with_meter(tea) as house:
        yield house


@asynccontextmanager
async def reopen_metered(folder: Path, **settings: Any) -> AsyncIterator[MeterHouse]:
    """The house as it was left."""
    async with reopen_teahouse(folder, **settings) as tea, _with_meter(tea) as house:
        yield house


class Metered:
    """A call on its meter."""

    def __init__(self, house: MeterHouse, call: str = "") -> None:
        self.house = house
        self.id = call or ids.new_id()

    async def begins(self, payer: Payer, price: Rate, number: str = BERLIN, *, room: int | None = None) -> Running:
        return await self._write(self.house.meter.begin, self.id, payer.id, number, price, room=room)

    async def is_answered(self, cost: Rate | None = None, trunk: str = "") -> Running:
        return await self._write(self.house.meter.answered, self.id, cost=cost, trunk=trunk)

    async def goes_on(self, seconds: int, *, room: int | None = None) -> Running:
        return await self._write(self.house.meter.advance, self.id, seconds, room=room)

    async def ends(self, seconds: int, cost: Rate | None = None, trunk: str = TRUNK) -> int:
        return await self._write(self.house.meter.settle, self.id, seconds, cost, trunk)

    async def row(self) -> Any:
        return await self.house.house.store.read(store.meter, self.id)

    async def _write(self, step: Callable[..., T], *given: Any, **named: Any) -> T:
        return await self.house.house.store.write(lambda tx: step(tx, *given, **named))


async def settled_after_restart(house: MeterHouse, limit: int = 100) -> list[tuple[str, int, int]]:
    """Settle so many of the calls that were cut off; return (call, seconds, cost)."""

    def settle(tx: Tx) -> list[tuple[str, int, int]]:
        query = sa.select(store.meters.c.call).where(store.is_open).order_by(store.meters.c.call).limit(limit)
        calls = tx.connection.execute(query).scalars().all()
        return [(call, *house.meter.settle_known(tx, call)) for call in calls]

    return await house.house.store.write(settle)


async def entries(house: MeterHouse, payer: Payer, kind: str = "call") -> Sequence[Entry]:
    page = await house.wallet.history.entries(payer.guest.signed, EUR, before=0, limit=100)
    return [entry for entry in page.entries if entry.kind == kind]


async def faults(house: MeterHouse) -> Sequence[str]:
    """What an audit finds wrong."""

    def look(connection: Any) -> list[str]:
        verdict = Audit(connection, 2**50).run()
        return [*verdict.faults, *faults_of(connection, {"phone call": waiting_holds(connection)})]

    return await house.house.store.read(look)
