"""When something is in the way of a call: no microphone, a network that goes and comes, a house that starts anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

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
    moves,
    screen,
    seated,
    state,
    talks,
)
from tests.browser.conftest import BUSY
from tests.browser.making import REFUSE_DEVICES, nothing_was_sent
from tests.browser.visitors import Visitors
from tests.conftest import OpenPage
from tests.harness.peers import Coturn
from tests.harness.server import Server

CHROMIUM_FLAGS = chromium.FAKE_DEVICES
NO_MICROPHONE = """
    navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotFoundError'); };
"""
NO_CAMERA = """
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wish) => {
        if (wish.video) throw new DOMException('no', 'NotReadableError');
        return ask(wish);
    };
"""
# As a page of http:// elsewhere than on this machine sees itself.
INSECURE = """
    Object.defineProperty(Navigator.prototype, 'mediaDevices', {get: () => undefined});
    Object.defineProperty(globalThis, 'isSecureContext', {get: () => false});
"""
# As behind a firewall that lets nobody through directly.
RELAY_ONLY = """() => {
    const Line = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Line {
        constructor(given) { super({...given, iceTransportPolicy: 'relay'}); }
    };
}"""
MENDED_MS = 60_000
# The name that ICE has now: each restart gives it another (RFC 8445, section 9).
FRAGMENT = "() => /a=ice-ufrag:(\\S+)/.exec(window.lines.at(-1).localDescription.sdp)[1]"


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (REFUSE_DEVICES, "This page may not use the microphone."),
        (NO_MICROPHONE, "No microphone was found."),
        (INSECURE, "Calls need a secure connection."),
    ],
    ids=["refused", "none", "insecure"],
)
def test_without_a_microphone_one_is_told_what_to_do(
    house: Visitors, open_page: OpenPage, what: str, words: str
) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    page = open_page("phone")
    page.add_init_script(what)
    ann.sits_at(page, f"/chats/{chat}")
    call(page)
    problem = page.get_by_role("dialog", name="No microphone, no call")
    expect(problem).to_contain_text(words)
    button(problem, "OK").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    nothing_was_sent(ben, chat)


def test_without_a_camera_there_is_a_call_of_voices(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    hers, his = open_page("desktop"), seated(open_page, ben, "/chats")
    hers.add_init_script(NO_CAMERA)
    ann.sits_at(hers, f"/chats/{chat}")
    call(hers, VIDEO)
    expect(screen(hers).get_by_role("alert")).to_contain_text("Another program is using the camera.")
    answer(his, "Ann", "Answer with video")
    talks(hers, his)
    moves(hers, "Ben")
    hears(his)
    hang_up(hers)


def test_the_house_starts_anew_in_the_middle(own_house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = own_house.friends("ann", "ben")
    hers, his = seated(open_page, ann, f"/chats/{chat}"), seated(open_page, ben, f"/chats/{chat}")
    in_call(hers, his, "Ann")
    own_house.server.kill()
    hears(hers)
    own_house.server.start()
    # The house knows the call still: it passes on what one changes, and ends it for both.
    button(screen(hers), "Mute").click()
    expect(screen(his).get_by_text("Ann is muted")).to_be_visible()
    hears(hers)
    hang_up(his)
    expect(screen(hers)).to_have_count(0)
    expect(card(hers, "Outgoing call")).to_be_visible()


def test_one_was_away_when_it_began_to_ring(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    hers, his = seated(open_page, ann, f"/chats/{chat}"), seated(open_page, ben, "/chats")
    expect(his.get_by_role("listitem").filter(has_text="Ann")).to_be_visible()
    his.context.set_offline(True)
    call(hers)
    state(hers, "Calling")
    his.context.set_offline(False)
    answer(his, "Ann")
    talks(hers, his)
    hang_up(hers)


def test_another_network_is_another_way(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    hers, his = seated(open_page, ann, f"/chats/{chat}"), seated(open_page, ben, "/chats")
    in_call(hers, his, "Ann")
    before = {page: page.evaluate(FRAGMENT) for page in (hers, his)}
    his.context.set_offline(True)
    his.context.set_offline(False)
    for page in (hers, his):
        page.wait_for_function(f"(before) => ({FRAGMENT})() !== before", arg=before[page])
    talks(hers, his)
    hears(hers)
    hears(his)
    hang_up(hers)


def test_a_relay_that_falls_and_comes_back(tmp_path: Path, open_page: OpenPage) -> None:
    with Coturn(tmp_path / "turn", secret="under the teapot") as turn:
        settings = {**BUSY, "TURN_URLS": turn.turn_urls, "TURN_SECRET": turn.secret}
        with Server(tmp_path / "house", settings=settings) as server, Visitors(server) as house:
            ann, ben, chat = house.friends("ann", "ben")
            hers, his = seated(open_page, ann, f"/chats/{chat}"), seated(open_page, ben, "/chats")
            for page in (hers, his):
                page.evaluate(RELAY_ONLY)
            in_call(hers, his, "Ann")
            hears(hers)
            button(screen(hers), "Line: Good").click()
            expect(screen(hers).get_by_text("through the house’s relay")).to_be_visible()

            before = hers.evaluate(FRAGMENT)
            turn.stop()
            state(hers, "Reconnecting")
            # It is tried while there is no way, too.
            hers.wait_for_function(f"(before) => ({FRAGMENT})() !== before", arg=before)
            turn.start()
            for page in (hers, his):
                expect(page.get_by_role("status").filter(has_text="Connected")).to_be_attached(timeout=MENDED_MS)
            hears(hers)
            hears(his)
            hang_up(hers)
