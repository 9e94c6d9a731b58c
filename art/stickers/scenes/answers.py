"""Yes, no, and what comes before them."""

# Keyframes read like a dope sheet, a run of keys on its line.
# fmt: off

from __future__ import annotations

from art.stickers import props
from art.stickers.faces import FLAT, GRIN, SMALL, SMILE, Face, talk
from art.stickers.geometry import Point, box, ellipse, svg
from art.stickers.lottie import Layer, Paint, Scene, flat, inked, stroke
from art.stickers.motion import BACK, EVEN, HOLD, IN, OUT, SINE, breathing, joined, keys, ring, sway, wave
from art.stickers.palette import (
    CLAY,
    CLAY_DEEP,
    GLAZE_DARK,
    GLAZE_LIGHT,
    GOLD,
    GOLD_LIGHT,
    INK,
    PORCELAIN,
    RED,
    STEAM,
    TEA,
    WOOD,
)
from art.stickers.teapot import LEFT_REST, RIGHT_REST, Teapot


def thumbs_up() -> Scene:
    """A wink, and a thumb that means it."""
    s = Scene("thumbs_up", 120)
    pot = Teapot(
        s,
        Face(
            eyes=[(0, "open"), (26, "wink"), (96, "open")],
            mouth=talk((0, SMILE), (22, (26, 6, 28, -4, 0)), (98, SMILE)),
            look=keys((0, (0, 0)), (14, (0, 6)), (30, (-6, -6), BACK), (96, (-6, -6)), (110, (0, 0))),
            blinks=(106,),
        ),
        squash=keys((0, (100, 100)), (14, (106, 93)), (26, (96, 105), OUT), (38, (102, 98)), (50, (100, 100)),
                    (94, (100, 100)), (106, (103, 97)), (120, (100, 100))),
        turn=keys((0, 0), (14, 3), (30, -6, BACK), (94, -5), (110, 0)),
        sprout=joined(keys((0, 0), (14, -8)), ring(24, 0, 16, period=18, times=5, fade=0.6)),
        left=keys((0, LEFT_REST), (28, (92, 384, 132, 408), BACK), (94, (92, 384, 132, 408)), (110, LEFT_REST)),
        arms="later",
        size=98,
    )
    spot = keys(
        (0, (392, 404)),
        (14, (370, 404)),
        (28, (402, 312), BACK),
        (44, (396, 318)),
        (60, (402, 312)),
        (94, (402, 312)),
        (112, (392, 404)),
    )
    pot.arms(
        right=keys(
            (0, RIGHT_REST),
            (14, (402, 392, 370, 404)),
            (28, (424, 384, 400, 322), BACK),
            (44, (420, 386, 396, 328)),
            (60, (424, 384, 400, 322)),
            (94, (424, 384, 400, 322)),
            (112, RIGHT_REST),
        )
    )
    s.add(Layer("thumb", _thumb(), pot.body, (0, 0), spot,
                keys((14, (0, 0)), (30, (142, 142), BACK), (44, (130, 130)), (94, (132, 132)), (108, (0, 0), IN)),
                keys((14, 70), (30, 6, BACK), (46, -4), (62, 6), (94, 2), (110, 50))))
    for x, y, r, start in ((434, 170, 28, 34), (364, 140, 20, 44), (462, 262, 16, 52)):
        props.twinkle(s, (x, y), r, start, 46)
    return s


def _thumb() -> list[Paint]:
    thumb = svg("M -24 -12 C -30 -36 -12 -44 -12 -66 C -12 -88 18 -86 17 -62 C 16 -44 10 -34 10 -20 Z")
    fist = box(-34, -24, 70, 60, 22)
    lines = [stroke(svg(f"M {36 - abs(y - 6) * 0.2} {y} L 14 {y}"), INK, 6) for y in (-4, 16)]
    return [
        inked(fist, GLAZE_LIGHT, width=7),
        inked(thumb, GLAZE_LIGHT, width=7),
        flat(box(-27, -19, 48, 48, 16), GLAZE_LIGHT),
        *lines,
    ]


