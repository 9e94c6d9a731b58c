"""The cat of the house: ginger, and found in places where a cat fits."""

from __future__ import annotations

from art.stickers import faces
from art.stickers.faces import Face
from art.stickers.geometry import box, ellipse, svg
from art.stickers.lottie import Layer, Number, Scene, Spot, flat, inked, stroke
from art.stickers.palette import BLUSH, GINGER, GINGER_DEEP, GINGER_LIGHT, INK

HEAD = svg("M 0 -56 C 44 -56 76 -32 76 4 C 76 40 42 56 0 56 C -42 56 -76 40 -76 4 C -76 -32 -44 -56 0 -56 Z")
EAR = svg("M -70 -14 C -80 -52 -78 -78 -68 -84 C -52 -82 -32 -64 -22 -50 C -42 -48 -58 -36 -70 -14 Z")
INNER_EAR = svg("M -62 -36 C -68 -54 -68 -66 -64 -70 C -54 -66 -44 -58 -38 -50 C -48 -48 -56 -44 -62 -36 Z")


class Cat:
    """A cat's head and chest, its chin over 0, 56 of where it is."""

    def __init__(
        self,
        scene: Scene,
        face: Face,
        *,
        parent: Layer,
        move: Spot,
        squash: Spot = (100, 100),
        turn: Number = 0.0,
        ears: Number = 0.0,
        size: float = 100,
    ) -> None:
        self.root = scene.add(Layer("cat", parent=parent, pivot=(0, 0), move=move, scale=(size, size)))
        chest = [inked(box(-50, 0, 100, 100, 40), GINGER), flat(ellipse(0, 84, 26, 30), GINGER_LIGHT)]
        scene.add(Layer("chest", chest, self.root, (0, 60)))
        self.head = scene.add(Layer("head", parent=self.root, pivot=(0, 56), scale=squash, turn=turn))
        for side in (-1, 1):
            ear, inner = (EAR, INNER_EAR) if side < 0 else (EAR.mirrored(0), INNER_EAR.mirrored(0))
            wiggle = ears if side < 0 else 0.0
            scene.add(Layer("ear", [inked(ear, GINGER), flat(inner, BLUSH)], self.head, (side * 46, -40), turn=wiggle))
        stripes = ("M 0 -50 L 0 -30", "M -20 -47 L -17 -33", "M 20 -47 L 17 -33")
        muzzle = svg("M 0 14 C 22 10 36 22 34 36 C 26 50 -26 50 -34 36 C -36 22 -22 10 0 14 Z")
        whiskers = ("M -58 16 L -92 10", "M -58 28 L -90 32", "M 58 16 L 92 10", "M 58 28 L 90 32")
        fur = [
            inked(HEAD, GINGER),
            *(stroke(svg(d), GINGER_DEEP, 9) for d in stripes),
            flat(muzzle, GINGER_LIGHT),
            *(stroke(svg(d), INK, 5) for d in whiskers),
        ]
        scene.add(Layer("fur", fur, self.head))
        self.face = faces.draw(scene, self.head, face, (0, 4), spread=33, size=0.8)
        nose = svg("M -8 12 C -8 8 8 8 8 12 C 8 17 3 20 0 22 C -3 20 -8 17 -8 12 Z")
        scene.add(Layer("nose", [flat(nose, INK)], self.face))
