"""Keyframes and easing. Time is in frames, 60 a second."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")
S = TypeVar("S")

#: A cubic-bezier timing curve, as in CSS. None holds the value before and jumps.
Ease = tuple[float, float, float, float] | None

SMOOTH: Ease = (0.42, 0, 0.58, 1)
OUT: Ease = (0.22, 0.61, 0.36, 1)
IN: Ease = (0.6, 0, 0.85, 0.45)
BACK: Ease = (0.3, 1.6, 0.5, 1)
EVEN: Ease = (0.33, 0.33, 0.67, 0.67)
HOLD: Ease = None
#: Half a sine wave, trough to crest.
SINE: Ease = (0.364, 0, 0.636, 1)


@dataclass(frozen=True)
class Key(Generic[T]):
    at: float
    value: T
    #: How the value gets here from the key before.
    ease: Ease = SMOOTH


@dataclass(frozen=True)
class Keys(Generic[T]):
    """A value that changes. Before its first key and after its last it stays."""

    run: tuple[Key[T], ...]

    def map(self, change: Callable[[T], S]) -> Keys[S]:
        return Keys(tuple(Key(k.at, change(k.value), k.ease) for k in self.run))

    def later(self, frames: float) -> Keys[T]:
        return Keys(tuple(Key(k.at + frames, k.value, k.ease) for k in self.run))


def keys(*run: tuple[Any, ...], ease: Ease = SMOOTH) -> Keys[Any]:
    """Keys from (frame, value) or (frame, value, ease to get there)."""
    return Keys(tuple(Key(k[0], k[1], k[2] if len(k) > 2 else ease) for k in run))


def change(value: T | Keys[T], how: Callable[[T], S]) -> S | Keys[S]:
    """`how` done to a still value or to each key of a moving one."""
    return value.map(how) if isinstance(value, Keys) else how(value)


def sway(length: int, low: Any, high: Any, *, times: int = 1, late: float = 0) -> Keys[Any]:
    """A sine between two values, `times` in a loop of `length` frames; `late` is the delay as a part of one wave.

    Keys reach over both ends of the loop, so that it closes at any delay.
    """
    half = length / times / 2
    first = (late % 1) * 2 * half - 2 * half
    run = []
    for i in range(times * 2 + 4):
        at = first + i * half
        run.append(Key(at, high if i % 2 else low, SINE))
    # One key before the loop begins and one after it ends are enough.
    kept = [k for k in run if -half <= k.at <= length + half]
    return Keys(tuple(Key(round(k.at, 1), k.value, k.ease) for k in kept))


def ring(at: float, rest: float, swing: float, *, period: float = 16, times: int = 4, fade: float = 0.5) -> Keys[float]:
    """A value struck at frame `at` that swings around `rest`, less each time, and comes to rest."""
    run: list[Key[float]] = [Key(at, rest)]
    for i in range(times):
        run.append(Key(at + period * (i + 0.5) / 2, round(rest + swing, 1), OUT if i == 0 else SINE))
        swing *= -fade
    run.append(Key(at + period * (times + 0.5) / 2, rest, SINE))
    return Keys(tuple(run))


def joined(*parts: Keys[T]) -> Keys[T]:
    """One run after another. A key at the same frame as the one before is left out."""
    run: list[Key[T]] = []
    for part in parts:
        for k in part.run:
            if not run or k.at > run[-1].at:
                run.append(k)
    return Keys(tuple(run))


def wave(length: int, mid: float, swing: float, *, times: int = 1, late: float = 0) -> Keys[float]:
    """`sway` around a middle."""
    return sway(length, mid - swing, mid + swing, times=times, late=late)


def around(cx: float, cy: float, radius: float, degrees: float) -> tuple[float, float]:
    """The point at an angle on a circle; 0 is to the right, 90 is down."""
    a = math.radians(degrees)
    return (cx + radius * math.cos(a), cy + radius * math.sin(a))


def breathing(length: int, *, times: int = 2, depth: float = 2, late: float = 0) -> Keys[tuple[float, float]]:
    """A body that breathes, as its squash."""
    return sway(length, (100 + depth, 100 - depth), (100 - depth, 100 + depth), times=times, late=late)
