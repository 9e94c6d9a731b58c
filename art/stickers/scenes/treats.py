"""Tea, friends, money and feasts."""

# Keyframes read like a dope sheet, a run of keys on its line.
# fmt: off

from __future__ import annotations

import math

from art.stickers import props
from art.stickers.cat import Cat
from art.stickers.cup import Cup
from art.stickers.faces import GRIN, LAUGH, SMALL, SMILE, Face, talk
from art.stickers.geometry import box, ellipse, svg
from art.stickers.lottie import Layer, Paint, Scene, Trim, flat, inked, stroke
from art.stickers.motion import BACK, IN, OUT, SINE, joined, keys, ring, sway, wave
from art.stickers.palette import (
    GINGER,
    GOLD,
    GOLD_LIGHT,
    HEART_LIGHT,
    INK,
    LEAF,
    RED,
    RED_DEEP,
    TEA,
    TEA_LIGHT,
    VIOLET,
    WATER,
)
from art.stickers.teapot import LEFT_REST, RIGHT_REST, Teapot


def tea_time() -> Scene:
    """The pot pours, the cup fills and beams."""
    s = Scene("tea_time", 180)
    tilt = keys((0, 0), (16, 6), (44, -34), (112, -36), (138, 5), (152, 0))
    stage = s.add(
        Layer(
            "stage",
            pivot=(256, 320),
            move=keys(
                (0, (98, -84)),
                (16, (104, -80)),
                (44, (98, -122)),
                (112, (98, -122)),
                (140, (98, -80)),
                (156, (98, -84)),
            ),
            scale=(66, 66),
            turn=tilt,
        )
    )
    run = Trim(keys((108, 0.0), (122, 100.0, IN)), keys((42, 0.0), (54, 100.0, IN)))
    fall = svg("M 244 244 C 222 250 210 276 208 336")
    paints = [
        stroke(fall, INK, 28, edge=True, trim=run),
        stroke(fall, TEA, 14, trim=run),
        stroke(fall, TEA_LIGHT, 5, trim=run),
    ]
    happy = Face(
        eyes=[(0, "open"), (58, "big"), (118, "happy"), (164, "open")],
        mouth=talk((0, SMILE), (50, (18, 0, 24)), (118, GRIN), (164, SMILE)),
        look=keys((0, (8, -4)), (40, (10, -8)), (108, (8, -6)), (124, (0, 0)), (164, (2, 0)), (178, (8, -4))),
        cheeks=keys((50, 75), (110, 100), (160, 75)),
        blinks=(20,),
    )
    Cup(
        s,
        happy,
        (180, 474),
        size=92,
        squash=keys((0, (100, 100)), (54, (100, 100)), (60, (105, 95)), (70, (99, 101)), (84, (102, 98)),
                    (98, (99, 101)), (112, (102, 98)), (122, (95, 106),
                                                        OUT), (134, (104, 96)), (146, (100, 100)), (180, (100, 100))),
        tea=keys((0, (100, 100)), (14, (100, 100)), (30, (0, 0), IN), (52, (0, 0)), (70, (70, 70)), (112, (100, 100)),
                 (122, (104, 150)), (134, (100, 90)), (146, (100, 100))),
        left=keys((0, (-108, -66, -102, -44)), (116, (-108, -66, -102, -44)), (128, (-130, -96, -128, -134), BACK),
                  (140, (-124, -96, -116, -128)), (152, (-130, -96, -128, -134)), (172, (-108, -66, -102, -44))),
        right=keys((0, (108, -66, 102, -44)), (116, (108, -66, 102, -44)), (128, (130, -96, 128, -134), BACK),
                   (140, (124, -96, 116, -128)), (152, (130, -96, 128, -134)), (172, (108, -66, 102, -44))),
        handle=False,
    )
    s.add(Layer("pour", paints, None, (208, 336), span=(42, 122)))
    for i in range(4):
        props.fleeting(s, props.drop_paints(9, TEA, TEA_LIGHT),
                       start=58 + i * 13, life=24, turn=((-1) ** i * 40, (-1) ** i * 150),
                       path=[(208, 330), (208 + (-1) ** i * 30, 300), (208 + (-1) ** i * 48, 326)], name="splash")
    Teapot(
        s,
        Face(eyes=[(0, "open"), (36, "happy"), (120, "open")], mouth=talk((0, SMILE), (36, (14, 8, 12)),
            (120, SMILE)), look=keys((0, (-6, 2)), (44, (-12, 4)), (112, (-12, 4)), (140, (-6, 2))), blinks=(150,)),
        parent=stage,
        squash=keys((0, (100, 100)), (16, (105, 95)), (40, (97, 103)), (54, (100, 100)), (112, (100, 100)),
                    (136, (105, 95)), (150, (98, 102)), (164, (100, 100))),
        lid=keys((44, (0, 0)), (52, (0, -5)), (112, (0, -5)), (120, (0, 0))),
        lid_turn=keys((40, 0), (52, -7), (64, -4), (76, -7), (88, -4), (100, -7), (112, -5), (128, 3), (140, 0)),
        sprout=joined(keys((0, 0), (24, 0), (48, 16)), ring(60, 12, 6, period=20, times=3), keys((112, 12)),
                      ring(132, 0, -16, period=18)),
        left=keys((0, (120, 390, 148, 408)), (40, (140, 408, 170, 402)), (116, (140, 408, 170, 402)),
                  (150, (120, 390, 148, 408))),
        right=keys((0, RIGHT_REST), (40, (424, 330, 430, 296)), (116, (424, 330, 430, 296)), (150, RIGHT_REST)),
    )
    for x, start in ((132, 112), (196, 128)):
        props.wisp(s, (x, 316), start, 84, height=78)
    return s


