"""Whatever people do with coupons, in whatever order, across crashes: the stock is never overdrawn, nobody has more
than they may, and every coupon has one holder, as a plain model says.

`TEAHOUSE_MACHINE_EXAMPLES=500 make test` (or this file alone) looks much longer.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from teahouse.clock import DAY_MS
from teahouse.commands import Command
from teahouse.coupons.campaigns.model import SetCampaignState
from teahouse.coupons.pack import store
from teahouse.coupons.pack.model import ClaimCoupon, CouponClaimed, GiveCoupon
from teahouse.errors import Refusal
from teahouse.storage.transaction import Tx
from teahouse.wallet.ledger.rules import KeyReused
from tests.coupons.giving_away import all_at_once, open_bakery, pack
from tests.harness.machine import HouseMachine
from tests.merchants.house import MarketHouse, open_market, reopen_market
from tests.wallet.house import Payer, new_key

EXAMPLES = int(os.environ.get("TEAHOUSE_MACHINE_EXAMPLES", "5"))
STEPS = 25
HANDLES = ("ann", "bob", "cat")
STOCKS = ((5, 2, 0), (4, 4, 3))
"""Of each campaign: stock, how many a person may claim, how many days a coupon is good."""
LASTS_DAYS = 8


@dataclass
class PlainCampaign:
    stock: int
    per_person: int
    days: int
    ends: int
    state: str = "live"
    claims: list[str] = field(default_factory=list)
    """Who claimed, one entry each."""

    def refuses(self, person: str, now: int) -> str:
        if self.state == "ended" or self.ends <= now:
            return "campaign_over" if self.state != "paused" else "campaign_paused"
        if self.state == "paused":
            return "campaign_paused"
        if self.claims.count(person) >= self.per_person:
            return "enough_claimed"
        return "campaign_empty" if len(self.claims) >= self.stock else ""


@dataclass
class PlainCoupon:
    campaign: str
    holders: list[str]
    """All who had it, the newest last."""
    ends: int
    state: str = "held"

    def refuses(self, now: int) -> str:
        """Why its holder may not use it or give it on."""
        if self.state != "held":
            return {"reserved": "coupon_waits", "redeemed": "coupon_used", "expired": "coupon_expired"}[self.state]
        return "coupon_expired" if self.ends <= now else ""


class ClaimsMachine(HouseMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0
        """Milliseconds that passed beyond the clock's own, which stands still."""
        self.people: dict[str, Payer] = {}
        self.campaigns: dict[str, PlainCampaign] = {}
        self.coupons: dict[str, PlainCoupon] = {}
        self.done: list[tuple[str, Command, Any]] = []

    @initialize()
    def open(self) -> None:
        async def begin() -> None:
            self.house: MarketHouse = await self.stack.enter_async_context(open_market(self.folder))
            self.began = self.house.house.store.writer.clock()
            self.stop_clock()
            friends = await self.house.friends(*HANDLES)
            self.people = {each.id: each for each in friends}
            self.owner = friends[0]
            self.bakery = await open_bakery(self.house, self.owner)
            self.group = await self.owner.opens("group", *friends[1:])
            for stock, per_person, days in STOCKS:
                campaign = await self.bakery.gives_away(
                    stock=stock,
                    per_person=per_person,
                    valid_days=days,
                    valid_from=self.began,
                    valid_to=self.began + LASTS_DAYS * DAY_MS,
                )
                self.campaigns[campaign] = PlainCampaign(stock, per_person, days, LASTS_DAYS * DAY_MS)

        self.run(begin())

    def stop_clock(self) -> None:
        self.house.house.store.writer.clock = lambda: self.began + self.now

    # --- what people do ---

    def does(self, person: str, command: Command, expected: str) -> Any:
        """Do it, and hold the outcome against what should come of it. Returns the answer, or None."""
        try:
            answer, outcome = self.run(self.people[person].does(command)), ""
        except Refusal as refusal:
            answer, outcome = None, refusal.code
        assert outcome == expected, command
        if answer is not None:
            self.done.append((person, command, answer))
        return answer

    def claimed(self, person: str, campaign: str, answer: CouponClaimed) -> None:
        plain = self.campaigns[campaign]
        plain.claims.append(person)
        ends = min(plain.ends, self.now + plain.days * DAY_MS) if plain.days else plain.ends
        assert answer.left == plain.stock - len(plain.claims)
        assert answer.expires_at == self.began + ends
        self.coupons[answer.coupon] = PlainCoupon(campaign, [person], ends)

    @rule(data=st.data())
    def claim(self, data: st.DataObject) -> None:
        person = data.draw(st.sampled_from(list(self.people)), label="person")
        campaign = data.draw(st.sampled_from(list(self.campaigns)), label="campaign")
        refused = self.campaigns[campaign].refuses(person, self.now)
        answer = self.does(person, ClaimCoupon(key=new_key(), campaign=campaign), refused)
        if answer:
            self.claimed(person, campaign, answer)

    @rule(data=st.data(), repeats=st.integers(0, 3))
    def many_claim_at_once(self, data: st.DataObject, repeats: int) -> None:
        """In one group, some of them twice: in the order in which they came."""
        wishes = data.draw(
            st.lists(st.tuples(st.sampled_from(list(self.people)), st.sampled_from(list(self.campaigns))), max_size=8)
        )
        asked = [(person, ClaimCoupon(key=new_key(), campaign=campaign)) for person, campaign in wishes]
        if not asked:
            return
        asked += asked[:repeats]
        jobs = [(self.people[person].guest.signed, command) for person, command in asked]
        answers: dict[str, CouponClaimed] = {}
        for (person, command), outcome in zip(asked, self.run(all_at_once(self.house.house, jobs)), strict=True):
            if command.key in answers:
                assert outcome == answers[command.key]
            elif expected := self.campaigns[command.campaign].refuses(person, self.now):
                assert outcome.code == expected
            else:
                answers[command.key] = outcome
                self.claimed(person, command.campaign, outcome)
                self.done.append((person, command, outcome))

    @rule(data=st.data(), twice=st.booleans())
    def give(self, data: st.DataObject, twice: bool) -> None:
        """To somebody; at the same instant to somebody else as well."""
        if not self.coupons:
            return
        coupon = data.draw(st.sampled_from(list(self.coupons)), label="coupon")
        giver, one, other = data.draw(st.permutations(list(self.people)), label="people")
        plain = self.coupons[coupon]
        if giver != plain.holders[-1]:
            expected = "coupon_given" if giver in plain.holders else "no_such_coupon"
        else:
            over = self.campaigns[plain.campaign].state == "ended"
            expected = plain.refuses(self.now) or ("campaign_over" if over else "")
        command = GiveCoupon(key=new_key(), coupon=coupon, chat=self.group, to=one)
        if not twice:
            self.does(giver, command, expected)
        else:
            signed = self.people[giver].guest.signed
            second = msgspec.structs.replace(command, key=new_key(), to=other)
            outcomes = self.run(all_at_once(self.house.house, [(signed, command), (signed, second)]))
            codes = [each.code if isinstance(each, Refusal) else "" for each in outcomes]
            assert codes == [expected, expected or "coupon_given"]
        if not expected:
            plain.holders.append(one)

    @rule(data=st.data(), what=st.sampled_from(["reserve", "release", "redeem", "give_back"]))
    def at_the_counter(self, data: st.DataObject, what: str) -> None:
        if not self.coupons:
            return
        coupon = data.draw(st.sampled_from(list(self.coupons)), label="coupon")
        plain, room = self.coupons[coupon], self.house.coupons.pack

        def do(tx: Tx) -> None:
            row = room.row(tx, coupon)
            room.redeem(tx, row, 100) if what == "redeem" else getattr(room, what)(tx, row)

        expected = "" if what in ("release", "give_back") else plain.refuses(self.now)
        if what == "redeem" and plain.state == "reserved":
            expected = ""
        try:
            self.run(self.house.house.store.write(do))
            outcome = ""
        except Refusal as refusal:
            outcome = refusal.code
        assert outcome == expected
        if expected:
            return
        comes_back = {"release": "reserved", "give_back": "redeemed"}
        if what in comes_back:
            if plain.state == comes_back[what]:
                plain.state = "held" if plain.ends > self.now else "expired"
        else:
            plain.state = {"reserve": "reserved", "redeem": "redeemed"}[what]

    @rule(data=st.data(), state=st.sampled_from(["live", "paused", "paused", "live", "ended"]))
    def the_merchant_moves(self, data: st.DataObject, state: Any) -> None:
        campaign = data.draw(st.sampled_from(list(self.campaigns)), label="campaign")
        plain = self.campaigns[campaign]
        expected = ""
        if state != plain.state and plain.state == "ended":
            expected = "campaign_not_so"
        elif state == "live" and state != plain.state and plain.ends <= self.now:
            expected = "campaign_over"
        self.does(self.owner.id, SetCampaignState(campaign=campaign, state=state), expected)
        self.done = [each for each in self.done if hasattr(each[1], "key")]
        if not expected:
            plain.state = state

    @rule(data=st.data())
    def again(self, data: st.DataObject) -> None:
        """A client that was cut off repeats a command: it gets the same answer, and nothing happens."""
        if self.done:
            person, command, answer = data.draw(st.sampled_from(self.done), label="done")
            assert self.run(self.people[person].does(command)) == answer

    @rule(data=st.data())
    def with_another_body(self, data: st.DataObject) -> None:
        claims = [each for each in self.done if isinstance(each[1], ClaimCoupon)]
        if claims:
            person, command, _ = data.draw(st.sampled_from(claims), label="done")
            (other,) = (each for each in self.campaigns if each != command.campaign)
            # Who never had one of the other campaign may be told first why they cannot have one.
            with pytest.raises(Refusal) as refused:
                self.run(self.people[person].does(msgspec.structs.replace(command, campaign=other)))
            allowed = {KeyReused.code}
            if person not in self.campaigns[other].claims:
                allowed.add(self.campaigns[other].refuses(person, self.now))
            assert refused.value.code in allowed

    @rule(days=st.sampled_from([1, 2, 3]), swept=st.booleans())
    def time_passes(self, days: int, swept: bool) -> None:
        self.now += days * DAY_MS
        if swept:
            self.run(self.house.wallet.due.sweep())

    @rule()
    def the_house_dies_and_comes_back(self) -> None:
        async def again() -> None:
            await self.stack.aclose()
            self.house = await self.stack.enter_async_context(reopen_market(self.folder))
            self.stop_clock()
            self.people = {person: await self.house.again(payer) for person, payer in self.people.items()}
            self.owner = self.people[self.owner.id]

        self.run(again())

    # --- what must hold ---

    @invariant()
    def every_coupon_has_one_holder_and_is_what_the_plain_model_says(self) -> None:
        if not self.people:
            return
        held: dict[str, list[tuple[str, str]]] = {}
        for person, payer in self.people.items():
            cards = self.run(pack(payer))
            for each in (*cards.held, *cards.past):
                if each.state != "given":
                    held.setdefault(each.id, []).append((person, each.state))
        assert set(held) == set(self.coupons)
        for coupon, found in held.items():
            plain = self.coupons[coupon]
            over = self.campaigns[plain.campaign].state == "ended" or plain.ends <= self.now
            state = "expired" if plain.state == "held" and over else plain.state
            assert found == [(plain.holders[-1], state)], coupon

    @invariant()
    def the_stock_is_never_overdrawn_and_nobody_has_more_than_they_may(self) -> None:
        if not self.people:
            return
        rows = self.run(self.house.rows(store.coupons.select()))
        for campaign, plain in self.campaigns.items():
            claimers = sorted(row.claimer for row in rows if row.campaign == campaign)
            assert claimers == sorted(plain.claims)
            assert len(claimers) <= plain.stock
            assert all(claimers.count(person) <= plain.per_person for person in self.people)
            seen = self.run(self.bakery_sees(campaign))
            assert (seen.left, seen.figures.claimed) == (plain.stock - len(claimers), len(claimers))
            assert seen.figures.shared == sum(
                len(each.holders) - 1 for each in self.coupons.values() if each.campaign == campaign
            )
            assert seen.figures.redeemed == sum(
                each.state == "redeemed" for each in self.coupons.values() if each.campaign == campaign
            )

    async def bakery_sees(self, campaign: str) -> Any:
        return await self.house.coupons.campaigns.campaign(self.owner.guest.signed, campaign)


ClaimsMachine.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
TestClaimsMachine = ClaimsMachine.TestCase
