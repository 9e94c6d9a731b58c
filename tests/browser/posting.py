"""People of the house send files over HTTP, as another client would: upload by tus, make, and send.

ben_posts = Posting(ben)
ben_posts.sends(chat, "picture", picture(1600, 1200), caption="The river")
"""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
from websockets.sync.client import connect

from teahouse import ids
from tests.browser.visitors import Visitor
from tests.harness.people import PATIENCE_S


class Posting:
    def __init__(self, person: Visitor) -> None:
        self.person = person
        self._bearer = {"Authorization": f"Bearer {person.token}"}

    def sends(self, chat: str, kind: str, *files: bytes, name: str = "file.bin", **content: Any) -> int:
        """Send a message of one media; return its seq."""
        return self._says(chat, {"kind": kind, "media": self.makes(kind, *files, name=name), **content})

    def sends_album(self, chat: str, *pictures: bytes, **content: Any) -> int:
        items = [self.makes("picture", data, name="picture.jpg") for data in pictures]
        return self._says(chat, {"kind": "album", "items": items, **content})

    def makes(self, kind: str, *files: bytes, name: str) -> str:
        """Upload and make one media; return its id once it is ready."""
        uploads = [self._uploads(data, name) for data in files]
        with connect(self.person.house.server.live_url, additional_headers=self._bearer, max_size=None) as socket:
            nonce = ids.new_id()
            command = {"type": "media.make", "id": nonce, "nonce": nonce, "kind": kind, "uploads": uploads}
            socket.send(json.dumps({**command, "name": name}))
            media = ""
            changes: dict[str, dict[str, Any]] = {}
            while changes.get(media, {}).get("state", "processing") == "processing":
                for event in json.loads(socket.recv(PATIENCE_S)):
                    assert event["type"] != "error", event
                    if event["type"] == "media.changed" or event.get("id") == nonce:
                        state = event["media"]
                        changes[state["id"]] = state
                        media = media or (state["id"] if event.get("id") == nonce else "")
        assert changes[media]["state"] == "ready", changes[media]
        return media

    def _uploads(self, data: bytes, name: str) -> str:
        headers = {
            **self._bearer,
            "Tus-Resumable": "1.0.0",
            "Upload-Length": str(len(data)),
            "Upload-Metadata": f"filename {base64.b64encode(name.encode()).decode()}",
            "Content-Type": "application/offset+octet-stream",
        }
        url = f"{self.person.house.server.url}/api/v1/uploads"
        answer = httpx.post(url, headers=headers, content=data, timeout=PATIENCE_S)
        assert answer.status_code == httpx.codes.CREATED, answer.text
        return str(answer.headers["location"]).rpartition("/")[2]

    def _says(self, chat: str, content: dict[str, Any]) -> int:
        body = {"nonce": ids.new_id(), "content": content}
        return int(self.person.asks("POST", f"/chats/{chat}/messages", body)["seq"])
