"""Bills in the client: a biller found and paid while one looks, money that comes back, saved bills that remind,
receipts that anybody may check, and a bill split among a flat. The biller is the example company, a process of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from teahouse import ids
from tests.bills.biller_process import METERS, Biller, owes
from tests.browser.money import Desk, approves, enters_pin, has, money
from tests.browser.screens import chat_row, messages
from tests.browser.test_access import axe, violations  # noqa: F401 - a fixture
from tests.browser.visitors import Visitor, Visitors, path_of
from tests.conftest import OpenPage, Width

DAY_MS = 86_400_000
CONFIRM_MS = 20_000
"""So long may the house take to ask again about a payment that its biller left open."""


@pytest.fixture(scope="module")
def desk(house: Visitors) -> Desk:
    return Desk(house)


@pytest.fixture(scope="module")
def company(house: Visitors, desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Biller]:
    """An electricity company with fifty customers, and a mobile one that tops up what one likes."""
    key = house.http("GET", "/house-key")["public_key"]
    with Biller(tmp_path_factory.mktemp("biller") / "books", key) as biller:
        meter = {"name": "meter", "label": "Meter number", "check": "stdnum:luhn", "example": "40000002"}
        body = {
            "handle": "citypower",
            "name": "City Power",
            "category": "electricity",
            "fields": [{**meter, "help": "Top right on the paper bill."}],
            "currency": "EUR",
            "connector": "http",
            "url": biller.url,
            "key_id": biller.key_id,
            "public_key": biller.public_key,
            "accepts": "any",
            "regions": ["DE-BE"],
        }
        desk.operator.asks("POST", "/billers", body)
        desk.operator.asks(
            "POST",
            "/billers",
            {**body, "handle": "waterworks", "name": "Waterworks", "category": "water", "regions": ["FR"]},
        )
        yield biller


@pytest.fixture(autouse=True)
def _behaves(company: Biller) -> None:
    company.switch()


def rich(house: Visitors, desk: Desk, name: str) -> Visitor:
    person = house.join(name)
    desk.gives(person, 200_00)
    return person


def biller_of(person: Visitor) -> str:
    return str(person.asks("GET", "/billers?category=electricity")["billers"][0]["person"]["id"])


def pays(person: Visitor, number: int) -> dict[str, Any]:
    """Pay the n-th meter's bill over HTTP; return the payment."""
    biller = biller_of(person)
    bill = person.asks("POST", "/bills/fetch", {"biller": biller, "customer": {"meter": METERS[number]}})
    asked = {"key": ids.new_id(), "biller": biller, "customer": bill["customer"], "ref": bill["ref"]}
    approval = approves(person, bill["amount"])
    body = {**asked, "amount": money(bill["amount"]), "approval": approval}
    return dict(person.asks("POST", "/bills/payments", body)["payment"])


def looks_up(page: Page, number: int) -> None:
    page.get_by_label("Meter number").fill(METERS[number])
    page.get_by_role("button", name="Look up the bill").click()
    expect(page.get_by_text("Amount due")).to_be_visible()


def title(page: Page, words: str) -> Locator:
    return page.get_by_role("heading", name=words, exact=True)


def euros(cents: int) -> str:
    return f"€{cents / 100:.2f}"


