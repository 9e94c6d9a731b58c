"""Dialogs: order, routes, and offers that meet halfway."""

import pytest

from teahouse.calls.sip.dialog import Dialog
from teahouse.calls.sip.message import Request, parse
from teahouse.calls.sip.transactions import Flow
from tests.calls.sip.phone import ANSWER, HELD, OFFER, Ear, outgoing
from tests.calls.sip.virtual import neighbours, talking

INVITE = (
    b"INVITE sip:us@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=f\r\n"
    b"To: <sip:us@c>\r\nCall-ID: 1\r\nCSeq: 7 INVITE\r\nContact: <sip:a@10.0.0.9>\r\nAllow: BYE, UPDATE\r\n%b\r\n"
)


def dialog_with(routes: bytes) -> Dialog:
    request = parse(INVITE % routes)
    assert isinstance(request, Request)
    return Dialog.of_request(request, "t", Flow("udp", "10.0.0.2", 5060))


def test_loose_routes_leave_the_target_in_the_request_line() -> None:
    dialog = dialog_with(b"Record-Route: <sip:p1;lr>, <sip:p2;lr>\r\n")
    assert str(dialog.next_hop) == "sip:p1;lr"
    uri, routes = dialog.line_and_routes()
    assert (str(uri), routes) == ("sip:a@10.0.0.9", [("Route", "<sip:p1;lr>"), ("Route", "<sip:p2;lr>")])


def test_a_strict_router_is_the_request_line() -> None:
    uri, routes = dialog_with(b"Record-Route: <sip:p1>, <sip:p2;lr>\r\n").line_and_routes()
    assert (str(uri), routes) == ("sip:p1", [("Route", "<sip:p2;lr>"), ("Route", "<sip:a@10.0.0.9>")])


def test_a_request_without_contact_makes_no_dialog() -> None:
    request = parse((INVITE % b"").replace(b"Contact: <sip:a@10.0.0.9>\r\n", b""))
    assert isinstance(request, Request)
    with pytest.raises(ValueError, match="Contact"):
        Dialog.of_request(request, "t", Flow("udp", "10.0.0.2", 5060))


def test_what_is_older_than_the_newest_is_out_of_order() -> None:
    dialog = dialog_with(b"")
    request = parse(INVITE % b"")
    assert isinstance(request, Request)
    assert [dialog.takes(request), dialog.remote_seq, dialog.allows] == [True, 7, {"BYE", "UPDATE"}]
    dialog.remote_seq = 8
    assert not dialog.takes(request)


def test_both_sides_hold_at_the_same_moment() -> None:
    """Each refuses the other's with 491; after a random while, longer for who called, both come through."""
    network, ours, theirs = neighbours()
    call, leg, near, far = talking(network, ours, theirs)
    answers: list[bytes | None] = []
    call.reoffer(HELD, answers.append)
    leg.reoffer(HELD, answers.append)
    network.run(0)
    assert {"491 INVITE"} <= set(network.methods(ours.host)) & set(network.methods(theirs.host))
    network.run(60)
    assert answers == [ANSWER, ANSWER]
    assert (near.offers, far.offers) == ([HELD], [HELD])


def test_an_offer_that_is_refused_leaves_things_as_they_were() -> None:
    network, ours, theirs = neighbours()
    call, leg, near, far = talking(network, ours, theirs)
    far._answer = None
    answers: list[bytes | None] = []
    call.reoffer(HELD, answers.append)
    network.run(5)
    assert (answers, call.local_sdp, leg.remote_sdp) == ([None], OFFER, OFFER)
    assert (near.endings, far.endings) == ([], [])


def test_an_offer_before_the_answer_is_refused_at_once() -> None:
    network, ours, _ = neighbours()
    answers: list[bytes | None] = []
    ours.agent.dial("them", outgoing(), Ear()).reoffer(HELD, answers.append)
    assert answers == [None]
    network.run(1)


def test_a_side_that_forgot_the_call_ends_it() -> None:
    """An offer that gets 481 shows that the other side knows nothing of the call any more."""
    network, ours, theirs = neighbours()
    call, leg, near, _ = talking(network, ours, theirs)
    network.loses = lambda message: isinstance(message, Request) and message.method == "BYE"
    leg.hang_up()
    network.run(60)
    assert near.endings == []
    call.reoffer(HELD, lambda _answer: None)
    network.run(60)
    assert (near.ending.cause, near.ending.code) == ("unavailable", 481)
