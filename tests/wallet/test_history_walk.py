"""An account's chain leads everywhere in its history by few steps, however long it is."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from teahouse import ids
from teahouse.storage.transaction import Tx
from teahouse.wallet.history.lines import Filter
from teahouse.wallet.ledger import history, record, store
from teahouse.wallet.ledger.history import START, STEPS_FIRST, Place, end_of
from teahouse.wallet.ledger.model import Account, New, Transfer
from tests.wallet.house import EUR, WalletHouse, new_key, open_wallet_house

LONG = 100_000


async def filled(purse: WalletHouse, entries: int, *, seed: int = 1, other_too: bool = True) -> Account:
    """An account that takes part in so many transfers, beside others that it has no part in; time passes between."""
    dice = random.Random(seed)
    owner = ids.new_id()

    def open_accounts(tx: Tx) -> tuple[int, ...]:
        ledger = purse.wallet.ledger
        source = ledger.open(tx, "", "suspense", EUR)
        return (source.number, ledger.open(tx, owner, "member", EUR).number, ledger.open(tx, "x", "member", EUR).number)

    def transfers(tx: Tx, count: int) -> None:
        ledger = purse.wallet.ledger
        for _ in range(count):
            if other_too and dice.random() < 0.3:
                ledger.post(tx, New(new_key(), source, other, 1))
            pays = ledger.account(tx, account).credits > ledger.account(tx, account).debits and dice.random() < 0.4
            new = New(new_key(), account, other, 1) if pays else New(new_key(), source, account, dice.randint(1, 9))
            ledger.post(tx, new)

    source, account, other = await purse.house.store.write(open_accounts)
    group = max(7, entries // 10)
    for begun in range(0, entries, group):
        await purse.house.store.write(transfers, min(group, entries - begun))
        purse.passes(dice.choice((0, 1, 60_000)))
    found = await purse.house.store.read(store.account_of, owner, "member", EUR)
    assert found is not None
    assert found.entries == entries
    return found


def all_of(connection: sa.Connection, account: int) -> list[Transfer]:
    """Read the whole ledger and keep what touches the account, the oldest first."""
    records = connection.execute(sa.select(store.transfers.c.record).order_by(store.transfers.c.number)).scalars()
    return [each for each in map(record.read, records) if account in (each.debit, each.credit)]


async def test_walking_back_gives_each_of_an_accounts_transfers_once(purse: WalletHouse) -> None:
    account = await filled(purse, 300)

    def check(connection: sa.Connection) -> None:
        expected = all_of(connection, account.number)[::-1]
        pieces = list(history.walk(connection, account.number, account.last))
        assert [each for piece in pieces for each in piece] == expected
        assert len(pieces[0]) == STEPS_FIRST
        cut = [each for piece in history.walk(connection, account.number, account.last, 100) for each in piece]
        assert cut == expected[:100]
        assert list(history.walk(connection, account.number, 0)) == []

    await purse.house.store.read(check)


async def test_any_instant_and_any_number_leads_to_its_place(purse: WalletHouse) -> None:
    account = await filled(purse, 300)

    def check(connection: sa.Connection) -> None:
        mine = all_of(connection, account.number)
        for instant in {each.at + by for each in mine for by in (-1, 0, 1)}:
            before = [each.number for each in mine if each.at <= instant]
            expected = Place(len(before), before[-1]) if before else START
            assert history.at_or_before(connection, account, instant) == expected
        for place, each in enumerate(mine):
            expected = Place(place, mine[place - 1].number) if place else START
            assert history.ahead_of(connection, account, each.number) == expected

    await purse.house.store.read(check)


@pytest.mark.parametrize("entries", [1, 63, 64, 65, 128])
async def test_places_at_the_edges_of_marks(purse: WalletHouse, entries: int) -> None:
    account = await filled(purse, entries)

    def check(connection: sa.Connection) -> None:
        mine = all_of(connection, account.number)
        assert history.at_or_before(connection, account, mine[0].at - 1) == START
        assert history.at_or_before(connection, account, mine[-1].at) == end_of(account)
        assert history.ahead_of(connection, account, mine[-1].number + 1) == end_of(account)
        assert history.ahead_of(connection, account, mine[0].number) == START

    await purse.house.store.read(check)


async def test_an_account_without_entries_is_nowhere(purse: WalletHouse) -> None:
    account = await filled(purse, 0)
    assert await purse.house.store.read(history.at_or_before, account, 2**50) == START
    assert await purse.house.store.read(history.forward, account.number, START, end_of(account)) == ()


async def test_reading_forward_from_any_place_to_any_other(purse: WalletHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    account = await filled(purse, 300)
    monkeypatch.setattr(history, "STEPS_AT_ONCE", 128)

    def check(connection: sa.Connection) -> None:
        mine = all_of(connection, account.number)
        for start, end in ((0, 300), (0, 1), (1, 129), (63, 64), (64, 192), (5, 299), (200, 200)):
            place = Place(start, mine[start - 1].number) if start else START
            upto = Place(end, mine[end - 1].number)
            read: list[Transfer] = []
            while some := history.forward(connection, account.number, place, upto):
                assert len(some) <= 128
                read += some
                place = Place(place.entries + len(some), some[-1].number)
            assert read == mine[start:end]

    await purse.house.store.read(check)


class Lookups:
    """Counts what a walk asks of the store."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.marks = self.statements = self.transfers = 0
        steps, mark = history.steps, history._mark

        def counted_steps(connection: sa.Connection, account: int, number: int, count: int) -> tuple[Transfer, ...]:
            found = steps(connection, account, number, count)
            self.statements += 1
            self.transfers += len(found)
            return found

        def counted_mark(connection: sa.Connection, account: int, entries: int) -> Any:
            self.marks += 1
            return mark(connection, account, entries)

        monkeypatch.setattr(history, "steps", counted_steps)
        monkeypatch.setattr(history, "_mark", counted_mark)

    def taken(self) -> tuple[int, int, int]:
        taken = self.marks, self.statements, self.transfers
        self.marks = self.statements = self.transfers = 0
        return taken


