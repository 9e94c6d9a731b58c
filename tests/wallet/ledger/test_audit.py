"""The audit finds whatever was changed behind the ledger's back."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from teahouse.wallet.ledger import store
from teahouse.wallet.ledger.audit import FAULTS_MAX, Audit, Verdict
from teahouse.wallet.ledger.model import Kind, New
from tests.wallet.ledger.books import Books

TABLES = (store.accounts, store.balances, store.transfers, store.holds, store.reversals, store.marks)


async def lived_in(books: Books) -> None:
    """A ledger in which everything happened once, and one account has a mark."""
    ann, bob = await books.member("ann", 100_000), await books.member("bob", 0)
    await books.open("nobody", "escrow", "JPY")
    await books.hot([New(f"pay/{number}", ann, bob, 10 + number) for number in range(70)])
    back = await books.post(New("k1", ann, bob, 500))
    await books.post(New("k2", kind=Kind.REVERSE, refers=back))
    for end in (Kind.POST, Kind.VOID):
        hold = await books.post(New(f"hold/{end}", ann, bob, 700, Kind.HOLD, subject="0123456789abcdef"))
        await books.post(New(f"end/{end}", kind=end, refers=hold, amount=300 if end == Kind.POST else 0))
    await books.post(New("short", ann, bob, 800, Kind.HOLD, expires_at=books.now + 5))
    books.now += 10
    await books.expire()
    await books.post(New("open", ann, bob, 900, Kind.HOLD, expires_at=books.now + 10**9))


async def test_a_sound_ledger_is_found_sound(books: Books) -> None:
    await lived_in(books)
    verdict = await books.audit()
    assert verdict.is_clean
    assert verdict.warnings == ()
    assert (verdict.transfers, verdict.accounts, verdict.open_holds) == (80, 4, 1)


async def test_an_empty_ledger_is_sound(books: Books) -> None:
    assert (await books.audit()).is_clean


@pytest.mark.parametrize("books", ["sqlite"], indirect=True)
async def test_every_changed_byte_is_found(books: Books) -> None:
    await lived_in(books)

    def spoil_everything(connection: sa.Connection) -> list[str]:
        missed = []
        for table in TABLES:
            key = next(iter(table.primary_key))
            rows = connection.execute(sa.select(table)).all()
            for row in rows[:3] + rows[-12:]:
                for column in table.c:
                    for value in spoilt(getattr(row, column.name)):
                        if not finds(connection, table, row, column, value):
                            missed.append(f"{table.name}.{column.name} of {getattr(row, key.name)}: {value!r}")
        return missed

    assert await books.store.read(spoil_everything) == []


def spoilt(value: Any) -> list[Any]:
    """Return the value with one thing changed, in every place where that can be."""
    if isinstance(value, int):
        return [value + 1]
    if isinstance(value, str):
        return [value[:at] + ("x" if value[at] != "x" else "y") + value[at + 1 :] for at in range(len(value))]
    packed = bytes(value)
    return [packed[:at] + bytes([packed[at] ^ 1]) + packed[at + 1 :] for at in range(len(packed))]


def finds(connection: sa.Connection, table: sa.Table, row: Any, column: Any, value: Any) -> bool:
    """Does the audit find a fault while this one value is another?"""
    here = sa.and_(*(each == getattr(row, each.name) for each in table.primary_key))
    savepoint = connection.begin_nested()
    try:
        connection.execute(sa.update(table).where(here).values({column.name: value}))
        return not Audit(connection, 2_000_000).run().is_clean
    except sa.exc.IntegrityError:
        return True  # the store itself does not take it
    finally:
        savepoint.rollback()


async def faults_after(books: Books, *statements: str) -> Verdict:
    await books.run(*statements)
    verdict = await books.audit()
    assert not verdict.is_clean
    return verdict


async def test_a_transfer_that_was_cut_out_is_missed(books: Books) -> None:
    await lived_in(books)
    verdict = await faults_after(books, "DELETE FROM ledger_transfer WHERE number = 40")
    assert "transfer 40: missing (the next is 41)" in verdict.faults


async def test_a_cut_off_end_is_seen_by_who_kept_the_last_hash(books: Books) -> None:
    await lived_in(books)
    before = await books.audit()
    ann = await books.open("ann")
    await books.post(New("later", ann, await books.open("bob"), 1))
    assert (await books.audit((before.transfers, before.head))).is_clean, "more may come"
    assert not (await books.audit((before.transfers, "0" * 64))).is_clean
    assert not (await books.audit((before.transfers + 5, before.head))).is_clean


async def test_an_audit_of_a_ruin_ends(books: Books) -> None:
    await lived_in(books)
    verdict = await faults_after(books, "UPDATE ledger_transfer SET hash = record")
    assert len(verdict.faults) == FAULTS_MAX


async def test_a_forger_who_hashes_anew_is_found_by_the_sums(books: Books) -> None:
    """The chain can be forged by who has the store; then the balances and links must be forged too."""
    await lived_in(books)
    await books.run("UPDATE ledger_balance SET credits = credits + 1 WHERE number = 2")
    assert any("sums" in fault for fault in (await books.audit()).faults)


async def test_holds_that_nobody_ends_are_a_warning(books: Books) -> None:
    await lived_in(books)
    books.now += 2 * 10**9
    verdict = await books.audit()
    assert verdict.is_clean
    assert "1 holds are past their time" in verdict.warnings[0]
