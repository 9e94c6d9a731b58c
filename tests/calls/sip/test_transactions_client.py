"""Client transactions: each state and each timer of RFC 3261 17.1 and RFC 6026, by hand."""

import dataclasses

import pytest
from sipmessage import Request

from teahouse.calls.sip.message import parse_uri, response_to
from teahouse.calls.sip.transactions import Flow
from tests.calls.sip.side import CARRIER, Side, a_request

TCP = Flow("tcp", "192.0.2.2", 5060)


class TestInvite:
    def test_it_is_sent_again_at_doubling_intervals_and_given_up_at_64_t1(self) -> None:
        us = Side()
        call = us.ask("INVITE")
        us.pass_to(100)
        assert us.sent_at("INVITE") == [0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
        assert (us.heard, us.now, call.state, len(us.layer)) == (["timeout"], 100, "terminated", 0)

    def test_timer_b_ends_at_32_seconds(self) -> None:
        us = Side()
        us.ask("INVITE")
        us.pass_to(31.999)
        assert us.heard == []
        us.pass_to(32)
        assert us.heard == ["timeout"]

    def test_a_stream_is_sent_to_once(self) -> None:
        us = Side()
        us.ask("INVITE", TCP)
        us.pass_to(100)
        assert (us.sent_at("INVITE"), us.heard) == ([0], ["timeout"])

    def test_a_provisional_response_ends_the_repetition_and_the_wait(self) -> None:
        us = Side()
        call = us.ask("INVITE")
        us.pass_to(0.6)
        us.take(response_to(call.request, 100))
        us.take(response_to(call.request, 180, to_tag="x"))
        us.pass_to(1000)
        assert us.sent_at("INVITE") == [0, 0.5]
        assert (us.heard, call.state) == (["100", "180"], "proceeding")

    def test_every_2xx_reaches_the_user_until_timer_m(self) -> None:
        us = Side()
        call = us.ask("INVITE")
        us.take(response_to(call.request, 200, to_tag="x"))
        us.take(response_to(call.request, 180, to_tag="y"))
        us.take(response_to(call.request, 486, to_tag="y"))
        us.pass_to(31.9)
        us.take(response_to(call.request, 200, to_tag="x"))
        assert (us.heard, call.state) == (["200", "200"], "accepted")
        us.pass_to(32)
        assert call.state == "terminated"
        us.take(response_to(call.request, 200, to_tag="x"))
        assert us.heard == ["200", "200", "stray 200"]
        assert us.sent_at("ACK") == []

    def test_a_refusal_is_acked_as_often_as_it_comes_and_heard_once(self) -> None:
        us = Side()
        call = us.ask("INVITE")
        for at in (0, 1, 5, 31.9):
            us.pass_to(at)
            us.take(response_to(call.request, 486, to_tag="x"))
            us.take(response_to(call.request, 200, to_tag="x"))
        assert (us.heard, us.sent_at("ACK"), call.state) == (["486"], [0, 1, 5, 31.9], "completed")
        us.pass_to(32)
        assert (call.state, len(us.layer)) == ("terminated", 0)

    def test_over_a_stream_timer_d_is_nought(self) -> None:
        us = Side()
        call = us.ask("INVITE", TCP)
        us.take(response_to(call.request, 486, to_tag="x"), TCP)
        assert (us.heard, us.sent_at("ACK"), call.state) == (["486"], [0], "terminated")

    def test_the_ack_is_what_the_rfc_says(self) -> None:
        us = Side()
        headers = [("Route", "<sip:p1;lr>"), ("Route", "<sip:p2;lr>"), ("Proxy-Authorization", "Digest x=y")]
        call = us.ask("INVITE", headers=headers, body=b"v=0", cseq=7)
        us.take(response_to(call.request, 404, to_tag="theirs"))
        ack = us.last
        assert isinstance(ack, Request)
        assert (ack.method, ack.uri, ack.body) == ("ACK", call.request.uri, b"")
        assert ack.via == call.request.via
        assert (ack.headers["From"], ack.call_id) == (call.request.headers["From"], call.request.call_id)
        assert ack.headers["To"] == "<sip:b@example.com>;tag=theirs"
        assert ack.headers["CSeq"] == "7 ACK"
        assert ack.headers.getlist("Route") == ["<sip:p1;lr>", "<sip:p2;lr>"]
        assert us.sent[-1][1] == CARRIER

    def test_cancel_is_a_transaction_of_its_own(self) -> None:
        us = Side()
        call = us.ask("INVITE")
        us.take(response_to(call.request, 180, to_tag="x"))
        cancel = us.ask("CANCEL", via=call.request.headers["Via"])
        us.take(response_to(cancel.request, 200, to_tag="x"))
        us.take(response_to(call.request, 487, to_tag="x"))
        assert us.heard == ["180", "200", "487"]
        assert (cancel.state, call.state) == ("completed", "completed")

    def test_one_that_was_cancelled_in_vain_is_abandoned(self) -> None:
        us = Side()
        call = us.ask("INVITE")
        us.take(response_to(call.request, 180, to_tag="x"))
        us.layer.abandon(call)
        us.layer.abandon(call)
        assert (us.heard, len(us.layer), us.layer.next_timer()) == (["180"], 0, None)


class TestOtherRequests:
    def test_it_is_sent_again_up_to_every_t2_and_given_up_at_64_t1(self) -> None:
        us = Side()
        us.ask("OPTIONS")
        us.pass_to(100)
        assert us.sent_at("OPTIONS") == [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
        assert (us.heard, len(us.layer)) == (["timeout"], 0)

    def test_after_a_provisional_response_it_goes_on_every_t2(self) -> None:
        us = Side()
        asked = us.ask("REGISTER")
        us.pass_to(0.6)
        us.take(response_to(asked.request, 100))
        us.pass_to(100)
        assert us.sent_at("REGISTER") == [0, 0.5, 1.5, 5.5, 9.5, 13.5, 17.5, 21.5, 25.5, 29.5]
        assert us.heard == ["100", "timeout"]

    @pytest.mark.parametrize("code", [200, 301, 401, 503, 603])
    def test_one_final_response_is_heard_and_timer_k_takes_the_others(self, code: int) -> None:
        us = Side()
        asked = us.ask("BYE")
        us.take(response_to(asked.request, code, to_tag="x"))
        us.pass_to(4.9)
        us.take(response_to(asked.request, 500, to_tag="x"))
        us.take(response_to(asked.request, 100))
        assert (us.heard, asked.state) == ([str(code)], "completed")
        us.pass_to(5)
        assert (asked.state, us.sent_at("BYE"), len(us.layer)) == ("terminated", [0], 0)

    def test_over_a_stream_nothing_is_repeated_or_waited_for(self) -> None:
        us = Side()
        us.ask("OPTIONS", TCP)
        us.pass_to(100)
        asked = us.ask("OPTIONS", TCP)
        us.take(response_to(asked.request, 200, to_tag="x"), TCP)
        assert (us.sent_at("OPTIONS"), us.heard, asked.state) == ([0, 100], ["timeout", "200"], "terminated")


class TestMatching:
    def test_branch_and_method_must_fit(self) -> None:
        us = Side()
        asked = us.ask("BYE")
        other = response_to(a_request("BYE"), 200, to_tag="x")
        us.take(other)
        method = response_to(asked.request, 200, to_tag="x")
        method.headers.set("CSeq", "1 INFO")
        us.take(method)
        assert us.heard == ["stray 200", "stray 200"]
        us.take(response_to(asked.request, 200, to_tag="x"))
        assert us.heard[2:] == ["200"]

    def test_what_went_by_another_is_not_ours(self) -> None:
        us = Side()
        asked = us.ask("BYE")
        answer = response_to(asked.request, 200, to_tag="x")
        answer.headers.add("Via", "SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23")
        us.take(answer)
        assert us.heard == []

    def test_a_branch_is_used_once_and_an_ack_has_no_transaction(self) -> None:
        us = Side()
        asked = us.ask("BYE")
        with pytest.raises(ValueError, match="in use"):
            us.ask("BYE", via=asked.request.headers["Via"])
        with pytest.raises(ValueError, match="ACK"):
            us.ask("ACK")


class TestTrouble:
    def test_a_lost_connection_is_heard_once_by_each_that_waits(self) -> None:
        us = Side()
        waiting, answered = us.ask("OPTIONS", TCP), us.ask("INVITE", TCP, call_id="2")
        us.ask("OPTIONS", dataclasses.replace(TCP, port=5070), call_id="3")
        us.take(response_to(answered.request, 200, to_tag="x"), TCP)
        us.layer.transport_failed(TCP, us.now)
        us.layer.transport_failed(TCP, us.now)
        assert (us.heard, waiting.state, answered.state) == (["200", "transport error"], "terminated", "terminated")
        assert len(us.layer) == 1

    def test_beyond_the_bound_nothing_is_sent_and_the_user_is_told(self) -> None:
        us = Side(open_max=2)
        us.ask(), us.ask()
        refused = us.ask("INVITE")
        assert (len(us.sent), us.heard, refused.state) == (2, [], "refused")
        us.pass_to(0)
        assert (us.heard, refused.state, len(us.layer)) == (["transport error"], "terminated", 2)

    def test_a_request_that_cannot_be_written_leaves_nothing_behind(self) -> None:
        us = Side()
        with pytest.raises(ValueError, match="line break"):
            us.ask("OPTIONS", headers={"Subject": "a\r\nb"})
        assert (len(us.layer), us.layer.next_timer(), us.sent) == (0, None, [])

    def test_an_ack_of_a_2xx_goes_without_one(self) -> None:
        us = Side()
        ack = a_request("ACK")
        ack.uri = parse_uri("sip:remote@192.0.2.9")
        us.layer.send_stateless(ack, CARRIER)
        us.collect()
        assert (us.sent_at("ACK"), len(us.layer)) == ([0], 0)
