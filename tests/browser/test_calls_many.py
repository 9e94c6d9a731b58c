"""Calls with more than two: several devices, a second call that waits, groups."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser import chromium
from tests.browser.calling import (
    VIDEO,
    answer,
    button,
    call,
    card,
    hang_up,
    hears,
    in_call,
    incoming,
    moves,
    screen,
    seated,
    state,
    talks,
)
from tests.browser.screens import composer
from tests.browser.visitors import Visitors
from tests.conftest import OpenPage

CHROMIUM_FLAGS = chromium.FAKE_DEVICES
# Who holds, and who waits for, the right to ring in this browser.
RINGERS = """async () => {
    const {held, pending} = await navigator.locks.query();
    const of = (all) => all.filter(({name}) => name.startsWith('teahouse.ring.')).length;
    return [of(held), of(pending)];
}"""


def test_it_rings_on_all_devices_and_stops_with_the_first_answer(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    hers = seated(open_page, ann, f"/chats/{chat}")
    phone, desk = seated(open_page, ben, "/chats", "phone"), seated(open_page, ben, "/chats")
    tab = desk.context.new_page()
    tab.goto(f"{house.server.url}/contacts")
    call(hers)
    for page in (phone, desk, tab):
        incoming(page, "Ann")
    # Of the two tabs of one browser one rings, and the other would if that one was closed.
    tab.wait_for_function(f"async () => String(await ({RINGERS})()) === '1,1'")
    answer(phone, "Ann")
    for page in (desk, tab):
        expect(page.get_by_role("alertdialog")).to_have_count(0)
        expect(page.get_by_role("region", name="In a call on another device")).to_be_visible()
    talks(hers, phone)
    tab.wait_for_function(f"async () => String(await ({RINGERS})()) === '0,0'")

    # Taken over at the desk, it goes on there.
    button(desk, "Move here").click()
    talks(hers, desk)
    state(phone, "The call goes on on your other device")
    hears(desk)
    hears(hers)
    hang_up(desk)
    expect(card(hers, "Outgoing call")).to_be_visible()
    for page in (phone, tab):
        expect(page.get_by_role("region", name="In a call on another device")).to_have_count(0)


def test_a_second_call_waits(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    cleo, dora = house.join("cleo"), house.join("dora")
    hers, his = seated(open_page, ann, f"/chats/{chat}"), seated(open_page, ben, "/chats")
    cleos = seated(open_page, cleo, f"/chats/{house.meet(cleo, ben)}", "phone")
    doras = seated(open_page, dora, f"/chats/{house.meet(dora, ben)}")
    in_call(hers, his, "Ann")

    call(cleos, VIDEO)
    button(incoming(his, "Cleo"), "Hold & answer").click()
    talks(cleos)
    state(hers, "You have been put on hold")
    expect(screen(his)).to_have_accessible_name("Call: Cleo")
    hears(cleos)

    # Both lines are taken: a third is told so.
    call(doras)
    state(doras, "Busy")
    expect(card(doras, "Busy")).to_be_visible()

    button(screen(his), "Switch").click()
    expect(screen(his)).to_have_accessible_name("Call: Ann")
    talks(hers)
    state(cleos, "You have been put on hold")
    hears(hers)

    # When she hangs up, the one that waits comes back by itself.
    hang_up(hers)
    expect(screen(his)).to_have_accessible_name("Call: Cleo")
    talks(cleos, his)
    hears(cleos)

    # The next is answered instead: the call with Cleo ends.
    call(hers)
    button(incoming(his, "Ann"), "End & answer").click()
    expect(screen(cleos)).to_have_count(0)
    talks(hers, his)
    hears(his)
    hang_up(his)


def test_a_group_calls_and_one_joins_by_the_card(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, _chat = house.friends("ann", "ben")
    cleo = house.join("cleo")
    house.meet(ann, cleo)
    tea = house.group(ann, ben, cleo)
    hers, his = seated(open_page, ann, f"/chats/{tea}"), seated(open_page, ben, "/chats", "phone")
    cleos = seated(open_page, cleo, f"/chats/{tea}")
    call(hers, VIDEO)
    for page in (his, cleos):
        expect(incoming(page, "Ann")).to_contain_text("Video call in Tea")
    button(incoming(cleos, "Ann"), "Decline").click()
    answer(his, "Ann", "Answer with video")
    talks(hers, his)
    moves(hers, "Ben")

    # She thinks better of it.
    going = card(cleos, "Call in progress")
    expect(going).to_contain_text("Ann and Ben")
    button(going, "Join").click()
    talks(cleos)
    for page, others in ((hers, ("Ben",)), (his, ("Ann",)), (cleos, ("Ann", "Ben"))):
        for name in others:
            moves(page, name)
    cleos.keyboard.press("v")
    moves(hers, "Cleo")
    moves(his, "Cleo")
    shrunk(hers)
    hears(cleos)

    # One leaves, the others go on; when the second last leaves, it is over.
    hang_up(hers)
    talks(his, cleos)
    moves(his, "Cleo")
    hears(cleos)
    hang_up(his)
    expect(screen(cleos)).to_have_count(0)
    for page in (hers, cleos):
        expect(card(page, "Group call")).to_contain_text("Ben")


def shrunk(page: Page) -> None:
    """Wait until what is sent to each of the others is smaller than what two people send each other."""
    page.wait_for_function("""() => {
        const senders = window.lines.flatMap((line) => line.getSenders()).filter(({track}) => track?.kind === 'video');
        const sizes = senders.map((sender) => sender.getParameters().encodings[0]);
        return sizes.length === 2 && sizes.every(({maxBitrate, scaleResolutionDownBy}) =>
            maxBitrate <= 500000 && scaleResolutionDownBy >= 2);
    }""")


def test_of_a_large_group_one_says_whom(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, _chat = house.friends("ann", "ben")
    others = [house.join(name) for name in ("cleo", "dora", "emil", "fay", "gus")]
    for other in others:
        house.meet(ann, other)
    club = house.group(ann, ben, *others, name="Club")
    hers, his = seated(open_page, ann, f"/chats/{club}", "phone"), seated(open_page, ben, "/chats")
    cleos = seated(open_page, others[0], f"/chats/{club}")
    call(hers)
    sheet = hers.get_by_role("dialog", name="Whom to call?")
    expect(sheet).to_contain_text("Choose up to 5 people.")
    for name in ("Ben", "Dora", "Emil", "Fay", "Gus"):
        sheet.get_by_role("checkbox", name=name).click()
    expect(sheet.get_by_role("checkbox", name="Cleo")).to_be_disabled()
    for name in ("Dora", "Emil", "Fay", "Gus"):
        sheet.get_by_role("checkbox", name=name).click()
    button(sheet, "Call").click()
    answer(his, "Ann")
    talks(hers, his)
    # Who was not asked is not rung, but sees it, and may come in; or is asked later.
    expect(card(cleos, "Call in progress")).to_be_visible()
    expect(cleos.get_by_role("alertdialog")).to_have_count(0)
    button(screen(his), "Add people").click()
    sheet = his.get_by_role("dialog", name="Whom to call?")
    sheet.get_by_role("checkbox", name="Cleo").click()
    button(sheet, "Add people").click()
    answer(cleos, "Ann")
    talks(cleos)
    hears(cleos)
    hang_up(cleos)
    expect(composer(cleos)).to_be_visible()
    hang_up(hers)
