"""Signs of life (RFC 4028): half-time refreshes by UPDATE or re-INVITE, and the end where none comes."""

import pytest

from teahouse.calls.sip import session_timer
from teahouse.calls.sip.message import Request, Response, parse_uri
from teahouse.calls.sip.session_timer import SessionTimer
from tests.calls.sip.virtual import neighbours, talking


def asked(**fields: str) -> Request:
    request = Request("INVITE", parse_uri("sip:a@b"))
    for name, value in fields.items():
        request.headers.set(name.replace("_", "-"), value)
    return request


@pytest.mark.parametrize(
    ("request_", "ours", "agreed", "said"),
    [
        (asked(), 0, None, None),
        (asked(), 1800, SessionTimer(1800, True), "1800;refresher=uas"),
        (asked(Supported="timer"), 1800, SessionTimer(1800, False), "1800;refresher=uac"),
        (asked(Supported="timer", Session_Expires="600"), 1800, SessionTimer(600, False), "600;refresher=uac"),
        (asked(Supported="timer", x="1"), 0, None, None),
        (
            asked(Supported="timer", Session_Expires="600 ; Refresher=UAS"),
            0,
            SessionTimer(600, True),
            "600;refresher=uas",
        ),
        (asked(Session_Expires="600;refresher=uac"), 0, SessionTimer(600, True), "600;refresher=uas"),
        (asked(Supported="timer", Min_SE="3600"), 1800, SessionTimer(3600, False), "3600;refresher=uac"),
        (asked(Supported="timer", Session_Expires="9999999999"), 0, None, None),
    ],
)
def test_what_a_2xx_says(request_: Request, ours: int, agreed: SessionTimer | None, said: str | None) -> None:
    timer, fields = session_timer.answer(request_, ours)
    assert (timer, dict(fields).get("Session-Expires")) == (agreed, said)
    assert (dict(fields).get("Require") == "timer") is (agreed is not None and not agreed.we_refresh)


def test_an_interval_that_is_too_small() -> None:
    assert session_timer.is_too_small(asked(Supported="timer", Session_Expires="89"))
    assert not session_timer.is_too_small(asked(Supported="timer", Session_Expires="90"))
    assert not session_timer.is_too_small(asked(Session_Expires="30"))  # it could not understand a 422


def test_a_422_is_followed_only_upwards() -> None:
    response = Response(422, "")
    assert session_timer.raised(response, 90) is None
    response.headers.set("Min-SE", "3600")
    assert session_timer.raised(response, 90) == 3600
    assert session_timer.raised(response, 3600) is None
    response.headers.set("Min-SE", "4000000000")
    assert session_timer.raised(response, 90) is None


@pytest.mark.parametrize("method", ["UPDATE", "INVITE"])
def test_who_called_refreshes_at_half_time(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    network, ours, theirs = neighbours(session_expires_s=1800)
    if method == "INVITE":
        monkeypatch.setattr(theirs.agent, "abilities", lambda: [("Allow", "INVITE, BYE"), ("Supported", "timer")])
    call, _, near, far = talking(network, ours, theirs)
    network.run(7000)
    refreshes = [when for when, host, message in network.sent if message.cseq.method == method and host == ours.host]
    assert len([when for when in refreshes if when > 60]) == 7
    assert (near.endings, far.endings) == ([], [])
    call.hang_up()
    network.run(60)
    assert (near.ending.cause, far.ending.cause) == ("local", "remote")


def test_a_call_whose_other_side_is_gone_ends() -> None:
    network, ours, theirs = neighbours(session_expires_s=1800)
    _, _, near, far = talking(network, ours, theirs)
    network.loses = lambda _message: True
    network.run(1000)
    assert (near.ending.cause, near.ending.was_answered, far.endings) == ("session_expired", True, [])
    network.run(1000)
    assert far.ending.cause == "session_expired"


def test_without_session_timers_a_call_lasts() -> None:
    network, ours, theirs = neighbours(session_expires_s=0)
    _, _, near, far = talking(network, ours, theirs)
    network.run(100_000)
    assert (near.endings, far.endings) == ([], [])
    assert "UPDATE" not in network.methods(ours.host)
