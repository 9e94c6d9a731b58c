"""The one row of the policy."""

import msgspec
import sqlalchemy as sa

from teahouse.calls.phone.policy.model import PhonePolicy
from teahouse.storage.schema import metadata

policies = sa.Table(
    "phone_policy",
    metadata,
    sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("policy", sa.Text, nullable=False),  # JSON
)


def load(connection: sa.Connection) -> PhonePolicy:
    """Return the policy; the strict one that a house begins with as long as none was set."""
    text = connection.execute(sa.select(policies.c.policy)).scalar_one_or_none()
    return PhonePolicy() if text is None else msgspec.json.decode(text, type=PhonePolicy)


def save(connection: sa.Connection, policy: PhonePolicy) -> None:
    connection.execute(sa.delete(policies))
    connection.execute(sa.insert(policies).values(one=1, policy=msgspec.json.encode(policy).decode()))
