"""A person who sends files: tus by hand, so that each header can be right or wrong."""

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

import httpx

from teahouse import ids
from tests.harness.people import PASSWORD, Device, Neighbour, Neighbours

BODY = "application/offset+octet-stream"
PATIENCE_S = 60.0


class Sender:
    def __init__(self, person: Neighbour) -> None:
        self.person = person
        self.client = httpx.AsyncClient(
            base_url=f"{person.house.url}/api/v1",
            headers={"Authorization": f"Bearer {person.token}", "Tus-Resumable": "1.0.0"},
            timeout=PATIENCE_S,
        )

    async def __aenter__(self) -> "Sender":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()

    async def begins(self, length: int, name: str = "", type_: str = "", **headers: str) -> str:
        """Create an upload; return its id."""
        answer = await self.client.post(
            "/uploads", headers={**metadata(name, type_), **offset(length, "Length"), **headers}
        )
        assert answer.status_code == 201, answer.text
        location: str = answer.headers["location"]
        assert location.startswith("/api/v1/uploads/")
        return location.rpartition("/")[2]

    async def sends(
        self, upload: str, data: bytes | AsyncIterator[bytes], at: int = 0, **headers: str
    ) -> httpx.Response:
        return await self.client.patch(
            f"/uploads/{upload}", content=data, headers={"Content-Type": BODY, **offset(at), **headers}
        )

    async def asks(self, upload: str) -> httpx.Response:
        return await self.client.head(f"/uploads/{upload}")

    async def uploads(self, data: bytes, name: str = "", type_: str = "") -> str:
        """Send a whole file at once; return the upload's id."""
        answer = await self.client.post(
            "/uploads",
            content=data,
            headers={"Content-Type": BODY, **metadata(name, type_), **offset(len(data), "Length")},
        )
        assert answer.status_code == 201, answer.text
        return str(answer.headers["location"]).rpartition("/")[2]

    async def makes(self, kind: str, *uploads: str, **fields: Any) -> dict[str, Any]:
        """`media.make` over HTTP; return the state of the media."""
        asked = {"nonce": ids.new_id(), "kind": kind, "uploads": uploads, **fields}
        answer = await self.person.http("POST", "/media", json=asked)
        media: dict[str, Any] = answer["media"]
        return media

    async def made(self, device: Device, kind: str, *files: bytes, name: str = "", **fields: Any) -> dict[str, Any]:
        """Upload, have it made, and wait until it is ready or has failed."""
        return await self.made_of(device, kind, *[await self.uploads(data, name) for data in files], **fields)

    async def made_of(self, device: Device, kind: str, *uploads: str, **fields: Any) -> dict[str, Any]:
        """Have something made of uploads, and wait until it is ready or has failed."""
        media = await self.makes(kind, *uploads, **fields)
        return await settled(device, media["id"]) if media["state"] == "processing" else media

    async def gets(self, media: str, variant: str, method: str = "GET", **headers: str) -> httpx.Response:
        return await self.client.request(method, f"/media/{media}/{variant}", headers=headers)


def offset(value: int, what: str = "Offset") -> dict[str, str]:
    return {f"Upload-{what}": str(value)}


def metadata(name: str, type_: str = "") -> dict[str, str]:
    pairs = {"filename": name, "filetype": type_}
    said = [f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items() if value]
    return {"Upload-Metadata": ",".join(said)} if said else {}


async def settled(device: Device, media: str) -> dict[str, Any]:
    """Wait until a media is ready or has failed."""

    def found() -> dict[str, Any] | None:
        return next(
            (
                event["media"]
                for event in device.events
                if event["type"] == "media.changed"
                and event["media"]["id"] == media
                and event["media"]["state"] != "processing"
            ),
            None,
        )

    state: dict[str, Any] = await device.until(found)
    return state


async def until(condition: Any, patience_s: float = 20.0) -> Any:
    """Ask again and again until an awaited answer is true."""
    async with asyncio.timeout(patience_s):
        while not (result := await condition()):  # noqa: ASYNC110 - what happens on a disk tells nobody
            await asyncio.sleep(0.01)
        return result


async def newcomer(house: Neighbours) -> Neighbour:
    """Somebody new in a house that others live in already."""
    handle = f"guest{ids.new_id()[-8:]}"
    asked = {"handle": handle, "name": "Guest", "password": PASSWORD}
    return Neighbour(house, handle, await house.http("POST", "/people", json=asked))
