"""Prices and least cost, against a slow model that looks at every line: on real stores, whatever the decks."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from teahouse import ids
from teahouse.calls.phone.rates import rules, store
from teahouse.calls.phone.rates.model import Rate, RateLine
from teahouse.calls.phone.rates.rates import Rates
from teahouse.storage import migrate
from teahouse.storage.engine import make_engine
from tests.harness.postgres import Schemas

CURRENCIES = ("EUR", "USD")
TRUNKS = ("", "t1", "t2", "t3", "t4")
Deck = tuple[str, list[RateLine]]
"""Whose it is, and its lines; decks are given in the order of their import."""

digits = st.text("12", min_size=1, max_size=15)  # few digits: prefixes that begin one another are common
instants = st.integers(1, 12)
lines = st.builds(
    RateLine,
    prefix=st.text("12", min_size=1, max_size=6),
    name=st.sampled_from(["Here", "There"]),
    currency=st.sampled_from([*CURRENCIES, "GBP"]),
    per_minute_e4=st.integers(0, 3),
    connection_e4=st.integers(0, 500),
    first_s=st.sampled_from([1, 30, 60, 200]),
    next_s=st.sampled_from([1, 6, 60, 200]),
    effective_from=instants,
    effective_to=st.one_of(st.just(0), instants),
)


def is_in_force(line: RateLine, at: int) -> bool:
    return line.effective_from <= at and (line.effective_to == 0 or at < line.effective_to)


def importable(of_deck: list[RateLine]) -> list[RateLine]:
    """Leave away what an import refuses: another price of a prefix at the same time."""
    taken: set[tuple[str, int]] = set()
    kept = []
    for line in of_deck:
        times = {(line.prefix, at) for at in range(1, 14) if is_in_force(line, at)}
        if times and not times & taken:
            taken |= times
            kept.append(line)
    return kept


decks = st.lists(
    st.tuples(st.sampled_from(TRUNKS), st.lists(lines, min_size=1, max_size=8).map(importable)), max_size=8
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('rates') / 'house.db'}"
    else:
        url = Schemas(request.getfixturevalue("postgres_url"))(bare=True)
    made = make_engine(url, readers=1)
    migrate.prepare(made)
    yield made
    made.dispose()


def rates_of(currencies: Sequence[str] = CURRENCIES) -> Rates:
    """The room, which needs of its house only the currencies here."""
    return Rates(cast(Any, SimpleNamespace(operator=SimpleNamespace(settings=SimpleNamespace(currencies=currencies)))))


def put(connection: sa.Connection, given_decks: list[Deck]) -> list[str]:
    """Import decks; return their ids."""
    made = []
    for trunk, of_deck in given_decks:
        made.append(ids.new_id())
        values = {"id": made[-1], "name": "deck", "trunk": trunk, "at": 1, "by": ids.new_id()}
        store.add(connection, values, of_deck)
    return made


def model_of(given_decks: list[Deck], trunk: str, number: str, at: int) -> list[tuple[int, RateLine]]:
    """Every line of the longest prefix that begins the number, with its deck's place."""
    fits = [
        (place, line)
        for place, (whose, of_deck) in enumerate(given_decks)
        for line in of_deck
        if whose == trunk and number.startswith(line.prefix) and is_in_force(line, at)
    ]
    longest = max((len(line.prefix) for _, line in fits), default=0)
    return [(place, line) for place, line in fits if len(line.prefix) == longest]


def cost_of(line: RateLine | Rate) -> Fraction:
    """Three minutes, interval by interval."""
    seconds, paid = 180, line.first_s
    while paid < seconds:
        paid += line.next_s
    return Fraction(line.connection_e4) + Fraction(line.per_minute_e4 * paid, 60)


def as_line(rate: Rate) -> tuple[Any, ...]:
    return rate.prefix, rate.name, rate.currency, rate.per_minute_e4, rate.connection_e4, rate.first_s, rate.next_s


