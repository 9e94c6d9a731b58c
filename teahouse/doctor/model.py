"""What a check says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

from teahouse.config import Settings

State = Literal["ok", "warn", "fail"]


class Finding(msgspec.Struct, frozen=True):
    """`found` is what is there; `fix` says what to do about it (empty when nothing is to be done)."""

    what: str
    state: State
    found: str
    fix: str = ""


Check = Callable[[Settings], Iterator[Finding]]
