"""Frames: commands come out, and bad bytes become typed errors, each for itself."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from teahouse.chat.model import Receive, SendMessage, Sent
from teahouse.commands import Done
from teahouse.errors import Malformed, RateLimited
from teahouse.live import frames
from teahouse.live.model import Sync

CHAT = "0123456789abcdef"
reader = frames.CommandReader([SendMessage, Receive, Sync])


def send(id_: str = "1", **changed: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "type": "message.send",
        "chat": CHAT,
        "nonce": "n1",
        "content": {"kind": "text", "text": "hi"},
    } | changed


def test_one_command_or_an_array_of_them() -> None:
    one = reader.read(json.dumps(send()).encode())
    many = reader.read(json.dumps([send("1"), {"type": "sync", "id": "2"}]).encode())
    assert [type(each) for each in one] == [SendMessage]
    assert [type(each) for each in many] == [SendMessage, Sync]


def test_a_bad_command_among_good_ones_fails_alone_and_keeps_its_id() -> None:
    found = reader.read(json.dumps([send("1"), send("2", nonce="not a nonce!"), send("3")]).encode())
    assert [type(each) for each in found] == [SendMessage, tuple, SendMessage]
    assert found[1][0] == "2"
    assert isinstance(found[1][1], Malformed)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"null",
        b"7",
        b'"text"',
        b"[[]]",
        b"{}",
        b'{"type": "no.such"}',
        b'{"type": "message.send"}',
        b"\xff\xfe\xff",
        b'{"type": "sync", "cursor": "\xff"}',
        b"[" * 100_000,
        b'{"type": "sync", "cursor": ' + b"[" * 50_000,
        b'{"a":' * 50_000,
        json.dumps(send(content={"kind": "picture"})).encode(),
        json.dumps(send(content={"kind": "text", "text": "x" * 8001})).encode(),
        json.dumps(send(extra="field")).encode(),
        json.dumps(send(chat="../../etc/passwd")).encode(),
        json.dumps([send()] * (frames.COMMANDS_MAX + 1)).encode(),
    ],
)
def test_bad_bytes_are_a_typed_error(data: bytes) -> None:
    found = reader.read(data)
    assert found
    assert all(isinstance(each, tuple) and isinstance(each[1], Malformed) for each in found)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for each in reader.read(data):
        assert isinstance(each, SendMessage | Receive | Sync | tuple)


def test_answers_carry_their_command() -> None:
    assert json.loads(frames.ack('a"b', Sent(chat=CHAT, seq=12, at=5))) == {
        "type": "ack",
        "id": 'a"b',
        "chat": CHAT,
        "seq": 12,
        "at": 5,
    }
    assert json.loads(frames.ack("7", Done())) == {"type": "ack", "id": "7"}
    refused = json.loads(frames.error("7", RateLimited("Slow down.", retry_after_ms=5)))
    assert (refused["type"], refused["id"], refused["code"], refused["status"]) == ("error", "7", "rate_limited", 429)
    assert refused["fields"] == {"retry_after_ms": 5}


@given(
    st.lists(st.binary(max_size=40).map(lambda b: json.dumps(b.hex()).encode()), min_size=1, max_size=5),
    st.integers(0, 3),
)
def test_frames_are_what_websockets_reads(chunks: list[bytes], size: int) -> None:
    chunks = [*chunks, json.dumps("x" * (0, 100, 200, 70_000)[size]).encode()]
    stream = StreamReader()
    stream.feed_data(frames.text_frame(chunks))
    parsing = Frame.parse(stream.read_exact, mask=False, max_size=None)
    with pytest.raises(StopIteration) as parsed:
        next(parsing)
    frame: Frame = parsed.value.value
    assert frame.opcode is Opcode.TEXT
    assert frame.fin
    assert json.loads(bytes(frame.data)) == [json.loads(chunk) for chunk in chunks]
