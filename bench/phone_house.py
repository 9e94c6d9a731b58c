"""A real `teahouse serve` with a trunk that leads to SIPp, and people with money who call through it."""

from __future__ import annotations

import re
import secrets
import selectors
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from bench.house import PASSWORD as HOUSE_PASSWORD
from bench.house import SETTINGS, Guest, House
from teahouse.calls.phone.rates.sample import SAMPLE_DECK
from tests.calls.sip.sipp import HOST, free_port
from tests.harness.server import Server

NUMBER: Final = "+493023125000"
PIN: Final = "482915"
FUNDS: Final = 10**9
RTP_PORTS: Final = "36000-39999"
READY_S: Final = 30.0
CALL_S: Final = 30.0
NO_LIMITS: Final = (
    "person_calls",
    "person_calls_hour",
    "person_numbers_hour",
    "person_spend_day",
    "house_calls",
    "house_spend_day",
)
FAULTS: Final = (b'"type":"error"', b'"type":"overflow"')
PLACED: Final = re.compile(rb'"call":\{"id":"([^"]+)"')

OFFER: Final = """\
v=0
o=- {session} 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=extmap-allow-mixed
a=msid-semantic: WMS stream
m=audio {port} UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
c=IN IP4 127.0.0.1
a=rtcp:9 IN IP4 0.0.0.0
a=candidate:1 1 udp 2113937151 127.0.0.1 {port} typ host generation 0 network-cost 999
a=ice-ufrag:{ufrag}
a=ice-pwd:{password}
a=ice-options:trickle
a=fingerprint:sha-256 {fingerprint}
a=setup:actpass
a=mid:0
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=sendrecv
a=msid:stream track
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=fmtp:63 111/111
a=rtpmap:9 G722/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:13 CN/8000
a=rtpmap:110 telephone-event/48000
a=rtpmap:126 telephone-event/8000
a=ssrc:1 cname:x
"""
"""What Chromium offers for a call, with one address; nobody is there, so its ICE and DTLS go no further."""
NOBODY: Final = 9
"""Port of that address: `discard`."""


def offer() -> str:
    """An offer of its own for each call."""
    return OFFER.format(
        session=secrets.randbits(60),
        port=NOBODY,
        ufrag=secrets.token_urlsafe(3).replace("-", "+").replace("_", "/"),
        password=secrets.token_hex(12),
        fingerprint=secrets.token_bytes(32).hex(":").upper(),
    ).replace("\n", "\r\n")


class PhoneHouse(House):
    """Use as a context. Its people have no chats; `leads_to` brings the trunk."""

    def __init__(self, folder: Path, people: int) -> None:
        super().__init__(folder)
        more = {"SIP_LISTEN": f"{HOST}:{free_port()}", "RTP_ADDRESS": HOST, "RTP_PORTS": RTP_PORTS}
        self.server = Server(folder / "house", settings=SETTINGS | more)
        self._people = people
        self._trunk = ""

    def __enter__(self) -> PhoneHouse:
        self.server.start()
        try:
            with ThreadPoolExecutor(4) as pool:
                self._open_door()
                self.guests += pool.map(self._sign_up, range(1, self._people))
                self._open_wallets(pool)
            operator = self.guests[0].token
            self.ask("PATCH", "/house", operator, {"country": "DE"})
            self.ask("POST", "/calls/decks", operator, {"name": "Prices", "csv": SAMPLE_DECK.read_text("utf-8")})
            self.ask("PUT", "/calls/phone/policy", operator, {"policy": {"on": True} | dict.fromkeys(NO_LIMITS, 0)})
            self.pin()
        except BaseException:
            self.server.kill()
            raise
        return self

    def leads_to(self, port: int) -> None:
        """Have one trunk, at this port; return once it is up."""
        operator = self.guests[0].token
        if self._trunk:
            self.ask("DELETE", f"/calls/trunks/{self._trunk}", operator)
        setup = {"name": "SIPp", "host": HOST, "port": port, "calls_max": 10_000}
        self._trunk = self.ask("POST", "/calls/trunks", operator, {"setup": setup})["trunk"]
        deadline = time.monotonic() + READY_S
        views: Any = self.ask("GET", "/calls/trunks", operator)
        while views[0]["state"] != "up":
            assert time.monotonic() < deadline, views
            time.sleep(0.05)
            views = self.ask("GET", "/calls/trunks", operator)

    def _open_wallets(self, pool: ThreadPoolExecutor) -> None:
        """The operator raises the limits, and two cashiers fill the wallets."""
        first, second = self.guests[:2]
        most = {"currency": "EUR", "payment_max": 10**9, "day_max": 10**13, "balance_max": 10**13}
        self.ask("PUT", "/wallet/limits", first.token, {"limits": [{"level": level, **most} for level in range(3)]})
        self.ask("PATCH", "/house", first.token, {"cash_confirm_above": 10**12})
        for guest in (first, second):
            self.ask("PUT", f"/wallet/cashiers/{guest.person}", first.token)

        def fill(guest: Guest) -> None:
            self.ask("PUT", "/wallet/pin", guest.token, {"pin": PIN, "password": HOUSE_PASSWORD})
            desk = second if guest is first else first
            money = {"amount": FUNDS, "currency": "EUR"}
            body = {"key": f"funds-{guest.person}", "person": guest.person, "amount": money}
            self.ask("POST", "/wallet/desk/top-ups", desk.token, body)

        for _ in pool.map(fill, self.guests):
            pass


