"""People with stickers on a real server: they upload, import, add, and are told."""

from __future__ import annotations

from typing import Any, cast

import httpx

from tests.harness.people import Device, Neighbour, Neighbours

Pack = dict[str, Any]
TUS = {"Tus-Resumable": "1.0.0"}


class Collector:
    """A person who collects stickers."""

    def __init__(self, person: Neighbour, phone: Device) -> None:
        self.person = person
        self.phone = phone
        self.id = person.id

    async def http(self, method: str, path: str, **arguments: Any) -> Any:
        return await self.person.http(method, path, **arguments)

    async def uploads(self, data: bytes, name: str = "file") -> str:
        """Upload a file; return the upload's id."""
        headers = {**TUS, "Authorization": f"Bearer {self.person.token}"}
        async with httpx.AsyncClient(base_url=self.person.house.url, headers=headers) as client:
            made = await client.post("/api/v1/uploads", headers={"Upload-Length": str(len(data))})
            made.raise_for_status()
            where = made.headers["location"]
            body = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
            (await client.patch(where, headers=body, content=data)).raise_for_status()
        return str(where).rpartition("/")[2]

    async def creates(self, name: str = "Mine") -> str:
        made = await self.http("POST", "/stickers/packs", json={"nonce": name.replace(" ", "_"), "name": name})
        return str(made["pack"])

    async def adds(self, pack: str, data: bytes, emoji: str = "🍵", **fields: Any) -> dict[str, Any]:
        upload = await self.uploads(data)
        asked = {"upload": upload, "emoji": emoji, **fields}
        return cast(dict[str, Any], await self.http("POST", f"/stickers/packs/{pack}/stickers", json=asked))

    async def imports(self, files: dict[str, bytes], name: str = "") -> dict[str, Any]:
        """Import a zip, or a folder's files; return how it ended."""
        listed = [{"upload": await self.uploads(data), "name": file} for file, data in files.items()]
        begun = await self.http("POST", "/stickers/packs/import", json={"files": listed, "name": name})
        assert begun["state"] == "processing"

        def ended() -> Any:
            told = [e["importing"] for e in self.phone.events if e["type"] == "stickers.import"]
            return next((each for each in told if each["id"] == begun["id"] and each["state"] != "processing"), None)

        return cast(dict[str, Any], await self.phone.until(ended))

    async def panel(self) -> dict[str, Any]:
        return cast(dict[str, Any], await self.http("GET", "/stickers/panel"))

    async def pack(self, pack: str) -> Pack:
        return cast(Pack, await self.http("GET", f"/stickers/packs/{pack}"))

    async def reads(self, path: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.person.token}"}
        async with httpx.AsyncClient(base_url=f"{self.person.house.url}/api/v1", headers=headers) as client:
            return await client.get(path)

    async def exports(self, pack: str) -> bytes:
        answer = await self.reads(f"/stickers/packs/{pack}/export")
        assert answer.headers["content-type"] == "application/zip"
        return answer.content


async def collector(house: Neighbours, handle: str) -> Collector:
    person = await house.join(handle)
    return Collector(person, await person.device())
