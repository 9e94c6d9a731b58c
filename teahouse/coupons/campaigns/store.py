"""The tables of campaigns: what a merchant gives away, what became of it day by day, and the cards that show it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse.coupons.campaigns.model import Hours, Worth
from teahouse.storage.schema import Id, Instant, metadata

CARDS_MAX = 200
"""Shared cards of one campaign that are kept true; older ones stay as they are."""
CAMPAIGNS_MAX = 500
DAYS_MAX = 366

campaigns = sa.Table(
    "campaign",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("merchant", Id, nullable=False),
    sa.Column("title", sa.String(60), nullable=False),
    sa.Column("worth", sa.LargeBinary, nullable=False),  # JSON
    sa.Column("colour", sa.String(8), nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("stock", sa.Integer, nullable=False),
    sa.Column("claimed", sa.Integer, nullable=False),
    sa.Column("per_person", sa.Integer, nullable=False),
    sa.Column("valid_from", Instant, nullable=False),
    sa.Column("valid_to", Instant, nullable=False),
    sa.Column("valid_days", sa.Integer, nullable=False),
    sa.Column("counters", sa.LargeBinary, nullable=False),  # JSON: ids
    sa.Column("hours", sa.LargeBinary, nullable=False),  # JSON
    sa.Column("timezone", sa.String(64), nullable=False),
    sa.Column("terms", sa.Text, nullable=False),
    sa.Column("picture", sa.String(32), nullable=False),
    sa.Column("givable", sa.Boolean, nullable=False),
    sa.Column("refund_back", sa.Boolean, nullable=False),
    sa.Column("was_live", sa.Boolean, nullable=False),  # people hold it to its word since
    # Whatever memory says: the store itself commits no claim over the stock.
    sa.CheckConstraint("claimed >= 0 AND claimed <= stock", name="campaign_stock"),
    sa.Index("campaign_merchant", "merchant", "id"),
)

days = sa.Table(
    "campaign_day",
    metadata,
    sa.Column("campaign", Id, primary_key=True),
    sa.Column("day", sa.String(10), primary_key=True),  # `2026-11-26`, in the campaign's time zone
    sa.Column("claimed", sa.Integer, nullable=False),
    sa.Column("shared", sa.Integer, nullable=False),
    sa.Column("redeemed", sa.Integer, nullable=False),
)

cards = sa.Table(
    "campaign_card",
    metadata,
    sa.Column("campaign", Id, primary_key=True),
    sa.Column("chat", Id, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("due", sa.Boolean, nullable=False),  # it does not show yet what the campaign is now
    sa.Index("campaign_card_due", "due"),
)

encode = msgspec.json.encode
read_worth = msgspec.json.Decoder(Worth).decode
read_hours = msgspec.json.Decoder(tuple[Hours, ...]).decode
read_ids = msgspec.json.Decoder(tuple[str, ...]).decode
_c, _d, _k = campaigns.c, days.c, cards.c
_COUNTED = sa.text(
    "INSERT INTO campaign_day (campaign, day, claimed, shared, redeemed) VALUES (:campaign, :day, :claimed, :shared, "
    ":redeemed) ON CONFLICT (campaign, day) DO UPDATE SET claimed = campaign_day.claimed + excluded.claimed, "
    "shared = campaign_day.shared + excluded.shared, redeemed = campaign_day.redeemed + excluded.redeemed"
)


def campaign(connection: sa.Connection, identifier: str) -> Any:
    """Return a campaign's row, None when there is none."""
    return connection.execute(sa.select(campaigns).where(_c.id == identifier)).one_or_none()


def campaigns_by_id(connection: sa.Connection, identifiers: Collection[str]) -> dict[str, Any]:
    rows = connection.execute(sa.select(campaigns).where(_c.id.in_(identifiers)))
    return {row.id: row for row in rows}


def of_merchant(connection: sa.Connection, merchant: str, *, live_only: bool) -> Sequence[Any]:
    """Return its campaigns, newest first, at most `CAMPAIGNS_MAX`."""
    query = sa.select(campaigns).where(_c.merchant == merchant).order_by(_c.id.desc()).limit(CAMPAIGNS_MAX)
    return connection.execute(query.where(_c.state == "live") if live_only else query).all()


def add(connection: sa.Connection, values: Mapping[str, Any]) -> None:
    connection.execute(sa.insert(campaigns).values(values))


def change(connection: sa.Connection, identifier: str, **values: Any) -> None:
    connection.execute(sa.update(campaigns).where(_c.id == identifier).values(values))


def add_claimed(connection: sa.Connection, identifier: str, count: int) -> None:
    connection.execute(sa.update(campaigns).where(_c.id == identifier).values(claimed=_c.claimed + count))


# --- figures ---------------------------------------------------------------------------------------


def add_to_day(connection: sa.Connection, identifier: str, day: str, claimed: int, shared: int, redeemed: int) -> None:
    values = {"campaign": identifier, "day": day, "claimed": claimed, "shared": shared, "redeemed": redeemed}
    connection.execute(_COUNTED, values)


def days_of(connection: sa.Connection, identifier: str) -> Sequence[Any]:
    """Return the last days on which something happened, oldest first."""
    query = sa.select(days).where(_d.campaign == identifier).order_by(_d.day.desc()).limit(DAYS_MAX)
    return connection.execute(query).all()[::-1]


def totals_of(connection: sa.Connection, identifiers: Collection[str]) -> dict[str, tuple[int, int]]:
    """Return how many were given on and redeemed, of each campaign of which any were."""
    query = (
        sa.select(_d.campaign, sa.func.sum(_d.shared), sa.func.sum(_d.redeemed))
        .where(_d.campaign.in_(identifiers))
        .group_by(_d.campaign)
    )
    return {name: (int(shared), int(redeemed)) for name, shared, redeemed in connection.execute(query)}


# --- cards -----------------------------------------------------------------------------------------


def add_card(connection: sa.Connection, identifier: str, chat: str, seq: int, at: int) -> None:
    """Remember where a card is, and forget the oldest beyond `CARDS_MAX`."""
    connection.execute(sa.insert(cards).values(campaign=identifier, chat=chat, seq=seq, at=at, due=False))
    newest = sa.select(_k.at).where(_k.campaign == identifier).order_by(_k.at.desc()).offset(CARDS_MAX).limit(1)
    oldest = connection.execute(newest).scalar_one_or_none()
    if oldest is not None:
        connection.execute(sa.delete(cards).where(_k.campaign == identifier, _k.at <= oldest))


def cards_are_due(connection: sa.Connection, identifier: str) -> None:
    connection.execute(sa.update(cards).where(_k.campaign == identifier).values(due=True))


def due_cards(connection: sa.Connection, limit: int, identifier: str = "") -> Sequence[Any]:
    """Return cards that do not show what is, the newest first; of one campaign, or of all."""
    query = sa.select(_k.campaign, _k.chat, _k.seq).where(_k.due).order_by(_k.at.desc()).limit(limit)
    return connection.execute(query.where(_k.campaign == identifier) if identifier else query).all()


def card_is_true(connection: sa.Connection, identifier: str, chat: str, seq: int) -> None:
    connection.execute(
        sa.update(cards).where(_k.campaign == identifier, _k.chat == chat, _k.seq == seq).values(due=False)
    )
