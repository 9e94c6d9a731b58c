"""A real Chromium talks through the relay: it hears the trunk's tone, and its own tone comes to the trunk.

Playwright's pages have no event loop of ours, so the relay and the trunk live in a thread of their own.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Page

from tests.browser import chromium
from tests.calls.media.engines import relay
from tests.calls.media.test_engines import NEAR_HZ
from tests.calls.media.trunk import Trunk

CHROMIUM_FLAGS = (*chromium.FAKE_DEVICES, "--autoplay-policy=no-user-gesture-required")
BROWSER_HZ, TRUNK_HZ, MUSIC_HZ = 440, 1000, 700
PATIENCE_S = 30
FIVE_DIGIT = 5
T = TypeVar("T")

CALL = """async (hertz) => {
  const context = new AudioContext();
  const tone = new OscillatorNode(context, {frequency: hertz});
  const out = context.createMediaStreamDestination();
  tone.connect(out); tone.start();
  const pc = new RTCPeerConnection();
  const ears = new AnalyserNode(context, {fftSize: 32768, smoothingTimeConstant: 0});
  pc.ontrack = ({track}) => {
    const stream = new MediaStream([track]);
    // Chromium plays a remote stream into a graph only while an element plays it too.
    window.player = Object.assign(new Audio(), {srcObject: stream, muted: true});
    window.player.play();
    context.createMediaStreamSource(stream).connect(ears);
  };
  window.sender = pc.addTrack(out.stream.getAudioTracks()[0], out.stream);
  Object.assign(window, {pc, ears, context});
  await pc.setLocalDescription(await pc.createOffer());
  // Its addresses are not waited for: the relay learns them from the browser's own checks.
  return pc.localDescription.sdp;
}"""
TAKE = "(answer) => pc.setRemoteDescription({type: 'answer', sdp: answer})"
PITCH = """(wanted) => {
  const bins = new Float32Array(ears.frequencyBinCount);
  ears.getFloatFrequencyData(bins);
  let best = 0;
  bins.forEach((level, place) => { if (level > bins[best]) best = place; });
  const hertz = best * context.sampleRate / ears.fftSize;
  return bins[best] > -60 && Math.abs(hertz - wanted) < 5 ? hertz : 0;
}"""
STATS = """async (kind) => [...(await pc.getStats()).values()].find((each) => each.type === kind) ?? null"""
REPORTED = f"""async () => {{
  for (;;) {{
    const report = await ({STATS})("remote-inbound-rtp");
    if (report?.roundTripTime !== undefined) return report;
    await new Promise((done) => setTimeout(done, 200));
  }}
}}"""


class Elsewhere:
    """An event loop in a thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)

    def call(self, work: Callable[..., T], *arguments: object) -> T:
        async def done() -> T:
            return work(*arguments)

        return self.run(done())

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    loop = Elsewhere()
    yield loop
    loop.stop()


def test_chromium_and_a_trunk_hear_each_other(page_desktop: Page, elsewhere: Elsewhere) -> None:
    running = relay()
    engine = elsewhere.run(running.__aenter__())
    trunk = elsewhere.run(Trunk.open())
    session = engine.session("chromium")
    page_desktop.goto("about:blank")

    offer = page_desktop.evaluate(CALL, BROWSER_HZ)
    invite = elsewhere.run(session.offer(offer))
    assert b"telephone-event/8000" in invite
    elsewhere.call(trunk.told, invite)
    elsewhere.run(session.accept(trunk.answer("0 PCMU", "101 telephone-event")))
    page_desktop.evaluate(TAKE, session.browser_answer)
    elsewhere.call(trunk.play, TRUNK_HZ)

    assert elsewhere.run(trunk.hears()) == pytest.approx(BROWSER_HZ, abs=NEAR_HZ)
    page_desktop.wait_for_function(PITCH, arg=TRUNK_HZ, timeout=PATIENCE_S * 1000)

    # A key that is pressed comes to the trunk under the trunk's own number for keys.
    page_desktop.evaluate(f"sender.dtmf.insertDTMF('{FIVE_DIGIT}')")
    pressed = elsewhere.run(key(trunk))
    assert pressed == FIVE_DIGIT

    # What the browser's own figures say: all came, and the relay reported what it got (round trip, loss).
    reported = page_desktop.evaluate(REPORTED)
    assert reported["packetsLost"] == 0
    assert 0 <= reported["roundTripTime"] < PATIENCE_S
    assert page_desktop.evaluate(STATS, "inbound-rtp")["packetsLost"] == 0

    # The network changed: a new connection, and the trunk's leg stays.
    page_desktop.evaluate("pc.close()")
    again = page_desktop.evaluate(CALL, MUSIC_HZ)
    page_desktop.evaluate(TAKE, elsewhere.run(session.rejoin(again)))
    came = elsewhere.call(lambda: len(trunk.packets))
    page_desktop.wait_for_function(PITCH, arg=TRUNK_HZ, timeout=PATIENCE_S * 1000)
    assert elsewhere.run(trunk.hears(after=came + 50)) == pytest.approx(MUSIC_HZ, abs=NEAR_HZ)

    elsewhere.run(session.close())
    page_desktop.wait_for_function("pc.connectionState === 'closed' || pc.connectionState === 'failed'")
    elsewhere.call(trunk.close)
    elsewhere.run(running.__aexit__(None, None, None))


async def key(trunk: Trunk) -> int:
    """The key of the first event that came (RFC 4733, section 2.3)."""
    await trunk.rtp.until(lambda: any(packet.payload_type == 101 for packet in trunk.packets))
    return next(packet.payload[0] for packet in trunk.packets if packet.payload_type == 101)
