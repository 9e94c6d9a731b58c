"""The payment PIN: set, and tried. A try is counted durably before it is compared, so that neither many guesses at once
nor a crash gives more of them; a right one takes the count back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from msgspec import UNSET

from teahouse.commands import Signed
from teahouse.errors import RateLimited, Unavailable
from teahouse.house import House
from teahouse.people.model import Proof
from teahouse.people.service import PeopleService
from teahouse.storage.transaction import Tx
from teahouse.wallet.guard import rules, store
from teahouse.wallet.guard.approvals import Approvals
from teahouse.wallet.guard.model import SetPin
from teahouse.wallet.guard.standings import Standings

WAITING_MAX = 20
"""Tries of one person that wait for their turn."""


class Pins:
    def __init__(self, house: House, people: PeopleService, standings: Standings, approvals: Approvals) -> None:
        self._house = house
        self._people = people
        self._standings = standings
        self._approvals = approvals
        self._turns: dict[str, tuple[asyncio.Lock, int]] = {}
        """By person: who has tries under way, and how many."""

    async def set(self, signed: Signed, asked: SetPin) -> None:
        """Raises `PinTooEasy`; `ProofNeeded`, or what is wrong with the proof."""
        rules.must_be_hard(asked.pin)
        if asked.current is not UNSET:
            await self.check(signed.person, asked.current)
        else:
            proof = Proof(password=asked.password, ceremony=asked.ceremony, credential=asked.credential)
            await self._people.proofs.must_be_proved(signed, proof, ask_password=True)
        pin = await self._people.passwords.hash(asked.pin)

        def commit(tx: Tx) -> None:
            """What was approved with the PIN before ends with it."""
            tx.after(lambda: self._approvals.drop_of(signed.person))
            self._standings.change(tx, signed.person, pin=pin, failures=0, locked_until=0)

        await self._house.store.write(commit)

    async def check(self, person: str, pin: str) -> None:
        """Raises `WrongPin`, `PinLocked`, `PinMissing`."""
        async with self._turn(person):
            encoded, failures, until = await self._house.store.write(self._count, person)
            try:
                is_right = await self._people.passwords.verify(encoded, pin)
            except Unavailable:
                await self._house.store.write(self._uncount, person, encoded)
                raise
            if not is_right and until:
                raise rules.PinLocked(until=until)
            if not is_right:
                raise rules.WrongPin(left=rules.tries_left(failures))
            await self._house.store.write(self._take_back, person, encoded)

    @asynccontextmanager
    async def _turn(self, person: str) -> AsyncIterator[None]:
        """One try of a person at a time: those of a program that pays much are not taken for guesses."""
        lock, count = self._turns.get(person) or (asyncio.Lock(), 0)
        if count > WAITING_MAX:
            raise RateLimited("One PIN after the other.", retry_after_ms=1000)
        self._turns[person] = lock, count + 1
        try:
            async with lock:
                yield
        finally:
            lock, count = self._turns.pop(person)
            if count > 1:
                self._turns[person] = lock, count - 1

    def _count(self, tx: Tx, person: str) -> tuple[str, int, int]:
        """Count a try as a failure. Returns the PIN's hash, the failures, and until when it is locked by this one."""
        row = store.person(tx.connection, person)
        if row is None or row.pin is None:
            raise rules.PinMissing()
        if tx.now < row.locked_until:
            raise rules.PinLocked(until=row.locked_until)
        failures = row.failures + 1
        until = rules.locked_until(failures, tx.now)
        self._standings.change_quietly(tx, person, failures=failures, locked_until=until)
        return row.pin, failures, until

    def _take_back(self, tx: Tx, person: str, encoded: str) -> None:
        """It was right."""
        row = store.person(tx.connection, person)
        if row is None or row.pin != encoded:
            raise rules.WrongPin("It was changed just now.", left=rules.PIN_TRIES)
        self._standings.change_quietly(tx, person, failures=0, locked_until=0)

    def _uncount(self, tx: Tx, person: str, encoded: str) -> None:
        """It was not compared after all."""
        row = store.person(tx.connection, person)
        if row is not None and row.pin == encoded and row.failures:
            self._standings.change_quietly(tx, person, failures=row.failures - 1, locked_until=0)
