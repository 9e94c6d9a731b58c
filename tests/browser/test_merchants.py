"""A shop in the client: opened, with a campaign; a coupon is redeemed at its till while its holder pays on another
device; orders, refunds and the daily bill."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from teahouse import ids
from tests.browser.coupons import Bakery, amount_off, claims
from tests.browser.money import Desk, enters_pin, money
from tests.browser.test_access import axe, violations
from tests.browser.visitors import Visitors
from tests.conftest import OpenPage, Width

__all__ = ["axe"]  # a fixture


@pytest.fixture
def desk(house: Visitors) -> Desk:
    return Desk(house)


def till(page: Page, shop: Bakery, amount: str) -> Page:
    """The owner stands at the till and typed a sum."""
    shop.owner.sits_at(page, f"/wallet/shop/{shop.id}/till")
    page.get_by_role("textbox", name="Amount").fill(amount)
    return page


def scans(page: Page, holder: Page, path: Path) -> None:
    """The till reads the code that the holder's screen shows."""
    code = holder.get_by_role("img", name="Code of this coupon for the counter")
    expect(code).to_be_visible()
    code.screenshot(path=path)
    page.get_by_role("button", name="Scan the customer’s code").click()
    page.get_by_label("Read a code from a picture").set_input_files(path)


@pytest.mark.parametrize("width", ["phone", "desktop"])
def test_a_shop_is_opened_and_gives_coupons(
    house: Visitors, open_page: OpenPage, desk: Desk, axe: str, width: Width
) -> None:
    page = desk.operator.sits_at(open_page(width), "/wallet/shop")
    page.get_by_role("link", name=re.compile("Open (a|another) shop")).click()
    page.get_by_label("Name of the shop").fill("Corner Bakery")
    page.get_by_label("Handle").fill(f"corner_{width}")
    page.get_by_role("button", name="Open a shop").click()
    expect(page.get_by_role("link", name="Till")).to_be_visible()
    assert violations(page, axe, page.url) == []

    page.get_by_role("link", name="Campaigns").click()
    page.get_by_role("link", name="New campaign").click()
    page.get_by_label("Title").fill("Coffee on us")
    page.get_by_label("Worth").fill("2.50")
    page.get_by_label("How many").fill("20")
    assert violations(page, axe, page.url) == []
    page.get_by_role("button", name="Make the draft").click()
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text(re.compile(r"/c/\w{16}$"))).to_be_visible()
    expect(page.get_by_text("Live")).to_be_visible()
    assert violations(page, axe, page.url) == []
    campaign = page.get_by_text(re.compile(r"/c/\w{16}$")).inner_text()[-16:]

    ann = house.join("ann")
    claims(ann, campaign)
    expect(page.get_by_role("img", name="1 claimed, 0 given on, 0 redeemed")).to_be_visible()


def test_a_coupon_is_redeemed_while_its_holder_pays(
    house: Visitors, open_page: OpenPage, desk: Desk, axe: str, tmp_path: Path
) -> None:
    shop, ann = Bakery(house), house.join("ann")
    desk.gives(ann, 50_00)
    coupon = claims(ann, shop.gives("Coffee on us", amount_off(2_50)))
    hers = ann.sits_at(open_page("phone"), f"/wallet/coupons/{coupon}")
    page = till(open_page("desktop"), shop, "10.00")
    scans(page, hers, tmp_path / "code.png")
    expect(page.get_by_text("Coffee on us")).to_be_visible()
    expect(page.get_by_text("€7.50")).to_be_visible()
    assert violations(page, axe, page.url) == []
    page.get_by_role("button", name="Redeem, and take the payment").click()
    expect(page.get_by_text("Waiting for the customer to say yes")).to_be_visible()

    enters_pin(hers)
    expect(page.get_by_text("Ann has paid")).to_be_visible()
    expect(page.get_by_text("With a coupon: €2.50 off")).to_be_visible()
    expect(hers.get_by_text("Redeemed")).to_be_visible()
    assert ann.asks("GET", "/wallet")["balances"][0]["available"] == 42_50
    assert ann.asks("GET", "/coupons")["held"] == []

    # The same picture once more, as a friend of hers might show it.
    page.get_by_role("button", name="Next customer").click()
    page.get_by_role("button", name="Scan the customer’s code").click()
    page.get_by_label("Read a code from a picture").set_input_files(tmp_path / "code.png")
    expect(page.get_by_role("alert").first).to_be_visible()


