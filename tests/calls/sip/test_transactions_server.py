"""Server transactions: each state and each timer of RFC 3261 17.2 and RFC 6026, matching, and the way back."""

import pytest
from sipmessage import Request, Response

from teahouse.calls.sip.message import BadMessage, parse, response_to, tag_of
from teahouse.calls.sip.transactions import Flow, new_branch
from tests.calls.sip.side import CARRIER, Side, a_request
from tests.calls.sip.torture.invalid import INVALID
from tests.calls.sip.torture.meaning import MEANING

TCP = Flow("tcp", "192.0.2.2", 40000)


def ack_of(invite: Request, to_tag: str = "x", **other: object) -> Request:
    return a_request("ACK", **({"via": invite.headers["Via"], "to": f"<sip:b@example.com>;tag={to_tag}"} | other))


class TestInvite:
    def test_it_is_told_once_and_answered_as_before_each_time_it_comes(self) -> None:
        us, invite = Side(), a_request("INVITE")
        us.take(invite)
        us.take(invite)
        assert us.sent == []
        us.answer(response_to(invite, 180, to_tag="x"))
        us.take(invite)
        us.take(invite)
        assert (us.heard, us.sent_at("180")) == (["INVITE"], [0, 0, 0])
        assert us.asked[0].state == "proceeding"

    def test_100_is_sent_after_200_ms_unless_the_user_was_faster(self) -> None:
        us = Side()
        us.take(a_request("INVITE"))
        us.pass_to(0.2)
        assert us.sent_at("100") == [0.2]
        assert tag_of(us.last.to_address) == ""
        fast = a_request("INVITE", call_id="2")
        us.take(fast)
        us.answer(response_to(fast, 180, to_tag="x"))
        us.pass_to(5)
        assert us.sent_at("100") == [0.2]

    def test_a_refusal_is_repeated_up_to_every_t2_until_its_ack_is_given_up(self) -> None:
        us, invite = Side(), a_request("INVITE")
        us.take(invite)
        us.answer(response_to(invite, 486, to_tag="x"))
        us.pass_to(100)
        assert us.sent_at("486") == [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
        assert (us.heard, len(us.layer), us.asked[0].state) == (["INVITE", "no ACK"], 0, "terminated")

    def test_its_ack_ends_that_and_timer_i_takes_the_others(self) -> None:
        us, invite = Side(), a_request("INVITE")
        us.take(invite)
        us.answer(response_to(invite, 486, to_tag="x"))
        us.pass_to(0.6)
        us.take(invite)
        us.take(ack_of(invite))
        us.pass_to(5.5)
        us.take(ack_of(invite))
        us.take(invite)
        assert (us.sent_at("486"), us.asked[0].state) == ([0, 0.5, 0.6], "confirmed")
        us.pass_to(5.6)
        assert (us.heard, us.asked[0].state, len(us.layer)) == (["INVITE"], "terminated", 0)

    def test_over_a_stream_a_refusal_is_sent_once_and_confirmed_at_once(self) -> None:
        us, invite = Side(), a_request("INVITE", via=f"SIP/2.0/TCP 192.0.2.2:40000;branch={new_branch()}")
        us.take(invite, TCP)
        us.answer(response_to(invite, 486, to_tag="x"))
        us.pass_to(10)
        us.take(ack_of(invite), TCP)
        assert (us.sent_at("486"), len(us.layer)) == ([0], 0)
        us.take(invite, TCP)
        us.answer(response_to(invite, 486, to_tag="x"))
        us.pass_to(100)
        assert us.heard == ["INVITE", "INVITE", "no ACK"]

    def test_a_2xx_is_its_users_to_repeat_until_timer_l(self) -> None:
        us, invite = Side(), a_request("INVITE")
        us.take(invite)
        us.answer(response_to(invite, 200, to_tag="x"))
        us.pass_to(0.5)
        us.take(invite)
        us.answer(response_to(invite, 200, to_tag="x"))
        us.answer(response_to(invite, 486, to_tag="x"))
        us.answer(response_to(invite, 180, to_tag="x"))
        us.pass_to(31.9)
        us.take(invite)
        assert (us.sent_at("200"), us.heard, us.asked[0].state) == ([0, 0.5], ["INVITE"], "accepted")
        us.pass_to(32)
        us.answer(response_to(invite, 200, to_tag="x"))
        assert (len(us.sent), us.asked[0].state, len(us.layer)) == (2, "terminated", 0)

    def test_the_ack_of_a_2xx_is_the_users_whatever_its_branch(self) -> None:
        us, invite = Side(), a_request("INVITE")
        us.take(invite)
        us.answer(response_to(invite, 200, to_tag="x"))
        us.take(ack_of(invite, via=f"SIP/2.0/UDP 192.0.2.2;branch={new_branch()}"))
        us.take(ack_of(invite))
        assert us.heard == ["INVITE", "ACK", "ACK"]

    def test_an_ack_before_any_answer_means_nothing(self) -> None:
        us, invite = Side(), a_request("INVITE")
        us.take(invite)
        us.take(ack_of(invite))
        assert (us.heard, us.asked[0].state) == (["INVITE"], "proceeding")

    def test_a_cancel_finds_what_it_cancels(self) -> None:
        us, invite = Side(), a_request("INVITE")
        us.take(invite)
        us.take(a_request("CANCEL", via=invite.headers["Via"]))
        cancel = us.asked[1].request
        assert us.heard == ["INVITE", "CANCEL"]
        assert us.layer.matching_invite(cancel) is us.asked[0]
        assert us.layer.matching_invite(a_request("CANCEL")) is None


class TestOtherRequests:
    def test_it_is_told_once_and_answered_once_there_is_an_answer(self) -> None:
        us, asked = Side(), a_request("OPTIONS")
        us.take(asked)
        us.take(asked)
        assert (us.heard, us.sent, us.asked[0].state) == (["OPTIONS"], [], "trying")
        us.answer(response_to(asked, 100))
        us.take(asked)
        assert us.asked[0].state == "proceeding"
        us.answer(response_to(asked, 200, to_tag="x"))
        us.answer(response_to(asked, 500, to_tag="x"))
        us.pass_to(31.9)
        us.take(asked)
        assert (us.sent_at("100"), us.sent_at("200"), us.sent_at("500")) == ([0, 0], [0, 31.9], [])
        us.pass_to(32)
        assert (us.asked[0].state, len(us.layer)) == ("terminated", 0)

    def test_over_a_stream_timer_j_is_nought(self) -> None:
        us, asked = Side(), a_request("OPTIONS", via=f"SIP/2.0/TCP 192.0.2.2:40000;branch={new_branch()}")
        us.take(asked, TCP)
        us.answer(response_to(asked, 200, to_tag="x"))
        assert (us.asked[0].state, len(us.layer)) == ("terminated", 0)


class TestMatching:
    @pytest.mark.parametrize(
        "change",
        [("192.0.2.2:5060", "192.0.2.2:5070"), ("192.0.2.2:5060", "192.0.2.3:5060"), ("branch=z", "branch=z9hG4bKy")],
    )
    def test_sent_by_and_branch_must_fit(self, change: tuple[str, str]) -> None:
        us, first = Side(), a_request("OPTIONS")
        us.take(first)
        us.take(a_request("OPTIONS", via=first.headers["Via"].replace(*change), cseq=2))
        assert us.heard == ["OPTIONS", "OPTIONS"]

    def test_the_host_of_sent_by_has_no_case(self) -> None:
        us, first = Side(), a_request("OPTIONS", via="SIP/2.0/UDP A.example;branch=z9hG4bK1")
        us.take(first)
        us.take(a_request("OPTIONS", via="SIP/2.0/UDP a.EXAMPLE;branch=z9hG4bK1"))
        assert us.heard == ["OPTIONS"]

    def test_a_request_that_came_by_two_ways_is_answered_once_and_refused_once(self) -> None:
        us, first, copy = Side(), a_request("INVITE"), a_request("INVITE")
        us.take(first)
        us.take(copy)
        us.take(copy)
        assert (us.heard, us.sent_at("482")) == (["INVITE"], [0, 0])
        assert us.last.via[0].parameters["branch"] == copy.via[0].parameters["branch"]
        us.take(ack_of(copy))
        us.answer(response_to(first, 486, to_tag="x"))
        us.take(ack_of(first))
        us.pass_to(5)
        assert len(us.layer) == 0
        us.take(a_request("INVITE"))
        assert us.heard == ["INVITE", "INVITE"]

    def test_within_a_dialog_and_with_another_number_nothing_is_merged(self) -> None:
        us = Side()
        us.take(a_request("INVITE"))
        us.take(a_request("INVITE", cseq=2))
        us.take(a_request("INVITE", to="<sip:b@example.com>;tag=x"))
        us.take(a_request("INVITE", to="<sip:b@example.com>;tag=x"))
        assert us.heard == ["INVITE"] * 4

    @pytest.mark.parametrize("branch", ["", ";branch=z9hG4bK", ";branch=old"])
    def test_senders_from_before_rfc_3261_are_known_by_the_whole_message(self, branch: str) -> None:
        us, via = Side(), f"SIP/2.0/UDP 192.0.2.2{branch}"
        invite = a_request("INVITE", via=via)
        us.take(invite)
        us.take(invite)
        us.take(a_request("INVITE", via=via, call_id="another"))
        us.take(a_request("CANCEL", via=via))
        assert us.heard == ["INVITE", "INVITE", "CANCEL"]
        assert us.layer.matching_invite(us.asked[2].request) is us.asked[0]
        us.layer.respond(us.asked[0], response_to(invite, 486, to_tag="x"), us.now)
        us.take(ack_of(invite))
        assert us.asked[0].state == "confirmed"

    def test_the_messages_of_rfc_4475_are_told_like_any_other(self) -> None:
        us = Side()
        for name in ("badbranch", "inv2543", "zeromf", "unkscm"):
            us.take(parse(MEANING[name]))
        us.take(parse(MEANING["bcast"]))
        assert us.heard == ["OPTIONS", "INVITE", "OPTIONS", "OPTIONS"]


class TestTheWayBack:
    def came(self, via: str, flow: Flow) -> tuple[str, Flow]:
        """The top Via and the way of the answer to a request that came by `flow`."""
        us, asked = Side(), a_request("OPTIONS", via=f"{via};branch=z9hG4bK1")
        us.take(asked, flow)
        us.answer(response_to(us.asked[0].request, 200, to_tag="x"))
        return us.last.headers["Via"].replace(";branch=z9hG4bK1", ""), us.sent[-1][1]

    def test_udp_goes_to_the_sender_and_the_port_of_via(self) -> None:
        odd = Flow("udp", "192.0.2.2", 33333)
        assert self.came("SIP/2.0/UDP 192.0.2.2:5070", odd) == (
            "SIP/2.0/UDP 192.0.2.2:5070",
            Flow("udp", "192.0.2.2", 5070),
        )
        assert self.came("SIP/2.0/UDP 10.0.0.1", odd) == (
            "SIP/2.0/UDP 10.0.0.1;received=192.0.2.2",
            Flow("udp", "192.0.2.2", 5060),
        )
        assert self.came("SIP/2.0/UDP host.example", odd)[0].endswith(";received=192.0.2.2")

    def test_rport_is_filled_and_used(self) -> None:
        odd = Flow("udp", "192.0.2.2", 33333)
        assert self.came("SIP/2.0/UDP 10.0.0.1:5060;rport", odd) == (
            "SIP/2.0/UDP 10.0.0.1:5060;rport=33333;received=192.0.2.2",
            odd,
        )
        assert self.came("SIP/2.0/UDP 192.0.2.2:33333;rport;received=6.6.6.6", odd) == (
            "SIP/2.0/UDP 192.0.2.2:33333;rport=33333;received=192.0.2.2",
            odd,
        )

    def test_a_stream_is_its_own_way_back(self) -> None:
        assert self.came("SIP/2.0/TCP 10.0.0.1:5060", TCP) == ("SIP/2.0/TCP 10.0.0.1:5060;received=192.0.2.2", TCP)

    def test_one_address_may_be_written_in_two_ways(self) -> None:
        via, back = self.came("SIP/2.0/UDP [2001:DB8:0::1]:5060", Flow("udp", "2001:db8::1", 5060))
        assert "received" not in via
        assert back == Flow("udp", "2001:db8::1", 5060)

    def test_other_hops_are_left_as_they_are(self) -> None:
        us, asked = Side(), a_request("OPTIONS")
        asked.headers.set(
            "Via", "SIP/2.0/UDP 10.0.0.1;rport;branch=z9hG4bK1, SIP/2.0/TCP far.example;branch=z9hG4bK2;x=y"
        )
        us.take(asked)
        assert [str(via) for via in us.asked[0].request.via] == [
            "SIP/2.0/UDP 10.0.0.1;rport=5060;branch=z9hG4bK1;received=192.0.2.2",
            "SIP/2.0/TCP far.example;branch=z9hG4bK2;x=y",
        ]


class TestTrouble:
    def test_a_lost_connection_ends_what_is_owed_and_tells_it(self) -> None:
        us = Side()
        via = "SIP/2.0/TCP 192.0.2.2:40000;branch="
        for number, code in enumerate((0, 180, 200, 486)):
            invite = a_request("INVITE", via=via + new_branch(), call_id=str(number))
            us.take(invite, TCP)
            if code:
                us.answer(response_to(invite, code, to_tag="x"))
        us.take(a_request("OPTIONS", via=via + new_branch(), call_id="9"), TCP)
        us.layer.transport_failed(TCP, us.now)
        assert us.heard == ["INVITE"] * 4 + ["OPTIONS"] + ["server transport error"] * 4
        assert (len(us.layer), us.layer.next_timer()) == (0, None)

    def test_a_full_layer_says_when_to_come_again_and_keeps_nothing(self) -> None:
        us = Side(open_max=1)
        us.take(a_request("OPTIONS"))
        late = a_request("INVITE", call_id="late")
        us.take(late)
        assert (us.heard, us.sent_at("503"), len(us.layer)) == (["OPTIONS"], [0], 1)
        assert us.last.headers["Retry-After"] == "5"
        us.take(ack_of(late))
        assert us.heard == ["OPTIONS", "ACK"]

    def test_what_cannot_be_read_is_refused_where_it_can_be_answered(self) -> None:
        us = Side()
        for name in ("clerr", "badvers", "insuf", "bigcode"):
            with pytest.raises(BadMessage) as caught:
                parse(INVALID[name])
            us.layer.refuse(caught.value, CARRIER)
        us.collect()
        assert [(when, flow) for when, flow, _ in us.sent] == [(0, CARRIER)] * 2
        answers = [message for _, _, message in us.sent if isinstance(message, Response)]
        assert [answer.code for answer in answers] == [400, 505]
        assert answers[0].headers["Via"].endswith(";received=192.0.2.2")
        assert len(us.layer) == 0

    def test_an_ack_is_never_answered(self) -> None:
        us = Side()
        text = bytes(a_request("ACK")).replace(b"Max-Forwards: 70", b"Max-Forwards: x")
        with pytest.raises(BadMessage) as caught:
            parse(text)
        us.layer.refuse(caught.value, CARRIER)
        assert us.layer.outbox == []