def ok() -> Scene:
    """A paddle goes up: OK."""
    s = Scene("ok", 120)
    stage = s.add(Layer("stage", move=(-54, 0)))
    hand = keys((0, (392, 404)), (12, (374, 408)), (28, (430, 270), BACK), (96, (430, 274)), (112, (392, 404)))
    pot = Teapot(
        s,
        Face(
            eyes=[(0, "open"), (30, "happy"), (94, "open")],
            mouth=talk((0, SMILE), (24, GRIN), (96, SMILE)),
            look=keys((0, (0, 0)), (12, (0, 5)), (28, (4, -6), BACK), (94, (4, -4)), (108, (0, 0))),
            blinks=(102,),
        ),
        parent=stage,
        squash=keys((0, (100, 100)), (12, (107, 92)), (24, (96, 105), OUT), (36, (102, 98)), (46, (99, 101)),
                    (58, (102, 98)), (70, (99, 101)), (82, (102, 98)), (94, (100, 100))),
        turn=keys((0, 0), (28, 4, BACK), (94, 4), (108, 0)),
        sprout=joined(keys((0, 0), (12, -8)), ring(24, 0, 16, period=18, times=5, fade=0.6)),
        arms="later",
        size=86,
    )
    stick = svg("M 0 20 L 0 -70")
    disc = [
        stroke(stick, INK, 28, edge=True),
        stroke(stick, WOOD, 12),
        inked(ellipse(0, -118, 74), CLAY),
        stroke(ellipse(0, -118, 60), CLAY_DEEP, 6),
        *(
            stroke(form, GLAZE_DARK, 15)
            for form in (ellipse(-25, -118, 17, 24), svg("M 13 -144 L 13 -92"), svg("M 42 -143 L 16 -117 L 43 -92"))
        ),
    ]
    s.add(Layer("paddle", disc, pot.body, (0, 0), hand, keys((12, (0, 0)), (28, (106, 106), BACK), (94, (102, 102)),
                                                             (110, (0, 0), IN)),
                joined(keys((0, 30), (12, 46)), keys((28, 4, BACK), (40, 12), (52, 2), (64, 12), (76, 2), (88, 10),
                                                     (112, 30)))))
    pot.arms(right=hand.map(lambda p: (p[0] + 10, p[1] + (50 if p[1] < 300 else -32), p[0], p[1])))
    for x, y, r, start in ((272, 112, 20, 34), (330, 70, 18, 48)):
        props.twinkle(s, (x, y), r, start, 46)
    return s


def no() -> Scene:
    """Arms crossed, head shaken, and a cross to be sure."""
    s = Scene("no", 120)
    shake = keys(
        (0, (0, 2)),
        (22, (0, 4)),
        (34, (-17, 2)),
        (46, (17, 2)),
        (58, (-17, 2)),
        (70, (17, 2)),
        (82, (-12, 2)),
        (94, (0, 2)),
    )
    Teapot(
        s,
        Face(eyes=[(0, "open"), (20, "shut"), (100, "open")], mouth=talk((0, SMALL), (18, (18, -10, -10)),
            (100, SMALL)), look=shake,
             brows=((2, 0), keys((0, -4), (22, -18, BACK), (98, -18), (110, -4))), blinks=(104,)),
        squash=keys((0, (100, 100)), (12, (96, 105)), (24, (107, 92), OUT), (36, (101, 99)), (98, (101, 99)),
                    (112, (100, 100))),
        turn=keys((22, 0), (34, -4), (46, 4), (58, -4), (70, 4), (82, -2), (94, 0)),
        sprout=keys((0, 0), (22, 0), (38, 13), (50, -15), (62, 15), (74, -15), (86, 9), (98, -5), (110, 0)),
        left=keys((0, LEFT_REST), (12, (104, 340, 110, 316)), (24, (190, 418, 308, 372), BACK),
                  (96, (190, 418, 304, 374)), (114, LEFT_REST)),
        right=keys((0, RIGHT_REST), (12, (408, 340, 402, 316)), (24, (322, 418, 204, 372), BACK),
                   (96, (322, 418, 208, 374)), (114, RIGHT_REST)),
        size=98,
    )
    cross = [svg("M -27 -27 L 27 27"), svg("M 27 -27 L -27 27")]
    paints = [stroke(c, INK, 36, edge=True) for c in cross] + [stroke(c, RED, 20) for c in cross]
    s.add(Layer("cross", paints, None, (0, 0), (420, 140), keys((22, (0, 0)), (34, (118, 118), BACK),
                                                                (44, (100, 100)), (90, (100, 100)), (102, (0, 0), IN)),
                keys((22, -50), (34, 6, BACK), (46, -4), (58, 4), (70, -4), (90, 0))))
    return s


