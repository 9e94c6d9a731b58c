"""The push subscriptions, one a device."""

import sqlalchemy as sa

from teahouse.storage.schema import Id, Instant, metadata

subscriptions = sa.Table(
    "push_subscription",
    metadata,
    sa.Column("device", Id, primary_key=True),
    sa.Column("person", Id, nullable=False),
    sa.Column("endpoint", sa.Text, nullable=False),
    sa.Column("p256dh", sa.Text, nullable=False),
    sa.Column("auth", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
)