async def test_a_hundred_thousand_entries_are_paged_in_bounded_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_wallet_house(tmp_path) as purse:
        account = await filled(purse, LONG, other_too=False)
        lookups = Lookups(monkeypatch)
        page_of = purse.wallet.history._entries.page
        read = purse.house.store.read

        page = await read(page_of, account, 0, 30, Filter())
        assert len(page.entries) == 30
        assert lookups.taken() == (0, 1, STEPS_FIRST)
        deep = await read(history.ahead_of, account, account.last // 2)
        assert deep.entries > LONG // 3
        marks, statements, transfers = lookups.taken()
        assert marks <= 11
        assert (statements, transfers) == (1, 64)
        page = await read(page_of, account, deep.number, 30, Filter())
        assert len(page.entries) == 30
        assert lookups.taken() == (0, 1, STEPS_FIRST)

        before, pages = 0, 0
        while pages == 0 or before:
            page = await read(page_of, account, before, 30, Filter(kinds=frozenset({"fee"})))
            pages += 1
            before = page.next
            assert page.entries == ()
            assert lookups.taken()[2] <= history.STEPS_MAX
        assert pages == LONG // history.STEPS_MAX


def test_where_a_record_names_its_accounts() -> None:
    """The store itself reads three numbers out of records: they must lie where the format says."""
    transfer = Transfer(1, 2, 0x0D0E, 4, 5, 6, 7, 2**50 + 8, 2**50 + 9, 10, 11, 1, 0, 978, "")
    packed = record.write(transfer)
    places = {"debit": history._DEBIT, "debit_before": history._DEBIT_BEFORE, "credit_before": history._CREDIT_BEFORE}
    for name, at in places.items():
        assert int.from_bytes(packed[at : at + 8], "little") == getattr(transfer, name)
