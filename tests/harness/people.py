"""People with real devices: they sign up over HTTP, connect over the WebSocket, and wait for what they are told.

async with Neighbours(server.url) as house:
    ann, ben = await house.contacts("ann", "ben")
    phone = await ben.device()
    await ann.says(chat, "hello")
    await phone.told("message.new", text="hello")
"""

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from teahouse import ids
from tests.harness.server import Server

PATIENCE_S = 20.0
PASSWORD = "correct horse battery"
Event = dict[str, Any]


class Refused(AssertionError):
    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(f"{problem.get('code')}: {problem.get('detail') or problem.get('title')}")
        self.code: str = problem.get("code", "")
        self.problem = problem


class Device:
    """One live connection of a person. `events` holds all it was told, in order; waiting does not take them away."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.replace("http", "ws", 1) + "/api/v1/live"
        self.token = token
        self.events: list[Event] = []
        self.frames = 0
        self.cursor = ""
        self._numbers = itertools.count(1)
        self._changed = asyncio.Condition()
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self.closed = False

    async def open(self) -> Self:
        self._socket = await connect(
            self._url, additional_headers={"Authorization": f"Bearer {self.token}"}, max_size=None, compression=None
        )
        self.closed = False
        self._reader = asyncio.create_task(self._read(self._socket))
        return self

    async def close(self) -> None:
        """Go away: what happens now is missed."""
        if self._socket is not None:
            await self._socket.close()
        if self._reader is not None:
            await self._reader

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for frame in socket:
                events = json.loads(frame)
                async with self._changed:
                    self.frames += 1
                    self.events += events
                    numbers = [int(event["cursor"]) for event in events if event.get("cursor")]
                    self.cursor = str(max([int(self.cursor or 0), *numbers])) if numbers else self.cursor
                    self._changed.notify_all()
        except ConnectionClosed:
            pass
        finally:
            async with self._changed:
                self.closed = True
                self._changed.notify_all()

    async def send_raw(self, data: str | bytes) -> None:
        assert self._socket is not None
        await self._socket.send(data)

    async def until(self, found: Callable[[], Any]) -> Any:
        """Wait until `found()` is true of what was told."""
        async with asyncio.timeout(PATIENCE_S), self._changed:
            while not (result := found()):
                if self.closed:
                    raise AssertionError(f"the connection closed; told: {self.events[-5:]}")
                await self._changed.wait()
            return result

    async def until_closed(self) -> None:
        async with asyncio.timeout(PATIENCE_S), self._changed:
            await self._changed.wait_for(lambda: self.closed)

    async def told(self, kind: str, **fields: Any) -> Event:
        """Wait for an event of a type with these fields (`text` looks into its content)."""

        def found() -> Event | None:
            return next((event for event in self.events if matches(event, kind, fields)), None)

        result: Event = await self.until(found)
        return result

    async def does(self, kind: str, /, **fields: Any) -> Event:
        """Send a command and return its answer. Raises `Refused`."""
        number = str(next(self._numbers))
        await self.send_raw(json.dumps({"id": number, "type": kind, **fields}))
        answer: Event = await self.until(
            lambda: next(
                (e for e in self.events if e["type"] in ("ack", "error", "synced") and e.get("id") == number), None
            )
        )
        if answer["type"] == "error":
            raise Refused(answer)
        return answer

    async def says(self, chat: str, text: str, **fields: Any) -> Event:
        nonce = fields.pop("nonce", None) or ids.new_id()
        return await self.does("message.send", chat=chat, nonce=nonce, content={"kind": "text", "text": text}, **fields)

    async def catches_up(self) -> list[Event]:
        """Sync from what was seen to now; return what was missed, page after page."""
        missed: list[Event] = []
        more = True
        while more:
            before = len(self.events)
            synced = await self.does("sync", cursor=self.cursor)
            at = self.events.index(synced, before)
            missed += self.events[before:at]
            self.cursor = synced["cursor"]
            more = synced["more"]
        return missed


class Neighbour:
    """A person: one HTTP client, any number of devices."""

    def __init__(self, house: "Neighbours", handle: str, signed_in: dict[str, Any]) -> None:
        self.house = house
        self.handle = handle
        self.id: str = signed_in["person"]["id"]
        self.token: str = signed_in["token"]
        self.devices: list[Device] = []

    async def http(self, method: str, path: str, **arguments: Any) -> Any:
        """Return the decoded answer. Raises `Refused`."""
        return await self.house.http(method, path, token=self.token, **arguments)

    async def device(self, *, sign_in: bool = False) -> Device:
        """Open a live connection: of this session, or of a new one."""
        token = self.token
        if sign_in:
            answer = await self.house.http("POST", "/sessions", json={"handle": self.handle, "password": PASSWORD})
            token = answer["token"]
        made = await Device(self.house.url, token).open()
        self.devices.append(made)
        return made


class Neighbours:
    """The people of one new server. The first to join comes by the first link, and opens the house to all."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.url = url = server.url
        self.people: list[Neighbour] = []
        self._http = httpx.AsyncClient(base_url=f"{url}/api/v1", timeout=PATIENCE_S)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for person in self.people:
            for device in person.devices:
                await device.close()
        await self._http.aclose()

    async def http(self, method: str, path: str, *, token: str = "", **arguments: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = await self._http.request(method, path, headers=headers, **arguments)
        self._http.cookies.clear()  # one client stands for many people
        if answer.is_error:
            raise Refused(answer.json())
        return answer.json() if answer.content else None

    async def join(self, handle: str, **fields: Any) -> Neighbour:
        is_first = not self.people
        if is_first and "invitation" not in fields:
            fields["invitation"] = self.server.first_link.rpartition("/")[2]
        signed_in = await self.http(
            "POST", "/people", json={"handle": handle, "name": handle.title(), "password": PASSWORD, **fields}
        )
        made = Neighbour(self, handle, signed_in)
        self.people.append(made)
        if is_first:
            await made.http("PATCH", "/house", json={"registration": "open"})
        return made

    async def meet(self, one: Neighbour, other: Neighbour) -> str:
        """Make two people contacts; return their chat."""
        asked = await one.http("POST", "/contacts/requests", json={"handle": other.handle})
        accepted = await other.http("POST", f"/contacts/requests/{asked['request']}/accept")
        chat: str = accepted["chat"]
        return chat

    async def friends(self, one: str, other: str) -> tuple[Neighbour, Neighbour, str]:
        """Two new people who are contacts, and their chat."""
        first, second = await self.join(one), await self.join(other)
        return first, second, await self.meet(first, second)

    async def group(self, owner: Neighbour, *members: Neighbour, name: str = "Tea", kind: str = "group") -> str:
        """A group of the owner's contacts."""
        made = await owner.http(
            "POST",
            "/chats",
            json={"kind": kind, "name": name, "nonce": ids.new_id(), "people": [m.id for m in members]},
        )
        chat: str = made["chat"]
        return chat


def matches(event: Event, kind: str, fields: dict[str, Any]) -> bool:
    if event["type"] != kind:
        return False
    text = fields.get("text")
    if text is not None and event.get("content", {}).get("text") != text:
        return False
    return all(event.get(name) == value for name, value in fields.items() if name != "text")


def messages(events: list[Event], chat: str) -> list[Event]:
    return [event for event in events if event["type"] == "message.new" and event["chat"] == chat]


async def all_of(*waits: Awaitable[Any]) -> list[Any]:
    return list(await asyncio.gather(*waits))
