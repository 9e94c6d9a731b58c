"""The wallet: the ledger, and what stands on it.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

Id = sa.String(16)
Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    _settings()
    _ledger()
    _shared()
    _guard()
    _payments()
    _packets()
    _cash()
    _card()
    _bank()


def _settings() -> None:
    op.add_column("house_settings", sa.Column("currencies", sa.String(80), nullable=False, server_default="EUR"))
    op.add_column("house_settings", sa.Column("country", sa.String(2), nullable=False, server_default=""))
    cash_confirm_above = sa.Column("cash_confirm_above", sa.BigInteger, nullable=False, server_default="50000")
    op.add_column("house_settings", cash_confirm_above)


def _ledger() -> None:
    op.create_table(
        "ledger_account",
        sa.Column("number", Number, primary_key=True, autoincrement=False),
        sa.Column("owner", Id, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    op.create_index("ledger_account_owner", "ledger_account", ["owner", "kind", "currency"], unique=True)
    op.create_table(
        "ledger_balance",
        sa.Column("number", Number, primary_key=True, autoincrement=False),
        sa.Column("credits", sa.BigInteger, nullable=False),
        sa.Column("debits", sa.BigInteger, nullable=False),
        sa.Column("held_in", sa.BigInteger, nullable=False),
        sa.Column("held_out", sa.BigInteger, nullable=False),
        sa.Column("entries", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        postgresql_with={"fillfactor": 50},
    )
    op.create_table(
        "ledger_transfer",
        sa.Column("number", Number, primary_key=True, autoincrement=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    op.create_index("ledger_transfer_key", "ledger_transfer", ["key"], unique=True)
    op.create_table(
        "ledger_hold",
        sa.Column("number", Number, primary_key=True, autoincrement=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ledger_hold_expiry", "ledger_hold", ["expires_at"])
    op.create_table(
        "ledger_reversal",
        sa.Column("number", Number, primary_key=True, autoincrement=False),
        sa.Column("by", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "ledger_mark",
        sa.Column("account", Number, primary_key=True),
        sa.Column("entries", Number, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )


def _shared() -> None:
    op.create_table(
        "wallet_request",
        sa.Column("key", sa.String(36), primary_key=True),
        sa.Column("person", Id, primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )


def _guard() -> None:
    """PIN, levels, limits, looks, cashiers."""
    op.create_table(
        "wallet_person",
        sa.Column("person", Id, primary_key=True),
        sa.Column("pin", sa.String(255)),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("locked_until", sa.BigInteger, nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("real_name", sa.String(80), nullable=False),
        sa.Column("verified_by", Id, nullable=False),
        sa.Column("verified_at", sa.BigInteger, nullable=False),
        sa.Column("accept_at_once", sa.Boolean, nullable=False),
    )
    op.create_table(
        "wallet_limit",
        sa.Column("currency", sa.String(3), primary_key=True),
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("payment_max", sa.BigInteger, nullable=False),
        sa.Column("day_max", sa.BigInteger, nullable=False),
        sa.Column("balance_max", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "wallet_day",
        sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("person", Id, primary_key=True),
        sa.Column("currency", sa.String(3), primary_key=True),
        sa.Column("spent", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "wallet_look",
        sa.Column("id", Id, primary_key=True),
        sa.Column("person", Id, nullable=False),
        sa.Column("by", Id, nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("wallet_look_person", "wallet_look", ["person", "id"])
    op.create_table(
        "wallet_cashier",
        sa.Column("person", Id, primary_key=True),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("by", Id, nullable=False),
    )


def _payments() -> None:
    """Payments, pay codes, charges, receive codes."""
    op.create_table(
        "wallet_payment",
        sa.Column("id", Id, primary_key=True),
        sa.Column("payer", Id, nullable=False),
        sa.Column("payee", Id, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("note", sa.String(140), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("state", sa.String(8), nullable=False, server_default="paid"),
        sa.Column("charge", sa.String(16), nullable=False, server_default=""),
        sa.Column("chat", sa.String(16), nullable=False, server_default=""),
        sa.Column("seq", sa.Integer, nullable=False, server_default="0"),
        sa.Column("hold", Number, nullable=False, server_default="0"),
        sa.Column("expires_at", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("settled_at", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.create_table(
        "wallet_receive_code",
        sa.Column("token", sa.String(32), primary_key=True),
        sa.Column("person", Id, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("note", sa.String(140), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("wallet_receive_code_person", "wallet_receive_code", ["person", "at"])
    op.create_table(
        "wallet_pay_code",
        sa.Column("person", Id, primary_key=True),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("wallet_pay_code_digest", "wallet_pay_code", ["digest"], unique=True)
    op.create_table(
        "wallet_charge",
        sa.Column("id", Id, primary_key=True),
        sa.Column("payer", Id, nullable=False),
        sa.Column("payee", Id, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("note", sa.String(140), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger, nullable=False),
        sa.Column("purpose", sa.Integer, nullable=False),
        sa.Column("subject", sa.String(16), nullable=False),
        sa.Column("credit", Number, nullable=False),
    )
    op.create_index("wallet_charge_payer", "wallet_charge", ["payer", "state"])
    op.create_index("wallet_charge_due", "wallet_charge", ["state", "expires_at"])


def _packets() -> None:
    """Red packets and their shares."""
    op.create_table(
        "wallet_packet",
        sa.Column("id", Id, primary_key=True),
        sa.Column("sender", Id, nullable=False),
        sa.Column("chat", Id, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("recipient", Id, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("parts", sa.Integer, nullable=False),
        sa.Column("split", sa.String(8), nullable=False),
        sa.Column("greeting", sa.String(60), nullable=False),
        sa.Column("shares", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("returned", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("wallet_packet_due", "wallet_packet", ["state", "expires_at"])
    op.create_table(
        "wallet_packet_share",
        sa.Column("packet", Id, primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("person", Id, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("wallet_packet_share_person", "wallet_packet_share", ["packet", "person"], unique=True)


def _cash() -> None:
    """Desks' operations and closings."""
    op.create_table(
        "wallet_cash_operation",
        sa.Column("id", Id, primary_key=True),
        sa.Column("receipt", sa.BigInteger, nullable=True),
        sa.Column("kind", sa.String(3), nullable=False),
        sa.Column("cashier", Id, nullable=False),
        sa.Column("second", Id, nullable=False),
        sa.Column("person", Id, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("note", sa.String(140), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("charge", Id, nullable=False),
    )
    op.create_index("wallet_cash_receipt", "wallet_cash_operation", ["receipt"], unique=True)
    op.create_index("wallet_cash_cashier", "wallet_cash_operation", ["cashier", "at"])
    op.create_index("wallet_cash_second", "wallet_cash_operation", ["second", "at"])
    op.create_index("wallet_cash_person", "wallet_cash_operation", ["person", "at"])
    op.create_index("wallet_cash_waiting", "wallet_cash_operation", ["state", "expires_at"])
    op.create_table(
        "wallet_cash_closing",
        sa.Column("id", Id, primary_key=True),
        sa.Column("cashier", Id, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("opening", sa.BigInteger, nullable=False),
        sa.Column("taken_in", sa.BigInteger, nullable=False),
        sa.Column("paid_out", sa.BigInteger, nullable=False),
        sa.Column("expected", sa.BigInteger, nullable=False),
        sa.Column("counted", sa.BigInteger, nullable=False),
        sa.Column("difference", sa.BigInteger, nullable=False),
        sa.Column("to_safe", sa.BigInteger, nullable=False),
        sa.Column("note", sa.String(140), nullable=False),
        sa.Column("debits", sa.BigInteger, nullable=False),
        sa.Column("credits", sa.BigInteger, nullable=False),
    )
    op.create_index("wallet_cash_closed", "wallet_cash_closing", ["cashier", "currency", "id"])


def _card() -> None:
    """Card top-ups and what Stripe told of them."""
    op.create_table(
        "wallet_card_top_up",
        sa.Column("id", Id, primary_key=True),
        sa.Column("person", Id, nullable=False),
        sa.Column("key", sa.String(36), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("session", sa.String(255), nullable=False),
        sa.Column("intent", sa.String(255), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("refunded", sa.BigInteger, nullable=False),
        sa.Column("disputed", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("check_at", sa.BigInteger, nullable=False),
    )
    op.create_index("wallet_card_top_up_key", "wallet_card_top_up", ["key", "person"], unique=True)
    op.create_index("wallet_card_top_up_person", "wallet_card_top_up", ["person", "state"])
    op.create_index("wallet_card_top_up_intent", "wallet_card_top_up", ["intent"])
    op.create_index("wallet_card_top_up_check", "wallet_card_top_up", ["check_at"])
    op.create_table(
        "wallet_card_refund",
        sa.Column("top_up", Id, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("hold", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "wallet_card_dispute",
        sa.Column("id", sa.String(255), primary_key=True),
        sa.Column("top_up", Id, nullable=False),
        sa.Column("taken", sa.BigInteger, nullable=False),
        sa.Column("lost", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )


def _bank() -> None:
    """Withdrawals and bank files."""
    op.create_table(
        "wallet_withdrawal",
        sa.Column("id", Id, primary_key=True),
        sa.Column("person", Id, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("iban", sa.String(34), nullable=False),
        sa.Column("name", sa.String(70), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("hold", sa.BigInteger, nullable=False),
        sa.Column("file", Id, nullable=False),
        sa.Column("decision", sa.String(8), nullable=False),
        sa.Column("reason", sa.String(140), nullable=False),
    )
    op.create_index("wallet_withdrawal_person", "wallet_withdrawal", ["person", "id"])
    op.create_index("wallet_withdrawal_waiting", "wallet_withdrawal", ["state", "currency", "id"])
    op.create_index("wallet_withdrawal_file", "wallet_withdrawal", ["file", "id"])
    op.create_index("wallet_withdrawal_decided", "wallet_withdrawal", ["state", "decision"])
    op.create_table(
        "wallet_bank_file",
        sa.Column("id", Id, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("by", Id, nullable=False),
        sa.Column("payments", sa.Integer, nullable=False),
        sa.Column("total", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("name", sa.String(70), nullable=False),
        sa.Column("iban", sa.String(34), nullable=False),
        sa.Column("bic", sa.String(11), nullable=False),
    )
