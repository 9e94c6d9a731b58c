"""The wallet's place: a first PIN, money that arrives while one looks, the way from an entry to its chat, statements
whose sums are right, and a PIN that locks."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, Page, expect

from teahouse import ids
from tests.browser.money import EUR, PIN, Desk, enters_pin, has, money, sends_money, sets_pin
from tests.browser.screens import message
from tests.browser.visitors import Visitor, Visitors, path_of
from tests.conftest import OpenPage
from tests.harness.people import PASSWORD

OTHER_PIN = "730184"


@pytest.fixture
def desk(house: Visitors) -> Desk:
    return Desk(house)


def sheet(page: Page) -> Locator:
    return page.get_by_role("dialog")


def asks_for(payee: Visitor, payer: Visitor, amount: int, note: str = "") -> str:
    """Scan the payer's pay code and ask for a sum, over HTTP; return the charge."""
    code = payer.asks("POST", "/wallet/pay-codes", {})["code"]
    body = {"key": ids.new_id(), "code": code, "amount": money(amount), "note": note}
    return str(payee.asks("POST", "/wallet/charges", body)["charge"]["id"])


def pays_often(payer: Visitor, payee: Visitor, times: int, amount: int) -> None:
    asked = {"amount": money(times * amount), "pin": PIN, "uses": times}
    approval = payer.asks("POST", "/wallet/approvals", asked)["approval"]
    for number in range(times):
        body = {"key": ids.new_id(), "to": payee.id, "amount": money(amount), "note": f"Cup {number + 1}"}
        payer.asks("POST", "/wallet/payments", {**body, "approval": approval})


def entries(page: Page) -> Locator:
    return page.get_by_role("main").get_by_role("listitem").filter(has=page.locator("a[href^='/wallet/history/']"))


def is_ready(page: Page) -> None:
    """The wallet's watch runs: it has read the wallet."""
    expect(page.get_by_role("link", name="Wallet", exact=True)).to_be_visible()


def test_the_first_payment_leads_to_a_pin_and_goes_on(house: Visitors, desk: Desk, open_page: OpenPage) -> None:
    ann, ben, _chat = house.friends("ann", "ben")
    desk.gives(ann, 50_00, pin=False)
    ben.asks("PATCH", "/wallet", {"real_name": "Benjamin Franklin"})
    page = ann.sits_at(open_page("phone"), "/wallet")
    expect(page.get_by_text("Set a payment PIN before your first payment.")).to_be_visible()

    asks_for(ben, ann, 12_50, "Two teas")
    expect(sheet(page).get_by_role("heading", name="Set a payment PIN")).to_be_visible()
    page.keyboard.type("123456")
    expect(sheet(page).get_by_text("too easy to guess")).to_be_visible()
    page.keyboard.type(PIN)
    expect(sheet(page).get_by_text("Enter them again")).to_be_visible()
    page.keyboard.type(OTHER_PIN)
    expect(sheet(page).get_by_text("The two differ.")).to_be_visible()
    for words in ("Choose six digits", "Enter them again"):
        expect(sheet(page).get_by_text(words, exact=True)).to_be_visible()
        for digit in PIN:
            sheet(page).get_by_role("button", name=digit, exact=True).click()
    sheet(page).get_by_label("Password", exact=True).fill("not the password")
    sheet(page).get_by_role("button", name="Save the PIN").click()
    expect(sheet(page).get_by_text("The password is wrong.")).to_be_visible()
    sheet(page).get_by_label("Password", exact=True).fill(PASSWORD)
    sheet(page).get_by_role("button", name="Save the PIN").click()

    expect(sheet(page).get_by_role("heading", name="Payment request")).to_be_visible()
    expect(sheet(page).get_by_text("B****** F******")).to_be_visible()
    expect(sheet(page).get_by_text("€12.50")).to_be_visible()
    expect(sheet(page).get_by_text("Two teas")).to_be_visible()
    enters_pin(page)
    expect(page.get_by_text("Paid €12.50 to Ben")).to_be_visible()
    expect(page.get_by_role("region", name="Balance")).to_contain_text("€37.50")
    assert has(ben) == 12_50


