"""What the sample people show each other: a message of every kind, made the way that everybody's are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, NamedTuple

from teahouse.app import Built
from teahouse.chat import content as c
from teahouse.chat.model import React, SendMessage, Vote
from teahouse.commands import Command, Signed
from teahouse.demo import gallery
from teahouse.media.model import MakeMedia, MediaKind

WALLPAPER: Final = (1280, 960)
CINEMA: Final = (640, 360)
ROUND: Final = (320, 320)
MADE_S_MAX: Final = 120.0
TRAIL: Final = """<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="Riverside walkers" xmlns="http://www.topografix.com/GPX/1/1">
  <trk><name>Ferry to the old mill</name><trkseg>
    <trkpt lat="30.2431" lon="120.1502"/><trkpt lat="30.2440" lon="120.1467"/><trkpt lat="30.2465" lon="120.1440"/>
  </trkseg></trk>
</gpx>
"""


class Shown(NamedTuple):
    """Where a message went, for who reacts to it."""

    chat: str
    seq: int


class Shows:
    def __init__(
        self,
        built: Built,
        people: dict[str, Signed],
        chats: dict[str, str],
        do: Callable[[str, Command], Awaitable[object]],
    ) -> None:
        """`people` by handle, `chats` by the key of their room."""
        self._built = built
        self._people = people
        self._chats = chats
        self._do = do
        self._number = 0
        self.last_seq: dict[str, int] = {}
        """Of the rooms in which something was shown."""

    async def run(self) -> None:
        """Make everything, then send it in its order."""
        made = dict(await asyncio.gather(*(self._made(*each) for each in self._files())))
        await self._in_direct_chats(made)
        await self._among_walkers(made)
        await self._in_the_common_room(made)

    def _files(self) -> list[tuple[str, str, MediaKind, str, Callable[[], bytes]]]:
        """Who makes what of which file, and what it is called here."""
        g = gallery
        return [
            ("carla", "dawn", "picture", "dawn.jpg", lambda: g.jpeg(g.paint(g.DAWN, WALLPAPER))),
            ("wangwei", "noon", "picture", "noon.jpg", lambda: g.jpeg(g.paint(g.NOON, WALLPAPER))),
            ("wangwei", "mist", "picture", "mist.jpg", lambda: g.jpeg(g.paint(g.MIST, WALLPAPER))),
            ("wangwei", "dusk", "picture", "dusk.jpg", lambda: g.jpeg(g.paint(g.DUSK, WALLPAPER))),
            ("linmei", "lanterns", "live_photo", "lanterns.jpg", lambda: g.motion_photo(g.DUSK, WALLPAPER)),
            ("ben", "river", "video", "river.mp4", lambda: g.film(g.NOON, CINEMA, 6.0)),
            ("david", "hello", "video_note", "hello.mp4", lambda: g.film(g.DAWN, ROUND, 4.0)),
            ("anna", "song", "voice", "voice.webm", lambda: g.tune(9.0)),
            ("ben", "humming", "voice", "voice.webm", lambda: g.tune(5.0)),
            ("david", "trail", "file", "ferry-to-the-mill.gpx", TRAIL.encode),
        ]

    async def _in_direct_chats(self, made: dict[str, str]) -> None:
        await self._send("direct:anna", "anna", c.NewVoice(media=made["song"]))
        lanterns = c.NewLivePhoto(media=made["lanterns"], caption="老街的灯笼 🏮 按住看看")
        await self._send("direct:linmei", "linmei", lanterns)
        await self._send("direct:david", "david", c.NewVideoNote(media=made["hello"]))
        await self._send("direct:david", "david", c.NewFile(media=made["trail"], caption="For your phone"))
        await self._send("direct:ben", "ben", c.NewVideo(media=made["river"], caption="The river, this noon"))

    async def _among_walkers(self, made: dict[str, str]) -> None:
        album = c.NewAlbum(items=(made["noon"], made["mist"], made["dusk"]), caption="上周六,从早到晚")
        shown = await self._send("hike", "wangwei", album)
        await self._react(shown, ("linmei", "❤️"), ("david", "😍"), ("xiaoyu", "❤️"))
        place = c.NewLocation(latitude=30.2431, longitude=120.1502, accuracy=12, name="渡口 · Ferry landing")
        await self._send("hike", "zhangjun", place)
        wei = self._people["zhangjun"].person
        await self._send("hike", "wangwei", c.NewContactCard(person=wei))

    async def _in_the_common_room(self, made: dict[str, str]) -> None:
        shown = await self._send("house", "carla", c.NewPicture(media=made["dawn"], caption="Early, before everybody"))
        await self._react(shown, ("anna", "❤️"), ("ben", "🌅"), ("linmei", "❤️"))
        await self._send("house", "ben", c.NewVoice(media=made["humming"]))
        await self._send("house", "olga", c.NewSticker(sticker=await self._sticker("olga", "🥰")))
        poll = c.NewPoll(question="Which tea for Sunday?", options=("Longjing", "Keemun", "Rooibos", "All of them"))
        asked = await self._send("house", "pavel", poll)
        votes = (("ben", 3), ("carla", 0), ("linmei", 0), ("anna", 1), ("noor", 3), ("dmitri", 3), ("alice", 0))
        for handle, option in votes:
            await self._do(handle, Vote(chat=asked.chat, seq=asked.seq, options=(option,)))

    async def _made(
        self, handle: str, name: str, kind: MediaKind, file: str, make: Callable[[], bytes]
    ) -> tuple[str, str]:
        """Upload a file and have a media made of it; return its name here and its id."""
        data = await asyncio.to_thread(make)
        media, signed = self._built.media, self._people[handle]
        upload = await media.uploads.begin(signed.person, len(data), file, "")
        await media.uploads.append(signed.person, upload.id, 0, _whole(data), length=len(data))
        command = MakeMedia(nonce=f"sample-{name}", kind=kind, uploads=(upload.id,), name=file)
        state = (await self._built.house.execute(signed, command)).media
        async with asyncio.timeout(MADE_S_MAX):
            while state.state == "processing":
                await asyncio.sleep(0.05)
                state = await media.state(signed, state.id)
        if state.state == "failed":
            raise RuntimeError(f"the sample {name} could not be made: {state.reason}")
        return name, state.id

    async def _sticker(self, handle: str, emoji: str) -> str:
        """Return one of the stickers that everybody has."""
        panel = await self._built.stickers.panel(self._people[handle].person)
        return next(each.id for pack in panel.packs for each in pack.stickers if emoji in each.emoji)

    async def _send(self, room: str, handle: str, content: c.NewContent) -> Shown:
        self._number += 1
        command = SendMessage(chat=self._chats[room], nonce=f"show-{self._number}", content=content)
        sent = await self._built.house.execute(self._people[handle], command)
        self.last_seq[room] = sent.seq
        return Shown(sent.chat, sent.seq)

    async def _react(self, shown: Shown, *reactions: tuple[str, str]) -> None:
        for handle, emoji in reactions:
            await self._do(handle, React(chat=shown.chat, seq=shown.seq, emoji=emoji))


async def _whole(data: bytes) -> AsyncIterator[bytes]:
    yield data
