"""What one feels."""

# Keyframes read like a dope sheet, a run of keys on its line.
# fmt: off

from __future__ import annotations

from art.stickers import props
from art.stickers.faces import GRIN, SMALL, SMILE, Face, talk
from art.stickers.geometry import ellipse, svg
from art.stickers.lottie import Layer, Scene, flat, inked, stroke
from art.stickers.motion import BACK, IN, OUT, SINE, Key, Keys, joined, keys, ring, sway, wave
from art.stickers.palette import (
    GLAZE,
    GLAZE_DEEP,
    GLAZE_LIGHT,
    INK,
    PORCELAIN,
    RAGE,
    RAGE_DEEP,
    RAGE_LIGHT,
    RED,
    RED_DEEP,
    TEA,
    TEA_LIGHT,
    WATER,
    WATER_LIGHT,
)
from art.stickers.teapot import LEFT_REST, RIGHT_REST, Skin, Teapot


def love() -> Scene:
    """Eyes of hearts, and hearts for steam."""
    s = Scene("love", 120)
    beat = keys(
        *(
            (i * 30 + t, (v, 200 - v - (v > 100)))
            for i in range(4)
            for t, v in ((0, 100), (6, 106), (14, 96), (22, 101))
        ),
        (120, (100, 100)),
    )
    Teapot(
        s,
        Face(
            eyes="hearts",
            mouth=sway(120, (24, 6, 26), (28, 4, 34), times=4),
            cheeks=100,
            look=sway(120, (-4, 0), (4, -3)),
        ),
        squash=beat,
        turn=wave(120, 0, 4),
        sprout=wave(120, 0, 9, times=2, late=0.2),
        left=sway(120, (170, 430, 226, 404), (170, 424, 230, 396), times=4),
        right=sway(120, (342, 430, 286, 404), (342, 424, 282, 396), times=4),
    )
    for start, r, bend in ((0, 24, -1), (40, 31, 1), (80, 20, -0.4)):
        props.fleeting(s, props.heart_paints(r), start=start, life=100, ease=SINE, turn=(-14 * bend, 14 * bend),
                       path=[(74, 272), (74 + 26 * bend, 216), (78 - 22 * bend, 150), (84 + 18 * bend, 84)])
    for start, r, x in ((20, 20, 404), (66, 28, 436), (100, 16, 388)):
        props.fleeting(s, props.heart_paints(r), start=start, life=90, ease=SINE, turn=(12, -12),
                       path=[(x - 20, 236), (x + 10, 170), (x - 10, 104)])
    return s


def laugh() -> Scene:
    """Rocks with laughter until the lid clatters."""
    s = Scene("laugh", 120)
    pot = Teapot(
        s,
        Face(
            eyes="squeezed",
            mouth=sway(120, (34, 6, 38), (40, 0, 52), times=8),
            look=sway(120, (-7, -6), (7, -6), times=2),
            cheeks=100,
        ),
        squash=sway(120, (105, 94), (97, 104), times=8),
        turn=wave(120, 0, 9, times=2),
        lid=sway(120, (0, 0), (0, -15), times=8, late=0.15),
        lid_turn=wave(120, 0, 7, times=4),
        sprout=wave(120, 0, 16, times=4, late=0.25),
        size=95,
        left=sway(120, (130, 420, 206, 412), (130, 420, 200, 400), times=8),
        right=sway(120, (392, 360, 432, 386), (400, 340, 440, 356), times=4),
    )
    for start in range(0, 120, 30):
        for side, late in ((-1, 0), (1, 9)):
            x = 256 + side * 100
            props.fleeting(s, props.drop_paints(21), start=start + late, life=36, parent=pot.body, peak=105,
                           turn=(side * 50, side * 150),
                           path=[(x, 284), (x + side * 44, 226), (x + side * 70, 290)], name="tear")
    return s