def thinking() -> Scene:
    """Hand to the chin; the thought comes out as steam."""
    s = Scene("thinking", 180)
    stage = s.add(Layer("stage", move=(34, 6)))
    Teapot(
        s,
        Face(
            eyes="open",
            mouth=keys((0, (11, -2, -2, -8, 0)), (80, (11, -2, -2, -8, 0)), (92, (9, 2, 2, 6, -2)),
                       (150, (9, 2, 2, 6, -2)), (164, (11, -2, -2, -8, 0))),
            look=keys((0, (-14, -14)), (76, (-14, -14)), (90, (12, -14)), (148, (12, -14)), (162, (-14, -14))),
            brows=(keys((0, (0, -6)), (76, (0, -6)), (90, (0, -12)), (148, (0, -12)), (162, (0, -6))), keys((0, 8),
                (90, -4), (148, -4), (162, 8))),
            blinks=(78, 150),
        ),
        parent=stage,
        squash=breathing(180, times=3, depth=2),
        turn=keys((0, -4), (76, -4), (96, 4), (148, 4), (168, -4)),
        sprout=wave(180, 0, 7, times=3, late=0.2),
        left=(150, 430, 268, 410),
        right=sway(180, (396, 420, 300, 366), (396, 424, 300, 357), times=6),
        size=90,
    )
    cloud = svg(
        "M 66 150 C 34 150 30 104 66 100 C 66 62 118 50 136 76 C 158 48 214 62 208 98 "
        "C 242 104 236 150 204 150 C 190 170 150 170 138 156 C 118 172 84 168 66 150 Z"
    )
    rest = sway(180, (0, 0), (0, -8), times=2)
    for x, y, r, late in ((74, 246, 10, 0.1), (94, 202, 15, 0.05)):
        s.add(
            Layer(
                "puff",
                [inked(ellipse(x, y, r), PORCELAIN, width=7)],
                pivot=(x, y),
                move=sway(180, (0, 0), (0, -8), times=2, late=late),
            )
        )
    balloon = s.add(
        Layer(
            "cloud",
            [inked(cloud, PORCELAIN), stroke(svg("M 86 92 Q 92 80 106 78"), STEAM, 7)],
            None,
            (136, 116),
            rest,
            sway(180, (100, 100), (103, 97), times=3),
        )
    )
    for i, x in enumerate((94, 136, 178)):
        jump = keys(
            *(
                (b + d, (0, y), e)
                for b in (0, 60, 120)
                for d, y, e in ((8 + i * 8, 0, SINE), (18 + i * 8, -15, OUT), (28 + i * 8, 0, IN))
            )
        )
        s.add(Layer("dot", [flat(ellipse(x, 116, 11), TEA)], balloon, (x, 116), jump, rim=False))
    return s


