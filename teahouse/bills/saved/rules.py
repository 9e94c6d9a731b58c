"""When a saved bill is fetched, reminded of, and paid by itself. Pure."""

from hashlib import sha256
from typing import Literal
from zlib import crc32

import msgspec

from teahouse.clock import DAY_MS, HOUR_MS
from teahouse.errors import Conflict, NotFound, Refusal

OF_ONE_MAX = 100
"""Saved bills of one person."""
OFTEN_DAYS = 3
"""So many days before it is due, a bill is fetched more often, and paid by itself at the latest."""
OFTEN_MS = 6 * HOUR_MS
AGAIN_MS = HOUR_MS
"""After it could not be paid by itself; and after the first time it could not be fetched."""


class NoSuchSavedBill(NotFound):
    code = "no_such_saved_bill"
    title = "There is no such saved bill"


class TooManySavedBills(Conflict):
    code = "too_many_saved_bills"
    title = "You have saved too many bills"


class NoAutopay(Refusal):
    """Who pays what they like, pays by hand; and a ceiling is of the biller's currency."""

    code = "no_autopay"
    title = "This cannot be paid by itself"


class Known(msgspec.Struct, frozen=True):
    """A saved bill as it was fetched last, and what was done about it."""

    ref: str
    amount: int
    due_at: int
    remind_days: int
    ceiling: int
    told_due: str = ""
    told_above: str = ""
    told_failed: str = ""
    paid_ref: str = ""


Do = Literal["", "remind", "above", "pay"]


def follows(known: Known, now: int) -> Do:
    """Return what is to be done about a bill now, once for each bill."""
    if not known.amount or known.paid_ref == known.ref:
        return ""
    if known.ceiling and now >= pays_from(known):
        if known.amount > known.ceiling:
            return "above" if known.told_above != known.ref else ""
        # Until it is due it is tried again and again; one that came too late, once.
        if now <= known.due_at or not known.due_at or known.told_failed != known.ref:
            return "pay"
        return ""
    if known.ceiling > 0 and known.amount <= known.ceiling:
        return ""  # it will be paid by itself
    is_time = now >= known.due_at - known.remind_days * DAY_MS
    return "remind" if known.remind_days and is_time and known.told_due != known.ref else ""


def pays_from(known: Known) -> int:
    """From when on it is paid by itself. One without a date: at once."""
    return known.due_at - max(known.remind_days, OFTEN_DAYS) * DAY_MS if known.due_at else 0


def is_pressing(known: Known, now: int) -> bool:
    """Whether autopay should have paid it by now, and has a day left at most."""
    waits = known.ceiling >= known.amount > 0 and known.paid_ref != known.ref
    return waits and known.due_at > 0 and now >= known.due_at - DAY_MS


def next_fetch(known: Known, now: int, name: str) -> int:
    """When to fetch it again, after it was fetched: daily, more often near the day, and in time for a reminder.
    `name` spreads those of many people over two hours."""
    is_near = known.amount > 0 and 0 <= known.due_at - now <= OFTEN_DAYS * DAY_MS
    following = now + (OFTEN_MS if is_near else DAY_MS) + spread_ms(name)
    moments = [known.due_at - known.remind_days * DAY_MS, pays_from(known)] if known.amount and known.due_at else []
    return min([each for each in moments if each > now] + [following])


def next_try(now: int, tries: int, name: str) -> int:
    """When to fetch it again, after so many times in vain: after an hour, at last after a day."""
    return int(now + min(DAY_MS, AGAIN_MS << min(tries - 1, 10)) + spread_ms(name) // 8)


def spread_ms(name: str) -> int:
    return crc32(name.encode()) % (2 * HOUR_MS)


def key_of(saved: str, ref: str) -> str:
    """The idempotency key of paying one bill by itself: no two of these are paid."""
    return f"auto/{saved}/{sha256(ref.encode()).hexdigest()[:32]}"
