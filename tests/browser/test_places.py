"""Coming in, meeting each other and running one's account, by hand in the real client, in three languages."""

from __future__ import annotations

from pathlib import Path

import pytest
import segno
from playwright.sync_api import Page, expect

from tests.browser.test_passkeys import with_authenticator
from tests.conftest import OpenPage
from tests.harness.server import Server

PASSWORD = "oolong and slow trains"
WITHOUT_JSON_FORMS = """
    delete PublicKeyCredential.parseCreationOptionsFromJSON;
    delete PublicKeyCredential.parseRequestOptionsFromJSON;
    delete PublicKeyCredential.prototype.toJSON;
    PublicKeyCredential.isConditionalMediationAvailable = undefined;
"""


def fill_sign_up(page: Page, name: str, handle: str) -> None:
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Handle").fill(handle)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create an account").click()
    expect(page.get_by_text("Step 1 of")).to_be_visible()


def put_off_first_steps(page: Page) -> None:
    for _ in range(2):
        page.get_by_role("button", name="Later").click()
    page.get_by_role("button", name="Go to my chats").click()


def come_in(page: Page, link: str, name: str, handle: str) -> None:
    page.goto(link)
    fill_sign_up(page, name, handle)
    put_off_first_steps(page)
    page.wait_for_url("**/chats")


def contact_link(page: Page, server: Server) -> str:
    page.goto(f"{server.url}/contacts/code")
    page.get_by_role("button", name="Show my code").click()
    return page.locator("p.url").inner_text()


def confirm(page: Page, action: str) -> None:
    page.get_by_role("dialog").get_by_role("button", name=action, exact=True).click()


