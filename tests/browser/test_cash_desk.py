"""The cash desk: by keyboard alone, live at the customer's, two cashiers for a large sum, a yes for a pay-out."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.money import Desk, enters_pin, has
from tests.browser.visitors import Visitor, Visitors, path_of
from tests.conftest import OpenPage


@pytest.fixture
def desk(house: Visitors) -> Desk:
    return Desk(house)


def another_cashier(house: Visitors, desk: Desk) -> Visitor:
    second = house.join("carla")
    desk.operator.asks("PUT", f"/wallet/cashiers/{second.id}")
    return second


def customer(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Customer")


def receipt(page: Page) -> Locator:
    return page.get_by_role("article", name="Receipt")


def finds(page: Page, person: Visitor) -> None:
    customer(page).fill(f"@{person.handle}")
    customer(page).press("Enter")
    expect(page.get_by_text(f"{person.name} is told that you looked.")).to_be_visible()


def tops_up(page: Page, person: Visitor, amount: str) -> None:
    finds(page, person)
    page.keyboard.type(amount)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Yes, top up").click()


def pay_code_of(person: Visitor) -> str:
    return str(person.asks("POST", "/wallet/pay-codes", {})["code"])


def asks_to_pay_out(page: Page, code: str, amount: str) -> None:
    """As a hand scanner types it: the code and Enter, then the sum."""
    customer(page).fill(code)
    customer(page).press("Enter")
    expect(page.get_by_role("textbox", name="Amount")).to_be_focused()
    page.keyboard.type(amount)
    page.keyboard.press("Enter")


def test_a_customer_is_four_enters_and_sees_the_money_come(house: Visitors, desk: Desk, open_page: OpenPage) -> None:
    ann, ben = house.join("ann"), house.join("ben")
    phone = ann.sits_at(open_page("phone"), "/wallet")
    expect(phone.get_by_text("€0.00")).to_be_visible()
    page = desk.cashier.sits_at(open_page("desktop"), "/wallet/desk")

    expect(customer(page)).to_be_focused()
    page.keyboard.type(ann.handle)
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Amount")).to_be_focused()
    page.keyboard.type("50")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Do you have €50.00 from Ann in your hand?")).to_be_visible()
    assert has(ann) == 0
    page.keyboard.press("Enter")
    expect(receipt(page)).to_contain_text("€50.00")
    expect(receipt(page)).to_contain_text(f"Ann (@{ann.handle})")
    expect(phone.get_by_text("€50.00", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Next customer").last).to_be_focused()
    page.keyboard.press("Enter")

    # The next one; Esc instead of a sum when they change their mind.
    expect(customer(page)).to_be_focused()
    page.keyboard.type(ben.handle)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Ben is told that you looked.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(customer(page)).to_be_focused()
    looks = ben.asks("GET", "/wallet/looks")["looks"]
    assert [(look["by"]["id"], look["what"]) for look in looks] == [(desk.cashier.id, "balance")]
    assert (has(ann), has(ben)) == (50_00, 0)

    # The day's list leads to the receipt.
    page.get_by_role("link", name=re.compile("Ann.*€50.00")).last.click()
    expect(receipt(page)).to_contain_text("€50.00")


def test_a_receipt_is_printed_alone_on_narrow_paper(house: Visitors, desk: Desk, open_page: OpenPage) -> None:
    ann = house.join("ann")
    page = desk.cashier.sits_at(open_page("desktop"), "/wallet/desk")
    tops_up(page, ann, "7.50")
    expect(receipt(page)).to_be_visible()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    paper = page.locator("body > .on-paper")
    expect(paper).to_be_visible()
    expect(paper).to_contain_text("€7.50")
    expect(page.get_by_role("button", name="Print the receipt")).to_be_hidden()
    box = paper.bounding_box()
    assert box is not None
    assert box["width"] < 80 / 25.4 * 96, "wider than 80 mm"
    page.emulate_media(media="screen")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(page.locator("body > .on-paper")).to_have_count(0)


def test_a_large_sum_needs_another_cashier(house: Visitors, desk: Desk, open_page: OpenPage) -> None:
    second = another_cashier(house, desk)
    desk.operator.asks("PATCH", "/house", {"cash_confirm_above": 100_00})
    ann, ben = house.join("ann"), house.join("ben")
    one = desk.cashier.sits_at(open_page("desktop"), "/wallet/desk")
    other = second.sits_at(open_page("phone"), "/wallet/desk")

    tops_up(one, ann, "100.01")
    expect(one.get_by_text("€100.01: another cashier has to confirm")).to_be_visible()
    expect(receipt(one)).to_have_count(0)
    waits = other.get_by_text("By Cashier")
    expect(waits).to_be_visible()
    expect(one.get_by_role("button", name="Confirm")).to_have_count(0)
    assert has(ann) == 0
    other.get_by_role("button", name="Confirm").click()
    other.get_by_role("dialog").get_by_role("button", name="Confirm").click()
    expect(receipt(one)).to_contain_text("Carla")
    expect(waits).to_have_count(0)
    assert has(ann) == 100_01

    # And one that is refused.
    one.get_by_role("button", name="Next customer").last.click()
    tops_up(one, ben, "200")
    other.get_by_role("button", name="Refuse").click()
    other.get_by_role("dialog").get_by_role("button", name="Refuse").click()
    expect(one.get_by_text("€200.00 was refused")).to_be_visible()
    assert has(ben) == 0
    desk.operator.asks("PATCH", "/house", {"cash_confirm_above": 500_00})


def test_cash_is_handed_out_once_the_customer_says_yes(house: Visitors, desk: Desk, open_page: OpenPage) -> None:
    ann = house.join("ann")
    desk.gives(ann, 80_00)
    page = desk.cashier.sits_at(open_page("desktop"), "/wallet/desk")
    phone = ann.sits_at(open_page("phone"), "/wallet/pay")
    digits = phone.get_by_role("group", name="The digits of your pay code")
    expect(digits.locator("span")).to_have_count(6)

    asks_to_pay_out(page, "".join(digits.locator("span").all_inner_texts()), "30")
    expect(page.get_by_text("Waiting for Ann to confirm")).to_be_visible()
    expect(phone.get_by_role("dialog").get_by_text("The cashier hands you this sum in cash")).to_be_visible()
    assert has(ann) == 80_00
    enters_pin(phone)
    expect(page.get_by_text("Hand €30.00 to Ann")).to_be_visible()
    expect(receipt(page)).to_contain_text("signature of the customer")
    expect(phone.get_by_role("heading", name="Take your cash from Cashier")).to_be_visible()
    assert has(ann) == 50_00

    # The customer says no: nothing is handed out.
    page.get_by_role("button", name="Next customer").last.click()
    asks_to_pay_out(page, pay_code_of(ann), "10")
    phone.get_by_role("dialog").get_by_role("button", name="Decline").click()
    expect(page.get_by_text("€10.00 was refused")).to_be_visible()
    expect(page.get_by_text("Hand out nothing.")).to_be_visible()
    assert has(ann) == 50_00

    # More than there is in the drawer.
    page.get_by_role("button", name="Next customer").last.click()
    asks_to_pay_out(page, pay_code_of(ann), "9999")
    expect(page.get_by_role("alert").filter(has_text="The drawer has €50.00 for this")).to_be_visible()


def test_the_code_of_somebody_else_is_noticed(house: Visitors, desk: Desk, open_page: OpenPage) -> None:
    ann, ben = house.join("ann"), house.join("ben")
    desk.gives(ann, 80_00)
    page = desk.cashier.sits_at(open_page("phone"), "/wallet/desk")
    finds(page, ben)
    page.get_by_role("button", name="Pay out").first.click()
    page.get_by_label("The customer’s pay code").fill(pay_code_of(ann))
    page.get_by_role("textbox", name="Amount").fill("5")
    page.get_by_role("button", name="Pay out €5.00").click()
    expect(page.get_by_text("This code is of Ann, not of the customer you looked up.")).to_be_visible()
    page.get_by_role("button", name="Cancel it").click()
    expect(page.get_by_text("€5.00 was refused")).to_be_visible()
    assert has(ann) == 80_00


def test_a_document_raises_what_a_customer_may_have(house: Visitors, desk: Desk, open_page: OpenPage) -> None:
    ann = house.join("ann")
    page = desk.cashier.sits_at(open_page("desktop"), "/wallet/desk")
    tops_up(page, ann, "500.01")
    expect(page.get_by_text("Verifying them raises the limit")).to_be_visible()
    page.get_by_role("button", name="Verify").click()
    page.get_by_label("Real name, as in the document").fill("Ada Lovelace")
    page.get_by_role("dialog").get_by_role("button", name="Verify").click()
    expect(page.get_by_text("Ann is verified")).to_be_visible()
    expect(page.get_by_text("Ada Lovelace")).to_be_visible()
    wallet = ann.asks("GET", "/wallet")
    assert (wallet["level"], wallet["real_name"]) == (2, "Ada Lovelace")
    page.get_by_role("button", name="Yes, top up").click()
    expect(page.get_by_text("€500.01: another cashier has to confirm")).to_be_visible()


def test_the_day_is_closed_by_counting(house: Visitors, open_page: OpenPage) -> None:
    desk = Desk(house)
    ann = house.join("ann")
    desk.gives(ann, 135_50)
    page = desk.cashier.sits_at(open_page("phone"), "/wallet/desk")
    page.get_by_role("link", name="Close the day").click()
    send = page.get_by_role("button", name="Close the day")
    expect(send).to_be_disabled()

    hundreds = page.get_by_role("textbox", name="How many €100.00", exact=True)
    hundreds.fill("1")
    hundreds.press("Enter")
    expect(page.get_by_role("textbox", name="How many €50.00", exact=True)).to_be_focused()
    page.get_by_role("textbox", name="How many €20.00", exact=True).fill("1")
    page.get_by_role("textbox", name="How many €5.00", exact=True).fill("3")
    difference = page.locator(".difference dd")
    expect(difference).to_have_text("-€0.50")
    expect(page.get_by_text("Less than the ledger says.")).to_be_visible()
    page.get_by_role("button", name="All of it").click()
    expect(page.get_by_text("€0.00 stays in the drawer.")).to_be_visible()
    page.get_by_role("textbox", name="From the drawer to the safe").fill("100")
    expect(page.get_by_text("€35.00 stays in the drawer.")).to_be_visible()
    page.get_by_role("textbox", name="Note").fill("A coin rolled away")
    send.click()
    expect(page.get_by_text("Close with a difference of -€0.50?")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Close the day").click()
    expect(page.get_by_role("heading", name=re.compile("^Closed"))).to_be_visible()
    for name, sum_ in {"By the ledger": "€135.50", "Counted": "€135.00", "Left in the drawer": "€35.00"}.items():
        expect(page.locator("dl > div").filter(has_text=name)).to_contain_text(sum_)

    page.get_by_role("link", name="To the desk").click()
    expect(page.get_by_text("€35.00", exact=True)).to_be_visible()
    assert path_of(page) == "/wallet/desk"
    assert has(ann) == 135_50


def test_nobody_else_stands_behind_the_desk(house: Visitors, desk: Desk, open_page: OpenPage) -> None:
    ann = house.join("ann")
    page = ann.sits_at(open_page("phone"), "/wallet/desk")
    expect(page.get_by_text("Only cashiers work here")).to_be_visible()
    page.goto(f"{house.server.url}/wallet/house")
    expect(page.get_by_text("Only for operators")).to_be_visible()
