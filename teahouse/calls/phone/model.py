"""Phone calls as people see them. Their signalling and sound are led by `leading/`, their money by `meter/`."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from teahouse.calls.model import CallSum, Sdp
from teahouse.commands import Command, Id, Result
from teahouse.events import Event
from teahouse.wallet.model import Key

Dialled = Annotated[str, Meta(min_length=1, max_length=64, description="A phone number as people write it.")]
Region = Annotated[str, Meta(pattern="^([A-Z]{2})?$", description="ISO 3166-1 alpha-2: where the caller is.")]
Attempt = Annotated[int, Meta(ge=0, le=1000, description="Counts the offers of one call; comes back with the answer.")]
NumberKind = Literal[
    "fixed_line",
    "mobile",
    "fixed_line_or_mobile",
    "toll_free",
    "shared_cost",
    "premium_rate",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
    "satellite",
    "unknown",
]
PhoneState = Literal["placing", "trying", "early", "ringing", "answered", "ended"]
"""`placing`: the money is held, the carrier is being asked; `early`: the carrier plays something before the answer."""
PhoneReason = Literal[
    "",
    "hung_up",
    "other_hung_up",
    "cancelled",
    "busy",
    "no_answer",
    "declined",
    "not_in_service",
    "not_allowed",
    "no_credit",
    "no_carrier",
    "no_sound",
    "too_long",
    "gone",
    "restarted",
]
"""Why it ended. `no_carrier`: no trunk took it; `no_sound`: the two ends could not be joined; `gone`: the person's
device was silent; `restarted`: the house went down meanwhile."""


class Price(msgspec.Struct, frozen=True):
    """What a call costs. Fractions of minor units are exact: amounts in ten-thousandths (`12300` is 1.23 cents)."""

    currency: str
    per_minute_e4: int
    connection_e4: int
    """Once, when it is answered."""
    first_s: int
    """The first seconds are paid whole, then each further `next_s` begun."""
    next_s: int
    name: str = ""
    """The destination, as the rate deck says: `Germany, mobile`."""


class PhoneQuote(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a number is, and what calling it would cost now."""

    number: str
    """E.164."""
    formatted: str
    """As it is written internationally."""
    country: str
    kind: NumberKind
    place: str = ""
    refused: str = ""
    """The code by which `phone.dial` would refuse it; empty: it may be called."""
    price: Price | None = None
    available: CallSum | None = None
    """One's balance."""
    seconds: int = 0
    """How long that lasts, at most a day."""
    caller: str = ""
    """The number that the called see; empty: none."""


class PhoneCall(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    direction: Literal["in", "out"]
    at: int
    state: PhoneState
    number: str = ""
    """Of the other end, E.164; empty: withheld."""
    formatted: str = ""
    country: str = ""
    answered_at: int = 0
    ended_at: int = 0
    reason: PhoneReason = ""
    device: str = ""
    """The device that it is on; empty: it rings on all."""
    price: Price | None = None
    cost: CallSum | None = None
    """What was used so far; exact once it ended."""
    paid_until: int = 0
    """While it is answered: when the balance as it is now is used up, Unix ms."""
    low: bool = False
    """Less than a minute of it is left."""
    dtmf: bool = False
    """The other end takes tones (telephone-event)."""


class Dial(Command, frozen=True, tag="phone.dial"):
    """Hold the first interval's price and call. What becomes of it is told by `phone.changed`, the answer to the offer
    by `phone.media`.

    Refused: `not_a_number`, `emergency_number`, `number_kind_off`, `no_rate`, `insufficient_funds`, `phone_off`,
    `call_limit` (with `what`), `already_calling`, `bad_offer`.
    """

    key: Key
    number: Dialled
    offer: Sdp
    attempt: Attempt = 0
    region: Region = ""
    """Empty: the house's country. Numbers without `+` are read as of there."""
    anonymous: bool = False


class AnswerPhone(Command, frozen=True, tag="phone.answer"):
    """Take a call that came in, on this device. Refused: `no_such_call`, `call_over`, `call_elsewhere`, `bad_offer`."""

    call: Id
    offer: Sdp
    attempt: Attempt = 0


class RejoinPhone(Command, frozen=True, tag="phone.rejoin"):
    """Begin the sound anew after the network changed."""

    call: Id
    offer: Sdp
    attempt: Attempt


class KeepPhone(Command, frozen=True, tag="phone.keep"):
    """This device is still in the call; sent every 10 s."""

    call: Id


class HangUp(Command, frozen=True, tag="phone.hang_up"):
    """End it, whatever its state: one that comes in is declined. Ended already: nothing happens."""

    call: Id


class PhonePlaced(Result, frozen=True):
    call: PhoneCall


class PhoneChanged(Event, frozen=True, tag="phone.changed"):
    call: PhoneCall


class PhoneMedia(Event, frozen=True, tag="phone.media"):
    """The answer to a device's offer; other devices let it pass."""

    call: str
    device: str
    attempt: int
    answer: str


class PhoneAbout(msgspec.Struct, frozen=True, omit_defaults=True):
    """What calls to phones are like in this house, for this person."""

    on: bool
    """There is a trunk, a rate deck and a wallet, and the operator turned it on."""
    country: str
    """The house's: how numbers without `+` are read."""
    number: str = ""
    """One's own, at which phones reach one."""
    caller: str = ""
    """What the called see."""
    may_hide: bool = False
    now: PhoneCall | None = None
    """The call that goes on or rings."""
