"""From morning to night."""

# Keyframes read like a dope sheet, a run of keys on its line.
# fmt: off

from __future__ import annotations

from art.stickers import props
from art.stickers.cup import Cup
from art.stickers.faces import GRIN, SMALL, Face
from art.stickers.geometry import ellipse, svg
from art.stickers.lottie import Layer, Scene, flat, stroke
from art.stickers.motion import BACK, EVEN, HOLD, IN, OUT, SINE, keys, sway, wave
from art.stickers.palette import GOLD, GOLD_LIGHT, INK


def good_morning() -> Scene:
    """The sun comes up behind a cup that stretches and yawns."""
    s = Scene("good_morning", 180)
    rise = keys(
        (0, (0, 0)), (24, (0, 0)), (54, (0, -164), OUT), (66, (0, -154), SINE), (140, (0, -158)), (172, (0, 0), IN)
    )
    grow = keys((0, (48, 48)), (22, (48, 48)), (50, (100, 100), OUT), (144, (100, 100)), (170, (48, 48), IN))
    sun = s.add(Layer("sun", pivot=(256, 360), move=rise, scale=grow))
    rays = []
    for i in range(12):
        d = "M 256 232 L 256 208" if i % 2 else "M 256 230 L 256 196"
        rays.append(svg(d).turned(i * 30, (256, 360)))
    wheel = [stroke(r, INK, 34, edge=True) for r in rays] + [stroke(r, GOLD, 18) for r in rays]
    s.add(
        Layer(
            "rays",
            wheel,
            sun,
            (256, 360),
            turn=keys((0, 0, EVEN), (179.9, 60, EVEN), (180, 0, HOLD)),
            scale=sway(180, (96, 96), (104, 104), times=3),
        )
    )
    disc = [
        flat(ellipse(256, 360, 106), GOLD),
        flat(ellipse(244, 346, 84), GOLD_LIGHT),
        stroke(ellipse(256, 360, 106), INK, edge=True),
    ]
    s.add(Layer("disc", disc, sun, (256, 360)))
    Cup(
        s,
        Face(
            eyes=[(0, "shut"), (20, "squeezed"), (66, "happy"), (120, "open"), (164, "shut")],
            mouth=keys((0, SMALL), (18, SMALL), (32, (19, -22, 28)), (56, (20, -22, 30)), (68, GRIN), (150, GRIN),
                       (164, SMALL)),
            look=keys((0, (0, 6)), (20, (0, 8)), (40, (0, -8), OUT), (60, (0, -8)), (72, (0, 0)), (164, (0, 0)),
                      (180, (0, 6))),
            blinks=(136,),
        ),
        (252, 470),
        size=116,
        squash=keys((0, (102, 98)), (16, (108, 90)), (42, (92, 111), OUT), (58, (92, 111)), (68, (106, 93)),
                    (78, (98, 103)), (88, (100, 100)),
                    (110, (102, 98)), (132, (100, 100)), (154, (102, 98)), (166, (100, 100)), (180, (102, 98))),
        turn=keys((16, 0), (34, -4), (50, 4), (66, 0)),
        left=keys((0, (-108, -66, -102, -44)), (16, (-104, -50, -92, -34)), (40, (-120, -120, -128, -182), BACK),
                  (60, (-126, -120, -132, -176)), (76, (-112, -76, -112, -46), BACK), (180, (-108, -66, -102, -44))),
        right=keys((0, (108, -66, 102, -44)), (16, (104, -50, 92, -34)), (40, (120, -120, 128, -182), BACK),
                   (60, (126, -120, 132, -176)), (76, (112, -76, 112, -46), BACK), (180, (108, -66, 102, -44))),
        handle=False,
    )
    for x, start in ((212, 70), (288, 92)):
        props.wisp(s, (x, 270), start, 84, height=84)
    return s


def good_night() -> Scene:
    """A cup asleep in the crook of the moon."""
    s = Scene("good_night", 180)
    moon = s.add(Layer("moon", pivot=(250, 30), turn=wave(180, 0, 3.5)))
    crescent = svg(
        "M 236 50 C 112 70 38 172 52 296 C 68 420 184 496 302 474 C 386 458 444 406 462 336 "
        "C 404 398 300 404 228 344 C 150 276 160 140 236 50 Z"
    )
    shade = svg(
        "M 462 336 C 404 398 300 404 228 344 C 150 276 160 140 236 50 C 176 110 140 210 176 300 "
        "C 220 400 370 430 462 336 Z"
    )
    pits = [
        flat(ellipse(x, y, r, r * 0.86), GOLD)
        for x, y, r in ((104, 250, 20), (150, 384, 26), (246, 438, 16), (118, 316, 10))
    ]
    s.add(
        Layer(
            "crescent", [flat(crescent, GOLD_LIGHT), flat(shade, GOLD), *pits, stroke(crescent, INK, edge=True)], moon
        )
    )
    Cup(
        s,
        Face(eyes="shut", mouth=sway(180, (7, -4, 6), (9, 6, 8)), look=sway(180, (-4, 12), (-4, 4)), cheeks=100),
        (300, 392),
        size=104,
        parent=moon,
        squash=sway(180, (104, 95), (98, 103)),
        turn=wave(180, -7, 2, late=0.2),
        tea=sway(180, (100, 100), (97, 120)),
        left=sway(180, (-92, -30, -40, -32), (-92, -30, -40, -36)),
        right=sway(180, (92, -30, 40, -32), (92, -30, 40, -36)),
    )
    for x, y, r, late in ((400, 92, 34, 0.0), (456, 208, 22, 0.4), (286, 84, 20, 0.7)):
        s.add(
            Layer(
                "star",
                props.star_paints(r),
                None,
                (0, 0),
                (x, y),
                sway(180, (88, 88), (108, 108), times=3, late=late),
                wave(180, 0, 10, times=2, late=late),
            )
        )
    zed = "M -15 -16 L 15 -16 L -15 16 L 15 16"
    for start, size in ((10, 60), (70, 78), (130, 96)):
        props.fleeting(s, props.sign(zed, "#8fb4f0", 11), start=start, life=104, peak=size, ease=SINE, turn=(-10, 14),
                       path=[(356, 226), (392, 200), (366, 166), (398, 140)], name="z")
    return s