def waiting() -> Scene:
    """A foot that taps while the sand runs."""
    s = Scene("waiting", 180)
    stage = s.add(Layer("stage", move=(-48, 0)))
    taps: list[tuple[float, Point, object]] = [(0, (12, 4), OUT)]
    for i in range(11):
        taps += [(8 + i * 14, (18, -7), OUT), (14 + i * 14, (12, 4), IN)]
    Teapot(
        s,
        Face(
            eyes=[(0, "flat"), (124, "shut"), (160, "flat")],
            mouth=keys((0, (13, -1, -1, -6, 0)), (58, (13, -1, -1, -6, 0)), (68, (13, -1, -1, 8, 0)),
                       (118, (13, -1, -1, 8, 0)), (130, (9, -6, 8, 0, 0)), (152, (9, -6, 8, 0, 0)), (164, (13, -1, -1,
                           -6, 0))),
            look=keys((0, (16, 2)), (56, (16, 2)), (70, (-12, 0)), (114, (-12, 0)), (126, (0, -6)), (138, (0, 10)),
                      (156, (0, 10)), (170, (16, 2))),
        ),
        parent=stage,
        squash=keys((0, (100, 100)), (112, (100, 100)), (126, (96, 105)), (142, (106, 92), OUT), (158, (104, 95)),
                    (174, (100, 100))),
        lid=keys((112, (0, 0)), (126, (0, -8)), (140, (0, 2)), (160, (0, 0))),
        sprout=joined(keys((0, 0), *((8 + i * 14 + d, v) for i in range(8) for d, v in ((0, 4), (7, -3))), (126, -8),
                           (144, 14), (160, 8), (178, 0))),
        left=keys((0, (104, 426, 232, 392)), (180, (104, 426, 232, 392))),
        right=sway(180, (408, 426, 280, 400), (408, 426, 284, 392), times=12),
        feet=((0, 0), keys(*taps)),
        size=82,
    )
    props.fleeting(s, props.puff_paints(20), start=140, life=38, path=[(52, 286), (56, 226), (84, 166)], name="sigh")
    _hourglass(s, (396, 374))
    return s


def _hourglass(s: Scene, at: Point) -> None:
    flip = keys((0, 0), (150, 0), (158, -12), (172, 190, OUT), (178, 180), (180, 0, HOLD))
    body = s.add(
        Layer(
            "hourglass",
            parent=None,
            pivot=(0, 0),
            move=at,
            turn=flip,
            scale=keys((0, (100, 100)), (150, (100, 100)), (166, (92, 92)), (176, (104, 104)), (180, (100, 100))),
        )
    )
    glass = svg(
        "M -40 -74 L 40 -74 C 44 -30 10 -16 10 0 C 10 16 44 30 40 74 L -40 74 "
        "C -44 30 -10 16 -10 0 C -10 -16 -44 -30 -40 -74 Z"
    )
    upper = svg("M -34 -44 C -24 -24 -8 -16 0 -2 C 8 -16 24 -24 34 -44 C 24 -50 -24 -50 -34 -44 Z")
    spent = svg("M -4 -8 C -3 -6 -1 -4 0 -2 C 1 -4 3 -6 4 -8 C 3 -9 -3 -9 -4 -8 Z")
    bare = svg("M -34 72 C -24 72 -8 72 0 72 C 8 72 24 72 34 72 C 24 71 -24 71 -34 72 Z")
    heap = svg("M -36 68 C -24 48 -8 36 0 26 C 8 36 24 48 36 68 C 24 74 -24 74 -36 68 Z")
    turned = upper.turned(180)
    sand = [
        flat(keys((0, upper), (146, spent, EVEN), (180, upper, HOLD)), GOLD),
        flat(keys((0, bare), (146, heap, EVEN), (158, heap), (172, turned), (180, bare, HOLD)), GOLD),
    ]
    s.add(Layer("glass", [inked(glass, "#e6f6fb", width=8)], body))
    s.add(Layer("sand", sand, body, rim=False))
    s.add(
        Layer(
            "grains",
            [stroke(svg("M 0 0 L 0 64"), GOLD, 5)],
            body,
            opacity=keys((0, 0), (6, 100), (140, 100), (146, 0)),
            rim=False,
        )
    )
    s.add(
        Layer(
            "frame",
            [
                stroke(svg("M -24 -52 Q -26 -40 -18 -30"), PORCELAIN, 6),
                *(inked(box(-54, y, 108, 24, 11), WOOD) for y in (-94, 70)),
            ],
            body,
        )
    )


