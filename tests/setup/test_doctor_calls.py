"""`teahouse doctor` asks what calls need, as a browser and the house would: real coturn, real rtpengine."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from teahouse.config import Settings
from teahouse.doctor import CHECKS, Finding
from teahouse.doctor.calls import phone_media, relays
from tests.harness.peers import Coturn, RtpEngineDaemon, free_port, wait_until

SECRET = "oolong, not for everybody"


@pytest.fixture(scope="module")
def coturn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coturn]:
    with Coturn(tmp_path_factory.mktemp("turn"), secret=SECRET) as running:
        yield running


def one(check: Callable[[Settings], Iterator[Finding]], **values: object) -> Finding:
    (finding,) = check(Settings(**values))  # type: ignore[arg-type]
    return finding


def test_the_doctor_asks_about_calls() -> None:
    assert {relays, phone_media} <= set(CHECKS)


def test_a_relay_is_asked_for_an_address_over_udp_and_tcp(coturn: Coturn) -> None:
    findings = list(relays(Settings(stun_urls=coturn.stun_url, turn_urls=coturn.turn_urls, turn_secret=SECRET)))
    assert [(one.what, one.state, one.fix) for one in findings] == [
        ("STUN for calls", "ok", ""),
        ("Relay for calls", "ok", ""),
        ("Relay for calls", "ok", ""),
    ], findings
    assert all("gives 127.0.0.1:" in finding.found for finding in findings)
    wait_until(
        lambda: coturn.output.count("delete: ") >= 2, "giving back what was allocated", log=lambda: coturn.output
    )


def test_a_wrong_secret_is_a_failure_with_the_reason(coturn: Coturn) -> None:
    finding = one(relays, turn_urls=f"turn:127.0.0.1:{coturn.port}", turn_secret="a guess")
    assert finding.state == "fail"
    assert "401" in finding.found
    assert "static-auth-secret" in finding.fix


def test_a_relay_that_gives_a_private_address_is_of_no_use_to_people_outside(coturn: Coturn) -> None:
    url = f"turn:127.0.0.1:{coturn.port}"
    finding = one(relays, turn_urls=url, turn_secret=SECRET, url="https://tea.example")
    assert finding.state == "warn"
    assert "external-ip" in finding.fix


@pytest.mark.parametrize(
    ("values", "state", "word"),
    [
        ({}, "ok", "one network"),
        ({"url": "https://tea.example"}, "warn", "one network"),
        ({"turn_urls": "turn:127.0.0.1"}, "fail", "without a secret"),
        ({"turn_urls": "127.0.0.1:3478", "turn_secret": SECRET}, "fail", "turn_urls"),
        ({"turn_urls": "turn:127.0.0.1:1?transport=pigeon", "turn_secret": SECRET}, "fail", "pigeon"),
        ({"turn_urls": "turn:127.0.0.1:many", "turn_secret": SECRET}, "fail", "many"),
    ],
)
def test_relays_that_are_not_set_or_not_set_right(values: dict[str, object], state: str, word: str) -> None:
    finding = one(relays, **values)
    assert finding.state == state
    assert word in finding.found
    assert bool(finding.fix) == (state != "ok")


def test_a_relay_that_is_not_there_is_a_failure() -> None:
    finding = one(relays, turn_urls=f"turn:127.0.0.1:{free_port()}?transport=tcp", turn_secret=SECRET)
    assert finding.state == "fail"


def test_rtpengine_answers_or_is_a_failure(tmp_path: Path) -> None:
    with RtpEngineDaemon(tmp_path) as daemon:
        good = one(phone_media, media_engine="rtpengine", rtpengine=daemon.control)
        assert (good.state, good.fix) == ("ok", "")
    gone = one(phone_media, media_engine="rtpengine", rtpengine=daemon.control)
    assert gone.state == "fail"
    assert "TEAHOUSE_RTPENGINE" in gone.fix
    assert one(phone_media, media_engine="rtpengine", rtpengine="nowhere").state == "fail"


def test_the_relay_needs_free_ports() -> None:
    with ExitStack() as stack:
        taken = stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        neighbour = stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
        for beside in (port - 1, port + 1):
            try:
                neighbour.bind(("127.0.0.1", beside))
                break
            except OSError:
                continue
        first, last = sorted((port, neighbour.getsockname()[1]))
        finding = one(phone_media, rtp_ports=f"{first}-{last}")
        assert finding.state == "fail"
        assert "0 of 2" in finding.found
    assert one(phone_media, rtp_ports=f"{first}-{last}").state == "ok"


@pytest.mark.parametrize("ports", ["", "30000", "30999-30000", "1-1000", "30000-70000", "a-b", "30000-30000"])
def test_what_is_no_range_of_ports_is_a_failure(ports: str) -> None:
    finding = one(phone_media, rtp_ports=ports)
    assert finding.state == "fail"
    assert "TEAHOUSE_RTP_PORTS" in finding.fix
