"""The end of a day at the desk: counted against the ledger, and the difference booked openly."""

import asyncio

import pytest

from teahouse.errors import Refusal
from teahouse.wallet.cash import rules
from teahouse.wallet.cash.model import CloseDay, DayClosed, DayClosing, RefuseCash
from teahouse.wallet.ledger.rules import KeyReused
from tests.wallet.house import Payer, WalletHouse, new_key
from tests.wallet.test_cash import cashier, drawer, pays_out, says_yes, takes_in


async def closes(at: Payer, counted: int, *, take: int = 0, key: str = "", note: str = "") -> DayClosing:
    command = CloseDay(key=key or new_key(), counted=counted, currency="EUR", take=take, note=note)
    closed: DayClosed = await at.does(command)
    return closed.closing


def told(closing: DayClosing) -> tuple[int, int, int, int, int]:
    return closing.opening, closing.taken_in, closing.paid_out, closing.expected, closing.difference


async def suspense(purse: WalletHouse) -> int:
    return await purse.account_sum("suspense")


async def safe(purse: WalletHouse) -> int:
    return -await purse.account_sum("cash_desk")


async def test_a_week_at_a_desk(purse: WalletHouse) -> None:
    ann, bo = await cashier(purse, "ann"), await purse.person("bo")
    first = await closes(ann, 200_00, note="Float")  # the house's own money, put in on the first morning
    assert told(first) == (0, 0, 0, 0, 200_00)
    assert (await drawer(ann), await suspense(purse)) == (200_00, 200_00)

    await takes_in(ann, bo, 150_00)
    await pays_out(ann, bo, 40_00)
    await says_yes(bo)
    evening = await closes(ann, 310_00, take=110_00)
    assert told(evening) == (200_00, 150_00, 40_00, 310_00, 0)
    assert (await drawer(ann), await safe(purse)) == (200_00, 110_00)

    await takes_in(ann, bo, 10_00)
    short = await closes(ann, 209_50, note="Fifty cents short")
    assert told(short) == (200_00, 10_00, 0, 210_00, -50)
    assert (await drawer(ann), await suspense(purse)) == (209_50, 199_50)

    fetched = await closes(ann, 209_50, take=-100_00)  # change from the safe
    assert told(fetched) == (209_50, 0, 0, 209_50, 0)
    assert (await drawer(ann), await safe(purse)) == (309_50, 10_00)

    nothing = await closes(ann, 309_50)
    assert told(nothing) == (309_50, 0, 0, 309_50, 0)
    desk = await purse.wallet.cash.desk(ann.guest.signed)
    assert desk.closings == (nothing, fetched, short, evening, first)
    assert [each.amount for each in desk.drawers] == [309_50]
    assert [each.receipt for each in desk.operations] == [3, 2, 1]


async def test_a_closing_counts_once(purse: WalletHouse) -> None:
    ann, bo = await cashier(purse, "ann"), await purse.person("bo")
    await takes_in(ann, bo, 10_00)
    key = new_key()
    first = await closes(ann, 9_00, take=5_00, key=key)
    assert await closes(ann, 9_00, take=5_00, key=key) == first
    with pytest.raises(KeyReused):
        await closes(ann, 9_01, take=5_00, key=key)
    assert (await drawer(ann), await safe(purse), await suspense(purse)) == (4_00, 5_00, -1_00)


async def test_of_racing_closings_the_differences_add_up(purse: WalletHouse) -> None:
    ann, bo = await cashier(purse, "ann"), await purse.person("bo")
    await takes_in(ann, bo, 10_00)
    made = await asyncio.gather(*[closes(ann, 10_00 + n) for n in range(10)])
    assert sum(each.taken_in for each in made) == 10_00
    assert sum(each.difference for each in made) == await suspense(purse)
    desk = await purse.wallet.cash.desk(ann.guest.signed)
    assert await drawer(ann) == desk.closings[0].counted
    for newer, older in zip(desk.closings, desk.closings[1:], strict=False):
        assert newer.opening == older.counted


async def test_nobody_takes_what_is_not_there(purse: WalletHouse) -> None:
    ann, bo = await cashier(purse, "ann"), await purse.person("bo")
    await takes_in(ann, bo, 10_00)
    with pytest.raises(rules.BadTake):
        await closes(ann, 10_00, take=10_01)
    with pytest.raises(rules.SafeEmpty) as empty:
        await closes(ann, 12_00, take=-1)
    assert empty.value.fields == {"available": 0}
    assert (await drawer(ann), await suspense(purse)) == (10_00, 0)  # the difference of a refused one is not booked


async def test_a_drawer_is_not_counted_while_somebody_is_asked(purse: WalletHouse) -> None:
    ann, bo = await cashier(purse, "ann"), await purse.person("bo")
    await takes_in(ann, bo, 10_00)
    begun = await pays_out(ann, bo, 10_00)
    with pytest.raises(rules.DeskBusy):
        await closes(ann, 0)
    await ann.does(RefuseCash(operation=begun.id))
    assert (await closes(ann, 10_00)).difference == 0


async def test_drawers_are_their_cashiers_own(purse: WalletHouse) -> None:
    ann, ben, bo = await cashier(purse, "ann"), await cashier(purse, "ben"), await purse.person("bo")
    await takes_in(ann, bo, 10_00)
    await takes_in(ben, bo, 20_00)
    assert told(await closes(ann, 10_00)) == (0, 10_00, 0, 10_00, 0)
    assert told(await closes(ben, 20_00)) == (0, 20_00, 0, 20_00, 0)
    assert len((await purse.wallet.cash.desk(ann.guest.signed)).closings) == 1


async def test_who_is_no_cashier_closes_nothing(purse: WalletHouse) -> None:
    bo = await purse.person("bo")
    with pytest.raises(rules.NotCashier):
        await closes(bo, 10_00)
    ann = await cashier(purse, "ann")
    with pytest.raises(Refusal) as refused:
        await ann.does(CloseDay(key=new_key(), counted=1, currency="USD"))
    assert refused.value.code == "no_such_currency"
