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
    op.create_table(
        "merchant",
        sa.Column("id", Id, primary_key=True),
        sa.Column("category", sa.String(16), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("share", sa.Integer, nullable=False),
        sa.Column("fixed", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "merchant_staff",
        sa.Column("merchant", Id, primary_key=True),
        sa.Column("person", Id, primary_key=True),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
    )
    op.create_index("merchant_staff_person", "merchant_staff", ["person"])
    op.create_table(
        "merchant_counter",
        sa.Column("id", Id, primary_key=True),
        sa.Column("merchant", Id, nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("token", sa.String(22), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger, nullable=False),
    )
    op.create_index("merchant_counter_merchant", "merchant_counter", ["merchant", "ended_at"])
    op.create_index("merchant_counter_token", "merchant_counter", ["token"], unique=True)
    op.create_table(
        "merchant_tariff",
        sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("share", sa.Integer, nullable=False),
        sa.Column("fixed", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "merchant_take_out",
        sa.Column("id", Id, primary_key=True),
        sa.Column("merchant", Id, nullable=False),
        sa.Column("person", Id, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("merchant_take_out_at", "merchant_take_out", ["merchant", "at"])


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
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
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
    op.create_table(
        "merchant_webhook",
        sa.Column("merchant", Id, primary_key=True),
        sa.Column("url", sa.String(500), nullable=False),
    )
    op.create_table(
        "merchant_delivery",
        sa.Column("id", Id, primary_key=True),
        sa.Column("merchant", Id, nullable=False),
        sa.Column("event", sa.String(20), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.Column("last", sa.String(20), nullable=False),
    )
    op.create_index("merchant_delivery_waiting", "merchant_delivery", ["merchant", "state", "id"])
    op.create_index("merchant_delivery_at", "merchant_delivery", ["at"])


def _campaigns() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", Id, primary_key=True),
        sa.Column("merchant", Id, nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("worth", sa.LargeBinary, nullable=False),
        sa.Column("colour", sa.String(8), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("stock", sa.Integer, nullable=False),
        sa.Column("claimed", sa.Integer, nullable=False),
        sa.Column("per_person", sa.Integer, nullable=False),
        sa.Column("valid_from", sa.BigInteger, nullable=False),
        sa.Column("valid_to", sa.BigInteger, nullable=False),
        sa.Column("valid_days", sa.Integer, nullable=False),
        sa.Column("counters", sa.LargeBinary, nullable=False),
        sa.Column("hours", sa.LargeBinary, nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("terms", sa.Text, nullable=False),
        sa.Column("picture", sa.String(32), nullable=False),
        sa.Column("givable", sa.Boolean, nullable=False),
        sa.Column("refund_back", sa.Boolean, nullable=False),
        sa.Column("was_live", sa.Boolean, nullable=False),
        sa.CheckConstraint("claimed >= 0 AND claimed <= stock", name="campaign_stock"),
    )
    op.create_index("campaign_merchant", "campaign", ["merchant", "id"])
    op.create_table(
        "campaign_day",
        sa.Column("campaign", Id, primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("claimed", sa.Integer, nullable=False),
        sa.Column("shared", sa.Integer, nullable=False),
        sa.Column("redeemed", sa.Integer, nullable=False),
    )
    op.create_table(
        "campaign_card",
        sa.Column("campaign", Id, primary_key=True),
        sa.Column("chat", Id, primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("due", sa.Boolean, nullable=False),
    )
    op.create_index("campaign_card_due", "campaign_card", ["due"])


def _coupons() -> None:
    op.create_table(
        "coupon",
        sa.Column("id", Id, primary_key=True),
        sa.Column("campaign", Id, nullable=False),
        sa.Column("claimer", Id, nullable=False),
        sa.Column("holder", Id, nullable=False),
        sa.Column("giver", Id, nullable=False),
        sa.Column("custody", sa.Integer, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("claimed_at", sa.BigInteger, nullable=False),
        sa.Column("starts_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("redeemed_at", sa.BigInteger, nullable=False),
        sa.Column("discount", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
    )
    op.create_index("coupon_holder", "coupon", ["holder", "state"])
    op.create_index("coupon_claimer", "coupon", ["campaign", "claimer"])
    op.create_index("coupon_due", "coupon", ["due_at"])
    op.create_table(
        "coupon_custody",
        sa.Column("coupon", Id, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("giver", Id, nullable=False),
        sa.Column("person", Id, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("coupon_custody_giver", "coupon_custody", ["giver", "at"])
    # What a red packet brings along.
    op.add_column("wallet_packet", sa.Column("campaign", Id, nullable=False, server_default=""))
    op.add_column("wallet_packet", sa.Column("coupon", sa.String(60), nullable=False, server_default=""))
    op.add_column("wallet_packet_share", sa.Column("coupon", Id, nullable=False, server_default=""))


def _redemptions() -> None:
    op.create_table(
        "coupon_redemption",
        sa.Column("id", Id, primary_key=True),
        sa.Column("coupon", Id, nullable=False),
        sa.Column("campaign", Id, nullable=False),
        sa.Column("merchant", Id, nullable=False),
        sa.Column("counter", Id, nullable=False),
        sa.Column("holder", Id, nullable=False),
        sa.Column("staff", Id, nullable=False),
        sa.Column("order_id", Id, nullable=False),
        sa.Column("basket", sa.BigInteger, nullable=False),
        sa.Column("discount", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("step", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.String(140), nullable=False),
    )
    op.create_index("coupon_redemption_merchant", "coupon_redemption", ["merchant", "id"])
    for name, columns, unique, where in (
        ("once", ["coupon"], True, "state IN ('waiting', 'redeemed')"),
        ("undone", ["coupon", "step"], False, "state IN ('cancelled', 'closed')"),
        ("order", ["order_id"], True, "order_id <> ''"),
    ):
        op.create_index(
            f"coupon_redemption_{name}",
            "coupon_redemption",
            columns,
            unique=unique,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )


def _billers() -> None:
    op.create_table(
        "biller",
        sa.Column("id", Id, primary_key=True),
        sa.Column("category", sa.String(12), nullable=False),
        sa.Column("regions", sa.String(350), nullable=False),
        sa.Column("fields", sa.LargeBinary, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("accepts", sa.String(8), nullable=False),
        sa.Column("about", sa.String(280), nullable=False),
        sa.Column("open_amount", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("connector", sa.String(8), nullable=False),
        sa.Column("url", sa.String(300), nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("public_key", sa.String(64), nullable=False),
        sa.Column("deadline_s", sa.Integer, nullable=False),
        sa.Column("iban", sa.String(34), nullable=False),
        sa.Column("bic", sa.String(11), nullable=False),
        sa.Column("settles", sa.String(8), nullable=False),
        sa.Column("settles_as", sa.String(8), nullable=False),
        sa.Column("trouble", sa.String(200), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )


def _bill_payments() -> None:
    op.create_table(
        "bill_payment",
        sa.Column("id", Id, primary_key=True),
        sa.Column("person", Id, nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("biller", Id, nullable=False),
        sa.Column("customer", sa.String(1200), nullable=False),
        sa.Column("bill", sa.LargeBinary, nullable=False),
        sa.Column("ref", sa.String(64), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("autopay", sa.Boolean, nullable=False),
        sa.Column("hold", sa.BigInteger, nullable=False),
        sa.Column("post", sa.BigInteger, nullable=False),
        sa.Column("step", sa.String(8), nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("deadline_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger, nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(220), nullable=False),
    )
    op.create_index("bill_payment_person", "bill_payment", ["person", "id"])
    op.create_index("bill_payment_key", "bill_payment", ["person", "key"], unique=True)
    op.create_index("bill_payment_bill", "bill_payment", ["bill"])
    op.create_index("bill_payment_biller", "bill_payment", ["biller", "ended_at"])
    op.create_index(
        "bill_payment_due",
        "bill_payment",
        ["next_at"],
        sqlite_where=sa.text("next_at > 0"),
        postgresql_where=sa.text("next_at > 0"),
    )
    op.create_index(
        "bill_payment_held",
        "bill_payment",
        ["hold"],
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_table(
        "bill_quote",
        sa.Column("bill", sa.LargeBinary, primary_key=True),
        sa.Column("person", Id, primary_key=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("least", sa.BigInteger, nullable=False),
        sa.Column("most", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
    )
    op.create_index("bill_quote_until", "bill_quote", ["until"])


def _saved_bills() -> None:
    op.create_table(
        "saved_bill",
        sa.Column("id", Id, primary_key=True),
        sa.Column("person", Id, nullable=False),
        sa.Column("biller", Id, nullable=False),
        sa.Column("customer", sa.String(1200), nullable=False),
        sa.Column("nickname", sa.String(40), nullable=False),
        sa.Column("remind_days", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("ceiling", sa.BigInteger, nullable=False),
        sa.Column("autopay_since", sa.BigInteger, nullable=False),
        sa.Column("ref", sa.String(64), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("fetched_at", sa.BigInteger, nullable=False),
        sa.Column("trouble", sa.String(64), nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("told_due", sa.String(64), nullable=False),
        sa.Column("told_above", sa.String(64), nullable=False),
        sa.Column("told_failed", sa.String(64), nullable=False),
        sa.Column("paid_ref", sa.String(64), nullable=False),
    )
    op.create_index("saved_bill_person", "saved_bill", ["person", "id"])
    op.create_index("saved_bill_next", "saved_bill", ["next_at"])


def _splits() -> None:
    op.create_table(
        "bill_split",
        sa.Column("id", Id, primary_key=True),
        sa.Column("maker", Id, nullable=False),
        sa.Column("chat", Id, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("total", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("payment", Id, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "bill_split_share",
        sa.Column("split", Id, primary_key=True),
        sa.Column("person", Id, primary_key=True),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("paid_at", sa.BigInteger, nullable=False),
    )


def _bill_files() -> None:
    op.create_table(
        "bill_open",
        sa.Column("biller", Id, primary_key=True),
        sa.Column("ref", sa.String(64), primary_key=True),
        sa.Column("customer", sa.String(1200), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("lines", sa.LargeBinary, nullable=False),
        sa.Column("file", Id, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
    )
    op.create_index("bill_open_customer", "bill_open", ["biller", "customer"])
    op.create_table(
        "bill_open_payment",
        sa.Column("payment", Id, primary_key=True),
        sa.Column("biller", Id, nullable=False),
        sa.Column("ref", sa.String(64), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
    )
    op.create_index("bill_open_payment_biller", "bill_open_payment", ["biller"])
    op.create_table(
        "bill_file",
        sa.Column("id", Id, primary_key=True),
        sa.Column("biller", Id, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("format", sa.String(8), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("bills", sa.Integer, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("faults", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_bill_file_biller", "bill_file", ["biller"])
    op.create_table(
        "bill_settlement",
        sa.Column("id", Id, primary_key=True),
        sa.Column("biller", Id, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("payments", sa.Integer, nullable=False),
        sa.Column("format", sa.String(8), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
    )
    op.create_index("ix_bill_settlement_biller", "bill_settlement", ["biller"])
    op.create_table(
        "bill_settled",
        sa.Column("payment", Id, primary_key=True),
        sa.Column("settlement", Id, nullable=False),
    )
    op.create_index("ix_bill_settled_settlement", "bill_settled", ["settlement"])
