"""The starter pack as it is committed: what Telegram's sticker rules ask, and that its source still makes it."""

from __future__ import annotations

import gzip
import itertools
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from art.stickers.pack import files

FOLDER = Path(__file__).parents[2] / "teahouse" / "stickers" / "starter"
PACK = json.loads((FOLDER / "pack.json").read_bytes())
NAMES = [sticker["file"] for sticker in PACK["stickers"]]

#: Telegram's rules for animated stickers (core.telegram.org/stickers).
SIZE = 512
SECONDS_MAX = 3
BYTES_MAX = 64 * 1024
LAYERS_ALLOWED = {3, 4}
SHAPES_ALLOWED = {"gr", "sh", "fl", "st", "tm", "tr"}

Json = dict[str, Any]


@pytest.fixture(params=NAMES)
def sticker(request: pytest.FixtureRequest) -> Json:
    return json.loads((FOLDER / request.param).read_bytes())


def everything_in(part: Any) -> list[Json]:
    """Every object of the file."""
    if isinstance(part, list):
        return [found for item in part for found in everything_in(item)]
    if isinstance(part, dict):
        return [part, *(found for item in part.values() for found in everything_in(item))]
    return []


def shapes_of(layer: Json) -> list[Json]:
    return [shape for shape in everything_in(layer.get("shapes", [])) if isinstance(shape.get("ty"), str)]


def test_the_pack_lists_the_files_that_are_there() -> None:
    assert len(NAMES) >= 16
    assert sorted(NAMES) == sorted(path.name for path in FOLDER.glob("*.json") if path.name != "pack.json")
    assert all(name.isascii() for name in NAMES)


def test_every_sticker_can_be_found_by_emoji_and_by_word_in_three_languages() -> None:
    for listed in PACK["stickers"]:
        assert listed["emoji"], listed["file"]
        assert all(listed["label"][language] for language in ("en", "zh", "ru")), listed["file"]
        words = " ".join(listed["keywords"])
        assert any("a" <= c <= "z" for c in words), listed["file"]
        assert any("一" <= c <= "鿿" for c in words), listed["file"]
        assert any("а" <= c <= "я" for c in words), listed["file"]


def test_every_still_is_a_frame_of_its_sticker() -> None:
    for listed in PACK["stickers"]:
        assert 0 <= listed["still"] < json.loads((FOLDER / listed["file"]).read_bytes())["op"], listed["file"]


def test_a_sticker_keeps_to_the_size_and_length_of_the_rules(sticker: Json) -> None:
    assert (sticker["w"], sticker["h"]) == (SIZE, SIZE)
    assert sticker["fr"] in (30, 60)
    assert 0 < sticker["op"] - sticker["ip"] <= SECONDS_MAX * sticker["fr"]


@pytest.mark.parametrize("name", NAMES)
def test_a_sticker_is_small_when_packed(name: str) -> None:
    assert len(gzip.compress((FOLDER / name).read_bytes())) <= BYTES_MAX


def test_a_sticker_is_made_of_plain_shapes_alone(sticker: Json) -> None:
    assert sticker["assets"] == []
    assert {layer["ty"] for layer in sticker["layers"]} <= LAYERS_ALLOWED
    for layer in sticker["layers"]:
        assert {shape["ty"] for shape in shapes_of(layer)} <= SHAPES_ALLOWED, layer["nm"]
        assert not {"tt", "masksProperties", "ef", "tm"} & layer.keys(), layer["nm"]
    # An expression is a string under "x" in an animated property.
    assert not [part for part in everything_in(sticker) if isinstance(part.get("x"), str)]


def test_every_layer_hangs_on_a_layer_that_is_there(sticker: Json) -> None:
    numbers = [layer["ind"] for layer in sticker["layers"]]
    assert len(set(numbers)) == len(numbers)
    for layer in sticker["layers"]:
        assert layer.get("parent", numbers[0]) in numbers


def test_a_sticker_loops_without_a_jump(sticker: Json) -> None:
    """What is seen at its end is what is seen at its beginning: layer by layer, number by number."""
    begins, ends = seen_at(sticker, 0), seen_at(sticker, sticker["op"])
    assert begins.keys() == ends.keys()
    for name, states in begins.items():
        assert len(states) == len(ends[name]), name
        for begin, end in zip(states, ends[name], strict=True):
            assert begin == pytest.approx(end, abs=0.6), name


def test_the_source_makes_exactly_these_files() -> None:
    committed = {path.name: path.read_bytes() for path in FOLDER.glob("*.json")}
    made = files()
    assert made.keys() == committed.keys()
    for name, content in made.items():
        assert content == committed[name], f"{name} is not what `python -m art.stickers` makes"


def seen_at(sticker: Json, frame: float) -> dict[str, list[list[float]]]:
    """Every number of every layer that can be seen at a frame, by the layer's name."""
    seen: dict[str, list[list[float]]] = defaultdict(list)
    layers = {layer["ind"]: layer for layer in sticker["layers"]}
    for layer in sticker["layers"]:
        if not shows(layer, layers, frame):
            continue
        properties = list(layer["ks"].values())
        properties += [p for shape in shapes_of(layer) for p in shape.values() if isinstance(p, dict) and "k" in p]
        seen[layer["nm"]].append([n for p in properties for n in value_at(p, frame)])
    return dict(seen)


def shows(layer: Json, layers: dict[int, Json], frame: float) -> bool:
    """Whether a layer is there, not clear, and neither it nor what it hangs on is shrunk to nothing."""
    there = layer["ip"] < frame <= layer["op"] if frame else layer["ip"] <= 0 < layer["op"]
    if not there or value_at(layer["ks"]["o"], frame)[0] < 1:
        return False
    while min(map(abs, value_at(layer["ks"]["s"], frame))) >= 1:
        if "parent" not in layer:
            return True
        layer = layers[layer["parent"]]
    return False


def value_at(prop: Json, frame: float) -> list[float]:
    """A property's numbers at a frame, as the Lottie specification has them."""
    if not prop["a"]:
        return flattened(prop["k"])
    run = prop["k"]
    if frame <= run[0]["t"]:
        return flattened(run[0]["s"])
    for key, following in itertools.pairwise(run):
        if frame < following["t"]:
            start, end = flattened(key["s"]), flattened(following["s"])
            part = 0.0 if key.get("h") else eased(key, (frame - key["t"]) / (following["t"] - key["t"]))
            return [a + (b - a) * part for a, b in zip(start, end, strict=True)]
    return flattened(run[-1]["s"])


def eased(key: Json, time: float) -> float:
    (x1, y1), (x2, y2) = ((key[side]["x"], key[side]["y"]) for side in "oi")
    low, high = 0.0, 1.0
    for _ in range(40):
        s = (low + high) / 2
        x = 3 * (1 - s) ** 2 * s * x1 + 3 * (1 - s) * s**2 * x2 + s**3
        low, high = (s, high) if x < time else (low, s)
    return 3 * (1 - s) ** 2 * s * y1 + 3 * (1 - s) * s**2 * y2 + s**3


def flattened(value: Any) -> list[float]:
    if isinstance(value, dict):
        return flattened([value["v"], value["i"], value["o"]])
    if isinstance(value, list):
        return [n for item in value for n in flattened(item)]
    return [float(value)]
