"""How phone calls are named, shown and refused. Pure."""

import math
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from teahouse.calls.media.engine import BadOffer
from teahouse.calls.model import CallRecord, CallSum, Outcome
from teahouse.calls.phone.meter.meter import Running
from teahouse.calls.phone.model import PhoneCall, PhoneReason, Price
from teahouse.calls.phone.rates.model import Rate
from teahouse.calls.sip.model import EndCause
from teahouse.errors import Conflict, NotFound, Refusal

LOW_S: Final = 60
"""Of talk left: a tone and a message."""
RING_S_MAX: Final = 60
"""A call that comes in rings so long."""
SILENT_S_MAX: Final = 40
"""A device that neither reports nor sends sound for so long is gone."""


class NoSuchPhoneCall(NotFound):
    code = "no_such_call"
    title = "There is no such call"


class PhoneCallOver(Conflict):
    code = "call_over"
    title = "The call is over"


class CallElsewhere(Conflict):
    code = "call_elsewhere"
    title = "Another of your devices has this call"


class AlreadyCalling(Conflict):
    code = "already_calling"
    title = "This device is in a call already"


class NoRate(Refusal):
    code = "no_rate"
    title = "This house has no price for calls to there"


REASONS: Final[dict[EndCause, PhoneReason]] = {
    "local": "hung_up",
    "remote": "other_hung_up",
    "busy": "busy",
    "no_answer": "no_answer",
    "declined": "declined",
    "not_found": "not_in_service",
    "forbidden": "not_allowed",
    "unacceptable": "no_sound",
    "unavailable": "no_carrier",
    "unauthorised": "no_carrier",
    "session_expired": "other_hung_up",
    "malformed": "no_carrier",
}
OUTCOMES: Final[dict[str, Outcome]] = {
    "cancelled": "cancelled",
    "hung_up": "cancelled",
    "busy": "busy",
    "no_answer": "no_answer",
    "declined": "declined",
}
PROGRESS: Final = ("placing", "trying", "early", "ringing", "answered", "ended")


def check_offer(sdp: str) -> None:
    """Raises `BadOffer` for what no engine could take; the engine looks closer."""
    if not sdp.startswith("v=0") or "\nm=audio " not in sdp or "a=fingerprint:" not in sdp or "a=ice-ufrag:" not in sdp:
        raise BadOffer()


def price_of(rate: Rate) -> Price:
    return Price(rate.currency, rate.per_minute_e4, rate.connection_e4, rate.first_s, rate.next_s, rate.name)


def used_s(talk: float) -> int:
    """Seconds that are paid for: those begun."""
    return max(1, math.ceil(talk))


def told(row: sa.Row[Any], running: Running | None = None, used: int = 0) -> PhoneCall:
    """Return a call as its person sees it; `running` while it is answered and costs something, `used` seconds of it."""
    price = msgspec.json.decode(row.price, type=Price) if row.price else None
    cost = running.cost if running else row.cost
    return PhoneCall(
        id=row.id,
        direction=row.direction,
        at=row.at,
        state=row.state,
        number=row.number,
        formatted=row.formatted,
        country=row.country,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        reason=row.reason,
        device=row.device,
        price=price,
        cost=CallSum(cost, price.currency) if price else None,
        paid_until=row.answered_at + running.left_s * 1000 if running and row.answered_at else 0,
        low=is_low(running, used) if running and row.answered_at else False,
        dtmf=row.dtmf,
    )


def is_low(running: Running, used: int) -> bool:
    return running.left_s - used <= LOW_S


def record_of(row: sa.Row[Any]) -> CallRecord:
    price = msgspec.json.decode(row.price, type=Price) if row.price else None
    outcome: Outcome = "answered" if row.answered_at else OUTCOMES.get(row.reason, "failed")
    if row.direction == "in" and outcome in ("busy", "cancelled", "no_answer", "failed"):
        outcome = "missed"
    return CallRecord(
        id=row.id,
        kind="phone",
        direction=row.direction,
        at=row.at,
        outcome=outcome,
        seconds=row.seconds,
        number=row.number,
        reason="" if row.answered_at else row.reason,
        cost=CallSum(row.cost, price.currency) if price else None,
        rating=row.stars,
    )
