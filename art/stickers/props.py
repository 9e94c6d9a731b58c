"""Small things that fly, fall, shine and steam."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from art.stickers.faces import heart
from art.stickers.geometry import Path, Point, box, ellipse, star, svg
from art.stickers.lottie import Layer, Number, Paint, Scene, Trim, flat, inked, stroke
from art.stickers.motion import BACK, EVEN, IN, OUT, SMOOTH, Ease, Keys, keys
from art.stickers.palette import (
    GOLD,
    GOLD_DEEP,
    GOLD_LIGHT,
    HEART,
    HEART_DEEP,
    HEART_LIGHT,
    INK,
    PORCELAIN,
    STEAM,
    WATER,
    WATER_LIGHT,
)


def cyclic(scene: Scene, life: float, start: float, make: Callable[[float], Layer]) -> None:
    """A layer that lives from `start` for `life` frames; what hangs over the loop's end is seen at its beginning.

    `make` is given the frame at which it is born.
    """
    first = start % scene.length
    for born in (first, first - scene.length):
        if born < scene.length and born + life > 0:
            layer = make(born)
            scene.add(replace(layer, span=(max(0, round(born)), min(scene.length, round(born + life)))))


def fleeting(
    scene: Scene,
    paints: Sequence[Paint],
    *,
    start: float,
    life: float,
    path: Sequence[Point],
    peak: float = 100,
    turn: tuple[float, float] = (0, 0),
    parent: Layer | None = None,
    ease: Ease = OUT,
    name: str = "bit",
) -> None:
    """A thing drawn about 0, 0 that grows to `peak` percent, moves along `path` and shrinks away."""
    step = life / (len(path) - 1)

    def make(born: float) -> Layer:
        moves = keys(*((born + i * step, p, ease) for i, p in enumerate(path)))
        grow = keys(
            (born, (0, 0)),
            (born + life * 0.28, (peak, peak), BACK),
            (born + life * 0.66, (peak, peak)),
            (born + life, (0, 0), IN),
        )
        spin: Number = keys((born, turn[0]), (born + life, turn[1]), ease=EVEN) if turn != (0, 0) else 0.0
        return Layer(name, paints, parent, (0, 0), moves, grow, spin)

    cyclic(scene, life, start, make)


def heart_paints(r: float) -> list[Paint]:
    form = heart(0, 0, r)
    shade = svg(
        f"M {r * 0.98} {-r * 0.4} C {r * 1.05} {r * 0.15} {r * 0.5} {r * 0.55} 0 {r * 0.9} "
        f"C {r * 0.3} {r * 0.4} {r * 0.75} {r * 0.2} {r * 0.98} {-r * 0.4} Z"
    )
    gleam = ellipse(0, 0, r * 0.24, r * 0.17).turned(-35).moved(-r * 0.52, -r * 0.42)
    return [flat(form, HEART), flat(shade, HEART_DEEP), flat(gleam, HEART_LIGHT), stroke(form, INK, edge=True)]


def drop_paints(r: float, colour: str = WATER, light: str = WATER_LIGHT) -> list[Paint]:
    form = svg(
        f"M 0 {-r * 1.5} C {r * 0.3} {-r * 0.8} {r} {-r * 0.3} {r} {r * 0.25} C {r} {r * 1.25} {-r} {r * 1.25} "
        f"{-r} {r * 0.25} C {-r} {-r * 0.3} {-r * 0.3} {-r * 0.8} 0 {-r * 1.5} Z"
    )
    return [inked(form, colour, width=7), flat(ellipse(-r * 0.35, r * 0.3, r * 0.22, r * 0.34), light)]


def sparkle_form(r: float) -> Path:
    n = r * 0.16
    return svg(f"M 0 {-r} Q {n} {-n} {r} 0 Q {n} {n} 0 {r} Q {-n} {n} {-r} 0 Q {-n} {-n} 0 {-r} Z")


def sparkle_paints(r: float, colour: str = GOLD) -> list[Paint]:
    return [inked(sparkle_form(r), colour, width=7)]


def twinkle(scene: Scene, at: Point, r: float, start: float, life: float = 50, *, parent: Layer | None = None) -> None:
    """A sparkle that opens, turns a little and closes."""
    fleeting(
        scene, sparkle_paints(r), start=start, life=life, path=[at, at], turn=(-20, 40), parent=parent, name="sparkle"
    )


def star_paints(r: float) -> list[Paint]:
    form = star(0, 0, r, r * 0.5)
    return [
        stroke(form, INK, 15, edge=True),
        Paint(form, GOLD, GOLD, 3),
        flat(ellipse(-r * 0.2, -r * 0.25, r * 0.16), GOLD_LIGHT),
    ]


def coin_paints(r: float) -> list[Paint]:
    """A round coin with a square hole."""
    q = r * 0.3
    shade = svg("M 0.5 -0.86 C 1.3 -0.2 0.9 1 0 1 C 0.5 0.7 0.85 0 0.5 -0.86 Z").scaled(r)
    return [
        flat(ellipse(0, 0, r), GOLD),
        flat(shade, GOLD_DEEP),
        stroke(ellipse(0, 0, r * 0.72), GOLD_DEEP, 5),
        inked(box(-q, -q, 2 * q, 2 * q, 3), PORCELAIN, width=6, edge=False),
        stroke(svg(f"M {-r * 0.52} {-r * 0.1} Q {-r * 0.5} {-r * 0.42} {-r * 0.22} {-r * 0.52}"), GOLD_LIGHT, 6),
        stroke(ellipse(0, 0, r), INK, edge=True),
    ]


def puff_paints(r: float, colour: str = STEAM) -> list[Paint]:
    """A cloud of steam or dust."""
    form = svg(
        "M -1 0.5 C -1.6 0.3 -1.3 -0.6 -0.7 -0.4 C -0.6 -1.2 0.5 -1.2 0.6 -0.4 "
        "C 1.3 -0.6 1.6 0.3 1 0.5 C 0.5 0.9 -0.5 0.9 -1 0.5 Z"
    ).scaled(r)
    return [inked(form, colour), flat(ellipse(-r * 0.25, -r * 0.45, r * 0.35, r * 0.22), PORCELAIN)]


def wisp(
    scene: Scene, at: Point, start: float, life: float = 90, *, height: float = 70, parent: Layer | None = None
) -> None:
    """A curl of steam that is drawn upwards and thins out."""
    x, y = at
    w, h = height * 0.2, height / 3
    form = svg(
        f"M {x} {y} C {x - w * 1.6} {y - h * 0.7} {x - w * 1.2} {y - h} {x} {y - h * 1.4} "
        f"C {x + w * 1.4} {y - h * 1.9} {x + w} {y - h * 2.4} {x - w * 0.3} {y - h * 3}"
    )

    def make(born: float) -> Layer:
        ends = keys((born, 0.0), (born + life * 0.6, 100.0, OUT))
        starts = keys((born + life * 0.35, 0.0), (born + life, 100.0, SMOOTH))
        trim = Trim(starts, ends)
        paints = [stroke(form, INK, 25, edge=True, trim=trim), stroke(form, STEAM, 11, trim=trim)]
        lift = keys((born, (0, 4)), (born + life, (0, -10)), ease=EVEN)
        return Layer("steam", paints, parent, at, lift)

    cyclic(scene, life, start, make)


def sign(d: str, colour: str, width: float = 15) -> list[Paint]:
    """A letter or mark drawn as a thick line with ink around it."""
    form = svg(d)
    return [stroke(form, INK, width + 15, edge=True), stroke(form, colour, width)]


def stream(form: Path | Keys[Path], colour: str, light: str, width: float = 12) -> list[Paint]:
    """Liquid that runs: ink, colour, and a gleam."""
    return [stroke(form, INK, width + 14, edge=True), stroke(form, colour, width), stroke(form, light, width / 3)]
