"""What Stripe says, booked. In the writer's thread; each booking looks first whether it was made before.

Money comes in from the currency's clearing account (what Stripe owes the house) to the member, and goes back the same
way. What a chargeback takes and the member no longer has, is the house's loss: it comes from its account `suspense`.
"""

from hashlib import sha256
from typing import Any

import msgspec
import sqlalchemy as sa
import structlog

from teahouse import ids
from teahouse.errors import Refusal
from teahouse.money import Money
from teahouse.storage.transaction import Tx
from teahouse.wallet.card import rules, said, store
from teahouse.wallet.card.model import StartCardTopUp
from teahouse.wallet.ledger.books import AccountState
from teahouse.wallet.ledger.model import Kind, New, Purpose
from teahouse.wallet.ledger.rules import KeyReused
from teahouse.wallet.purse import Purse, balance_of

logger = structlog.get_logger()
_REFUND = "-refund-"


class PendingRefund(msgspec.Struct, frozen=True):
    """A refund that Stripe is asked for; the money is held until it answers."""

    top_up: str
    number: int
    intent: str
    units: int
    is_new: bool

    @property
    def key(self) -> str:
        """What Stripe knows it by, and repeats it by."""
        return f"{self.top_up}{_REFUND}{self.number}"


class Booking:
    def __init__(self, purse: Purse) -> None:
        self._purse = purse

    # --- in ---

    def begin(self, tx: Tx, person: str, asked: StartCardTopUp) -> Any:
        """Return the row of a top-up, made now if this key is new. Raises `KeyReused`, `WalletFull`."""
        money = asked.amount
        row = store.by_key(tx.connection, person, asked.key)
        if row is not None:
            if (row.amount, row.currency) != (money.amount, money.currency):
                raise KeyReused()
            return row
        self._purse.account(tx, person, money.currency)
        self._purse.guard.has_room(tx, person, money)
        if store.open_count(tx.connection, person) >= rules.OPEN_MAX:
            raise rules.TooManyTopUps(max=rules.OPEN_MAX)
        top_up = ids.new_id()
        tx.connection.execute(
            sa.insert(store.top_ups).values(
                id=top_up,
                person=person,
                key=asked.key,
                amount=money.amount,
                currency=money.currency,
                state="started",
                session="",
                intent="",
                url="",
                refunded=0,
                disputed=0,
                at=tx.now,
                check_at=tx.now + rules.CHECK_AFTER_MS,
            )
        )
        return store.top_up(tx.connection, top_up)

    def opened(self, tx: Tx, top_up: str, session: said.Session) -> Any:
        """The page to pay on is there."""
        store.change(tx.connection, top_up, session=session.id, url=session.url or "")
        return store.top_up(tx.connection, top_up)

    def failed(self, tx: Tx, top_up: str) -> None:
        """It will not be paid. If it was, that stands."""
        row = store.top_up(tx.connection, top_up)
        if row.state == "started":
            store.change(tx.connection, top_up, state="failed", check_at=0)

    def postpone(self, tx: Tx, top_up: str, check_at: int) -> None:
        """Ask Stripe again then, if there is still something to ask."""
        row, last = store.top_up(tx.connection, top_up), store.last_refund(tx.connection, top_up)
        waits = row.state == "started" or (last is not None and last.state == "held")
        store.change(tx.connection, top_up, check_at=check_at if waits else 0)

    def paid(self, tx: Tx, top_up: str, session: said.Session) -> Refusal | None:
        """Give the member what they paid; return a refusal, and move nothing, when it is not what was asked for."""
        row = store.top_up(tx.connection, top_up)
        if row.state in ("paid", "refunded"):
            return None
        if differing := _differing(row, session):
            logger.error("card_payment_differs", top_up=top_up, session=session.id, differing=differing)
            store.change(tx.connection, top_up, state="failed", check_at=0)
            return rules.CardDiffers(differing)
        # Theirs, even if the house gave up the currency meanwhile.
        account = self._purse.ledger.open(tx, row.person, "member", row.currency)
        self._move(tx, row, f"{top_up}/in", self._clearing(tx, row), account, row.amount, Purpose.CARD_IN)
        store.change(tx.connection, top_up, state="paid", session=session.id, intent=session.intent, check_at=0)
        return None

    # --- back, by an operator: held, done by Stripe, posted ---

    def hold_refund(self, tx: Tx, top_up: str) -> PendingRefund:
        """Set aside what can go back. One refund at a time: the one that waits for Stripe is returned again."""
        row = store.top_up(tx.connection, top_up)
        if row is None:
            raise rules.NoSuchTopUp()
        last = store.last_refund(tx.connection, top_up)
        if last is not None and last.state == "held":
            return _pending(row, last.number, last.amount, is_new=False)
        account = self._purse.ledger.open(tx, row.person, "member", row.currency)
        available = balance_of(account).available
        amount = rules.refundable(row.amount, row.refunded + row.disputed, available, row.currency)
        if row.state != "paid" or not row.intent or amount < 1:
            raise rules.NothingToRefund()
        number = last.number + 1 if last is not None else 1
        new = New(
            f"{top_up}/refund/{number}",
            account.number,
            self._clearing(tx, row).number,
            amount,
            kind=Kind.HOLD,
            purpose=Purpose.CARD_REFUND,
            subject=top_up,
        )
        hold = self._purse.ledger.post(tx, new)
        tx.connection.execute(
            sa.insert(store.refunds).values(
                top_up=top_up, number=number, amount=amount, hold=hold, state="held", at=tx.now
            )
        )
        store.change(tx.connection, top_up, check_at=tx.now + rules.CHECK_AFTER_MS)
        self._purse.tell(tx, account)
        return _pending(row, number, amount, is_new=True)

    def end_refund(self, tx: Tx, top_up: str, number: int, *, done: bool) -> None:
        """Stripe answered: post what was held, or let go of it."""
        refund = store.refund(tx.connection, top_up, number)
        if refund is None or refund.state != "held":
            return
        row = store.top_up(tx.connection, top_up)
        kind, end = (Kind.POST, "done") if done else (Kind.VOID, "refused")
        new = New(
            f"{top_up}/refund/{number}/{end}",
            kind=kind,
            refers=refund.hold,
            purpose=Purpose.CARD_REFUND,
            subject=top_up,
        )
        self._purse.ledger.post(tx, new)
        store.end_refund(tx.connection, top_up, number, end)
        # Was it refused because something else went back meanwhile? That is asked, too.
        store.change(tx.connection, top_up, check_at=0 if done else tx.now + rules.CHECK_AFTER_MS)
        if done:
            self._gone_back(tx, row, refunded=row.refunded + refund.amount)
        self._purse.tell(tx, self._purse.ledger.open(tx, row.person, "member", row.currency))

    def refund_failed(self, tx: Tx, key: str) -> None:
        """The card's bank did not take it, days later: it is the member's again."""
        top_up, _, number = key.partition(_REFUND)
        refund = store.refund(tx.connection, top_up, int(number)) if number.isdigit() else None
        if refund is None:
            logger.error("card_refund_failed_that_is_not_ours", key=key)
        if refund is None or refund.state != "done":
            return
        row = store.top_up(tx.connection, top_up)
        account = self._purse.ledger.open(tx, row.person, "member", row.currency)
        self._move(
            tx,
            row,
            f"{top_up}/refund/{refund.number}/failed",
            self._clearing(tx, row),
            account,
            refund.amount,
            Purpose.CARD_IN,
        )
        store.end_refund(tx.connection, top_up, refund.number, "failed")
        self._gone_back(tx, row, refunded=row.refunded - refund.amount)

    # --- back, without us ---

    def refunded_at_stripe(self, tx: Tx, top_up: str, charge: said.Charge) -> None:
        """So much of a charge has gone back in all: by us, or by the operator on Stripe's own pages."""
        row = store.top_up(tx.connection, top_up)
        if row.state not in ("paid", "refunded"):
            return
        total = rules.from_stripe(charge.amount_refunded, row.currency)
        last = store.last_refund(tx.connection, top_up)
        if last is not None and last.state == "held":
            if total < row.refunded + last.amount:
                return  # something else went back; it is booked when ours is over
            self.end_refund(tx, top_up, last.number, done=True)
            row = store.top_up(tx.connection, top_up)
        if total > row.refunded:
            self._take(tx, row, total - row.refunded, f"{top_up}/refunded/{total}")
            self._gone_back(tx, row, refunded=total)

    def disputed(self, tx: Tx, top_up: str, dispute: said.Dispute) -> None:
        """The card's bank took the money back. The member pays what they still have of it, the house the rest."""
        row = store.top_up(tx.connection, top_up)
        if row.state not in ("paid", "refunded") or store.dispute(tx.connection, dispute.id) is not None:
            return
        if dispute.currency.upper() != row.currency:
            raise rules.CardDiffers(f"The dispute is in {dispute.currency}.")
        amount = rules.from_stripe(dispute.amount, row.currency)
        taken = self._take(tx, row, amount, f"{top_up}/dispute/{_short(dispute.id)}")
        tx.connection.execute(
            sa.insert(store.disputes).values(
                id=dispute.id, top_up=top_up, taken=taken, lost=amount - taken, state="open", at=tx.now
            )
        )
        self._gone_back(tx, row, disputed=row.disputed + amount)
        logger.warning("card_payment_disputed", top_up=top_up, amount=amount, lost=amount - taken)

    def dispute_won(self, tx: Tx, dispute: str) -> None:
        """The bank gave it back: so do we."""
        found = store.dispute(tx.connection, dispute)
        if found is None or found.state != "open":
            return
        row = store.top_up(tx.connection, found.top_up)
        key, clearing = f"{row.id}/won/{_short(dispute)}", self._clearing(tx, row)
        if found.taken:
            account = self._purse.ledger.open(tx, row.person, "member", row.currency)
            self._move(tx, row, key, clearing, account, found.taken, Purpose.CARD_IN)
        if found.lost:
            loss = self._purse.house_account(tx, "suspense", row.currency)
            self._move(tx, row, f"{key}/house", clearing, loss, found.lost, Purpose.CARD_IN)
        d = store.disputes.c
        tx.connection.execute(sa.update(store.disputes).where(d.id == dispute).values(state="won"))
        self._gone_back(tx, row, disputed=row.disputed - found.taken - found.lost)

    # --- within ---

    def _take(self, tx: Tx, row: Any, amount: int, key: str) -> int:
        """Move an amount back to the clearing account, from the member as far as they have it; return that part."""
        account = self._purse.ledger.open(tx, row.person, "member", row.currency)
        clearing = self._clearing(tx, row)
        taken = max(0, min(amount, balance_of(account).available))
        if taken:
            self._move(tx, row, key, account, clearing, taken, Purpose.CARD_REFUND)
        if taken < amount:
            loss = self._purse.house_account(tx, "suspense", row.currency)
            self._move(tx, row, f"{key}/house", loss, clearing, amount - taken, Purpose.CARD_REFUND)
        return taken

    def _move(
        self, tx: Tx, row: Any, key: str, debit: AccountState, credit: AccountState, amount: int, purpose: Purpose
    ) -> None:
        new = New(key, debit.number, credit.number, amount, purpose=purpose, subject=row.id)
        self._purse.ledger.post(tx, new)
        for account in (debit, credit):
            if account.kind == "member":
                self._purse.tell(tx, account)

    def _clearing(self, tx: Tx, row: Any) -> AccountState:
        return self._purse.house_account(tx, "card_clearing", row.currency)

    @staticmethod
    def _gone_back(tx: Tx, row: Any, *, refunded: int | None = None, disputed: int | None = None) -> None:
        refunded = row.refunded if refunded is None else refunded
        disputed = row.disputed if disputed is None else disputed
        state = "refunded" if refunded + disputed >= row.amount else "paid"
        store.change(tx.connection, row.id, refunded=refunded, disputed=disputed, state=state)


def _pending(row: Any, number: int, amount: int, *, is_new: bool) -> PendingRefund:
    return PendingRefund(row.id, number, row.intent, rules.to_stripe(amount, row.currency), is_new)


def _short(name: str) -> str:
    """A name of Stripe's within a ledger's key."""
    return sha256(name.encode()).hexdigest()[:24]


def _differing(row: Any, session: said.Session) -> str:
    """Return in what a payment is not what the top-up is for; empty: in nothing."""
    money = Money(row.amount, row.currency)
    if session.client_reference_id != row.id:
        return "It was for something else."
    if row.session and session.id != row.session:
        return "It was paid on another page."
    if (session.currency or "").upper() != money.currency:
        return f"It was paid in {session.currency}."
    if session.amount_total != rules.to_stripe(money.amount, money.currency):
        return f"{session.amount_total} was paid."
    return ""
