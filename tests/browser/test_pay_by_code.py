"""Paying by QR between two people: either shows the code and the other scans it. Forged codes pay nobody."""

from __future__ import annotations

import re
from binascii import crc_hqx
from pathlib import Path

import pytest
import segno
from playwright.sync_api import Locator, Page, expect

from tests.browser.money import Desk, enters_pin, has
from tests.browser.visitors import Visitor, Visitors, path_of
from tests.conftest import OpenPage


@pytest.fixture
def desk(house: Visitors) -> Desk:
    return Desk(house)


def photograph(code: Locator, path: Path) -> Path:
    """A picture of a code as the screen shows it."""
    expect(code).to_have_js_property("complete", True)
    code.screenshot(path=path)
    return path


def scans(page: Page, house: Visitors, picture: Path) -> None:
    """Open the wallet's scanner and give it a picture."""
    page.goto(f"{house.server.url}/wallet/scan")
    page.get_by_label("Read a code from a picture").set_input_files(picture)


def drawn(text: str, path: Path) -> Path:
    segno.make(text, error="m").save(str(path), scale=6, border=4)
    return path


def signed(body: str) -> str:
    """An EMVCo text with the checksum it should have; `body` ends with the checksum's id and length."""
    assert body.endswith("6304")
    return f"{body}{crc_hqx(body.encode(), 0xFFFF):04X}"


def asks(page: Page, amount: str, note: str) -> None:
    """On the page "Receive": make a code that asks for a sum."""
    page.get_by_role("button", name="Ask for an amount").click()
    page.get_by_role("textbox", name="Amount").fill(amount)
    page.get_by_label("Note").fill(note)
    page.get_by_role("button", name="Show the code").click()
    expect(page.get_by_text("Asks for just this sum")).to_be_visible()


def digits_of(page: Page) -> str:
    """The pay code below the picture, as one reads it aloud."""
    groups = page.get_by_role("group", name="The digits of your pay code").locator("span")
    expect(groups).to_have_count(6)
    return " ".join(groups.all_inner_texts())


def code_of(payee: Visitor, amount: int = 0) -> dict[str, str]:
    body = {"amount": {"amount": amount, "currency": "EUR"}} if amount else {}
    answer: dict[str, str] = payee.asks("POST", "/wallet/receive-codes", body)
    return answer


def test_who_sells_shows_the_code_and_who_buys_scans_it(
    house: Visitors, desk: Desk, open_page: OpenPage, tmp_path: Path
) -> None:
    ann, ben = house.join("ann"), house.join("ben")
    desk.gives(ann, 50_00)
    stall, hand = ben.sits_at(open_page("desktop"), "/wallet/receive"), ann.sits_at(open_page("phone"))

    # The fixed code: who scans it says how much.
    shown = stall.get_by_role("img", name="Receive code of Ben")
    scans(hand, house, photograph(shown, tmp_path / "fixed.png"))
    expect(hand.get_by_text(f"@{ben.handle}")).to_be_visible()
    hand.get_by_role("textbox", name="Amount").fill("4")
    hand.get_by_label("Note").fill("Oolong")
    hand.get_by_role("button", name="Pay €4.00").click()
    enters_pin(hand)
    expect(hand.get_by_role("heading", name="Paid to Ben")).to_be_visible()
    expect(stall.get_by_text("€4.00 from Ann")).to_be_visible()
    expect(stall.get_by_text("Oolong", exact=True)).to_be_visible()

    # A code that asks for a sum: that sum, and what it is for, cannot be changed.
    asks(stall, "12.50", "Tea for four")
    scans(hand, house, photograph(shown, tmp_path / "asking.png"))
    expect(hand.get_by_text("Tea for four")).to_be_visible()
    expect(hand.get_by_role("textbox")).to_have_count(0)
    hand.get_by_role("button", name="Pay €12.50").click()
    enters_pin(hand)
    expect(hand.get_by_role("heading", name="Paid to Ben")).to_be_visible()
    expect(stall.get_by_text("€12.50 from Ann")).to_be_visible()
    assert (has(ann), has(ben)) == (33_50, 16_50)


