"""One live connection: a WebSocket spoken straight on uvicorn's transport, without a task or a queue per connection.

uvicorn hands the upgrade request to the class given as its `ws`; the WebSocket protocol itself is websockets' sans-IO
server. Compared with the ASGI form this saves a task, a queue and a future per connection and message, and lets the
write buffer of the transport be the one bound on what waits for a slow reader.
"""

import asyncio
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import msgspec
from uvicorn.server import ServerState
from websockets.exceptions import InvalidState
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from teahouse.address import client_address
from teahouse.commands import Signed
from teahouse.errors import Forbidden, RateLimited, Refusal
from teahouse.events import Overflow, Synced
from teahouse.http.session import may_change, token_of
from teahouse.live import frames
from teahouse.live.hub import Hub
from teahouse.live.model import Sync
from teahouse.storage.writer import Job

PATH = "/api/v1/live"
HELD_MAX = 2000
"""Chunks that may wait for the end of a `sync` before the device is asked to go on syncing."""

_OVERFLOW = msgspec.json.encode(Overflow())
_DATA = (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)


class LiveConnection(asyncio.Protocol):
    __slots__ = (
        "_closing",
        "_fragments",
        "_held",
        "_hub",
        "_is_slow",
        "_lost",
        "_overflowed",
        "_signed",
        "_silent",
        "_state",
        "_syncing",
        "_transport",
        "_ws",
        "waiting",
    )

    def __init__(self, hub: Hub, state: ServerState) -> None:
        self._hub = hub
        self._state = state
        self._ws = ServerProtocol(max_size=frames.FRAME_BYTES_MAX)
        self._transport: asyncio.Transport
        self._signed: Signed | None = None
        self._fragments: list[bytes] | None = None
        self.waiting: list[bytes] = []
        """Encoded events and answers for the next frame."""
        self._held: list[tuple[int, bytes]] | None = None
        """While the device syncs: what was committed meanwhile, with its number."""
        self._syncing = False
        self._is_slow = False
        self._overflowed = False
        self._closing = False
        self._lost = False
        self._silent = 0

    @property
    def person(self) -> str:
        assert self._signed is not None
        return self._signed.person

    @property
    def device(self) -> str:
        assert self._signed is not None
        return self._signed.device

    # --- asyncio.Protocol ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods of an asyncio.Transport without being one.
        self._transport = cast(asyncio.Transport, transport)
        limit = self._hub.house.settings.reader_queue_kib * 1024
        self._transport.set_write_buffer_limits(high=limit, low=limit // 4)
        self._state.connections.add(self)  # type: ignore[arg-type]  # uvicorn asks for shutdown() only

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True
        self._state.connections.discard(self)
        if self._signed is not None:
            self._hub.leave(self)

    def data_received(self, data: bytes) -> None:
        self._silent = 0
        self._ws.receive_data(data)
        for event in self._ws.events_received():
            if isinstance(event, Request):
                self._answer_handshake(event)
            elif isinstance(event, Frame) and event.opcode in _DATA:
                self._frame(event)
        self._send_control()

    def eof_received(self) -> bool:
        self._ws.receive_eof()
        return False

    def pause_writing(self) -> None:
        """The other side reads too slowly: no more commands are read from it, and events for it are dropped."""
        self._is_slow = True
        if not self._lost:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._is_slow = False
        if self._lost:
            return
        self._transport.resume_reading()
        if self._overflowed:
            self.write(frames.text_frame([_OVERFLOW]))

    def shutdown(self) -> None:
        """Called by uvicorn when the server stops."""
        self._close(CloseCode.SERVICE_RESTART)

    # --- opening ---

    def _answer_handshake(self, request: Request) -> None:
        task = asyncio.get_running_loop().create_task(self._open(request))
        self._state.tasks.add(task)
        task.add_done_callback(self._state.tasks.discard)
        # Frames that come before the handshake is answered wait in the kernel.
        self._transport.pause_reading()

    async def _open(self, request: Request) -> None:
        house = self._hub.house
        try:
            url = urlsplit(request.path)
            if url.path != PATH:
                raise _NotHere()
            headers = {name.lower(): value for name, value in request.headers.raw_items()}
            raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
            scope = {"client": self._transport.get_extra_info("peername"), "headers": raw}
            house.limits.address.take(client_address(scope, house.settings))
            query = parse_qs(url.query).get("token", [""])[0]
            token, is_cookie = token_of(headers, query)
            if is_cookie and not may_change(house.settings, headers):
                raise Forbidden("This page belongs to another house.")
            signed = await house.authenticate(token)
            if len(self._hub.by_person.get(signed.person, ())) >= house.settings.connections_per_person:
                raise RateLimited("Too many connections of one person.", retry_after_ms=60_000)
            if self._hub.count >= house.settings.connections:
                raise RateLimited("The house is full.", retry_after_ms=60_000)
        except Refusal as refusal:
            self._reject(refusal)
            return
        if self._lost:
            return
        response = self._ws.accept(request)
        self._ws.send_response(response)
        self._send_control()
        if self._ws.state is State.OPEN:
            self._signed = signed
            self._hub.enter(self)
            self._transport.resume_reading()

    def _reject(self, refusal: Refusal) -> None:
        if self._lost:
            return
        body = msgspec.json.encode(refusal.problem()).decode()
        response = self._ws.reject(HTTPStatus(refusal.status), body)
        response.headers["Content-Type"] = "application/problem+json"
        self._ws.send_response(response)
        self._send_control()
        self._transport.close()

    # --- commands ---

    def _frame(self, frame: Frame) -> None:
        if self._fragments is not None:
            self._fragments.append(bytes(frame.data))
            if frame.fin:
                data, self._fragments = b"".join(self._fragments), None
                self._ask(data)
        elif frame.fin:
            self._ask(bytes(frame.data))
        else:
            self._fragments = [bytes(frame.data)]

    def _ask(self, data: bytes) -> None:
        """Queue the commands of a frame for the writer, together; answer at once what cannot be queued."""
        assert self._signed is not None
        hub, signed = self._hub, self._signed
        house, bucket = hub.house, hub.house.limits.person
        commands = hub.reader.read(data)
        is_within = bucket.try_take(signed.person, len(commands))
        jobs: list[Job] = []
        for command in commands:
            try:
                if not is_within:
                    bucket.take(signed.person)
                if type(command) is tuple:
                    raise command[1]
                if type(command) is Sync:
                    self._sync(command)
                else:
                    jobs.append(house.job(signed, command, self._answered, self))
            except Refusal as refusal:
                self._refuse(command[0] if type(command) is tuple else command.id, refusal)
        if jobs:
            try:
                house.submit(jobs)
            except Refusal as refusal:
                for job in jobs:
                    self._refuse(job.command.id, refusal)
        if self.waiting:
            hub.flush()

    def _refuse(self, id: str, refusal: Refusal) -> None:
        self.waiting.append(frames.error(id, refusal))
        self._hub.touched(self)

    def _answered(self, job: Job) -> None:
        outcome = job.outcome
        if isinstance(outcome, Refusal):
            self._refuse(job.command.id, outcome)
        else:
            self.waiting.append(frames.ack(job.command.id, outcome))
            self._hub.touched(self)

    # --- catching up ---

    def _sync(self, command: Sync) -> None:
        if self._syncing:
            raise RateLimited("One sync at a time.", retry_after_ms=1000)
        self._syncing = True
        self._held = []
        self._overflowed = False
        task = asyncio.get_running_loop().create_task(self._catch_up(command))
        self._state.tasks.add(task)
        task.add_done_callback(self._state.tasks.discard)

    async def _catch_up(self, command: Sync) -> None:
        after = int(command.cursor) if command.cursor else None
        house = self._hub.house
        assert self._signed is not None
        try:
            events, seen, more, upto = await house.sync(self._signed, after, house.settings.sync_page)
        except Refusal as refusal:
            self._held = None
            self._write_events([frames.error(command.id, refusal)])
            return
        finally:
            self._syncing = False
        held = self._held or []
        if len(held) >= HELD_MAX:
            more = True
        events.append(msgspec.json.encode(Synced(cursor=str(seen), id=command.id, more=more)))
        if not more:
            events += [chunk for number, chunk in held if number > upto]
            self._held = None
        self._write_events(events)

    def _write_events(self, events: list[bytes]) -> None:
        self.write(frames.text_frame(events))

    # --- being told ---

    def take(self, number: int, chunk: bytes) -> bool:
        """Take an event of a commit. Returns whether it waits to be written now (and not held or dropped)."""
        if self._is_slow or self._overflowed:
            self._overflowed = True
            return False
        held = self._held
        if held is not None:
            if len(held) < HELD_MAX:
                held.append((number, chunk))
            return False
        self.waiting.append(chunk)
        return True

    def write(self, frame: bytes) -> None:
        if not self._lost and not self._closing:
            self._transport.write(frame)

    def end(self, event: bytes) -> None:
        """Say why, and close."""
        self.write(frames.text_frame([event]))
        self._close(CloseCode.POLICY_VIOLATION)

    def ping_or_drop(self) -> None:
        """Keep the connection alive through proxies; drop it when nothing came for two rounds."""
        self._silent += 1
        if self._silent > 2:
            self._transport.abort()
        else:
            self._ws.send_ping(b"")
            self._send_control()

    def _close(self, code: CloseCode) -> None:
        if self._lost or self._closing:
            return
        try:
            self._ws.send_close(code)
        except InvalidState:
            self._transport.close()
            return
        self._send_control()
        self._closing = True
        self._transport.close()

    def _send_control(self) -> None:
        """Write what the protocol itself has to say: the handshake, pongs, and the end."""
        for data in self._ws.data_to_send():
            if self._lost:
                return
            if data:
                self._transport.write(data)
            else:
                self._transport.close()


class _NotHere(Refusal):
    code = "not_found"
    status = 404
    title = "There is no live connection here"


def live_protocol(hub: Hub) -> Any:
    """Return what uvicorn takes as its `ws`: a maker of connections of this house."""

    def make(config: Any, server_state: ServerState, app_state: Any) -> LiveConnection:
        return LiveConnection(hub, server_state)

    return make
