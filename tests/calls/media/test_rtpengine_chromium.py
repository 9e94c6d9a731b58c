"""Chromium, whose addresses are hidden behind names, speaks through rtpengine: tones, keys, and a restart of ICE."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Page, async_playwright

from teahouse.calls.media.rtpengine.engine import RtpEngine
from tests.browser import chromium
from tests.calls.media.trunk import Trunk
from tests.harness.peers import RtpEngineDaemon

BROWSER_HZ, TRUNK_HZ, MUSIC_HZ, NEAR_HZ = 1000, 440, 700, 8
SEVEN: Final = 7
FLAGS = (*chromium.FLAGS, *chromium.FAKE_DEVICES, "--autoplay-policy=no-user-gesture-required")
OPEN = f"""() => {{
  const sound = (window.sound = new AudioContext());
  const hum = sound.createOscillator();
  hum.frequency.value = {BROWSER_HZ};
  const out = sound.createMediaStreamDestination();
  hum.connect(out);
  hum.start();
  window.peer = new RTCPeerConnection();
  window.sender = peer.addTrack(out.stream.getAudioTracks()[0], out.stream);
  window.ear = sound.createAnalyser();
  ear.fftSize = 8192;
  peer.ontrack = ({{ track }}) => {{
    const stream = new MediaStream([track]);
    const player = (window.player = new Audio());  // Chromium decodes what some element plays
    player.srcObject = stream;
    player.play();
    sound.createMediaStreamSource(stream).connect(ear);
  }};
}}"""
OFFER = """async (restart) => {
  await peer.setLocalDescription(await peer.createOffer({ iceRestart: restart }));
  while (peer.iceGatheringState !== "complete")
    await new Promise((again) => peer.addEventListener("icegatheringstatechange", again, { once: true }));
  return peer.localDescription.sdp;
}"""
ANSWER = """async (sdp) => {
  await peer.setRemoteDescription({ type: "answer", sdp });
  while (peer.connectionState !== "connected")
    await new Promise((again) => peer.addEventListener("connectionstatechange", again, { once: true }));
}"""
HEARS = f"""(hertz) => {{
  const loud = new Float32Array(ear.frequencyBinCount);
  ear.getFloatFrequencyData(loud);
  const top = loud.indexOf(Math.max(...loud));
  return loud[top] > -50 && Math.abs((top * sound.sampleRate) / ear.fftSize - hertz) < {NEAR_HZ};
}}"""


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    path = chromium.find()
    if path is None:
        pytest.fail(chromium.HELP)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(args=[*FLAGS], **chromium.launching(path))
        yield await browser.new_page()
        await browser.close()


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[RtpEngine]:
    with RtpEngineDaemon(tmp_path) as daemon:
        running = RtpEngine(daemon.control)
        await running.start()
        yield running
        await running.stop()


@pytest.fixture
async def trunk() -> AsyncIterator[Trunk]:
    opened = await Trunk.open()
    yield opened
    opened.close()


async def hears(page: Page, hertz: float) -> None:
    await page.wait_for_function(HEARS, arg=hertz)


@pytest.mark.parametrize("comes_in", [False, True], ids=["a call that goes out", "a call that comes in"])
async def test_a_call_with_keys_and_a_restart(engine: RtpEngine, page: Page, trunk: Trunk, comes_in: bool) -> None:
    session = engine.session("chromium")
    await page.evaluate(OPEN)
    offer = await page.evaluate(OFFER, False)
    described = trunk.answer("0 PCMU", "101 telephone-event")
    if comes_in:
        trunk.told(await session.join(described, offer))
    else:
        trunk.told(await session.offer(offer))
        await session.accept(described)
    await page.evaluate(ANSWER, session.browser_answer)
    trunk.play(TRUNK_HZ)
    await hears(page, TRUNK_HZ)
    assert await trunk.hears() == pytest.approx(BROWSER_HZ, abs=NEAR_HZ)

    await page.evaluate("(key) => sender.dtmf.insertDTMF(key)", str(SEVEN))
    # Chromium offered another number for keys than the carrier's.
    await trunk.rtp.until(lambda: any(packet.payload_type == 101 for packet in trunk.packets))
    assert {packet.payload[0] for packet in trunk.packets if packet.payload_type == 101} == {SEVEN}

    came = len(trunk.packets)
    await page.evaluate(ANSWER, await session.rejoin(await page.evaluate(OFFER, True)))
    trunk.play(MUSIC_HZ)
    await hears(page, MUSIC_HZ)
    # A second after the restart, so that what was under way before it does not count.
    assert await trunk.hears(after=came + 50) == pytest.approx(BROWSER_HZ, abs=NEAR_HZ)
    await session.close()
