"""The teapot of the house: celadon, with a tea sprout on its lid that shows its mood, and a spout that may too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from art.stickers import faces
from art.stickers.faces import Face
from art.stickers.geometry import Path, Point, ellipse, part_of_cubic, svg
from art.stickers.lottie import INK_WIDTH, Colour, Layer, Number, Paint, Scene, Spot, flat, inked, stroke, tube
from art.stickers.motion import Keys, change, wave
from art.stickers.palette import (
    CLAY,
    CLAY_DEEP,
    GLAZE,
    GLAZE_DEEP,
    GLAZE_LIGHT,
    INK,
    LEAF,
    LEAF_DEEP,
    LEAF_LIGHT,
    PAPER,
    PORCELAIN,
    TEA,
    TEA_DEEP,
    TEA_LIGHT,
)

#: An arm: where its elbow pulls, and its hand. The shoulder is the body's.
Arm = tuple[float, float, float, float]

LEFT_SHOULDER: Point = (146, 356)
RIGHT_SHOULDER: Point = (366, 356)
LEFT_REST: Arm = (112, 372, 120, 404)
RIGHT_REST: Arm = (400, 372, 392, 404)
MIDDLE = 256.0
GROUND = 436.0

BODY = svg(
    "M 178 214 C 124 232 106 288 109 332 C 114 400 176 432 256 432 "
    "C 336 432 398 400 403 332 C 406 288 388 232 334 214 C 330 231 182 231 178 214 Z"
)
LID = svg("M 174 214 C 176 176 218 154 256 154 C 294 154 336 176 338 214 C 318 228 194 228 174 214 Z")
SPOUT = svg(
    "M 150 286 C 118 288 116 256 100 236 C 90 224 58 226 50 242 C 72 258 64 300 82 334 C 96 360 126 366 150 362 Z"
)
HANDLE = svg("M 378 258 C 446 226 490 326 390 376")


@dataclass(frozen=True)
class Skin:
    """The glaze in four tones."""

    light: Colour | Keys[Colour] = GLAZE_LIGHT
    plain: Colour | Keys[Colour] = GLAZE
    deep: Colour | Keys[Colour] = GLAZE_DEEP


def arm(shoulder: Point, pose: Arm | Keys[Arm]) -> Path | Keys[Path]:
    x, y = shoulder
    return change(pose, lambda p: svg(f"M {x} {y} Q {p[0]} {p[1]} {p[2]} {p[3]}"))


def limb(shoulder: Point, pose: Arm | Keys[Arm], colour: Colour | Keys[Colour], size: float = 1) -> list[Paint]:
    """An arm that ends in a mitten."""
    sleeve = arm(shoulder, pose)
    mitten = change(pose, lambda p: ellipse(p[2], p[3], 17 * size))
    return [
        stroke(sleeve, INK, 26 * size + 2 * INK_WIDTH, edge=True),
        inked(mitten, colour, width=2 * INK_WIDTH),
        stroke(sleeve, colour, 26 * size),
        flat(mitten, colour),
    ]


class Teapot:
    """The teapot on a scene. Every part is a layer, to hang other things on."""

    def __init__(
        self,
        scene: Scene,
        face: Face,
        *,
        parent: Layer | None = None,
        move: Spot = (0, 0),
        squash: Spot = (100, 100),
        turn: Number = 0.0,
        lean: Number = 0.0,
        lid: Spot = (0, 0),
        lid_turn: Number = 0.0,
        sprout: Number | None = None,
        droop: float = 0.0,
        left: Arm | Keys[Arm] = LEFT_REST,
        right: Arm | Keys[Arm] = RIGHT_REST,
        arms: Literal["front", "behind", "later"] = "front",
        feet: Sequence[Spot] = ((0, 0), (0, 0)),
        skin: Skin | None = None,
        inside: Callable[[Layer], None] | None = None,
        size: float = 93,
    ) -> None:
        """`inside` adds what is in the pot, behind its front; `size` is in percent."""
        skin = skin or Skin()
        self.scene = scene
        stand = scene.add(Layer("stand", parent=parent, pivot=(MIDDLE, GROUND), move=(4, 36), scale=(size, size)))
        self.root = scene.add(Layer("teapot", parent=stand, pivot=(MIDDLE, GROUND), move=move))
        self.hips = scene.add(Layer("hips", parent=self.root, pivot=(MIDDLE, GROUND), turn=turn))
        self._feet(feet)
        self.body = scene.add(Layer("squash", parent=self.hips, pivot=(MIDDLE, GROUND), scale=squash, turn=lean))
        handle = [
            flat(HANDLE, PAPER),
            stroke(HANDLE, INK, 40, edge=True),
            stroke(HANDLE, skin.plain, 24),
            stroke(svg("M 400 258 C 434 254 446 290 436 318"), skin.light, 7),
        ]
        scene.add(Layer("handle", handle, self.body))
        spout = [
            inked(SPOUT, skin.plain),
            stroke(svg("M 86 268 C 86 292 88 310 98 328"), skin.light, 8),
            inked(svg("M 46 246 C 42 230 58 220 76 220 C 96 220 108 228 104 240 C 94 234 60 236 46 246 Z"), skin.light),
        ]
        self.spout = scene.add(Layer("spout", spout, self.body, pivot=(146, 330)))
        self._limbs = (left, right, skin)
        if arms == "behind":
            self.arms()
        mouth = [inked(ellipse(MIDDLE, 214, 78, 14), TEA_DEEP), flat(ellipse(MIDDLE, 219, 68, 10), TEA)]
        scene.add(Layer("opening", mouth, self.body))
        if inside:
            inside(self.body)
        scene.add(Layer("body", _body(skin), self.body))
        self.lid = self._lid(lid, lid_turn, skin, sprout, droop)
        self.face = faces.draw(scene, self.body, face, (MIDDLE, 300), spread=54, size=1.12)
        if arms == "front":
            self.arms()

    def _feet(self, feet: Sequence[Spot]) -> None:
        for name, x, move in zip(("left foot", "right foot"), (208, 304), feet, strict=True):
            foot = svg(
                f"M {x - 30} 440 C {x - 32} 414 {x + 32} 414 {x + 30} 440 C {x + 22} 450 {x - 22} 450 {x - 30} 440 Z"
            )
            self.scene.add(Layer(name, [inked(foot, CLAY_DEEP)], self.hips, pivot=(x, 440), move=move))

    def arms(self, *, left: Arm | Keys[Arm] | None = None, right: Arm | Keys[Arm] | None = None) -> None:
        """Adds the arms; with `arms="later"` the scene says when, to have something between them and the body."""
        left, right, skin = left or self._limbs[0], right or self._limbs[1], self._limbs[2]
        self.left = self.scene.add(Layer("left arm", limb(LEFT_SHOULDER, left, skin.light), self.body))
        self.right = self.scene.add(Layer("right arm", limb(RIGHT_SHOULDER, right, skin.light), self.body))

    def _lid(self, move: Spot, turn: Number, skin: Skin, sprout: Number | None, droop: float) -> Layer:
        scene = self.scene
        lid = scene.add(Layer("lid", parent=self.body, pivot=(MIDDLE, 212), move=move, turn=turn))
        swing = wave(scene.length, 0, 5, times=2) if sprout is None else sprout
        stem = scene.add(Layer("sprout", parent=lid, pivot=(MIDDLE, 148), turn=swing))
        for side, length in ((-1, 1.0), (1, 0.86)):
            flutter = change(swing, lambda r, s=side: r * 0.7 + droop * s)  # type: ignore[misc]
            later = flutter.later(6) if isinstance(flutter, Keys) and sprout is None else flutter
            scene.add(Layer("leaf", _leaf(side, length), stem, pivot=(MIDDLE, 118), turn=later))
        scene.add(Layer("stem", tube(svg(f"M {MIDDLE} 146 L {MIDDLE} 116"), LEAF_DEEP, 7), stem))
        bud = inked(svg("M 256 124 C 238 112 242 88 256 74 C 270 88 274 112 256 124 Z"), LEAF_LIGHT)
        scene.add(Layer("bud", [bud, stroke(svg("M 252 96 C 249 102 249 106 250 110"), PORCELAIN, 4)], stem))
        dome = [
            inked(LID, skin.plain),
            flat(
                svg("M 334 210 C 330 180 298 160 268 158 C 298 172 310 190 308 216 C 320 214 330 212 334 210 Z"),
                skin.deep,
            ),
            stroke(svg("M 196 200 C 200 186 214 177 230 172"), skin.light, 10),
            stroke(LID, INK),
            inked(svg("M 168 216 C 168 204 344 204 344 216 C 344 232 168 232 168 216 Z"), skin.light),
            inked(ellipse(MIDDLE, 150, 19, 14), TEA),
            flat(ellipse(MIDDLE - 6, 146, 5, 3.5), TEA_LIGHT),
        ]
        scene.add(Layer("dome", dome, lid))
        return lid


def _body(skin: Skin) -> list[Paint]:
    """Glaze over clay: the glaze ends in drips above the foot, as on a pot dipped by hand."""
    foot = part_of_cubic(((109, 332), (114, 400), (176, 432), (256, 432)), 0.44, 1)
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = foot
    right = [(2 * MIDDLE - x, y) for x, y in (foot[2], foot[1], foot[0])]
    curve = " ".join(f"{x:.1f} {y:.1f}" for x, y in right)
    clay = svg(
        f"M {ax:.1f} {ay:.1f} C {bx:.1f} {by:.1f} {cx:.1f} {cy:.1f} {dx} {dy} C {curve} "
        "C 372 392 364 404 352 402 C 338 400 336 388 322 390 C 306 392 306 410 288 410 C 270 410 270 392 252 392 "
        f"C 234 392 234 404 216 404 C 198 404 196 388 180 390 C 168 392 160 400 {ax:.1f} {ay:.1f} Z"
    )
    shade = svg(
        "M 340 214 C 388 232 406 288 403 332 C 398 400 336 432 256 432 C 320 422 360 380 366 322 "
        "C 370 280 360 240 340 214 Z"
    )
    clay_shade = svg("M 352 402 C 364 404 372 392 376 386 C 350 420 310 432 256 432 C 300 428 330 418 352 402 Z")
    return [
        flat(BODY, skin.plain),
        flat(shade, skin.deep),
        flat(clay, CLAY),
        flat(clay_shade, CLAY_DEEP),
        stroke(svg("M 138 300 C 140 276 150 256 164 242"), skin.light, 12),
        flat(ellipse(137, 322, 6), skin.light),
        stroke(BODY, INK, edge=True),
    ]


def _leaf(side: int, length: float) -> list[Paint]:
    """A tea leaf that grows from the stem to one side."""
    reach, tip = 62 * length, 88 - 10 * (length - 1)

    def at(x: float) -> float:
        return MIDDLE + side * x

    form = svg(
        f"M {at(0)} 120 C {at(8)} 92 {at(reach * 0.55)} 74 {at(reach)} {tip - 6} "
        f"C {at(reach * 0.98)} 116 {at(reach * 0.5)} 134 {at(0)} 120 Z"
    )
    lower = svg(
        f"M {at(0)} 120 Q {at(reach * 0.55)} 112 {at(reach)} {tip - 6} "
        f"C {at(reach * 0.98)} 116 {at(reach * 0.5)} 134 {at(0)} 120 Z"
    )
    vein = svg(f"M {at(8)} 117 Q {at(reach * 0.5)} 112 {at(reach * 0.74)} {tip + 8}")
    return [
        flat(form, LEAF_LIGHT if side < 0 else LEAF),
        flat(lower, LEAF if side < 0 else LEAF_DEEP),
        stroke(vein, LEAF_DEEP if side < 0 else INK, 4, opacity=100 if side < 0 else 55),
        stroke(form, INK, edge=True),
    ]