def test_a_bill_is_found_paid_and_proven(house: Visitors, desk: Desk, company: Biller, open_page: OpenPage) -> None:
    ann = rich(house, desk, "ann")
    page = ann.sits_at(open_page("phone"), "/wallet")
    page.get_by_role("link", name="Bills", exact=True).click()
    page.get_by_role("link", name="Electricity").click()
    page.get_by_role("link", name="City Power").click()

    number = page.get_by_label("Meter number")
    expect(page.get_by_text("Top right on the paper bill. For example 40000002.")).to_be_visible()
    number.fill("40000003")
    number.blur()
    expect(page.get_by_text("A digit is wrong")).to_be_visible()
    # Written as on paper.
    number.fill(f"{METERS[0][:4]} {METERS[0][4:]}")
    page.get_by_role("button", name="Look up the bill").click()
    expect(page.get_by_text("A** L**")).to_be_visible()
    expect(page.get_by_text("€42.10", exact=True)).to_be_visible()
    expect(page.get_by_text("Due in 14 days")).to_be_visible()

    page.get_by_role("button", name="Pay another amount").click()
    amount = page.get_by_label("Amount to pay")
    amount.fill("50")
    expect(page.get_by_role("button", name="Pay €50.00")).to_be_disabled()
    amount.fill("20")
    expect(page.get_by_text("€22.10 stays open.")).to_be_visible()
    page.get_by_role("button", name="Pay the whole bill").click()

    company.switch(pending=1)
    page.get_by_role("button", name="Pay €42.10").click()
    expect(page.get_by_role("dialog").get_by_text(f"Meter number {METERS[0]}")).to_be_visible()
    enters_pin(page)
    expect(title(page, "Set aside for the biller")).to_be_visible()
    expect(page.get_by_text("You may leave")).to_be_visible()
    assert has(ann) == 200_00 - owes(0)
    # One may leave: it is under way, and found again.
    page.get_by_role("link", name="Back to the bills").click()
    page.get_by_role("link", name=re.compile("City Power.*Set aside")).click()
    expect(title(page, "Paid")).to_be_visible(timeout=CONFIRM_MS)
    expect(page.get_by_text("R-0000")).to_be_visible()

    receipt = page.get_by_role("link", name="Receipt", exact=True).get_attribute("href")
    assert receipt
    answer = page.request.get(house.server.url + receipt)
    assert answer.ok
    assert answer.body().startswith(b"%PDF")
    page.get_by_role("button", name="Share", exact=True).click()
    link = page.get_by_role("dialog").get_by_text("/v/").inner_text()

    # Somebody who is not of the house checks it, and a forged one.
    stranger = open_page("phone")
    stranger.goto(link)
    expect(title(stranger, "This receipt is true")).to_be_visible()
    expect(stranger.get_by_text("€42.10")).to_be_visible()
    expect(stranger.get_by_text("****0002")).to_be_visible()
    stranger.goto(link[:-4] + ("aaaa" if not link.endswith("aaaa") else "bbbb"))
    expect(title(stranger, "No such receipt")).to_be_visible()
    page.goto(link)
    expect(title(page, "This receipt is true")).to_be_visible()


def test_what_a_biller_refuses_comes_back_with_its_words(
    house: Visitors, desk: Desk, company: Biller, open_page: OpenPage
) -> None:
    ann = rich(house, desk, "ann")
    page = ann.sits_at(open_page("desktop"), f"/wallet/bills/to/{biller_of(ann)}")
    page.get_by_label("Meter number").fill(METERS[49][:-1] + "7")
    page.get_by_role("button", name="Look up the bill").click()
    expect(page.get_by_label("Meter number")).to_be_focused()
    looks_up(page, 1)
    company.switch(refuse="The meter is closed")
    page.get_by_role("button", name="Pay €42.47").click()
    enters_pin(page)
    expect(title(page, "Not paid: your money is back")).to_be_visible(timeout=CONFIRM_MS)
    expect(page.get_by_text("The biller said: “The meter is closed”")).to_be_visible()
    expect(page.get_by_role("region", name="Balance")).to_contain_text("€200.00")

    company.switch(on=["fetch"], down=True)
    page.goto(f"{house.server.url}/wallet/bills/to/{biller_of(ann)}")
    page.get_by_label("Meter number").fill(METERS[1])
    page.get_by_role("button", name="Look up the bill").click()
    expect(page.get_by_text("The biller does not answer now. Nothing was paid")).to_be_visible()
    page.context.set_offline(True)
    expect(page.get_by_role("button", name="Look up the bill")).to_be_disabled()
    expect(page.get_by_text("No connection. Bills can be paid once you are online.")).to_be_visible()


def test_billers_are_searched_by_name_and_region(house: Visitors, company: Biller, open_page: OpenPage) -> None:
    ann = house.join("ann")
    page = ann.sits_at(open_page("phone"), "/wallet/bills")
    search = page.get_by_role("searchbox", name="Find a company or school")
    search.fill("water")
    expect(page.get_by_role("link", name="Waterworks")).to_contain_text("Water · France")
    page.get_by_role("combobox", name="Region").select_option(label="Germany · BE")
    expect(page.get_by_text("No biller is called so in this region.")).to_be_visible()
    search.fill("")
    expect(page.get_by_role("link", name="Electricity")).to_be_visible()
    page.get_by_role("link", name="Electricity").click()
    expect(page.get_by_role("link", name="City Power")).to_be_visible()
    # The choice holds on this device.
    page.reload()
    expect(page.get_by_role("combobox", name="Region")).to_have_value("DE-BE")