@dataclass
class Times:
    """When a person was told what of one call, in ms since the tap."""

    placed: float = 0.0
    media: float = 0.0
    """The answer to the offer: the browser may connect."""
    ringing: float = 0.0
    answered: float = 0.0
    ended: float = 0.0


MARKS: Final = {
    "placed": b'"type":"ack"',
    "media": b'"type":"phone.media"',
    "ringing": b'"state":"ringing"',
    "answered": b'"state":"answered"',
    "ended": b'"state":"ended"',
}


class Caller:
    """A person's device: calls, hangs up when it is answered, and is free again when that was told."""

    def __init__(self, house: House, guest: Guest) -> None:
        self.connection = house.connect(guest)
        self.times: list[Times] = []
        self._began = 0.0
        self._call = b""
        self._number = 0

    def dial(self) -> None:
        self._number += 1
        command: dict[str, Any] = {"id": "1", "type": "phone.dial", "number": NUMBER, "offer": offer()}
        data = msgspec.json.encode(command | {"key": f"bench-{secrets.token_hex(8)}"})
        self.times.append(Times())
        self._call = b""
        self._began = time.perf_counter()
        self.connection.send(data)

    def read(self) -> bool:
        """Take what came; whether a call is over by it."""
        data = self.connection.read()
        if not self.times or self.times[-1].ended:
            return False
        now, times = (time.perf_counter() - self._began) * 1000, self.times[-1]
        if any(fault in data for fault in FAULTS):
            raise AssertionError(f"refused: {data[-500:]!r}")
        for name, mark in MARKS.items():
            if not getattr(times, name) and mark in data:
                setattr(times, name, now)
                if name == "placed":
                    found = PLACED.search(data)
                    assert found, data
                    self._call = found[1]
                elif name == "answered":
                    self.connection.send(b'{"id":"2","type":"phone.hang_up","call":"' + self._call + b'"}')
        if times.ended and not times.answered:
            raise AssertionError(f"not answered: {data[-500:]!r}")
        return times.ended > 0


def call_in_turn(callers: Sequence[Caller], count: int) -> float:
    """All call at the same time, each again when its last call is over, until there were so many; returns seconds."""
    selector = selectors.DefaultSelector()
    for caller in callers:
        selector.register(caller.connection.fd, selectors.EVENT_READ, caller)
    started, over = time.perf_counter(), 0
    begun = min(count, len(callers))
    for caller in callers[:begun]:
        caller.dial()
    while over < count:
        ready = selector.select(CALL_S)
        assert ready, f"nothing was told for {CALL_S:.0f} s: {over} of {count} calls are over"
        for key, _ in ready:
            caller = key.data
            if caller.read():
                over += 1
                if begun < count:
                    begun += 1
                    caller.dial()
    selector.close()
    return time.perf_counter() - started
