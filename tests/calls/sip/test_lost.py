"""A process dies in the middle of a call: the next one says BYE for it, with what was written down."""

import pytest

from teahouse.calls.sip.message import Request
from teahouse.calls.sip.trace import BYTES_MAX, dialog_of, trace_of
from tests.calls.sip.phone import HELD, Ear, outgoing
from tests.calls.sip.virtual import Network, VirtualAgent, neighbours, talking


def dies_and_comes_back(network: Network, agent: VirtualAgent, trunk: str) -> VirtualAgent:
    """Another process at the same address, which knows nothing."""
    again = VirtualAgent(network, agent.host)
    again.trusts(trunk)
    return again


def last_bye(network: Network) -> Request:
    byes = [each for _, _, each in network.sent if isinstance(each, Request) and each.method == "BYE"]
    return byes[-1]


@pytest.mark.parametrize("caller_dies", [True, False])
def test_the_next_process_hangs_up_what_the_dead_one_had(caller_dies: bool) -> None:
    network, ours, theirs = neighbours()
    call, leg, near, far = talking(network, ours, theirs)
    dying, other, left = (ours, theirs, far) if caller_dies else (theirs, ours, near)
    trace = call.trace if caller_dies else leg.trace
    again = dies_and_comes_back(network, dying, other.host)
    assert again.agent.end_lost("them", trace)
    network.run(1)
    assert left.ending.cause == "remote"
    assert network.methods(other.host)[-1] == "200 BYE"
    assert "restarted" in str(last_bye(network).headers["Reason"])
    assert again.agent.open_calls == []
    network.run(60)
    assert len(again.agent) == 0, "nothing of it is kept"


def test_what_was_asked_since_does_not_put_the_bye_out_of_order() -> None:
    network, ours, theirs = neighbours()
    call, _, _, far = talking(network, ours, theirs)
    trace = call.trace
    for _ in range(5):
        call.reoffer(HELD, lambda _answer: None)
        network.run(1)
    assert dies_and_comes_back(network, ours, theirs.host).agent.end_lost("them", trace)
    network.run(1)
    assert far.ending.cause == "remote"


def test_a_call_that_the_other_side_forgot_does_no_harm() -> None:
    network, ours, theirs = neighbours()
    call, _, _, _ = talking(network, ours, theirs)
    trace = call.trace
    again = dies_and_comes_back(network, ours, theirs.host)
    dies_and_comes_back(network, theirs, ours.host)
    assert again.agent.end_lost("them", trace)
    network.run(60)
    assert network.methods(theirs.host)[-1] == "481 BYE"
    assert len(again.agent) == 0


def test_before_its_answer_there_may_be_nothing_to_keep() -> None:
    _network, ours, _ = neighbours()
    assert ours.agent.dial("them", outgoing(), Ear()).trace == b""


def test_what_leads_nowhere_is_said() -> None:
    network, ours, theirs = neighbours()
    call, _, _, _ = talking(network, ours, theirs)
    assert not ours.agent.end_lost("another", call.trace)
    assert not ours.agent.end_lost("them", b"{}")
    assert not ours.agent.end_lost("them", call.trace.replace(b"sip:", b"s p:"))


def test_a_trace_is_bounded() -> None:
    network, ours, theirs = neighbours()
    call, _, _, _ = talking(network, ours, theirs)
    assert call.dialog is not None
    assert trace_of(dialog_of(call.trace)) != b""
    call.dialog.remote += f";x={'y' * BYTES_MAX}"
    assert call.trace == b""
