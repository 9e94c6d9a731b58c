"""The operator imports decks; people see what calls cost; calls know what they cost at their instant."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from teahouse import ids
from teahouse.calls.phone.rates import rules
from teahouse.calls.phone.rates.model import Deck, DeckImported, ImportDeck, Rate, RemoveDeck, Route
from teahouse.calls.phone.rates.rules import BadDeck, NoSuchDeck, TooManyDecks
from teahouse.calls.phone.trunks.model import AddTrunk, RemoveTrunk, TrunkAdded, TrunkSetup
from teahouse.calls.phone.trunks.rules import NoSuchTrunk
from teahouse.clock import now_ms
from teahouse.errors import Forbidden
from teahouse.operator.model import ChangeHouse
from teahouse.wallet.purse import NoSuchCurrency
from tests.calls.house import CallHouse, open_calls, reopen_calls

HOUR_MS = 3_600_000
MEMBERS = """Prefix;Destination;Price;Connection fee;Increment
49;Germany;0,02;;1/1
4915 4916 4917;Germany, mobile;0,09;0,05;60/60
1;USA and Canada;0,01;;60/60
43;Österreich;0,03;;60/60
"""


class Pricing:
    """A house that has decks."""

    def __init__(self, house: CallHouse) -> None:
        self.house = house
        self.rates = house.calls.phone.rates

    async def imports(self, csv: str, name: str = "deck", trunk: str = "", currency: str = "") -> Deck:
        asked = ImportDeck(name=name, csv=csv, trunk=trunk, currency=currency)
        done: DeckImported = await self.house.house.execute(self.house.operator, asked)
        return done.deck

    async def removes(self, deck: str) -> None:
        await self.house.house.execute(self.house.operator, RemoveDeck(deck=deck))

    async def price(self, number: str, currency: str = "EUR", at: int = 0) -> Rate | None:
        """In a reader's thread; the writer's sees the same."""
        instant = at or now_ms()
        read = await self.house.house.store.read(self.rates.price, number, currency, instant)
        written = await self.house.house.store.write(
            lambda tx: self.rates.price(tx.connection, number, currency, instant)
        )
        assert read == written
        return read

    async def per_minute(self, number: str, currency: str = "EUR", at: int = 0) -> int | None:
        """In cents."""
        rate = await self.price(number, currency, at)
        return None if rate is None else rate.per_minute_e4 // 10_000

    async def routes(self, number: str, *trunks: str, at: int = 0) -> tuple[Route, ...]:
        return await self.house.house.store.read(self.rates.routes, number, trunks, at or now_ms())

    async def trunk(self, name: str) -> str:
        asked = AddTrunk(setup=TrunkSetup(name=name, host="sip.example.org"))
        added: TrunkAdded = await self.house.house.execute(self.house.operator, asked)
        return added.trunk

    async def listed(self, text: str = "", after: str = "", limit: int = 100) -> list[str]:
        page = await self.rates.prices(self.house.operator, text=text, after=after, limit=limit)
        return [line.prefix for line in page.rates]


@pytest.fixture
async def pricing(tmp_path: Path) -> AsyncIterator[Pricing]:
    async with open_calls(tmp_path) as house:
        yield Pricing(house)


@pytest.mark.parametrize("store_url", ["sqlite", "postgresql"], indirect=True)
async def test_a_deck_is_imported_listed_looked_up_and_taken_away(tmp_path: Path, store_url: str) -> None:
    async with open_calls(tmp_path, store=store_url) as house:
        pricing = Pricing(house)
        assert await pricing.price("+4930901820") is None
        deck = await pricing.imports(MEMBERS, "December")
        assert (deck.name, deck.trunk, deck.lines, deck.by) == ("December", "", 6, house.operator.person)
        assert await pricing.rates.decks(house.operator) == (deck,)
        assert await pricing.price("+4917612345678") == Rate(
            deck.id, "4917", "Germany, mobile", "EUR", 90_000, 50_000, 60, 60
        )
        assert await pricing.per_minute("+4930901820") == 2
        assert await pricing.per_minute("+14155552671") == 1
        assert await pricing.price("+33123456789") is None
        assert await pricing.price("+4930901820", "USD") is None
        page = await pricing.rates.lines(house.operator, deck.id, prefix="49", after="4915", limit=1)
        assert [(line.prefix, line.first_s, line.effective_to) for line in page.rates] == [("4916", 60, 0)]
        assert page.more
        page = await pricing.rates.lines(house.operator, deck.id, prefix="+49", after="4916", limit=1)
        assert ([line.prefix for line in page.rates], page.more) == (["4917"], False)
        assert await pricing.listed() == ["1", "43", "49", "4915", "4916", "4917"]
        assert await pricing.listed("ÖSTER") == ["43"]
        assert await pricing.listed("MOBILE", after="4915", limit=1) == ["4916"]
        assert await pricing.listed("%") == []
        assert await pricing.listed("+49 17") == ["49", "4917"]
        assert await pricing.listed("4") == ["43", "49", "4915", "4916", "4917"]
        assert await pricing.listed("4930901820") == ["49"]
        await pricing.removes(deck.id)
        assert await pricing.rates.decks(house.operator) == ()
        assert await pricing.price("+4930901820") is None
        assert await pricing.listed() == []


async def test_a_new_deck_changes_the_prices_that_it_names_from_its_day_on(pricing: Pricing) -> None:
    await pricing.imports("prefix,price\n49,0.02\n4917,0.09\n")
    tomorrow = now_ms() + 24 * HOUR_MS
    day = datetime.fromtimestamp(tomorrow / 1000, UTC).isoformat()
    newer = await pricing.imports(f"prefix,price,effective from\n49,0.03,{day}\n")
    assert await pricing.per_minute("+4930901820") == 2
    assert await pricing.per_minute("+4930901820", at=tomorrow + HOUR_MS) == 3
    assert await pricing.per_minute("+4917612345678", at=tomorrow + HOUR_MS) == 9, (
        "the longer prefix, of the older deck"
    )
    await pricing.removes(newer.id)
    assert await pricing.per_minute("+4930901820", at=tomorrow + HOUR_MS) == 2


async def test_a_price_ends_when_it_says(pricing: Pricing) -> None:
    pricing.house.passes(-48 * HOUR_MS)
    await pricing.imports("prefix,price\n49,0.05\n")
    soon = datetime.fromtimestamp((now_ms() + HOUR_MS) / 1000, UTC).isoformat()
    await pricing.imports(f"prefix,price,effective to\n49,0.01,{soon}\n", "sale")
    assert await pricing.per_minute("+4930901820", at=now_ms() + HOUR_MS // 2) == 1
    assert await pricing.per_minute("+4930901820", at=now_ms() + 2 * HOUR_MS) == 5, "the older deck's line again"
    assert await pricing.price("+4930901820", at=now_ms() - 72 * HOUR_MS) is None, "before there was any"
    page = await pricing.rates.prices(pricing.house.operator, text="", after="", limit=100)
    assert [(line.prefix, line.per_minute_e4) for line in page.rates] == [("49", 10_000)]
    pricing.house.passes(96 * HOUR_MS)
    page = await pricing.rates.prices(pricing.house.operator, text="", after="", limit=100)
    assert [(line.prefix, line.per_minute_e4) for line in page.rates] == [("49", 50_000)]


async def test_a_price_in_another_currency_is_none(pricing: Pricing) -> None:
    await pricing.imports("prefix,price,currency\n49,0.02,EUR\n1,0.01,USD\n")
    await pricing.imports("prefix,price\n49,0.03\n44,0.04\n", currency="USD")
    await pricing.imports("prefix,price\n4417,0.50\n", currency="GBP")
    assert await pricing.per_minute("+4930901820") == 2, "each currency has a price list of its own"
    assert await pricing.per_minute("+4930901820", "USD") == 3
    assert await pricing.per_minute("+442071234567", "USD") == 4
    assert await pricing.per_minute("+441712345678", "USD") is None, "not sold at the shorter prefix's price"
    assert await pricing.listed() == ["49"]


async def test_trunks_are_tried_in_the_order_of_what_they_cost(pricing: Pricing) -> None:
    dear, cheap, free, lost, bare = [await pricing.trunk(each) for each in ("dear", "cheap", "free", "lost", "bare")]
    await pricing.imports("prefix,price,increment\n49,0.02,60/60\n", trunk=dear)
    await pricing.imports("prefix,price,connection,increment\n49,0.001,0.01,1/1\n", trunk=cheap)
    await pricing.imports("prefix,price\n49,0\n", trunk=free, currency="USD")
    await pricing.imports("prefix,price\n1,0.01\n", trunk=lost)
    everything = (bare, free, dear, lost, cheap)
    assert [route.trunk for route in await pricing.routes("+4930901820", *everything)] == [cheap, dear, free, bare]
    assert [route.trunk for route in await pricing.routes("+14155552671", *everything)] == [lost, bare]
    routes = await pricing.routes("+4930901820", dear, bare)
    assert routes[0].cost is not None
    assert routes[0].cost.per_minute_e4 == 20_000
    assert routes[1] == Route(bare, None)
    assert await pricing.price("+4930901820") is None, "what a carrier asks is no price of members"


async def test_equal_costs_stay_in_the_order_given(pricing: Pricing) -> None:
    one, other = await pricing.trunk("one"), await pricing.trunk("other")
    await pricing.imports("prefix,price,increment\n49,0.02,60/60\n", trunk=one)
    await pricing.imports("prefix,price,connection,increment\n49,0.01,0.03,1/1\n", trunk=other)
    assert [route.trunk for route in await pricing.routes("+4930901820", other, one)] == [other, one]
    assert [route.trunk for route in await pricing.routes("+4930901820", one, other)] == [one, other]


async def test_a_trunks_costs_go_with_it(pricing: Pricing) -> None:
    trunk = await pricing.trunk("gone")
    kept = await pricing.imports(MEMBERS)
    await pricing.imports("prefix,price\n49,0.02\n", trunk=trunk)
    await pricing.imports("prefix,price\n49,0.03\n", trunk=trunk)
    await pricing.house.house.execute(pricing.house.operator, RemoveTrunk(trunk=trunk))
    assert await pricing.rates.decks(pricing.house.operator) == (kept,)
    assert await pricing.routes("+4930901820", trunk) == (Route(trunk, None),)


async def test_decks_outlive_a_restart(tmp_path: Path) -> None:
    async with open_calls(tmp_path) as house:
        await Pricing(house).imports(MEMBERS)
    async with reopen_calls(tmp_path) as house:
        assert await Pricing(house).per_minute("+4930901820") == 2


async def test_one_bad_line_refuses_a_deck_whole(pricing: Pricing) -> None:
    with pytest.raises(BadDeck) as refused:
        await pricing.imports("prefix,price\n49,0.02\n0049,0.02\n1,free\n")
    assert refused.value.problem().code == "bad_deck"
    problems = refused.value.fields["problems"]
    assert [problem["line"] for problem in problems] == [3, 4]
    assert "without 00" in problems[0]["why"]
    assert await pricing.rates.decks(pricing.house.operator) == ()
    assert await pricing.price("+4930901820") is None


async def test_only_operators_see_and_change_decks(pricing: Pricing) -> None:
    ann = await pricing.house.person("ann")
    deck = await pricing.imports(MEMBERS)
    for command in (ImportDeck(name="mine", csv=MEMBERS), RemoveDeck(deck=deck.id)):
        with pytest.raises(Forbidden):
            await ann.does(command)
    with pytest.raises(Forbidden):
        await pricing.rates.decks(ann.guest.signed)
    with pytest.raises(Forbidden):
        await pricing.rates.lines(ann.guest.signed, deck.id, prefix="", after="", limit=10)
    page = await pricing.rates.prices(ann.guest.signed, text="germany", after="", limit=2)
    assert ([line.name for line in page.rates], page.more) == (["Germany", "Germany, mobile"], True)


async def test_what_is_not_there_is_refused(pricing: Pricing, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoSuchDeck):
        await pricing.removes(ids.new_id())
    with pytest.raises(NoSuchDeck):
        await pricing.rates.lines(pricing.house.operator, ids.new_id(), prefix="", after="", limit=10)
    with pytest.raises(NoSuchTrunk):
        await pricing.imports(MEMBERS, trunk=ids.new_id())
    with pytest.raises(NoSuchCurrency):
        await pricing.imports(MEMBERS, currency="ABC")
    monkeypatch.setattr(rules, "LINES_OF_ALL_MAX", 7)
    await pricing.imports(MEMBERS)
    with pytest.raises(TooManyDecks):
        await pricing.imports(MEMBERS)
    monkeypatch.setattr(rules, "DECKS_MAX", 1)
    with pytest.raises(TooManyDecks):
        await pricing.imports("prefix,price\n49,1\n")


async def test_a_house_without_currencies_needs_one_in_the_deck(pricing: Pricing) -> None:
    await pricing.house.tea.opened.operator.change(pricing.house.operator, ChangeHouse(currencies=()))
    with pytest.raises(BadDeck):
        await pricing.imports("prefix,price\n49,1\n")
    await pricing.imports("prefix,price,currency\n49,1,EUR\n")
    assert await pricing.per_minute("+4930901820") == 100
    assert await pricing.listed() == []


async def test_a_great_deck_is_imported_and_looked_up(pricing: Pricing) -> None:
    prefixes = [str(1_000_000 + each) for each in range(50_000)]
    rows = "".join(f"{prefix},Zone {prefix[-2:]},0.0{prefix[-2:]}1\n" for prefix in prefixes)
    deck = await pricing.imports(f"prefix,name,price\n{rows}")
    assert deck.lines == 50_000
    rate = await pricing.price("+1049999123")
    assert rate is not None
    assert (rate.prefix, rate.name, rate.per_minute_e4) == ("1049999", "Zone 99", 99_100)
    seen: list[str] = []
    while True:
        after = seen[-1] if seen else ""
        page = await pricing.rates.lines(pricing.house.operator, deck.id, prefix="10499", after=after, limit=30)
        seen += [line.prefix for line in page.rates]
        if not page.more:
            break
    assert seen == prefixes[-100:]
