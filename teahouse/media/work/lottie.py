"""Vector stickers of strangers: Lottie JSON, and Telegram's gzipped kind (`.tgs`). Bytes in, bytes out.

A Lottie file is a program for the player: it may hold expressions (JavaScript), pictures of other hosts, and
compositions that contain each other without end. What comes out of here holds shapes and motion only, and a bounded
number of them.
https://lottie.github.io/lottie-spec/ and https://core.telegram.org/stickers#animation-requirements.
"""

import re
import zlib
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from teahouse.media.work.jobs import MediaRefused

BYTES_MAX: Final = 1 << 20
"""Of the JSON, unpacked."""
DEPTH_MAX: Final = 64
VALUES_MAX: Final = 250_000
LAYERS_MAX: Final = 1000
"""Of all compositions, each counted as often as it is shown."""
COPIES_MAX: Final = 100
"""That repeaters may make of one shape."""
SIDE_MAX: Final = 4096
"""Units of its own coordinates: it is scaled to fit."""
NUMBER_MAX: Final = 1e9
"""Integers of JSON have no bound; numbers of a player do."""
FRAMES_PER_SECOND_MAX: Final = 60
DURATION_MS_MAX: Final = 10_000

GZIP: Final = b"\x1f\x8b"
BLOCK: Final = 16 << 10
PRECOMPOSITION, SOLID, IMAGE, NULL, SHAPE, TEXT = range(6)
LAYER_TYPES: Final = (PRECOMPOSITION, SOLID, NULL, SHAPE)
KEPT: Final = ("v", "fr", "ip", "op", "w", "h", "ddd", "assets", "layers")
"""What a player needs of the whole."""
DROPPED: Final = frozenset(("nm", "mn", "cl", "ln", "ef"))
"""Names for people, and names that would become ids and classes in the page; effects, which no sticker needs."""
COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")

Json = dict[str, Any]


class Animation(msgspec.Struct, frozen=True):
    data: bytes
    """JSON, compact: the same again when it is read again."""
    width: int
    height: int
    frames_per_second: float
    duration: int
    """Milliseconds."""


def read(data: bytes) -> Animation:
    """Check a Lottie or tgs file and write it anew.

    Raises `MediaRefused`: "unreadable" (no JSON, no Lottie), "too_large", "too_long", or "wrong_kind" when it
    holds what a sticker must not (expressions, pictures, text).
    """
    text = _unpacked(data) if data.startswith(GZIP) else data
    if len(text) > BYTES_MAX:
        raise MediaRefused("too_large", f"more than {BYTES_MAX} bytes of JSON")
    try:
        tree = msgspec.json.decode(text.removeprefix(b"\xef\xbb\xbf"), strict=True)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise MediaRefused("unreadable", "not JSON") from error
    if not isinstance(tree, dict) or not isinstance(tree.get("layers"), list):
        raise MediaRefused("unreadable", "not Lottie")
    _look_through(tree)
    return _animation({name: tree[name] for name in KEPT if name in tree})


def _unpacked(data: bytes) -> bytes:
    """Unpack one gzip member, and stop as soon as it grows beyond bounds."""
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    out = bytearray()
    rest = data
    try:
        while rest and not unpacker.eof:
            out += unpacker.decompress(rest, BLOCK)
            rest = unpacker.unconsumed_tail
            if len(out) > BYTES_MAX:
                raise MediaRefused("too_large", f"more than {BYTES_MAX} bytes unpacked")
    except zlib.error as error:
        raise MediaRefused("unreadable", "broken gzip") from error
    if not unpacker.eof:
        raise MediaRefused("unreadable", "cut short")
    return bytes(out)


def _look_through(tree: Json) -> None:
    """Visit every value: bounds, what must not be there, and what is taken away."""
    values = 0
    waiting: list[tuple[Any, int]] = [(tree, 0)]
    while waiting:
        value, depth = waiting.pop()
        values += 1
        if depth > DEPTH_MAX or values > VALUES_MAX:
            raise MediaRefused("too_large", "too many or too deeply nested values")
        if isinstance(value, dict):
            # `x` as text is an expression; in a curve's handle it is a number or numbers.
            if isinstance(value.get("x"), str):
                raise MediaRefused("wrong_kind", "it holds an expression")
            for name in DROPPED & value.keys():
                del value[name]
            waiting.extend((each, depth + 1) for each in value.values())
        elif isinstance(value, list):
            waiting.extend((each, depth + 1) for each in value)
        elif isinstance(value, int | float) and not abs(value) <= NUMBER_MAX:
            raise MediaRefused("unreadable", "a number beyond all bounds")


