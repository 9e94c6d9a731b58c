"""The house's own pack is renewed when its content changes: what is the same stays, what was sent is still shown."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from teahouse.stickers import starter
from teahouse.stickers.model import Pack
from tests.harness.house import OpenHouse, open_house
from tests.stickers.making import lottie, shape_layer


def write(folder: Path, labels: dict[str, str], sizes: dict[str, int]) -> None:
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.json"):
        old.unlink()
    listed = [
        {"file": f"{name}.json", "emoji": ["🍵"], "keywords": ["tea"], "label": {"en": label}, "still": 5}
        for name, label in labels.items()
    ]
    (folder / "pack.json").write_text(json.dumps({"name": "House", "author": "Us", "stickers": listed}))
    for name, size in sizes.items():
        (folder / f"{name}.json").write_text(json.dumps(lottie([shape_layer(st=size)])))


@asynccontextmanager
async def a_house(folder: Path) -> AsyncIterator[OpenHouse]:
    async with open_house(folder) as house, house.media.running():
        yield house


async def brought(house: OpenHouse, folder: Path) -> Pack:
    await starter.bring(house.house, house.media, house.stickers._packs, folder)
    (pack,) = (await house.stickers.panel("nobody")).packs
    return pack


async def test_what_is_the_same_stays_and_what_changed_is_new(tmp_path: Path) -> None:
    folder = tmp_path / "starter"
    (tmp_path / "house").mkdir()
    async with a_house(tmp_path / "house") as house:
        write(folder, {"a": "Cup", "b": "Pot", "c": "Leaf"}, {"a": 1, "b": 2, "c": 3})
        first = await brought(house, folder)
        assert [(each.label, each.still, each.type) for each in first.stickers] == [
            ("Cup", 5, "application/json"),
            ("Pot", 5, "application/json"),
            ("Leaf", 5, "application/json"),
        ]
        assert await brought(house, folder) == first
        sent = first.stickers[2].id
        await house.house.store.write(house.stickers.card, sent)

        write(folder, {"b": "Teapot", "a": "Cup"}, {"a": 1, "b": 20})
        second = await brought(house, folder)

        assert second.id == first.id
        assert [each.label for each in second.stickers] == ["Teapot", "Cup"]
        assert second.stickers[1].id == first.stickers[0].id, "the same drawing is the same sticker"
        assert second.stickers[0].id != first.stickers[1].id, "a changed drawing is another one: files never change"
        assert (await house.stickers.file(sent, "file"))[1] == "application/json"
        assert (await house.house.store.write(house.stickers.card, sent)).pack == ""