def cry() -> Scene:
    """Floods of tears; the spout drips too."""
    s = Scene("cry", 120)
    puddle = svg("M 90 478 C 84 462 150 456 256 456 C 370 456 436 462 428 478 C 420 494 100 494 90 478 Z")
    s.add(Layer("puddle", [inked(puddle, WATER), stroke(svg("M 130 474 Q 170 468 220 468"), WATER_LIGHT, 6)],
                pivot=(256, 476), scale=sway(120, (97, 100), (103, 104), times=2)))
    pot = Teapot(
        s,
        Face(
            eyes="shut",
            mouth=sway(120, (27, -26, 12), (31, -30, 20), times=6),
            brows=((0, -4), 22.0),
            look=sway(120, (-3, -2), (3, -4), times=3),
        ),
        squash=sway(120, (103, 96), (98, 102), times=3),
        turn=wave(120, 0, 2.5, times=3),
        sprout=wave(120, -6, 6, times=3, late=0.3),
        droop=40,
        size=98,
        lid=sway(120, (0, 0), (0, -6), times=6),
        left=sway(120, (110, 400, 128, 420), (104, 392, 118, 408), times=3),
        right=sway(120, (402, 400, 384, 420), (408, 392, 394, 408), times=3),
    )
    for side in (-1, 1):
        x = 256 + side * 60
        a = svg(f"M {x} 306 C {x + side * 8} 340 {x + side * 20} 376 {x + side * 14} 434")
        b = svg(f"M {x} 306 C {x + side * 18} 336 {x + side * 10} 384 {x + side * 24} 434")
        form = Keys(tuple(Key(k.at, (a, b)[int(k.value)], SINE) for k in sway(120, 0, 1, times=6, late=0.2 * side).run))
        s.add(Layer("tears", props.stream(form, WATER, WATER_LIGHT, 22), pot.body))
        for start in range(0, 120, 30):
            props.fleeting(s, props.drop_paints(13), start=start + 8 * side, life=32, turn=(side * 30, side * 150),
                           ease=OUT,
                           path=[(260 + side * 96, 452), (260 + side * 150, 400),
                                 (260 + side * 190, 452)], name="splash")
    for start in (0, 60):
        props.fleeting(s, props.drop_paints(14, TEA, TEA_LIGHT), start=start, life=58, ease=IN,
                       path=[(72, 300), (72, 318), (70, 458)], name="drip")
    return s


def angry() -> Scene:
    """Comes to the boil, and blows."""
    s = Scene("angry", 150)
    heat = ((0, 0), (28, 0), (40, 1), (120, 1), (132, 0))

    def hot(cool: str, warm: str) -> Keys[str]:
        return keys(*((t, warm if v else cool) for t, v in heat))

    shakes = [(0, (0, 0)), (36, (0, 0))] + [(40 + i * 3, ((-1) ** i * 5, 0)) for i in range(26)] + [(120, (0, 0))]
    rattle = (
        [(0, (0, 0)), (34, (0, 0))] + [(38 + i * 5, (0, -22 if i % 2 else 0)) for i in range(16)] + [(122, (0, 0), IN)]
    )
    tilt = [(0, 0), (34, 0)] + [(38 + i * 5, (9, 0, -9, 0)[i % 4]) for i in range(16)] + [(122, 0)]
    pot = Teapot(
        s,
        Face(
            eyes="flat",
            mouth=talk((0, (14, -4, -4)), (38, (24, -16, 2)), (118, (14, -4, -4))),
            brows=(keys((0, (8, 12)), (38, (10, 20), BACK), (118, (10, 20)), (142, (8, 12))), keys((0, -14),
                (38, -26, BACK), (118, -26), (142, -14))),
            cheeks=keys((0, 75), (40, 0), (118, 0), (150, 75)),
        ),
        move=keys(*shakes),
        squash=keys((0, (100, 100)), (30, (108, 91)), (42, (98, 103), BACK), (60, (104, 99)), (76, (99, 102)),
                    (92, (104, 99)), (108, (99, 102)),
                    (126, (104, 96)), (150, (100, 100))),
        lid=keys(*rattle),
        lid_turn=keys(*tilt),
        sprout=joined(keys((0, 0), (34, -6)), keys(*((40 + i * 6, (-1) ** i * 13) for i in range(13)), (126, 4),
                                                   (150, 0))),
        droop=-16,
        left=keys((0, (96, 380, 128, 400)), (38, (84, 392, 116, 424), BACK), (118, (84, 392, 116, 424)),
                  (150, (96, 380, 128, 400))),
        right=keys((0, (416, 380, 384, 400)), (38, (428, 392, 396, 424), BACK), (118, (428, 392, 396, 424)),
                   (150, (416, 380, 384, 400))),
        skin=Skin(hot(GLAZE_LIGHT, RAGE_LIGHT), hot(GLAZE, RAGE), hot(GLAZE_DEEP, RAGE_DEEP)),
    )
    for i in range(6):
        start = 38 + i * 13
        props.fleeting(s, props.puff_paints(25), start=start, life=34, name="jet",
                       path=[(70, 268), (58, 196), (66 + 16 * (i % 2), 128)])
        props.fleeting(s, props.puff_paints(19), start=start + 6, life=30, name="jet",
                       path=[(372, 268), (436, 236), (470, 200 + 14 * (i % 2))])
    corners = ((-26, -9, -9, -9, -9, -26), (9, -26, 9, -9, 26, -9), (26, 9, 9, 9, 9, 26), (-9, 26, -9, 9, -26, 9))
    paints = [stroke(svg(f"M {a} {b} Q {c} {d} {e} {f}"), RED_DEEP, 12, edge=True) for a, b, c, d, e, f in corners]
    s.add(Layer("vein", paints, pot.body, (0, 0), (404, 112),
                keys((30, (0, 0)), (44, (150, 150), BACK), (60, (118, 118)), (76, (140, 140)), (92, (118, 118)),
                     (108, (138, 138)), (122, (0, 0), IN))))
    return s


