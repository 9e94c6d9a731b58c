"""Bézier paths: what everything is drawn with. Units are pixels of the 512 x 512 canvas, y down."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]

#: How far a cubic's handles reach to draw a quarter of a circle.
KAPPA = 0.5523


@dataclass(frozen=True)
class Path:
    """A run of cubic curves. `ins` and `outs` are handles relative to their vertex, as Lottie has them."""

    points: tuple[Point, ...]
    ins: tuple[Point, ...]
    outs: tuple[Point, ...]
    closed: bool = True

    def moved(self, dx: float, dy: float) -> Path:
        return Path(tuple((x + dx, y + dy) for x, y in self.points), self.ins, self.outs, self.closed)

    def scaled(self, sx: float, sy: float | None = None, about: Point = (0, 0)) -> Path:
        sy = sx if sy is None else sy
        cx, cy = about

        def handles(run: tuple[Point, ...]) -> tuple[Point, ...]:
            return tuple((x * sx, y * sy) for x, y in run)

        points = tuple((cx + (x - cx) * sx, cy + (y - cy) * sy) for x, y in self.points)
        return Path(points, handles(self.ins), handles(self.outs), self.closed)

    def turned(self, degrees: float, about: Point = (0, 0)) -> Path:
        cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        cx, cy = about

        def turn(run: tuple[Point, ...], ox: float = 0, oy: float = 0) -> tuple[Point, ...]:
            return tuple((ox + (x - ox) * cos - (y - oy) * sin, oy + (x - ox) * sin + (y - oy) * cos) for x, y in run)

        return Path(turn(self.points, cx, cy), turn(self.ins), turn(self.outs), self.closed)

    def mirrored(self, x: float) -> Path:
        """The path seen in a mirror that stands at `x`."""
        return self.scaled(-1, 1, (x, 0))


def svg(d: str) -> Path:
    """One subpath in SVG's words, absolute commands M L C Q Z only."""
    points: list[Point] = []
    ins: list[Point] = []
    outs: list[Point] = []
    closed = False

    def vertex(p: Point, handle: Point = (0, 0)) -> None:
        points.append(p)
        ins.append(handle)
        outs.append((0, 0))

    for command, numbers in re.findall(r"([MLCQZ])([^MLCQZ]*)", d):
        run = [float(n) for n in re.findall(r"-?[\d.]+", numbers)]
        pairs = list(zip(run[::2], run[1::2], strict=True))
        if command in "ML":
            for p in pairs:
                vertex(p)
        elif command == "C":
            for a, b, p in zip(pairs[::3], pairs[1::3], pairs[2::3], strict=True):
                outs[-1] = (a[0] - points[-1][0], a[1] - points[-1][1])
                vertex(p, (b[0] - p[0], b[1] - p[1]))
        elif command == "Q":
            for q, p in zip(pairs[::2], pairs[1::2], strict=True):
                last = points[-1]
                outs[-1] = ((q[0] - last[0]) * 2 / 3, (q[1] - last[1]) * 2 / 3)
                vertex(p, ((q[0] - p[0]) * 2 / 3, (q[1] - p[1]) * 2 / 3))
        else:
            closed = True
    if closed and len(points) > 1 and math.dist(points[0], points[-1]) < 0.01:
        ins[0] = ins[-1]
        del points[-1], ins[-1], outs[-1]
    return Path(tuple(points), tuple(ins), tuple(outs), closed)


def ellipse(cx: float, cy: float, rx: float, ry: float | None = None) -> Path:
    ry = rx if ry is None else ry
    kx, ky = rx * KAPPA, ry * KAPPA
    points = ((cx, cy - ry), (cx + rx, cy), (cx, cy + ry), (cx - rx, cy))
    return Path(points, ((-kx, 0), (0, -ky), (kx, 0), (0, ky)), ((kx, 0), (0, ky), (-kx, 0), (0, -ky)))


def box(x: float, y: float, width: float, height: float, radius: float = 0) -> Path:
    """A rectangle with its top left corner at x, y; corners rounded by `radius`."""
    r, right, bottom = radius, x + width, y + height
    k = r * KAPPA
    z = (0.0, 0.0)
    top = ((x + r, y), (right - r, y), (right, y + r), (right, bottom - r))
    points = (*top, (right - r, bottom), (x + r, bottom), (x, bottom - r), (x, y + r))
    ins = ((-k, 0.0), z, (0.0, -k), z, (k, 0.0), z, (0.0, k), z)
    outs = (z, (k, 0.0), z, (0.0, k), z, (-k, 0.0), z, (0.0, -k))
    return Path(points, ins, outs)


def star(cx: float, cy: float, outer: float, inner: float, tips: int = 5) -> Path:
    """A star of straight edges; its first tip points up."""
    points = []
    for i in range(tips * 2):
        radius, angle = (inner if i % 2 else outer), math.pi * i / tips
        points.append((cx + radius * math.sin(angle), cy - radius * math.cos(angle)))
    flat = ((0.0, 0.0),) * len(points)
    return Path(tuple(points), flat, flat)


def part_of_cubic(p: Sequence[Point], start: float, end: float) -> tuple[Point, Point, Point, Point]:
    """The four control points of the stretch of a cubic between two parameters (de Casteljau, as blossoms)."""

    def mix(a: Point, b: Point, t: float) -> Point:
        return (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t)

    def blossom(r: float, s: float, t: float) -> Point:
        run = list(p)
        for u in (r, s, t):
            run = [mix(a, b, u) for a, b in pairwise(run)]
        return run[0]

    return (
        blossom(start, start, start),
        blossom(start, start, end),
        blossom(start, end, end),
        blossom(end, end, end),
    )
