"""Pay-outs to banks, from the person's wish to what the bank did."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from teahouse import ids
from teahouse.errors import Forbidden, Refusal
from teahouse.money import Money
from teahouse.operator.model import ChangeHouse
from teahouse.wallet.bank import bank, reading, rules, store
from teahouse.wallet.bank.model import (
    BankFile,
    BankFileMade,
    CancelWithdrawal,
    MakeBankFile,
    SettleBankFile,
    Withdraw,
    Withdrawal,
    Withdrawn,
)
from teahouse.wallet.ledger.model import Purpose
from teahouse.wallet.ledger.rules import InsufficientFunds, KeyReused
from tests.wallet.bank_file import holds, read_file
from tests.wallet.house import Payer, WalletHouse, eur, new_key, open_wallet_house, reopen_wallet_house

IBAN = "NL91ABNA0417164300"
ACCOUNT = {"bank_name": "Tea House", "bank_iban": "DE89 3704 0044 0532 0130 00", "bank_bic": "COBADEFFXXX"}


@pytest.fixture(params=["sqlite", "postgresql"])
async def purse(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[WalletHouse]:
    """A house with an account at a bank."""
    url = "" if request.param == "sqlite" else request.getfixturevalue("new_database")()
    async with open_wallet_house(tmp_path, store=url, **ACCOUNT) as opened:
        yield opened


async def withdraws(
    person: Payer, amount: int, *, iban: str = IBAN, name: str = "Bo Berg", key: str = "", approval: str = ""
) -> Withdrawal:
    approval = approval or await person.approves(amount)
    command = Withdraw(key=key or new_key(), amount=eur(amount), iban=iban, name=name, approval=approval)
    done: Withdrawn = await person.does(command)
    return done.withdrawal


async def makes_file(purse: WalletHouse, *, key: str = "") -> BankFile:
    command = MakeBankFile(key=key or new_key(), currency="EUR")
    made: BankFileMade = await purse.house.execute(purse.operator, command)
    return made.file


async def settles(purse: WalletHouse, file: str, *rejected: str, reason: str = "") -> BankFile:
    command = SettleBankFile(file=file, rejected=rejected, reason=reason)
    made: BankFileMade = await purse.house.execute(purse.operator, command)
    return made.file


async def seen(person: Payer) -> list[tuple[int, str]]:
    """Return a person's own withdrawals, the newest first."""
    return [(each.amount, each.state) for each in await person.purse.wallet.bank.withdrawals(person.guest.signed)]


async def clearing(purse: WalletHouse) -> int:
    return await purse.account_sum("bank_clearing")


# --- the way of a withdrawal ---


async def test_money_goes_to_the_bank(purse: WalletHouse) -> None:
    bo, cem = await purse.people("bo", "cem", funds=100_00)
    wished = await withdraws(bo, 60_00, iban="nl91 abna 0417 1643 00", name="Bo Bérg")
    assert (wished.state, wished.iban, wished.name) == ("waiting", "NL************4300", "Bo Berg")
    assert (await bo.balance(), await bo.has(), await clearing(purse)) == (100_00, 40_00, 0)
    second = await withdraws(cem, 25_50, name="王小明")

    file = await makes_file(purse)
    assert (file.count, file.total, file.currency, file.state) == (2, 85_50, "EUR", "made")
    xml = await purse.wallet.bank.xml(purse.operator, file.id)
    holds(xml)
    written = read_file(xml)
    assert (written.message, written.count, written.total) == (file.id, "2", "85.50")
    assert [(each.id, each.amount, each.name) for each in written.payments] == [
        (wished.id, "60.00", "Bo Berg"),
        (second.id, "25.50", "Wang Xiao Ming"),
    ]
    assert await seen(bo) == [(60_00, "in_file")]
    assert (await bo.has(), await clearing(purse)) == (40_00, 0)  # held until the bank has paid

    settled = await settles(purse, file.id)
    assert settled.state == "settled"
    assert (await seen(bo), await seen(cem)) == ([(60_00, "paid")], [(25_50, "paid")])
    assert (await bo.balance(), await bo.has(), await clearing(purse)) == (40_00, 40_00, 85_50)
    assert bo.told("wallet.changed")[-1]["balance"] == {"currency": "EUR", "balance": 40_00, "available": 40_00}


