"""Redemptions as staff and holders read them."""

from collections.abc import Sequence

import sqlalchemy as sa

from teahouse import clock
from teahouse.coupons.campaigns.campaigns import Campaigns
from teahouse.coupons.campaigns.model import Campaign
from teahouse.coupons.campaigns.state import CampaignState
from teahouse.coupons.counter.model import Redemption
from teahouse.coupons.counter.store import Row
from teahouse.merchants.service import MerchantService
from teahouse.people.model import Person
from teahouse.storage.transaction import Tx
from teahouse.wallet.payments.rows import gone
from teahouse.wallet.purse import Purse

FACES_MAX = 20_000
FACE_MS = 2 * clock.MINUTE_MS
"""As long as a proof: who redeems sees the names that they saw when they scanned the code."""
CAMPAIGNS_MAX = 500


class Showing:
    def __init__(self, purse: Purse, merchants: MerchantService, campaigns: Campaigns) -> None:
        self._purse = purse
        self._merchants = merchants
        self._campaigns = campaigns
        self._faces: dict[str, tuple[int, Person]] = {}
        self._shown: dict[str, tuple[CampaignState, Campaign]] = {}
        """Of campaigns in use; the writer's."""

    # --- in the writer's thread, many at once ---

    def new(self, tx: Tx, row: Row, campaign: CampaignState) -> Redemption:
        """Show a redemption that was made just now and has no order: out of memory, for a rush asks for thousands."""
        return Redemption(
            id=row.id,
            coupon=row.coupon,
            campaign=self._campaign(tx, campaign),
            holder=self._face(tx, row.holder),
            merchant=row.merchant,
            by=self._face(tx, row.staff),
            at=row.at,
            basket=row.basket,
            discount=row.discount,
            currency=row.currency,
            state="redeemed",
            counter=row.counter,
        )

    def remember(self, now: int, *people: Person) -> None:
        """These were read from the store just now."""
        if len(self._faces) > FACES_MAX:
            self._faces = {}
        for person in people:
            self._faces[person.id] = now, person

    def _face(self, tx: Tx, person: str) -> Person:
        at, face = self._faces.get(person, (-FACE_MS, None))
        if face is None or tx.now - at >= FACE_MS:
            face = self._purse.people.person(tx.connection, person) or gone(person)
            self.remember(tx.now, face)
        return face

    def _campaign(self, tx: Tx, state: CampaignState) -> Campaign:
        """Read again whenever the writer did."""
        known, shown = self._shown.get(state.id, (None, None))
        if shown is None or known is not state:
            shown = self._campaigns.shown(tx.connection, (state.id,), "")[state.id]
            if len(self._shown) >= CAMPAIGNS_MAX:
                self._shown.clear()
            self._shown[state.id] = state, shown
        return shown

    # --- on any thread ---

    def one(self, connection: sa.Connection, row: Row, *, staff: bool) -> Redemption:
        return self.all(connection, (row,), staff=staff)[0]

    def all(self, connection: sa.Connection, rows: Sequence[Row], *, staff: bool) -> tuple[Redemption, ...]:
        campaigns = self._campaigns.shown(connection, {row.campaign for row in rows}, "")
        people = self._purse.people.people_by_id(connection, {side for row in rows for side in (row.holder, row.staff)})
        orders = self._merchants.orders
        return tuple(
            Redemption(
                id=row.id,
                coupon=row.coupon,
                campaign=campaigns[row.campaign],
                holder=people.get(row.holder) or gone(row.holder),
                merchant=row.merchant,
                by=people.get(row.staff) or gone(row.staff),
                at=row.at,
                basket=row.basket,
                discount=row.discount,
                currency=row.currency,
                state=row.state,  # type: ignore[arg-type]
                counter=row.counter,
                order=orders.shown(connection, row.order_id, staff=staff) if row.order_id else None,
            )
            for row in rows
        )
