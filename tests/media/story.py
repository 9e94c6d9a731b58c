"""Ann, who sends, and Ben, who is her contact: the two whom most stories of media need."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from teahouse import ids
from tests.harness.people import Device, Neighbours
from tests.harness.server import Server
from tests.media.sender import Sender, newcomer


class Story:
    def __init__(self, house: Neighbours, ann: Sender, ben: Sender, chat: str, device: Device) -> None:
        self.house, self.ann, self.ben, self.chat, self.device = house, ann, ben, chat, device

    async def says(self, kind: str, media: str, **fields: Any) -> dict[str, Any]:
        content = {"kind": kind, "media": media, **fields}
        return await self.device.does("message.send", chat=self.chat, nonce=ids.new_id(), content=content)


@asynccontextmanager
async def open_story(server: Server, *, founded: bool) -> AsyncIterator[Story]:
    """`founded`: others live in the house already."""
    async with Neighbours(server) as house:
        ann = await (newcomer(house) if founded else house.join("ann"))
        ben = await (newcomer(house) if founded else house.join("ben"))
        chat = await house.meet(ann, ben)
        async with Sender(ann) as sends, Sender(ben) as reads:
            yield Story(house, sends, reads, chat, await ann.device())
            for person in (ann, ben):
                for device in person.devices:
                    await device.close()