async def test_what_the_bank_rejects_comes_back(purse: WalletHouse) -> None:
    bo, cem = await purse.people("bo", "cem", funds=100_00)
    wrong, good = await withdraws(bo, 100_00), await withdraws(cem, 30_00)
    file = await makes_file(purse)
    await settles(purse, file.id, wrong.id, reason="No such account")
    (back,) = await purse.wallet.bank.withdrawals(bo.guest.signed)
    assert (back.state, back.reason) == ("rejected", "No such account")
    (paid,) = await purse.wallet.bank.withdrawals(cem.guest.signed)
    assert (paid.id, paid.state, paid.reason) == (good.id, "paid", "")
    assert (await bo.has(), await cem.has(), await clearing(purse)) == (100_00, 70_00, 30_00)
    assert bo.told("wallet.changed")[-1]["balance"]["available"] == 100_00
    # It counts no more to the day's limit (200.00 in a day, 100.00 in a payment).
    await purse.fund(bo.id, 200_00)
    await withdraws(bo, 100_00)
    await withdraws(bo, 100_00)
    with pytest.raises(Refusal) as refused:
        await withdraws(bo, 1_00)
    assert refused.value.code == "limit_exceeded"


async def test_a_withdrawal_is_cancelled_while_it_waits(purse: WalletHouse) -> None:
    bo, cem = await purse.people("bo", "cem", funds=100_00)
    wished = await withdraws(bo, 60_00)
    with pytest.raises(rules.NoSuchWithdrawal):
        await cem.does(CancelWithdrawal(withdrawal=wished.id))
    cancelled: Withdrawn = await bo.does(CancelWithdrawal(withdrawal=wished.id))
    assert cancelled.withdrawal.state == "cancelled"
    assert await bo.does(CancelWithdrawal(withdrawal=wished.id)) == cancelled
    assert (await bo.has(), await seen(bo)) == (100_00, [(60_00, "cancelled")])
    with pytest.raises(rules.NothingWaits):
        await makes_file(purse)
    late = await withdraws(bo, 60_00)
    file = await makes_file(purse)
    with pytest.raises(rules.WithdrawalOver):
        await bo.does(CancelWithdrawal(withdrawal=late.id))
    await settles(purse, file.id)
    with pytest.raises(rules.WithdrawalOver):
        await bo.does(CancelWithdrawal(withdrawal=late.id))
    assert await bo.balance() == 40_00


async def test_of_cancelling_and_filing_at_once_one_wins(purse: WalletHouse) -> None:
    people = await purse.people(*[f"person{n}" for n in range(8)], funds=50_00)
    wished = [await withdraws(each, 10_00 + n) for n, each in enumerate(people)]
    cancels = [person.does(CancelWithdrawal(withdrawal=each.id)) for person, each in zip(people, wished, strict=True)]
    answers = await asyncio.gather(
        *cancels[:4], makes_file(purse), *cancels[4:], makes_file(purse), return_exceptions=True
    )
    files = [each for each in answers if isinstance(each, BankFile)]
    gone = {each.withdrawal.id for each in answers if isinstance(each, Withdrawn)}
    filed = set()
    for file in files:
        xml = await purse.wallet.bank.xml(purse.operator, file.id)
        holds(xml)
        filed |= {each.id for each in read_file(xml).payments}
        await settles(purse, file.id)
    assert gone | filed == {each.id for each in wished}
    assert not gone & filed
    late = [each for each in answers if isinstance(each, Exception)]
    assert all(isinstance(each, rules.WithdrawalOver | rules.NothingWaits) for each in late)
    left = [await each.balance() for each in people]
    assert sum(left) + await clearing(purse) == 8 * 50_00
    assert await clearing(purse) == sum(each.amount for each in wished if each.id in filed)


