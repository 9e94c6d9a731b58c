"""The operator opens the house by its first link, shows a code, and a friend who scans it comes in and writes."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.screens import has_state, message, say
from tests.browser.test_places import fill_sign_up, put_off_first_steps
from tests.conftest import OpenPage
from tests.harness.server import Server


def scanned(page: Page, code: Path, server: Server) -> str:
    """What the client's own scanner reads in a picture of a code."""
    page.goto(f"{server.url}/contacts/scan")
    page.get_by_label("Read a code from a picture").set_input_files(code)
    page.wait_for_url("**/i/*")
    return page.url


def test_a_friend_comes_in_by_the_code_that_the_operator_shows(
    server: Server, open_page: OpenPage, tmp_path: Path
) -> None:
    ann, ben = open_page("desktop"), open_page("phone")
    ann.goto(server.first_link)
    fill_sign_up(ann, "Ann", "ann")
    put_off_first_steps(ann)

    ann.goto(f"{server.url}/discover/house")
    ann.get_by_label("By invitation").check()
    ann.get_by_role("button", name="Save").click()
    expect(ann.get_by_text("Saved")).to_be_visible()
    ann.goto(f"{server.url}/discover/invitations")
    ann.get_by_role("button", name="Make the link").click()
    invitation = ann.locator("p.url").inner_text()
    code = tmp_path / "code.png"
    shown = ann.get_by_role("img", name="QR code: Invitation")
    expect(shown).to_have_js_property("complete", True)
    shown.screenshot(path=code)
    assert scanned(ann, code, server) == invitation

    ben.goto(server.url)
    expect(ben.get_by_text("You need an invitation to join")).to_be_visible()
    ben.goto(invitation)
    expect(ben.get_by_role("heading", name="Ann invites you")).to_be_visible()
    fill_sign_up(ben, "Ben", "ben")
    put_off_first_steps(ben)

    # Who invites and who comes are contacts: their chat is there for both.
    ben.get_by_role("link", name="Ann").click()
    has_state(say(ben, "I am in!"), "Delivered")
    ann.goto(f"{server.url}/chats")
    ann.get_by_role("link", name="Ben").click()
    expect(message(ann, "I am in!")).to_be_visible()
    has_state(message(ben, "I am in!"), "Read")

    # The invitation was for one.
    late = open_page("phone")
    late.goto(invitation)
    expect(late.get_by_text("This invitation has run out or was taken back")).to_be_visible()