def cheers() -> Scene:
    """Two cups meet."""
    s = Scene("cheers", 120)
    for side in (-1, 1):
        stage = s.add(Layer("side", pivot=(256, 0), scale=(100 * -side, 100)))
        Cup(
            s,
            Face(
                eyes=[(0, "open"), (34, "squeezed"), (56, "happy"), (100, "open")],
                mouth=talk((0, SMILE), (28, LAUGH if side > 0 else GRIN), (98, SMILE)),
                look=keys((0, (8, 0)), (40, (6, -4)), (60, (4, -4)), (100, (8, 0))),
                blinks=(106,),
                cheeks=90,
            ),
            (146, 436),
            size=89,
            parent=stage,
            move=keys((0, (0, 0)), (18, (-4, 0)), (38, (34, -26), IN), (44, (18, -10), OUT), (54, (0, 0), IN),
                      (70, (0, -30), OUT), (84, (0, 0), IN)),
            squash=keys((0, (100, 100)), (18, (106, 94)), (32, (96, 105)), (38, (90, 108)), (44, (106, 95), OUT),
                        (54, (108, 92)), (64, (96, 105)), (76, (97, 104)), (84, (108, 91)), (96, (98, 102)), (108,
                            (100, 100))),
            turn=keys((0, -3), (18, -9), (38, 16, IN), (48, -8, OUT), (62, 4), (84, -4), (104, -3)),
            tea=keys((18, (100, 100)), (34, (100, 150)), (44, (86, 60)), (56, (100, 130)), (68, (96, 90)),
                     (80, (100, 100))),
            left=keys((0, (-112, -70, -106, -44)), (18, (-108, -60, -100, -38)), (38, (-114, -90, -108, -122), IN),
                      (60, (-114, -96, -108, -136)), (72, (-112, -90, -100, -122)), (84, (-114, -96, -108,
                          -136)), (108, (-112, -70, -106, -44))),
            right=keys((0, (104, -60, 100, -40)), (18, (100, -56, 92, -36)), (38, (112, -84, 118, -76), IN),
                       (56, (108, -66, 106, -46)), (108, (104, -60, 100, -40))),
            handle=False,
        )
    for i, (dx, dy) in enumerate(((-92, -70), (-44, -120), (4, -150), (50, -112), (96, -66))):
        props.fleeting(s, props.drop_paints(16 - abs(i - 2) * 2, TEA, TEA_LIGHT),
                       start=38, life=44, peak=110, turn=(dx * 0.3, dx * 1.4),
                       path=[(256, 250), (256 + dx, 236 + dy), (256 + dx * 1.5, 286 + dy * 0.2)], name="splash")
    burst = [
        svg(f"M {math.cos(a) * 44:.1f} {math.sin(a) * 44:.1f} L {math.cos(a) * 74:.1f} {math.sin(a) * 74:.1f}")
        for a in (-2.7, -2.13, -1.57, -1.0, -0.44)
    ]
    go = Trim(keys((44, 0.0), (56, 100.0)), keys((37, 0.0), (46, 100.0, OUT)))
    s.add(
        Layer(
            "clink",
            [stroke(b, INK, 24, edge=True, trim=go) for b in burst] + [stroke(b, GOLD, 10, trim=go) for b in burst],
            None,
            (0, 0),
            (256, 248),
            span=(37, 57),
        )
    )
    for x, y, r, start in ((120, 150, 26, 56), (398, 140, 30, 64), (256, 96, 24, 72)):
        props.twinkle(s, (x, y), r, start, 44)
    return s


