"""People and their packs, on a real server with real workers."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from teahouse import ids
from tests.harness.people import Neighbours, Refused
from tests.harness.server import Server
from tests.stickers import making
from tests.stickers.house import Collector, Pack, collector


async def sends(person: Collector, chat: str, sticker: str) -> dict[str, Any]:
    content = {"kind": "sticker", "sticker": sticker}
    return await person.phone.does("message.send", chat=chat, nonce=ids.new_id(), content=content)


def said(pack: Pack) -> list[tuple[Any, ...]]:
    """What a pack is, but for ids."""
    fields = ("type", "emoji", "label", "keywords", "labels", "width", "height", "animated", "still")
    return [tuple(str(sticker.get(name)) for name in fields) for sticker in pack["stickers"]]


@pytest.fixture
def server(tmp_path: Path, store_url: str) -> Iterator[Server]:
    """An empty house, on either store."""
    with Server(tmp_path / "house", settings={"STORE": store_url}) as running:
        yield running


async def test_a_sticker_is_made_sent_seen_and_its_pack_taken_home(server: Server) -> None:
    async with Neighbours(server) as house:
        ann, ben = await collector(house, "ann"), await collector(house, "ben")
        chat = await house.meet(ann.person, ben.person)
        pack = await ann.creates("Tea time")
        made = await ann.adds(pack, making.png(), "🍵", label="A cup")
        assert (made["type"], made["emoji"], made["label"], made["pack"]) == ("image/webp", "🍵", "A cup", pack)

        await sends(ann, chat, made["id"])
        told = await ben.phone.told("message.new", chat=chat, sender=ann.id)
        card = told["content"]["sticker"]
        assert (card["id"], card["pack"], card["emoji"]) == (made["id"], pack, "🍵")
        file = await ben.reads(f"/stickers/{card['id']}/file")
        assert Image.open(io.BytesIO(file.content)).size == (512, 512)

        assert pack not in [each["id"] for each in (await ben.panel())["packs"]]
        await ben.phone.does("sticker.install", pack=pack)
        first = (await ben.panel())["packs"][0]
        assert (first["id"], first["name"], first["owner"]) == (pack, "Tea time", ann.id)
        await ben.phone.told("stickers.changed", what="packs")

        answer = await sends(ben, chat, first["stickers"][0]["id"])
        await ann.phone.told("message.new", chat=chat, seq=answer["seq"])


async def test_files_are_served_so_that_nothing_of_them_can_run(server: Server) -> None:
    async with Neighbours(server) as house:
        ann = await collector(house, "ann")
        pack = await ann.creates()
        video = await ann.adds(pack, making.webm())
        vector = await ann.adds(pack, making.tgs())
        for path, kind in (
            (f"/stickers/{video['id']}/file", "video/webm"),
            (f"/stickers/{video['id']}/image", "image/webp"),
            (f"/stickers/{video['id']}/still", "image/webp"),
            (f"/stickers/{vector['id']}/file", "application/json"),
            (f"/stickers/{vector['id']}/image", "application/json"),
        ):
            answer = await ann.reads(path)
            headers = answer.headers
            assert (answer.status_code, headers["content-type"]) == (200, kind)
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["content-security-policy"].startswith("sandbox")
            assert "immutable" in headers["cache-control"]
        assert (await ann.reads(f"/stickers/{vector['id']}/still")).status_code == 404
        assert (await ann.reads(f"/stickers/{ids.new_id()}/file")).status_code == 404
        ann.person.token = "nobody's"
        assert (await ann.reads(f"/stickers/{video['id']}/file")).status_code == 401


async def test_what_is_removed_goes_unless_a_message_or_a_favourite_shows_it(server: Server) -> None:
    async with Neighbours(server) as house:
        ann, ben = await collector(house, "ann"), await collector(house, "ben")
        chat = await house.meet(ann.person, ben.person)
        pack = await ann.creates()
        sent, liked, plain = [await ann.adds(pack, making.png(side=side)) for side in (100, 110, 120)]
        await sends(ann, chat, sent["id"])
        await ben.phone.does("sticker.favour", sticker=liked["id"])
        await ben.phone.does("sticker.install", pack=pack)

        await ann.phone.does("sticker.pack.delete", pack=pack)

        await ben.phone.told("stickers.changed", what="packs")
        with pytest.raises(Refused):
            await ben.pack(pack)
        panel = await ben.panel()
        assert pack not in [each["id"] for each in panel["packs"]]
        assert [each["id"] for each in panel["favourites"]] == [liked["id"]]
        assert "pack" not in panel["favourites"][0]
        files = [(await ben.reads(f"/stickers/{each['id']}/file")).status_code for each in (sent, liked, plain)]
        assert files == [200, 200, 404]
        answer = await sends(ben, chat, liked["id"])
        assert answer["seq"]
        with pytest.raises(Refused) as refused:
            await sends(ben, chat, plain["id"])
        assert refused.value.code == "not_found"


async def test_only_its_owner_changes_a_pack(server: Server) -> None:
    async with Neighbours(server) as house:
        ann, eve = await collector(house, "ann"), await collector(house, "eve")
        pack = await ann.creates()
        one, two = await ann.adds(pack, making.png(side=100)), await ann.adds(pack, making.png(side=110))
        theirs = (await ann.panel())["packs"][-1]
        assert "owner" not in theirs, "the starter pack is the house's"
        for command, fields in (
            ("sticker.pack.update", {"pack": pack, "name": "Eve's"}),
            ("sticker.pack.delete", {"pack": pack}),
            ("sticker.update", {"sticker": one["id"], "emoji": "😈"}),
            ("sticker.remove", {"sticker": one["id"]}),
            ("sticker.pack.delete", {"pack": theirs["id"]}),
            ("sticker.remove", {"sticker": theirs["stickers"][0]["id"]}),
        ):
            with pytest.raises(Refused) as refused:
                await eve.phone.does(command, **fields)
            assert refused.value.code == "not_found", command
        with pytest.raises(Refused) as refused:
            await eve.adds(pack, making.png(side=120))
        assert refused.value.code == "not_found"

        await ann.phone.does("sticker.pack.update", pack=pack, name="Ours", order=[two["id"], one["id"]])
        await ann.phone.does("sticker.update", sticker=one["id"], emoji="☕ 🫖", label="Coffee")
        shown = await eve.pack(pack)
        assert shown["name"] == "Ours"
        assert [(each["id"], each["emoji"]) for each in shown["stickers"]] == [(two["id"], "🍵"), (one["id"], "☕ 🫖")]
        for order in ([one["id"]], [one["id"], one["id"]], [one["id"], two["id"], theirs["stickers"][0]["id"]]):
            with pytest.raises(Refused) as refused:
                await ann.phone.does("sticker.pack.update", pack=pack, order=order)
            assert refused.value.code == "malformed"
        with pytest.raises(Refused):
            await ann.phone.does("sticker.update", sticker=one["id"], emoji="<b>")


async def test_a_panel_follows_its_person(server: Server) -> None:
    async with Neighbours(server) as house:
        ann = await collector(house, "ann")
        desk = await ann.person.device(sign_in=True)
        await desk.does("sync", cursor="")
        first, second = await ann.creates("one"), await ann.creates("two")
        house_pack = (await ann.panel())["packs"][-1]["id"]
        assert [each["id"] for each in (await ann.panel())["packs"]] == [second, first, house_pack]
        await desk.told("stickers.changed", what="packs")

        await ann.phone.does("sticker.panel.order", order=[house_pack, first])
        assert [each["id"] for each in (await ann.panel())["packs"]] == [house_pack, first, second]
        await ann.phone.does("sticker.uninstall", pack=house_pack)
        assert [each["id"] for each in (await ann.panel())["packs"]] == [first, second]
        await ann.phone.does("sticker.install", pack=house_pack)
        assert [each["id"] for each in (await ann.panel())["packs"]] == [house_pack, first, second]
        with pytest.raises(Refused) as refused:
            await ann.phone.does("sticker.uninstall", pack=first)
        assert refused.value.code == "conflict"

        stickers = [each["id"] for each in (await ann.pack(house_pack))["stickers"]][:3]
        for sticker in (*stickers, stickers[0]):
            await ann.phone.does("sticker.used", sticker=sticker)
        assert [each["id"] for each in (await ann.panel())["recents"]] == [stickers[0], stickers[2], stickers[1]]
        await desk.told("stickers.changed", what="recents")
        await ann.phone.does("sticker.favour", sticker=stickers[1])
        await desk.told("stickers.changed", what="favourites")
        await ann.phone.does("sticker.unfavour", sticker=stickers[1])
        assert (await ann.panel())["favourites"] == []


async def test_a_zip_becomes_a_pack_and_what_is_refused_is_listed(server: Server) -> None:
    async with Neighbours(server) as house:
        ann = await collector(house, "ann")
        files = {
            "Cats/1_😺.png": making.png(),
            "Cats/2_😿.tgs": making.tgs(),
            "Cats/3.webm": making.webm(),
            "Cats/4.gif": making.gif(),
            "Cats/5.png": b"<html>",
            "Cats/6.json": making.lottie_file(making.lottie([making.shape_layer(ty=5)])),
            "__MACOSX/Cats/._1.png": b"resource fork",
        }
        ended = await ann.imports({"cats.zip": making.zipped(files)})
        assert (ended["state"], ended["name"], ended["done"], ended["total"]) == ("ready", "Cats", 6, 6)
        assert [(each["name"], each["reason"]) for each in ended["refused"]] == [
            ("Cats/5.png", "wrong_kind"),
            ("Cats/6.json", "wrong_kind"),
        ]
        pack = await ann.pack(ended["pack"])
        assert [(each["emoji"], each["type"]) for each in pack["stickers"]] == [
            ("😺", "image/webp"),
            ("😿", "application/json"),
            ("", "video/webm"),
            ("", "image/webp"),
        ]
        assert (await ann.panel())["packs"][0]["id"] == ended["pack"]
        assert (await ann.http("GET", f"/stickers/imports/{ended['id']}"))["state"] == "ready"


async def test_a_folder_becomes_a_pack_that_fits_telegrams_rules(server: Server) -> None:
    async with Neighbours(server) as house:
        ann = await collector(house, "ann")
        files = {"Balls/a.png": making.png(), "Balls/b.tgs": making.tgs(), "Balls/emojis.txt": "a ⚽\nb 🏀".encode()}
        ended = await ann.imports(files)
        assert (ended["state"], ended["name"], ended["fits"]) == ("ready", "Balls", ["telegram"])
        assert [each["emoji"] for each in (await ann.pack(ended["pack"]))["stickers"]] == ["⚽", "🏀"]


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"a.zip": making.zipped({"readme.txt": "hello"})}, "nothing"),
        ({"a.zip": making.zipped({"a.png": b"no picture"})}, "nothing"),
        ({"a.zip": making.zipped({"a.png": making.png()})[:-8]}, "unreadable"),
        ({"a.zip": making.zipped({"a.png": bytes(20 << 20)})}, "too_large"),
    ],
    ids=["no stickers", "none good", "cut", "bomb"],
)
async def test_an_import_of_nothing_fails_and_says_why(server: Server, files: dict[str, bytes], reason: str) -> None:
    async with Neighbours(server) as house:
        ann = await collector(house, "ann")
        before = await ann.panel()
        ended = await ann.imports(files)
        assert (ended["state"], ended["reason"]) == ("failed", reason)
        assert await ann.panel() == before


async def test_what_is_exported_imports_to_the_same_pack(server: Server) -> None:
    async with Neighbours(server) as house:
        ann, ben = await collector(house, "ann"), await collector(house, "ben")
        starter = (await ann.panel())["packs"][0]
        told = {
            "name": "Gemischt & 混合",
            "author": "Ann",
            "stickers": [
                {
                    "file": "1.tgs",
                    "emoji": ["😀", "👍🏽"],
                    "keywords": ["ball", "мяч"],
                    "label": {"en": "Ball"},
                    "still": 7,
                },
                {"file": "2.png", "emoji": "🫖", "label": "Pot"},
                {"file": "3.webm"},
                {"file": "4.gif", "emoji": "❤️‍🔥"},
            ],
        }
        files = {"1.tgs": making.tgs(), "2.png": making.png(), "3.webm": making.webm(), "4.gif": making.gif()}
        mixed = await ann.imports({"x.zip": making.zipped({"pack.json": json.dumps(told), **files})})
        assert mixed["state"] == "ready"
        for pack in (mixed["pack"], starter["id"]):
            data = await ann.exports(pack)
            again = await ben.imports({"from ann.zip": data})
            assert (again["state"], again.get("refused")) == ("ready", None)
            one, other = await ann.pack(pack), await ben.pack(again["pack"])
            assert (one["name"], one.get("author")) == (other["name"], other.get("author"))
            assert said(one) == said(other)
            assert await ben.exports(again["pack"]) == data, "the same pack is the same zip"
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                assert archive.testzip() is None


async def test_an_import_that_was_under_way_says_so_after_a_crash(tmp_path: Path) -> None:
    with Server(tmp_path / "house") as server:
        async with Neighbours(server) as house:
            ann = await collector(house, "ann")
            files = {f"{number}.webm": making.webm(40) for number in range(8)}
            upload = await ann.uploads(making.zipped(files))
            begun = await ann.http(
                "POST", "/stickers/packs/import", json={"files": [{"upload": upload, "name": "a.zip"}]}
            )
            server.restart()
            state = await ann.http("GET", f"/stickers/imports/{begun['id']}")
            assert (state["state"], state["reason"]) == ("failed", "interrupted")
            phone = await ann.person.device()
            await phone.does("sync", cursor="1")
            await phone.told("stickers.import")
            again = await ann.http(
                "POST", "/stickers/packs/import", json={"files": [{"upload": upload, "name": "a.zip"}]}
            )
            await phone.until(
                lambda: [
                    event
                    for event in phone.events
                    if event["type"] == "stickers.import"
                    and (event["importing"]["id"], event["importing"]["state"]) == (again["id"], "ready")
                ]
            )


async def test_the_starter_pack_is_in_every_panel_and_there_once(tmp_path: Path) -> None:
    with Server(tmp_path / "house") as server:
        async with Neighbours(server) as house:
            ann = await collector(house, "ann")
            before = await ann.panel()
            assert [each["name"] for each in before["packs"]] == ["Teahouse"]
            assert len(before["packs"][0]["stickers"]) >= 16
            assert all(each["animated"] and each["emoji"] for each in before["packs"][0]["stickers"])
            server.restart()
            assert await ann.panel() == before
