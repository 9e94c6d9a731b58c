"""Calls that come in, on a network in memory; the carrier says what the test has it say."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teahouse.calls.sip.message import Request, Response, request, serialise
from teahouse.calls.sip.model import Caller, IncomingLeg
from teahouse.calls.sip.transactions import Flow, new_branch
from tests.calls.sip.phone import ANSWER, BERLIN, HELD, OFFER, Ear, outgoing
from tests.calls.sip.virtual import Network, VirtualAgent, neighbours, talking

CARRIER = Flow("udp", "10.0.0.2", 5060)
BO = "<sip:+4930111@10.0.0.2>;tag=bo"
Fields = list[tuple[str, str]]


class Desk:
    """One of ours, and the carrier's end of one call to it."""

    def __init__(self) -> None:
        self.network = Network()
        self.ours = VirtualAgent(self.network, "10.0.0.1")
        self.ours.trusts(CARRIER.host)
        self.ear = Ear()
        self.sequence = 0
        self.to = f"<sip:{BERLIN}@10.0.0.1>"

    def asks(self, method: str, fields: Fields | None = None, body: bytes = b"", **other: str) -> Request:
        self.sequence = int(other.pop("cseq", self.sequence + 1))
        contact = [("Contact", "<sip:bo@10.0.0.2>")]
        made = request(
            method,
            other.pop("uri", f"sip:{BERLIN}@10.0.0.1"),
            via=f"SIP/2.0/UDP 10.0.0.2;branch={other.pop('branch', new_branch())};rport",
            from_=other.pop("from_", BO),
            to=other.pop("to", self.to),
            call_id="call",
            cseq=self.sequence,
            headers=[*contact, *(fields or [])],
            body=body,
            **other,  # type: ignore[arg-type]
        )
        self.hears(made)
        return made

    def hears(self, message: Request | Response) -> None:
        self.ours.agent.receive(serialise(message), CARRIER)
        self.network.run(0.01)

    def rings(self, fields: Fields | None = None, body: bytes = OFFER, **other: str) -> IncomingLeg:
        self.invite = self.asks("INVITE", fields, body, **other)
        leg = self.ours.bell.legs.get_nowait()
        leg.listen(self.ear)
        return leg

    def answered(self, fields: Fields | None = None) -> IncomingLeg:
        leg = self.rings(fields)
        leg.answer(ANSWER)
        self.network.run(0.01)
        self.to = self.last.headers["To"]
        self.asks("ACK", cseq="1")
        assert self.ear.events == ["answered"]
        return leg

    @property
    def last(self) -> Request | Response:
        return self.network.sent[-1][2]

    @property
    def code(self) -> int:
        assert isinstance(self.last, Response)
        return self.last.code


@pytest.mark.parametrize(
    ("fields", "from_", "caller"),
    [
        ([], BO, Caller("+4930111")),
        ([("P-Asserted-Identity", '"Cem" <tel:+49-30-222>')], BO, Caller("+4930222", "Cem")),
        ([("P-Asserted-Identity", "<sip:+4930222@x>"), ("Privacy", "id")], BO, Caller("+4930222", "", True)),
        ([], "<sip:anonymous@anonymous.invalid>;tag=bo", Caller("", "", True)),
        ([("P-Asserted-Identity", ">>>")], BO, Caller("+4930111")),
        ([], '"Bo\\"; x" <sip:200@x>;tag=bo', Caller("200", 'Bo"; x')),
        ([], "<sip:+49%0d%0aEvil@x>;tag=bo", Caller("")),
    ],
)
def test_who_calls(fields: Fields, from_: str, caller: Caller) -> None:
    assert Desk().rings(fields, from_=from_).caller == caller


