"""How much a person may pay at once, in a day, and have; by their level, in a currency."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from teahouse.clock import DAY_MS, HOUR_MS
from teahouse.errors import Forbidden, Refusal
from teahouse.money import AMOUNT_MAX, Money
from teahouse.operator.model import ChangeHouse
from teahouse.storage.transaction import Tx
from teahouse.wallet.guard import days, rules, store
from teahouse.wallet.guard.model import ChangeLimits, SpendingLimits, VerifyPerson, WalletSettings
from teahouse.wallet.ledger.model import Kind, New
from tests.wallet.guarding import Spend, in_one_group, refusal_of, set_clock, spends, teach
from tests.wallet.house import EUR, Payer, WalletHouse, eur, new_key, open_wallet_house, reopen_wallet_house

NOON = 20_000 * DAY_MS + DAY_MS // 2


def limits(payment: int, day: int, balance: int = 10**9, currency: str = EUR) -> ChangeLimits:
    """The same for all levels."""
    return ChangeLimits(limits=tuple(SpendingLimits(level, currency, payment, day, balance) for level in rules.LEVELS))


async def set_limits(purse: WalletHouse, asked: ChangeLimits) -> None:
    await purse.wallet.guard.change_limits(purse.operator, asked)


async def pays(purse: WalletHouse, payer: Payer, amount: int, currency: str = EUR) -> None:
    await spends(purse, payer, Money(amount, currency), await payer.approves(amount, currency))


async def exceeds(purse: WalletHouse, payer: Payer, amount: int) -> dict[str, Any]:
    refused = await refusal_of(pays(purse, payer, amount))
    assert isinstance(refused, rules.LimitExceeded)
    return refused.fields


async def is_full(purse: WalletHouse, payer: Payer, amount: int, held: int = 0) -> bool:
    refused = await refusal_of(purse.house.store.write(purse.wallet.guard.has_room, payer.id, eur(amount), held))
    assert refused is None or isinstance(refused, rules.WalletFull)
    assert refused is None or not refused.fields  # the payer learns no sums of the payee's
    return refused is not None


# --- a payment, a day -----------------------------------------------------------------------------


async def test_a_payment_goes_up_to_the_limit_and_no_cent_further(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    await set_limits(purse, limits(500, 10_000))
    assert await exceeds(purse, ann, 501) == {"which": "payment", "max": 500, "left": 500}
    await pays(purse, ann, 500)


async def test_a_day_goes_up_to_its_sum_and_no_cent_further(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    await set_limits(purse, limits(500, 1_200))
    await pays(purse, ann, 500)
    await pays(purse, ann, 500)
    assert await exceeds(purse, ann, 201) == {"which": "day", "max": 1_200, "left": 200}
    await pays(purse, ann, 200)
    assert await exceeds(purse, ann, 1) == {"which": "day", "max": 1_200, "left": 0}


async def test_a_refused_payment_uses_no_yes_up(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    await set_limits(purse, limits(500, 500))
    approval = await ann.approves(600)
    assert isinstance(await refusal_of(spends(purse, ann, eur(600), approval)), rules.LimitExceeded)
    await spends(purse, ann, eur(500), approval)


async def test_a_day_ends_at_midnight_of_utc(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    await set_limits(purse, limits(500, 500))
    midnight = (NOON // DAY_MS + 1) * DAY_MS
    set_clock(purse, midnight - 1)
    await pays(purse, ann, 500)
    assert (await exceeds(purse, ann, 1))["left"] == 0
    set_clock(purse, midnight)
    await pays(purse, ann, 300)
    assert (await exceeds(purse, ann, 201))["left"] == 200


async def test_a_clock_that_steps_back_over_midnight_finds_the_day_before_spent(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    await set_limits(purse, limits(500, 500))
    for shift in (0, DAY_MS):
        set_clock(purse, NOON + shift)
        await pays(purse, ann, 500)
    for shift in (0, DAY_MS, 0):
        set_clock(purse, NOON + shift)
        assert (await exceeds(purse, ann, 1))["left"] == 0


async def test_each_person_and_currency_has_a_day_of_its_own(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob")
    await set_limits(purse, limits(500, 500))
    await set_limits(purse, limits(700, 700, currency="USD"))
    await pays(purse, ann, 500)
    await pays(purse, bob, 500)
    await pays(purse, ann, 700, "USD")
    guard = purse.wallet.guard
    assert set(await purse.house.store.read(guard.spent_today, ann.id)) == {eur(500), Money(700, "USD")}
    assert await purse.house.store.read(guard.spent_today, bob.id) == (eur(500),)


async def test_what_was_spent_outlives_the_house(store_url: str, tmp_path: Path) -> None:
    async with open_wallet_house(tmp_path, store=store_url) as purse:
        ann = await purse.person("ann")
        await set_limits(purse, limits(500, 700))
        await pays(purse, ann, 500)
    async with reopen_wallet_house(tmp_path, store=store_url) as purse:
        again = await purse.again(ann)
        assert await exceeds(purse, again, 201) == {"which": "day", "max": 700, "left": 200}


async def test_payments_of_one_group_share_the_day(purse: WalletHouse) -> None:
    teach(purse.house, purse.wallet.guard)
    ann = await purse.person("ann")
    await set_limits(purse, limits(100, 450))
    approval = await ann.approves(5_000, uses=100)
    asked = [Spend(key=new_key(), amount=eur(100), approval=approval) for _ in range(20)]
    outcomes = await in_one_group(purse.house, *[(ann.guest.signed, each) for each in asked])
    assert [isinstance(each, Refusal) for each in outcomes] == [False] * 4 + [True] * 16
    # Written together: what is in the store is what was counted.
    assert await purse.house.store.read(purse.wallet.guard.spent_today, ann.id) == (eur(400),)


async def test_people_beyond_those_in_memory_are_counted_as_well(
    purse: WalletHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(days, "KEPT_MAX", 1)
    teach(purse.house, purse.wallet.guard)
    people = await purse.people("ann", "bob", "cat")
    await set_limits(purse, limits(100, 250))
    approvals = [await each.approves(1_000, uses=10) for each in people]
    asked = [
        (payer.guest.signed, Spend(key=new_key(), amount=eur(100), approval=approval))
        for _ in range(3)
        for payer, approval in zip(people, approvals, strict=True)
    ]
    outcomes = await in_one_group(purse.house, *asked)
    assert [isinstance(each, rules.LimitExceeded) for each in outcomes] == [False] * 6 + [True] * 3
    for payer in people:
        assert await purse.house.store.read(purse.wallet.guard.spent_today, payer.id) == (eur(200),)


# --- what comes back ------------------------------------------------------------------------------


async def test_what_comes_back_the_same_day_may_be_spent_again(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    guard, write = purse.wallet.guard, purse.house.store.write
    await set_limits(purse, limits(500, 500))
    set_clock(purse, NOON)
    await pays(purse, ann, 500)
    set_clock(purse, NOON + HOUR_MS)
    await write(guard.unspend, ann.id, eur(200), NOON)
    assert (await exceeds(purse, ann, 201))["left"] == 200
    await pays(purse, ann, 200)


async def test_what_comes_back_later_gives_that_day_nothing(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    guard, write = purse.wallet.guard, purse.house.store.write
    await set_limits(purse, limits(500, 500))
    set_clock(purse, NOON)
    await pays(purse, ann, 400)
    set_clock(purse, NOON + DAY_MS)
    await pays(purse, ann, 400)
    await write(guard.unspend, ann.id, eur(400), NOON)
    assert (await exceeds(purse, ann, 101))["left"] == 100


async def test_what_came_back_is_counted_again_when_that_is_rolled_back(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    await set_limits(purse, limits(500, 500))
    await pays(purse, ann, 500)

    def returns_and_fails(tx: Tx) -> None:
        purse.wallet.guard.unspend(tx, ann.id, eur(500), tx.now)
        raise Refusal()

    assert await refusal_of(purse.house.store.write(returns_and_fails))
    assert (await exceeds(purse, ann, 1))["left"] == 0


# --- the balance ----------------------------------------------------------------------------------


async def test_a_wallet_holds_so_much_and_no_cent_more(purse: WalletHouse) -> None:
    ann = await purse.person("ann", 700)
    await set_limits(purse, limits(500, 500, 1_000))
    assert not await is_full(purse, ann, 300)
    assert await is_full(purse, ann, 301)


async def test_a_wallet_that_was_never_opened_has_room(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    await set_limits(purse, limits(500, 500, 1_000))
    assert not await is_full(purse, ann, 1_000)
    assert await is_full(purse, ann, 1_001)


async def test_what_is_on_its_way_takes_room(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob", funds=700)
    await set_limits(purse, limits(500, 500, 1_000))

    def hold(tx: Tx) -> None:
        to, source = (purse.wallet.purse.account(tx, each.id, EUR) for each in (ann, bob))
        purse.wallet.ledger.post(tx, New(new_key(), source.number, to.number, 200, Kind.HOLD))

    await purse.house.store.write(hold)
    assert not await is_full(purse, ann, 100)
    assert await is_full(purse, ann, 101)
    # The sum that is on its way itself is not counted twice when it is accepted.
    assert not await is_full(purse, ann, 200, held=200)
    assert not await is_full(purse, bob, 300)  # theirs still, and may come back
    assert await is_full(purse, bob, 301)


# --- levels and the operator ----------------------------------------------------------------------


async def test_a_higher_level_may_spend_more(purse: WalletHouse) -> None:
    ann, cashier = await purse.people("ann", "till")
    await purse.wallet.guard.make_cashier(purse.operator, cashier.id)
    asked = tuple(SpendingLimits(level, EUR, (level + 1) * 100, 10_000, 10_000) for level in rules.LEVELS)
    await set_limits(purse, ChangeLimits(limits=asked))
    assert (await exceeds(purse, ann, 101))["max"] == 100
    await ann.does(WalletSettings(real_name="Ann Lovelace"))
    assert (await exceeds(purse, ann, 201))["max"] == 200
    await cashier.does(VerifyPerson(person=ann.id, level=2))
    assert (await exceeds(purse, ann, 301))["max"] == 300
    await cashier.does(VerifyPerson(person=ann.id, level=0))
    assert (await exceeds(purse, ann, 101))["max"] == 100


async def test_the_operator_sets_all_levels_of_a_currency(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    guard = purse.wallet.guard
    await purse.tea.opened.operator.change(purse.operator, ChangeHouse(currencies=("EUR", "JPY")))
    before = await guard.limits(ann.guest.signed)
    assert [(each.level, each.currency) for each in before] == [
        (level, currency) for level in rules.LEVELS for currency in ("EUR", "JPY")
    ]
    asked = limits(1, 2, 3)
    with pytest.raises(Forbidden):
        await guard.change_limits(ann.guest.signed, asked)
    assert await guard.limits(ann.guest.signed) == before

    after = await guard.change_limits(purse.operator, asked)

    assert tuple(each for each in after if each.currency == EUR) == asked.limits
    assert [each for each in after if each.currency == "JPY"] == [each for each in before if each.currency == "JPY"]
    assert await guard.limits(ann.guest.signed) == after
    assert (await exceeds(purse, ann, 2))["max"] == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"level": 1},
        {"level": 7},
        {"currency": "USD"},
        {"payment_max": -1},
        {"day_max": AMOUNT_MAX + 1},
    ],
)
async def test_limits_that_are_none_are_refused(purse: WalletHouse, changed: dict[str, Any]) -> None:
    first, *rest = limits(100, 100, 100).limits
    wrong = SpendingLimits(**{**{name: getattr(first, name) for name in SpendingLimits.__struct_fields__}, **changed})
    before = await purse.wallet.guard.limits(purse.operator)
    with pytest.raises(rules.BadLimits):
        await set_limits(purse, ChangeLimits(limits=(wrong, *rest)))
    assert await purse.wallet.guard.limits(purse.operator) == before


async def test_enormous_sums_stay_within_64_bits(purse: WalletHouse) -> None:
    ann = await purse.person("ann")
    await set_limits(purse, limits(AMOUNT_MAX, AMOUNT_MAX, AMOUNT_MAX))
    await pays(purse, ann, AMOUNT_MAX)
    assert (await exceeds(purse, ann, 1))["left"] == 0
    assert not await is_full(purse, ann, AMOUNT_MAX)
    await purse.fund(ann.id, 1)
    assert await is_full(purse, ann, AMOUNT_MAX)


# --- old days -------------------------------------------------------------------------------------


async def test_days_that_are_long_over_are_forgotten(purse: WalletHouse) -> None:
    people = await purse.people("ann", "bob", "cat")
    for past in (30, 20, days.STORED_DAYS, 0):
        set_clock(purse, NOON - past * DAY_MS)
        for payer in people:
            await pays(purse, payer, 100)
    assert await purse.wallet.due.sweep() >= 6
    left = await purse.rows(sa.select(store.days.c.day).distinct().order_by(store.days.c.day))
    assert [row.day for row in left] == [NOON // DAY_MS - days.STORED_DAYS, NOON // DAY_MS]


async def test_old_days_go_in_small_steps(purse: WalletHouse) -> None:
    people = await purse.people("ann", "bob", "cat")
    set_clock(purse, NOON - 30 * DAY_MS)
    for payer in people:
        await pays(purse, payer, 100)
    set_clock(purse, NOON)
    write, forget = purse.house.store.write, days.Days.forget_old
    assert [await write(forget, 2) for _ in range(3)] == [2, 1, 0]