def sign_out(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/me")
    page.get_by_role("button", name="Sign out").click()
    confirm(page, "Sign out")
    expect(page.get_by_role("heading", name="Welcome to")).to_be_visible()


def test_the_operator_comes_first_and_invites_a_friend_who_reads_russian(server: Server, open_page: OpenPage) -> None:
    ann = open_page("phone")
    ann.goto(server.first_link)
    expect(ann.get_by_role("heading", name="is ready for you")).to_be_visible()
    fill_sign_up(ann, "Ann", "@Ann")

    ann.get_by_role("button", name="Show my recovery codes").click()
    expect(ann.get_by_role("list", name="Your recovery codes").get_by_role("listitem")).to_have_count(10)
    ann.get_by_role("button", name="I have kept them").click()
    ann.get_by_role("button", name="Later").click()
    ann.get_by_role("button", name="Make an invitation").click()
    invitation = ann.locator("p.url").inner_text()
    ann.get_by_role("button", name="Go to my chats").click()
    ann.wait_for_url("**/chats")

    boris = open_page("phone", locale="ru-RU")
    boris.goto(invitation)
    expect(boris.get_by_role("heading", name="Ann приглашает вас")).to_be_visible()
    boris.get_by_label("Имя", exact=True).fill("Борис")
    boris.get_by_label("Имя пользователя").fill("ann")
    boris.get_by_label("Пароль", exact=True).fill(PASSWORD)
    boris.get_by_role("button", name="Создать аккаунт").click()
    expect(boris.get_by_text("Это имя пользователя занято")).to_be_visible()
    expect(boris.get_by_label("Имя пользователя")).to_be_focused()
    boris.get_by_label("Имя пользователя").fill("boris")
    boris.get_by_role("button", name="Создать аккаунт").click()
    expect(boris.get_by_text("Шаг 1 из 3")).to_be_visible()

    ann.goto(f"{server.url}/contacts")
    expect(ann.get_by_role("link", name="Борис")).to_be_visible()


def test_a_link_opened_before_there_is_an_account_is_followed_afterwards(server: Server, open_page: OpenPage) -> None:
    ann, cleo, dan = open_page("desktop"), open_page("phone"), open_page("phone")
    come_in(ann, server.first_link, "Ann", "ann")
    ann.goto(f"{server.url}/discover/house")
    ann.get_by_label("Open to everybody").check()
    ann.get_by_role("button", name="Save").click()
    expect(ann.get_by_text("Saved")).to_be_visible()
    link = contact_link(ann, server)

    cleo.goto(link)
    fill_sign_up(cleo, "Cleo", "cleo")
    put_off_first_steps(cleo)
    cleo.wait_for_url("**/p/*")
    cleo.get_by_label("Greeting").fill("We met at the market.")
    cleo.get_by_role("button", name="Ask to be contacts").click()
    expect(cleo.get_by_text("Now it is up to them")).to_be_visible()

    ann.goto(f"{server.url}/contacts")
    expect(ann.get_by_text("We met at the market.")).to_be_visible()
    ann.get_by_role("button", name="Accept Cleo").click()
    cleo.get_by_role("button", name="Message").click()
    cleo.wait_for_url("**/chats/*")

    # A stranger finds a whole handle only, and a declined request is not told.
    come_in(dan, server.url, "Dan", "dan")
    dan.goto(f"{server.url}/contacts/add")
    dan.get_by_label("Handle or link").fill("an")
    dan.get_by_role("button", name="Find").click()
    expect(dan.get_by_text("neither a handle nor a link")).to_be_visible()
    dan.get_by_label("Handle or link").fill("@Ann")
    dan.get_by_role("button", name="Find").click()
    dan.get_by_role("button", name="Ask to be contacts").click()
    ann.get_by_role("button", name="Decline Dan").click()
    expect(ann.get_by_role("heading", name="New requests")).to_have_count(0)
    expect(dan.get_by_text("Now it is up to them")).to_be_visible()


def test_a_qr_code_in_a_picture_is_read_and_followed(server: Server, open_page: OpenPage, tmp_path: Path) -> None:
    ann = open_page("phone")
    come_in(ann, server.first_link, "Ann", "ann")
    picture = tmp_path / "code.png"
    segno.make(contact_link(ann, server)).save(str(picture), scale=6)

    ann.goto(f"{server.url}/contacts/scan")
    ann.get_by_label("Read a code from a picture").set_input_files(picture)
    ann.wait_for_url("**/p/*")
    expect(ann.get_by_text("This is you")).to_be_visible()


def test_a_contact_is_remarked_labelled_blocked_and_removed(server: Server, open_page: OpenPage) -> None:
    ann, boris = open_page("desktop"), open_page("phone")
    come_in(ann, server.first_link, "Ann", "ann")
    ann.goto(f"{server.url}/discover/invitations")
    ann.get_by_label("Note").fill("For Boris")
    ann.get_by_role("button", name="Make the link").click()
    come_in(boris, ann.locator("p.url").inner_text(), "Boris", "boris")

    ann.goto(f"{server.url}/contacts")
    ann.get_by_role("link", name="Boris").click()
    ann.get_by_role("button", name="Remark and labels").click()
    ann.get_by_label("Remark", exact=True).fill("Zorro")
    ann.get_by_label("New label").fill("fencing")
    ann.get_by_role("button", name="Save").click()
    expect(ann.get_by_role("heading", name="Zorro")).to_be_visible()
    expect(ann.get_by_role("heading", name="Z", exact=True)).to_be_visible()
    ann.get_by_label("Search contacts").fill("fenc")
    expect(ann.get_by_text("1 contact", exact=True)).to_be_visible()
    ann.get_by_label("Search contacts").fill("")

    ann.get_by_role("button", name="Block", exact=True).click()
    confirm(ann, "Block")
    expect(ann.get_by_text("You blocked this person.")).to_be_visible()
    ann.get_by_role("button", name="Unblock").click()
    ann.get_by_role("button", name="Remove contact").click()
    confirm(ann, "Remove contact")
    expect(ann.get_by_text("No contacts yet")).to_be_visible()


@pytest.mark.parametrize("json_forms", [True, False], ids=["with the browser's JSON forms", "converted by hand"])
def test_a_passkey_alone_opens_an_account_and_the_door(server: Server, open_page: OpenPage, json_forms: bool) -> None:
    page = open_page("desktop")
    if not json_forms:
        page.add_init_script(WITHOUT_JSON_FORMS)
    with_authenticator(page)
    house = f"http://localhost:{server.port}"
    page.goto(f"{house}/i/{server.first_link.rpartition('/i/')[2]}")
    page.get_by_label("Name", exact=True).fill("Ann")
    page.get_by_label("Handle").fill("ann")
    page.get_by_role("button", name="With a passkey").click()
    page.get_by_role("button", name="Create account with a passkey").click()
    put_off_first_steps(page)
    page.wait_for_url("**/chats")

    page.goto(f"{house}/me/passkeys")
    page.get_by_role("button", name="Remove").click()
    confirm(page, "Remove")
    expect(page.get_by_text("only way in")).to_be_visible()

    page.goto(f"{house}/me")
    page.get_by_role("button", name="Sign out").click()
    confirm(page, "Sign out")
    if not json_forms:
        page.get_by_role("button", name="Sign in with a passkey").click()
    # Otherwise the handle field offers it by itself, and the authenticator is quick to agree.
    page.wait_for_url("**/chats")
    expect(page.get_by_role("link", name="Me", exact=True)).to_be_visible()


def test_a_recovery_code_opens_the_door_once(server: Server, open_page: OpenPage) -> None:
    page = open_page("phone")
    come_in(page, server.first_link, "Ann", "ann")
    page.goto(f"{server.url}/me/recovery")
    page.get_by_role("button", name="Make new codes").click()
    code = page.get_by_role("list", name="Your recovery codes").get_by_role("listitem").first.inner_text()

    for attempt in ("good", "spent"):
        sign_out(page, server)
        page.get_by_role("button", name="I can’t sign in").click()
        page.get_by_label("Handle").fill("ann")
        page.get_by_label("Recovery code").fill(code)
        page.get_by_label("New password", exact=True).fill(f"a new one, {attempt}")
        page.get_by_role("button", name="Set password and sign in").click()
        if attempt == "good":
            page.wait_for_url("**/chats")
    expect(page.get_by_text("the code was used before")).to_be_visible()


def test_a_new_password_signs_the_other_device_out(server: Server, open_page: OpenPage) -> None:
    phone, desktop = open_page("phone"), open_page("desktop")
    come_in(phone, server.first_link, "Ann", "ann")
    desktop.goto(server.url)
    desktop.get_by_label("Handle").fill("ann")
    desktop.get_by_label("Password", exact=True).fill("not this one")
    desktop.get_by_role("button", name="Sign in", exact=True).click()
    expect(desktop.get_by_text("Handle or password is wrong.")).to_be_visible()
    desktop.get_by_label("Password", exact=True).fill(PASSWORD)
    desktop.get_by_role("button", name="Sign in", exact=True).click()
    desktop.wait_for_url("**/chats")

    phone.goto(f"{server.url}/me/devices")
    expect(phone.get_by_role("button", name="Sign out Chrome, Linux")).to_have_count(1)
    phone.goto(f"{server.url}/me/password")
    phone.get_by_label("Current password").fill(PASSWORD)
    phone.get_by_label("New password", exact=True).fill("white peony, morning")
    phone.get_by_role("button", name="Change password").click()
    expect(phone.get_by_text("The password is changed")).to_be_visible()
    expect(desktop.get_by_role("heading", name="Welcome to")).to_be_visible()


def test_a_change_of_language_is_seen_at_once_and_kept(server: Server, open_page: OpenPage) -> None:
    page = open_page("desktop")
    come_in(page, server.first_link, "Ann", "ann")
    page.goto(f"{server.url}/me/language")
    page.get_by_label("简体中文").check()
    expect(page.get_by_role("heading", name="语言")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.reload()
    expect(page.get_by_role("heading", name="语言")).to_be_visible()
    page.goto(f"{server.url}/me/language?dir=rtl")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    page.get_by_label("Русский").check()
    expect(page.get_by_role("heading", name="Язык")).to_be_visible()
