"""Eyes, mouths, cheeks: the same face for everyone, at any size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from art.stickers.geometry import Path, Point, ellipse, part_of_cubic, svg
from art.stickers.lottie import Layer, Number, Paint, Scene, Spot, flat, stroke
from art.stickers.motion import SMOOTH, Key, Keys, change, keys
from art.stickers.palette import (
    BLUSH,
    GOLD,
    GOLD_LIGHT,
    HEART,
    HEART_DEEP,
    HEART_LIGHT,
    INK,
    MOUTH,
    PORCELAIN,
    TONGUE,
)

Eyes = Literal["open", "big", "wide", "happy", "shut", "squeezed", "wink", "hearts", "sad", "stars", "flat"]

#: Half its width, and how deep its upper and its lower lip hang (up is less than nothing), then where it sits.
Mouth = tuple[float, ...]

SMILE: Mouth = (17, 10, 10)
GRIN: Mouth = (26, 6, 30)
LAUGH: Mouth = (36, 4, 46)
SMALL: Mouth = (10, 6, 6)
FLAT: Mouth = (14, -1, -1)


@dataclass
class Face:
    """What a face does. `eyes` are (from frame, which); `blinks` are frames at which open eyes close."""

    eyes: Eyes | Sequence[tuple[int, Eyes]] = "open"
    blinks: Sequence[float] = ()
    mouth: Mouth | Keys[Mouth] = SMILE
    look: Spot = (0, 0)
    cheeks: Number = 75.0
    brows: tuple[Spot, Number] | None = None


def draw(scene: Scene, parent: Layer, face: Face, at: Point, *, spread: float = 50, size: float = 1) -> Layer:
    """The face on a layer; `at` is the point between the eyes, `spread` from there to each of them."""
    x, y = at
    head = scene.add(Layer("face", parent=parent, pivot=at, move=face.look))
    cheek = [
        flat(ellipse(x + side * (spread + 31 * size), y + 33 * size, 21 * size, 13 * size), BLUSH) for side in (-1, 1)
    ]
    scene.add(Layer("cheeks", cheek, head, opacity=face.cheeks))
    run: Sequence[tuple[int, Eyes]] = [(0, face.eyes)] if isinstance(face.eyes, str) else face.eyes
    for (start, kind), following in zip(run, [*run[1:], (scene.length, "open")], strict=True):
        span = (start, following[0]) if len(run) > 1 else None
        blinks = [b for b in face.blinks if start <= b < following[0]] if kind in ("open", "big", "sad") else []
        paints = [p for side in (-1, 1) for p in _eye(kind, side, (x + side * spread, y), size)]
        scene.add(Layer(f"eyes {kind}", paints, head, pivot=at, scale=_blinking(blinks), span=span))
    if face.brows:
        for side in (-1, 1):
            bx, by = x + side * spread, y - 34 * size
            brow = svg(f"M {bx - 17 * size} {by} Q {bx} {by - 7 * size} {bx + 17 * size} {by}")
            move = change(face.brows[0], lambda m, s=side: (m[0] * s, m[1]))  # type: ignore[misc]
            turn = change(face.brows[1], lambda r, s=side: r * s)  # type: ignore[misc]
            scene.add(Layer("brow", [stroke(brow, INK, 8 * size)], head, pivot=(bx, by), move=move, turn=turn))
    scene.add(Layer("mouth", _mouth(face.mouth, (x, y + 26 * size), size), head))
    return head


def _blinking(blinks: Sequence[float]) -> Spot:
    if not blinks:
        return (100, 100)
    run: list[Key[Point]] = []
    for b in blinks:
        run += [Key(b, (100, 100)), Key(b + 4, (108, 8), SMOOTH), Key(b + 6, (108, 8)), Key(b + 12, (100, 100), SMOOTH)]
    return Keys(tuple(run))


def _eye(kind: Eyes, side: int, at: Point, size: float) -> list[Paint]:  # noqa: PLR0911 (a kind a return)
    x, y = at
    s = size
    if kind == "wink":
        kind = "open" if side < 0 else "happy"
    match kind:
        case "open":
            return [
                flat(ellipse(x, y, 15 * s, 19 * s), INK),
                flat(ellipse(x - 5 * s, y - 7 * s, 6 * s), PORCELAIN),
                flat(ellipse(x + 5 * s, y + 8 * s, 3 * s), PORCELAIN),
            ]
        case "big" | "sad":
            lower = flat(svg(_lens(x, y + 12 * s, 14 * s, 9 * s)), "#8a5a52")
            gleams = [(-6, -9, 8.5), (7, 7, 5), (-7, 10, 3)]
            whites = [flat(ellipse(x + dx * s, y + dy * s, r * s), PORCELAIN) for dx, dy, r in gleams]
            return [flat(ellipse(x, y, 21 * s, 25 * s), INK), lower, *whites]
        case "wide":
            return [
                Paint(ellipse(x, y, 23 * s, 25 * s), PORCELAIN, INK, 7 * s),
                flat(ellipse(x, y, 9 * s, 10 * s), INK),
                flat(ellipse(x - 3 * s, y - 4 * s, 3.5 * s), PORCELAIN),
            ]
        case "happy":
            return [stroke(svg(f"M {x - 19 * s} {y + 7 * s} Q {x} {y - 21 * s} {x + 19 * s} {y + 7 * s}"), INK, 9 * s)]
        case "shut":
            return [stroke(svg(f"M {x - 18 * s} {y} Q {x} {y + 17 * s} {x + 18 * s} {y}"), INK, 9 * s)]
        case "flat":
            return [
                flat(
                    svg(
                        f"M {x - 16 * s} {y - 4 * s} L {x + 16 * s} {y - 4 * s} C {x + 16 * s} {y + 24 * s} "
                        f"{x - 16 * s} {y + 24 * s} {x - 16 * s} {y - 4 * s} Z"
                    ),
                    INK,
                ),
                flat(ellipse(x - 5 * s, y + 3 * s, 4 * s), PORCELAIN),
                stroke(svg(f"M {x - 20 * s} {y - 5 * s} L {x + 20 * s} {y - 5 * s}"), INK, 9 * s),
            ]
        case "squeezed":
            d = f"M {x + side * 17 * s} {y - 15 * s} L {x - side * 14 * s} {y} L {x + side * 17 * s} {y + 14 * s}"
            return [stroke(svg(d), INK, 9 * s)]
        case "hearts":
            form = heart(x, y + 2 * s, 27 * s)
            return [
                Paint(form, HEART, HEART_DEEP, 5 * s),
                flat(ellipse(x - 10 * s, y - 9 * s, 6 * s, 5 * s), HEART_LIGHT),
            ]
        case _:
            form = _soft_star(x, y, 27 * s)
            return [Paint(form, GOLD, INK, 6 * s), flat(ellipse(x - 4 * s, y - 5 * s, 6 * s), GOLD_LIGHT)]


def _lens(x: float, y: float, w: float, h: float) -> str:
    low = y + h * 1.5
    return f"M {x - w} {y} C {x - w * 0.6} {low} {x + w * 0.6} {low} {x + w} {y} Q {x} {y - h} {x - w} {y} Z"


def _soft_star(x: float, y: float, r: float) -> Path:
    return svg(
        f"M {x} {y - r} Q {x + r * 0.12} {y - r * 0.12} {x + r} {y} Q {x + r * 0.12} {y + r * 0.12} {x} {y + r} "
        f"Q {x - r * 0.12} {y + r * 0.12} {x - r} {y} Q {x - r * 0.12} {y - r * 0.12} {x} {y - r} Z"
    )


def heart(x: float, y: float, r: float) -> Path:
    """A plump heart, about 2r wide, its middle at x, y."""
    return svg(
        f"M {x} {y + r * 0.92} C {x - r * 0.55} {y + r * 0.55} {x - r * 1.08} {y + r * 0.15} {x - r} {y - r * 0.38} "
        f"C {x - r * 0.94} {y - r * 0.98} {x - r * 0.2} {y - r * 1.05} {x} {y - r * 0.45} "
        f"C {x + r * 0.2} {y - r * 1.05} {x + r * 0.94} {y - r * 0.98} {x + r} {y - r * 0.38} "
        f"C {x + r * 1.08} {y + r * 0.15} {x + r * 0.55} {y + r * 0.55} {x} {y + r * 0.92} Z"
    )


def _mouth(mouth: Mouth | Keys[Mouth], at: Point, size: float) -> list[Paint]:
    lips = change(mouth, lambda m: _lips(m, at, size))
    tongue = change(mouth, lambda m: _tongue(m, at, size))
    return [flat(lips, MOUTH), flat(tongue, TONGUE), stroke(lips, INK, 8 * size)]


def _frame(mouth: Mouth, at: Point, size: float) -> tuple[float, float, float, float, float]:
    dx, dy = mouth[3:5] if len(mouth) == 5 else (0.0, 0.0)
    return at[0] + dx * size, at[1] + dy * size, mouth[0] * size, mouth[1] * size * 4 / 3, mouth[2] * size * 4 / 3


def _lips(mouth: Mouth, at: Point, size: float) -> Path:
    x, y, w, up, down = _frame(mouth, at, size)
    reach = w * 0.35
    outs = ((w - reach, up), (reach - w, down))
    ins = ((w - reach, down), (reach - w, up))
    return Path(((x - w, y), (x + w, y)), ins, outs)


def _tongue(mouth: Mouth, at: Point, size: float) -> Path:
    """A hump on the lower lip. Every number is linear in the mouth's, so that it stays inside in between keys too."""
    x, y, w, up, down = _frame(mouth, at, size)
    reach = w * 0.35
    lip = ((x + w, y), (x + reach, y + down), (x - reach, y + down), (x - w, y))
    a, b, c, d = part_of_cubic(lip, 0.2, 0.8)
    rise = (down - up) * 0.36
    outs = ((b[0] - a[0], b[1] - a[1]), ((a[0] - d[0]) * 0.25, -rise))
    ins = (((d[0] - a[0]) * 0.25, -rise), (c[0] - d[0], c[1] - d[1]))
    return Path((a, d), ins, outs)


def talk(*run: tuple[float, Mouth]) -> Keys[Mouth]:
    """A mouth that changes its shape at these frames, quickly."""
    made: list[tuple[float, Mouth]] = []
    for at, shape in run:
        if made:
            made.append((at, made[-1][1]))
        made.append((at + (7 if made else 0), shape))
    return keys(*made)