@pytest.mark.parametrize(
    ("method", "fields", "body", "other", "code"),
    [
        ("INVITE", [], b"x", {"content_type": "text/plain"}, 415),
        ("INVITE", [("Content-Encoding", "gzip")], b"x", {}, 415),
        ("INVITE", [("Require", "100rel, replaces")], OFFER, {}, 420),
        ("INVITE", [("Session-Expires", "60"), ("Supported", "timer")], OFFER, {}, 422),
        ("INVITE", [], OFFER, {"uri": "mailto:a@b"}, 416),
        ("INVITE", [], OFFER, {"to": "<sip:a@b>;tag=unknown"}, 481),
        ("BYE", [], b"", {"to": "<sip:a@b>;tag=unknown"}, 481),
        ("REGISTER", [], b"", {}, 405),
        ("MESSAGE", [], b"hello", {"content_type": "text/plain"}, 405),
        ("DANCE", [], b"", {}, 405),
        ("OPTIONS", [], b"", {}, 200),
        ("UPDATE", [], b"", {}, 481),
        ("CANCEL", [], b"", {}, 481),
    ],
)
def test_what_is_refused(method: str, fields: Fields, body: bytes, other: dict[str, str], code: int) -> None:
    desk = Desk()
    desk.asks(method, fields, body, **other)
    assert desk.code == code
    assert desk.ours.bell.legs.empty()


def test_the_same_call_by_two_ways_rings_once() -> None:
    desk = Desk()
    desk.rings()
    desk.asks("INVITE", [], OFFER, cseq="1")
    assert desk.code == 482
    assert desk.ours.bell.legs.empty()


def test_a_call_that_nobody_takes_is_refused_in_the_end() -> None:
    desk = Desk()
    desk.rings().ring()
    desk.network.run(200)
    assert desk.network.methods(desk.ours.host).count("180 INVITE") >= 3
    desk.network.run(200)
    assert "480 INVITE" in desk.network.methods(desk.ours.host)
    assert desk.ear.ending.cause == "no_answer"


