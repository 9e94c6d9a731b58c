"""Calls that we make, on a network in memory: who we say we are, what we answer for, and how we give up."""

import pytest

from teahouse.calls.sip.digest import Verifier
from teahouse.calls.sip.message import Request, Response, parse, parse_uri, response_to, serialise
from teahouse.calls.sip.model import Caller, Outgoing
from teahouse.calls.sip.transactions import Flow, new_branch
from tests.calls.sip.phone import ANN, ANSWER, BERLIN, OFFER, Ear, outgoing
from tests.calls.sip.virtual import Network, VirtualAgent

CARRIER = Flow("udp", "10.0.0.2", 5060)


class Desk:
    """One of ours, and a carrier that says what the test has it say."""

    def __init__(self, **fields: object) -> None:
        self.network = Network()
        self.ours = VirtualAgent(self.network, "10.0.0.1")
        self.ours.trusts(CARRIER.host, **fields)
        self.ear = Ear()

    def dials(self, outgoing: Outgoing) -> Request | None:
        """The INVITE that leaves, if one does."""
        self.ours.agent.dial("them", outgoing, self.ear)
        self.network.run(0.1)
        return self.last("INVITE")

    def last(self, method: str) -> Request | None:
        found = [message for _, _, message in self.network.sent if message.cseq.method == method]
        return found[-1] if found and isinstance(found[-1], Request) else None

    def says(self, response: Response) -> None:
        self.ours.agent.receive(serialise(response), CARRIER)
        self.network.run(0.1)

    def answers(self, invite: Request, code: int, *fields: tuple[str, str], tag: str = "t", body: bytes = b"") -> None:
        contact = ("Contact", "<sip:them@10.0.0.2>")
        self.says(response_to(invite, code, to_tag=tag, headers=[contact, *fields], body=body))


def invite_of(desk: Desk, outgoing: Outgoing) -> Request:
    invite = desk.dials(outgoing)
    assert invite is not None
    return invite


def test_who_calls_is_said() -> None:
    invite = invite_of(Desk(domain="tea.example"), outgoing())
    assert str(invite.uri) == f"sip:{BERLIN}@10.0.0.2:5060"
    assert str(invite.from_address.uri) == f"sip:{ANN.number}@tea.example"
    assert (invite.from_address.name, invite.body) == ("Ann", OFFER)
    assert invite.headers["P-Asserted-Identity"] == f"<sip:{ANN.number}@tea.example>"
    assert invite.headers.get("Privacy") is None


def test_who_wants_to_stay_private_is_named_only_to_the_carrier() -> None:
    invite = invite_of(Desk(), outgoing(caller=Caller(ANN.number, "Ann", private=True)))
    assert (invite.from_address.name, str(invite.from_address.uri)) == ("Anonymous", "sip:anonymous@anonymous.invalid")
    assert (invite.headers["P-Asserted-Identity"], invite.headers["Privacy"]) == (f"<sip:{ANN.number}@10.0.0.2>", "id")
    assert b'Ann"' not in serialise(invite)


def test_who_has_no_number_is_anonymous() -> None:
    invite = invite_of(Desk(), outgoing(caller=Caller("")))
    assert invite.from_address.uri.host == "anonymous.invalid"
    assert invite.headers.get("P-Asserted-Identity") is None


@pytest.mark.parametrize("name", ['A"; x', "A\r\nEvil: yes", "A\\", "<sip:x>", "张\x00三", "\udcff"])
def test_a_name_cannot_begin_a_field_of_its_own(name: str) -> None:
    invite = invite_of(Desk(), outgoing(caller=Caller(ANN.number, name)))
    again = parse(serialise(invite))
    assert again.headers.get("Evil") is None
    assert (again.from_address.uri.user, again.headers.keys()) == (ANN.number, invite.headers.keys())


@pytest.mark.parametrize("number", ["+49@evil", "1\r\nEvil: yes", "1;phone-context=x", "", "1" * 65, "a b", "<1>"])
def test_what_is_no_number_is_not_dialled(number: str) -> None:
    desk = Desk()
    assert desk.dials(outgoing(number)) is None
    assert desk.ear.ending.cause == "not_found"


@pytest.mark.parametrize("number", ["+49@evil", "1\r\nEvil: yes"])
def test_a_caller_with_no_number_to_show_is_anonymous(number: str) -> None:
    assert invite_of(Desk(), outgoing(caller=Caller(number))).from_address.uri.host == "anonymous.invalid"


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
@pytest.mark.parametrize("proxy", [False, True])
def test_the_password_is_right(algorithm: str, proxy: bool) -> None:
    desk = Desk(user="ann", password="secret")
    verifier = Verifier("tea, house", {"ann": "secret"}, [algorithm])
    invite = invite_of(desk, outgoing())
    desk.answers(invite, 407 if proxy else 401, *verifier.challenge(proxy=proxy))
    again = desk.last("INVITE")
    assert again is not None
    assert (again.cseq.sequence, verifier.verify(again, proxy=proxy)) == (2, "ok")
    desk.answers(again, 200, body=ANSWER)
    assert desk.ear.events == ["answered"]
    ack = desk.last("ACK")
    assert ack is not None
    assert ack.cseq.sequence == 2
    assert ack.headers.get("Proxy-Authorization" if proxy else "Authorization") is not None


def test_the_call_id_is_ours_to_choose() -> None:
    assert invite_of(Desk(), outgoing(call_id="call-7@x\r\n")).call_id == "call-7x"


