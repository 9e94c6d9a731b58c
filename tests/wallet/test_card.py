"""Card top-ups: paid on Stripe's page, booked once whatever the webhooks do, and found when they say nothing."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from teahouse import clock
from teahouse.errors import Malformed, Refusal
from teahouse.money import Money
from teahouse.wallet.card import rules, store
from teahouse.wallet.card.model import StartCardTopUp
from teahouse.wallet.card.top_ups import CHECKS_MAX
from teahouse.wallet.guard.rules import WalletFull
from teahouse.wallet.ledger.rules import KeyReused
from teahouse.wallet.purse import NoSuchCurrency
from tests.wallet.card_house import PAID, CardHouse, card_settings
from tests.wallet.house import WalletHouse, new_key, open_wallet_house, reopen_wallet_house
from tests.wallet.stripe_stand_in import StandIn

EXPIRED = "checkout.session.expired"
MINUTES_11 = 11 * clock.MINUTE_MS


async def test_what_is_paid_by_card_is_in_the_wallet(cards: CardHouse) -> None:
    ann = await cards.purse.person("ann")
    top_up = await cards.begins(ann, 2500)
    page = cards.stripe.sessions[cards.page_of(top_up)]
    assert (top_up.state, top_up.url) == ("started", page["url"])
    assert (page["amount_total"], page["currency"]) == (2500, "eur")
    assert page["success_url"] == f"https://tea.example/wallet/top-up/{top_up.id}"
    assert page["cancel_url"] == "https://tea.example/wallet/top-up"
    assert await ann.has() == 0

    cards.stripe.pays(page["id"])
    assert await ann.has() == 0, "the house has not heard of it"
    await cards.hears_of(PAID, top_up)
    assert await ann.has() == 2500
    assert await cards.clearing() == 2500
    seen = await cards.sees(ann, top_up)
    assert (seen.state, seen.url, seen.amount) == ("paid", "", 2500)
    assert ann.told("wallet.changed")[-1]["balance"]["balance"] == 2500


async def test_doubled_and_reordered_webhooks_do_nothing_twice(cards: CardHouse) -> None:
    ann = await cards.purse.person("ann")
    top_up = await cards.begins(ann, 2500)
    cards.stripe.pays(cards.page_of(top_up))
    body = await cards.hears_of(PAID, top_up)
    for _ in range(2):
        await cards.card.event(body, cards.stripe.signature(body))
    await asyncio.gather(*(cards.hears_of(PAID, top_up) for _ in range(5)))
    await cards.hears_of("checkout.session.async_payment_succeeded", top_up)
    for late in (EXPIRED, "checkout.session.async_payment_failed"):
        unpaid = {**cards.stripe.sessions[cards.page_of(top_up)], "payment_status": "unpaid"}
        await cards.hears(late, unpaid)
    assert await ann.has() == 2500
    assert await cards.clearing() == 2500
    assert (await cards.sees(ann, top_up)).state == "paid"


async def test_a_webhook_may_come_before_stripes_own_answer(cards: CardHouse) -> None:
    ann = await cards.purse.person("ann")
    loop = asyncio.get_running_loop()

    def pay_at_once(made: dict[str, Any]) -> None:
        cards.stripe.before_answer = lambda made: None
        cards.stripe.pays(made["id"])
        body = cards.stripe.event(PAID, cards.stripe.sessions[made["id"]])
        heard = cards.card.event(body, cards.stripe.signature(body))
        asyncio.run_coroutine_threadsafe(heard, loop).result()

    cards.stripe.before_answer = pay_at_once
    top_up = await cards.begins(ann, 2500)
    assert (top_up.state, top_up.url) == ("paid", "")
    assert await ann.has() == 2500


async def test_what_stripe_did_not_sign_is_not_believed(cards: CardHouse) -> None:
    ann = await cards.purse.person("ann")
    top_up = await cards.begins(ann, 2500)
    cards.stripe.pays(cards.page_of(top_up))
    body = cards.stripe.event(PAID, cards.stripe.sessions[cards.page_of(top_up)])
    good = cards.stripe.signature(body)
    forged = (
        (body, cards.stripe.signature(body, secret="whsec_of_somebody")),
        (body, cards.stripe.signature(body, age_s=301)),
        (body.replace(b"2500", b"9999"), good),
        (body, ""),
        (body, "t=,v1="),
        (body, "nonsense"),
        (body, good.partition(",")[0]),
        (b"\xff\xfe", good),
    )
    for wrong, signature in forged:
        with pytest.raises(rules.BadSignature):
            await cards.card.event(wrong, signature)
    for odd in (b"[]", b'{"object": "event", "id": "evt_1", "type": "' + PAID.encode() + b'", "data": {"object": {}}}'):
        with pytest.raises((Malformed, rules.BadSignature)):
            await cards.card.event(odd, cards.stripe.signature(odd))
    assert (await ann.has(), await cards.clearing()) == (0, 0)
    await cards.card.event(body, good)
    assert await ann.has() == 2500


@pytest.mark.parametrize("wrong", ["amount", "currency", "page", "reference"])
async def test_what_differs_from_what_was_asked_moves_nothing(cards: CardHouse, wrong: str) -> None:
    ann = await cards.purse.person("ann")
    top_up = await cards.begins(ann, 2500)
    page = cards.page_of(top_up)
    cards.stripe.pays(page, amount=2501 if wrong == "amount" else None, currency="usd" if wrong == "currency" else "")
    told = dict(cards.stripe.sessions[page])
    if wrong == "page":
        told["id"] = "cs_of_somebody"
    if wrong == "reference":
        told["client_reference_id"] = "0" * 16
    for _ in range(2):
        with pytest.raises(rules.CardDiffers):
            await cards.hears(PAID, told)
    assert (await ann.has(), await cards.clearing()) == (0, 0)
    assert (await cards.sees(ann, top_up)).state == "failed"


async def test_what_is_not_of_this_house_is_passed_over(cards: CardHouse) -> None:
    """Another shop of the same account; also when a buyer put our id where a payment link lets them."""
    ann = await cards.purse.person("ann")
    top_up = await cards.begins(ann, 2500)
    cards.stripe.pays(cards.page_of(top_up))
    other = {**cards.stripe.sessions[cards.page_of(top_up)], "metadata": {}}
    await cards.hears(PAID, other)
    await cards.hears("customer.created", {"id": "cus_1", "object": "charge"})
    assert await ann.has() == 0


async def test_a_lost_webhook_is_made_good_for_after_ten_minutes(cards: CardHouse) -> None:
    ann, bob, cat = [await cards.purse.person(name) for name in ("ann", "bob", "cat")]
    paid, left, waits = await cards.begins(ann, 2500), await cards.begins(bob, 300), await cards.begins(cat, 400)
    cards.stripe.pays(cards.page_of(paid))
    cards.stripe.expires(cards.page_of(left))
    assert await cards.card.repair() == 0
    cards.purse.passes(MINUTES_11)
    assert await cards.card.repair() == 3
    assert [await each.has() for each in (ann, bob, cat)] == [2500, 0, 0]
    states = [(await cards.sees(*each)).state for each in ((ann, paid), (bob, left), (cat, waits))]
    assert states == ["paid", "failed", "started"]
    assert await cards.card.repair() == 0, "the third has its turn later"
    await cards.hears_of(PAID, paid)
    assert await ann.has() == 2500
    cards.purse.passes(MINUTES_11)
    assert await cards.card.repair() == 1


async def test_a_round_of_questions_is_bounded_and_ends_when_stripe_is_away(cards: CardHouse) -> None:
    people = [await cards.purse.person(f"guest{n}", pin=False) for n in range(CHECKS_MAX + 2)]
    for each in people:
        cards.stripe.pays(cards.page_of(await cards.begins(each, 100)))
    cards.purse.passes(MINUTES_11)
    cards.stripe.down = True
    cards.stripe.asked.clear()
    await cards.card.repair()
    assert len(cards.stripe.asked) <= 2, "one question and its repetition"
    cards.stripe.down = False
    assert await cards.card.repair() == CHECKS_MAX
    assert await cards.card.repair() == 2
    assert [await each.has() for each in people] == [100] * len(people)


async def test_a_way_to_pay_that_takes_days(cards: CardHouse) -> None:
    ann, bob = [await cards.purse.person(name) for name in ("ann", "bob")]
    slow, fails = await cards.begins(ann, 2500), await cards.begins(bob, 300)
    for each in (slow, fails):
        cards.stripe.pays(cards.page_of(each), status="unpaid")
        await cards.hears_of(PAID, each)
    cards.purse.passes(2 * clock.DAY_MS)
    await cards.card.repair()
    assert (await cards.sees(ann, slow)).state == "started"
    cards.stripe.settles(cards.page_of(slow))
    await cards.hears_of("checkout.session.async_payment_succeeded", slow)
    await cards.hears_of("checkout.session.async_payment_failed", fails)
    assert [(await cards.sees(*each)).state for each in ((ann, slow), (bob, fails))] == ["paid", "failed"]
    assert [await ann.has(), await bob.has()] == [2500, 0]


async def test_while_stripe_is_away_the_same_key_is_asked_again(cards: CardHouse) -> None:
    ann = await cards.purse.person("ann")
    key = new_key()
    cards.stripe.down = True
    with pytest.raises(rules.CardAway):
        await cards.begins(ann, 2500, key)
    cards.stripe.down, cards.stripe.loses_answers = False, True
    with pytest.raises(rules.CardAway):
        await cards.begins(ann, 2500, key)
    cards.stripe.loses_answers = False
    top_up, again = await asyncio.gather(cards.begins(ann, 2500, key), cards.begins(ann, 2500, key))
    assert top_up == again
    assert len(cards.stripe.sessions) == 1
    cards.stripe.pays(cards.page_of(top_up))
    await cards.hears_of(PAID, top_up)
    assert (await cards.begins(ann, 2500, key)).state == "paid"
    assert await ann.has() == 2500


async def test_a_crash_between_the_row_and_stripe_is_mended(tmp_path: Path, store_url: str, stripe: StandIn) -> None:
    key, settings = new_key(), card_settings(stripe)
    async with open_wallet_house(tmp_path, store=store_url, **settings) as purse:
        cards, ann = CardHouse(purse, stripe), await purse.person("ann")
        stripe.loses_answers = True
        with pytest.raises(rules.CardAway):
            await cards.begins(ann, 2500, key)
        stripe.loses_answers = False
    async with reopen_wallet_house(tmp_path, store=store_url, **settings) as purse:
        cards, ann = CardHouse(purse, stripe), await purse.again(ann)
        top_up = await cards.begins(ann, 2500, key)
        assert len(stripe.sessions) == 1
        stripe.pays(cards.page_of(top_up))
        purse.passes(MINUTES_11)
        await cards.card.repair()
        assert await ann.has() == 2500


async def test_a_page_that_nobody_saw_is_given_up_after_a_day(cards: CardHouse) -> None:
    ann = await cards.purse.person("ann")
    cards.stripe.down = True
    with pytest.raises(rules.CardAway):
        await cards.begins(ann, 2500)
    cards.stripe.down = False
    cards.purse.passes(MINUTES_11)
    await cards.card.repair()
    (row,) = await cards.purse.rows(sa.select(store.top_ups))
    assert row.state == "started"
    cards.purse.passes(clock.DAY_MS)
    await cards.card.repair()
    (row,) = await cards.purse.rows(sa.select(store.top_ups))
    assert (row.state, row.check_at) == ("failed", 0)


async def test_what_cannot_begin(cards: CardHouse) -> None:
    ann, bob = [await cards.purse.person(name) for name in ("ann", "bob")]

    async def refused(error: type[Refusal], money: Money, key: str = "") -> None:
        with pytest.raises(error):
            await cards.card.start(ann.guest.signed, StartCardTopUp(key=key or new_key(), amount=money))

    key = new_key()
    top_up = await cards.begins(ann, 100, key)
    await refused(KeyReused, Money(101, "EUR"), key)
    await refused(NoSuchCurrency, Money(100, "CHF"))
    await refused(WalletFull, Money(10**14, "EUR"))
    assert (await cards.begins(bob, 100, key)).id != top_up.id, "another's key is another key"
    for _ in range(rules.OPEN_MAX - 1):
        await cards.begins(ann, 100)
    await refused(rules.TooManyTopUps, Money(100, "EUR"))
    with pytest.raises(rules.NoSuchTopUp):
        await cards.sees(bob, top_up)


async def test_what_stripe_refuses_is_said_and_over(cards: CardHouse) -> None:
    ann, key = await cards.purse.person("ann"), new_key()
    cards.stripe._do = lambda *_: (400, {"error": {"type": "invalid_request_error", "message": "Too small."}})  # type: ignore[method-assign]
    with pytest.raises(rules.CardRefused, match="Too small"):
        await cards.begins(ann, 1, key)
    again = await cards.begins(ann, 1, key)
    assert (again.state, again.url) == ("failed", "")


async def test_a_house_without_stripe_takes_no_cards(purse: WalletHouse) -> None:
    ann, card = await purse.person("ann"), purse.wallet.card
    assert not card.is_on
    with pytest.raises(rules.CardOff):
        await card.start(ann.guest.signed, StartCardTopUp(key=new_key(), amount=Money(100, "EUR")))
    with pytest.raises(rules.CardOff):
        await card.event(b"{}", "t=1,v1=2")
    with pytest.raises(rules.CardOff):
        await card.refund(purse.operator, "0" * 16)