def hug() -> Scene:
    """The pot and the cup, cheek to cheek."""
    s = Scene("hug", 120)
    press = sway(120, 0.0, 1.0, times=2)
    stage = s.add(Layer("stage", pivot=(256, 472), move=(66, 0), scale=(-86, 86)))
    pot = Teapot(
        s,
        Face(eyes="happy", mouth=sway(120, (20, 8, 18), (22, 8, 22), times=2), look=(4, 2), cheeks=100),
        parent=stage,
        squash=press.map(lambda k: (102 - 5 * k, 98 + 4 * k)),
        turn=press.map(lambda k: 3 + 4 * k),
        lid_turn=wave(120, 0, 2, times=2, late=0.2),
        sprout=wave(120, 4, 9, times=2, late=0.3),
        arms="later",
    )
    Cup(
        s,
        Face(eyes="happy", mouth=sway(120, (14, 6, 12), (17, 6, 18), times=2), look=(6, 0), cheeks=100),
        (146, 472),
        size=94,
        squash=press.map(lambda k: (101 - 5 * k, 99 + 4 * k)),
        turn=press.map(lambda k: 2 + 5 * k),
        left=press.map(lambda k: (-104, -60, -92, -36 - 4 * k)),
        right=press.map(lambda k: (104, -50, 120, -40 - 6 * k)),
        handle=False,
    )
    pot.arms(left=(110, 390, 138, 400), right=press.map(lambda k: (420, 404, 462 - 6 * k, 386 - 4 * k)))
    for start, r, x, bend in ((0, 24, 138, -1), (30, 34, 190, 1), (60, 20, 110, 1), (90, 28, 170, -1)):
        props.fleeting(s, props.heart_paints(r), start=start, life=96, ease=SINE, turn=(-12 * bend, 12 * bend),
                       path=[(x, 270), (x + 22 * bend, 214), (x - 18 * bend, 154), (x + 8 * bend, 92)])
    return s


