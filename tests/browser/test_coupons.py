"""A shop's coupons: got in a chat or by a link, kept in the pack, given to a friend, shown at the counter."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from teahouse import clock, ids
from tests.browser.coupons import Bakery, amount_off, claims, gives
from tests.browser.money import EUR, Desk, enters_pin, has, sends_packet
from tests.browser.test_access import axe, violations
from tests.browser.test_away import holds_shell
from tests.browser.visitors import Visitor, Visitors, path_of
from tests.conftest import OpenPage, Width

__all__ = ["axe"]  # a fixture
CODE = "Code of this coupon for the counter"


@pytest.fixture(scope="module")
def desk(house: Visitors) -> Desk:
    return Desk(house)


@pytest.fixture(scope="module")
def bakery(house: Visitors, desk: Desk) -> Bakery:
    return Bakery(house)


def coupon_page(person: Visitor, page: Page, coupon: str) -> Page:
    person.sits_at(page, f"/wallet/coupons/{coupon}")
    expect(page.get_by_role("img", name=CODE)).to_be_visible()
    return page


def scanned(page: Page, bakery: Bakery, till: Page, path: Path, amount: str = "") -> None:
    """What the merchant's till makes of the code that a page shows."""
    bakery.owner.sits_at(till, f"/wallet/shop/{bakery.id}/till")
    if amount:
        till.get_by_label("Amount").press_sequentially(amount)
    page.get_by_role("img", name=CODE).screenshot(path=path)
    till.get_by_role("button", name="Scan the customer’s code").click()
    till.get_by_label("Read a code from a picture").set_input_files(path)


def card(page: Page, words: str) -> Locator:
    return page.get_by_role("log").get_by_role("article").filter(has_text=words)


def test_what_ends_first_lies_on_top_and_what_is_over_is_folded_away(
    house: Visitors, bakery: Bakery, open_page: OpenPage
) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    late = claims(ann, bakery.gives("Next month", amount_off(5_00, min_spend=20_00), days=30))
    claims(
        ann, bakery.gives("Tonight", {"offer": "percent_off", "currency": EUR, "percent": 20, "amount": 5_00}, days=0.2)
    )
    buy = {"offer": "buy_x_get_y", "currency": EUR, "item": "Rolls", "amount": 80, "buy": 2, "get": 1}
    claims(ann, bakery.gives("In two days", buy, days=2.5))
    gives(ann, claims(ann, bakery.gives("For Ben", amount_off(1_00))), chat, ben)

    page = ann.sits_at(open_page("phone"), "/wallet")
    page.get_by_role("link", name="Coupons").click()
    tickets = page.get_by_role("main").get_by_role("link")
    expect(tickets).to_have_count(3)
    expect(tickets.nth(0)).to_contain_text(re.compile("20% off.*€5 at most.*Tonight.*Ends in 5 hours"))
    expect(tickets.nth(1)).to_contain_text(re.compile(r"2 \+ 1 free.*Rolls.*In two days.*Ends in 2 days"))
    expect(tickets.nth(2)).to_contain_text(re.compile("€5 off.*from €20.*The Bakery.*Next month.*Until"))
    expect(page.get_by_text("For Ben")).to_be_hidden()
    page.get_by_text("Used and over").click()
    expect(tickets.filter(has_text="For Ben")).to_contain_text("Given away")

    tickets.nth(2).click()
    assert path_of(page) == f"/wallet/coupons/{late}"
    expect(page.get_by_role("definition").filter(has_text="Everywhere")).to_be_visible()


def test_at_the_counter_the_code_is_scanned_and_the_page_says_redeemed(
    house: Visitors, bakery: Bakery, open_page: OpenPage, tmp_path: Path
) -> None:
    ann = house.join("ann")
    coupon = claims(ann, bakery.gives("Breakfast", amount_off(5_00)))
    page = coupon_page(ann, open_page("phone"), coupon)
    till = open_page("desktop")
    scanned(page, bakery, till, tmp_path / "code.png", "20")
    expect(till.get_by_text("Breakfast")).to_be_visible()
    expect(till.get_by_text("-€5.00")).to_be_visible()
    till.get_by_role("button", name="Redeem; the rest is paid in cash").click()
    expect(till.get_by_text("The rest: €15.00")).to_be_visible()

    expect(page.get_by_role("status").filter(has_text="Redeemed")).to_contain_text("€5.00 saved")
    expect(page.get_by_role("img", name=CODE)).to_have_count(0)
    expect(page.get_by_role("button", name="Give to somebody")).to_have_count(0)


