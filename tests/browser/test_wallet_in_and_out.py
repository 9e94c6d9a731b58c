"""Money in by card and out to a bank, by hand in the client: the page one comes back to, and an answer that is lost."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import BUSY
from tests.browser.money import Desk, enters_pin, has
from tests.browser.visitors import Visitors
from tests.conftest import OpenPage
from tests.harness.server import Server
from tests.wallet.card_house import PAID
from tests.wallet.stripe_stand_in import SECRET_KEY, WEBHOOK_SECRET, StandIn, stripe_stand_in

IBAN = "DE89 3704 0044 0532 0130 00"


@pytest.fixture(scope="module")
def stripe() -> Iterator[StandIn]:
    with stripe_stand_in() as stand_in:
        yield stand_in


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, stripe: StandIn) -> Iterator[Visitors]:
    """One that takes cards and pays out to banks."""
    settings = BUSY | {
        "STRIPE_SECRET_KEY": SECRET_KEY,
        "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "STRIPE_API": stripe.url,
        "BANK_NAME": "Teahouse",
        "BANK_IBAN": "GB29NWBK60161331926819",
        "BANK_BIC": "NWBKGB2L",
    }
    server = Server(tmp_path_factory.mktemp("outside") / "house", settings=settings)
    with server, Visitors(server) as visitors:
        yield visitors


def sheet(page: Page) -> Locator:
    return page.get_by_role("dialog")


def test_a_withdrawal_whose_answer_is_lost_is_made_once_and_can_be_cancelled(
    house: Visitors, open_page: OpenPage
) -> None:
    desk = Desk(house)
    ann = house.join("ann")
    desk.gives(ann, 50_00)
    page = open_page("phone")
    # Without a socket every command is an HTTP request.
    page.route_web_socket("**/api/v1/live", lambda socket: socket.close())
    keys: list[str] = []

    def lose_the_first(route: Route) -> None:
        if route.request.method != "POST":
            return route.fallback()
        keys.append(json.loads(route.request.post_data or "")["key"])
        if len(keys) > 1:
            return route.fallback()
        assert route.fetch().status == 201
        return route.abort()

    page.route("**/api/v1/wallet/withdrawals", lose_the_first)
    ann.sits_at(page, "/wallet/withdraw")
    page.get_by_role("textbox", name="Amount").fill("60,5")
    page.get_by_role("textbox", name="IBAN").fill("DE88 3704 0044 0532 0130 00")
    page.get_by_role("textbox", name="Account holder").fill("Ann Other")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("You have only €50.00 to spend.")).to_be_visible()
    expect(page.get_by_text("This is not a valid IBAN.")).to_be_visible()
    page.get_by_role("textbox", name="Amount").fill("12.5")
    page.get_by_role("textbox", name="IBAN").fill(IBAN)
    page.get_by_role("button", name="Continue").click()
    expect(sheet(page).get_by_text("€12.50")).to_be_visible()
    expect(sheet(page).get_by_text(f"Ann Other · {IBAN}")).to_be_visible()
    enters_pin(page)
    expect(sheet(page).get_by_role("heading", name="No answer yet")).to_be_visible()
    sheet(page).get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Set aside for the bank")).to_be_visible()
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert has(ann) == 37_50

    waiting = page.get_by_text("Waiting", exact=True)
    expect(waiting).to_have_count(1)
    page.get_by_role("button", name="Cancel").click()
    sheet(page).get_by_role("button", name="Cancel").last.click()
    expect(page.get_by_text("Cancelled", exact=True)).to_be_visible()
    assert has(ann) == 50_00


def test_a_card_top_up_comes_back_to_a_page_that_says_when_it_is_paid(
    house: Visitors, open_page: OpenPage, stripe: StandIn
) -> None:
    ann = house.join("ann")
    page = ann.sits_at(open_page("phone"), "/wallet/top-up")
    page.route(
        "https://checkout.stripe.com/**", lambda route: route.fulfill(body="card page", content_type="text/plain")
    )
    page.get_by_role("button", name="To the card page").click()
    expect(page.get_by_text("Enter an amount.")).to_be_visible()
    page.get_by_role("textbox", name="Amount").fill("25")
    page.get_by_role("button", name="To the card page").click()
    page.wait_for_url("https://checkout.stripe.com/**")
    session = next(reversed(stripe.sessions.values()))
    assert session["amount_total"] == 25_00

    back = re.sub(r"^https?://[^/]+", house.server.url, session["success_url"])
    page.goto(back)
    expect(page.get_by_text("Waiting for the card payment")).to_be_visible()
    stripe.pays(session["id"])
    body = stripe.event(PAID, session)
    headers = {"stripe-signature": stripe.signature(body)}
    told = httpx.post(f"{house.server.url}/api/v1/wallet/card/events", content=body, headers=headers)
    assert told.is_success, told.text
    expect(page.get_by_text("The money is in your wallet.")).to_be_visible()
    page.get_by_role("link", name="To the wallet").click()
    expect(page.get_by_role("region", name="Balance")).to_contain_text("€25.00")
    expect(page.get_by_role("region", name="Newest")).to_contain_text("Top-up by card")
