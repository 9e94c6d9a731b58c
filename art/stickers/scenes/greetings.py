"""Hello, and the rest of good manners."""

# Keyframes read like a dope sheet, a run of keys on its line.
# fmt: off

from __future__ import annotations

from art.stickers import props
from art.stickers.cup import Cup
from art.stickers.faces import GRIN, SMALL, SMILE, Face, talk
from art.stickers.geometry import Path, svg
from art.stickers.lottie import Layer, Scene, Trim, stroke
from art.stickers.motion import BACK, EVEN, IN, OUT, joined, keys, ring, sway, wave
from art.stickers.palette import INK, STEAM, TEA, TEA_LIGHT
from art.stickers.teapot import RIGHT_REST, Teapot


def hello() -> Scene:
    """A hop, and a big wave of the arm."""
    s = Scene("hello", 150)
    up, out, high = (430, 330, 418, 236), (440, 320, 472, 262), (430, 330, 428, 240)
    Teapot(
        s,
        Face(
            eyes=[(0, "open"), (30, "happy"), (112, "open")],
            mouth=talk((0, SMILE), (24, GRIN), (112, SMILE)),
            blinks=(130,),
        ),
        move=keys((0, (0, 0)), (12, (0, 0)), (24, (0, -38), OUT), (36, (0, 0), IN)),
        squash=keys((0, (100, 100)), (12, (108, 90)), (20, (94, 108), OUT), (34, (97, 104)), (40, (110, 88), OUT),
                    (52, (97, 103)), (62, (100, 100)), (112, (100, 100)), (124, (103, 97)), (136, (100, 100))),
        lid=keys((0, (0, 0)), (16, (0, 2)), (28, (0, -34), OUT), (40, (0, 0), IN), (45, (0, -9), OUT),
                 (51, (0, 0), IN)),
        lid_turn=keys((16, 0), (28, 8, OUT), (40, 0, IN), (45, -3, OUT), (51, 0, IN)),
        sprout=joined(keys((0, 0), (12, -8), (24, 14)), ring(38, 0, -20, period=20), keys((112, 0)), ring(116, 0, 8)),
        turn=keys((0, 0), (40, 0), (54, -4), (104, -4), (122, 0)),
        size=91,
        right=keys((0, RIGHT_REST), (12, (404, 380, 384, 410)), (34, high, BACK), (46, out), (58, up), (70, out),
                   (82, up), (94, out), (104, high), (122, (402, 376, 388, 408)), (134, RIGHT_REST)),
    )
    return s


def thank_you() -> Scene:
    """Hand on fist, and a bow; the sprout bows after."""
    s = Scene("thank_you", 150)
    left, right = (160, 410, 238, 384), (352, 410, 274, 384)
    Teapot(
        s,
        Face(
            eyes=[(0, "happy"), (34, "shut"), (100, "happy")],
            mouth=talk((0, SMILE), (30, SMALL), (104, GRIN), (138, SMILE)),
            look=keys((0, (0, 0)), (24, (0, -5)), (46, (0, 34), OUT), (84, (0, 34)), (106, (0, -4)), (120, (0, 0))),
            cheeks=keys((24, 75), (46, 100), (84, 100), (110, 75)),
        ),
        squash=keys((0, (100, 100)), (24, (97, 104)), (46, (107, 86), OUT), (84, (106, 87)), (104, (97, 104), OUT),
                    (116, (101, 99)), (128, (100, 100))),
        lid=keys((24, (0, 0)), (46, (0, 16), OUT), (84, (0, 16)), (104, (0, 0), OUT)),
        sprout=joined(keys((0, 0), (24, 0), (50, 18, OUT), (84, 14)), ring(98, 0, -16, period=22)),
        left=keys((0, left), (46, (160, 418, 240, 398)), (84, (160, 418, 240, 398)), (106, left)),
        right=keys((0, right), (46, (352, 418, 272, 398)), (84, (352, 418, 272, 398)), (106, right)),
    )
    for x, y, start, r in ((112, 190, 100, 26), (408, 170, 108, 32), (386, 96, 118, 20), (140, 110, 114, 18)):
        props.fleeting(
            s, props.heart_paints(r), start=start, life=66, path=[(x, y + 34), (x, y), (x, y - 26)], turn=(-12, 12)
        )
    return s