def test_a_saved_bill_reminds_and_pays_by_itself(
    house: Visitors, desk: Desk, company: Biller, open_page: OpenPage
) -> None:
    ann = rich(house, desk, "ann")
    page = ann.sits_at(open_page("phone"), f"/wallet/bills/to/{biller_of(ann)}")
    looks_up(page, 2)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Reminders and autopay").click()
    page.get_by_label("Name", exact=True).fill("Home")
    page.get_by_label("Name", exact=True).blur()
    expect(title(page, "Home")).to_be_visible()

    page.get_by_role("button", name="Set up").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("At most for one bill").fill("30")
    expect(dialog.get_by_text("Each bill of City Power of up to €30.00 is paid from your wallet")).to_be_visible()
    dialog.get_by_role("button", name="Turn on autopay").click()
    expect(page.get_by_text("Nothing is paid now")).to_be_visible()
    enters_pin(page)
    expect(page.get_by_text("Pays by itself up to €30.00")).to_be_visible()
    [saved] = ann.asks("GET", "/bills/saved")
    assert (saved["nickname"], saved["autopay"]["ceiling"]) == ("Home", 30_00)

    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Stop autopay").click()
    expect(page.get_by_text("You pay each bill yourself")).to_be_visible()
    # Of a bill that is due within the days, the biller writes at once: in a chat that only it writes to.
    page.get_by_label("Remind me").select_option(label="14 days before")
    wide = ann.sits_at(open_page("desktop"), "/chats")
    expect(chat_row(wide, "City Power")).to_contain_text("A bill is due: Home", timeout=CONFIRM_MS)
    expect(chat_row(wide, "City Power")).to_contain_text("Service")
    chat_row(wide, "City Power").get_by_role("link").click()
    expect(wide.get_by_text("it writes to you, and reads no answers")).to_be_visible()
    expect(wide.get_by_role("textbox", name="Message", exact=True)).to_have_count(0)
    card = messages(wide).filter(has_text="A bill is due")
    expect(card).to_contain_text(euros(owes(2)))
    card.get_by_role("link", name="Pay now").click()
    wide.get_by_role("button", name=f"Pay {euros(owes(2))}").click()
    enters_pin(wide)
    expect(title(wide, "Paid")).to_be_visible(timeout=CONFIRM_MS)
    wide.get_by_role("link", name="Bills", exact=True).click()
    expect(wide.get_by_role("link", name="Home")).to_contain_text("Nothing due", timeout=CONFIRM_MS)

    page.get_by_role("button", name="Remove this bill").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove this bill").click()
    expect(page.get_by_role("heading", name="Bills", exact=True)).to_be_visible()
    expect(wide.get_by_role("link", name="Home")).to_have_count(0)


