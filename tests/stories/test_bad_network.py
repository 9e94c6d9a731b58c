"""Cuts, crashes and slow readers: nothing acknowledged is lost, nothing is doubled, nobody waits for the slowest."""

import asyncio
import json
import socket
from pathlib import Path

from teahouse import ids
from tests.harness.people import Device, Neighbours, messages
from tests.harness.server import Server


async def test_a_send_that_was_cut_is_repeated_without_doubling(server: Server) -> None:
    async with Neighbours(server) as house:
        ann, ben, chat = await house.friends("ann", "ben")
        phone, desk = await ann.device(), await ben.device()
        nonce = ids.new_id()
        first = await phone.says(chat, "once", nonce=nonce)
        await phone.close()
        await phone.open()
        again = await phone.says(chat, "once", nonce=nonce)
        assert (again["seq"], again["at"]) == (first["seq"], first["at"])
        twin = await ann.http(
            "POST", f"/chats/{chat}/messages", json={"nonce": nonce, "content": {"kind": "text", "text": "once"}}
        )
        assert twin["seq"] == first["seq"]
        await phone.says(chat, "next")
        await desk.told("message.new", text="next")
        assert [event["content"]["text"] for event in messages(desk.events, chat)] == ["once", "next"]


async def test_one_frame_with_a_repeated_nonce_among_others_answers_each(server: Server) -> None:
    async with Neighbours(server) as house:
        ann, _, chat = await house.friends("ann", "ben")
        phone = await ann.device()
        nonces = [ids.new_id() for _ in range(5)]
        commands = [
            {
                "id": f"c{at}",
                "type": "message.send",
                "chat": chat,
                "nonce": nonce,
                "content": {"kind": "text", "text": nonce},
            }
            for at, nonce in enumerate([*nonces, nonces[2]])
        ]
        await phone.send_raw(json.dumps(commands))
        answers = {}
        for at in range(6):
            answers[at] = await phone.told("ack", id=f"c{at}")
        seqs = [answers[at]["seq"] for at in range(5)]
        assert seqs == list(range(seqs[0], seqs[0] + 5))
        assert answers[5]["seq"] == answers[2]["seq"]


async def test_the_server_is_killed_and_what_was_acknowledged_is_there(server: Server) -> None:
    async with Neighbours(server) as house:
        ann, ben, chat = await house.friends("ann", "ben")
        phone = await ann.device()
        acknowledged = {}
        for number in range(50):
            nonce = ids.new_id()
            acknowledged[nonce] = (await phone.says(chat, f"news {number}", nonce=nonce))["seq"]
        unanswered = ids.new_id()
        await phone.send_raw(
            json.dumps(
                {
                    "id": "last",
                    "type": "message.send",
                    "chat": chat,
                    "nonce": unanswered,
                    "content": {"kind": "text", "text": "was it heard?"},
                }
            )
        )
        server.kill()
        await phone.until_closed()
        server.start()
        await phone.open()
        again = await phone.says(chat, "was it heard?", nonce=unanswered)
        page = await ben.http("GET", f"/chats/{chat}/messages", params={"limit": 200})
        found = [(message.get("nonce"), message["seq"]) for message in page["messages"] if message["sender"] == ann.id]
        assert found == [*acknowledged.items(), (unanswered, again["seq"])]


async def test_a_reader_that_does_not_read_is_bounded_and_catches_up(tmp_path: Path) -> None:
    settings = {"READER_QUEUE_KIB": "64", "RATE_PERSON": "100000"}
    with Server(tmp_path / "house", settings=settings) as server:
        async with Neighbours(server) as house:
            ann, ben, chat = await house.friends("ann", "ben")
            desk = await ann.device()
            reader, writer = await _open_raw(server, ben.token)
            text = "x" * 4000
            for number in range(1500):
                # 6 MB for a connection that reads nothing: far more than the kernel's buffers and the bound.
                await desk.says(chat, f"{number} {text}")
            # Now it reads: what was under way, then that it has to sync.
            seen = b""
            async with asyncio.timeout(20):
                while b'"type":"overflow"' not in seen:
                    seen += await reader.read(65536)
            writer.close()
            assert len(seen) < 6_000_000
            slow = Device(server.url, ben.token)
            slow.cursor = "1"
            await slow.open()
            missed = await slow.catches_up()
            seqs = [event["seq"] for event in messages(missed, chat) if event["sender"] == ann.id]
            assert len(seqs) == 1500
            assert seqs == list(range(seqs[0], seqs[0] + 1500))
            await slow.close()


async def _open_raw(server: Server, token: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A WebSocket whose kernel buffers are small and that nobody reads."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", server.port))
    reader, writer = await asyncio.open_connection(sock=raw, limit=4096)
    writer.write(
        (
            f"GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            f"Authorization: Bearer {token}\r\n\r\n"
        ).encode()
    )
    assert b"101" in await reader.readline()
    return reader, writer