def surprised() -> Scene:
    """The lid goes up."""
    s = Scene("surprised", 120)
    pot = Teapot(
        s,
        Face(
            eyes=[(0, "open"), (16, "wide"), (94, "open")],
            mouth=talk((0, SMALL), (14, (15, -18, 22)), (92, SMALL)),
            look=keys((0, (0, 0)), (14, (0, 6)), (22, (0, -14), OUT), (60, (0, -8)), (90, (0, -8)), (102, (0, 0))),
            cheeks=75,
            blinks=(104,),
        ),
        move=keys((0, (0, 0)), (14, (0, 0)), (26, (0, -20), OUT), (38, (0, 0), IN)),
        squash=keys((0, (100, 100)), (14, (110, 86)), (22, (94, 107), OUT), (36, (96, 105)), (42, (108, 91), OUT),
                    (54, (97, 103)), (66, (101, 99)),
                    (78, (100, 100)), (96, (105, 95)), (108, (98, 102)), (120, (100, 100))),
        lid=keys((0, (0, 0)), (14, (0, 6)), (28, (0, -60), OUT), (44, (0, -62), SINE), (58, (0, -70), SINE),
                 (74, (0, -64), SINE), (90, (0, 0), IN), (96, (0, -12), OUT), (103, (0, 0), IN)),
        lid_turn=keys((14, 0), (28, 10, OUT), (44, -7), (58, 6), (74, -4), (90, 0), (96, 3), (103, 0)),
        sprout=joined(keys((0, 0), (14, 0), (24, -16)), ring(28, 0, 18, period=18, fade=0.6, times=6)),
        left=keys((0, LEFT_REST), (14, (120, 390, 130, 414)), (26, (84, 330, 78, 352), BACK),
                  (88, (86, 334, 80, 358)), (104, LEFT_REST)),
        right=keys((0, RIGHT_REST), (14, (392, 390, 382, 414)), (26, (440, 330, 440, 280), BACK),
                   (88, (440, 334, 438, 288)), (104, RIGHT_REST)),
    )
    for x, start in ((206, 20), (300, 26), (250, 40), (216, 54), (292, 62)):
        props.fleeting(s, props.puff_paints(17), start=start, life=34, parent=pot.body,
                       path=[(x, 204), (x + (x - 256) * 0.5, 160), (x + (x - 256) * 0.9, 130)])
    for x, y, turn in ((108, 140, -16), (420, 150, 16)):
        mark = svg("M 0 -34 L 0 6"), svg("M 0 32 L 0 33")
        paints = [stroke(m, INK, 30, edge=True) for m in mark] + [stroke(m, RED, 14) for m in mark]
        s.add(Layer("!", paints, None, (0, 0), (x, y), keys((18, (0, 0)), (30, (100, 100), BACK), (84, (100, 100)),
                                                            (94, (0, 0), IN)),
                    joined(keys((18, turn)), ring(24, turn, 12, period=14))))
    return s


