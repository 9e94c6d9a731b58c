"""A bare ledger on a real store, for tests that ask it directly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa

from teahouse.storage.migrate import prepare
from teahouse.storage.store import Store
from teahouse.storage.transaction import Tx
from teahouse.storage.writer import Job
from teahouse.wallet.ledger.audit import Audit, Verdict
from teahouse.wallet.ledger.ledger import Ledger
from teahouse.wallet.ledger.model import Account, AccountKind, New


class Books:
    """A ledger and its store. `does` runs each command as a door would: queued, decided, committed."""

    def __init__(self, url: str) -> None:
        self.store = Store(url)
        self.ledger = Ledger()
        self.now = 1_000_000
        self.store.writer.clock = lambda: self.now

    async def open(self, owner: str, kind: AccountKind = "member", currency: str = "EUR") -> int:
        return await self.store.write(lambda tx: self.ledger.open(tx, owner, kind, currency).number)

    async def member(self, owner: str, funds: int = 0, currency: str = "EUR") -> int:
        """Open a member's account with money from the house's account for corrections."""
        number = await self.open(owner, "member", currency)
        if funds:
            source = await self.open("", "suspense", currency)
            await self.post(New(f"funds/{number}", source, number, funds))
        return number

    async def post(self, new: New) -> int:
        return await self.store.write(self.ledger.post, new)

    async def chain(self, *news: New) -> tuple[int, ...]:
        return await self.store.write(self.ledger.chain, news)

    async def hot(self, news: Sequence[New]) -> list[Any]:
        """Post transfers as hot commands that come together; return each one's number or refusal."""
        outcomes: list[asyncio.Future[Any]] = []
        jobs = []
        for new in news:
            done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            outcomes.append(done)
            jobs.append(
                Job(
                    lambda tx, _actor, command: self.ledger.post(tx, command),
                    None,
                    new,
                    lambda job, done=done: done.set_result(job.outcome),  # type: ignore[misc]
                    hot=True,
                )
            )
        self.store.writer.submit(jobs)
        return list(await asyncio.gather(*outcomes))

    async def expire(self) -> int:
        return await self.store.write(self.ledger.expire_due, 100)

    async def account(self, number: int) -> Account:
        def read(tx: Tx) -> Account:
            return self.ledger.account(tx, number).as_account()

        return await self.store.write(read)

    async def audit(self, expected: tuple[int, str] | None = None) -> Verdict:
        return await self.store.read(lambda connection: Audit(connection, self.now).run(expected))

    async def run(self, *statements: str) -> None:
        """Change the store behind the ledger's back."""

        def change(tx: Tx) -> None:
            for statement in statements:
                tx.connection.execute(sa.text(statement))

        await self.store.write(change)


@asynccontextmanager
async def open_books(url: str) -> AsyncIterator[Books]:
    books = Books(url)
    prepare(books.store.engine)
    books.store.start(lambda commit: [job.done(job) for job in commit.jobs] and None)
    try:
        yield books
    finally:
        books.store.stop()
