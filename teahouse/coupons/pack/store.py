"""The tables of coupons: each has one holder, and a chain of those who had it before.

That it was claimed is said by the coupon's own row (`claimer`, `claimed_at`): a link of the chain is a row only where
it was given on.
"""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from teahouse.storage.schema import Append, Id, Instant, Lookup, metadata

HELD_MAX = 500
PAST_MAX = 100

coupons = sa.Table(
    "coupon",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("campaign", Id, nullable=False),
    sa.Column("claimer", Id, nullable=False),  # who got it from the merchant: counts to `per_person` for ever
    sa.Column("holder", Id, nullable=False),
    sa.Column("giver", Id, nullable=False),  # whom the holder has it from; empty: nobody
    sa.Column("custody", sa.Integer, nullable=False),  # number of the holder in the chain: 0 is the claimer
    sa.Column("state", sa.String(8), nullable=False),  # held, reserved, redeemed, expired
    sa.Column("claimed_at", Instant, nullable=False),
    sa.Column("starts_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("redeemed_at", Instant, nullable=False),
    sa.Column("discount", sa.BigInteger, nullable=False),
    sa.Column("due_at", Instant, nullable=False),  # when to remind or to let it expire; 0: nothing is to come
    sa.Index("coupon_holder", "holder", "state"),
    sa.Index("coupon_claimer", "campaign", "claimer"),
    sa.Index("coupon_due", "due_at"),
)

custody = sa.Table(
    "coupon_custody",
    metadata,
    sa.Column("coupon", Id, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),  # 1, 2, 3 …
    sa.Column("giver", Id, nullable=False),
    sa.Column("person", Id, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Index("coupon_custody_giver", "giver", "at"),
)

CHANGING = ("holder", "giver", "custody", "state", "redeemed_at", "discount", "due_at")
append = Append(coupons)
renew = Append(coupons, key="id", renew=CHANGING)
append_custody = Append(custody)
look_up = Lookup(coupons, [column.name for column in coupons.c], ("id",))
_c, _l = coupons.c, custody.c


def coupon(connection: sa.Connection, identifier: str) -> Any:
    """Return a coupon's row, None when there is none."""
    return connection.execute(sa.select(coupons).where(_c.id == identifier)).one_or_none()


def counts_by_claimer(connection: sa.Connection, campaign: str) -> dict[str, int]:
    """Return how many of a campaign's coupons each person claimed."""
    query = sa.select(_c.claimer, sa.func.count()).where(_c.campaign == campaign).group_by(_c.claimer)
    return {person: int(count) for person, count in connection.execute(query)}


def count_of(connection: sa.Connection, campaign: str, claimer: str) -> int:
    query = sa.select(sa.func.count()).where(_c.campaign == campaign, _c.claimer == claimer)
    return int(connection.execute(query).scalar_one())


def counts_of(connection: sa.Connection, campaigns: Collection[str], claimer: str) -> dict[str, int]:
    """Return how many somebody claimed of each of these campaigns."""
    query = sa.select(_c.campaign, sa.func.count()).where(_c.campaign.in_(campaigns), _c.claimer == claimer)
    return {name: int(count) for name, count in connection.execute(query.group_by(_c.campaign))}


def held_by(connection: sa.Connection, person: str) -> Sequence[Any]:
    """Return what somebody has and may use or is about to, what expires first coming first."""
    query = sa.select(coupons).where(_c.holder == person, _c.state.in_(("held", "reserved")))
    return connection.execute(query.order_by(_c.expires_at, _c.id).limit(HELD_MAX)).all()


def used_by(connection: sa.Connection, person: str) -> Sequence[Any]:
    """Return what somebody used or let expire, the newest first."""
    ended = sa.case((_c.state == "redeemed", _c.redeemed_at), else_=_c.expires_at)
    query = sa.select(coupons, ended.label("ended_at")).where(
        _c.holder == person, _c.state.in_(("redeemed", "expired"))
    )
    return connection.execute(query.order_by(ended.desc(), _c.id).limit(PAST_MAX)).all()


def given_by(connection: sa.Connection, person: str) -> Sequence[Any]:
    """Return what somebody gave away and has not got back, with who they had it from, the newest first."""
    last = sa.select(_l.coupon, sa.func.max(_l.number).label("number"), sa.func.max(_l.at).label("ended_at"))
    gone = last.where(_l.giver == person).group_by(_l.coupon).order_by(sa.desc("ended_at")).limit(2 * PAST_MAX)
    given = gone.subquery()
    query = (
        sa.select(coupons, given.c.number, given.c.ended_at)
        .join(given, given.c.coupon == _c.id)
        .where(_c.holder != person)
        .order_by(given.c.ended_at.desc(), _c.id)
        .limit(PAST_MAX)
    )
    return connection.execute(query).all()


def chain_of(connection: sa.Connection, identifier: str) -> Sequence[Any]:
    """Return the links by which a coupon was given on, in their order."""
    return connection.execute(sa.select(custody).where(_l.coupon == identifier).order_by(_l.number)).all()


def givers_of(connection: sa.Connection, links: Collection[tuple[str, int]]) -> dict[str, str]:
    """Return who gave, by these links (coupon and number), each coupon."""
    query = sa.select(_l.coupon, _l.number, _l.giver).where(_l.coupon.in_({coupon for coupon, _number in links}))
    rows = connection.execute(query).all()
    return {row.coupon: row.giver for row in rows if (row.coupon, row.number) in links}


def due(connection: sa.Connection, now: int, limit: int) -> list[str]:
    query = sa.select(_c.id).where(_c.due_at > 0, _c.due_at <= now).order_by(_c.due_at).limit(limit)
    return list(connection.execute(query).scalars())


def sums_by_state(connection: sa.Connection, campaign: str, now: int) -> dict[str, tuple[int, int]]:
    """Return how many coupons of a campaign are in each state, and the sum of what they took off."""
    state = sa.case((sa.and_(_c.state == "held", _c.expires_at <= now), "expired"), else_=_c.state).label("stands")
    # By its name: PostgreSQL takes two expressions with parameters for two different ones.
    query = sa.select(state, sa.func.count(), sa.func.sum(_c.discount)).where(_c.campaign == campaign)
    query = query.group_by(sa.text("stands"))
    return {name: (int(count), int(discount)) for name, count, discount in connection.execute(query)}
