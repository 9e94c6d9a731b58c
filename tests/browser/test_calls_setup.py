"""The operator connects a carrier, imports prices, gives numbers out and sets the rules; then members may call."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.calls_setup import Line, carrier_running
from tests.browser.conftest import BUSY
from tests.browser.test_access import axe, violations  # noqa: F401 - a fixture
from tests.browser.visitors import Visitor, Visitors, path_of
from tests.conftest import OpenPage, Width
from tests.harness.peers import free_port
from tests.harness.server import Server

SETUP = "/discover/calls/setup"
GOOD = """\
Prefix;Destination;Price;Increment
49;Germany;0,0123;60/1
4917;Germany, mobile;0,089;60/1
254;Kenya;0,14;60/60
"""
FAULTS = """\
prefix,name,price,increment,effective from,effective to,currency
0049,Germany,0.01,,,,
4x,Germany,0.01,,,,
4912345678901234,Germany,0.01,,,,
,Germany,0.01,,,,
49,Germany,,,,,
491,Germany,cheap,,,,
492,Germany,0.0123456789,,,,
493,Germany,12345,,,,
494,Germany,0.01,often,,,
495,Germany,0.01,60/9999,,,
496,Germany,0.01,,some day,,
497,Germany,0.01,,,1.1.2001,
498,Germany,0.01,,,,XXY
499,Germany,0.01
44,United Kingdom,0.01,,,,
44,United Kingdom,0.02,,,,
"""


@pytest.fixture
def phones(tmp_path: Path) -> Iterator[Visitors]:
    """A house with a wallet, at a SIP port of its own."""
    settings = {"SIP_LISTEN": f"127.0.0.1:{free_port()}", "RTP_ADDRESS": "127.0.0.1"}
    with Server(tmp_path / "house", settings=BUSY | settings) as server, Visitors(server) as visitors:
        yield visitors


@pytest.fixture(scope="module")
def line() -> Iterator[Line]:
    """A carrier on this machine."""
    with carrier_running() as running:
        yield running


def csv(text: str, name: str = "spring_prices.csv") -> FilePayload:
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode()}


def says_yes(page: Page, action: str) -> None:
    page.get_by_role("dialog").get_by_role("button", name=action, exact=True).click()


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("main").get_by_role("link").filter(has_text=name)


def saved(page: Page) -> None:
    """Save, and wait until it says so."""
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()


def has_trunk(operator: Visitor, line: Line, name: str = "Loopback Telecom") -> str:
    setup = {"name": name, "host": "127.0.0.1", "port": line.port, "networks": ["127.0.0.1"]}
    return str(operator.asks("POST", "/calls/trunks", {"setup": setup, "password": "secret"})["trunk"])


def has_deck(operator: Visitor, name: str, trunk: str = "", text: str = GOOD) -> str:
    body = {"name": name, "csv": text, "trunk": trunk}
    return str(operator.asks("POST", "/calls/decks", body)["deck"]["id"])


def test_from_nothing_to_the_first_price(phones: Visitors, line: Line, open_page: OpenPage) -> None:
    olga, ann = phones.join("olga"), phones.join("ann")
    page = olga.sits_at(open_page("phone"), "/discover/calls")
    row(page, "Set up").click()
    expect(page.get_by_text("Missing: the house’s country, a carrier, and prices.")).to_be_visible()
    expect(page.get_by_text("teahouse out test-trunk")).to_be_visible()
    page.get_by_role("link", name="Open the house’s wallet").click()
    page.get_by_label("Country", exact=True).select_option("DE")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    page.go_back()
    expect(page.get_by_text("Missing: a carrier and prices.")).to_be_visible()

    connects(page, line)
    expect(row(page, "Loopback Telecom")).to_contain_text("Connected")
    [trunk] = olga.asks("GET", "/calls/trunks")
    assert (trunk["has_password"], trunk["setup"]["format"], trunk["setup"]["prefix"]) == (True, "national", "9")
    imports(page)

    # Permission; a member sees what it costs.
    other = ann.sits_at(open_page("phone"), "/discover/calls/dial")
    expect(other.get_by_text("Calls to phones are off")).to_be_visible()
    page.goto(phones.server.url + SETUP)
    page.get_by_role("switch", name="Calls are off").click()
    expect(page.get_by_text("Members can call phones from here.")).to_be_visible()
    other.goto(f"{phones.server.url}/discover/calls/prices")
    expect(other.get_by_text("Germany, mobile")).to_be_visible()
    other.get_by_role("searchbox").fill("254")
    expect(other.get_by_text("€0.14 a minute")).to_be_visible()
    expect(other.get_by_text("Germany, mobile")).to_have_count(0)


def connects(page: Page, line: Line) -> None:
    """Connect a carrier; what cannot be is said where it stands."""
    page.get_by_role("link", name="Connect", exact=True).click()
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_text("Give it a name.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Name")).to_be_focused()
    page.get_by_role("textbox", name="Name").fill("Loopback Telecom")
    host = page.get_by_role("textbox", name="Host")
    host.fill("127.0.0.1:5060")
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_text("This is no host")).to_be_visible()
    expect(host).to_be_focused()
    host.fill("127.0.0.1")
    page.get_by_role("textbox", name="Port").fill(str(line.port))
    page.get_by_role("textbox", name="User", exact=True).fill("teahouse")
    page.get_by_label("Password", exact=True).fill("s3cret of the carrier")
    example = page.get_by_text("+49 30 123456 is dialled as")
    expect(example).to_contain_text("+4930123456")
    page.get_by_label("The carrier wants numbers").select_option("As they are dialled in the house’s country")
    page.get_by_role("textbox", name="Dialled first").fill("9")
    expect(example).to_contain_text("9030123456")
    page.get_by_text("More settings").click()
    page.get_by_role("textbox", name="Its networks").fill("127.0.0.1\nsomewhere")
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_text("One of these is no address")).to_be_visible()
    page.get_by_role("textbox", name="Its networks").fill("127.0.0.1")
    page.get_by_role("button", name="Connect", exact=True).click()


def imports(page: Page) -> None:
    """Bring prices: a bad file first."""
    page.get_by_role("link", name="Import", exact=True).click()
    page.get_by_label("Choose a file").set_input_files(csv("prefix,price\n0049,1\n44,cheap\n"))
    expect(page.get_by_role("textbox", name="Name of the list")).to_have_value("spring prices")
    page.get_by_role("button", name="Import", exact=True).click()
    refused = page.get_by_role("alert").filter(has_text="2 things are wrong with this file")
    expect(refused.get_by_role("listitem").first).to_have_text(re.compile("Line 2.*“0049” begins with 0", re.DOTALL))
    expect(refused.get_by_role("listitem").last).to_have_text(re.compile("Line 3.*“cheap” is no price", re.DOTALL))
    drops(page, GOOD)
    expect(refused).to_have_count(0)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", name="spring prices")).to_be_visible()
    expect(page.get_by_text("€0.0123 a minute")).to_be_visible()


def drops(page: Page, text: str) -> None:
    """Drag a file onto the page."""
    script = "(text) => { const d = new DataTransfer(); d.items.add(new File([text], 'autumn.csv')); return d; }"
    dragged = page.evaluate_handle(script, text)
    page.get_by_role("group", name="The file").dispatch_event("drop", {"dataTransfer": dragged})
    expect(page.get_by_text("autumn.csv")).to_be_visible()


def test_a_carrier_comes_goes_is_changed_and_removed(phones: Visitors, line: Line, open_page: OpenPage) -> None:
    olga = phones.join("olga")
    trunk = has_trunk(olga, line)
    has_deck(olga, "Its costs", trunk)
    has_deck(olga, "Ours")
    page = olga.sits_at(open_page("desktop"), SETUP)
    expect(row(page, "Loopback Telecom")).to_contain_text("Connected")
    with carrier_running() as other:
        has_trunk(olga, other, "Fickle")
        expect(row(page, "Fickle")).to_contain_text("Connected")
    row(page, "Loopback Telecom").click()
    page.get_by_role("switch", name="In use").click()
    expect(page.get_by_text("Off", exact=True)).to_be_visible()
    password = page.get_by_label("Password", exact=True)
    expect(password).to_have_value("")
    expect(page.get_by_text("Leave it empty to keep the one there is.")).to_be_visible()
    page.get_by_role("textbox", name="User", exact=True).fill("teahouse")
    page.get_by_role("textbox", name="Name").fill("Loopback")
    page.get_by_label("Transport").select_option("tcp")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(row(page, "Loopback")).to_contain_text("Off")
    view = next(each for each in olga.asks("GET", "/calls/trunks") if each["id"] == trunk)
    assert (view["has_password"], view["setup"]["transport"], view["setup"]["on"]) == (True, "tcp", False)

    row(page, "Loopback").click()
    page.get_by_role("button", name="Remove this carrier").click()
    expect(page.get_by_text("Its price lists go with it")).to_be_visible()
    says_yes(page, "Remove")
    expect(page.get_by_role("heading", name="Calls to phones")).to_be_visible()
    expect(row(page, "Loopback")).to_have_count(0)
    assert [each["name"] for each in olga.asks("GET", "/calls/decks")] == ["Ours"]


def test_a_carrier_that_is_away_is_told(phones: Visitors, open_page: OpenPage) -> None:
    olga = phones.join("olga")
    olga.asks("PATCH", "/house", {"country": "DE"})
    has_deck(olga, "Ours")
    policy = olga.asks("GET", "/calls/phone/policy")
    olga.asks("PUT", "/calls/phone/policy", {"policy": {**policy, "on": True}})
    page = olga.sits_at(open_page("phone"), SETUP)
    expect(page.get_by_text("Nobody can call yet. Missing: a carrier.")).to_be_visible()
    setup = {"name": "Away", "host": "127.0.0.1", "port": free_port(), "transport": "tcp"}
    olga.asks("POST", "/calls/trunks", {"setup": setup})
    page.reload()
    expect(row(page, "Away")).to_contain_text("No answer")
    expect(page.get_by_text("No carrier answers right now, so nobody can call.")).to_be_visible()
    row(page, "Away").click()
    page.get_by_role("switch", name="In use").click()
    expect(page.get_by_text("Off", exact=True)).to_be_visible()
    page.get_by_role("button", name="Back").click()
    # All was set up once: what is missing now leads to where it is mended.
    page.get_by_role("link", name="No carrier is on").click()
    expect(page.get_by_role("heading", name="Connect a carrier")).to_be_visible()


def test_price_lists_are_read_found_and_removed(phones: Visitors, line: Line, open_page: OpenPage) -> None:
    olga = phones.join("olga")
    trunk = has_trunk(olga, line)
    many = "prefix,name,price\n" + "".join(f"{number},Zone {number},0.01\n" for number in range(1000, 1250))
    has_deck(olga, "Ours", text=many)
    page = olga.sits_at(open_page("desktop"), f"{SETUP}/decks")
    expect(page.get_by_role("heading", name="What members pay")).to_be_visible()
    page.get_by_role("link", name="Import a price list").click()
    page.get_by_label("What it says").select_option("What Loopback Telecom asks")
    page.get_by_label("Currency").select_option("USD")
    page.get_by_label("Choose a file").set_input_files(csv(GOOD.encode("utf-16").decode("latin-1"), "wrong.csv"))
    expect(page.get_by_text("This is no CSV in UTF-8.")).to_be_visible()
    page.get_by_label("Choose a file").set_input_files(csv("1" * 5_000_001, "large.csv"))
    expect(page.get_by_text("This file is larger than 5 MB.")).to_be_visible()
    page.get_by_label("Choose a file").set_input_files(csv(GOOD, "costs.csv"))
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("$0.089 a minute")).to_be_visible()
    assert olga.asks("GET", "/calls/decks")[0]["trunk"] == trunk

    page.get_by_role("button", name="Back").click()
    expect(page.get_by_role("heading", name="What Loopback Telecom asks")).to_be_visible()
    row(page, "Ours").click()
    lines = page.get_by_role("main").get_by_role("listitem")
    expect(lines).to_have_count(100)
    for shown in (200, 250):
        page.get_by_role("button", name="More", exact=True).click()
        expect(lines).to_have_count(shown)
    expect(page.get_by_role("button", name="More", exact=True)).to_have_count(0)
    page.get_by_role("searchbox").fill("+12 3")
    expect(lines).to_have_count(10)
    page.get_by_role("searchbox").fill("99")
    expect(page.get_by_text("Nothing found")).to_be_visible()
    page.get_by_role("button", name="Remove this list").click()
    says_yes(page, "Remove")
    expect(page.get_by_text("No prices yet")).to_be_visible()


def test_what_is_wrong_with_a_list_is_said_in_every_language(phones: Visitors, open_page: OpenPage) -> None:
    olga = phones.join("olga")
    page = olga.sits_at(open_page("desktop", locale="zh-CN"), f"{SETUP}/decks/import")
    page.locator("input[type=file]").set_input_files(csv(FAULTS))
    with page.expect_response(lambda answer: answer.url.endswith("/calls/decks")) as answered:
        page.get_by_role("button", name="导入", exact=True).click()
    said = [problem["why"] for problem in answered.value.json()["fields"]["problems"]]
    shown = page.get_by_role("alert").get_by_role("listitem")
    expect(shown).to_have_count(len(said))
    assert len(said) == FAULTS.count("\n") - 2, "each line but the header and the first of the two that are the same"
    untold = [why for why, text in zip(said, shown.all_inner_texts(), strict=True) if why in text]
    assert not untold


def test_numbers_ring_members_or_nobody(phones: Visitors, open_page: OpenPage) -> None:
    olga, ann = phones.join("olga"), phones.join("ann")
    page = olga.sits_at(open_page("phone"), f"{SETUP}/numbers")
    expect(page.get_by_text("No numbers yet")).to_be_visible()
    page.get_by_role("button", name="Add a number").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Phone number").fill("030 23125")
    dialog.get_by_label("Handle of the member").fill("nobody99")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("Write it with + and the country’s code")).to_be_visible()
    dialog.get_by_label("Phone number").fill("0049 (30) 23-125")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("There is nobody with this handle.")).to_be_visible()
    dialog.get_by_label("Handle of the member").fill(f"@{ann.handle}")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    # Ann is no contact: who gave her the number still sees whose it is, also later.
    expect(page.get_by_role("group").filter(has_text="+493023125")).to_contain_text(f"Ann (@{ann.handle})")
    page.reload()
    expect(page.get_by_role("group").filter(has_text="+493023125")).to_contain_text(f"Ann (@{ann.handle})")
    assert ann.asks("GET", "/calls/phone")["number"] == "+493023125"

    page.get_by_role("button", name="Change whom +493023125 reaches").click()
    dialog.get_by_text("It rings nobody").click()
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("group").filter(has_text="+493023125")).to_contain_text("The house’s number")
    assert "number" not in ann.asks("GET", "/calls/phone")
    page.get_by_role("button", name="Remove +493023125").click()
    says_yes(page, "Remove")
    expect(page.get_by_text("No numbers yet")).to_be_visible()
    assert olga.asks("GET", "/calls/numbers") == []


def test_the_rules_are_kept_until_they_are_saved(phones: Visitors, open_page: OpenPage) -> None:
    olga = phones.join("olga")
    before = olga.asks("GET", "/calls/phone/policy")
    page = olga.sits_at(open_page("phone"), SETUP)
    expect(row(page, "Rules")).to_contain_text("Up to €2.00 a minute · €20.00 a day for each member · everywhere")
    row(page, "Rules").click()
    expect(page.get_by_role("region", name="Unsaved changes")).to_have_count(0)
    minute = page.get_by_label("Dearest price of a minute")
    expect(minute).to_have_value("2.00")
    minute.fill("a lot")
    expect(page.get_by_text("This is not a sum.")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Not saved: something above is not right yet.")).to_be_visible()
    expect(minute).to_be_focused()
    minute.fill("1.50")
    page.get_by_label("All together spend in 24 hours").fill("")
    page.get_by_label("A member at once").fill("0")
    page.get_by_label("Longest call").fill("90")
    page.get_by_role("radio", name="Members whom a cashier verified").check()
    page.get_by_role("radio", name="The house’s number").check()
    page.get_by_role("combobox", name="The house’s number").fill("+49 30 23125")
    page.get_by_role("switch", name="Members may hide their number").click()
    page.get_by_role("switch", name="Voicemail").click()
    page.get_by_role("switch", name="Shared cost").click()
    page.get_by_role("radio", name="Only these").check()

    # One leaves by mistake, and comes back: all is as it was.
    page.get_by_role("button", name="Back").click()
    expect(row(page, "Rules")).to_contain_text("Unsaved changes")
    assert olga.asks("GET", "/calls/phone/policy") == before
    row(page, "Rules").click()
    expect(minute).to_have_value("1.50")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Choose one country at least.")).to_be_visible()
    page.get_by_role("searchbox", name="Find a country").fill("ken")
    page.get_by_role("checkbox", name="Kenya").check()
    page.get_by_role("searchbox", name="Find a country").fill("DE")
    page.get_by_role("checkbox", name="Germany").check()
    page.get_by_label("Never call numbers that begin with").fill("+4990\n00254 70x")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Only digits, 15 at most in each")).to_be_visible()
    page.get_by_label("Never call numbers that begin with").fill("+4990\n0025470")
    saved(page)
    expect(page.get_by_role("region", name="Unsaved changes")).to_have_count(0)
    kinds = sorted({*before["kinds_off"], "voicemail"} - {"shared_cost"})
    assert olga.asks("GET", "/calls/phone/policy") == {
        **before,
        "per_minute_max": 150,
        "house_spend_day": 0,
        "person_calls": 0,
        "talk_minutes_max": 90,
        "level_min": 2,
        "caller": "house",
        "house_number": "+493023125",
        "may_hide": False,
        "kinds_off": kinds,
        "countries": ["DE", "KE"],
        "prefixes_off": ["4990", "25470"],
    }
    page.reload()
    expect(page.get_by_label("All together spend in 24 hours")).to_have_attribute("placeholder", "no limit")
    expect(page.get_by_label("All together spend in 24 hours")).to_have_value("")
    page.get_by_role("button", name="Take Kenya away").click()
    page.get_by_role("button", name="Discard").click()
    says_yes(page, "Discard")
    expect(page.get_by_role("button", name="Take Kenya away")).to_be_visible()


def test_it_is_for_operators_only(phones: Visitors, open_page: OpenPage) -> None:
    phones.join("olga")
    ann = phones.join("ann")
    page = ann.sits_at(open_page("phone"), "/discover/calls")
    expect(page.get_by_role("main").get_by_role("link", name="Prices")).to_be_visible()
    expect(row(page, "Set up")).to_have_count(0)
    for part in ("", "/trunks/new", "/decks", "/numbers", "/policy"):
        page.goto(phones.server.url + SETUP + part)
        expect(page.get_by_text("For operators only")).to_be_visible()
    page.get_by_role("button", name="Back").click()
    assert path_of(page).startswith("/discover/calls")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", ["phone", "desktop"])
def test_axe_finds_nothing_and_nothing_sticks_out(
    phones: Visitors,
    line: Line,
    open_page: OpenPage,
    axe: str,  # noqa: F811
    width: Width,
    dark: bool,
) -> None:
    olga, ann = phones.join("olga"), phones.join("ann")
    page = olga.sits_at(open_page(width, dark=dark, locale="ru" if dark else "en"), SETUP)
    expect(page.get_by_text("teahouse out test-trunk")).to_be_visible()
    found = faults(page, axe, "guide")
    olga.asks("PATCH", "/house", {"country": "DE"})
    trunk, deck = has_trunk(olga, line), has_deck(olga, "Ours")
    has_deck(olga, "Costs", trunk)
    olga.asks("PUT", f"/calls/numbers/{quote('+4930111')}", {"person": ann.id})
    olga.asks("PUT", f"/calls/numbers/{quote('+4930112')}", {"person": ""})
    policy = {**olga.asks("GET", "/calls/phone/policy"), "countries": ["DE", "KE"]}
    olga.asks("PUT", "/calls/phone/policy", {"policy": policy})
    signs = {
        "": "Loopback Telecom",
        "/trunks/new": "+4930123456",
        f"/trunks/{trunk}": "+4930123456",
        "/decks": "Ours",
        "/decks/import": "Germany, mobile",
        f"/decks/{deck}": "+4917",
        "/numbers": "+4930112",
        "/policy": "EUR",
    }
    for part, sign in signs.items():
        page.goto(phones.server.url + SETUP + part)
        expect(page.get_by_role("main").get_by_text(sign).filter(visible=True).first).to_be_visible()
        if part.startswith("/trunks"):
            page.locator("summary").click()
        found += faults(page, axe, part)
    page.goto(f"{phones.server.url}{SETUP}/decks/import")
    page.locator("input[type=file]").set_input_files(csv(FAULTS))
    page.locator("button[type=submit]").click()
    expect(page.get_by_role("alert").get_by_role("listitem").first).to_be_visible()
    found += faults(page, axe, "refused")
    page.goto(f"{phones.server.url}{SETUP}/numbers")
    page.get_by_role("main").get_by_role("button").nth(1).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    found += faults(page, axe, "number")
    assert not found, "\n".join(found)


def faults(page: Page, axe: str, where: str) -> list[str]:  # noqa: F811
    """What axe finds, and what is wider than its place."""
    wide = page.evaluate(
        "() => [...document.querySelectorAll('main input, main select, main textarea, main button, main a')]"
        ".filter((one) => !one.classList.contains('visually-hidden'))"
        ".filter((one) => one.getBoundingClientRect().right > one.closest('main').getBoundingClientRect().right)"
        ".map((one) => one.outerHTML.slice(0, 120))"
    )
    return [*violations(page, axe, where), *(f"{where}: sticks out: {one}" for one in wide)]
