"""Frames of the live contract: what comes in becomes commands, what goes out is one array in one WebSocket frame."""

import struct
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from teahouse.commands import Command
from teahouse.errors import Malformed, Refusal

FRAME_BYTES_MAX = 256 * 1024
COMMANDS_MAX = 500
"""Commands in one frame."""

_encode = msgspec.json.Encoder().encode
_encode_id = msgspec.json.Encoder().encode


class _Head(msgspec.Struct):
    id: str = ""


class CommandReader:
    """Decodes frames into the commands of a house. Bad bytes become a `Malformed`, each command for itself."""

    def __init__(self, commands: Iterable[type[Command]]) -> None:
        union: Any = None
        for command in commands:
            union = command if union is None else union | command
        self._frame = msgspec.json.Decoder(union | list[union])
        self._one = msgspec.json.Decoder(union)
        self._many = msgspec.json.Decoder(list[msgspec.Raw])
        self._head = msgspec.json.Decoder(_Head)

    def read(self, data: bytes | bytearray) -> list[Any]:
        """Return the frame's commands, and a `(id, Malformed)` in the place of each that is none."""
        try:
            found = self._frame.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return list(self._one_by_one(data))
        commands = found if type(found) is list else [found]
        if len(commands) > COMMANDS_MAX:
            return [("", Malformed(f"At most {COMMANDS_MAX} commands in a frame."))]
        return commands

    def _one_by_one(self, data: bytes | bytearray) -> Iterator[Any]:
        try:
            raws: list[Any] = self._many.decode(data) if data.lstrip()[:1] == b"[" else [data]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            yield "", Malformed(_plain(error))
            return
        if len(raws) > COMMANDS_MAX:
            yield "", Malformed(f"At most {COMMANDS_MAX} commands in a frame.")
            return
        for raw in raws:
            try:
                yield self._one.decode(raw)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                yield self._id(raw), Malformed(_plain(error))

    def _id(self, raw: Any) -> str:
        try:
            return self._head.decode(raw).id
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return ""


def _plain(error: Exception) -> str:
    return "Nested too deeply." if isinstance(error, RecursionError) else str(error)


def ack(id: str, result: Any) -> bytes:
    """Encode the answer to a command: its result's fields behind `type` and `id`."""
    body = _encode(result)
    start = b'{"type":"ack","id":' + _encode_id(id)
    return start + b"}" if body == b"{}" else start + b"," + body[1:]


def error(id: str, refusal: Refusal) -> bytes:
    return _encode({"type": "error", "id": id, **msgspec.to_builtins(refusal.problem())})


def text_frame(chunks: list[bytes]) -> bytes:
    """Return an unmasked text frame (RFC 6455, 5.2) with one JSON array of these events."""
    payload = b"[" + b",".join(chunks) + b"]"
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 65536:
        return b"\x81\x7e" + struct.pack(">H", size) + payload
    return b"\x81\x7f" + struct.pack(">Q", size) + payload