def party() -> Scene:
    """A dance, a party horn and confetti out of the pot."""
    s = Scene("party", 120)
    colours = (HEART_LIGHT, GOLD, WATER, LEAF, VIOLET, RED)

    def confetti(body: Layer) -> None:
        for i in range(14):
            angle = -90 + (i - 6.5) * 9.5 + (i * 37 % 11 - 5)
            reach = 150 + i * 53 % 90
            dx, dy = reach * math.cos(math.radians(angle)), reach * math.sin(math.radians(angle))
            bit = box(-13, -7, 26, 14, 4) if i % 3 else ellipse(0, 0, 10)
            if i % 3 == 1:
                bit = box(-10, -10, 20, 20, 4)
            props.fleeting(s, [inked(bit, colours[i % 6], width=6)], start=18 + i * 5 % 14, life=84, peak=135,
                           turn=(i * 50, i * 50 + (-1) ** i * 420),
                           parent=body, path=[(256, 222), (256 + dx, 214 + dy),
                                              (256 + dx * 1.35, 268 + dy * 0.5)], name="confetti")

    Teapot(
        s,
        Face(
            eyes=[(0, "happy"), (14, "squeezed"), (34, "happy")],
            mouth=talk((0, GRIN), (6, SMALL), (22, LAUGH), (100, GRIN)),
            cheeks=100,
            look=sway(120, (-5, 0), (5, -4), times=2),
        ),
        move=keys((0, (0, 0)), (14, (0, 0)), (28, (0, -22), OUT), (40, (0, 0), IN), (60, (0, -14), OUT),
                  (70, (0, 0), IN), (90, (0, -14), OUT), (100, (0, 0), IN)),
        squash=keys((0, (100, 100)), (14, (110, 87)), (24, (94, 107), OUT), (40, (107, 92)), (54, (96, 105)),
                    (70, (107, 92)), (84, (96, 105)), (100, (107, 92)), (110, (98, 102)), (120, (100, 100))),
        turn=keys((0, 0), (26, 0), (40, -7), (70, 7), (100, -5), (116, 0)),
        lid=keys((0, (0, 0)), (14, (0, 5)), (26, (0, -66), OUT), (42, (0, 0), IN), (48, (0, -14), OUT),
                 (55, (0, 0), IN), (60, (0, -8), OUT), (70, (0, 0), IN), (90, (0, -8), OUT), (100, (0, 0), IN)),
        lid_turn=keys((14, 0), (26, 14, OUT), (42, 0, IN), (48, -6, OUT), (55, 0, IN)),
        sprout=wave(120, 0, 14, times=4, late=0.2),
        left=keys((0, LEFT_REST), (14, (110, 390, 120, 414)), (26, (82, 330, 70, 350), BACK),
                  (40, (82, 330, 74, 330)), (70, (82, 350, 66, 366)), (100, (82, 330, 74, 330)), (116, LEFT_REST)),
        right=keys((0, RIGHT_REST), (14, (402, 390, 392, 414)), (26, (430, 320, 434, 232), BACK),
                   (40, (430, 330, 436, 262)), (55, (430, 320, 450, 236)), (70, (430, 330, 430, 232)), (85, (430, 320,
                       456, 246)), (100, (430, 330, 436, 256)), (116, RIGHT_REST)),
        inside=confetti,
        size=86,
    )
    return s


def coin() -> Scene:
    """A coin tossed from the pot and caught by it."""
    s = Scene("coin", 120)

    def toss(body: Layer) -> None:
        spin = [(14, (100, 100))] + [(14 + i * 6, (12 if i % 2 else 100, 100), SINE) for i in range(1, 13)]
        s.add(
            Layer(
                "coin",
                props.coin_paints(46),
                body,
                (0, 0),
                keys(
                    (0, (256, 256)), (14, (256, 256)), (48, (256, 40), OUT), (56, (256, 40), SINE), (88, (256, 256), IN)
                ),
                keys(*spin),
            )
        )

    Teapot(
        s,
        Face(
            eyes=[(0, "open"), (50, "stars"), (88, "happy"), (112, "open")],
            mouth=talk((0, SMILE), (16, (14, -6, 16)), (44, GRIN), (110, SMILE)),
            look=keys((0, (0, 0)), (14, (0, 8)), (40, (0, -14), OUT), (68, (0, -14)), (88, (0, 5), IN), (102, (0, 0))),
        ),
        squash=keys((0, (100, 100)), (14, (109, 88)), (24, (95, 106), OUT), (38, (100, 100)), (80, (98, 102)),
                    (86, (96, 104)), (92, (109, 89), OUT), (104, (97, 103)), (114, (100, 100))),
        lid=keys((0, (0, 0)), (12, (0, 4)), (22, (92, -40), OUT), (54, (98, -26)), (76, (92, -40)), (90, (0, 0), IN),
                 (96, (0, -10), OUT), (102, (0, 0), IN)),
        lid_turn=keys((12, 0), (22, 34, OUT), (54, 28), (76, 34), (90, 0, IN), (96, -4, OUT), (102, 0, IN)),
        sprout=joined(keys((0, 0), (14, 0)), ring(20, 0, -18, period=18, times=4), keys((80, 0)),
                      ring(88, 0, 14, period=14, times=3)),
        left=keys((0, LEFT_REST), (24, (96, 390, 128, 412)), (88, (96, 390, 128, 412)), (108, LEFT_REST)),
        right=keys((0, RIGHT_REST), (22, (440, 300, 424, 216), BACK), (76, (440, 300, 424, 216)),
                   (92, (400, 330, 384, 260)), (108, RIGHT_REST)),
        inside=toss,
        size=82,
    )
    for x, y, r, start in ((160, 120, 24, 38), (352, 96, 20, 46), (186, 220, 18, 60)):
        props.twinkle(s, (x, y), r, start, 40)
    return s