def as_rate(line: RateLine) -> tuple[Any, ...]:
    return line.prefix, line.name, line.currency, line.per_minute_e4, line.connection_e4, line.first_s, line.next_s


on_one_store = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@on_one_store
@given(given_decks=decks, number=digits, at=instants, currency=st.sampled_from(CURRENCIES))
def test_the_longest_prefix_of_the_newest_deck_is_the_price(
    engine: sa.Engine, given_decks: list[Deck], number: str, at: int, currency: str
) -> None:
    with engine.connect() as connection, connection.begin() as transaction:
        made = put(connection, given_decks)
        found = rates_of().price(connection, f"+{number}", currency, at)
        transaction.rollback()
    fits = [each for each in model_of(given_decks, "", number, at) if each[1].currency == currency]
    if not fits:
        assert found is None
        return
    place, line = max(fits, key=lambda each: each[0])
    assert found is not None
    assert (found.deck, as_line(found)) == (made[place], as_rate(line))


@on_one_store
@given(
    given_decks=decks,
    number=digits,
    at=instants,
    trunks=st.lists(st.sampled_from([*TRUNKS[1:], "t5"]), unique=True).map(tuple),
)
def test_trunks_come_in_least_cost_order(
    engine: sa.Engine, given_decks: list[Deck], number: str, at: int, trunks: tuple[str, ...]
) -> None:
    with engine.connect() as connection, connection.begin() as transaction:
        put(connection, given_decks)
        found = rates_of().routes(connection, f"+{number}", trunks, at)
        transaction.rollback()
    costs = {
        trunk: max(fits, key=lambda each: each[0])[1]
        for trunk in trunks
        if (fits := model_of(given_decks, trunk, number, at))
    }
    with_decks = {trunk for trunk, _ in given_decks}
    assert {route.trunk for route in found} == costs.keys() | (set(trunks) - with_decks)
    for route in found:
        if route.cost is None:
            assert route.trunk not in with_decks
        else:
            assert as_line(route.cost) == as_rate(costs[route.trunk])
    for one, other in itertools.pairwise(found):
        if one.cost is None:
            assert other.cost is None
            assert trunks.index(one.trunk) < trunks.index(other.trunk)
        elif other.cost is not None:
            keys = [
                ((*CURRENCIES, "GBP").index(cost.currency), cost_of(cost), trunks.index(trunk))
                for trunk, cost in ((one.trunk, one.cost), (other.trunk, other.cost))
            ]
            assert keys[0] < keys[1]


@on_one_store
@given(given_decks=decks, at=instants, digits=st.text("12", max_size=4), after=st.text("12", max_size=3))
def test_the_price_list_has_the_line_that_holds_of_each_prefix(
    engine: sa.Engine, given_decks: list[Deck], at: int, digits: str, after: str
) -> None:
    with engine.connect() as connection, connection.begin() as transaction:
        put(connection, given_decks)
        found = store.price_list(connection, "EUR", at, text="", digits=digits, after=after, limit=100)
        transaction.rollback()
    holding: dict[str, RateLine] = {}
    for trunk, of_deck in given_decks:
        for line in of_deck:
            if trunk == "" and line.currency == "EUR" and is_in_force(line, at) and line.prefix > after:
                holding[line.prefix] = line
    expected = [holding[prefix] for prefix in sorted(holding) if prefix.startswith(digits) or digits.startswith(prefix)]
    assert [RateLine(*row) for row in found] == expected


def test_a_number_has_the_prefixes_of_its_digits() -> None:
    assert rules.prefixes_of("4930") == ["4", "49", "493", "4930"]
    assert len(rules.prefixes_of("1" * 20)) == rules.PREFIX_MAX


def test_nothing_is_found_where_nothing_is_asked(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'house.db'}", readers=1)
    migrate.prepare(engine)
    with engine.connect() as connection:
        assert rates_of().price(connection, "+", "EUR", 1) is None
        assert rates_of().routes(connection, "+4930", (), 1) == ()
    engine.dispose()
