"""People ask each other, vote, change their minds, and see how it stands as it changes."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.screens import messages
from tests.browser.visitors import Visitors
from tests.conftest import OpenPage


def poll(page: Page, question: str) -> Locator:
    """The row of a poll."""
    return messages(page).filter(has=page.locator(".poll .question", has_text=question))


def answer(row: Locator, option: str) -> Locator:
    """An answer among the results, with its share and its bar."""
    return row.locator("li.answer").filter(has_text=option)


def asks(page: Page, question: str, *options: str) -> Locator:
    """Open the dialog, fill it in up to the button; return the dialog."""
    page.get_by_role("button", name="Attach", exact=True).click()
    page.get_by_role("menuitem", name="Poll").click()
    dialog = page.get_by_role("dialog", name="New poll")
    dialog.get_by_label("Question").fill(question)
    for at, option in enumerate(options, 1):
        dialog.get_by_role("textbox", name=f"Answer {at}", exact=True).fill(option)
    return dialog


def share(row: Locator, option: str) -> float:
    """How much of its track a bar fills."""
    filled: float = answer(row, option).evaluate(
        "row => row.querySelector('.bar').clientWidth / row.querySelector('.track').clientWidth"
    )
    return filled


def test_two_people_vote_and_see_each_others_votes(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    here = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    there = ben.sits_at(open_page("phone"), f"/chats/{chat}")
    dialog = asks(here, "Which tea?", "Green", "Black", "green")
    expect(dialog.get_by_text("Two answers are the same.")).to_be_visible()
    expect(dialog.get_by_role("button", name="Send poll")).to_be_disabled()
    dialog.get_by_role("textbox", name="Answer 3", exact=True).fill("White")
    dialog.get_by_role("button", name="Send poll").click()
    expect(dialog).to_have_count(0)

    mine, theirs = poll(here, "Which tea?"), poll(there, "Which tea?")
    choices = theirs.get_by_role("radiogroup", name="Which tea?").get_by_role("radio")
    expect(choices).to_have_text(["Green", "Black", "White"])
    choices.nth(1).click()
    expect(answer(theirs, "Black")).to_contain_text("100%")
    expect(answer(theirs, "Black")).to_contain_text("Your choice")
    # Who has not voted sees that somebody did, and not what.
    expect(mine.get_by_text("1 vote", exact=True)).to_be_visible()
    expect(mine.locator("li.answer")).to_have_count(0)

    mine.get_by_role("radio", name="Green").click()
    for row in (mine, theirs):
        expect(answer(row, "Green")).to_contain_text("50%")
        expect(answer(row, "Black")).to_contain_text("50%")
        expect(answer(row, "White")).to_contain_text("0%")
        assert abs(share(row, "Green") - 0.5) < 0.02
        assert share(row, "White") == 0

    theirs.get_by_role("button", name="2 votes").click()
    voters = there.get_by_role("dialog", name="Who chose what")
    expect(voters.get_by_role("region", name="Green").get_by_role("link", name="Ann", exact=True)).to_be_visible()
    expect(voters.get_by_role("region", name="Black").get_by_role("link", name="You", exact=True)).to_be_visible()
    voters.get_by_role("button", name="Close").click()

    # A changed mind shows on the other's screen; so does a vote that is taken back.
    theirs.get_by_role("button", name="Change").click()
    expect(theirs.get_by_role("radio", name="Black")).to_be_checked()
    theirs.get_by_role("radio", name="Green").click()
    expect(answer(mine, "Green")).to_contain_text("100%")
    theirs.get_by_role("button", name="Change").click()
    theirs.get_by_role("button", name="Take my vote back").click()
    expect(theirs.get_by_role("radio", name="Green")).not_to_be_checked()
    expect(mine.get_by_role("button", name="1 vote", exact=True)).to_be_visible()


def test_an_anonymous_poll_of_several_answers_is_closed_by_its_maker(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    here = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    there = ben.sits_at(open_page("phone"), f"/chats/{chat}")
    dialog = asks(here, "When?", "Saturday", "Sunday")
    dialog.get_by_role("switch", name="Anonymous poll").click()
    dialog.get_by_role("switch", name="Several answers").click()
    dialog.get_by_role("combobox", name="Closes").select_option(label="After 1 hour")
    dialog.get_by_role("button", name="Send poll").click()

    mine, theirs = poll(here, "When?"), poll(there, "When?")
    expect(theirs.get_by_text("Anonymous poll")).to_be_visible()
    expect(theirs.get_by_text("closes in")).to_be_visible()
    expect(theirs.get_by_role("button", name="Vote", exact=True)).to_be_disabled()
    for day in ("Saturday", "Sunday"):
        theirs.get_by_role("checkbox", name=day).click()
    theirs.get_by_role("button", name="Vote", exact=True).click()
    expect(answer(theirs, "Saturday")).to_contain_text("100%")
    expect(answer(theirs, "Sunday")).to_contain_text("100%")
    expect(mine.get_by_text("1 vote", exact=True)).to_be_visible()
    expect(theirs.get_by_role("button", name="1 vote")).to_have_count(0)

    theirs.locator(".bubble").click(button="right")
    expect(there.get_by_role("menuitem", name="Reply")).to_be_visible()
    expect(there.get_by_role("menuitem", name="Close poll")).to_have_count(0)
    there.keyboard.press("Escape")
    mine.locator(".bubble .question").click(button="right")
    here.get_by_role("menuitem", name="Close poll").click()
    here.get_by_role("dialog").get_by_role("button", name="Close poll").click()
    for row in (mine, theirs):
        expect(row.get_by_text("Final results")).to_be_visible()
        expect(answer(row, "Sunday")).to_contain_text("100%")
    expect(theirs.get_by_role("button", name="Change")).to_have_count(0)

    there.reload()
    expect(answer(poll(there, "When?"), "Sunday")).to_contain_text("Your choice")
