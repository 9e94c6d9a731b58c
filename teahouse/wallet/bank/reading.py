"""What is read of pay-outs to banks: one's own, what waits, the files, and a file's XML."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from teahouse.commands import Actor, Signed
from teahouse.errors import Forbidden
from teahouse.storage.transaction import Tx
from teahouse.wallet.bank import pain, rules, store
from teahouse.wallet.bank.model import BankFile, Withdrawal
from teahouse.wallet.purse import Purse

OWN_SHOWN = 100
FILES_SHOWN = 100
LISTED_MAX = 10_000
"""Withdrawals that one answer lists, of all its files."""
LOOK_LASTS_MS = 3_600_000
"""An operator who reads the same list again within an hour has looked once."""
LOOKS_KNOWN_MAX = 50_000
LOOKS_AT_ONCE = 100
"""Written in one transaction, so that others have their turn between."""


class BankReads:
    def __init__(self, purse: Purse) -> None:
        self._purse = purse
        self._one_file = asyncio.Lock()
        self._looked: OrderedDict[tuple[str, str], int] = OrderedDict()
        """When an operator looked at a person last. The loop's alone."""

    async def withdrawals(self, signed: Signed) -> tuple[Withdrawal, ...]:
        rows = await self._purse.house.store.read(store.newest_of, signed.person, OWN_SHOWN)
        return tuple(shown(row) for row in rows)

    async def waiting(self, signed: Signed) -> tuple[Withdrawal, ...]:
        """Operators only: what is in no file yet. The people whose it is can read that one looked."""
        must_be_operator(signed)
        rows = await self._purse.house.store.read(store.waiting, "", rules.FILE_MAX)
        await self._note_looks(signed, rows)
        return tuple(shown(row) for row in rows)

    async def files(self, signed: Signed) -> tuple[BankFile, ...]:
        """Operators only: the newest files; those that are not settled with their withdrawals."""
        must_be_operator(signed)

        def read(connection: sa.Connection) -> list[tuple[sa.Row[Any], Sequence[sa.Row[Any]]]]:
            found, left = [], LISTED_MAX
            for file in store.newest_files(connection, FILES_SHOWN):
                lists = file.state == "made" and file.payments <= left
                rows = store.of_file(connection, file.id) if lists else ()
                left -= len(rows)
                found.append((file, rows))
            return found

        found = await self._purse.house.store.read(read)
        await self._note_looks(signed, [row for _, rows in found for row in rows])
        return tuple(file_shown(file, rows) for file, rows in found)

    async def xml(self, signed: Signed, file: str) -> bytes:
        """Operators only: the file as the bank takes it. Raises `NoSuchFile`, `FileInvalid`."""
        must_be_operator(signed)

        def read(connection: sa.Connection) -> tuple[sa.Row[Any], Sequence[sa.Row[Any]]]:
            row = store.file(connection, file)
            if row is None:
                raise rules.NoSuchFile()
            return row, store.of_file(connection, file)

        row, payments = await self._purse.house.store.read(read)
        await self._note_looks(signed, payments)
        account = rules.HouseAccount(row.name, row.iban, row.bic)
        async with self._one_file:
            return await asyncio.to_thread(pain.make, row, account, payments)

    # --- within ---

    def _seen(self, connection: sa.Connection, identifier: str) -> Withdrawal:
        row = store.withdrawal(connection, identifier)
        assert row is not None
        return shown(row)

    async def _note_looks(self, signed: Signed, rows: Iterable[sa.Row[Any]]) -> None:
        """Write down, before it is answered, whose withdrawals an operator is about to see."""
        now = self._purse.house.store.writer.clock()
        people = [
            person
            for person in sorted({row.person for row in rows})
            if now - self._looked.get((signed.person, person), 0) > LOOK_LASTS_MS
        ]

        def note(tx: Tx, some: Sequence[str]) -> None:
            for person in some:
                self._purse.guard.note_look(tx, person, signed.person, "withdrawal")

        for at in range(0, len(people), LOOKS_AT_ONCE):
            some = people[at : at + LOOKS_AT_ONCE]
            await self._purse.house.store.write(note, some)
            self._looked.update({(signed.person, person): now for person in some})
        while len(self._looked) > LOOKS_KNOWN_MAX:
            self._looked.popitem(last=False)


def must_be_operator(actor: Actor) -> None:
    if not actor.is_operator:
        raise Forbidden("Only operators do this.")


def shown(row: sa.Row[Any]) -> Withdrawal:
    return Withdrawal(
        id=row.id,
        amount=row.amount,
        currency=row.currency,
        iban=rules.masked(row.iban),
        name=row.name,
        at=row.at,
        state=row.state,
        reason=row.reason,
    )


def file_shown(row: sa.Row[Any], withdrawals: Sequence[sa.Row[Any]] = ()) -> BankFile:
    return BankFile(
        id=row.id,
        at=row.at,
        count=row.payments,
        total=row.total,
        currency=row.currency,
        state=row.state,
        withdrawals=tuple(shown(each) for each in withdrawals),
    )