def test_a_customer_pays_at_a_counter_with_a_coupon(house: Visitors, open_page: OpenPage, desk: Desk, axe: str) -> None:
    shop, ann = Bakery(house), house.join("ann")
    desk.gives(ann, 50_00)
    claims(ann, shop.gives("A fifth off", {"offer": "percent_off", "currency": "EUR", "percent": 20}))
    counter = shop.owner.asks("POST", f"/merchants/{shop.id}/counters", {"name": "Front"})["counter"]
    path = "/" + counter["url"].split("/", 3)[3]
    page = ann.sits_at(open_page("phone"), path)
    expect(page.get_by_text("Front")).to_be_visible()
    page.get_by_role("textbox", name="Amount").fill("10")
    page.get_by_role("radio", name="A fifth off").check()
    assert violations(page, axe, page.url) == []
    page.get_by_role("button", name="Pay €8.00").click()
    enters_pin(page)
    expect(page.get_by_text(f"You paid {shop.name}")).to_be_visible()
    assert shop.owner.asks("GET", f"/merchants/{shop.id}/shop")["takings"] == 8_00


def test_an_order_is_paid_refunded_and_on_the_daily_bill(
    house: Visitors, open_page: OpenPage, desk: Desk, axe: str
) -> None:
    shop, ann = Bakery(house), house.join("ann")
    desk.gives(ann, 50_00)
    page = till(open_page("desktop"), shop, "12.00")
    page.get_by_role("button", name="Show our code for €12.00").click()
    expect(page.get_by_role("img", name="Code of this order")).to_be_visible()
    orders = shop.owner.asks("GET", f"/merchants/{shop.id}/orders")["orders"]
    hers = ann.sits_at(open_page("phone"), f"/o/{orders[0]['id']}")
    hers.get_by_role("button", name="Pay €12.00").click()
    enters_pin(hers)
    expect(hers.get_by_text(f"You paid {shop.name}")).to_be_visible()
    expect(page.get_by_text("Ann has paid")).to_be_visible()

    page.goto(f"{house.server.url}/wallet/shop/{shop.id}/orders")
    page.get_by_role("link", name="Ann").click()
    page.get_by_role("button", name="Refund").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_role("textbox", name="Amount").fill("2")
    sheet.get_by_role("button", name="Give back €2.00").click()
    expect(page.get_by_text("Refunds")).to_be_visible()
    assert ann.asks("GET", "/wallet")["balances"][0]["available"] == 40_00

    page.goto(f"{house.server.url}/wallet/shop/{shop.id}/day")
    expect(page.get_by_text("Equals the ledger")).to_be_visible()
    expect(page.get_by_text("€10.00")).to_be_visible()
    assert violations(page, axe, page.url) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    text = download.value.path().read_text("utf-8-sig")
    assert "12.00" in text
    assert "-2.00" in text


def test_keys_and_webhooks_are_kept(house: Visitors, open_page: OpenPage, desk: Desk) -> None:
    shop = Bakery(house)
    page = shop.owner.sits_at(open_page("phone"), f"/wallet/shop/{shop.id}/programs")
    page.get_by_label("What for").fill("Web shop")
    page.get_by_role("button", name="Make a key").click()
    token = page.get_by_text(re.compile(r"^[\w-]{30,}$")).first.inner_text()
    body = {"number": "A-1", "amount": money(5_00)}
    made: Any = house.http("POST", f"/merchants/{shop.id}/orders", body, token=token)
    assert made["order"]["state"] == "created", made
    page.get_by_label("Address").fill("http://127.0.0.1:9/hook")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("must be https and public")
    page.get_by_role("button", name="Revoke Web shop").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("button", name="Revoke Web shop")).to_have_count(0)
    assert house.fetch(f"{house.server.url}/api/v1/merchants/{shop.id}/shop", token).status_code == 401


def test_operators_let_merchants_in_and_set_what_they_pay(
    house: Visitors, open_page: OpenPage, desk: Desk, axe: str
) -> None:
    ben = house.join("ben")
    body = {"key": ids.new_id(), "handle": "bens", "name": "Ben's Bikes", "category": "services"}
    shop = ben.asks("POST", "/merchants", body)["shop"]
    assert shop["merchant"]["state"] == "waiting"
    page = desk.operator.sits_at(open_page("desktop"), "/wallet/house/merchants")
    # Who waits comes first.
    page.get_by_role("button", name="Let it sell").click()
    expect(page.get_by_role("button", name="Let it sell")).to_have_count(0)
    theirs = page.locator(".merchant").filter(has_text="Ben's Bikes")
    expect(theirs.get_by_role("button", name="Suspend")).to_be_visible()
    theirs.get_by_role("button", name="Tariff", exact=True).click()
    page.get_by_label("Share, in per cent").fill("1.5")
    page.get_by_role("button", name="Save").click()
    expect(theirs.get_by_text("1.5%")).to_be_visible()
    assert violations(page, axe, page.url) == []
    after = ben.asks("GET", f"/merchants/{shop['merchant']['person']['id']}/shop")
    assert (after["merchant"]["state"], after["tariff"]["share"]) == ("open", 150)
