"""Card top-ups through Stripe: begun here, paid on Stripe's page, and booked when Stripe says so.

Stripe says it by webhook, as often and in whatever order it likes; when it says nothing for ten minutes it is asked.
The row is there before Stripe is, so that a crash between the two is mended by asking again with the same key.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import msgspec
import structlog

from teahouse.commands import Signed
from teahouse.errors import Forbidden, Malformed, Refusal, Unavailable
from teahouse.wallet.card import rules, said, store
from teahouse.wallet.card.booking import Booking, PendingRefund
from teahouse.wallet.card.model import CardTopUp, StartCardTopUp
from teahouse.wallet.card.stripe_api import Stripe
from teahouse.wallet.purse import Purse

logger = structlog.get_logger()

EVERY_S = 60.0
CHECKS_MAX = 20
"""Top-ups that Stripe is asked about in one round."""
PAID = ("checkout.session.completed", "checkout.session.async_payment_succeeded")
UNPAID = ("checkout.session.expired", "checkout.session.async_payment_failed")


class CardTopUps:
    def __init__(self, purse: Purse) -> None:
        self._purse = purse
        self._store = purse.house.store
        self._booking = Booking(purse)
        self._stripe = Stripe(purse.house.settings)

    @property
    def is_on(self) -> bool:
        """Whether the house takes cards."""
        return self._stripe.is_on

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Ask Stripe about what it said nothing of, from now on."""
        task = asyncio.create_task(self._run(), name="card-repair") if self.is_on else None
        try:
            yield
        finally:
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await self._stripe.close()

    # --- for the routes ---

    async def start(self, signed: Signed, asked: StartCardTopUp) -> CardTopUp:
        """Begin a top-up, or return the one of this key. Raises `CardAway`: then the same may be asked again."""
        self._must_be_on()
        units = rules.to_stripe(asked.amount.amount, asked.amount.currency)
        row = await self._store.write(self._booking.begin, signed.person, asked)
        if row.state == "started" and not row.session:
            row = await self._open(row, units)
        return as_told(row)

    async def top_up(self, signed: Signed, top_up: str) -> CardTopUp:
        row = await self._store.read(store.top_up, top_up)
        if row is None or row.person != signed.person:
            raise rules.NoSuchTopUp()
        return as_told(row)

    async def refund(self, signed: Signed, top_up: str) -> CardTopUp:
        """Give back to the card what the person still has of it. Raises `CardAway`: then the money stays held, and
        Stripe is asked again later (or now, by the same call)."""
        if not signed.is_operator:
            raise Forbidden("Only operators give money back to cards.")
        self._must_be_on()
        await self._finish(await self._store.write(self._booking.hold_refund, top_up))
        return as_told(await self._store.read(store.top_up, top_up))

    async def event(self, body: bytes, signature: str) -> None:
        """Book what a webhook tells. What is not ours, or not of interest, is passed over."""
        self._must_be_on()
        event = await self._stripe.event(body, signature)
        try:
            await self._told(event.type, event.data.object)
        except msgspec.ValidationError as error:
            raise Malformed(str(error)) from None

    async def repair(self) -> int:
        """Ask Stripe about what it said nothing of for long; return how many those were."""
        now = self._store.writer.clock()
        rows = await self._store.read(store.to_check, now, CHECKS_MAX)
        for row in rows:
            try:
                await self._check(row, now)
            except Unavailable:
                logger.warning("card_repair_postponed", top_up=row.id)
                break
            except Refusal as refusal:
                logger.error("card_repair_refused", top_up=row.id, code=refusal.code, detail=refusal.detail)
                await self._postpone(row, now)
        return len(rows)

    # --- within ---

    async def _told(self, kind: str, what: dict[str, Any]) -> None:
        booking = self._booking
        if kind in PAID or kind in UNPAID:
            session = msgspec.convert(what, said.Session)
            # By metadata, which is ours alone: a payment link's visitors choose its `client_reference_id` themselves.
            if row := await self._row_of(session.metadata or {}):
                await self._book(row, session, is_over=kind in UNPAID)
        elif kind == "charge.refunded":
            charge = msgspec.convert(what, said.Charge)
            if row := await self._paid_row(charge.metadata, charge.payment_intent):
                await self._store.write(booking.refunded_at_stripe, row.id, charge)
        elif kind == "refund.failed":
            refund = msgspec.convert(what, said.Refund)
            await self._store.write(booking.refund_failed, (refund.metadata or {}).get("refund", ""))
        elif kind == "charge.dispute.created":
            dispute = msgspec.convert(what, said.Dispute)
            if row := await self._paid_row({}, dispute.payment_intent):
                await self._store.write(booking.disputed, row.id, dispute)
        elif kind == "charge.dispute.funds_reinstated":
            await self._store.write(booking.dispute_won, msgspec.convert(what, said.Dispute).id)

    def _must_be_on(self) -> None:
        if not self.is_on:
            raise rules.CardOff()

    async def _open(self, row: Any, units: int) -> Any:
        """Have Stripe make the page to pay on."""
        name = self._purse.operator.settings.name
        back = f"{self._purse.house.settings.public_url}/wallet/top-up"
        try:
            session = await self._stripe.open_session(row.id, units, row.currency, name, back)
        except rules.CardRefused:
            await self._store.write(self._booking.failed, row.id)
            raise
        return await self._store.write(self._booking.opened, row.id, session)

    async def _book(self, row: Any, session: said.Session, *, is_over: bool) -> None:
        """Raises `CardDiffers`, after that is written down."""
        if session.payment_status == "paid":
            refusal = await self._store.write(self._booking.paid, row.id, session)
            if refusal is not None:
                raise refusal
            if session.charge is not None and session.charge.amount_refunded:
                await self._store.write(self._booking.refunded_at_stripe, row.id, session.charge)
        elif is_over:
            await self._store.write(self._booking.failed, row.id)

    async def _row_of(self, metadata: dict[str, str]) -> Any:
        """Return the row that something of Stripe's belongs to, None when it is not of this house."""
        top_up = metadata.get("top_up", "")
        return await self._store.read(store.top_up, top_up) if top_up else None

    async def _paid_row(self, metadata: dict[str, str], intent: str | None) -> Any:
        """The same of something that went back. Where Stripe tells of that before it told that it was paid, the
        payment is asked for and booked first; if that cannot be, Stripe has to tell it again (`CardAway`)."""
        row = await self._row_of(metadata)
        if row is None and intent:
            row = await self._store.read(store.by_intent, intent)
            if row is None:
                row = await self._row_of((await self._stripe.intent(intent)).metadata)
        if row is not None and row.state == "started":
            if row.session:
                await self._look(row)
            row = await self._store.read(store.top_up, row.id)
            if row.state == "started":
                raise rules.CardAway()
        return row

    async def _look(self, row: Any) -> None:
        session = await self._stripe.session(row.session)
        await self._book(row, session, is_over=session.status == "expired")

    async def _finish(self, pending: PendingRefund) -> None:
        """Have Stripe do a refund whose money is held."""
        try:
            refund = None if pending.is_new else await self._stripe.refund_made(pending.intent, pending.key)
            if refund is None:
                refund = await self._stripe.refund(pending.intent, pending.units, pending.key)
            is_done = refund.status not in ("failed", "canceled")
        except rules.CardRefused:
            await self._end(pending, done=False)
            raise
        await self._end(pending, done=is_done)
        if not is_done:
            raise rules.CardRefused(f"The refund {refund.id} is {refund.status}.")

    async def _end(self, pending: PendingRefund, *, done: bool) -> None:
        await self._store.write(self._booking.end_refund, pending.top_up, pending.number, done=done)
        if not done:
            # Perhaps it went back on Stripe's own pages meanwhile.
            await self._look(await self._store.read(store.top_up, pending.top_up))

    async def _check(self, row: Any, now: int) -> None:
        last = await self._store.read(store.last_refund, row.id)
        if last is not None and last.state == "held":
            await self._finish(await self._store.write(self._booking.hold_refund, row.id))
        elif row.session:
            await self._look(row)
        elif row.at + rules.SESSION_LIFE_MS <= now:
            await self._store.write(self._booking.failed, row.id)
        await self._postpone(row, now)

    async def _postpone(self, row: Any, now: int) -> None:
        await self._store.write(self._booking.postpone, row.id, rules.next_check(now, row.at))

    async def _run(self) -> None:
        while True:
            try:
                await self.repair()
            except Unavailable:
                pass  # too much waits for the writer: next time
            except Exception:
                logger.exception("card_repair_failed")
            await asyncio.sleep(EVERY_S)


def as_told(row: Any) -> CardTopUp:
    return CardTopUp(
        id=row.id,
        amount=row.amount,
        currency=row.currency,
        at=row.at,
        state=row.state,
        url=row.url if row.state == "started" else "",
        refunded=row.refunded + row.disputed,
    )
