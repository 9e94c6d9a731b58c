"""Calls to phones from the dial pad: Chromium, a house, its trunk, and baresip as the telephone at the other end."""

from __future__ import annotations

import re
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser import chromium
from tests.browser.calling import WATCH_LINES, answer, button, call, screen, state, talks
from tests.browser.money import Desk, has
from tests.browser.visitors import Visitor, Visitors
from tests.conftest import OpenPage
from tests.harness.peers import Baresip, RtpEngineDaemon, free_port
from tests.harness.server import Server

CHROMIUM_FLAGS = (*chromium.FAKE_DEVICES, "--autoplay-policy=no-user-gesture-required")
TONE_HZ = 613
NEAR_HZ = 12
DECK = "prefix,name,price,increment,currency\n49,Germany,0.60,1/1,EUR\n"
NUMBER = "030 23125 000"
PITCH = """async () => {
    const line = window.lines.findLast((one) => one.connectionState === 'connected');
    const track = line?.getReceivers()[0]?.track;
    if (!track) return 0;
    if (!window.ears) {
        window.ear = new AudioContext();
        window.ears = new AnalyserNode(window.ear, {fftSize: 16384, smoothingTimeConstant: 0});
        window.ear.createMediaStreamSource(new MediaStream([track])).connect(window.ears);
    }
    const bins = new Float32Array(window.ears.frequencyBinCount);
    window.ears.getFloatFrequencyData(bins);
    let best = 0;
    bins.forEach((level, place) => { if (level > bins[best]) best = place; });
    return bins[best] > -60 ? best * window.ear.sampleRate / window.ears.fftSize : 0;
}"""


