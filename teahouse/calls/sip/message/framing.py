"""Where messages end within a stream (RFC 3261 18.3), and the keep-alives between them (RFC 5626 4.4.1)."""

import re
from typing import Final

from teahouse.calls.sip.message.parsing import MESSAGE_MAX, BadMessage

PONG: Final = b"\r\n"
PING: Final = b"\r\n\r\n"

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_LENGTH_NAME = re.compile(rb"^(?:content-length|l)[ \t]*+:", re.IGNORECASE | re.MULTILINE)
_LENGTH = re.compile(
    rb"^(?:content-length|l)[ \t]*+:(?:\r?\n[ \t]|[ \t])*+0*+([0-9]{1,6}|(?<=0))[ \t]*+\r?$",
    re.IGNORECASE | re.MULTILINE,
)
_OVERLAP: Final = 3
"""A head's end may lie across two reads by so many bytes."""


class Framer:
    """Cuts one TCP or TLS connection's bytes into messages."""

    def __init__(self) -> None:
        self.pongs_due = 0
        """How many pings wait for their `PONG`; whoever sends them sets it back to 0."""
        self._buffer = bytearray()
        self._looked = 0
        self._total: int | None = None
        self._failure: BadMessage | None = None

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that `data` made whole. Raises `BadMessage` where the stream cannot be followed any longer, at
        this call or, when messages came before that, at the next; then the connection must be closed."""
        if self._failure is not None:
            raise self._failure
        self._buffer += data
        messages: list[bytes] = []
        try:
            while (message := self._next()) is not None:
                messages.append(message)
        except BadMessage as failure:
            self._failure = failure
            self._buffer.clear()
            if not messages:
                raise
        return messages

    def _next(self) -> bytes | None:
        buffer = self._buffer
        if not self._skip_keep_alives():
            return None
        if self._total is None:
            end = _HEAD_END.search(buffer, max(0, self._looked - _OVERLAP))
            self._looked = len(buffer)
            if end is not None:
                self._total = end.end() + self._length(bytes(buffer[: end.start()]))
        if (self._total or len(buffer)) > MESSAGE_MAX:
            raise BadMessage("the message is too long", 513)
        if self._total is None or len(buffer) < self._total:
            return None
        message = bytes(buffer[: self._total])
        del buffer[: self._total]
        self._looked, self._total = 0, None
        return message

    def _skip_keep_alives(self) -> bool:
        """Leave the buffer at the first byte of a message; False: there is none yet."""
        buffer = self._buffer
        while buffer and buffer[0] in PONG:
            if buffer.startswith(PING):
                self.pongs_due += 1
                del buffer[: len(PING)]
            elif PING.startswith(buffer):
                return False
            elif buffer.startswith(PONG):
                del buffer[: len(PONG)]
            else:
                del buffer[:1]
        return bool(buffer)

    @staticmethod
    def _length(head: bytes) -> int:
        lengths = {int(found or b"0") for found in _LENGTH.findall(head)}
        if len(lengths) != 1 or len(_LENGTH_NAME.findall(head)) != len(_LENGTH.findall(head)):
            raise BadMessage("a stream needs one Content-Length")
        return lengths.pop()
