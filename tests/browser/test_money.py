"""People send each other money within their chats: transfers that are accepted or go back, and red packets."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.money import Desk, enters_pin, has, opens, sends_money, sends_packet
from tests.browser.screens import chat_row, messages
from tests.browser.visitors import Visitor, Visitors
from tests.conftest import OpenPage


@pytest.fixture(scope="module")
def desk(house: Visitors) -> Desk:
    return Desk(house)


def card(page: Page, *words: str) -> Locator:
    """The button that a transfer or red packet is, by what a screen reader says of it."""
    return page.get_by_role("log").get_by_role("button", name=re.compile(r"\s+".join(map(re.escape, words))))


def attach(page: Page, what: str) -> Locator:
    """Open the sheet that makes something, and return it."""
    page.get_by_role("button", name="Attach", exact=True).click()
    page.get_by_role("menuitem", name=what).click()
    return page.get_by_role("dialog")


def four(house: Visitors) -> tuple[Visitor, Visitor, Visitor, Visitor, str]:
    """Ann, Ben, Cleo and Dan, who are in a group of Ann's."""
    ann, ben, cleo, dan = (house.join(name) for name in ("ann", "ben", "cleo", "dan"))
    for other in (ben, cleo, dan):
        house.meet(ann, other)
    return ann, ben, cleo, dan, house.group(ann, ben, cleo, dan)


