"""Money that goes back to cards: given back by an operator, on Stripe's own pages, or taken by the card's bank."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from teahouse import clock
from teahouse.errors import Forbidden
from teahouse.wallet.card import rules, store
from teahouse.wallet.card.model import CardTopUp
from teahouse.wallet.ledger.model import New
from tests.wallet.card_house import PAID, CardHouse, card_settings
from tests.wallet.house import Payer, WalletHouse, new_key, open_wallet_house, reopen_wallet_house
from tests.wallet.stripe_stand_in import StandIn

REFUNDED = "charge.refunded"
DISPUTED = "charge.dispute.created"
REINSTATED = "charge.dispute.funds_reinstated"
MINUTES_11 = 11 * clock.MINUTE_MS


async def spends(purse: WalletHouse, payer: Payer, amount: int) -> None:
    """Give money away, to an account of the house."""

    def move(tx: Any) -> None:
        account = purse.wallet.purse.account(tx, payer.id, "EUR")
        shop = purse.wallet.purse.house_account(tx, "merchant", "EUR", owner="shop")
        purse.wallet.ledger.post(tx, New(new_key(), account.number, shop.number, amount))

    await purse.house.store.write(move)


async def hears_of_charge(cards: CardHouse, top_up: CardTopUp) -> None:
    await cards.hears(REFUNDED, cards.stripe.charge_of(cards.page_of(top_up)))


async def refund_states(cards: CardHouse) -> list[str]:
    return [row.state for row in await cards.purse.rows(sa.select(store.refunds).order_by(store.refunds.c.number))]


async def test_an_operator_gives_it_all_back(cards: CardHouse) -> None:
    ann = await cards.purse.person("ann")
    top_up = await cards.pays(ann, 2500)
    given = await cards.refunds(top_up)
    assert (given.state, given.refunded) == ("refunded", 2500)
    assert (await ann.balance(), await cards.clearing()) == (0, 0)
    assert cards.stripe.charge_of(cards.page_of(top_up))["refunded"]
    for _ in range(2):
        await hears_of_charge(cards, top_up)
        await cards.hears_of(PAID, top_up)
    assert await ann.balance() == 0
    assert (await cards.sees(ann, top_up)).state == "refunded"
    with pytest.raises(rules.NothingToRefund):
        await cards.refunds(top_up)
    assert len(cards.stripe.refunds) == 1


async def test_of_a_part_that_was_spent_nothing_goes_back(cards: CardHouse) -> None:
    ann = await cards.purse.person("ann")
    top_up = await cards.pays(ann, 2500)
    await spends(cards.purse, ann, 1500)
    given = await cards.refunds(top_up)
    assert (given.state, given.refunded) == ("paid", 1000)
    assert (await ann.has(), await cards.clearing()) == (0, 1500)
    with pytest.raises(rules.NothingToRefund):
        await cards.refunds(top_up)
    await cards.purse.fund(ann.id, 5000)
    given = await cards.refunds(top_up)
    assert (given.state, given.refunded) == ("refunded", 2500)
    assert await ann.has() == 3500
    assert [each["amount"] for each in cards.stripe.refunds.values()] == [1000, 1500]


async def test_only_operators_give_back_and_only_what_was_paid(cards: CardHouse) -> None:
    ann = await cards.purse.person("ann")
    top_up = await cards.begins(ann, 2500)
    with pytest.raises(rules.NothingToRefund):
        await cards.refunds(top_up)
    with pytest.raises(Forbidden):
        await cards.card.refund(ann.guest.signed, top_up.id)
    with pytest.raises(rules.NoSuchTopUp):
        await cards.card.refund(cards.purse.operator, "0" * 16)
    assert cards.stripe.refunds == {}


async def test_what_stripe_will_not_give_back_is_the_members_again(cards: CardHouse) -> None:
    ann = await cards.purse.person("ann")
    top_up = await cards.pays(ann, 2500)
    cards.stripe.refund_status = "failed"
    with pytest.raises(rules.CardRefused):
        await cards.refunds(top_up)
    assert (await ann.has(), await ann.balance(), await cards.clearing()) == (2500, 2500, 2500)
    assert await refund_states(cards) == ["refused"]
    cards.stripe.refund_status = "succeeded"
    assert (await cards.refunds(top_up)).state == "refunded"
    assert await refund_states(cards) == ["refused", "done"]


@pytest.mark.parametrize("trouble", ["down", "loses_answers"])
async def test_while_stripe_says_nothing_the_money_is_held(cards: CardHouse, trouble: str) -> None:
    ann = await cards.purse.person("ann")
    top_up = await cards.pays(ann, 2500)
    setattr(cards.stripe, trouble, True)
    for _ in range(2):
        with pytest.raises(rules.CardAway):
            await cards.refunds(top_up)
    assert (await ann.balance(), await ann.has()) == (2500, 0)
    setattr(cards.stripe, trouble, False)
    cards.stripe.forgets_keys = True  # as Stripe may after a day
    cards.purse.passes(MINUTES_11)
    await cards.card.repair()
    assert (await cards.sees(ann, top_up)).state == "refunded"
    assert (await ann.balance(), await cards.clearing()) == (0, 0)
    assert len(cards.stripe.refunds) == 1
    assert await cards.card.repair() == 0


async def test_two_operators_at_once_give_back_once(cards: CardHouse) -> None:
    ann = await cards.purse.person("ann")
    top_up = await cards.pays(ann, 2500)
    await asyncio.gather(*(cards.refunds(top_up) for _ in range(4)), return_exceptions=True)
    assert sum(each["amount"] for each in cards.stripe.refunds.values()) == 2500
    assert (await ann.balance(), await cards.clearing()) == (0, 0)
    assert await refund_states(cards) == ["done"]
    assert (await cards.sees(ann, top_up)).refunded == 2500


async def test_a_house_that_went_down_within_a_refund_ends_it(tmp_path: Path, store_url: str, stripe: StandIn) -> None:
    settings = card_settings(stripe)
    async with open_wallet_house(tmp_path, store=store_url, **settings) as purse:
        cards, ann = CardHouse(purse, stripe), await purse.person("ann")
        top_up = await cards.pays(ann, 2500)
        stripe.loses_answers = True
        with pytest.raises(rules.CardAway):
            await cards.refunds(top_up)
    stripe.loses_answers = False
    async with reopen_wallet_house(tmp_path, store=store_url, **settings) as purse:
        cards, ann = CardHouse(purse, stripe), await purse.again(ann)
        assert (await ann.balance(), await ann.has()) == (2500, 0)
        await hears_of_charge(cards, top_up)
        assert (await ann.balance(), await cards.clearing()) == (0, 0)
        assert (await cards.sees(ann, top_up)).state == "refunded"
        assert len(stripe.refunds) == 1


async def test_a_refund_that_the_bank_returns_days_later(cards: CardHouse) -> None:
    ann = await cards.purse.person("ann")
    top_up = await cards.pays(ann, 2500)
    await cards.refunds(top_up)
    (refund,) = cards.stripe.refunds.values()
    for _ in range(2):
        await cards.hears("refund.failed", {**refund, "status": "failed"})
    seen = await cards.sees(ann, top_up)
    assert (seen.state, seen.refunded) == ("paid", 0)
    assert (await ann.has(), await cards.clearing()) == (2500, 2500)
    await cards.hears("refund.failed", {**refund, "metadata": {}})


async def test_what_goes_back_on_stripes_own_pages_is_taken_from_the_member_then_from_the_house(
    cards: CardHouse,
) -> None:
    ann = await cards.purse.person("ann")
    top_up = await cards.pays(ann, 2500)
    page = cards.page_of(top_up)
    cards.stripe.refunds_by_hand(page, 1000)
    for _ in range(2):
        await hears_of_charge(cards, top_up)
    assert (await ann.has(), await cards.clearing()) == (1500, 1500)
    await spends(cards.purse, ann, 1200)
    cards.stripe.refunds_by_hand(page, 1500)
    for _ in range(2):
        await hears_of_charge(cards, top_up)
    assert (await ann.has(), await cards.clearing(), await cards.loss()) == (0, 0, 1200)
    seen = await cards.sees(ann, top_up)
    assert (seen.state, seen.refunded) == ("refunded", 2500)


async def test_by_hand_and_by_us_at_once(cards: CardHouse) -> None:
    """While ours waits for Stripe, part goes back by hand: Stripe refuses ours, and the part is booked all the same."""
    ann = await cards.purse.person("ann")
    top_up = await cards.pays(ann, 2500)
    cards.stripe.down = True
    with pytest.raises(rules.CardAway):
        await cards.refunds(top_up)
    cards.stripe.down = False
    cards.stripe.refunds_by_hand(cards.page_of(top_up), 1000)
    await hears_of_charge(cards, top_up)
    assert (await ann.balance(), await ann.has()) == (2500, 0)
    with pytest.raises(rules.CardRefused):
        await cards.refunds(top_up)
    assert (await ann.has(), await cards.clearing()) == (1500, 1500)
    assert (await cards.refunds(top_up)).state == "refunded"
    assert (await ann.has(), await cards.clearing(), await cards.loss()) == (0, 0, 0)


async def test_a_chargeback_takes_what_is_left_and_the_house_loses_the_rest(cards: CardHouse) -> None:
    ann = await cards.purse.person("ann")
    top_up = await cards.pays(ann, 2500)
    await spends(cards.purse, ann, 2000)
    dispute = cards.stripe.dispute_of(cards.page_of(top_up), 2500)
    for _ in range(2):
        await cards.hears(DISPUTED, dispute)
    assert (await ann.has(), await cards.clearing(), await cards.loss()) == (0, 0, 2000)
    seen = await cards.sees(ann, top_up)
    assert (seen.state, seen.refunded) == ("refunded", 2500)

    for _ in range(2):
        await cards.hears(REINSTATED, {**dispute, "status": "won"})
    assert (await ann.has(), await cards.clearing(), await cards.loss()) == (500, 2500, 0)
    seen = await cards.sees(ann, top_up)
    assert (seen.state, seen.refunded) == ("paid", 0)


async def test_what_went_back_before_we_heard_that_it_was_paid(cards: CardHouse) -> None:
    ann, bob = [await cards.purse.person(name) for name in ("ann", "bob")]
    disputed, refunded = await cards.begins(ann, 2500), await cards.begins(bob, 300)
    for each in (disputed, refunded):
        cards.stripe.pays(cards.page_of(each))
    cards.stripe.refunds_by_hand(cards.page_of(refunded), 100)
    dispute = cards.stripe.dispute_of(cards.page_of(disputed), 2500)
    cards.stripe.down = True
    with pytest.raises(rules.CardAway):
        await cards.hears(DISPUTED, dispute)
    cards.stripe.down = False
    await cards.hears(DISPUTED, dispute)
    await hears_of_charge(cards, refunded)
    for each in (disputed, refunded):
        await cards.hears_of(PAID, each)
    assert [await ann.has(), await bob.has()] == [0, 200]
    assert (await cards.clearing(), await cards.loss()) == (200, 0)
    # Of another shop on the same account.
    other = cards.stripe.dispute_of(cards.page_of(disputed), 2500)
    cards.stripe.intents[other["payment_intent"]]["metadata"] = {}
    await cards.hears(DISPUTED, {**other, "payment_intent": None})
    assert await cards.loss() == 0