def test_a_hang_up_waits_for_a_first_sign_before_it_cancels() -> None:
    desk = Desk()
    call = desk.ours.agent.dial("them", outgoing(), desk.ear)
    desk.network.run(0.1)
    call.hang_up()
    desk.network.run(1)
    invite = desk.last("INVITE")
    assert invite is not None
    assert desk.last("CANCEL") is None
    desk.answers(invite, 100)
    cancel = desk.last("CANCEL")
    assert cancel is not None
    assert (cancel.via[0], cancel.cseq.sequence, cancel.uri) == (invite.via[0], 1, invite.uri)
    assert desk.ear.events == []
    desk.answers(invite, 487)
    assert (desk.ear.ending.cause, desk.ear.ending.code) == ("local", 487)


def test_a_carrier_that_does_not_hear_the_cancel_is_given_up() -> None:
    desk = Desk()
    call = desk.ours.agent.dial("them", outgoing(), desk.ear)
    desk.network.run(0.1)
    invite = desk.last("INVITE")
    assert invite is not None
    desk.answers(invite, 180)
    call.hang_up()
    desk.network.run(40)
    assert desk.ear.ending.cause == "local"
    desk.answers(invite, 200, body=ANSWER)  # much too late, and it must not go on
    assert desk.network.methods(desk.ours.host)[-2:] == ["ACK", "BYE"]
    desk.answers(invite, 200, body=ANSWER)
    assert desk.network.methods(desk.ours.host)[-1] == "ACK"


def test_reliable_answers_are_taken_once_and_in_order() -> None:
    desk = Desk()
    invite = invite_of(desk, outgoing())
    for number in ("7", "7", "9", "8"):
        desk.answers(invite, 183, ("Require", "100rel"), ("RSeq", number))
    racks = [m.headers["RAck"] for _, _, m in desk.network.sent if isinstance(m, Request) and m.method == "PRACK"]
    assert list(dict.fromkeys(racks)) == ["7 1 INVITE", "8 1 INVITE"]


def test_forks_beyond_all_reason_are_not_kept() -> None:
    desk = Desk()
    invite = invite_of(desk, outgoing())
    for at in range(50):
        desk.answers(invite, 183, tag=f"t{at}", body=ANSWER + b"%d" % at)
    desk.answers(invite, 200, tag="t49", body=ANSWER)
    assert desk.ear.events[-1] == "answered"


def test_a_trunk_that_nobody_knows() -> None:
    desk = Desk()
    desk.ours.agent.dial("else", outgoing(), desk.ear)
    assert desk.ear.events == []
    desk.network.run(0)
    assert (desk.ear.ending.cause, desk.ear.ending.may_fail_over) == ("unavailable", True)


def test_a_listener_that_fails_does_not_take_the_call_down() -> None:
    desk = Desk()
    desk.ear.on["ringing"] = lambda: 1 // 0  # type: ignore[assignment,return-value]
    invite = invite_of(desk, outgoing())
    desk.answers(invite, 180)
    desk.answers(invite, 200, body=ANSWER)
    assert desk.ear.events == ["trying", "ringing", "answered"]


def test_nothing_is_told_before_dial_returns() -> None:
    desk = Desk()
    call = desk.ours.agent.dial("them", outgoing("no number"), desk.ear)
    assert desk.ear.events == []
    call.hang_up()
    call.hang_up()
    desk.network.run(1)
    assert (desk.ear.events, desk.ear.ending.cause, desk.network.sent) == (["ended"], "local", [])


def test_a_contact_that_leads_nowhere_is_answered_the_way_it_came() -> None:
    desk = Desk()
    invite = invite_of(desk, outgoing())
    desk.says(response_to(invite, 200, to_tag="t", headers=[("Contact", "<sip:far@nowhere.example>")], body=ANSWER))
    ack = desk.last("ACK")
    assert ack is not None
    assert str(ack.uri) == "sip:far@nowhere.example"


def test_another_machine_of_the_carrier_may_speak_within_its_call_and_not_else() -> None:
    """DNS does not name it, but the trunk's own Contact led us there."""
    desk = Desk()
    machine = Flow("udp", "10.0.0.77", 5060)
    invite = invite_of(desk, outgoing())
    desk.says(response_to(invite, 200, to_tag="t", headers=[("Contact", "<sip:m@10.0.0.77>")], body=ANSWER))
    bye = Request("BYE", parse_uri("sip:teahouse@10.0.0.1"))
    bye.headers.set("Via", f"SIP/2.0/UDP 10.0.0.77;branch={new_branch()}")
    bye.headers.set("Max-Forwards", "70")
    bye.headers.set("From", f"{invite.headers['To']};tag=t")
    bye.headers.set("To", invite.headers["From"])
    bye.headers.set("Call-ID", "another")
    bye.headers.set("CSeq", "1 BYE")
    for sender, call_id, is_taken in (
        (machine, "another", False),
        (Flow("udp", "10.0.0.78", 5060), invite.call_id, False),
        (machine, invite.call_id, True),
    ):
        bye.headers.set("Call-ID", call_id)
        said = len(desk.network.sent)
        desk.ours.agent.receive(serialise(bye), sender)
        desk.network.run(0.1)
        assert (len(desk.network.sent) > said) is is_taken
    assert (desk.ear.ending.cause, desk.ours.agent.gate.dropped) == ("remote", 2)


def test_a_name_in_a_contact_is_looked_up() -> None:
    desk = Desk()
    desk.network.names["sbc.example"] = [CARRIER.host]
    invite = invite_of(desk, outgoing())
    response = response_to(
        invite,
        200,
        to_tag="t",
        headers=[("Contact", "<sip:far@192.0.2.1>"), ("Record-Route", "<sip:sbc.example;lr>")],
        body=ANSWER,
    )
    desk.says(response)
    ack = desk.last("ACK")
    assert ack is not None
    assert (str(ack.uri), ack.headers["Route"]) == ("sip:far@192.0.2.1", "<sip:sbc.example;lr>")
