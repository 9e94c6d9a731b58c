"""Layers, and the Lottie file they make.

The format is Lottie's (lottie.github.io/lottie-spec), kept to what Telegram's .tgs allows and lottie-web's light
player draws: shape layers only; no images, text, effects, masks or expressions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from art.stickers.geometry import Path, Point
from art.stickers.motion import Keys, change
from art.stickers.palette import INK, PAPER

SIZE = 512
FPS = 60
#: Ink and paper edge, in pixels of the canvas. Two pixels of ink are left when a sticker is shown at 128.
INK_WIDTH = 8.0
PAPER_WIDTH = 11.0

Json = dict[str, Any]
Colour = str
Number = float | Keys[float]
Spot = Point | Keys[Point]
Form = Path | Keys[Path]


@dataclass(frozen=True)
class Trim:
    """The part of a line that is drawn, in percent of its length."""

    start: Number
    end: Number


@dataclass(frozen=True)
class Paint:
    """One form, filled or lined or both."""

    form: Form
    fill: Colour | Keys[Colour] | None = None
    line: Colour | Keys[Colour] | None = None
    width: Number = 0.0
    opacity: Number = 100.0
    #: Part of the outer edge: gets the paper rim of a die-cut sticker.
    edge: bool = False
    trim: Trim | None = None


def inked(form: Form, fill: Colour | Keys[Colour], *, width: float = INK_WIDTH, edge: bool = True) -> Paint:
    """A filled form with the ink line around it."""
    return Paint(form, fill, INK, width, edge=edge)


def flat(form: Form, fill: Colour | Keys[Colour], opacity: Number = 100.0) -> Paint:
    """A form of colour alone, inside another: shade, gleam, pattern."""
    return Paint(form, fill, opacity=opacity)


def stroke(
    form: Form,
    colour: Colour | Keys[Colour] = INK,
    width: Number = INK_WIDTH,
    *,
    edge: bool = False,
    opacity: Number = 100.0,
    trim: Trim | None = None,
) -> Paint:
    """A line with round ends."""
    return Paint(form, None, colour, width, opacity, edge, trim)


def tube(form: Form, colour: Colour | Keys[Colour], width: float) -> list[Paint]:
    """A thick line with ink on both sides: an arm, a handle, a stem."""
    return [stroke(form, INK, width + 2 * INK_WIDTH, edge=True), stroke(form, colour, width)]


@dataclass(eq=False)
class Layer:
    """A thing that moves as one. Coordinates are its parent's; `pivot` is the point it turns and grows about."""

    name: str
    paints: Sequence[Paint] = ()
    parent: Layer | None = None
    pivot: Point = (256.0, 256.0)
    move: Spot = (0.0, 0.0)
    scale: Spot = (100.0, 100.0)
    turn: Number = 0.0
    opacity: Number = 100.0
    #: Whether the layer's edges get the paper rim.
    rim: bool = True
    #: Frames within which the layer is there at all; None: always.
    span: tuple[float, float] | None = None


