"""People who chat while the house is killed under them. Each keeps what a good client keeps: a cursor, an outbox of
commands without an answer, and a copy of every chat, made only of acknowledgements and events."""

from __future__ import annotations

import asyncio
import json
import random
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

WINDOW: Final = 6
EMOJI: Final = ("👍", "❤️", "😄", "🎉")
RECENT: Final = 20
"""Edits, recalls and reactions are of the newest messages, within the recall limit."""
ANSWER_S_MAX: Final = 60.0

Place = tuple[str, int]
"""A chat and a seq."""
Command = dict[str, Any]


class Broken(AssertionError):
    """A promise of the house did not hold."""


@dataclass
class Copy:
    """A message as one device knows it."""

    sender: str
    nonce: str
    text: str | None
    """None when it was recalled."""
    reactions: set[tuple[str, str]] = field(default_factory=set)
    """(emoji, person)."""


def text_of(content: dict[str, Any]) -> str | None:
    """What a message says; of money, what became of it."""
    if content["kind"] == "transfer":
        return f"{content['amount']} to {content['to']}: {content.get('state', 'waiting')}"
    return None if content["kind"] == "recalled" else content.get("text", "")


def reactions_of(listed: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(each["emoji"], person) for each in listed for person in each["people"]}


class Client:
    """One person on one device, over all rounds."""

    def __init__(self, handle: str, person: str, token: str, chance: random.Random) -> None:
        self.handle = handle
        self.person = person
        self.token = token
        self.chats: list[str] = []
        self.copies: dict[Place, Copy] = {}
        self.sent: dict[str, Place | None] = {}
        """Each nonce ever sent, and where it is once that is known."""
        self.read: dict[str, int] = {}
        """The read receipts that were acknowledged."""
        self.cursor = ""
        self.outbox: dict[str, Command] = {}
        """Commands without an answer, by id, oldest first."""
        self.approval = ""
        """What this round's payments are approved by: a house that was killed forgets it."""
        self.friends: dict[str, str] = {}
        """Each other person, and the direct chat with them."""
        self.paid: dict[str, tuple[str, int]] = {}
        """By payment: whom one paid at once, and how much."""
        self.transfers: dict[str, tuple[str, int, str]] = {}
        """By payment: what one sent within a chat, to whom, how much, and what became of it."""
        self.poor = 0
        """Payments that were refused, for there was not enough."""
        self._chance = chance
        self._waiting: deque[str] = deque(maxlen=RECENT)
        """Transfers to oneself that wait for one's yes."""
        self._seen_transfers: set[str] = set()
        self._commands = 0
        self._mine: deque[Place] = deque(maxlen=RECENT)
        self._latest: deque[Place] = deque(maxlen=RECENT)
        self._top: dict[str, int] = {}
        self._told: set[Place] = set()

    # --- one round ---

    async def live(self, url: str, count: int, answered: Callable[[], None], caught_up: asyncio.Barrier) -> None:
        """Catch up, repeat what had no answer, then give `count` commands, as long as the connection lives.

        `answered` is called for each answer; `caught_up` is passed when nothing is missing and nothing is open.
        """
        try:
            async with connect(url, additional_headers=self._headers(), compression=None, max_size=None) as socket:
                await self.catch_up(socket)
                await self._repeat(socket)
                await caught_up.wait()
                while count or self.outbox:
                    commands = []
                    while count and len(self.outbox) < WINDOW:
                        command = self._next()
                        commands.append(command)
                        self.outbox[command["id"]] = command
                        count -= 1
                    if commands:
                        await socket.send(json.dumps(commands if len(commands) > 1 else commands[0]))
                    await self._receive(socket, answered)
        except (ConnectionClosed, ConnectionError, InvalidHandshake, asyncio.BrokenBarrierError):
            return

    async def settle(self, url: str) -> None:
        """Catch up and repeat what had no answer, until nothing is open; then catch up with what that caused."""
        async with connect(url, additional_headers=self._headers(), compression=None, max_size=None) as socket:
            await self.catch_up(socket)
            await self._repeat(socket)

    async def catch_up(self, socket: ClientConnection) -> None:
        """`sync` page by page from the last cursor until nothing is left."""
        more = True
        while more:
            await socket.send(json.dumps({"id": "sync", "type": "sync", "cursor": self.cursor}))
            synced = None
            while synced is None:
                for event in await self._frame(socket):
                    if event["type"] == "synced":
                        synced = event
                    # In order: what waited for the sync comes behind `synced`, and its cursors are newer.
                    self._take(event)
            more = synced["more"]

    async def _repeat(self, socket: ClientConnection) -> None:
        for command in self.outbox.values():
            if "approval" in command:
                command["approval"] = self.approval
        if self.outbox:
            await socket.send(json.dumps(list(self.outbox.values())))
        while self.outbox:
            await self._receive(socket, lambda: None)

    async def _receive(self, socket: ClientConnection, answered: Callable[[], None]) -> None:
        for event in await self._frame(socket):
            self._take(event)
            if event["type"] == "ack":
                answered()

    async def _frame(self, socket: ClientConnection) -> list[dict[str, Any]]:
        async with asyncio.timeout(ANSWER_S_MAX):
            events: list[dict[str, Any]] = json.loads(await socket.recv())
        return events

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    # --- what it gives ---

    def _next(self) -> Command:
        self._commands += 1
        kinds = ("send", "edit", "recall", "react", "receipt", "pay", "transfer", "settle")
        kind = self._chance.choices(kinds, (50, 10, 3, 12, 10, 20, 8, 8))[0]
        command = getattr(self, f"_{kind}")() if self._mine and self._latest else self._send()
        return {"id": str(self._commands), **command}

    def _send(self) -> Command:
        nonce = f"{self.handle}-{self._commands:08d}"
        self.sent[nonce] = None
        text = f"{nonce} " + "tea " * self._chance.randint(0, 12)
        content = {"kind": "text", "text": text}
        return {"type": "message.send", "chat": self._chance.choice(self.chats), "nonce": nonce, "content": content}

    def _edit(self) -> Command:
        chat, seq = self._chance.choice(self._mine)
        content = {"kind": "text", "text": f"edit {self._commands} of {self.handle}"}
        return {"type": "message.edit", "chat": chat, "seq": seq, "content": content}

    def _recall(self) -> Command:
        chat, seq = self._mine.popleft()
        return {"type": "message.recall", "chat": chat, "seq": seq}

    def _react(self) -> Command:
        chat, seq = self._chance.choice(self._latest)
        emoji, on = self._chance.choice(EMOJI), self._chance.random() < 0.7
        return {"type": "message.react", "chat": chat, "seq": seq, "emoji": emoji, "on": on}

    def _receipt(self) -> Command:
        chat = self._chance.choice(self._latest)[0]
        kind = self._chance.choice(("read", "delivered"))
        return {"type": "receipt", "chat": chat, kind: self._top[chat]}

    def _money(self) -> Command:
        to = self._chance.choice(list(self.friends))
        amount = {"amount": self._chance.randint(1, 3000), "currency": "EUR"}
        return {"key": f"{self.handle}-{self._commands:08d}", "to": to, "amount": amount, "approval": self.approval}

    def _pay(self) -> Command:
        return {"type": "wallet.pay", **self._money()}

    def _transfer(self) -> Command:
        money = self._money()
        return {"type": "transfer.send", "chat": self.friends[money["to"]], **money}

    def _settle(self) -> Command:
        if not self._waiting:
            return self._pay()
        kind = self._chance.choice(("transfer.accept", "transfer.accept", "transfer.return"))
        return {"type": kind, "payment": self._waiting.popleft()}

    # --- what it learns ---

    def learn(self, messages: Iterable[dict[str, Any]]) -> None:
        """Take in the history from before the first `sync`, as a new device does."""
        for message in messages:
            place = (message["chat"], message["seq"])
            self.copies[place] = copy_of(message)
            self._seen(place)

    def _take(self, event: dict[str, Any]) -> None:
        kind = event["type"]
        if kind == "ack":
            command = self.outbox.pop(event["id"], None)
            if command is not None:
                self._acknowledged(command, event)
        elif kind == "error":
            self._refused(event)
        elif kind == "message.new":
            self._new(event)
        elif kind == "message.changed":
            message = event["message"]
            self.copies[message["chat"], message["seq"]] = copy_of(message)
            self._money_told(message)
        elif kind == "message.reactions":
            self.copies[event["chat"], event["seq"]].reactions = reactions_of(event["reactions"])
        elif kind == "overflow":
            raise Broken(f"{self.handle} was told to sync though it reads all the time")
        if event.get("cursor"):
            self.cursor = event["cursor"]

    def _new(self, event: dict[str, Any]) -> None:
        place = (event["chat"], event["seq"])
        if event["sender"] != self.person:
            if place in self._told:
                raise Broken(f"{self.handle} was told of {place} twice")
            self._told.add(place)
        elif nonce := event.get("nonce"):
            if self.sent.get(nonce) not in (None, place):
                raise Broken(f"{self.handle}'s {nonce} is at {self.sent[nonce]} and at {place}")
            self.sent[nonce] = place
        self.copies[place] = copy_of(event)
        self._money_told(event)
        self._seen(place)

    def _money_told(self, message: dict[str, Any]) -> None:
        content = message["content"]
        if content["kind"] != "transfer":
            return
        payment, state = content["payment"], content.get("state", "waiting")
        if message["sender"] == self.person:
            self.transfers[payment] = (content["to"], content["amount"], state)
        elif content["to"] == self.person and payment not in self._seen_transfers:
            self._seen_transfers.add(payment)
            self._waiting.append(payment)

    def _acknowledged(self, command: Command, ack: dict[str, Any]) -> None:
        place = (command.get("chat", ""), command.get("seq", 0))
        match command["type"]:
            case "wallet.pay":
                self.paid[ack["payment"]] = (command["to"], command["amount"]["amount"])
            case "transfer.send":
                self.transfers[ack["payment"]] = (command["to"], command["amount"]["amount"], ack["state"])
            case "message.send":
                place = (ack["chat"], ack["seq"])
                known = self.sent[command["nonce"]]
                if known not in (None, place):
                    raise Broken(f"{self.handle}'s {command['nonce']} was acknowledged at {place}, but is at {known}")
                self.sent[command["nonce"]] = place
                if place not in self.copies:
                    self.copies[place] = Copy(self.person, command["nonce"], command["content"]["text"])
                self._mine.append(place)
                self._seen(place)
            case "message.edit":
                self.copies[place].text = command["content"]["text"]
            case "message.recall":
                self.copies[place].text = None
                self.copies[place].reactions.clear()
            case "message.react":
                change = self.copies[place].reactions
                (change.add if command["on"] else change.discard)((command["emoji"], self.person))
            case "receipt":
                self.read[command["chat"]] = max(self.read.get(command["chat"], 0), command.get("read", 0))

    def _refused(self, error: dict[str, Any]) -> None:
        """Two refusals are right: an edit, a recall or a reaction that came after the message was recalled; and a
        payment of more than there is."""
        command = self.outbox.pop(error["id"], None)
        if command is not None and "amount" in command and error["code"] == "insufficient_funds":
            self.poor += 1
            return
        late = ("message.edit", "message.recall", "message.react")
        if command is None or command["type"] not in late or error["code"] != "recalled":
            raise Broken(f"{self.handle}: {command} was refused: {error}")

    def _seen(self, place: Place) -> None:
        chat, seq = place
        self._top[chat] = max(self._top.get(chat, 0), seq)
        if self.copies[place].sender:
            self._latest.append(place)


def copy_of(message: dict[str, Any]) -> Copy:
    """`message.new`, a `Message` in an event, and one in a page have the same fields."""
    text = text_of(message["content"])
    return Copy(message["sender"], message.get("nonce", ""), text, reactions_of(message.get("reactions", [])))
