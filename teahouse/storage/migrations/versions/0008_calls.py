"""Calls: between members, and to phones.

Revision ID: 0008
Revises: 0007
"""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    _member_calls()
    _rates()
    _meter()
    _policy()
    _trunks()
    _phone_calls()


def _member_calls() -> None:
    """Tables of the room of that name."""


def _rates() -> None:
    """Tables of the room of that name."""


def _meter() -> None:
    """Tables of the room of that name."""


def _policy() -> None:
    """Tables of the room of that name."""


def _trunks() -> None:
    """Tables of the room of that name."""


def _phone_calls() -> None:
    """Tables of the room of that name."""