def test_a_house_that_fails_at_the_door_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    monkeypatch.setattr(desk.ours.agent, "_on_incoming", lambda _leg: 1 // 0)
    desk.asks("INVITE", [], OFFER)
    assert desk.code == 500


def test_a_prack_that_never_comes() -> None:
    desk = Desk()
    leg = desk.rings([("Require", "100rel")])
    leg.ring()
    desk.network.run(40)
    assert desk.network.methods(desk.ours.host).count("180 INVITE") == 7
    assert "504 INVITE" in desk.network.methods(desk.ours.host)
    assert desk.ear.ending.cause == "unavailable"


def test_a_prack_of_something_else() -> None:
    desk = Desk()
    desk.rings([("Require", "100rel")]).ring()
    desk.network.run(0.01)
    desk.to = desk.last.headers["To"]
    number = int(desk.last.headers["RSeq"])
    desk.asks("PRACK", [("RAck", f"{number + 1} 1 INVITE")])
    assert desk.code == 481
    desk.asks("PRACK", [("RAck", f"{number} 1 INVITE")])
    assert desk.code == 200
    desk.network.run(20)
    assert desk.network.methods(desk.ours.host).count("180 INVITE") <= 2


def test_a_bye_before_the_answer_ends_it() -> None:
    desk = Desk()
    desk.rings().ring()
    desk.network.run(0.01)
    desk.to = desk.last.headers["To"]
    desk.asks("BYE")
    assert set(desk.network.methods(desk.ours.host)[-2:]) == {"200 BYE", "487 INVITE"}
    assert (desk.ear.ending.cause, desk.ear.ending.was_answered) == ("remote", False)


@pytest.mark.parametrize(
    ("method", "fields", "body", "other", "code"),
    [
        ("INVITE", [], HELD, {}, 200),
        ("UPDATE", [], HELD, {}, 200),
        ("UPDATE", [], b"", {}, 200),
        ("INVITE", [], b"x", {"content_type": "text/plain"}, 415),
        ("UPDATE", [("Session-Expires", "60"), ("Supported", "timer")], b"", {}, 422),
        ("INFO", [], b"Signal=1", {"content_type": "application/dtmf-relay"}, 200),
        ("INFO", [("Info-Package", "x")], b"", {}, 469),
        ("OPTIONS", [], b"", {}, 200),
        ("MESSAGE", [], b"hello", {"content_type": "text/plain"}, 405),
        ("REFER", [("Refer-To", "<sip:x@y>")], b"", {}, 405),
        ("PRACK", [("RAck", "1 1 INVITE")], b"", {}, 481),
        ("BYE", [("Require", "moon")], b"", {}, 420),
        ("INFO", [], b"", {"cseq": "0"}, 500),
        ("INFO", [], b"", {"from_": "<sip:x@y>;tag=other"}, 481),
        ("BYE", [], b"", {}, 200),
    ],
)
def test_what_comes_within_a_call(method: str, fields: Fields, body: bytes, other: dict[str, str], code: int) -> None:
    desk = Desk()
    desk.answered()
    desk.asks(method, fields, body, **other)
    assert desk.code == code
    assert desk.ear.events[1:] == (["ended"] if (method, code) == ("BYE", 200) else ["offered"] * (body == HELD))


def test_an_update_with_an_offer_waits_for_the_answer() -> None:
    desk = Desk()
    desk.rings().ring()
    desk.network.run(0.01)
    desk.to = desk.last.headers["To"]
    desk.asks("UPDATE", [], HELD)
    assert desk.code == 491
    assert desk.ear.events == []


def test_a_listener_that_hangs_up_when_it_is_asked() -> None:
    desk = Desk()
    leg = desk.answered()
    desk.ear.on["offered"] = leg.hang_up
    desk.asks("INVITE", [], HELD)
    assert {"481 INVITE", "BYE"} <= set(desk.network.methods(desk.ours.host))
    desk.network.run(100)
    assert not desk.ours.agent.open_calls


def test_calls_of_a_trunk_that_was_taken_away_go_on() -> None:
    desk = Desk()
    desk.answered()
    desk.ours.agent.set_trunks([])
    desk.asks("BYE")
    assert desk.code == 200
    desk.to = f"<sip:{BERLIN}@10.0.0.1>"
    said = len(desk.network.sent)
    desk.asks("INVITE", [], OFFER)
    assert (len(desk.network.sent), desk.ours.agent.gate.dropped) == (said, 1)


def test_an_ack_without_the_answer_that_it_owes() -> None:
    desk = Desk()
    desk.rings(body=b"").answer(OFFER)
    desk.network.run(0.01)
    desk.to = desk.last.headers["To"]
    desk.asks("ACK", cseq="1")
    assert (desk.ear.ending.cause, desk.network.methods(desk.ours.host)[-1]) == ("malformed", "BYE")


def transcript() -> list[tuple[str, bytes]]:
    """All that two of ours say in a call with everything in it, and who said it."""
    network, ours, theirs = neighbours()
    call, leg, _, _ = talking(network, ours, theirs)
    call.reoffer(HELD, lambda _answer: None)
    network.run(4000)
    leg.hang_up()
    network.run(60)
    ours.agent.dial("them", outgoing(), Ear()).hang_up()
    network.run(60)
    return [(host, serialise(message)) for _, host, message in network.sent]


SAID = transcript()


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 6))
def test_no_bytes_bring_it_down(seed: int, changes: int) -> None:
    """What is said in a call, broken at random, from the trunk's own address and in the midst of calls."""
    dice = random.Random(seed)
    network, ours, theirs = neighbours()
    talking(network, ours, theirs)
    for _ in range(40):
        host, data = dice.choice(SAID)
        for _ in range(changes):
            at, to = sorted(dice.randrange(len(data) + 1) for _ in range(2))
            _, other = dice.choice(SAID)
            piece = dice.choice([b"", b"\r\n", dice.randbytes(4), other[at:to], b";tag=x", b"<>", b"9" * 12, b","])
            data = data[:at] + piece + data[at + dice.randrange(8) :]
        network.agents[theirs.host if host == ours.host else ours.host].agent.receive(data, Flow("udp", host, 5060))
        network.run(dice.random())
    for each in (ours, theirs):
        each.agent.leave()
    network.run(1000)
    assert not ours.agent.open_calls + theirs.agent.open_calls
