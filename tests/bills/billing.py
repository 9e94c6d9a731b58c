"""A market with billers, and a biller in a script: it keeps books as a real one does, and fails as it is told to."""

from __future__ import annotations

import asyncio
import base64
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from teahouse.bills.connectors.model import Asked, BillerAway, FoundBill, NoSuchCustomer, Reach, Said
from teahouse.bills.directory.model import AddBiller, BillerAdded, CustomerField
from teahouse.bills.payments.holds import waiting_holds
from teahouse.bills.payments.model import Bill, BillPaid, BillPayment, FetchBill, PayBill
from teahouse.wallet.check import faults_of
from teahouse.wallet.ledger.audit import Audit
from tests.merchants.house import MarketHouse
from tests.wallet.house import EUR, Payer, eur, new_key

FIELDS = (CustomerField(name="meter", label="Meter number", check="digits:6-10"),)
METER = {"meter": "12345678"}
KEY = base64.b64encode(bytes(32)).decode()


@dataclass
class ScriptedBiller:
    """A connector that is the biller too. `fails` says what goes wrong with the next calls, by door: `away` (it did not
    arrive), `lost` (it did, but not the answer)."""

    amount: int = 4_200
    ref: str = "2026-11"
    due_at: int = 0
    refuses: str = ""
    decides: bool = True
    """Or says `pending` until it does."""
    keeps: bool = False
    """Reverses nothing."""
    is_slow: asyncio.Event | None = None
    """Answers payments only when this is set."""
    least: int = 1
    most: int = 10**9
    names: str = "Ann Lee"
    states: dict[str, str] = field(default_factory=dict)
    """What it believes of each payment."""
    amounts: dict[str, int] = field(default_factory=dict)
    fails: dict[str, list[str]] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    told: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    """Payments as it was told of them, one after the other."""
    now_answering: int = 0
    most_at_once: int = 0

    async def fetch(self, reach: Reach, customer: dict[str, str]) -> FoundBill:
        self._fail("fetch")
        if customer.get("meter", "").startswith("99"):
            raise NoSuchCustomer()
        if reach.open_amount:
            return FoundBill("", self.names, 0, 500, 10_000, 0)
        return FoundBill(self.ref, self.names, self.amount, self.least, self.most, self.due_at)

    async def pay(self, reach: Reach, asked: Asked) -> Said:
        is_lost = self._fail("pay")
        self.told.put_nowait(asked.id)
        if asked.id not in self.states:
            self.amounts[asked.id] = asked.amount
            self.states[asked.id] = "refused" if self.refuses else "paid" if self.decides else "pending"
        self.now_answering += 1
        self.most_at_once = max(self.most_at_once, self.now_answering)
        try:
            if self.is_slow is not None:
                await self.is_slow.wait()
        finally:
            self.now_answering -= 1
        return self._answer(asked.id, is_lost)

    async def status(self, reach: Reach, payment: str) -> Said:
        is_lost = self._fail("status")
        if self.decides and self.states.get(payment) == "pending":
            self.states[payment] = "paid"
        return self._answer(payment, is_lost)

    async def reverse(self, reach: Reach, asked: Asked) -> Said:
        is_lost = self._fail("reverse")
        before = self.states.get(asked.id)
        if before is None:
            self.states[asked.id] = "reversed"  # should it still arrive, nothing comes of it
            if not is_lost:
                return Said("unknown")
        elif before == "pending" or (before == "paid" and not self.keeps):
            self.states[asked.id] = "reversed"
        elif before in ("paid", "refused") and not is_lost:
            return Said("refused", reason="it stays as it is")
        return self._answer(asked.id, is_lost)

    def gives_back(self, payment: str) -> None:
        self.states[payment] = "reversed"

    @property
    def has(self) -> int:
        """What it believes to have got."""
        return sum(self.amounts[each] for each, state in self.states.items() if state == "paid")

    def _fail(self, door: str) -> bool:
        """Whether the answer is lost."""
        self.calls[door] += 1
        waiting = self.fails.get(door)
        how = waiting.pop(0) if waiting else ""
        if how == "away":
            raise BillerAway()
        return how == "lost"

    def _answer(self, payment: str, is_lost: bool) -> Said:
        if is_lost:
            raise BillerAway()
        state: Any = self.states.get(payment, "unknown")
        return Said(state, f"R-{payment}" if state == "paid" else "", self.refuses if state == "refused" else "")


class Billing:
    """A market whose billers are scripted, unless they are real."""

    def __init__(self, market: MarketHouse) -> None:
        self.market = market
        self.house = market.house
        self.bills = market.bills
        self.scripted = ScriptedBiller()
        self.biller = ""

    def uses(self, scripted: ScriptedBiller) -> ScriptedBiller:
        self.scripted = self.bills.payments.connectors["http"] = scripted
        return scripted

    async def adds(self, handle: str = "power", **fields: Any) -> str:
        """Set a biller up; return it."""
        given: dict[str, Any] = {
            "name": "City Power",
            "category": "electricity",
            "fields": FIELDS,
            "currency": EUR,
            "connector": "http",
            "url": "http://127.0.0.1:9",
            "key_id": "1",
            "public_key": KEY,
            "deadline_s": 3600,
            "accepts": "exact",
        }
        added: BillerAdded = await self.house.execute(
            self.market.operator, AddBiller(handle=handle, **{**given, **fields})
        )
        return added.biller.biller.person.id

    async def fetches(self, payer: Payer, customer: dict[str, str] | None = None, biller: str = "") -> Bill:
        asked = FetchBill(biller=biller or self.biller, customer=customer or METER)
        return await self.bills.payments.fetch(payer.guest.signed, asked)

    async def pays(self, payer: Payer, bill: Bill, amount: int = 0, key: str = "") -> BillPaid:
        amount = amount or bill.amount
        paid: BillPaid = await payer.does(
            PayBill(
                key=key or new_key(),
                biller=bill.biller.person.id,
                customer=bill.customer,
                ref=bill.ref,
                amount=eur(amount),
                approval=await payer.approves(amount),
            )
        )
        return paid

    async def payment(self, payer: Payer, payment: str) -> BillPayment:
        return await self.bills.payments.payment(payer.guest.signed, payment)

    async def passes(self, milliseconds: int) -> None:
        """Let time pass, and the workers do what is due then."""
        self.market.passes(milliseconds)
        await self.works()

    async def works(self) -> None:
        """The workers do what is due, and what follows from it."""
        before = -1
        while before != (before := self.house.commits):
            await self.bills.payments.worker.errands.work()
            await self.bills.saved.minding.errands.work()

    async def biller_has(self, biller: str = "") -> int:
        return await self.market.account_sum("biller", owner=biller or self.biller)

    async def trouble(self, biller: str = "") -> str:
        setups = await self.bills.directory.setups(self.market.operator)
        return next(each.trouble for each in setups if each.biller.person.id == (biller or self.biller))

    async def faults(self) -> Sequence[str]:
        """What an audit finds wrong."""

        def look(connection: Any) -> list[str]:
            verdict = Audit(connection, 2**50).run()
            return [*verdict.faults, *faults_of(connection, {"bill payment": waiting_holds(connection)})]

        return await self.house.store.read(look)