def test_a_top_up_arrives_in_both_windows_and_the_sum_hides(house: Visitors, desk: Desk, open_page: OpenPage) -> None:
    ann = house.join("ann")
    phone = ann.sits_at(open_page("phone"), "/wallet")
    wide = ann.sits_at(open_page("desktop"), "/wallet/history")
    for page in (phone, wide):
        expect(page.get_by_role("region", name="Balance")).to_contain_text("€0.00")
    expect(wide.get_by_text("No entries yet")).to_be_visible()

    desk.gives(ann, 1_234_50 // 10, pin=False)
    for page in (phone, wide):
        expect(page.get_by_role("region", name="Balance")).to_contain_text("€123.45")
    expect(phone.get_by_role("region", name="Newest").get_by_role("listitem")).to_contain_text("+€123.45")
    expect(entries(wide)).to_contain_text("Cash paid in")

    phone.get_by_role("button", name="Hide the sums").click()
    expect(phone.get_by_role("region", name="Balance")).not_to_contain_text("123.45")
    phone.reload()
    show = phone.get_by_role("button", name="Show the sums")
    expect(phone.get_by_role("region", name="Balance")).not_to_contain_text("123.45")
    show.click()
    expect(phone.get_by_role("region", name="Balance")).to_contain_text("€123.45")


def test_the_history_is_filtered_read_to_its_end_and_leads_to_the_chat(
    house: Visitors, desk: Desk, open_page: OpenPage
) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    desk.gives(ann, 200_00)
    sets_pin(ben)
    ben.says_all(chat, [f"before {number}" for number in range(60)])
    sent = sends_money(ann, chat, ben, 7_00, "For the concert")
    ben.asks("POST", f"/wallet/payments/{sent['payment']}/accept", {})
    ben.says_all(chat, [f"after {number}" for number in range(60)])
    pays_often(ann, ben, 40, 1_00)

    page = ann.sits_at(open_page("phone"), "/wallet")
    page.get_by_role("link", name="History").click()
    expect(entries(page).first).to_contain_text("Cup 40")
    entries(page).last.scroll_into_view_if_needed()
    expect(entries(page)).to_have_count(42)
    expect(entries(page).last).to_contain_text("Cash paid in")

    page.get_by_role("button", name="In", exact=True).click()
    expect(entries(page)).to_have_count(1)
    page.get_by_role("button", name="All", exact=True).click()
    page.get_by_role("combobox", name="Kind").select_option(label="Cash desk")
    expect(entries(page)).to_have_count(1)
    page.get_by_role("combobox", name="Month").select_option(index=2)
    page.get_by_role("button", name="Show all").click()
    expect(entries(page).first).to_contain_text("Cup 40")

    entries(page).last.scroll_into_view_if_needed()
    concert = entries(page).filter(has_text="For the concert")
    concert.get_by_role("link").click()
    expect(page.get_by_role("heading", name="Entry")).to_be_visible()
    page.get_by_role("button", name="Back").click()
    # Where one was, not at its top.
    expect(concert).to_be_in_viewport()
    concert.get_by_role("link").click()
    expect(page.get_by_role("heading", name="Entry")).to_be_visible()
    for fact in ("Transfer", "Done", "For the concert", "€193.00"):
        expect(page.get_by_role("definition").filter(has_text=re.compile(f"^{re.escape(fact)}$"))).to_be_visible()
    page.reload()
    expect(page.get_by_text("-€7.00")).to_be_visible()
    page.get_by_role("link", name="Show in chat").click()
    page.wait_for_url(f"**/chats/{chat}**")
    expect(page.get_by_role("article").filter(has_text="For the concert")).to_be_in_viewport()
    expect(message(page, "before 59")).to_be_in_viewport()


def test_a_statement_is_read_and_downloaded_and_its_sums_are_right(
    house: Visitors, desk: Desk, open_page: OpenPage
) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    desk.gives(ann, 80_00)
    desk.gives(ben, 30_00)
    for payer, payee, amount in ((ann, ben, 12_34), (ben, ann, 5_00), (ann, ben, 99)):
        sent = sends_money(payer, chat, payee, amount, "=1+1")
        payee.asks("POST", f"/wallet/payments/{sent['payment']}/accept", {})
    sends_money(ann, chat, ben, 3_00, "waits still")
    page = ann.sits_at(open_page("desktop"), "/wallet/statement")

    statement = page.get_by_role("article")
    for name, sum_ in {
        "Opening balance": "€0.00",
        "In": "+€85.00",
        "Out": "-€13.33",
        "Closing balance": "€71.67",
    }.items():
        row = statement.locator("dl > div").filter(has=page.get_by_text(name, exact=True))
        expect(row.get_by_role("definition")).to_have_text(sum_)
    rows = statement.get_by_role("row")
    expect(rows).to_have_count(5)
    expect(rows.nth(1)).to_contain_text("Cash paid in")
    expect(rows.last).to_contain_text("€71.67")

    with page.expect_download() as coming:
        page.get_by_role("link", name="CSV").click()
    assert coming.value.suggested_filename.endswith(".csv")
    lines = list(csv.DictReader(io.StringIO(coming.value.path().read_text("utf-8-sig"))))
    assert [line["currency"] for line in lines] == [EUR] * 4
    assert [Decimal(line["amount"]) for line in lines] == [Decimal(text) for text in ("80", "-12.34", "5", "-0.99")]
    assert sum(Decimal(line["amount"]) for line in lines) == Decimal(lines[-1]["balance"]) == Decimal("71.67")
    with page.expect_download() as coming:
        page.get_by_role("link", name="PDF").click()
    assert coming.value.path().read_bytes().startswith(b"%PDF-")

    page.get_by_role("button", name="Month before").click()
    expect(statement.get_by_text("Nothing came or went in this month.")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Month before")).to_be_hidden()
    expect(page.get_by_role("navigation")).to_be_hidden()
    expect(statement).to_be_visible()
    page.emulate_media(media="screen")

    page.get_by_role("link", name="Spending").click()
    bars = page.get_by_role("group", name="Spending").get_by_role("button")
    expect(bars).to_have_count(12)
    expect(bars.last).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("main").get_by_role("listitem").filter(has_text="Transfer")).to_contain_text("€13.33")
    bars.first.click()
    expect(page.get_by_text("Nothing went out in this month.")).to_be_visible()


def test_wrong_pins_lock_it_and_nothing_moves(house: Visitors, desk: Desk, open_page: OpenPage) -> None:
    ann, ben, _chat = house.friends("ann", "ben")
    desk.gives(ann, 20_00)
    phone = ann.sits_at(open_page("phone"))
    wide = ann.sits_at(open_page("desktop"), "/wallet")
    is_ready(phone)
    asks_for(ben, ann, 5_00)
    for page in (phone, wide):
        expect(sheet(page).get_by_text("€5.00")).to_be_visible()
    for left in ("4 tries left", "3 tries left", "2 tries left", "1 try left"):
        enters_pin(phone, OTHER_PIN)
        expect(sheet(phone).get_by_text(f"Wrong PIN. {left}.")).to_be_visible()
    enters_pin(phone, OTHER_PIN)
    expect(sheet(phone).get_by_text("The PIN is locked until")).to_be_visible()
    expect(sheet(phone).get_by_role("button", name="1", exact=True)).to_be_disabled()
    # The right one does not open it now, on no device.
    enters_pin(wide)
    expect(sheet(wide).get_by_text("The PIN is locked until")).to_be_visible()
    sheet(wide).get_by_role("button", name="Decline").click()
    for page in (phone, wide):
        expect(sheet(page)).to_have_count(0)
    assert (has(ann), has(ben)) == (20_00, 0)

    # Forgotten, it is set anew with the account's password, and is good at once.
    wide.goto(f"{house.server.url}/wallet/settings")
    expect(wide.get_by_text("Locked until")).to_be_visible()
    wide.get_by_role("link", name="Change the PIN").click()
    wide.get_by_role("button", name="I forgot my PIN").click()
    for words in ("Choose six digits", "Enter them again"):
        expect(wide.get_by_text(words, exact=True)).to_be_visible()
        wide.keyboard.type(OTHER_PIN)
    wide.get_by_label("Password", exact=True).fill(PASSWORD)
    wide.get_by_role("button", name="Save the PIN").click()
    expect(wide.get_by_text("The PIN is set")).to_be_visible()
    asks_for(ben, ann, 5_00)
    enters_pin(wide, OTHER_PIN)
    expect(wide.get_by_text("Paid €5.00 to Ben")).to_be_visible()
    # The other device's sheet goes: there is nothing left to say yes to.
    expect(sheet(phone)).to_have_count(0)
    assert (has(ann), has(ben)) == (15_00, 5_00)


def test_settings_hold_and_say_who_looked(house: Visitors, desk: Desk, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    desk.gives(ann, 20_00)
    desk.gives(ben, 20_00)
    page = ann.sits_at(open_page("phone"), "/wallet/settings")
    page.get_by_role("switch", name="Accept at once").click()
    page.get_by_role("textbox", name="Real name").fill("Ada Lovelace")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    level = page.get_by_role("listitem").filter(has_text="Name given: higher limits")
    expect(level).to_have_attribute("aria-current", "step")
    sent = sends_money(ben, chat, ann, 1_00)
    assert sent["state"] == "accepted"
    assert ben.asks("GET", f"/wallet/payees/{ann.id}")["masked_name"] == "A** L******"

    page.get_by_role("link", name="Who looked at your wallet").click()
    expect(page.get_by_text("Nobody looked")).to_be_visible()
    desk.cashier.asks("GET", f"/wallet/desk/customer?handle={ann.handle}")
    page.reload()
    look = page.get_by_role("group").filter(has_text="Looked at the balance")
    expect(look).to_contain_text("Cashier")


def test_without_a_network_the_wallet_says_so_and_nothing_is_paid_later(
    house: Visitors, desk: Desk, open_page: OpenPage
) -> None:
    ann, ben, _chat = house.friends("ann", "ben")
    desk.gives(ann, 20_00)
    page = ann.sits_at(open_page("phone"), "/wallet")
    expect(page.get_by_role("region", name="Balance")).to_contain_text("€20.00")
    asks_for(ben, ann, 5_00)
    expect(sheet(page)).to_be_visible()
    page.context.set_offline(True)
    enters_pin(page)
    expect(sheet(page).get_by_text("No connection. Nothing was paid")).to_be_visible()
    sheet(page).get_by_role("button", name="Close").click()
    expect(page.get_by_text("Offline: sums may be older")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("Offline: sums may be older")).to_have_count(0)
    # It waits in the wallet until it is over, and is paid only now.
    page.get_by_role("region", name="Waiting for your yes").get_by_role("button", name="Look").click()
    assert has(ann) == 20_00
    enters_pin(page)
    expect(page.get_by_role("region", name="Balance")).to_contain_text("€15.00")
    assert path_of(page) == "/wallet"
