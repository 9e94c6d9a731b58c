"""The one row of the house's settings."""

import sqlalchemy as sa

from teahouse.operator.model import HouseSettings
from teahouse.storage.schema import metadata

house_settings = sa.Table(
    "house_settings",
    metadata,
    sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("registration", sa.String(16), nullable=False),
    sa.Column("recall_limit_ms", sa.BigInteger, nullable=False),
    sa.Column("link_previews", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("currencies", sa.String(80), nullable=False, server_default="EUR"),
    sa.Column("country", sa.String(2), nullable=False, server_default=""),
    sa.Column("cash_confirm_above", sa.BigInteger, nullable=False, server_default="50000"),
)


def load(connection: sa.Connection, defaults: HouseSettings) -> HouseSettings:
    """Return the settings; the defaults as long as nothing was set."""
    row = connection.execute(sa.select(house_settings)).first()
    if row is None:
        return defaults
    currencies = tuple(row.currencies.split())
    return HouseSettings(
        row.name,
        row.registration,
        row.recall_limit_ms,
        row.link_previews,
        currencies,
        row.country,
        row.cash_confirm_above,
    )


def save(connection: sa.Connection, settings: HouseSettings) -> None:
    connection.execute(sa.delete(house_settings))
    connection.execute(
        sa.insert(house_settings).values(
            one=1,
            name=settings.name,
            registration=settings.registration,
            recall_limit_ms=settings.recall_limit_ms,
            link_previews=settings.link_previews,
            currencies=" ".join(settings.currencies),
            country=settings.country,
            cash_confirm_above=settings.cash_confirm_above,
        )
    )