def idea() -> Scene:
    """A light goes on."""
    s = Scene("idea", 120)
    Teapot(
        s,
        Face(
            eyes=[(0, "open"), (36, "stars"), (96, "open")],
            mouth=talk((0, FLAT), (30, GRIN), (96, FLAT)),
            look=keys((0, (10, -10)), (20, (12, -8)), (30, (0, 6)), (42, (0, -8), BACK), (94, (0, -6)),
                      (108, (10, -10))),
            blinks=(12, 108),
        ),
        squash=keys((0, (100, 100)), (20, (100, 100)), (30, (107, 92)), (40, (95, 106), OUT), (52, (103, 97)),
                    (64, (99, 101)), (76, (101, 99)), (94, (100, 100))),
        move=keys((30, (0, 0)), (40, (0, -16), OUT), (50, (0, 0), IN)),
        turn=keys((0, -4), (24, -4), (42, 3, BACK), (94, 3), (112, -4)),
        sprout=joined(keys((0, 0), (28, -6)), ring(38, 0, 18, period=16, times=6, fade=0.6)),
        left=keys((0, (150, 430, 250, 404)), (28, (150, 430, 250, 408)), (42, (92, 384, 132, 408), BACK),
                  (94, (92, 384, 132, 408)), (112, (150, 430, 250, 404))),
        right=keys((0, (396, 420, 306, 370)), (28, (396, 424, 306, 374)), (42, (430, 330, 424, 236), BACK),
                   (60, (432, 334, 426, 246)), (76, (430, 330, 424, 238)), (94, (430, 330, 424, 240)), (112, (396,
                       420, 306, 370))),
        size=78,
    )
    bulb = svg("M -17 40 C -17 26 -42 14 -42 -14 C -42 -40 -22 -58 0 -58 C 22 -58 42 -40 42 -14 C 42 14 17 26 17 40 Z")
    rays = [svg("M 0 -80 L 0 -96").turned(a, (0, -14)) for a in (-108, -72, -36, 36, 72, 108)]
    hung = s.add(Layer("light", parent=None, pivot=(0, 0), move=keys((30, (262, 140)), (44, (262, 110), BACK),
        (68, (262, 112)), (92, (262, 110)), (104, (262, 130), IN)),
                       scale=keys((30, (0, 0)), (44, (90, 90), BACK), (56, (84, 84)), (92, (86, 86)),
                                  (104, (0, 0), IN)), turn=joined(keys((30, -20)),
                                      ring(42, 0, 10, period=18, times=5))))
    s.add(Layer("rays", [stroke(r, INK, 24, edge=True) for r in rays] + [stroke(r, GOLD, 9) for r in rays], hung, (0,
        -14),
                scale=keys((40, (40, 40)), (50, (103, 103), BACK), (62, (94, 94)), (74, (106, 106)), (86, (96, 96)),
                           (92, (100, 100)))))
    glass = [inked(bulb, GOLD_LIGHT), flat(ellipse(-16, -30, 8, 12).turned(30, (-16, -30)), PORCELAIN),
             stroke(svg("M -12 30 L -8 -4 L 0 6 L 8 -4 L 12 30"), TEA, 6),
             inked(box(-17, 36, 34, 24, 8), STEAM), stroke(svg("M -12 48 L 12 48"), INK, 5)]
    s.add(Layer("bulb", glass, hung, (0, 0)))
    return s