async def test_what_comes_later_goes_into_the_next_file(purse: WalletHouse) -> None:
    bo = await purse.person("bo", 100_00)
    first = await withdraws(bo, 10_00)
    one = await makes_file(purse)
    xml = await purse.wallet.bank.xml(purse.operator, one.id)
    second = await withdraws(bo, 20_00)
    other = await makes_file(purse)
    assert await purse.wallet.bank.xml(purse.operator, one.id) == xml
    assert [each.id for each in read_file(xml).payments] == [first.id]
    assert [each.id for each in read_file(await purse.wallet.bank.xml(purse.operator, other.id)).payments] == [
        second.id
    ]
    with pytest.raises(rules.NoSuchWithdrawal):
        await settles(purse, one.id, second.id)
    assert await seen(bo) == [(20_00, "in_file"), (10_00, "in_file")]


async def test_a_file_holds_so_much_and_no_more(purse: WalletHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "FILE_MAX", 3)
    bo = await purse.person("bo", 100_00)
    wished = [await withdraws(bo, 1_00 + n) for n in range(4)]
    assert (await makes_file(purse)).total == sum(each.amount for each in wished[:3])
    assert (await makes_file(purse)).total == wished[3].amount


async def test_a_large_file_is_settled_in_steps(purse: WalletHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is decided at once; what the command did not move, the worker moves."""
    monkeypatch.setattr(bank, "AT_ONCE", 2)
    bo = await purse.person("bo", 100_00)
    wished = [await withdraws(bo, 1_00) for _ in range(5)]
    file = await makes_file(purse)
    await settles(purse, file.id, wished[4].id)
    assert await clearing(purse) <= 2_00
    await purse.wallet.due.sweep()
    assert await seen(bo) == [(1_00, "rejected"), *[(1_00, "paid")] * 4]
    assert (await bo.balance(), await bo.has(), await clearing(purse)) == (96_00, 96_00, 4_00)
    assert await purse.wallet.due.sweep() == 0


# --- again ---


async def test_a_repeat_gets_the_first_answer(purse: WalletHouse) -> None:
    bo = await purse.person("bo", 100_00)
    key = new_key()
    first = await withdraws(bo, 10_00, key=key)
    assert await withdraws(bo, 10_00, key=key) == first
    with pytest.raises(KeyReused):
        await withdraws(bo, 10_00, key=key, iban="GB82WEST12345698765432")
    assert await bo.has() == 90_00
    made = await makes_file(purse, key=key)
    await withdraws(bo, 5_00)
    assert await makes_file(purse, key=key) == made
    assert await seen(bo) == [(5_00, "waiting"), (10_00, "in_file")]


async def test_a_file_is_settled_once(purse: WalletHouse) -> None:
    bo, cem = await purse.people("bo", "cem", funds=100_00)
    wrong, good = await withdraws(bo, 10_00), await withdraws(cem, 20_00)
    file = await makes_file(purse)
    settled = await settles(purse, file.id, wrong.id)
    assert await settles(purse, file.id, wrong.id) == settled
    with pytest.raises(rules.FileSettled):
        await settles(purse, file.id)
    with pytest.raises(rules.FileSettled):
        await settles(purse, file.id, good.id)
    racing = await asyncio.gather(*[settles(purse, file.id, wrong.id) for _ in range(10)])
    assert racing == [settled] * 10
    assert (await bo.has(), await cem.has(), await clearing(purse)) == (100_00, 80_00, 20_00)
    with pytest.raises(rules.NoSuchFile):
        await settles(purse, ids.new_id())


async def test_a_house_that_was_closed_knows_its_withdrawals(tmp_path: Path) -> None:
    """Also those that were decided and not yet carried out, and the file stays the same to the byte."""
    async with open_wallet_house(tmp_path, **ACCOUNT) as purse:
        bo = await purse.person("bo", 100_00)
        await withdraws(bo, 10_00)
        file = await makes_file(purse)
        xml = await purse.wallet.bank.xml(purse.operator, file.id)
        operator = purse.operator

        def say(tx: object) -> None:
            connection = tx.connection  # type: ignore[attr-defined]
            store.decide(connection, file.id, [], "")
            store.settle_file(connection, file.id)

        await purse.house.store.write(say)
    moved = {**ACCOUNT, "bank_name": "Another House", "bank_iban": "GB82WEST12345698765432"}
    async with reopen_wallet_house(tmp_path, **moved) as purse:
        assert await purse.wallet.bank.xml(operator, file.id) == xml
        await purse.wallet.due.sweep()
        assert await purse.sums(bo.id) == (90_00, 90_00)
        assert await clearing(purse) == 10_00


# --- what is refused ---


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"iban": "NL91ABNA0417164301"}, "bad_iban"),
        ({"iban": "DE00370400440532013000"}, "bad_iban"),
        ({"iban": "not an account"}, "bad_iban"),
        ({"iban": "SA0380000000608010167519"}, "iban_not_sepa"),
        ({"name": "🍵"}, "bad_bank_name"),
        ({"approval": "made up"}, "approval_needed"),
    ],
)
async def test_what_cannot_be_paid_moves_nothing(purse: WalletHouse, fields: dict[str, str], code: str) -> None:
    bo = await purse.person("bo", 100_00)
    with pytest.raises(Refusal) as refused:
        await withdraws(bo, 10_00, **fields)
    assert refused.value.code == code
    assert (await bo.has(), await seen(bo)) == (100_00, [])


async def test_an_approval_is_for_its_sum_and_good_once(purse: WalletHouse) -> None:
    bo = await purse.person("bo", 100_00)
    approval = await bo.approves(10_00)
    with pytest.raises(Refusal):
        await withdraws(bo, 10_01, approval=approval)
    with pytest.raises(rules.BadIban):  # what was refused for another reason does not use it up
        await withdraws(bo, 10_00, approval=approval, iban="NL00ABNA0417164300")
    await withdraws(bo, 10_00, approval=approval)
    with pytest.raises(Refusal):
        await withdraws(bo, 10_00, approval=approval)
    assert await bo.has() == 90_00


async def test_nobody_withdraws_what_they_do_not_have(purse: WalletHouse) -> None:
    bo = await purse.person("bo", 30_00)
    approvals = [await bo.approves(20_00) for _ in range(5)]
    answers = await asyncio.gather(*[withdraws(bo, 20_00, approval=each) for each in approvals], return_exceptions=True)
    assert sum(isinstance(each, Withdrawal) for each in answers) == 1
    assert sum(isinstance(each, InsufficientFunds) for each in answers) == 4
    assert (await bo.has(), await bo.balance()) == (10_00, 30_00)


async def test_only_euros_go_to_the_bank(purse: WalletHouse) -> None:
    bo = await purse.person("bo")
    await purse.tea.opened.operator.change(purse.operator, ChangeHouse(currencies=("EUR", "USD")))
    await purse.fund(bo.id, 100_00, "USD")
    approval = await bo.approves(10_00, "USD")
    with pytest.raises(rules.NotPaidOut):
        await bo.does(Withdraw(key=new_key(), amount=Money(10_00, "USD"), iban=IBAN, name="Bo", approval=approval))
    with pytest.raises(rules.NotPaidOut):
        await purse.house.execute(purse.operator, MakeBankFile(key=new_key(), currency="USD"))


async def test_a_person_waits_with_so_many(purse: WalletHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "WAITING_MAX", 2)
    bo = await purse.person("bo", 100_00)
    await withdraws(bo, 1_00)
    await withdraws(bo, 1_00)
    with pytest.raises(rules.TooManyWaiting):
        await withdraws(bo, 1_00)
    await makes_file(purse)
    await withdraws(bo, 1_00)


@pytest.mark.parametrize("account", [{}, {**ACCOUNT, "bank_iban": "DE00370400440532013000"}, {"bank_name": "Tea"}])
async def test_a_house_without_an_account_pays_nothing_out(tmp_path: Path, account: dict[str, str]) -> None:
    async with open_wallet_house(tmp_path, **account) as purse:
        bo = await purse.person("bo", 100_00)
        assert not purse.wallet.bank.is_on
        with pytest.raises(rules.BankOff):
            await withdraws(bo, 10_00)
        with pytest.raises(rules.BankOff):
            await makes_file(purse)
        assert await bo.has() == 100_00


# --- who sees what ---


async def test_bank_files_are_the_operators(purse: WalletHouse) -> None:
    bo = await purse.person("bo", 100_00)
    await withdraws(bo, 10_00)
    file = await makes_file(purse)
    signed = bo.guest.signed
    for asked in (
        purse.wallet.bank.waiting(signed),
        purse.wallet.bank.files(signed),
        purse.wallet.bank.xml(signed, file.id),
        bo.does(MakeBankFile(key=new_key(), currency="EUR")),
        bo.does(SettleBankFile(file=file.id)),
    ):
        with pytest.raises(Forbidden):
            await asked
    with pytest.raises(rules.NoSuchFile):
        await purse.wallet.bank.xml(purse.operator, ids.new_id())
    assert await seen(bo) == [(10_00, "in_file")]


async def test_every_look_of_an_operator_is_written_down(purse: WalletHouse) -> None:
    bo, cem = await purse.people("bo", "cem", funds=100_00)
    await withdraws(bo, 10_00)
    await withdraws(bo, 20_00)

    async def looks(of: Payer) -> list[tuple[str, str]]:
        return [(each.by.id, each.what) for each in (await purse.wallet.guard.looks(of.guest.signed)).looks]

    waiting = await purse.wallet.bank.waiting(purse.operator)
    assert [each.amount for each in waiting] == [10_00, 20_00]
    assert {each.iban for each in waiting} == {"NL************4300"}
    once = [(purse.operator.person, "withdrawal")]
    assert (await looks(bo), await looks(cem)) == (once, [])
    await purse.wallet.bank.waiting(purse.operator)
    assert await looks(bo) == once  # the same look, a moment later
    purse.passes(reading.LOOK_LASTS_MS + 60_000)
    file = await makes_file(purse)
    (listed,) = await purse.wallet.bank.files(purse.operator)
    assert [each.amount for each in listed.withdrawals] == [10_00, 20_00]
    assert await looks(bo) == once * 2
    purse.passes(reading.LOOK_LASTS_MS + 60_000)
    await purse.wallet.bank.xml(purse.operator, file.id)
    assert await looks(bo) == once * 3
    await settles(purse, file.id)
    (over,) = await purse.wallet.bank.files(purse.operator)
    assert (over.state, over.withdrawals) == ("settled", ())


async def test_the_history_names_the_account(purse: WalletHouse) -> None:
    bo, cem = await purse.people("bo", "cem", funds=100_00)
    wished = await withdraws(bo, 10_00)
    for purpose in (Purpose.BANK_OUT, Purpose.BANK_RETURN):
        describe = purse.wallet.purse.describe[purpose]
        described = await purse.house.store.read(describe, bo.id, [wished.id])
        assert described[wished.id].note == "NL************4300"
        assert await purse.house.store.read(describe, cem.id, [wished.id]) == {}


async def test_no_whole_iban_lies_outside_its_rows(purse: WalletHouse) -> None:
    """Not in the kept answers either."""
    bo = await purse.person("bo", 100_00)
    await withdraws(bo, 10_00)
    await makes_file(purse)
    kept = await purse.rows(sa.text("SELECT answer FROM wallet_request"))
    assert len(kept) == 2
    assert not any(IBAN.encode() in bytes(row.answer) for row in kept)