@pytest.fixture(params=["relay", "rtpengine"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Visitors]:
    settings = {"SIP_LISTEN": f"127.0.0.1:{free_port()}", "RTP_ADDRESS": "127.0.0.1", "MEDIA_ENGINE": request.param}
    if request.param == "relay":
        with Server(tmp_path / "house", settings=settings) as server:
            yield Visitors(server)
        return
    with (
        RtpEngineDaemon(tmp_path / "rtpengine") as daemon,
        Server(tmp_path / "house", settings={**settings, "RTPENGINE": daemon.control}) as server,
    ):
        yield Visitors(server)


@pytest.fixture
def telephone(tmp_path: Path) -> Iterator[Baresip]:
    with Baresip(tmp_path / "telephone", tone_hz=TONE_HZ, user="+493023125000") as running:
        yield running


def connects(operator: Visitor, telephone: Baresip) -> None:
    """A trunk to the telephone, prices, and everybody may call."""
    operator.asks("PATCH", "/house", {"country": "DE"})
    setup = {"name": "Line", "host": "127.0.0.1", "port": telephone.port, "networks": ["127.0.0.1"]}
    operator.asks("POST", "/calls/trunks", {"setup": setup})
    operator.asks("POST", "/calls/decks", {"name": "Prices", "csv": DECK})
    policy = operator.asks("GET", "/calls/phone/policy")
    operator.asks("PUT", "/calls/phone/policy", {"policy": {**policy, "on": True}})


def dials(page: Page, number: str) -> None:
    page.get_by_role("textbox", name="Phone number").fill(number)
    button(page, "Call").click()


def test_a_landline_is_called_heard_and_paid(house: Visitors, telephone: Baresip, open_page: OpenPage) -> None:
    desk = Desk(house)
    connects(desk.operator, telephone)
    ann = house.join("ann")
    desk.gives(ann, 5_00)
    page = open_page("phone")
    page.add_init_script(WATCH_LINES)
    ann.sits_at(page, "/discover/calls")
    page.get_by_role("main").get_by_role("link", name="Dial pad").first.click()

    page.get_by_role("textbox", name="Phone number").fill(NUMBER)
    expect(page.get_by_text("€0.60 a minute")).to_be_visible()
    expect(page.get_by_text("Berlin")).to_be_visible()
    expect(page.get_by_text("Balance €5.00")).to_be_visible()
    button(page, "Call").click()

    screen = page.get_by_role("region", name=re.compile("Call with"))
    telephone.wait_for("CALL_ESTABLISHED")
    expect(screen.get_by_text(re.compile(r"0:\d\d$"))).to_be_visible()
    page.wait_for_function(f"async (wanted) => Math.abs(await ({PITCH})() - wanted) < {NEAR_HZ}", arg=TONE_HZ)

    button(screen, "Keys").click()
    for key in "42#":
        button(screen.get_by_role("group", name="Keypad"), key).click()
    telephone.wait_for("CALL_DTMF_START", count=3)
    assert telephone.digits == "42#"

    expect(screen.get_by_text(re.compile(r"0:(0[3-9]|[1-5]\d)$"))).to_be_visible()
    button(screen, "Hang up").click()
    telephone.wait_for("CALL_CLOSED")
    expect(screen.get_by_text("Call ended")).to_be_visible()
    expect(screen.get_by_text(re.compile(r"^Cost €0\.\d\d$"))).to_be_visible()
    button(screen, "5 stars").click()
    button(screen, "Close").click()

    beeps = sound(telephone.heard)
    assert np.abs(beeps).max() > 1000, "the telephone heard the browser's microphone"

    [record] = ann.asks("GET", "/calls")["calls"]
    cost = record["cost"]["amount"]
    assert cost == record["seconds"], "a cent a second"
    assert has(ann) == 5_00 - cost
    assert record["rating"] == 5
    entries = ann.asks("GET", "/wallet/entries?currency=EUR")["entries"]
    assert entries[0]["amount"] == -cost, "and the ledger says the same"
    ann_history = ann.sits_at(page, "/discover/calls").get_by_role("main")
    expect(ann_history.get_by_text(re.compile("Outgoing"))).to_be_visible()


def test_the_telephone_hangs_up(house: Visitors, telephone: Baresip, open_page: OpenPage) -> None:
    desk = Desk(house)
    connects(desk.operator, telephone)
    ann = house.join("ann")
    desk.gives(ann, 5_00)
    page = open_page("desktop", dark=True)
    ann.sits_at(page, "/discover/calls/dial")
    page.get_by_role("textbox", name="Phone number").fill(NUMBER)
    expect(page.get_by_text("€0.60 a minute")).to_be_visible()
    button(page, "Call").click()
    telephone.wait_for("CALL_ESTABLISHED")
    telephone.say("hangup")
    screen = page.get_by_role("region", name=re.compile("Call with"))
    expect(screen.get_by_text("They hung up")).to_be_visible()


def test_a_telephone_calls_and_the_browser_answers(house: Visitors, telephone: Baresip, open_page: OpenPage) -> None:
    desk = Desk(house)
    connects(desk.operator, telephone)
    ann = house.join("ann")
    desk.operator.asks("PUT", "/calls/numbers/+493012345678", {"person": ann.id})
    page = open_page("phone")
    page.add_init_script(WATCH_LINES)
    ann.sits_at(page, "/chats")
    expect(page.get_by_role("heading", name="Chats")).to_be_visible()
    sip_port = house.server._settings["SIP_LISTEN"].rpartition(":")[2]
    telephone.say("dial", f"sip:+493012345678@127.0.0.1:{sip_port}")
    screen = page.get_by_role("region", name=re.compile("Call with"))
    expect(screen.get_by_text("Incoming call")).to_be_visible()
    button(screen, "Answer").click()
    telephone.wait_for("CALL_ESTABLISHED")
    page.wait_for_function(f"async (wanted) => Math.abs(await ({PITCH})() - wanted) < {NEAR_HZ}", arg=TONE_HZ)
    button(screen, "Hang up").click()
    telephone.wait_for("CALL_CLOSED")
    [record] = ann.asks("GET", "/calls")["calls"]
    assert (record["direction"], record["outcome"], record.get("cost")) == ("in", "answered", None)


def sound(file: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    with wave.open(str(file)) as opened:
        return np.frombuffer(opened.readframes(opened.getnframes()), np.int16)


@pytest.mark.parametrize("house", ["relay"], indirect=True)
def test_a_member_calls_meanwhile_and_the_telephone_waits(
    house: Visitors, telephone: Baresip, open_page: OpenPage
) -> None:
    ann, ben, _ = house.friends("ann", "ben")
    desk = Desk(house)
    connects(desk.operator, telephone)
    desk.gives(ann, 5_00)
    page = open_page("desktop")
    ann.sits_at(page, "/discover/calls/dial")
    page.get_by_role("textbox", name="Phone number").fill(NUMBER)
    expect(page.get_by_text("€0.60 a minute")).to_be_visible()
    button(page, "Call").click()
    phone = page.get_by_role("region", name=re.compile("Call with"))
    expect(phone.get_by_text(re.compile(r"0:\d\d$"))).to_be_visible()

    his = open_page("phone")
    ben.sits_at(his, "/chats")
    his.get_by_text("Ann").first.click()
    call(his)
    answer(page, "Ben")
    talks(page, his)
    button(screen(page), "Make the call small").click()
    expect(phone.get_by_text("On hold")).to_be_attached()
    button(phone, "Resume").click()
    expect(phone.get_by_text("On hold")).to_have_count(0)
    state(his, re.compile("[Hh]old"))
    button(phone, "Hang up").click()
    telephone.wait_for("CALL_CLOSED")
