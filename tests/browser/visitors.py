"""People who are in the house already: they sign up and meet over HTTP, then sit down before a page.

ann, ben, chat = house.friends("ann", "ben")
ann.sits_at(page, f"/chats/{chat}")
ben.says(chat, "hello")
"""

from __future__ import annotations

import itertools
import json
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Page
from websockets.sync.client import connect

from teahouse import ids
from teahouse.config import COOKIE_NAME
from tests.harness.people import PASSWORD, PATIENCE_S
from tests.harness.server import Server

SENT_AT_ONCE = 200
"""Commands in one frame when many messages are written."""


class Visitor:
    def __init__(self, house: Visitors, name: str, handle: str, signed_in: dict[str, Any]) -> None:
        self.house = house
        self.name = name
        self.handle = handle
        self.id: str = signed_in["person"]["id"]
        self.token: str = signed_in["token"]

    def asks(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the API, as another device would, and return the decoded answer."""
        return self.house.http(method, path, body, self.token)

    def says(self, chat: str, text: str, **fields: Any) -> int:
        """Send a text; return its seq."""
        content = {"kind": "text", "text": text, **fields.pop("content", {})}
        answer = self.asks("POST", f"/chats/{chat}/messages", {"nonce": ids.new_id(), "content": content, **fields})
        return int(answer["seq"])

    def says_all(self, chat: str, texts: list[str]) -> None:
        """Send many texts in few frames, in order."""
        headers = {"Authorization": f"Bearer {self.token}"}
        with connect(self.house.server.live_url, additional_headers=headers, max_size=None) as socket:
            for start in range(0, len(texts), SENT_AT_ONCE):
                part = texts[start : start + SENT_AT_ONCE]
                socket.send(json.dumps([send_command(chat, text) for text in part]))
                answered = 0
                while answered < len(part):
                    events = json.loads(socket.recv(PATIENCE_S))
                    refused = [event for event in events if event["type"] == "error"]
                    assert not refused, refused
                    answered += sum(event["type"] == "ack" for event in events)

    def messages(self, chat: str) -> list[dict[str, Any]]:
        """The chat's newest messages as the house has them, oldest first."""
        page = self.asks("GET", f"/chats/{chat}/messages?limit=100")
        return list(page["messages"])

    def sits_at(self, page: Page, path: str = "/chats") -> Page:
        """Sign the page in as a new device of this person, and open an address."""
        answer = self.house.http("POST", "/sessions", {"handle": self.handle, "password": PASSWORD})
        url = self.house.server.url
        page.context.add_cookies(
            [{"name": COOKIE_NAME, "value": answer["token"], "url": url, "httpOnly": True, "sameSite": "Lax"}]
        )
        page.goto(url + path)
        return page


class Visitors:
    """The people of one house. The first to join comes by the first link, and opens the house to all."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.people: list[Visitor] = []
        self._numbers = itertools.count(1)
        self._http = httpx.Client(base_url=f"{server.url}/api/v1", timeout=PATIENCE_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def http(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = self._http.request(method, path, json=body, headers=headers)
        self._http.cookies.clear()  # one client stands for many people
        assert answer.is_success, f"{method} {path}: {answer.text}"
        return answer.json() if answer.content else None

    def fetch(self, url: str, token: str) -> httpx.Response:
        """A file, as the one with this token gets it."""
        answer = self._http.get(url, headers={"Authorization": f"Bearer {token}"})
        self._http.cookies.clear()
        return answer

    def join(self, name: str) -> Visitor:
        """A new person called so; the handle carries a number, so that a house may have several Anns."""
        handle = f"{name.lower()}{next(self._numbers)}"
        body = {"handle": handle, "name": name.title(), "password": PASSWORD}
        if not self.people:
            body["invitation"] = self.server.first_link.rpartition("/")[2]
        made = Visitor(self, name.title(), handle, self.http("POST", "/people", body))
        if not self.people:
            made.asks("PATCH", "/house", {"registration": "open"})
        self.people.append(made)
        return made

    def meet(self, one: Visitor, other: Visitor) -> str:
        """Make two people contacts; return their chat."""
        asked = one.asks("POST", "/contacts/requests", {"handle": other.handle})
        chat: str = other.asks("POST", f"/contacts/requests/{asked['request']}/accept")["chat"]
        return chat

    def friends(self, one: str, other: str) -> tuple[Visitor, Visitor, str]:
        """Two new people who are contacts, and their chat."""
        first, second = self.join(one), self.join(other)
        return first, second, self.meet(first, second)

    def group(self, owner: Visitor, *members: Visitor, name: str = "Tea", kind: str = "group") -> str:
        """A group of the owner's contacts."""
        body = {"kind": kind, "name": name, "nonce": ids.new_id(), "people": [member.id for member in members]}
        chat: str = owner.asks("POST", "/chats", body)["chat"]
        return chat


def send_command(chat: str, text: str) -> dict[str, Any]:
    nonce = ids.new_id()
    content = {"kind": "text", "text": text}
    return {"id": nonce, "type": "message.send", "chat": chat, "nonce": nonce, "content": content}


def path_of(page: Page) -> str:
    return urlsplit(page.url).path
