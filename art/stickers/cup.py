"""The little cup: white porcelain with a cobalt rim, the teapot's best friend."""

from __future__ import annotations

from collections.abc import Sequence

from art.stickers import faces
from art.stickers.faces import Face
from art.stickers.geometry import Point, ellipse, svg
from art.stickers.lottie import Layer, Number, Scene, Spot, flat, inked, stroke
from art.stickers.motion import Keys
from art.stickers.palette import COBALT, INK, PAPER, PORCELAIN, PORCELAIN_SHADE, TEA, TEA_LIGHT
from art.stickers.teapot import Arm, limb

#: The cup is drawn about its foot's middle, 0, 0; it is 200 wide and 176 high.
BOWL = svg("M -98 -162 C -98 -70 -78 -12 -36 -8 L 36 -8 C 78 -12 98 -70 98 -162 Z")
LEFT_SHOULDER: Point = (-80, -84)
RIGHT_SHOULDER: Point = (80, -84)
LEFT_REST: Arm = (-108, -66, -102, -44)
RIGHT_REST: Arm = (108, -66, 102, -44)


class Cup:
    """The cup on a scene, its foot at `at`."""

    def __init__(
        self,
        scene: Scene,
        face: Face,
        at: Point,
        *,
        size: float = 100,
        parent: Layer | None = None,
        move: Spot = (0, 0),
        squash: Spot = (100, 100),
        turn: Number = 0.0,
        tea: Spot = (100, 100),
        full: bool = True,
        left: Arm | Keys[Arm] | None = LEFT_REST,
        right: Arm | Keys[Arm] | None = RIGHT_REST,
        handle: bool = True,
        feet: Sequence[Spot] = ((0, 0), (0, 0)),
    ) -> None:
        self.stand = scene.add(Layer("cup stand", parent=parent, pivot=(0, 0), move=at, scale=(size, size)))
        self.root = scene.add(Layer("cup", parent=self.stand, pivot=(0, 0), move=move, turn=turn))
        for x, step in zip((-34, 34), feet, strict=True):
            foot = svg(f"M {x - 22} 6 C {x - 24} -22 {x + 24} -22 {x + 22} 6 C {x + 16} 14 {x - 16} 14 {x - 22} 6 Z")
            scene.add(Layer("cup foot", [inked(foot, COBALT)], self.root, (x, 4), step))
        self.body = scene.add(Layer("cup squash", parent=self.root, pivot=(0, 0), scale=squash))
        if handle:
            ring = svg("M 86 -134 C 146 -146 142 -58 70 -52")
            scene.add(
                Layer(
                    "cup handle",
                    [flat(ring, PAPER), stroke(ring, INK, 36, edge=True), stroke(ring, PORCELAIN, 20)],
                    self.body,
                )
            )
        shade = svg("M 98 -162 C 98 -70 78 -12 36 -8 L -10 -8 C 50 -22 70 -90 70 -160 Z")
        bowl = [
            flat(BOWL, PORCELAIN),
            flat(shade, PORCELAIN_SHADE),
            stroke(BOWL, INK, edge=True),
            inked(ellipse(0, -162, 98, 24), COBALT),
            inked(ellipse(0, -160, 80, 15), PORCELAIN_SHADE, width=6, edge=False),
        ]
        scene.add(Layer("bowl", bowl, self.body))
        if full:
            pool = [flat(ellipse(0, -158, 76, 11), TEA), stroke(svg("M -44 -160 Q -20 -165 6 -164"), TEA_LIGHT, 5)]
            self.tea = scene.add(Layer("tea", pool, self.body, (0, -156), scale=tea))
        self.face = faces.draw(scene, self.body, face, (0, -92), spread=38, size=0.92)
        for shoulder, pose in ((LEFT_SHOULDER, left), (RIGHT_SHOULDER, right)):
            if pose is not None:
                scene.add(Layer("cup arm", limb(shoulder, pose, PORCELAIN, 0.82), self.body))
