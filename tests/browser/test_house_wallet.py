"""The operator's side of the wallet: its currencies, limits, cashiers, and the files that go to the bank."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree
from playwright.sync_api import Page, expect

from teahouse import ids
from tests.browser.conftest import BUSY
from tests.browser.money import Desk, approves, has, money
from tests.browser.visitors import Visitor, Visitors
from tests.conftest import OpenPage
from tests.harness.server import Server

BANK = {"BANK_NAME": "Teahouse e.V.", "BANK_IBAN": "DE89370400440532013000", "BANK_BIC": "COBADEFFXXX"}
IBANS = {"ann": "FR1420041010050500013M02606", "ben": "NL91ABNA0417164300"}


@pytest.fixture
def banking(tmp_path: Path) -> Iterator[Visitors]:
    """A house that pays out to banks."""
    with Server(tmp_path / "house", settings=BUSY | BANK) as server, Visitors(server) as visitors:
        yield visitors


def withdraws(person: Visitor, amount: int) -> None:
    body = {"key": ids.new_id(), "amount": money(amount), "iban": IBANS[person.name.lower()], "name": person.name}
    person.asks("POST", "/wallet/withdrawals", {**body, "approval": approves(person, amount)})


def says_yes(page: Page, action: str) -> None:
    page.get_by_role("dialog").get_by_role("button", name=action, exact=True).click()


def test_the_operator_chooses_currencies_limits_and_cashiers(own_house: Visitors, open_page: OpenPage) -> None:
    olga, ann = own_house.join("olga"), own_house.join("ann")
    page = olga.sits_at(open_page("desktop"), "/discover/house")
    page.get_by_role("link", name="The house’s wallet").last.click()

    page.get_by_label("Another currency").select_option("JPY")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("button", name="Make JPY the main currency").click()
    page.get_by_label("Country").select_option("JP")
    page.get_by_label("Two cashiers above").fill("75000")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved")).to_be_visible()
    card = ann.asks("GET", "/house")
    assert (card["currencies"], card["country"], card["cash_confirm_above"]) == (["JPY", "EUR"], "JP", 75_000)

    page.get_by_role("link", name="Limits").click()
    one_payment = page.get_by_label("One payment").first
    expect(one_payment).to_be_visible()
    one_payment.fill("a lot")
    expect(page.get_by_text("This is not a sum.")).to_be_visible()
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    one_payment.fill("1234")
    with page.expect_response(lambda answer: answer.url.endswith("/wallet/limits") and answer.request.method == "PUT"):
        page.get_by_role("button", name="Save").click()
    limits = ann.asks("GET", "/wallet/limits")
    assert next(each["payment_max"] for each in limits if each["level"] == 0 and each["currency"] == "JPY") == 1234

    page.goto(f"{own_house.server.url}/wallet/house/cashiers")
    expect(page.get_by_text("No cashiers yet")).to_be_visible()
    page.get_by_label("Handle").fill("nobody99")
    page.get_by_role("button", name="Make them a cashier").click()
    expect(page.get_by_text("There is nobody with this handle.")).to_be_visible()
    page.get_by_label("Handle").fill(ann.handle)
    page.get_by_role("button", name="Make them a cashier").click()
    expect(page.get_by_text("Ann is a cashier now")).to_be_visible()
    assert ann.asks("GET", "/wallet")["cashier"]
    page.get_by_role("button", name="Ann is no cashier any more").click()
    says_yes(page, "Remove")
    expect(page.get_by_text("No cashiers yet")).to_be_visible()
    assert not ann.asks("GET", "/wallet")["cashier"]


def test_what_the_bank_rejected_comes_back(banking: Visitors, open_page: OpenPage, tmp_path: Path) -> None:
    desk = Desk(banking)
    ann, ben = banking.join("ann"), banking.join("ben")
    for person in (ann, ben):
        desk.gives(person, 90_00)
    withdraws(ann, 40_00)
    withdraws(ben, 25_00)
    page = desk.operator.sits_at(open_page("desktop"), "/wallet/house/bank")
    expect(page.get_by_text("2 wait for a file")).to_be_visible()
    expect(page.get_by_text("€65.00 in all")).to_be_visible()
    page.get_by_role("button", name="Make a file").click()
    expect(page.get_by_text("2 payments")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download pain.001").click()
    saved.value.save_as(tmp_path / "file.xml")
    tree = etree.parse(tmp_path / "file.xml")
    assert tree.xpath("string(//*[local-name()='GrpHdr']/*[local-name()='CtrlSum'])") == "65.00"

    page.get_by_role("button", name="The bank has executed it").click()
    page.get_by_label("Rejected: Ben").check()
    page.get_by_label("Reason").fill("Account closed")
    page.get_by_role("button", name="Settle", exact=True).click()
    expect(page.get_by_text("€40.00 left the house for good, €25.00 goes back.")).to_be_visible()
    says_yes(page, "Settle")
    expect(page.get_by_text("Nothing waits for a file.")).to_be_visible()
    expect(page.get_by_text("Settled", exact=True).last).to_be_visible()
    expect(page.get_by_role("button", name="The bank has executed it")).to_have_count(0)
    told = ben.asks("GET", "/wallet/withdrawals")[0]
    assert (told["state"], told["reason"]) == ("rejected", "Account closed")
    assert (has(ann), has(ben)) == (50_00, 90_00)
