"""Two agents and any weather between them: whatever is done when, both sides come to one end, and nothing is left."""

import random
from collections.abc import Callable

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from teahouse.calls.sip.model import IncomingLeg, Leg
from tests.calls.sip.phone import ANSWER, HELD, Ear, outgoing
from tests.calls.sip.virtual import Network, VirtualAgent, Weather, neighbours

LONG_S = 8000.0
"""Longer than any session (1800 s) and all timers after it."""
SOON_S = 100.0
"""On a network that loses nothing both sides know of the end so soon (64*T1 for an ACK or a CANCEL, and again)."""

DEEDS = ["hang up", "ring", "answer", "refuse", "hold", "hang up there", "hold there"]
deeds = st.lists(st.tuples(st.floats(0, 45), st.sampled_from(DEEDS)), max_size=8)
weathers = st.builds(
    lambda seed, loss, doubling, delay_s: Weather(loss, doubling, delay_s, random.Random(seed)),
    st.integers(0, 2**32),
    st.sampled_from([0, 0.1, 0.3, 0.6]),
    st.sampled_from([0, 0.3]),
    st.sampled_from([0, 0.05, 0.4, 2.0]),
)


class Story:
    """One call, and what is done to it."""

    def __init__(self, weather: Weather, ring_s_max: int) -> None:
        self.network, self.ours, self.theirs = neighbours(weather)
        self.near, self.far = Ear(), Ear()
        self.call: Leg = self.ours.agent.dial("them", outgoing(ring_s_max=ring_s_max), self.near)
        self.leg: IncomingLeg | None = None
        self.held: list[bytes | None] = []
        self.asked = 0

    def does(self, deed: str) -> None:
        if self.leg is None and not self.theirs.bell.legs.empty():
            self.leg = self.theirs.bell.legs.get_nowait()
            self.leg.listen(self.far)
        call, leg = self.call, self.leg
        here: dict[str, Callable[[], None]] = {
            "hang up": call.hang_up,
            "hold": lambda: self._hold(call),
        }
        if leg is not None:
            here |= {
                "ring": leg.ring,
                "answer": lambda: leg.answer(ANSWER),
                "refuse": leg.refuse,
                "hang up there": leg.hang_up,
                "hold there": lambda: self._hold(leg),
            }
        here.get(deed, lambda: None)()

    def _hold(self, leg: Leg) -> None:
        self.asked += 1
        leg.reoffer(HELD, self.held.append)


def is_over(network: Network, *agents: VirtualAgent) -> None:
    for each in agents:
        assert not each.agent.open_calls
        assert (len(each.agent), len(each.agent.layer)) == (0, 0)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(weathers, deeds, st.none() | st.floats(0.5, 15), st.sampled_from([1, 10, 60, 60]))
def test_every_call_ends_once_on_both_sides(
    weather: Weather, plan: list[tuple[float, str]], answer_at: float | None, ring_s_max: int
) -> None:
    story = Story(weather, ring_s_max)
    answers = [] if answer_at is None else [(answer_at + again, "answer") for again in range(5)]
    for when, deed in [*plan, *answers]:
        story.network.at(when, lambda deed=deed: story.does(deed))  # type: ignore[misc]
    story.network.run(50)
    story.does("hang up")
    story.does("hang up there")
    story.network.run(SOON_S if not weather.loss else LONG_S)
    assert len(story.near.endings) == 1
    assert story.leg is None or len(story.far.endings) == 1
    assert len(story.held) == story.asked
    story.network.run(SOON_S)
    is_over(story.network, story.ours, story.theirs)
    event("answered" if story.near.answers else "not answered")
    event(f"{story.near.ending.cause}, {story.far.endings[0].cause if story.far.endings else 'never rang'}")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(weathers, st.booleans())
def test_a_call_that_one_side_ends_is_not_left_open_at_the_other(weather: Weather, we: bool) -> None:
    """Only one side hangs up, at the moment it hears of the answer; on a fair network the other hears of it."""
    weather.loss = min(weather.loss, 0.3)
    story = Story(weather, 60)
    (story.near if we else story.far).on["answered"] = lambda: story.does("hang up" if we else "hang up there")
    for when in range(1, 12):
        story.network.at(when, lambda: story.does("ring"))
        story.network.at(when + 0.5, lambda: story.does("answer"))
    story.network.run(SOON_S if not weather.loss else LONG_S)
    story.does("listen")
    assert [len(story.near.endings), len(story.far.endings)] == [1, 1]
    story.network.run(SOON_S)
    is_over(story.network, story.ours, story.theirs)
