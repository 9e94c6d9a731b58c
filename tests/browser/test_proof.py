"""An old session, in the browser: a dialog asks who it is, and what one came for goes on."""

from __future__ import annotations

import re
import sqlite3

from playwright.sync_api import Page, expect

from tests.browser.test_passkeys import with_authenticator
from tests.browser.test_places import PASSWORD, confirm, fill_sign_up, put_off_first_steps
from tests.conftest import OpenPage
from tests.harness.server import Server


def all_signed_in_an_hour_ago(server: Server) -> None:
    with sqlite3.connect(server.data / "teahouse.db") as store:
        store.execute("UPDATE device SET created_at = created_at - 3600000")
    store.close()


def founder_sits_down(server: Server, page: Page) -> str:
    """Sign the founder up with a password; return the address that passkeys are good for."""
    house = f"http://localhost:{server.port}"
    page.goto(f"{house}/i/{server.first_link.rpartition('/i/')[2]}")
    fill_sign_up(page, "Ann", "ann")
    put_off_first_steps(page)
    page.wait_for_url("**/chats")
    return house


def test_recovery_codes_take_the_password_in_an_old_session(server: Server, open_page: OpenPage) -> None:
    page = open_page("phone")
    house = founder_sits_down(server, page)
    all_signed_in_an_hour_ago(server)
    page.goto(f"{house}/me/recovery")
    make = page.get_by_role("button", name="Make new codes")
    make.click()
    asked = page.get_by_role("dialog", name="Is it you?")
    asked.get_by_role("button", name="Close").click()
    expect(asked).to_have_count(0)
    expect(page.get_by_text("You have no recovery codes.")).to_be_visible()

    make.click()
    asked.get_by_label("Password", exact=True).fill("somebody's guess")
    asked.get_by_role("button", name="Continue").click()
    expect(asked.get_by_text("The password is wrong.")).to_be_visible()
    asked.get_by_label("Password", exact=True).fill(PASSWORD)
    asked.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("list", name="Your recovery codes").get_by_role("listitem")).to_have_count(10)
    expect(asked).to_have_count(0)


def test_passkeys_are_added_by_password_and_removed_by_passkey(server: Server, open_page: OpenPage) -> None:
    page = with_authenticator(open_page("desktop"))
    house = founder_sits_down(server, page)
    all_signed_in_an_hour_ago(server)
    page.goto(f"{house}/me/passkeys")
    page.get_by_role("button", name="Add a passkey").click()
    asked = page.get_by_role("dialog", name="Is it you?")
    asked.get_by_label("Password", exact=True).fill(PASSWORD)
    asked.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Passkey added")).to_be_visible()

    page.get_by_role("button", name=re.compile("^Remove ")).click()
    confirm(page, "Remove")
    asked.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("You have no passkeys yet.")).to_be_visible()


def test_a_first_password_takes_the_passkey(server: Server, open_page: OpenPage) -> None:
    page = with_authenticator(open_page("phone"))
    house = f"http://localhost:{server.port}"
    page.goto(f"{house}/i/{server.first_link.rpartition('/i/')[2]}")
    page.get_by_label("Name", exact=True).fill("Ann")
    page.get_by_label("Handle").fill("ann")
    page.get_by_role("button", name="With a passkey").click()
    page.get_by_role("button", name="Create account with a passkey").click()
    put_off_first_steps(page)
    page.wait_for_url("**/chats")
    all_signed_in_an_hour_ago(server)

    page.goto(f"{house}/me/password")
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Set a password").click()
    asked = page.get_by_role("dialog", name="Is it you?")
    expect(asked.get_by_label("Password", exact=True)).to_have_count(0)
    asked.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("The password is changed")).to_be_visible()
    expect(page.get_by_label("Current password")).to_be_visible()