def test_without_a_network_and_with_a_wrong_clock_the_code_is_good(
    own_house: Visitors, open_page: OpenPage, tmp_path: Path
) -> None:
    own_house.join("olga")
    bakery = Bakery(own_house)
    ann = own_house.join("ann")
    campaign = bakery.gives("In the tunnel", amount_off(5_00))
    claims(ann, campaign)
    page = open_page("phone")
    # This phone is eleven minutes slow: it learns by how much while it has a network.
    page.clock.install(time=datetime.now(UTC) - timedelta(minutes=11))
    ann.sits_at(page, "/wallet/coupons")
    expect(page.get_by_role("main").get_by_role("link")).to_have_count(1)
    page.wait_for_function("Number(localStorage.getItem('teahouse.clock')) > 600000")
    holds_shell(page)

    page.context.set_offline(True)
    page.reload()
    page.get_by_role("main").get_by_role("link", name="In the tunnel").click()
    expect(page.get_by_text("No connection: the code works all the same.")).to_be_visible()
    expect(page.get_by_role("img", name=CODE)).to_be_visible()
    till = open_page("desktop")
    scanned(page, bakery, till, tmp_path / "code.png", "20")
    expect(till.get_by_text("-€5.00")).to_be_visible()

    # It turns: after its quarter of a minute it is another.
    before = page.get_by_role("img", name=CODE).inner_html()
    page.clock.fast_forward(16_000)
    page.wait_for_function(
        "(old) => document.querySelector('[role=img] path')?.parentElement.innerHTML !== old", arg=before
    )

    # Back again it hears what became of it meanwhile.
    bakery.turns(campaign, "ended")
    page.context.set_offline(False)
    expect(page.get_by_text("The merchant ended it")).to_be_visible()


def test_a_link_says_what_it_is_and_gives_as_many_as_one_may_have(
    house: Visitors, bakery: Bakery, open_page: OpenPage
) -> None:
    ann, ben = house.join("ann"), house.join("ben")
    campaign = bakery.gives("A cake", amount_off(2_00), stock=3, per_person=2, terms="Not on Sundays.", valid_days=7)
    page = ann.sits_at(open_page("phone"), f"/c/{campaign}")
    main = page.get_by_role("main")
    expect(main.get_by_text("3 left")).to_be_visible()
    expect(main.get_by_text("2 for each person")).to_be_visible()
    expect(main.get_by_text("Not on Sundays.")).to_be_visible()
    expect(main.get_by_text("Good for 7 days once you have it")).to_be_visible()
    main.get_by_role("button", name="Get it").click()
    expect(main.get_by_role("status").filter(has_text="It is yours")).to_be_visible()
    expect(main.get_by_text("You have 1 of 2")).to_be_visible()
    main.get_by_role("button", name="Get another").click()
    expect(main.get_by_role("button", name="Get another")).to_have_count(0)
    main.get_by_role("link", name="Open").click()
    expect(page.get_by_role("img", name=CODE)).to_be_visible()
    page.get_by_role("button", name="Back").click()
    expect(main.get_by_text("You have it", exact=True)).to_be_visible()

    # The last one goes while another looks at the page.
    there = ben.sits_at(open_page("desktop"), f"/c/{campaign}")
    expect(there.get_by_text("1 left")).to_be_visible()
    claims(house.join("cleo"), campaign)
    there.get_by_role("button", name="Get it").click()
    expect(there.get_by_role("alert")).to_have_text("Others were quicker: none are left.")
    expect(there.get_by_text("Sold out")).to_be_visible()

    paused = bakery.gives("Paused", amount_off(1_00))
    bakery.turns(paused, "paused")
    there.goto(f"{house.server.url}/c/{paused}")
    expect(there.get_by_text("Paused by the merchant")).to_be_visible()
    bakery.turns(paused, "ended")
    there.reload()
    expect(there.get_by_role("status").filter(has_text="Ended")).to_be_visible()
    later = bakery.gives("Later", amount_off(1_00), valid_from=clock.now_ms() + 5 * clock.DAY_MS)
    there.goto(f"{house.server.url}/c/{later}")
    there.get_by_role("button", name="Get it").click()
    there.get_by_role("link", name="Open").click()
    expect(there.get_by_text("Its code is shown here from then on.")).to_be_visible()
    there.goto(f"{house.server.url}/c/{ids.new_id()}")
    expect(there.get_by_text("This coupon is not to be had")).to_be_visible()


