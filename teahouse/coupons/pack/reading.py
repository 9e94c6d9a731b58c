"""A pack as its holder reads it, and one coupon with who had it."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from teahouse.coupons.campaigns.campaigns import Campaigns
from teahouse.coupons.campaigns.model import Campaign
from teahouse.coupons.pack import rules, store
from teahouse.coupons.pack.model import Coupon, CouponPack, CouponState, Custody
from teahouse.wallet.purse import Purse


class Reading:
    def __init__(self, purse: Purse, campaigns: Campaigns, secret: Callable[[Any], str]) -> None:
        self._purse = purse
        self._campaigns = campaigns
        self._secret = secret

    def pack(self, connection: sa.Connection, person: str, now: int) -> CouponPack:
        has = store.held_by(connection, person)
        used, given = store.used_by(connection, person), store.given_by(connection, person)
        shown = self._campaigns.shown(connection, {row.campaign for row in (*has, *used, *given)}, person)
        givers = _givers_before(connection, given)
        held, past = [], [(row.ended_at, self._own(row, shown, now)) for row in used]
        for row in has:
            coupon = self._own(row, shown, now)
            if coupon.state == "expired":
                # Nobody has swept it up yet, or its campaign ended.
                past.append((min(row.expires_at, now), coupon))
            else:
                held.append(coupon)
        past += [(row.ended_at, _given(row, shown, givers.get(row.id, ""))) for row in given]
        past.sort(key=lambda each: each[0], reverse=True)
        return CouponPack(held=tuple(held), past=tuple(coupon for _at, coupon in past[: store.PAST_MAX]))

    def coupon(self, connection: sa.Connection, person: str, coupon: str, now: int) -> Coupon:
        """Whoever gave it away sees what became of it until then, and no more."""
        row = store.coupon(connection, coupon)
        if row is None:
            raise rules.NoSuchCoupon()
        links = store.chain_of(connection, coupon)
        is_holder = row.holder == person
        if not is_holder:
            last = max((link.number for link in links if link.giver == person), default=0)
            if not last:
                raise rules.NoSuchCoupon()
            links = links[:last]
        shown = self._campaigns.shown(connection, (row.campaign,), person)
        ids = {row.claimer, *(link.person for link in links)}
        people = self._purse.people.people_by_id(connection, ids)
        custody = (
            Custody(people[row.claimer], row.claimed_at, "claimed"),
            *(Custody(people[link.person], link.at, "given") for link in links),
        )
        if is_holder:
            return self._own(row, shown, now, custody)
        return _given(row, shown, links[-2].giver if len(links) > 1 else "", custody)

    def _own(self, row: Any, shown: dict[str, Campaign], now: int, custody: tuple[Custody, ...] = ()) -> Coupon:
        campaign = shown[row.campaign]
        is_over = row.state == "held" and (row.expires_at <= now or campaign.state == "ended")
        state: CouponState = "expired" if is_over else row.state
        return Coupon(
            id=row.id,
            campaign=campaign,
            state=state,
            claimed_at=row.claimed_at,
            starts_at=row.starts_at,
            expires_at=row.expires_at,
            redeemed_at=row.redeemed_at,
            discount=row.discount,
            giver=row.giver,
            secret=self._secret(row) if state in ("held", "reserved") else "",
            custody=custody,
        )


def _given(row: Any, shown: dict[str, Campaign], giver: str, custody: tuple[Custody, ...] = ()) -> Coupon:
    return Coupon(
        id=row.id,
        campaign=shown[row.campaign],
        state="given",
        claimed_at=row.claimed_at,
        starts_at=row.starts_at,
        expires_at=row.expires_at,
        giver=giver,
        custody=custody,
    )


def _givers_before(connection: sa.Connection, given: Any) -> dict[str, str]:
    """Return whom somebody had each coupon from that they gave away."""
    wanted = {(row.id, row.number - 1) for row in given if row.number > 1}
    return store.givers_of(connection, wanted) if wanted else {}