def _animation(tree: Json) -> Animation:
    width, height = _number(tree, "w"), _number(tree, "h")
    rate, start, stop = _number(tree, "fr"), _number(tree, "ip"), _number(tree, "op")
    if not (1 <= width <= SIDE_MAX and 1 <= height <= SIDE_MAX):
        raise MediaRefused("too_many_pixels", f"a side of more than {SIDE_MAX}")
    if not 1 <= rate <= FRAMES_PER_SECOND_MAX:
        raise MediaRefused("too_long", f"more than {FRAMES_PER_SECOND_MAX} frames a second")
    duration = round((stop - start) * 1000 / rate)
    if not 0 < duration <= DURATION_MS_MAX:
        raise MediaRefused("too_long", f"longer than {DURATION_MS_MAX} ms, or nothing at all")
    compositions = _compositions(tree)
    _count_layers(tree["layers"], compositions)
    for layers in (tree["layers"], *compositions.values()):
        for layer in layers:
            _check_layer(layer, compositions)
    tree.setdefault("v", "5.5.2")
    if not isinstance(tree["v"], str):
        raise MediaRefused("unreadable", "its version is no text")
    return Animation(msgspec.json.encode(tree), round(width), round(height), rate, duration)


def _compositions(tree: Json) -> dict[str, list[Json]]:
    assets = tree.setdefault("assets", [])
    if not isinstance(assets, list):
        raise MediaRefused("unreadable", "assets are a list")
    found: dict[str, list[Json]] = {}
    for asset in assets:
        if not isinstance(asset, dict) or not isinstance(asset.get("id"), str):
            raise MediaRefused("unreadable", "an asset without a name")
        if not isinstance(asset.get("layers"), list) or "p" in asset or "u" in asset or asset["id"] in found:
            raise MediaRefused("wrong_kind", "it holds a picture or a sound")
        found[asset["id"]] = asset["layers"]
    return found


def _check_layer(layer: Any, compositions: dict[str, list[Json]]) -> None:
    if not isinstance(layer, dict):
        raise MediaRefused("unreadable", "a layer that is none")
    kind = layer.get("ty")
    if kind not in LAYER_TYPES:
        what = "a picture" if kind == IMAGE else "text, which needs fonts" if kind == TEXT else "more than shapes"
        raise MediaRefused("wrong_kind", f"it holds {what}")
    if kind == SOLID and not COLOUR.fullmatch(str(layer.get("sc", ""))):
        raise MediaRefused("unreadable", "a colour that is none")
    name = layer.get("refId")
    if kind == PRECOMPOSITION and not (isinstance(name, str) and name in compositions):
        raise MediaRefused("unreadable", "a composition that is not there")
    shapes = layer.get("shapes")
    if shapes is not None:
        _count_copies(shapes)


def _count_layers(layers: list[Json], compositions: dict[str, list[Json]]) -> None:
    """Hold what is shown in all against the bound. Compositions that contain themselves would never end."""
    counted: dict[str, int] = {}

    def count(of: list[Json], within: tuple[str, ...]) -> int:
        total = 0
        for layer in of:
            if not isinstance(layer, dict):
                raise MediaRefused("unreadable", "a layer that is none")
            total += 1
            name = layer.get("refId")
            if layer.get("ty") == PRECOMPOSITION and isinstance(name, str) and name in compositions:
                if name in within or len(within) > DEPTH_MAX:
                    raise MediaRefused("unreadable", "a composition that contains itself")
                if name not in counted:
                    counted[name] = count(compositions[name], (*within, name))
                total += counted[name]
            if total > LAYERS_MAX:
                raise MediaRefused("too_large", f"more than {LAYERS_MAX} layers")
        return total

    count(layers, ())


def _count_copies(shapes: Any) -> None:
    """Repeaters multiply what stands before them in their group, and groups stand in groups."""
    waiting: list[tuple[Any, float]] = [(shapes, 1.0)]
    while waiting:
        group, times = waiting.pop()
        if not isinstance(group, list) or not all(isinstance(shape, dict) for shape in group):
            raise MediaRefused("unreadable", "shapes that are none")
        for shape in group:
            if shape.get("ty") == "rp":
                times *= max((abs(copies) for copies in _values(shape.get("c"))), default=1) or 1
        if times > COPIES_MAX:
            raise MediaRefused("too_large", f"more than {COPIES_MAX} copies of a shape")
        waiting.extend((shape["it"], times) for shape in group if "it" in shape)


def _values(animated: Any) -> Iterator[float]:
    """Yield every number in a property, however it is keyed."""
    waiting = [animated]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(each for name, each in value.items() if name in ("k", "s", "e"))
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield float(value)


def _number(tree: Json, name: str) -> float:
    value = tree.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MediaRefused("unreadable", f"{name} is no number")
    return value
