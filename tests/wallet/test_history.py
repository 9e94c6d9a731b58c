"""What people see of what they have and had, and that nobody else does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from teahouse import ids
from teahouse.app import Built
from teahouse.commands import Signed
from teahouse.config import Settings
from teahouse.errors import Forbidden, Malformed, NotFound
from teahouse.operator.model import ChangeHouse
from teahouse.people.model import SignedIn, SignUp
from teahouse.storage.transaction import Tx
from teahouse.wallet.history.entries import NoSuchEntry
from teahouse.wallet.history.model import EntryPage
from teahouse.wallet.history.months import month_of
from teahouse.wallet.ledger.model import Kind, New, Purpose
from teahouse.wallet.model import Balance, Entry
from teahouse.wallet.payments.model import AcceptTransfer, SendTransfer
from teahouse.wallet.purse import Described, NoSuchCurrency
from tests.wallet.books import LIVES, STEPS, Books, Line, shown
from tests.wallet.house import EUR, Payer, WalletHouse, eur, new_key


async def all_pages(purse: WalletHouse, signed: Signed, limit: int, **wanted: Any) -> list[Entry]:
    entries: list[Entry] = []
    before = 0
    while True:
        page = await purse.wallet.history.entries(signed, EUR, before=before, limit=limit, **wanted)
        assert len(page.entries) <= limit
        entries += page.entries
        before = page.next
        if not before:
            return entries


# --- a plain model says the same ------------------------------------------------------------------


@LIVES
@given(steps=STEPS, limit=st.integers(1, 9))
async def test_pages_of_any_size_give_each_line_once(purse: WalletHouse, steps: Any, limit: int) -> None:
    books = Books(purse)
    await books.open()
    await books.do(steps)
    for which, account in enumerate(books.accounts[:3]):
        expected = books.plain.lines(account)[::-1]
        assert [shown(each) for each in await all_pages(purse, books.signed(which), limit)] == expected


@LIVES
@given(steps=STEPS, limit=st.integers(1, 9))
async def test_filters_leave_out_what_they_say(purse: WalletHouse, steps: Any, limit: int) -> None:
    books = Books(purse)
    await books.open()
    await books.do(steps)
    lines = books.plain.lines(books.accounts[0])[::-1]
    months = {each.month for each in lines}

    async def seen(**wanted: Any) -> list[Line]:
        return [shown(each) for each in await all_pages(purse, books.signed(0), limit, **wanted)]

    assert await seen(direction="in") == [each for each in lines if each.amount > 0]
    assert await seen(direction="out") == [each for each in lines if each.amount < 0]
    assert await seen(kinds="contact,fee") == [each for each in lines if each.kind in ("contact", "fee")]
    for month in months:
        assert await seen(month=month) == [each for each in lines if each.month == month]
        both = [each for each in lines if each.month == month and each.amount < 0 and each.kind == "payment"]
        assert await seen(month=month, direction="out", kinds="payment") == both


async def test_what_comes_new_moves_no_page(purse: WalletHouse) -> None:
    ann = await purse.person("ann", 100, pin=False)
    for _ in range(5):
        await purse.fund(ann.id, 1)
    history = purse.wallet.history
    first = await history.entries(ann.guest.signed, EUR, limit=3)
    await purse.fund(ann.id, 7)
    second = await history.entries(ann.guest.signed, EUR, before=first.next, limit=3)
    numbers = [each.number for each in (*first.entries, *second.entries)]
    assert numbers == sorted(set(numbers), reverse=True)
    assert len(numbers) == 6
    assert second.next == 0


# --- what an entry says ---------------------------------------------------------------------------


async def post(purse: WalletHouse, payer: Payer, payee: Payer | None, amount: int, **fields: Any) -> int:
    """Move money between two people, or from the house (`payer` gets it then)."""

    def move(tx: Tx) -> int:
        rooms = purse.wallet.purse
        debit = rooms.account(tx, payer.id, EUR)
        credit = rooms.account(tx, payee.id, EUR) if payee else rooms.house_account(tx, "escrow", EUR)
        return purse.wallet.ledger.post(tx, New(new_key(), debit.number, credit.number, amount, **fields))

    return await purse.house.store.write(move)


async def end(purse: WalletHouse, hold: int, kind: Kind, amount: int = 0) -> int:
    new = New(new_key(), kind=kind, refers=hold, amount=amount, purpose=Purpose.CONTACT)
    return await purse.house.store.write(lambda tx: purse.wallet.ledger.post(tx, new))


async def entries_of(purse: WalletHouse, payer: Payer) -> list[tuple[str, int, int]]:
    page = await purse.wallet.history.entries(payer.guest.signed, EUR)
    return [(each.state, each.amount, each.balance) for each in page.entries]


async def test_a_hold_is_the_payers_line_until_it_is_over(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob", funds=0)
    await purse.fund(ann.id, 100)
    funded = ("moved", 100, 100)
    hold = await post(purse, ann, bob, 30, kind=Kind.HOLD, purpose=Purpose.CONTACT)
    assert await entries_of(purse, ann) == [("held", -30, 100), funded]
    assert await entries_of(purse, bob) == []
    await end(purse, hold, Kind.VOID)
    assert await entries_of(purse, ann) == [("returned", 30, 100), funded]
    assert await entries_of(purse, bob) == []
    hold = await post(purse, ann, bob, 30, kind=Kind.HOLD, purpose=Purpose.CONTACT)
    await end(purse, hold, Kind.POST, 20)
    assert await entries_of(purse, ann) == [("moved", -20, 80), ("returned", 30, 100), funded]
    assert await entries_of(purse, bob) == [("moved", 20, 20)]


async def test_an_entry_names_the_other_and_leads_back_to_its_chat(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob")
    asked: list[tuple[str, tuple[str, ...]]] = []

    def describe(_connection: sa.Connection, person: str, subjects: Sequence[str]) -> dict[str, Described]:
        asked.append((person, tuple(subjects)))
        return {each: Described(note=f"about {each}", other=bob.id, chat="chat", seq=7) for each in subjects if each}

    purse.wallet.purse.describe[Purpose.PACKET] = describe
    purse.wallet.purse.describe.pop(Purpose.CALL, None)
    one, two = ids.new_id(), ids.new_id()
    await post(purse, ann, None, 5, purpose=Purpose.PACKET, subject=one)
    await post(purse, ann, None, 6, purpose=Purpose.PACKET, subject=two)
    await post(purse, ann, None, 7, purpose=Purpose.PACKET, subject=one)
    await post(purse, ann, None, 8, purpose=Purpose.CALL, subject=two)
    await post(purse, ann, bob, 9)
    page = await purse.wallet.history.entries(ann.guest.signed, EUR, limit=5)
    to_bob, call, *packets = page.entries
    assert (to_bob.other, to_bob.note, to_bob.kind) == (bob.id, "", "other")
    assert (call.other, call.note, call.chat, call.seq, call.kind) == ("", "", "", 0, "call")
    assert [each.note for each in packets] == [f"about {each}" for each in (one, two, one)]
    assert {(each.other, each.chat, each.seq, each.kind) for each in packets} == {(bob.id, "chat", 7, "packet")}
    assert [each.id for each in page.people] == [bob.id]
    assert asked == [(ann.id, (one, two))]


async def test_a_payment_within_a_chat_leads_back_to_it(purse: WalletHouse) -> None:
    ann, bob = await purse.friends("ann", "bob")
    chat = next(iter(await ann.chats()))
    sent = await ann.does(
        SendTransfer(
            key=new_key()[:36], chat=chat, to=bob.id, amount=eur(250), approval=await ann.approves(250), note="for tea"
        )
    )
    await bob.does(AcceptTransfer(payment=sent.payment))
    for person, other, amount in ((ann, bob, -250), (bob, ann, 250)):
        page = await purse.wallet.history.entries(person.guest.signed, EUR, limit=1)
        (entry,) = page.entries
        assert (entry.state, entry.amount, entry.other, entry.note) == ("moved", amount, other.id, "for tea")
        assert (entry.chat, entry.seq, entry.subject) == (chat, sent.seq, sent.payment)


# --- the wallet -----------------------------------------------------------------------------------


async def test_the_wallet_has_the_houses_currencies_and_what_one_has_beside(purse: WalletHouse) -> None:
    operator = purse.tea.opened.operator
    await operator.change(purse.operator, ChangeHouse(currencies=("EUR", "USD", "JPY")))
    ann = await purse.person("ann", 1_000)
    bob = await purse.person("bob", pin=False)
    await purse.fund(ann.id, 5, "JPY")
    await purse.fund(bob.id, 0 + 3, "USD")
    await operator.change(purse.operator, ChangeHouse(currencies=("USD", "EUR")))
    await post(purse, ann, bob, 400, kind=Kind.HOLD)
    wallet = await purse.wallet.history.wallet(ann.guest.signed)
    assert wallet.balances == (Balance("USD", 0, 0), Balance("EUR", 1_000, 600), Balance("JPY", 5, 5))
    assert (wallet.has_pin, wallet.level, wallet.cashier, wallet.waiting) == (True, 0, False, ())
    assert {each.currency for each in wallet.limits} == {"USD", "EUR"}
    wallet = await purse.wallet.history.wallet(bob.guest.signed)
    assert wallet.balances == (Balance("USD", 3, 3), Balance("EUR", 0, 0))
    assert not wallet.has_pin


async def test_who_has_no_account_yet_has_an_empty_history(purse: WalletHouse) -> None:
    ann = await purse.person("ann", pin=False)
    history = purse.wallet.history
    assert await history.entries(ann.guest.signed, EUR) == EntryPage((), (), 0)
    statement = await history.statement(ann.guest.signed, EUR, "2026-11")
    assert (statement.opening, statement.closing, statement.entries) == (0, 0, ())
    assert [bar.total_out for bar in (await history.spending(ann.guest.signed, EUR)).months] == [0] * 12
    with pytest.raises(NoSuchCurrency):
        await history.entries(ann.guest.signed, "GBP")


async def test_what_is_no_filter_is_refused(purse: WalletHouse) -> None:
    ann = await purse.person("ann", 10, pin=False)
    for wrong in ({"kinds": "gift"}, {"month": "2026-13"}, {"month": "2026-1"}):
        with pytest.raises(Malformed):
            await purse.wallet.history.entries(ann.guest.signed, EUR, **wrong)


# --- nobody else ----------------------------------------------------------------------------------


async def test_a_cursor_out_of_anothers_history_opens_nothing(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob")
    theirs = (await purse.wallet.history.entries(ann.guest.signed, EUR)).entries[0].number
    for number in (theirs, 2**40):
        with pytest.raises(NoSuchEntry):
            await purse.wallet.history.entries(bob.guest.signed, EUR, before=number)


async def test_an_operator_who_looks_is_written_down_first(purse: WalletHouse) -> None:
    ann = await purse.person("ann", 500)
    page = await purse.wallet.history.of_person(purse.operator, ann.id, EUR)
    assert [each.amount for each in page.entries] == [500]
    (look,) = (await purse.wallet.guard.looks(ann.guest.signed)).looks
    assert (look.by.id, look.what) == (purse.operator.person, "history")
    with pytest.raises(NotFound):
        await purse.wallet.history.of_person(purse.operator, ids.new_id(), EUR)


async def test_nothing_is_shown_of_a_look_that_could_not_be_written_down(
    purse: WalletHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await purse.person("ann", 500, pin=False)

    def refuse(*_: Any) -> None:
        raise Forbidden()

    monkeypatch.setattr(purse.wallet.guard, "note_look", refuse)
    with pytest.raises(Forbidden):
        await purse.wallet.history.of_person(purse.operator, ann.id, EUR)


async def test_cashiers_and_others_do_not_look_at_histories(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob")
    await purse.wallet.guard.make_cashier(purse.operator, bob.id)
    with pytest.raises(Forbidden):
        await purse.wallet.history.of_person(bob.guest.signed, ann.id, EUR)
    assert (await purse.wallet.guard.looks(ann.guest.signed)).looks == ()


# --- every door -----------------------------------------------------------------------------------


class Street:
    """A running house with its HTTP door: an operator, Ann with 12.34 EUR, and Bob with none."""

    def __init__(self, built: Built, people: dict[str, SignedIn]) -> None:
        self.people = people
        self._transport = httpx.ASGITransport(app=built.asgi())  # type: ignore[arg-type]

    async def get(self, who: str, path: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.people[who].token}"} if who else {}
        client = httpx.AsyncClient(transport=self._transport, base_url="http://house/api/v1", headers=headers)
        async with client:
            return await client.get(path)


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    built = Built(Settings(data=tmp_path / "house"))
    async with built.running():
        link = await built.people.first_link()
        assert link is not None
        people: dict[str, SignedIn] = {}
        for name in ("operator", "ann", "bob"):
            invitation = link.rpartition("/")[2] if name == "operator" else ""
            asked = SignUp(handle=name, name=name.title(), password="long enough", invitation=invitation)
            people[name] = await built.people.accounts.sign_up(asked, name)
            if name == "operator":
                signed = await built.house.authenticate(people[name].token)
                await built.operator.change(signed, ChangeHouse(registration="open", currencies=("EUR",)))

        def give(tx: Tx) -> None:
            purse = built.wallet.purse
            source = purse.house_account(tx, "suspense", EUR)
            account = purse.account(tx, people["ann"].person.id, EUR)
            new = New(new_key(), source.number, account.number, 1234, purpose=Purpose.CORRECTION)
            built.wallet.ledger.post(tx, new)

        await built.house.store.write(give)
        yield Street(built, people)


async def test_every_door_shows_ones_own_and_nobody_elses(street: Street) -> None:
    entry = (await street.get("ann", "/wallet/entries?currency=EUR")).json()["entries"][0]
    month = month_of(entry["at"])
    doors = (
        "/wallet",
        "/wallet/entries?currency=EUR",
        "/wallet/spending?currency=EUR",
        f"/wallet/statements/EUR/{month}",
        f"/wallet/statements/EUR/{month}/csv",
    )
    for door in doors:
        mine, theirs, nobody = [await street.get(who, door) for who in ("ann", "bob", "")]
        assert (mine.status_code, theirs.status_code, nobody.status_code) == (200, 200, 401), door
        assert "1234" in mine.text or "12.34" in mine.text, door
        assert "1234" not in theirs.text, door
        assert "12.34" not in theirs.text, door
        assert "34" not in nobody.text, door
    assert (await street.get("", f"/wallet/statements/EUR/{month}/pdf")).status_code == 401


async def test_the_door_to_others_is_the_operators(street: Street) -> None:
    ann = street.people["ann"].person.id
    door = f"/wallet/people/{ann}/entries?currency=EUR"
    statuses = [(await street.get(who, door)).status_code for who in ("operator", "bob", "ann", "")]
    assert statuses == [200, 403, 403, 401]
    assert (await street.get("operator", door)).json()["entries"][0]["amount"] == 1234
    looks = (await street.get("ann", "/wallet/looks")).json()["looks"]
    assert [(each["by"]["handle"], each["what"]) for each in looks] == [("operator", "history")] * 2


async def test_the_doors_bound_what_they_are_asked(street: Street) -> None:
    for query in ("currency=EUR&limit=101", "currency=EUR&limit=0", "currency=eur", "", "currency=EUR&before=-1"):
        assert (await street.get("ann", f"/wallet/entries?{query}")).status_code == 400, query
    assert (await street.get("ann", "/wallet/entries?currency=GBP")).json()["code"] == "no_such_currency"
    assert (await street.get("ann", "/wallet/statements/EUR/2026-13")).status_code == 400
    assert (await street.get("ann", "/wallet/statements/EUR/2026-11/doc")).status_code in (400, 404)