def test_who_buys_shows_the_code_and_who_sells_scans_it(
    house: Visitors, desk: Desk, open_page: OpenPage, tmp_path: Path
) -> None:
    ann, ben = house.join("ann"), house.join("ben")
    desk.gives(ann, 20_00)
    hand, till = ann.sits_at(open_page("phone", dark=True), "/wallet/pay"), ben.sits_at(open_page("desktop"))
    spent = digits_of(hand)
    scans(till, house, photograph(hand.get_by_role("img", name="Your pay code"), tmp_path / "pay.png"))
    till.get_by_role("textbox", name="Amount").fill("3.30")
    till.get_by_label("Note").fill("Two cups")
    till.keyboard.press("Enter")
    expect(till.get_by_text("Waiting for Ann to confirm")).to_be_visible()
    assert has(ann) == 20_00

    expect(hand.get_by_role("dialog").get_by_text("Two cups")).to_be_visible()
    enters_pin(hand)
    expect(hand.get_by_role("heading", name="Paid to Ben")).to_be_visible()
    expect(till.get_by_role("heading", name="Ann paid you")).to_be_visible()
    assert (has(ann), has(ben)) == (16_70, 3_30)

    # The code was good once. Typed, as somebody read it aloud, it is refused.
    till.get_by_role("button", name="Scan the next").click()
    till.get_by_label("Digits or link").fill(spent)
    till.get_by_role("button", name="Next").click()
    till.get_by_role("textbox", name="Amount").fill("1")
    till.keyboard.press("Enter")
    expect(till.get_by_text("This pay code is not good any more")).to_be_visible()
    assert (has(ann), has(ben)) == (16_70, 3_30)


def test_a_payer_says_no_and_shows_another_code(house: Visitors, desk: Desk, open_page: OpenPage) -> None:
    ann, ben = house.join("ann"), house.join("ben")
    desk.gives(ann, 20_00)
    hand, till = ann.sits_at(open_page("phone"), "/wallet/pay"), ben.sits_at(open_page("phone"), "/wallet/scan")
    first = digits_of(hand)
    till.get_by_label("Digits or link").fill(first)
    till.get_by_role("button", name="Next").click()
    till.get_by_role("textbox", name="Amount").fill("19.99")
    till.keyboard.press("Enter")
    hand.get_by_role("dialog").get_by_role("button", name="Decline").click()
    expect(till.get_by_role("heading", name="Ann declined")).to_be_visible()
    expect(till.get_by_text("No money moved.")).to_be_visible()

    # A new code is there at once: the one that was scanned is spent.
    groups = hand.get_by_role("group", name="The digits of your pay code")
    expect(groups).not_to_have_text(re.compile(re.sub(r"\s", r"\\s*", first)))
    assert digits_of(hand) != first
    assert (has(ann), has(ben)) == (20_00, 0)


def test_a_payee_thinks_better_of_it(house: Visitors, desk: Desk, open_page: OpenPage) -> None:
    ann, ben = house.join("ann"), house.join("ben")
    desk.gives(ann, 20_00)
    hand, till = ann.sits_at(open_page("phone"), "/wallet/pay"), ben.sits_at(open_page("phone"), "/wallet/scan")
    till.get_by_label("Digits or link").fill(digits_of(hand))
    till.get_by_role("button", name="Next").click()
    till.get_by_role("textbox", name="Amount").fill("5")
    till.keyboard.press("Enter")
    expect(hand.get_by_role("dialog")).to_be_visible()
    till.get_by_role("button", name="Cancel the request").click()
    expect(till.get_by_label("Digits or link")).to_be_visible()
    expect(hand.get_by_role("dialog")).to_have_count(0)
    digits_of(hand)
    assert (has(ann), has(ben)) == (20_00, 0)