def test_in_a_chat_whoever_reads_the_card_gets_one_without_leaving(
    house: Visitors, bakery: Bakery, open_page: OpenPage
) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    campaign = bakery.gives("Tea for two", amount_off(5_00), stock=1)
    here = ann.sits_at(open_page("desktop"), f"/c/{campaign}")
    here.get_by_role("button", name="Share in a chat").click()
    here.get_by_role("dialog").get_by_role("button", name="Ben").click()
    expect(here.get_by_text("Shared.")).to_be_visible()
    here.goto(f"{house.server.url}/chats/{chat}")
    there = ben.sits_at(open_page("phone"), f"/chats/{chat}")
    expect(card(there, "Tea for two")).to_contain_text("€5 off")
    card(there, "Tea for two").get_by_role("button", name="Get it").click()
    got = card(there, "Tea for two").get_by_role("link", name="Got it")
    expect(got).to_be_visible()
    assert path_of(there) == f"/chats/{chat}"
    # The only one: the card says so to the other.
    expect(card(here, "Tea for two").get_by_role("status")).to_have_text("Sold out")
    got.click()
    expect(there.get_by_role("img", name=CODE)).to_be_visible()


def test_a_coupon_is_given_to_a_friend_and_gone_at_once(house: Visitors, bakery: Bakery, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    cleo = house.join("cleo")
    house.meet(ann, cleo)
    group = house.group(ann, ben, cleo)
    coupon = claims(ann, bakery.gives("A loaf", amount_off(3_00)))
    page = coupon_page(ann, open_page("phone"), coupon)
    there = ben.sits_at(open_page("desktop"), f"/chats/{chat}")

    page.get_by_role("button", name="Give to somebody").click()
    sheet = page.get_by_role("dialog", name="Give to whom?")
    expect(sheet).to_contain_text("It is theirs at once, and gone from your coupons.")
    sheet.get_by_role("button", name="Ben").click()
    asked = page.get_by_role("dialog", name="Give it to Ben?")
    expect(asked).to_contain_text("only Ben can give it back")
    asked.get_by_role("button", name="Give it").click()
    page.wait_for_url(f"**/chats/{chat}")
    expect(card(page, "A loaf").get_by_role("status")).to_have_text("Given to Ben")

    # Ben opens it from the chat; it says from whom it came, and he gives it on in a group, from the menu.
    card(there, "A loaf").get_by_role("link", name="Open").click()
    expect(there.get_by_role("img", name=CODE)).to_be_visible()
    expect(there.get_by_text("Ann gave it to you")).to_be_visible()
    there.goto(f"{house.server.url}/chats/{group}")
    there.get_by_role("button", name="Attach", exact=True).click()
    there.get_by_role("menuitem", name="Coupon").click()
    there.get_by_role("dialog", name="Give to whom?").get_by_role("button", name="Cleo").click()
    there.get_by_role("dialog", name="Give a coupon").get_by_role("button", name="A loaf").click()
    there.get_by_role("dialog", name="Give it to Cleo?").get_by_role("button", name="Give it").click()
    expect(card(there, "A loaf").get_by_role("status")).to_have_text("Given to Cleo")
    expect(there.get_by_role("dialog")).to_have_count(0)
    page.goto(f"{house.server.url}/chats/{group}")
    expect(card(page, "A loaf").get_by_role("status")).to_have_text("For Cleo")
    there.goto(f"{house.server.url}/wallet/coupons")
    expect(there.get_by_text("No coupons yet")).to_be_visible()
    assert [one["id"] for one in cleo.asks("GET", "/coupons")["held"]] == [coupon]


def test_the_rest_is_paid_on_the_page_that_shows_the_code(
    house: Visitors, bakery: Bakery, desk: Desk, open_page: OpenPage, tmp_path: Path
) -> None:
    ann = house.join("ann")
    desk.gives(ann, 50_00)
    coupon = claims(ann, bakery.gives("Dinner", amount_off(5_00)))
    page = coupon_page(ann, open_page("phone"), coupon)
    till = open_page("desktop")
    scanned(page, bakery, till, tmp_path / "code.png", "20")
    till.get_by_role("button", name="Redeem, and take the payment").click()
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("€15.00")
    enters_pin(page)
    expect(page.get_by_role("status").filter(has_text="Redeemed")).to_contain_text("€5.00 saved")
    assert has(ann) == 35_00


def test_a_red_packet_brings_a_coupon_along(house: Visitors, bakery: Bakery, desk: Desk, open_page: OpenPage) -> None:
    ann = house.join("ann")
    chat = house.meet(bakery.owner, ann)
    desk.gives(bakery.owner, 10_00)
    campaign = bakery.gives("A biscuit", amount_off(1_00))
    sends_packet(bakery.owner, chat, 2_00, count=1, campaign=campaign)
    page = ann.sits_at(open_page("phone"), f"/chats/{chat}")
    page.get_by_role("log").get_by_role("button", name="Red packet").click()
    dialog = page.get_by_role("dialog", name="Red packet")
    expect(dialog).to_contain_text("With a coupon: A biscuit")
    dialog.get_by_role("button", name="Open").click()
    dialog.get_by_role("link", name="And a coupon for you A biscuit").click()
    expect(page.get_by_role("img", name=CODE)).to_be_visible()


def test_paying_a_merchant_one_chooses_which_coupon_goes_with_it(
    house: Visitors, bakery: Bakery, desk: Desk, open_page: OpenPage
) -> None:
    ann = house.join("ann")
    desk.gives(ann, 50_00)
    claims(ann, bakery.gives("Small", amount_off(1_00)))
    claims(ann, bakery.gives("Large", amount_off(5_00, min_spend=10_00)))
    claims(ann, Bakery(house, "The other").gives("Elsewhere", amount_off(9_00)))
    page = ann.sits_at(open_page("phone"), bakery.counter("Window"))
    choice = page.get_by_role("group", name="Use a coupon")
    page.get_by_label("Amount").press_sequentially("8")
    expect(choice.get_by_role("radio")).to_have_count(2)
    page.get_by_label("Amount").fill("")
    page.get_by_label("Amount").press_sequentially("20")
    expect(choice.get_by_role("radio")).to_have_count(3)
    choice.get_by_role("radio", name="Large").check()
    page.get_by_role("button", name="Pay €15.00").click()
    enters_pin(page)
    expect(page.get_by_text("You paid The Bakery")).to_be_visible()
    assert has(ann) == 35_00
    assert [one["campaign"]["title"] for one in ann.asks("GET", "/coupons")["past"]] == ["Large"]


@pytest.mark.parametrize(("width", "dark"), [("desktop", False), ("phone", True)], ids=["desktop-light", "phone-dark"])
def test_axe_finds_nothing_in_the_pack_on_tickets_and_on_cards(
    house: Visitors, bakery: Bakery, open_page: OpenPage, axe: str, width: Width, dark: bool
) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    colours = ("red", "orange", "yellow", "green", "teal", "blue", "purple", "pink", "grey")
    campaigns = [bakery.gives(f"In {colour}", amount_off(5_00), colour=colour) for colour in colours]
    held = [claims(ann, campaign) for campaign in campaigns[:-1]]
    gives(ann, held.pop(), chat, ben)
    for campaign in campaigns[-3:]:
        ben.asks("POST", f"/chats/{chat}/campaigns", {"campaign": campaign})
    page = coupon_page(ann, open_page(width, dark=dark), held[2])
    expect(page.get_by_text("Who had it")).to_be_visible()
    found = violations(page, axe, "a coupon")
    page.get_by_role("button", name="Give to somebody").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    found += violations(page, axe, "whom")
    for path, sign in (
        ("/wallet/coupons", "Used and over"),
        (f"/c/{campaigns[-1]}", "100 left"),
        (f"/chats/{chat}", "In grey"),
    ):
        page.goto(house.server.url + path)
        expect(page.get_by_text(sign).last).to_be_visible()
        if path == "/wallet/coupons":
            page.get_by_text(sign).click()
        if path.startswith("/chats"):
            expect(card(page, "In grey").get_by_role("button", name="Get it")).to_be_visible()
        found += violations(page, axe, path)
    assert not found, "\n".join(found)