def test_money_is_sent_to_a_contact_who_accepts_it(house: Visitors, desk: Desk, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    desk.gives(ann, 50_00)
    here = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    there = ben.sits_at(open_page("phone"), f"/chats/{chat}")

    sheet = attach(here, "Send money")
    sheet.get_by_label("Amount").press_sequentially("60")
    expect(sheet.get_by_text("You have €50.00 to spend")).to_be_visible()
    expect(sheet.get_by_role("button", name="Send €60.00")).to_be_disabled()
    sheet.get_by_label("Amount").fill("")
    sheet.get_by_label("Amount").press_sequentially("12.5")
    sheet.get_by_label("What for?").fill("Dinner")
    sheet.get_by_role("button", name="Send €12.50").click()
    enters_pin(here)
    expect(card(here, "Transfer", "€12.50", "Waiting for Ben", "Dinner")).to_be_visible()
    expect(here.get_by_role("dialog")).to_have_count(0)
    assert (has(ann), has(ben)) == (37_50, 0)
    expect(chat_row(here, "Ben")).to_contain_text("💸 €12.50")

    card(there, "Transfer", "€12.50", "Tap to accept", "Dinner").click()
    sheet = there.get_by_role("dialog", name="Transfer")
    expect(sheet).to_contain_text("it goes back to Ann")
    sheet.get_by_role("button", name="Accept").click()
    expect(sheet.get_by_role("status").first).to_have_text("Accepted")
    sheet.get_by_role("button", name="Close").last.click()
    expect(card(there, "Transfer", "€12.50", "Accepted", "Dinner")).to_be_visible()
    expect(card(here, "Transfer", "€12.50", "Accepted by Ben", "Dinner")).to_be_visible()
    assert (has(ann), has(ben)) == (37_50, 12_50)

    # It is answered as any message, but it is neither forwarded nor recalled.
    card(here, "Transfer", "€12.50").click(button="right")
    menu = here.get_by_role("menu")
    menu.get_by_role("menuitem", name="Reply").wait_for()
    for action in ("Forward", "Recall", "Edit"):
        expect(menu.get_by_role("menuitem", name=action)).to_have_count(0)
    menu.get_by_role("menuitem", name="Reply").click()
    here.get_by_role("textbox", name="Message", exact=True).fill("Thanks")
    here.keyboard.press("Enter")
    expect(messages(there).last.locator(".reply")).to_contain_text("💸 €12.50")

    # The payer's sheet says when, and leads to the wallet.
    card(here, "Transfer", "€12.50").click()
    sheet = here.get_by_role("dialog", name="Transfer")
    expect(sheet.get_by_role("button", name="Accept")).to_have_count(0)
    expect(sheet.get_by_role("definition")).to_have_count(4)
    expect(sheet.get_by_role("link", name="See it in the wallet")).to_be_visible()


def test_money_that_one_does_not_want_goes_back(house: Visitors, desk: Desk, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    desk.gives(ann, 20_00)
    sends_money(ann, chat, ben, 8_00, "For the taxi")
    here = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    there = ben.sits_at(open_page("phone"), f"/chats/{chat}")
    card(here, "€8.00", "Waiting for Ben").wait_for()

    card(there, "€8.00", "Tap to accept").click()
    there.get_by_role("dialog", name="Transfer").get_by_role("button", name="Return").click()
    asked = there.get_by_role("dialog", name="Return this money?")
    expect(asked).to_contain_text("back to Ann")
    asked.get_by_role("button", name="Return").click()
    expect(card(there, "€8.00", "Returned")).to_be_visible()
    expect(card(here, "€8.00", "Returned")).to_be_visible()
    assert (has(ann), has(ben)) == (20_00, 0)


def test_in_a_group_one_chooses_whom(house: Visitors, desk: Desk, open_page: OpenPage) -> None:
    ann, ben, cleo, _, group = four(house)
    desk.gives(ann, 10_00)
    here = ann.sits_at(open_page("phone"), f"/chats/{group}")
    there = ben.sits_at(open_page("desktop"), f"/chats/{group}")
    sheet = attach(here, "Send money")
    sheet.get_by_role("button", name="Cleo").click()
    sheet.get_by_label("Amount").press_sequentially("3")
    sheet.get_by_role("button", name="Send €3.00").click()
    enters_pin(here)
    expect(card(here, "€3.00", "Waiting for Cleo")).to_be_visible()

    # Who is no side of it sees whom it is for, and can do nothing about it.
    card(there, "€3.00", "For Cleo").click()
    sheet = there.get_by_role("dialog", name="Transfer")
    expect(sheet.get_by_role("definition").nth(1)).to_have_text("Cleo")
    expect(sheet.get_by_role("button", name="Accept")).to_have_count(0)
    expect(sheet.get_by_role("link")).to_have_count(0)
    payment = messages_of(cleo, group)["payment"]
    cleo.asks("POST", f"/wallet/payments/{payment}/accept", {})
    expect(sheet.get_by_role("status").first).to_have_text("Accepted by Cleo")
    assert has(cleo) == 3_00


def messages_of(person: Visitor, chat: str) -> dict[str, str]:
    """The newest message's content."""
    content: dict[str, str] = person.messages(chat)[-1]["content"]
    return content


def test_a_red_packet_is_opened_in_a_group_and_the_best_luck_is_crowned(
    house: Visitors, desk: Desk, open_page: OpenPage
) -> None:
    ann, ben, cleo, dan, group = four(house)
    desk.gives(ann, 20_00)
    here = ann.sits_at(open_page("desktop"), f"/chats/{group}")
    there = ben.sits_at(open_page("phone"), f"/chats/{group}")
    third = cleo.sits_at(open_page("desktop"), f"/chats/{group}")

    sheet = attach(here, "Red packet")
    expect(sheet.get_by_label("Shares")).to_have_value("4")
    sheet.get_by_role("button", name="One less").click()
    sheet.get_by_label("In all").press_sequentially("9")
    sheet.get_by_label("Greeting").fill("Good harvest!")
    sheet.get_by_role("button", name="Send red packet").click()
    enters_pin(here)
    expect(card(here, "Red packet", "Good harvest!", "Tap to open")).to_be_visible()
    assert has(ann) == 11_00

    card(there, "Red packet", "Good harvest!", "Tap to open").click()
    packet = there.get_by_role("dialog", name="Red packet")
    expect(packet).to_contain_text("Ann’s red packet")
    packet.get_by_role("button", name="Open").click()
    expect(packet.get_by_role("link", name="Saved to your wallet")).to_be_visible()
    expect(packet).to_contain_text("1 of 3 opened")
    share = f"€{has(ben) / 100:.2f}"
    expect(packet.get_by_role("status")).to_contain_text(share)
    expect(packet.get_by_role("listitem").filter(has_text="You")).to_contain_text(share)

    # The list grows while one looks at it, on every device.
    known = messages_of(dan, group)["packet"]
    opens(dan, known)
    expect(packet.get_by_role("listitem")).to_have_count(2)
    expect(packet).to_contain_text("left")
    expect(packet.get_by_text("Best luck")).to_have_count(0)
    card(third, "Good harvest!", "Tap to open").click()
    third.get_by_role("dialog").get_by_role("button", name="Open").click()
    expect(third.get_by_role("dialog")).to_contain_text("3 of 3 opened")
    assert has(ben) + has(cleo) + has(dan) == 9_00

    told = ann.asks("GET", f"/wallet/packets/{known}")
    best = next(each["person"]["name"] for each in told["shares"] if each["person"]["id"] == told["best"])
    crowned = packet.get_by_role("listitem").filter(has_text="Best luck")
    expect(crowned).to_have_count(1)
    expect(crowned).to_contain_text("You" if best == "Ben" else best)
    packet.get_by_role("button", name="Close").click()
    expect(card(there, "Good harvest!", "You opened it")).to_be_visible()

    # Its sender was too slow for it, and sees who got what; so does who comes back to it.
    card(here, "Good harvest!", "All shares are gone").click()
    expect(here.get_by_role("dialog")).to_contain_text("Others were quicker")
    expect(here.get_by_role("dialog").get_by_role("listitem")).to_have_count(3)
    there.reload()
    card(there, "Good harvest!", "You opened it").click()
    expect(there.get_by_role("dialog").get_by_role("link", name="Saved to your wallet")).to_be_visible()


def test_a_red_packet_for_one_member_is_opened_by_nobody_else(house: Visitors, desk: Desk, open_page: OpenPage) -> None:
    ann, ben, cleo, _, group = four(house)
    desk.gives(ann, 20_00)
    here = ann.sits_at(open_page("phone"), f"/chats/{group}")
    there = cleo.sits_at(open_page("desktop"), f"/chats/{group}")
    sheet = attach(here, "Red packet")
    sheet.get_by_role("radio", name="One person").check()
    sheet.get_by_role("button", name="Choose a member").click()
    sheet.get_by_role("button", name="Ben").click()
    sheet.get_by_label("Amount").press_sequentially("2.50")
    sheet.get_by_role("button", name="Send red packet").click()
    enters_pin(here)
    expect(card(here, "Best wishes!", "Waiting for Ben")).to_be_visible()

    card(there, "Best wishes!", "For Ben").click()
    packet = there.get_by_role("dialog", name="Red packet")
    expect(packet).to_contain_text("This red packet is for Ben.")
    expect(packet.get_by_role("button", name="Open")).to_have_count(0)
    opens(ben, messages_of(ben, group)["packet"])
    expect(packet.get_by_role("listitem")).to_contain_text("€2.50")
    assert has(ben) == 2_50


def test_one_who_comes_too_late_is_told_so(house: Visitors, desk: Desk, open_page: OpenPage) -> None:
    ann, ben, cleo, _, group = four(house)
    desk.gives(ann, 20_00)
    packet = sends_packet(ann, group, 1_00, greeting="Be quick")
    page = ben.sits_at(open_page("phone"), f"/chats/{group}")
    card(page, "Be quick", "Tap to open").click()
    coin = page.get_by_role("dialog").get_by_role("button", name="Open")
    coin.wait_for()
    opens(cleo, packet)
    coin.click()
    expect(page.get_by_role("dialog")).to_contain_text("Others were quicker: it is empty.")
    expect(page.get_by_role("dialog").get_by_role("listitem")).to_contain_text("Cleo")
    assert has(ben) == 0


def test_money_is_offered_only_where_it_can_be_sent(house: Visitors, desk: Desk, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    channel = house.group(ann, ben, name="News", kind="channel")
    page = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    offers = page.get_by_role("menuitem", name=re.compile("Send money|Red packet"))
    attach_button = page.get_by_role("button", name="Attach", exact=True)
    attach_button.click()
    expect(offers).to_have_count(2)
    page.keyboard.press("Escape")

    # Money never waits in the outbox: without a connection it is not offered.
    page.context.set_offline(True)
    expect(page.get_by_text("Offline: messages will be sent later")).to_be_visible()
    attach_button.click()
    expect(offers.first).to_be_disabled()
    expect(offers.first).to_contain_text("No connection")
    page.keyboard.press("Escape")
    page.context.set_offline(False)

    page.goto(f"{house.server.url}/chats/{channel}")
    attach_button.click()
    page.get_by_role("menuitem", name="Poll").wait_for()
    expect(offers).to_have_count(0)

    desk.operator.asks("PATCH", "/house", {"currencies": []})
    try:
        page.goto(f"{house.server.url}/chats/{chat}")
        attach_button.click()
        page.get_by_role("menuitem", name="Poll").wait_for()
        expect(offers).to_have_count(0)
    finally:
        desk.operator.asks("PATCH", "/house", {"currencies": ["EUR"]})