def red_packet() -> Scene:
    """A red packet springs out of the pot, the lid on top, and coins fly."""
    s = Scene("red_packet", 150)
    rise = keys(
        (0, (0, 126)),
        (16, (0, 134)),
        (34, (0, -8), BACK),
        (48, (0, 4)),
        (60, (0, 0)),
        (116, (0, 0)),
        (134, (0, 126), IN),
    )

    def packet(body: Layer) -> None:
        for i, (dx, dy) in enumerate(((-150, -60), (-104, -128), (104, -128), (150, -56), (-176, 10), (176, 10))):
            props.fleeting(s, props.coin_paints(24), start=30 + i * 4, life=54, turn=(0, dx * 1.6), parent=body,
                           path=[(256, 170), (256 + dx, 170 + dy), (256 + dx * 1.3, 330 + dy * 0.3)], name="coin")
        paper = box(200, 92, 112, 170, 12)
        flap = svg("M 204 96 L 308 96 C 306 138 270 146 256 146 C 242 146 206 138 204 96 Z")
        paints: list[Paint] = [
            flat(paper, RED),
            flat(svg("M 290 96 L 308 98 L 308 262 L 284 262 Z"), RED_DEEP),
            stroke(paper, INK, edge=True),
            inked(flap, RED, width=7, edge=False),
            inked(ellipse(256, 146, 23), GOLD, width=7, edge=False),
            inked(box(249, 139, 14, 14, 2), GOLD_LIGHT, width=5, edge=False),
        ]
        s.add(
            Layer(
                "packet",
                paints,
                body,
                (256, 262),
                rise,
                keys((0, (100, 100)), (16, (100, 90)), (30, (92, 110)), (42, (106, 94)), (54, (100, 100))),
                sway(150, -2.0, 2.0, times=3),
            )
        )

    Teapot(
        s,
        Face(
            eyes=[(0, "open"), (30, "happy"), (92, "stars"), (132, "open")],
            mouth=talk((0, SMILE), (26, LAUGH), (126, SMILE)),
            look=keys((0, (0, 0)), (16, (0, 8)), (32, (0, -8), OUT), (120, (0, -6)), (136, (0, 0))),
            cheeks=100,
        ),
        squash=keys((0, (100, 100)), (16, (110, 88)), (28, (94, 107), OUT), (40, (106, 94)), (52, (98, 102)),
                    (64, (102, 98)), (84, (99, 101)), (104, (102, 98)), (122, (98, 102)), (136, (108, 91)), (146,
                        (100, 100))),
        lid=keys((0, (0, 0)), (16, (0, 6)), (34, (0, -136), BACK), (46, (0, -112)), (58, (0, -122)), (68, (0, -118)),
                 (116, (0, -118)), (134, (0, 0), IN), (140, (0, -10), OUT), (146, (0, 0), IN)),
        lid_turn=keys((16, 0), (34, -9, BACK), (52, 6), (72, -5), (94, 5), (116, 0)),
        sprout=wave(150, 0, 12, times=4, late=0.2),
        left=keys((0, LEFT_REST), (16, (120, 392, 128, 416)), (32, (84, 330, 72, 340), BACK),
                  (60, (84, 340, 78, 352)), (88, (84, 330, 72, 340)), (116, (84, 330, 76, 346)), (136, LEFT_REST)),
        right=keys((0, RIGHT_REST), (16, (392, 392, 384, 416)), (32, (434, 320, 440, 268), BACK),
                   (60, (434, 330, 430, 286)), (88, (434, 320, 440, 268)), (116, (434, 330, 434, 280)), (136,
                       RIGHT_REST)),
        inside=packet,
        size=78,
    )
    for x, y, r, start in ((120, 150, 22, 52), (404, 132, 26, 66), (96, 240, 18, 84), (424, 236, 18, 96)):
        props.twinkle(s, (x, y), r, start, 46)
    return s