@dataclass
class Scene:
    """A sticker under work: layers from back to front."""

    name: str
    length: int
    layers: list[Layer] = field(default_factory=list)

    def add(self, layer: Layer) -> Layer:
        self.layers.append(layer)
        return layer

    def lottie(self) -> Json:
        """The whole file. Rims of all layers lie under all the layers, so that together they make one silhouette."""
        rims = [layer for layer in self.layers if layer.rim and any(p.edge for p in layer.paints)]
        numbers: dict[Layer, int] = {layer: i for i, layer in enumerate(reversed(self.layers), 1)}
        front = [self._layer(layer, numbers, i) for layer, i in numbers.items()]
        count = len(front)
        back = [self._layer(layer, numbers, count + i, rim=True) for i, layer in enumerate(reversed(rims), 1)]
        return {
            "v": "5.7.0",
            "tgs": 1,
            "fr": FPS,
            "ip": 0,
            "op": self.length,
            "w": SIZE,
            "h": SIZE,
            "nm": self.name,
            "ddd": 0,
            "assets": [],
            "layers": front + back,
        }

    def _layer(self, layer: Layer, numbers: dict[Layer, int], number: int, *, rim: bool = False) -> Json:
        px, py = layer.pivot
        start, end = layer.span or (0, self.length)
        made: Json = {
            "ddd": 0,
            "ind": number,
            "ty": 4 if layer.paints else 3,
            "nm": layer.name + (" rim" if rim else ""),
            "sr": 1,
            "ks": {
                "o": _property(layer.opacity),
                "r": _property(layer.turn),
                "p": _property(change(layer.move, lambda m: (px + m[0], py + m[1]))),
                "a": _property(layer.pivot),
                "s": _property(layer.scale),
            },
            "ao": 0,
        }
        if layer.parent:
            made["parent"] = numbers[layer.parent]
        if layer.paints:
            paints = [_rim_of(p) for p in layer.paints if p.edge] if rim else list(layer.paints)
            made["shapes"] = [_group(p) for p in reversed(paints)]
        return made | {"ip": start, "op": end, "st": 0, "bm": 0}


def _rim_of(paint: Paint) -> Paint:
    width = change(paint.width, lambda w: w + 2 * PAPER_WIDTH)
    return Paint(paint.form, PAPER if paint.fill else None, PAPER, width, paint.opacity, trim=paint.trim)


def _group(paint: Paint) -> Json:
    items: list[Json] = [{"ty": "sh", "ks": _property(paint.form)}]
    if paint.trim:
        items.append(
            {"ty": "tm", "s": _property(paint.trim.start), "e": _property(paint.trim.end), "o": _property(0.0), "m": 1}
        )
    if paint.line is not None:
        items.append(
            {
                "ty": "st",
                "c": _property(change(paint.line, _rgb)),
                "o": _property(paint.opacity),
                "w": _property(paint.width),
                "lc": 2,
                "lj": 2,
            }
        )
    if paint.fill is not None:
        items.append({"ty": "fl", "c": _property(change(paint.fill, _rgb)), "o": _property(paint.opacity), "r": 1})
    still: Json = {"p": (0, 0), "a": (0, 0), "s": (100, 100), "r": 0.0, "o": 100.0}
    items.append({"ty": "tr", **{name: _property(value) for name, value in still.items()}})
    return {"ty": "gr", "it": items}


def _rgb(colour: Colour) -> tuple[float, float, float, float]:
    """`#rrggbb` as Lottie has it: parts of one, and alpha."""
    r, g, b = (round(int(colour[i : i + 2], 16) / 255, 3) for i in (1, 3, 5))
    return (r, g, b, 1)


def _number(n: float, digits: int = 1) -> float:
    n = round(n, digits)
    return int(n) if n == int(n) else n


def _value(value: Any, *, key: bool = False) -> Any:
    if isinstance(value, Path):
        runs = {"v": value.points, "i": value.ins, "o": value.outs}
        made: Json = {"c": value.closed, **{k: [_value(point) for point in run] for k, run in runs.items()}}
        return [made] if key else made
    if isinstance(value, tuple):
        digits = 3 if len(value) == 4 else 1
        return [_number(n, digits) for n in value]
    return [_number(value)] if key else _number(value)


def _property(value: Any) -> Json:
    if not isinstance(value, Keys):
        return {"a": 0, "k": _value(value)}
    made: list[Json] = []
    for key, following in zip(value.run, (*value.run[1:], None), strict=True):
        frame: Json = {"t": _number(key.at), "s": _value(key.value, key=True)}
        if following is not None:
            if following.ease is None:
                frame["h"] = 1
            else:
                x1, y1, x2, y2 = following.ease
                frame |= {
                    "i": {"x": _number(x2, 3), "y": _number(y2, 3)},
                    "o": {"x": _number(x1, 3), "y": _number(y1, 3)},
                }
        made.append(frame)
    return {"a": 1, "k": made}