def test_a_forged_code_is_refused_or_asks_for_the_true_sum(
    house: Visitors, desk: Desk, open_page: OpenPage, tmp_path: Path
) -> None:
    ann, ben = house.join("ann"), house.join("ben")
    desk.gives(ann, 50_00)
    page = ann.sits_at(open_page("phone"), "/wallet/scan")
    true = code_of(ben, 4_20)["qr"]
    assert "54044.20" in true

    # Somebody painted another sum over it.
    changed = true.replace("54044.20", "54049.90")
    scans(page, house, drawn(changed, tmp_path / "changed.png"))
    expect(page.get_by_text("misread or changed")).to_be_visible()

    # Somebody who can reckon a checksum: the house knows what the code asks for.
    scans(page, house, drawn(signed(changed[:-4]), tmp_path / "reckoned.png"))
    expect(page.get_by_role("button", name="Pay €4.20")).to_be_visible()

    # A code that the house never gave out.
    code = code_of(ben)
    invented = code["qr"].replace(code["code"], code["code"][::-1])
    scans(page, house, drawn(signed(invented[:-4]), tmp_path / "invented.png"))
    expect(page.get_by_text("does not work, or not any more")).to_be_visible()
    assert (has(ann), has(ben)) == (50_00, 0)


def test_nothing_else_is_opened_by_being_scanned(
    house: Visitors, desk: Desk, open_page: OpenPage, tmp_path: Path
) -> None:
    ann, ben = house.join("ann"), house.join("ben")
    page = ann.sits_at(open_page("desktop"), "/wallet/scan")
    for text, words in {
        "https://example.org/r/abcdefghijkl": "belongs to another house",
        "javascript:alert(1)": "Nothing was opened",
        "WIFI:S:Tea;T:WPA;P:secret;;": "Nothing was opened",
    }.items():
        scans(page, house, drawn(text, tmp_path / "other.png"))
        expect(page.get_by_text(words)).to_be_visible()
        expect(page.get_by_text(text)).to_be_visible()
        assert path_of(page) == "/wallet/scan"

    # One's own code, and a person's link, which leads where the other scanner leads.
    scans(page, house, drawn(code_of(ann)["qr"], tmp_path / "own.png"))
    expect(page.get_by_text("This is your own code")).to_be_visible()
    link = ben.asks("POST", "/me/contact-link", {})["url"]
    scans(page, house, drawn(link, tmp_path / "person.png"))
    page.wait_for_url("**/p/*")
    expect(page.get_by_role("button", name="Ask to be contacts")).to_be_visible()


def test_a_link_and_the_other_scanner_lead_to_the_same_page(
    house: Visitors, desk: Desk, open_page: OpenPage, tmp_path: Path
) -> None:
    ann, ben = house.join("ann"), house.join("ben")
    desk.gives(ann, 10_00)
    code = code_of(ben, 2_00)
    page = ann.sits_at(open_page("phone"), "/contacts/scan")
    page.get_by_label("Read a code from a picture").set_input_files(drawn(code["qr"], tmp_path / "code.png"))
    expect(page.get_by_role("button", name="Pay €2.00")).to_be_visible()
    assert path_of(page) == "/wallet/scan"

    page.goto(code["url"])
    page.get_by_role("button", name="Pay €2.00").click()
    enters_pin(page)
    expect(page.get_by_role("heading", name="Paid to Ben")).to_be_visible()
    assert has(ben) == 2_00

    page.goto(f"{house.server.url}/r/neverneverland")
    expect(page.get_by_text("does not work, or not any more")).to_be_visible()


def test_a_code_is_kept_as_a_picture_that_scanners_read(
    house: Visitors, desk: Desk, open_page: OpenPage, tmp_path: Path
) -> None:
    ann, ben = house.join("ann"), house.join("ben")
    desk.gives(ann, 10_00)
    stall, hand = ben.sits_at(open_page("desktop"), "/wallet/receive"), ann.sits_at(open_page("phone"))
    expect(stall.get_by_role("img", name="Receive code of Ben")).to_be_visible()
    asks(stall, "1.25", "By the door")
    with stall.expect_download() as saved:
        stall.get_by_role("button", name="Save picture").click()
    assert saved.value.suggested_filename == f"pay-{ben.handle}.png"
    saved.value.save_as(tmp_path / "kept.png")
    scans(hand, house, tmp_path / "kept.png")
    expect(hand.get_by_text("By the door")).to_be_visible()
    expect(hand.get_by_role("button", name="Pay €1.25")).to_be_visible()
