"""Two people, and their devices, chat."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.screens import chat_row, composer, has_state, menu, message, messages, say
from tests.browser.visitors import Visitors
from tests.conftest import OpenPage


def test_a_message_goes_from_sending_to_read(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    desktop = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    phone = open_page("phone")

    expect(messages(desktop).first).to_contain_text("You are contacts now")
    # The network holds the message back: it is on the screen all the same.
    desktop.context.set_offline(True)
    has_state(say(desktop, "The water boils."), "Sending")
    expect(composer(desktop)).to_have_value("")
    desktop.context.set_offline(False)
    has_state(message(desktop, "The water boils."), "Sent")

    ben.sits_at(phone)
    has_state(message(desktop, "The water boils."), "Delivered")
    expect(chat_row(phone, "Ann").get_by_text("1 unread message")).to_be_attached()
    expect(phone).to_have_title("(1) Teahouse")
    expect(phone.get_by_role("link", name="Chats").get_by_text("1 unread message")).to_be_attached()
    has_state(message(desktop, "The water boils."), "Delivered")

    chat_row(phone, "Ann").click()
    expect(message(phone, "The water boils.")).to_be_visible()
    has_state(message(desktop, "The water boils."), "Read")
    phone.get_by_role("button", name="Back").click()
    expect(chat_row(phone, "Ann")).to_be_visible()
    expect(chat_row(phone, "Ann").get_by_text("unread message")).to_have_count(0)
    expect(phone).to_have_title("Teahouse")


def test_each_sees_that_the_other_writes(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    desktop = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    phone = ben.sits_at(open_page("phone"), f"/chats/{chat}")
    expect(composer(phone)).to_be_visible()
    composer(phone).press_sequentially("A long thought")
    expect(desktop.get_by_role("main").get_by_text("typing…")).to_be_visible()
    expect(chat_row(desktop, "Ben").get_by_text("typing…")).to_be_visible()
    phone.get_by_role("button", name="Send", exact=True).click()
    expect(message(desktop, "A long thought")).to_be_visible()
    expect(desktop.get_by_text("typing…")).to_have_count(0)


def test_a_message_is_answered_edited_recalled_and_reacted_to(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    desktop = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    phone = ben.sits_at(open_page("phone"), f"/chats/{chat}")
    say(desktop, "Which tea?")

    menu(phone, message(phone, "Which tea?"), "Reply")
    expect(phone.get_by_text("Reply to Ann")).to_be_visible()
    say(phone, "Oolong")
    expect(phone.get_by_text("Reply to Ann")).to_have_count(0)
    quote = message(desktop, "Oolong").get_by_role("button", name="Which tea?")
    expect(quote).to_contain_text("You")

    menu(phone, message(phone, "Oolong"), "Edit")
    expect(composer(phone)).to_have_value("Oolong")
    composer(phone).fill("Oolong, please")
    phone.get_by_role("button", name="Save", exact=True).click()
    expect(message(desktop, "Oolong, please")).to_contain_text("edited")
    expect(message(desktop, "Oolong")).to_have_count(0)

    message(desktop, "Oolong, please").locator(".bubble").click(button="right")
    desktop.get_by_role("menuitemcheckbox", name="React with 👍").click()
    expect(message(phone, "Oolong, please").get_by_role("button", name="👍 1: Ann")).to_be_visible()
    message(phone, "Oolong, please").get_by_role("button", name="👍 1: Ann").click()
    both = message(desktop, "Oolong, please").get_by_role("list", name="Reactions").get_by_role("button")
    expect(both).to_have_text("👍 2")
    both.click()
    expect(message(phone, "Oolong, please").get_by_role("button", name="👍 1: You")).to_have_text("👍 1")

    menu(desktop, message(desktop, "Which tea?"), "Recall")
    expect(phone.get_by_text("Ann recalled a message")).to_be_visible()
    expect(desktop.get_by_text("You recalled a message")).to_be_visible()
    expect(message(phone, "Which tea?")).to_have_count(0)
    desktop.get_by_role("button", name="Write it again").click()
    expect(composer(desktop)).to_have_value("Which tea?")


def test_a_draft_is_found_on_the_other_device(house: Visitors, open_page: OpenPage) -> None:
    ann, _ben, chat = house.friends("ann", "ben")
    desktop = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    phone = ann.sits_at(open_page("phone"))
    composer(desktop).fill("Half a thou")
    expect(chat_row(phone, "Ben")).to_contain_text("Draft: Half a thou")
    chat_row(phone, "Ben").click()
    expect(composer(phone)).to_have_value("Half a thou")
    say(phone, "Half a thought")
    expect(message(desktop, "Half a thought")).to_be_visible()
    expect(composer(desktop)).to_have_value("")


def test_a_friend_is_named_with_completion(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, _ = house.friends("ann", "ben")
    cleo = house.join("cleo")
    house.meet(ann, cleo)
    chat = house.group(ann, ben, cleo)
    desktop = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    phone = ben.sits_at(open_page("phone"))

    composer(desktop).press_sequentially("Come, @be")
    offered = desktop.get_by_role("listbox", name="Mention somebody")
    expect(offered.get_by_role("option")).to_have_count(1)
    expect(offered.get_by_role("option", name="Ben")).to_be_visible()
    composer(desktop).press("Enter")
    expect(composer(desktop)).to_have_value(f"Come, @{ben.handle} ")
    composer(desktop).press_sequentially("!")
    composer(desktop).press("Enter")
    expect(messages(desktop).get_by_role("link", name="@Ben")).to_be_visible()

    expect(chat_row(phone, "Tea").get_by_role("img", name="Somebody mentioned you")).to_be_visible()
    chat_row(phone, "Tea").click()
    expect(messages(phone).get_by_role("link", name="@Ben")).to_be_visible()
    phone.get_by_role("button", name="Back").click()
    expect(chat_row(phone, "Tea").get_by_role("img", name="Somebody mentioned you")).to_have_count(0)


def test_a_search_leads_to_the_message(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    ben.says(chat, "The secret is жасмин with 龙井 leaves")
    ben.says_all(chat, [f"line {number}" for number in range(400)])
    page = ann.sits_at(open_page("desktop"))

    for words in ("жасмин", "龙井"):
        page.get_by_role("searchbox", name="Search", exact=True).fill(words)
        page.get_by_role("link").filter(has=page.locator("mark", has_text=words)).click()
        expect(page.get_by_role("article").filter(has_text="The secret is")).to_be_in_viewport()
        page.goto(f"{house.server.url}/chats")

    phone = ann.sits_at(open_page("phone"), f"/chats/{chat}")
    phone.get_by_role("button", name="Search in this chat").click()
    phone.get_by_role("searchbox", name="Search in this chat").fill("line 7")
    expect(phone.get_by_role("status").filter(has_text="1 of")).to_be_visible()
    expect(message(phone, "line 79")).to_be_in_viewport()
    phone.get_by_role("button", name="Older hit").click()
    expect(message(phone, "line 78")).to_be_in_viewport()


def test_an_emoji_is_picked_into_the_text_and_onto_a_message(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    ben.says(chat, "Good morning")
    page = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    composer(page).fill("Tea ")
    page.get_by_role("button", name="Emoji", exact=True).click()
    page.get_by_role("searchbox", name="Search emoji").fill("teacup")
    page.get_by_role("button", name="teacup without handle").click()
    expect(composer(page)).to_have_value("Tea 🍵")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(message(page, "Tea 🍵")).to_be_visible()

    message(page, "Good morning").locator(".bubble").click(button="right")
    page.get_by_role("menuitem", name="More emoji").click()
    page.get_by_role("searchbox", name="Search emoji").fill("sunrise")
    page.get_by_role("button", name="sunrise", exact=True).click()
    # It is shown here before the house has it: Ben is told after.
    friend = ben.sits_at(open_page("phone"), f"/chats/{chat}")
    for reader in (page, friend):
        expect(message(reader, "Good morning").get_by_role("list", name="Reactions")).to_contain_text("🌅")
    assert ben.messages(chat)[1]["reactions"] == [{"emoji": "🌅", "people": [ann.id]}]