def sorry() -> Scene:
    """Fingers that meet and part, and a drop of sweat."""
    s = Scene("sorry", 150)
    near, far = 246.0, 228.0
    poke = sway(150, 0.0, 1.0, times=3)
    pot = Teapot(
        s,
        Face(
            eyes="sad",
            blinks=(30, 104),
            mouth=keys(
                (0, (12, -6, -6)), (40, (9, -7, -5)), (75, (12, -6, -6)), (110, (9, -7, -5)), (150, (12, -6, -6))
            ),
            look=keys(
                (0, (-5, 8)), (24, (-5, 8)), (36, (5, 10)), (72, (5, 10)), (84, (0, 2)), (128, (0, 2)), (144, (-5, 8))
            ),
            brows=((0, -8), sway(150, 20.0, 14.0, times=3)),
            cheeks=90,
        ),
        squash=sway(150, (103, 96), (101, 98), times=3),
        turn=wave(150, 0, 2),
        sprout=wave(150, 6, 5, times=2),
        droop=34,
        size=104,
        lid=(0, 3),
        left=poke.map(lambda k: (150, 420, far + (near - far) * k, 392)),
        right=poke.map(lambda k: (362, 420, 512 - (far + (near - far) * k), 392)),
    )
    for start in (6, 81):
        props.fleeting(s, props.drop_paints(17), start=start, life=66, parent=pot.body,
                       path=[(352, 214), (364, 226), (372, 292)], ease=IN)
    return s


def please() -> Scene:
    """The eyes say it all."""
    s = Scene("please", 120)
    hands = sway(120, 0.0, 6.0, times=4)
    Teapot(
        s,
        Face(
            eyes="big",
            blinks=(52,),
            mouth=sway(120, (9, -8, -7), (7, -9, -6), times=4),
            brows=((0, -12), 18.0),
            look=sway(120, (0, 2), (0, -6), times=1),
            cheeks=100,
        ),
        squash=sway(120, (103, 97), (99, 101), times=2),
        turn=wave(120, 0, 3, times=1, late=0.25),
        sprout=wave(120, 0, 9, times=2, late=0.2),
        droop=14,
        size=102,
        left=hands.map(lambda k: (150, 420, 240, 392 - k)),
        right=hands.map(lambda k: (362, 420, 272, 392 - k)),
    )
    for x, y, r, start in ((104, 180, 24, 0), (424, 210, 20, 40), (394, 118, 26, 80)):
        props.twinkle(s, (x, y), r, start, 70)
    return s


def on_my_way() -> Scene:
    """A cup that runs, and spills a little."""
    s = Scene("on_my_way", 60)
    steps = 4
    for i, (x, y, w) in enumerate(((60, 236, 90), (24, 306, 110), (66, 372, 80))):
        line = svg(f"M {x} {y} L {x + w} {y}")

        def make(born: float, line: Path = line) -> Layer:
            trim = Trim(keys((born + 8, 0.0), (born + 20, 100.0)), keys((born, 0.0), (born + 10, 100.0)))
            paints = [stroke(line, INK, 24, edge=True, trim=trim), stroke(line, STEAM, 9, trim=trim)]
            slide = keys((born, (70, 0)), (born + 20, (-6, 0)), ease=EVEN)
            return Layer("wind", paints, None, (0, 0), slide)

        for k in range(2):
            props.cyclic(s, 20, i * 9 + k * 30 + 5, make)
    for i in range(steps):
        start = i * 15 + 4
        props.fleeting(s, props.puff_paints(24), start=start, life=28, ease=OUT,
                       path=[(216, 462), (150, 452), (84, 436)], name="dust")
    stride = sway(60, -1.0, 1.0, times=steps // 2)
    Cup(
        s,
        Face(eyes="open", mouth=keys((0, (22, 4, 26)), (30, (24, 2, 32)), (60, (22, 4, 26))), look=(6, 2)),
        (286, 440),
        size=122,
        move=sway(60, (0, 0), (0, -26), times=steps),
        squash=sway(60, (105, 94), (97, 104), times=steps, late=0.06),
        turn=wave(60, 9, 2.5, times=2),
        tea=sway(60, (100, 90), (98, 150), times=steps, late=0.3),
        left=stride.map(lambda k: (-118, -84, -112 + 24 * k, -66 - 22 * k)),
        right=stride.map(lambda k: (118, -84, 116 + 20 * k, -66 + 26 * k)),
        handle=False,
        feet=(stride.map(lambda k: (38 * k, 2 + 14 * k)), stride.map(lambda k: (-38 * k, 2 - 14 * k))),
    )
    for i, (dx, dy) in enumerate(((-60, -76), (-104, -50), (-30, -92), (-86, -64))):
        props.fleeting(s, props.drop_paints(15, TEA, TEA_LIGHT), start=i * 15 + 2, life=26, ease=OUT,
                       path=[(300 + i * 8, 240), (300 + dx, 248 + dy), (270 + dx * 1.6, 300 + dy * 0.3)],
                       turn=(20, -70))
    return s
