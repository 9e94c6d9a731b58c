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
    op.create_table(
        "merchant_order",
        sa.Column("id", Id, primary_key=True),
        sa.Column("merchant", Id, nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("description", sa.String(140), nullable=False),
        sa.Column("attach", sa.String(500), nullable=False),
        sa.Column("counter", sa.String(16), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("maker", Id, nullable=False),
        sa.Column("charge", sa.String(16), nullable=False),
        sa.Column("payer", sa.String(16), nullable=False),
        sa.Column("coupon", sa.String(16), nullable=False),
        sa.Column("discount", sa.BigInteger, nullable=False),
        sa.Column("paid", sa.BigInteger, nullable=False),
        sa.Column("fee", sa.BigInteger, nullable=False),
        sa.Column("paid_at", sa.BigInteger, nullable=False),
        sa.Column("closed_at", sa.BigInteger, nullable=False),
        sa.Column("refunded", sa.BigInteger, nullable=False),
    )
    op.create_index("merchant_order_number", "merchant_order", ["merchant", "number"], unique=True)
    op.create_index("merchant_order_newest", "merchant_order", ["merchant", "id"])
    op.create_index("merchant_order_state", "merchant_order", ["merchant", "state", "id"])
    op.create_index("merchant_order_paid", "merchant_order", ["merchant", "paid_at"])
    op.create_index("merchant_order_due", "merchant_order", ["state", "expires_at"])
    op.create_table(
        "merchant_refund",
        sa.Column("id", Id, primary_key=True),
        sa.Column("merchant", Id, nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("sale", Id, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("discount", sa.BigInteger, nullable=False),
        sa.Column("fee", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.String(140), nullable=False),
        sa.Column("maker", Id, nullable=False),
    )
    op.create_index("merchant_refund_number", "merchant_refund", ["merchant", "number"], unique=True)
    op.create_index("merchant_refund_sale", "merchant_refund", ["sale"])
    op.create_index("merchant_refund_at", "merchant_refund", ["merchant", "at"])


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
