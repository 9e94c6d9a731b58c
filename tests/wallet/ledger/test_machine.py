"""Whatever is asked of the ledger, in whatever order, alone or in groups, across crashes: it does what a plain one
does.

`TEAHOUSE_MACHINE_EXAMPLES=500 make test` (or this file alone) looks much longer.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from teahouse.errors import Refusal
from teahouse.wallet.ledger.model import AccountKind, Kind, New
from tests.wallet.ledger.books import Books, open_books
from tests.wallet.ledger.plain import PlainAccount, PlainLedger

T = TypeVar("T")
EXAMPLES = int(os.environ.get("TEAHOUSE_MACHINE_EXAMPLES", "30"))
STEPS = 25
MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None
ACCOUNTS: list[tuple[str, AccountKind, str]] = [
    ("", "suspense", "EUR"),
    ("ann", "member", "EUR"),
    ("bob", "member", "EUR"),
    ("cat", "merchant", "EUR"),
    ("desk", "cash_desk", "EUR"),
    ("", "escrow", "EUR"),
    ("", "suspense", "JPY"),
    ("ann", "member", "JPY"),
]
AMOUNTS = st.one_of(st.integers(1, 60), st.sampled_from([0, -1, 10**15, 10**15 + 1, 2**64]))
SPANS = st.sampled_from([0, 0, 5, 50])


class LedgerMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp(prefix="ledger-", dir=MEMORY))
        self.stack = AsyncExitStack()
        self.plain = PlainLedger(now=1_000_000)
        self.count = 0

    def run(self, story: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(story)

    def teardown(self) -> None:
        try:
            self._is_sound()
        finally:
            self.run(self.stack.aclose())
            self.runner.close()
            shutil.rmtree(self.folder)

    async def _open(self) -> None:
        url = f"sqlite:///{self.folder}/ledger.db"
        self.books: Books = await self.stack.enter_async_context(open_books(url))
        self.books.now = self.plain.now

    @initialize()
    def begin(self) -> None:
        async def fill() -> None:
            await self._open()
            for number, (owner, kind, currency) in enumerate(ACCOUNTS, 1):
                assert await self.books.open(owner, kind, currency) == number
                self.plain.accounts[number] = PlainAccount(kind, currency)

        self.run(fill())
        for number, debit in ((2, 1), (3, 1), (8, 7)):
            self._does(New(f"first/{number}", debit, number, 100))

    # --- what is asked ---

    def _key(self, data: st.DataObject) -> str:
        """Mostly a new key, sometimes one that was used."""
        self.count += 1
        return data.draw(st.sampled_from([f"k{self.count}"] * 4 + list(self.plain.keys)[-3:]), label="key")

    def _new(self, data: st.DataObject) -> New:
        kind = data.draw(st.sampled_from([Kind.TRANSFER, Kind.TRANSFER, Kind.HOLD, *list(Kind)[2:]]), label="kind")
        key = self._key(data)
        if kind in (Kind.TRANSFER, Kind.HOLD):
            some = st.integers(1, len(ACCOUNTS)) | st.just(99)
            span = data.draw(SPANS, label="span") if kind == Kind.HOLD else 0
            expires_at = self.plain.now + span if span else 0
            debit, credit = data.draw(some, label="debit"), data.draw(some, label="credit")
            return New(key, debit, credit, data.draw(AMOUNTS, label="amount"), kind, expires_at=expires_at)
        wanted = {Kind.REVERSE: (Kind.TRANSFER, Kind.POST)}.get(kind, (Kind.HOLD,))
        fitting = [number for number, each in self.plain.transfers.items() if each.new.kind in wanted]
        refers = data.draw(st.sampled_from([*fitting[-4:], max(len(self.plain.transfers), 1), 999]), label="refers")
        amount = data.draw(st.integers(0, 60), label="amount") if kind == Kind.POST else 0
        return New(key, kind=kind, refers=refers, amount=amount)

    def _does(self, new: New) -> None:
        expected = self.plain.post(new)
        try:
            outcome: int | str = self.run(self.books.post(new))
        except Refusal as refusal:
            outcome = refusal.code
        assert outcome == expected, new

    @rule(data=st.data())
    def one(self, data: st.DataObject) -> None:
        self._does(self._new(data))

    @rule(data=st.data())
    def again(self, data: st.DataObject) -> None:
        """A client that was cut off sends the same again, or (wrongly) something else under its key."""
        number = data.draw(st.sampled_from(list(self.plain.transfers)), label="number")
        self._does(self.plain.transfers[number].new)

    @rule(data=st.data(), size=st.integers(2, 6))
    def a_group(self, data: st.DataObject, size: int) -> None:
        """Commands that come together are decided one after the other, and written together."""
        news = [self._new(data) for _ in range(size)]
        expected = [self.plain.post(new) for new in news]
        outcomes = self.run(self.books.hot(news))
        assert [each.code if isinstance(each, Refusal) else each for each in outcomes] == expected, news

    @rule(data=st.data(), size=st.integers(1, 4))
    def a_chain(self, data: st.DataObject, size: int) -> None:
        news = [self._new(data) for _ in range(size)]
        expected = self.plain.chain(news)
        try:
            outcome: list[int] | str = list(self.run(self.books.chain(*news)))
        except Refusal as refusal:
            outcome = refusal.code
        assert outcome == expected, news

    @rule(data=st.data())
    def one_that_crashes(self, data: st.DataObject) -> None:
        """A fault of ours after the ledger decided: the command is as if it had never been asked."""
        new = self._new(data)

        def fail(tx: Any) -> None:
            self.books.ledger.post(tx, new)
            raise ZeroDivisionError

        try:
            self.run(self.books.store.write(fail))
        except Refusal:
            return
        raise AssertionError("it should have failed")

    @rule(passed=st.integers(-20, 40))
    def time_passes(self, passed: int) -> None:
        """The clock may step back too: then the ledger waits for nobody, but what is due stays due by the clock."""
        self.plain.now += passed
        self.books.now = self.plain.now

    @rule()
    def what_is_due_expires(self) -> None:
        expected = self.plain.expire()
        assert self.run(self.books.expire()) == expected

    @rule()
    def the_house_dies_and_comes_back(self) -> None:
        """All that was in memory is gone; what was answered is in the store."""

        async def again() -> None:
            await self.stack.aclose()
            await self._open()

        self.run(again())

    # --- what must hold ---

    @invariant()
    def every_account_is_as_the_plain_one(self) -> None:
        for number, expected in self.plain.accounts.items():
            found = self.run(self.books.account(number))
            assert (found.balance, found.held_out, found.held_in) == (
                expected.balance,
                expected.held_out,
                expected.held_in,
            )

    @invariant()
    def sums_are_zero(self) -> None:
        for currency in ("EUR", "JPY"):
            assert sum(each.balance for each in self.plain.accounts.values() if each.currency == currency) == 0

    def _is_sound(self) -> None:
        verdict = self.run(self.books.audit())
        assert verdict.is_clean, verdict.faults
        assert verdict.transfers == len(self.plain.transfers)


LedgerMachine.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
TestLedgerMachine = LedgerMachine.TestCase
