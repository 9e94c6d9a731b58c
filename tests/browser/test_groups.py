"""A group is made, joined by a link, and kept in order; a channel is read."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.screens import chat_row, composer, message, messages, say
from tests.browser.visitors import Visitors
from tests.conftest import OpenPage


def test_a_group_is_made_joined_by_link_and_kept_in_order(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, _ = house.friends("ann", "ben")
    cleo = house.join("cleo")
    here = ann.sits_at(open_page("desktop"))
    bens, cleos = ben.sits_at(open_page("phone")), cleo.sits_at(open_page("phone"))

    here.get_by_role("button", name="New chat, group or contact").click()
    here.get_by_role("menuitem", name="New group").click()
    here.get_by_role("checkbox", name="Ben").click()
    here.get_by_role("button", name="Next (1)").click()
    here.get_by_label("Group name").fill("Tasting")
    here.get_by_role("button", name="Create", exact=True).click()
    expect(here.get_by_role("main").get_by_text("2 members").first).to_be_visible()
    chat_row(bens, "Tasting").click()
    expect(bens.get_by_text("Ann created the chat")).to_be_visible()

    here.get_by_role("link", name="Chat info", exact=True).click()
    here.get_by_role("switch", name="Approve who joins").click()
    here.get_by_role("button", name="Invite by link or QR code").click()
    here.get_by_role("dialog").get_by_role("button", name="Create").click()
    expect(here.get_by_role("img", name="QR code: Tasting")).to_be_visible()
    link = here.locator("p.url").inner_text()
    here.get_by_role("dialog").get_by_role("button", name="Close").click()

    cleos.goto(link)
    expect(cleos.get_by_text("An admin lets people in.")).to_be_visible()
    cleos.get_by_role("button", name="Ask to join").click()
    expect(cleos.get_by_text("You have asked to join.")).to_be_visible()
    expect(here.get_by_role("heading", name="1 person asks to join")).to_be_visible()
    here.get_by_role("button", name="Let Cleo in").click()
    expect(here.get_by_text("3 members").first).to_be_visible()
    cleos.goto(f"{house.server.url}/chats")
    chat_row(cleos, "Tasting").click()
    say(cleos, "Thank you for the tea")
    expect(message(bens, "Thank you for the tea")).to_be_visible()

    # One is muted: the composer says so, and until when.
    here.get_by_role("button", name="What to do with Ben").click()
    here.get_by_role("menuitem", name="Mute for a while…").click()
    here.get_by_role("button", name="1 hour").click()
    expect(bens.get_by_text("An admin has taken your voice until")).to_be_visible()
    expect(composer(bens)).to_have_count(0)
    here.get_by_role("button", name="What to do with Ben").click()
    here.get_by_role("menuitem", name="Let write again").click()
    expect(composer(bens)).to_be_visible()

    here.get_by_role("switch", name="Only admins write").click()
    for page in (bens, cleos):
        expect(page.get_by_text("Only admins can write here.")).to_be_visible()
        expect(composer(page)).to_have_count(0)
    expect(composer(here)).to_be_visible()
    here.get_by_role("switch", name="Only admins write").click()
    expect(composer(cleos)).to_be_visible()

    here.get_by_role("button", name="What to do with Cleo").click()
    here.get_by_role("menuitem", name="Remove from the chat").click()
    here.get_by_role("dialog").get_by_role("button", name="Remove from the chat").click()
    expect(messages(bens).get_by_text("Ann removed Cleo")).to_be_visible()
    expect(composer(cleos)).to_have_count(0)


def test_a_channel_is_written_by_few_and_read_by_many(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, _ = house.friends("ann", "ben")
    channel = house.group(ann, ben, name="Market news", kind="channel")
    writer = ann.sits_at(open_page("desktop"), f"/chats/{channel}")
    reader = ben.sits_at(open_page("phone"), f"/chats/{channel}")
    expect(reader.get_by_text("You read this channel; its admins write.")).to_be_visible()
    expect(composer(reader)).to_have_count(0)
    say(writer, "Fresh Keemun on Saturday")
    message(reader, "Fresh Keemun on Saturday").locator(".bubble").click(button="right")
    expect(reader.get_by_role("menuitem", name="Reply")).to_have_count(0)
    reader.get_by_role("menuitemcheckbox", name="React with 🎉").or_(
        reader.get_by_role("menuitemcheckbox", name="React with 👍")
    ).first.click()
    expect(message(writer, "Fresh Keemun on Saturday").get_by_role("list", name="Reactions")).to_be_visible()
