"""Bills, coupons and merchants.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

Id = sa.String(16)
Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.add_column("person", sa.Column("service", sa.Boolean, nullable=False, server_default=sa.false()))
    _merchant_accounts()
    _merchant_orders()
    _merchant_webhooks()
    _campaigns()
    _coupons()
    _redemptions()
    _billers()
    _bill_payments()
    _saved_bills()
    _splits()
    _bill_files()


def _merchant_accounts() -> None:
    pass


def _merchant_orders() -> None:
    pass


def _merchant_webhooks() -> None:
    pass


def _campaigns() -> None:
    pass


def _coupons() -> None:
    pass


def _redemptions() -> None:
    pass


def _billers() -> None:
    pass


def _bill_payments() -> None:
    pass


def _saved_bills() -> None:
    pass


def _splits() -> None:
    pass


def _bill_files() -> None:
    pass