def test_a_paid_bill_is_split_and_paid_back(house: Visitors, desk: Desk, company: Biller, open_page: OpenPage) -> None:
    ann, ben, cleo = (rich(house, desk, name) for name in ("ann", "ben", "cleo"))
    for friend in (ben, cleo):
        house.meet(ann, friend)
    flat = house.group(ann, ben, cleo, name="Flat 3")
    payment = pays(ann, 3)
    page = ann.sits_at(open_page("phone"), f"/wallet/bills/payments/{payment['id']}")
    page.get_by_role("button", name="Split", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Flat 3").click()
    sheet = page.get_by_role("dialog", name="Split")
    # 43.21 among three: the unit that is left over is the payer's.
    expect(sheet.get_by_label("Share of Ben")).to_have_value("14.40")
    expect(sheet.get_by_text("€14.41")).to_be_visible()
    sheet.get_by_label("Share of Ben").fill("20")
    expect(sheet.get_by_label("Share of Cleo")).to_have_value("11.60")
    sheet.get_by_label("Share of Cleo").fill("40")
    expect(sheet.get_by_text("The shares are €16.79 more than was paid.")).to_be_visible()
    sheet.get_by_role("button", name="Equally again").click()
    sheet.get_by_role("button", name="Ask for the shares").click()

    card = messages(page).filter(has_text="City Power")
    expect(card).to_contain_text("0 of 2 paid")
    assert path_of(page) == f"/chats/{flat}"
    other = ben.sits_at(open_page("desktop"), f"/chats/{flat}")
    other.get_by_role("button", name="Pay my share, €14.40").click()
    enters_pin(other)
    for one in (page, other):
        expect(messages(one).filter(has_text="City Power")).to_contain_text("1 of 2 paid")
    expect(other.get_by_role("button", name="Pay my share")).to_have_count(0)
    assert has(ann) == 200_00 - owes(3) + 14_40

    card.get_by_role("button").first.click()
    dialog = page.get_by_role("dialog", name="Split bill")
    expect(dialog.get_by_role("listitem").filter(has_text="Ben")).to_contain_text("Paid")
    expect(dialog.get_by_role("listitem").filter(has_text="Cleo")).to_contain_text("Not yet")
    dialog.get_by_role("button", name="Close the split").click()
    page.get_by_role("dialog", name="Close this split?").get_by_role("button", name="Close the split").click()
    expect(dialog.get_by_text("Closed by its maker: €14.40 of €28.80 came back.")).to_be_visible()
    expect(messages(other).filter(has_text="City Power")).to_contain_text("Closed")


def test_a_dinner_is_split_from_the_chats_own_menu(house: Visitors, desk: Desk, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    desk.gives(ben, 50_00)
    page = ann.sits_at(open_page("phone"), f"/chats/{chat}")
    page.get_by_role("button", name="Attach", exact=True).click()
    page.get_by_role("menuitem", name="Split a bill").click()
    sheet = page.get_by_role("dialog", name="Split")
    sheet.get_by_label("What was paid in all").fill("25.01")
    sheet.get_by_label("What for").fill("Dinner")
    sheet.get_by_role("button", name="Ask for the shares").click()
    expect(messages(page).filter(has_text="Dinner")).to_contain_text("€12.50")

    other = ben.sits_at(open_page("phone"), f"/chats/{chat}")
    other.get_by_role("button", name="Dinner").click()
    sheet = other.get_by_role("dialog", name="Split bill")
    sheet.get_by_role("button", name="Pay my share, €12.50").click()
    enters_pin(other)
    expect(sheet.get_by_text("Everybody has paid.")).to_be_visible()
    expect(messages(page).filter(has_text="Dinner")).to_contain_text("All paid")
    assert (has(ann), has(ben)) == (12_50, 37_50)


@pytest.mark.parametrize(("width", "dark"), [("phone", False), ("desktop", True)], ids=["phone", "desktop-dark"])
def test_axe_finds_nothing_on_the_pages_of_bills(
    house: Visitors,
    desk: Desk,
    company: Biller,
    open_page: OpenPage,
    axe: str,  # noqa: F811
    width: Width,
    dark: bool,
) -> None:
    ann, ben = rich(house, desk, "ann"), house.join("ben")
    chat = house.meet(ann, ben)
    number = 12 if dark else 10
    payment = pays(ann, number)
    body = {"biller": biller_of(ann), "customer": {"meter": METERS[number + 1]}, "remind_days": 14}
    saved = ann.asks("POST", "/bills/saved", body)["saved"]["id"]
    share = [{"person": ben.id, "amount": 10_00}]
    split = {"key": ids.new_id(), "title": "Tea", "total": money(20_00), "shares": share}
    ann.asks("POST", f"/chats/{chat}/splits", split)
    page = ann.sits_at(open_page(width, dark=dark), "/chats")
    service = chat_row(page, "City Power").get_by_role("link")
    expect(service).to_be_visible(timeout=CONFIRM_MS)
    written = str(service.get_attribute("href"))
    signs = {
        "/wallet/bills": "My bills",
        "/wallet/bills/of/electricity": "City Power",
        f"/wallet/bills/to/{body['biller']}": "Meter number",
        f"/wallet/bills/pay/{saved}": "Amount due",
        f"/wallet/bills/saved/{saved}": "Remind me",
        "/wallet/bills/payments": "City Power",
        f"/wallet/bills/payments/{payment['id']}": "Confirmed by City Power",
        f"/chats/{chat}": "0 of 1 paid",
        written: "A bill is due",
    }
    found: list[str] = []
    for path, sign in signs.items():
        page.goto(house.server.url + path)
        expect(page.get_by_role("main").get_by_text(sign).filter(visible=True).first).to_be_visible()
        found += violations(page, axe, path)
    receipt = ann.asks("GET", f"/bills/payments/{payment['id']}")["receipt"]
    stranger = open_page(width, dark=dark)
    stranger.goto(house.server.url + receipt)
    expect(title(stranger, "This receipt is true")).to_be_visible()
    found += violations(stranger, axe, receipt)
    assert not found, "\n".join(found)