def peekaboo() -> Scene:
    """The cat has been in the pot all along; it wears the lid."""
    s = Scene("peekaboo", 150)
    rise = keys((0, (256, 306)), (18, (256, 310)), (34, (256, 136), BACK), (46, (256, 148)), (58, (256, 144)),
                (114, (256, 144)),
                (122, (256, 134)), (136, (256, 306), IN))

    def cat(body: Layer) -> None:
        Cat(
            s,
            Face(
                eyes=[(0, "wide"), (50, "big"), (92, "happy"), (116, "big"), (142, "wide")],
                mouth=SMALL,
                look=keys((34, (0, 0)), (50, (-5, 0)), (66, (-5, 0)), (74, (5, 0)), (88, (5, 0)), (96, (0, 0))),
                cheeks=90,
                blinks=(60,),
            ),
            parent=body,
            move=rise,
            squash=keys((18, (100, 100)), (32, (92, 110)), (42, (107, 93), OUT), (54, (98, 102)), (64, (100, 100)),
                        (92, (100, 100)),
                        (98, (104, 96)), (106, (100, 100))),
            turn=keys((46, 0), (58, -6), (68, -6), (78, 6), (90, 6), (100, 0)),
            ears=keys((50, 0), (56, -14), (62, 0), (80, 0), (85, -12), (90, 0), (94, -12), (100, 0)),
            size=100,
        )

    pot = Teapot(
        s,
        Face(
            eyes=[(0, "open"), (30, "wide"), (62, "happy"), (128, "open")],
            mouth=talk((0, SMALL), (26, (12, -12, 14)), (60, GRIN), (126, SMALL)),
            look=keys((0, (0, 0)), (16, (0, 6)), (32, (0, -12), OUT), (56, (0, -12)), (66, (0, 0))),
            cheeks=90,
        ),
        squash=keys((0, (100, 100)), (8, (102, 98)), (14, (98, 102)), (20, (108, 91)), (32, (95, 106), OUT),
                    (44, (104, 96)), (56, (99, 101)),
                    (66, (100, 100)), (124, (100, 100)), (137, (108, 91)), (148, (100, 100))),
        lid=keys((0, (0, 0)), (5, (0, -7)), (10, (0, 0)), (15, (0, -7)), (20, (0, 5)), (35, (22, -146), BACK),
                 (47, (22, -126)), (58, (22, -132)), (114, (22, -132)), (122, (16, -138)), (136, (0, 0), IN),
                 (141, (0, -9), OUT), (147, (0, 0), IN)),
        lid_turn=keys((0, 0), (5, -4), (10, 0), (15, 4), (20, 0), (35, 20, BACK), (58, 12), (68, 12), (78, 20),
                      (90, 20),
                      (100, 15), (118, 15), (136, 0, IN)),
        sprout=wave(150, 0, 11, times=4, late=0.2),
        left=keys((0, LEFT_REST), (20, (120, 392, 128, 416)), (34, (84, 336, 74, 356), BACK),
                  (60, (84, 340, 78, 360)), (72, LEFT_REST)),
        right=keys((0, RIGHT_REST), (20, (392, 392, 384, 416)), (34, (432, 330, 440, 296), BACK),
                   (60, (434, 334, 438, 300)), (72, RIGHT_REST)),
        inside=cat,
        size=79,
    )
    paws = keys((30, (0, 46)), (40, (0, -4), OUT), (46, (0, 0)), (114, (0, 0)), (128, (0, 50), IN))
    for x, late in ((208, 0), (304, 3)):
        paw = [inked(ellipse(x, 222, 21, 17), GINGER), stroke(svg(f"M {x - 6} 228 L {x - 6} 235 M {x - 6} 228"),
                                                              INK, 5),
               stroke(svg(f"M {x + 6} 228 L {x + 6} 235"), INK, 5)]
        s.add(Layer("paw", paw, pot.body, (x, 222), paws.later(late), keys((30 + late, (0, 0)),
            (36 + late, (100, 100)), (122, (100, 100)), (128, (0, 0)))))
    return s