def shy() -> Scene:
    """Hands to the cheeks, and sways."""
    s = Scene("shy", 150)
    Teapot(
        s,
        Face(
            eyes=[(0, "shut"), (58, "open"), (112, "shut")],
            mouth=keys((0, (11, 8, 8)), (50, (9, 5, 5)), (100, (13, 9, 9)), (150, (11, 8, 8))),
            look=keys((0, (0, 4)), (54, (-4, 6)), (66, (12, -2), OUT), (104, (12, -2)), (120, (0, 4))),
            cheeks=sway(150, 90, 100, times=3),
            blinks=(84,),
        ),
        squash=sway(150, (104, 96), (99, 101), times=3),
        turn=wave(150, 0, 5, times=3, late=0.1),
        lid_turn=wave(150, 0, 2, times=3, late=0.3),
        sprout=wave(150, 0, 12, times=3, late=0.35),
        droop=10,
        size=98,
        left=sway(150, (108, 420, 172, 352), (108, 420, 178, 358), times=6),
        right=sway(150, (404, 420, 340, 352), (404, 420, 334, 358), times=6),
    )
    for x, y, r, start in ((96, 176, 20, 10), (424, 200, 17, 62), (392, 120, 22, 104)):
        props.fleeting(
            s, props.heart_paints(r), start=start, life=84, path=[(x, y + 30), (x, y), (x, y - 24)], turn=(-12, 12)
        )
    return s


def sleepy() -> Scene:
    """Sleeps on its feet. A bubble at the spout, and Zzz."""
    s = Scene("sleepy", 180)
    pot = Teapot(
        s,
        Face(eyes="shut", mouth=sway(180, (8, -5, 7), (6, -3, 4)), look=sway(180, (3, 14), (3, 5)), cheeks=85),
        squash=sway(180, (104, 94), (98, 103)),
        turn=wave(180, 3, 2.5, late=0.1),
        lid=sway(180, (0, 2), (0, -9), late=0.05),
        lid_turn=sway(180, 2, -2),
        sprout=sway(180, 16, 4, late=0.12),
        droop=26,
        left=sway(180, (116, 390, 132, 418), (112, 386, 124, 412)),
        right=sway(180, (396, 390, 380, 418), (400, 386, 388, 412)),
    )
    bubble = [
        inked(ellipse(0, 0, 34), WATER_LIGHT),
        flat(ellipse(-11, -12, 8, 10), PORCELAIN),
        stroke(svg("M 8 20 Q 20 14 21 2"), PORCELAIN, 5),
    ]
    s.add(
        Layer(
            "bubble",
            bubble,
            pot.body,
            (26, 22),
            sway(180, (30, 210), (20, 200)),
            sway(180, (28, 28), (112, 112), late=0.02),
        )
    )
    zed = "M -15 -16 L 15 -16 L -15 16 L 15 16"
    for start, size in ((20, 60), (80, 85), (140, 110)):
        props.fleeting(s, props.sign(zed, "#8fb4f0", 11), start=start, life=110, peak=size, ease=SINE, turn=(-10, 14),
                       path=[(356, 216), (402, 172), (386, 120), (432, 70)], name="z")
    return s


