"""The directory of billers: set up by operators, found by everybody, and what makes a customer's number."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teahouse.bills.directory import checks
from teahouse.bills.directory.checks import BadCheck
from teahouse.bills.directory.model import AddBiller, BillerCategory, BillerList, CustomerField, UpdateBiller
from teahouse.bills.directory.rules import BadBiller, NoSuchBiller, WrongCustomerField, serves
from teahouse.errors import Forbidden
from teahouse.people.rules import HandleTaken
from teahouse.wallet.purse import NoSuchCurrency
from tests.bills.billing import FIELDS, KEY, METER, Billing, ScriptedBiller
from tests.merchants.house import open_market


@pytest.fixture
async def billing(tmp_path: Path) -> AsyncIterator[Billing]:
    async with open_market(tmp_path) as market:
        opened = Billing(market)
        opened.uses(ScriptedBiller())
        yield opened


async def found(
    billing: Billing, category: BillerCategory | None = None, region: str = "", text: str = ""
) -> list[str]:
    return names(await billing.bills.directory.find(category=category, region=region, text=text))


def names(page: BillerList) -> list[str]:
    return [each.person.handle for each in page.billers]


@pytest.mark.parametrize("store_url", ["sqlite", "postgresql"], indirect=True)
async def test_billers_are_found_by_what_they_are_where_and_their_words(tmp_path: Path, store_url: str) -> None:
    async with open_market(tmp_path, store=store_url) as market:
        billing = Billing(market)
        power = await billing.adds("power", name="Stadtwerke Zürich", regions=("CH-ZH",))
        await billing.adds("water", name="Aqua", category="water", regions=("CH", "DE-BY"), about="Fresh from the lake")
        await billing.adds("fines", name="Bußgeldstelle", category="fine")
        everything = await billing.bills.directory.find(category=None, region="", text="")
        assert names(everything) == ["water", "fines", "power"], "by name"
        assert everything.categories == ("electricity", "water", "fine"), "in the model's order"
        assert everything.regions == ("CH", "CH-ZH", "DE-BY")
        assert await found(billing, region="CH-ZH") == ["water", "fines", "power"]
        assert await found(billing, region="ch") == ["water", "fines", "power"]
        assert await found(billing, region="DE") == ["water", "fines"]
        assert await found(billing, region="DE-NW") == ["fines"], "everywhere"
        assert await found(billing, category="water") == ["water"]
        assert await found(billing, text="ZÜRICH") == ["power"]
        assert await found(billing, text="bussgeld") == ["fines"]
        assert await found(billing, text="lake ") == ["water"]
        await billing.house.execute(market.operator, UpdateBiller(biller=power, state="paused", name="Power Inc"))
        assert await found(billing) == ["water", "fines"]
        assert (await billing.bills.directory.biller(power)).person.name == "Power Inc"


async def test_operators_set_billers_up_and_nobody_else(billing: Billing) -> None:
    ann = await billing.market.person("ann", 10_000)
    billing.biller = await billing.adds(iban="de89 3704 0044 0532 0130 00")
    given: dict[str, Any] = {
        "name": "X",
        "category": "rent",
        "fields": FIELDS,
        "currency": "EUR",
        "connector": "http",
        "url": "https://x.example",
        "public_key": KEY,
    }
    with pytest.raises(Forbidden):
        await ann.does(AddBiller(handle="mine", **given))
    with pytest.raises(Forbidden):
        await ann.does(UpdateBiller(biller=billing.biller, url="https://mine.example"))
    with pytest.raises(Forbidden):
        await billing.bills.directory.setups(ann.guest.signed)
    twice = (*FIELDS, *FIELDS)
    wrong: list[tuple[type[Exception], dict[str, Any]]] = [
        (HandleTaken, {"handle": "ann"}),
        (NoSuchCurrency, {"currency": "USD"}),
        (BadBiller, {"url": "ftp://x"}),
        (BadBiller, {"public_key": "AAAA"}),
        (BadBiller, {"iban": "DE89370400440532013001"}),
        (BadBiller, {"fields": twice}),
        (BadBiller, {"fields": (CustomerField(name="a", label="A", check="stdnum:util"),)}),
        (BadBiller, {"fields": (CustomerField(name="a", label="A", check="digits:3", example="12"),)}),
    ]
    for error, fields in wrong:
        with pytest.raises(error):
            await billing.house.execute(billing.market.operator, AddBiller(**{"handle": "x", **given, **fields}))
    with pytest.raises(NoSuchBiller):
        await billing.house.execute(billing.market.operator, UpdateBiller(biller=ann.id, state="open"))
    (setup,) = await billing.bills.directory.setups(billing.market.operator)
    assert (setup.iban, setup.deadline_s, setup.state) == ("DE89370400440532013000", 3600, "open")
    await billing.pays(ann, await billing.fetches(ann))
    await billing.works()
    (setup,) = await billing.bills.directory.setups(billing.market.operator)
    assert setup.balance == 4_200


async def test_a_customer_gives_each_field_and_no_other(billing: Billing) -> None:
    billing.biller = await billing.adds(
        fields=(*FIELDS, CustomerField(name="contract", label="Contract", check="stdnum:luhn"))
    )
    ann = await billing.market.person("ann")
    for customer, field in (
        (METER, "contract"),
        ({**METER, "contract": "78949"}, ""),
        ({**METER, "contract": "78948"}, "contract"),
        ({**METER, "contract": "78949", "colour": "red"}, "colour"),
    ):
        if not field:
            assert (await billing.fetches(ann, customer)).customer == customer
            continue
        with pytest.raises(WrongCustomerField) as wrong:
            await billing.fetches(ann, customer)
        assert wrong.value.fields == {"field": field}


@pytest.mark.parametrize(
    ("check", "value", "written"),
    [
        ("", " flat 4b ", "flat 4b"),
        ("digits:8-12", "1234 5678", "12345678"),
        ("digits:4", "12-34", "1234"),
        ("phone", "+49 (170) 123-456", "+49170123456"),
        ("stdnum:luhn", "7894 9", "78949"),
        ("stdnum:verhoeff", "12 34 0", "12340"),
        ("stdnum:iso7064.mod_97_10", "12345676", "12345676"),
        ("stdnum:eu.eic", "22XWATTPLUS- ---G", "22XWATTPLUS----G"),
        ("stdnum:es.cups", "ES 1234-123456789012-JY", "ES1234123456789012JY"),
        ("pattern:KD[0-9]{6}|VN-\\d{2,4}", "KD123456", "KD123456"),
        ("pattern:KD[0-9]{6}|VN-\\d{2,4}", "VN-123", "VN-123"),
    ],
)
def test_values_are_written_as_the_biller_writes_them(check: str, value: str, written: str) -> None:
    assert checks.apply(check, value) == written


@pytest.mark.parametrize(
    ("check", "value"),
    [
        ("", " "),
        ("digits:8-12", "1234567"),
        ("digits:4", "١٢٣٤"),
        ("phone", "call me"),
        ("stdnum:luhn", "78948"),
        ("stdnum:luhn", "x"),
        ("stdnum:es.cups", "ES 1234-123456789012-XX"),
        ("stdnum:iban", "GB82 WEST 1234 5698 7654 33"),
        ("pattern:KD[0-9]{6}", "KD1234567"),
        ("pattern:KD[0-9]{6}", "kd123456"),
    ],
)
def test_wrong_values_are_refused(check: str, value: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        checks.apply(check, value)


@pytest.mark.parametrize(
    "check",
    [
        "digits:0",
        "digits:9-8",
        "digits:1-65",
        "luhn",
        "stdnum:util",
        "stdnum:numdb",
        "stdnum:nothing",
        "stdnum:os",
        "stdnum:../os",
        "stdnum:exceptions",
        "pattern:",
        "pattern:(a+)+b",
        "pattern:a**",
        "pattern:[a",
        "pattern:[z-a]",
        "pattern:a{3,2}",
        "pattern:a*a*a*a*b",
        "pattern:(?=a)",
        "pattern:\\1",
        "pattern:" + "a" * 101,
    ],
)
def test_checks_that_cannot_be_used_are_refused_when_a_biller_is_set_up(check: str) -> None:
    with pytest.raises(BadCheck):
        checks.compiled(check)


ATOMS = st.sampled_from(["a", "b", ".", "[ab]", "\\d", "\\w", "[a-z0-9]"])
COUNTS = st.sampled_from(["", "*", "+", "?", "{2}", "{0,9}", "{99}"])
PATTERNS = st.lists(st.tuples(ATOMS, COUNTS), min_size=1, max_size=12).map(lambda parts: "".join(map("".join, parts)))


def varying(parsed: Any, depth: int = 0) -> int:
    """How many counts of a parsed expression vary, one after the other. None may stand within another."""
    found = 0
    for operation, argument in parsed:
        if str(operation) == "BRANCH":
            found = max(found, *(varying(each, depth) for each in argument[1]))
        elif str(operation) in ("MAX_REPEAT", "MIN_REPEAT"):
            least, most, repeated = argument
            assert depth == 0, "a count within a count doubles the work with each character"
            found += least != most
            assert not varying(repeated, depth + 1)
        else:
            assert str(operation) not in ("SUBPATTERN", "GROUPREF", "ASSERT", "ASSERT_NOT")
    return found


@settings(max_examples=150, deadline=None)
@given(st.lists(PATTERNS, min_size=1, max_size=4).map("|".join), st.text("ab1", min_size=1, max_size=64))
def test_no_pattern_takes_long_on_any_value(pattern: str, value: str) -> None:
    """With n counts that vary the work is at most the length of a value to the n-th."""
    try:
        checked = checks.compiled(f"pattern:{pattern}")
    except BadCheck:
        return
    assert varying(re._parser.parse(pattern)) <= checks.VARIABLE_MAX  # type: ignore[attr-defined]
    for each in (value, "a" * 64, "a" * 63 + "!"):
        with suppress(ValueError):
            assert checked(each) == each


@given(st.text(max_size=80))
def test_no_text_as_a_check_or_a_value_does_anything_but_refuse(text: str) -> None:
    for check in (text, f"pattern:{text}", f"stdnum:{text}", "phone", "digits:1-64", "stdnum:eu.eic", "stdnum:iban"):
        with suppress(ValueError):
            assert 1 <= len(checks.apply(check, text)) <= 64


REGION = st.sampled_from(["DE", "DE-BY", "DE-NW", "FR", "FR-75"])


@given(st.lists(REGION), REGION)
def test_a_region_finds_its_country_and_a_country_its_regions(regions: list[str], asked: str) -> None:
    expected = not regions or any(
        each == asked or each == asked[:2] or (len(asked) == 2 and each.startswith(asked)) for each in regions
    )
    assert serves(regions, asked) == expected
    assert serves(regions, "")
