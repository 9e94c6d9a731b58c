"""What may be paid of a bill, and what follows from a biller's answer. Pure: no clock, no network, no store.

A payment's money is held from the tap on. Until the deadline its biller is told of it and asked; from then on the
biller is told to undo it, and the money goes back whatever it says, unless it says that it was paid.
"""

from hashlib import sha256
from typing import Literal

import msgspec

from teahouse.bills.connectors.model import FoundBill, Said
from teahouse.bills.directory.model import Accepts
from teahouse.bills.payments.model import PaymentState
from teahouse.clock import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from teahouse.errors import Conflict, NotFound, Refusal
from teahouse.money import AMOUNT_MAX

QUOTE_MS = 30 * MINUTE_MS
"""So long may a bill be paid as it was fetched."""
ASK_FIRST_MS, ASK_LAST_MS = 2 * SECOND_MS, 10 * MINUTE_MS
"""Between two questions about a payment whose money is held: twice as long each time."""
UNDO_FIRST_MS, UNDO_LAST_MS, UNDO_FOR_MS = MINUTE_MS, 6 * HOUR_MS, 7 * DAY_MS
"""The same of one whose money went back without the biller's word, and for how long after the deadline."""
WATCH_MS = (DAY_MS, 3 * DAY_MS, 7 * DAY_MS)
"""After it was paid: when to look whether the biller gave it back."""
HOLD_MARGIN_MS = 7 * DAY_MS
"""A hold would end by itself so long after the deadline, should nobody end it."""
SOON_MS = 10 * SECOND_MS
"""Who paid within this saw it, and is not told by a message."""
REASON_MAX = 200

Step = Literal["pay", "status", "undo", "watch", ""]
"""What to ask the biller next: told of the payment; how it is; to undo it, for the money is back; whether it was given
back; nothing more."""
Ask = Literal["pay", "status", "stop", "undo", "watch"]
"""`stop`: the deadline is over, and the money still held."""
Do = Literal["", "post", "void", "give_back"]


class NoSuchBillPayment(NotFound):
    code = "no_such_bill_payment"
    title = "There is no such bill payment"


class AmountNotTaken(Refusal):
    """`least`, `most`: what may be paid of it, in minor units of `currency`."""

    code = "amount_not_taken"
    title = "The biller does not take this sum"


class BillUnderWay(Conflict):
    code = "bill_under_way"
    title = "This bill is being paid already"


class Known(msgspec.Struct, frozen=True):
    """A payment, as far as it matters for what comes next."""

    state: PaymentState
    step: Step
    tries: int
    deadline_at: int
    expires_at: int


class Next(msgspec.Struct, frozen=True, omit_defaults=True):
    do: Do = ""
    step: Step = ""
    at: int = 0
    """When to ask; 0: never again."""
    tries: int = 0
    reason: str = ""
    trouble: str = ""
    """What the operator has to look after."""


# --- paying -----------------------------------------------------------------------------------------


def bounds(accepts: Accepts, open_amount: bool, found: FoundBill) -> tuple[int, int]:
    """Return the least and the most that may be paid, both 0 when nothing is due. What a biller says of one bill is
    held to what its operator set up."""
    least, most = max(1, found.least), min(found.most, AMOUNT_MAX)
    if not open_amount:
        if not found.amount:
            return 0, 0
        if accepts in ("exact", "over"):
            least = max(least, found.amount)
        if accepts in ("exact", "partial"):
            most = min(most, found.amount)
    return (least, most) if least <= most else (0, 0)


def must_take(amount: int, currency: str, least: int, most: int, takes: str) -> None:
    """Raises `AmountNotTaken`."""
    if currency != takes or not least <= amount <= most:
        raise AmountNotTaken(least=least, most=most, currency=takes)


def bill_of(biller: str, customer: str, ref: str) -> bytes:
    """Return what names a bill: whose it is (`customer` as it is kept), and which."""
    return sha256("\0".join((biller, customer, ref)).encode()).digest()


# --- a biller's answers -----------------------------------------------------------------------------


def ask_of(known: Known, now: int) -> Ask:
    """What to ask about a payment that is due."""
    if known.state == "held":
        if now >= known.deadline_at:
            return "stop"
        return "pay" if known.step == "pay" else "status"
    return "undo" if known.state == "returned" else "watch"


def follows(known: Known, ask: Ask, said: Said, now: int) -> Next:
    """Return what follows from an answer. `pending` stands for no answer as well."""
    if known.state == "held":
        return _of_held(known, ask, said, now)
    if known.state == "returned":
        return _of_returned(known, said, now)
    return _of_paid(known, said, now)


def _of_held(known: Known, ask: Ask, said: Said, now: int) -> Next:
    if said.state == "paid" and now < known.expires_at:
        return Next("post", "watch", now + WATCH_MS[0])
    if said.state == "refused":
        return Next("void", reason=f"refused:{said.reason}"[:REASON_MAX])
    if ask == "stop":
        # What it undid, or says that it never heard of, is over. Of all else the money goes back too, and it is asked
        # on; even of what it says was paid, where the hold is over and no money may be moved any more.
        is_over = said.state in ("reversed", "unknown")
        return Next("void", "" if is_over else "undo", 0 if is_over else now + UNDO_FIRST_MS, reason="no_answer")
    if said.state == "reversed":
        return Next("void", reason="reversed")
    tries = known.tries + 1
    if said.state == "unknown" and ask == "status":
        return Next(step="pay", at=now, tries=tries)
    return Next(step="status", at=min(now + pause_ms(tries), known.deadline_at), tries=tries)


def _of_returned(known: Known, said: Said, now: int) -> Next:
    if said.state == "paid":
        return Next(trouble="kept_after_return")
    if said.state in ("refused", "reversed", "unknown"):
        return Next()
    if now >= known.deadline_at + UNDO_FOR_MS:
        return Next(trouble="unknown_after_return")
    tries = known.tries + 1
    return Next(step="undo", at=now + pause_ms(tries, UNDO_FIRST_MS, UNDO_LAST_MS), tries=tries)


def _of_paid(known: Known, said: Said, now: int) -> Next:
    tries = known.tries + 1
    step: Step = "watch" if tries < len(WATCH_MS) else ""
    at = now + WATCH_MS[tries] - WATCH_MS[tries - 1] if step else 0
    if said.state == "reversed":
        # Should the biller's account not have it, the operator has to; then it is tried again.
        return Next("give_back", step, at, tries, reason="reversed")
    trouble = "denies_what_was_paid" if said.state in ("refused", "unknown") else ""
    return Next("", step, at, tries, trouble=trouble)


def pause_ms(tries: int, first: int = ASK_FIRST_MS, last: int = ASK_LAST_MS) -> int:
    """How long to wait before the next question, after so many in vain."""
    return int(min(last, first << min(tries - 1, 20)))


# --- what is shown ----------------------------------------------------------------------------------


def masked(value: str) -> str:
    """Hide a customer's value but for its last four characters (of a short one, half)."""
    shown = min(4, len(value) // 2)
    return "*" * min(8, len(value) - shown) + value[len(value) - shown :]