def cool() -> Scene:
    """Dark glasses come down."""
    s = Scene("cool", 150)
    pot = Teapot(
        s,
        Face(eyes="open", mouth=talk((0, SMILE), (40, (18, 9, 13, 6, 0)),
                                     (124, SMILE)), blinks=(20,), look=keys((24, (0, 0)), (36, (0, -4)),
                                         (44, (0, 4), OUT), (54, (0, 0)))),
        squash=keys((0, (100, 100)), (36, (99, 101)), (43, (106, 93), OUT), (54, (98, 103)), (64, (100, 100)),
                    (78, (103, 97)), (92, (99, 101)), (106, (103, 97)), (120, (100, 100))),
        turn=keys((44, 0), (60, -4), (78, -4), (92, 3), (106, 3), (124, 0)),
        sprout=joined(keys((0, 0), (38, 0)), ring(42, 0, 14, period=20, times=6, fade=0.65)),
        size=102,
        left=(86, 380, 130, 410),
        right=keys((0, RIGHT_REST), (50, RIGHT_REST), (64, (430, 340, 408, 290), BACK), (116, (430, 340, 408, 290)),
                   (132, RIGHT_REST)),
    )
    left = svg("M 150 282 L 246 282 C 248 320 232 344 202 344 C 166 344 150 318 150 282 Z")
    bridge = svg("M 240 288 Q 256 280 272 288")
    dark, shine = "#2b2438", "#6d6590"
    glasses = [stroke(bridge, INK, 12)]
    for form in (left, left.mirrored(256)):
        glasses += [inked(form, dark, width=9, edge=True)]
    glasses += [stroke(svg("M 144 282 L 368 282"), INK, 12, edge=True)]
    for x in (176, 296):
        glasses += [
            stroke(svg(f"M {x} 318 L {x + 22} 294"), shine, 9),
            stroke(svg(f"M {x + 20} 326 L {x + 32} 312"), shine, 6),
        ]
    down = s.add(Layer("glasses", glasses, pot.face, (256, 300),
                       move=keys((0, (0, -176)), (24, (0, -188)), (40, (0, 8), IN), (48, (0, -10), OUT),
                                 (56, (0, 2), IN), (122, (0, 2)), (130, (0, 8)), (142, (0, -150),
                                     OUT), (150, (0, -176))),
                       turn=keys((14, -14), (40, 0), (48, -4), (56, 0)),
                       scale=keys((2, (0, 0)), (18, (100, 100), BACK), (136, (100, 100)), (148, (0, 0), IN))))
    for x, y, r, start in ((352, 280, 30, 58), (160, 290, 20, 74)):
        props.twinkle(s, (x, y), r, start, 44, parent=down)
    return s


def kiss() -> Scene:
    """Blows a kiss: a heart that grows as it flies."""
    s = Scene("kiss", 120)
    Teapot(
        s,
        Face(
            eyes=[(0, "open"), (30, "wink"), (92, "open")],
            mouth=keys((0, SMILE), (14, SMALL), (26, (9, -8, 9)), (34, (13, -11, 12), BACK), (44, (9, -8, 9)),
                       (56, SMILE), (70, GRIN), (94, GRIN), (104, SMILE)),
            look=keys((0, (0, 0)), (18, (-10, 4)), (32, (10, -4), BACK), (60, (8, -2)), (100, (0, 0))),
            cheeks=keys((0, 80), (30, 100), (90, 100), (112, 80)),
            blinks=(104,),
        ),
        squash=keys((0, (100, 100)), (18, (105, 95)), (30, (97, 104), BACK), (44, (102, 98)), (56, (100, 100)),
                    (72, (103, 97)), (88, (99, 101)), (104, (100, 100))),
        turn=keys((0, 0), (18, -7), (32, 8, BACK), (60, 6), (76, -3), (92, 3), (108, 0)),
        sprout=joined(keys((0, 0), (18, 10)), ring(28, 0, -16, period=20, times=5, fade=0.6)),
        left=sway(120, (110, 390, 126, 412), (108, 384, 120, 406), times=2),
        right=keys((0, RIGHT_REST), (16, (380, 420, 300, 366)), (28, (384, 416, 300, 360)),
                   (42, (430, 372, 436, 330), BACK), (88, (430, 372, 434, 336)), (106, RIGHT_REST)),
        size=90,
    )
    for start, r, path in (
        (30, 44, [(296, 380), (392, 336), (434, 236), (424, 118)]),
        (42, 22, [(296, 376), (372, 280), (352, 180), (368, 110)]),
        (52, 18, [(292, 372), (400, 330), (466, 280), (474, 216)]),
    ):
        props.fleeting(s, props.heart_paints(r), start=start, life=66, path=path, turn=(-24, 16), ease=SINE)
    return s
