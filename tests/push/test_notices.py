"""A phone that is away is told through its push service: encrypted for it alone, and signed by the house."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import http_ece
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.harness.people import PASSWORD, PATIENCE_S, Neighbour, Neighbours, Refused
from tests.harness.server import Server

GONE = 410


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Browser:
    """A browser's side of Web Push: its address at the push service, and its keys (RFC 8291)."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def subscription(self) -> dict[str, Any]:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"endpoint": self.endpoint, "keys": {"p256dh": base64url(point), "auth": base64url(self.secret)}}

    def opens(self, body: bytes) -> dict[str, Any]:
        notice: dict[str, Any] = json.loads(http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret))
        return notice


class PushServer:
    """A push service on this machine. It keeps what was posted; addresses under `/gone/` answer 410."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, dict[str, str], bytes]] = []
        self._changed = threading.Condition()
        kept = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                self.send_response(GONE if self.path.startswith("/gone/") else 201)
                self.send_header("Content-Length", "0")
                self.end_headers()
                with kept._changed:
                    kept.posted.append((self.path, headers, body))
                    kept._changed.notify_all()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def to(self, path: str) -> list[tuple[dict[str, str], bytes]]:
        return [(headers, body) for at, headers, body in self.posted if at == path]

    async def gets(self, path: str, count: int = 1) -> list[tuple[dict[str, str], bytes]]:
        """Wait until that many were posted to a path."""

        def wait() -> bool:
            with self._changed:
                return self._changed.wait_for(lambda: len(self.to(path)) >= count, PATIENCE_S)

        assert await asyncio.to_thread(wait), f"{path} got {len(self.to(path))} of {count}"
        return self.to(path)


@pytest.fixture
def push() -> Iterator[PushServer]:
    server = PushServer()
    yield server
    server.close()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Neighbours]:
    with Server(tmp_path / "house", settings={"PUSH_PRIVATE": "true"}) as server:
        async with Neighbours(server) as neighbours:
            yield neighbours


async def subscribes(person: Neighbour, browser: Browser, token: str = "") -> None:
    await person.house.http("POST", "/push/subscriptions", json=browser.subscription, token=token or person.token)


async def says(person: Neighbour, chat: str, text: str, **content: Any) -> None:
    body = {"nonce": os.urandom(8).hex(), "content": {"kind": "text", "text": text, **content}}
    await person.http("POST", f"/chats/{chat}/messages", json=body)


def signed_by(authorization: str, audience: str) -> str:
    """Check a VAPID header (RFC 8292) and return the key that signed it."""
    scheme, _, rest = authorization.partition(" ")
    assert scheme == "vapid"
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    head, claims, signature = parts["t"].split(".")
    raw = from_base64url(signature)
    der = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_base64url(parts["k"]))
    key.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    told = json.loads(from_base64url(claims))
    assert told["aud"] == audience
    assert told["sub"].startswith("mailto:")
    return parts["k"]


async def test_a_phone_that_is_away_is_told_what_was_written(house: Neighbours, push: PushServer) -> None:
    ann, ben, chat = await house.friends("ann", "ben")
    phone = Browser(f"{push.url}/phone")
    await subscribes(ben, phone)
    await says(ann, chat, "The kettle sings. *Come!*")
    [(headers, body)] = await push.gets("/phone")

    notice = phone.opens(body)
    assert (notice["title"], notice["chat"], notice["badge"]) == ("Ann", chat, 1)
    assert "The kettle sings." in notice["body"]
    assert headers["content-encoding"] == "aes128gcm"
    assert int(headers["ttl"]) > 0
    assert signed_by(headers["authorization"], push.url) == (await house.http("GET", "/house"))["vapid_key"]
    assert b"kettle" not in body

    # It stays subscribed over a restart, and the key stays the same.
    await asyncio.to_thread(house.server.restart)
    await says(ann, chat, "It is getting cold")
    told = await push.gets("/phone", 2)
    assert phone.opens(told[1][1])["badge"] == 2
    assert signed_by(told[1][0]["authorization"], push.url) == signed_by(headers["authorization"], push.url)


async def test_a_muted_chat_is_silent_unless_one_is_named(house: Neighbours, push: PushServer) -> None:
    ann, ben, _ = await house.friends("ann", "ben")
    group = await house.group(ann, ben)
    await ben.http("PATCH", f"/chats/{group}/preferences", json={"muted": True})
    phone = Browser(f"{push.url}/phone")
    await subscribes(ben, phone)
    for number in range(5):
        await says(ann, group, f"Chatter {number}")
    await says(ann, group, "@ben, your tea", mentions=[ben.id])
    told = await push.gets("/phone")
    assert [phone.opens(body)["body"] for _, body in told] == ["Ann: @ben, your tea"]


async def test_a_device_that_is_connected_is_not_told_twice(house: Neighbours, push: PushServer) -> None:
    ann, ben, chat = await house.friends("ann", "ben")
    signed_in = await house.http("POST", "/sessions", json={"handle": "ben", "password": PASSWORD})
    desktop, phone = Browser(f"{push.url}/desktop"), Browser(f"{push.url}/phone")
    await subscribes(ben, desktop)
    await subscribes(ben, phone, signed_in["token"])

    at_the_desk = await ben.device()
    await says(ann, chat, "You are at your desk")
    await at_the_desk.told("message.new", text="You are at your desk")
    await push.gets("/phone")
    await at_the_desk.close()
    await says(ann, chat, "You have left it")
    told = await push.gets("/desktop")
    assert [desktop.opens(body)["body"] for _, body in told] == ["You have left it"]
    assert len(await push.gets("/phone", 2)) == 2
    # What one writes oneself is news to nobody here.
    await says(ben, chat, "I have")
    await says(ann, chat, "See you")
    told = await push.gets("/phone", 3)
    assert phone.opens(told[2][1])["body"] == "See you"


async def test_a_subscription_that_the_browser_dropped_is_forgotten(house: Neighbours, push: PushServer) -> None:
    ann, ben, chat = await house.friends("ann", "ben")
    signed_in = await house.http("POST", "/sessions", json={"handle": "ben", "password": PASSWORD})
    old, phone = Browser(f"{push.url}/gone/1"), Browser(f"{push.url}/phone")
    await subscribes(ben, old)
    await subscribes(ben, phone, signed_in["token"])
    # A person's devices are told one after the other: when the second has it, the first answer was dealt with.
    for number in range(1, 4):
        await says(ann, chat, f"Message {number}")
        await push.gets("/phone", number)
    assert len(push.to("/gone/1")) == 1
    await asyncio.to_thread(house.server.restart)
    await says(ann, chat, "After the night")
    await push.gets("/phone", 4)
    assert len(push.to("/gone/1")) == 1


async def test_a_device_that_is_signed_out_is_told_no_more(house: Neighbours, push: PushServer) -> None:
    ann, ben, chat = await house.friends("ann", "ben")
    signed_in = await house.http("POST", "/sessions", json={"handle": "ben", "password": PASSWORD})
    lost, phone = Browser(f"{push.url}/lost"), Browser(f"{push.url}/phone")
    await subscribes(ben, lost, signed_in["token"])
    await subscribes(ben, phone)
    await says(ann, chat, "One")
    await push.gets("/lost")
    await push.gets("/phone")
    await ben.http("DELETE", f"/me/devices/{signed_in['device']}")
    await says(ann, chat, "Two")
    await push.gets("/phone", 2)
    await ben.http("DELETE", "/push/subscriptions")
    await subscribes(ben, Browser(f"{push.url}/new"))
    await says(ann, chat, "Three")
    await push.gets("/new")
    assert len(push.to("/lost")) == 1
    assert len(push.to("/phone")) == 2


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://127.0.0.1:9/push",
        "https://127.0.0.1/push",
        "https://localhost/push",
        "https://10.0.0.7/push",
        "https://192.168.1.1/push",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/push",
        "https://[::ffff:127.0.0.1]/push",
        "https://[fd00::1]/push",
        "https://0.0.0.0/push",
        "http://93.184.216.34/push",
        "https:///push",
    ],
)
async def test_the_house_calls_no_neighbour_of_its_own(tmp_path: Path, endpoint: str) -> None:
    with Server(tmp_path / "house") as server:
        async with Neighbours(server) as house:
            ann = await house.join("ann")
            with pytest.raises(Refused) as refused:
                await subscribes(ann, Browser(endpoint))
            assert refused.value.code == "bad_push_endpoint"
