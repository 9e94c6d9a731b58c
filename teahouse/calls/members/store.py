"""Member calls in the store: a row a call, and one a person in it. What goes on is read from here after a restart."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from msgspec.structs import asdict

from teahouse.calls.members.rules import outcome_of
from teahouse.calls.members.state import CallState, Leg
from teahouse.storage.schema import Id, Instant, metadata
from teahouse.storage.transaction import Tx

IN_AT_ONCE = 500

calls = sa.Table(
    "call",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("chat", Id, nullable=False),
    sa.Column("direct", sa.Boolean, nullable=False),
    sa.Column("started_by", Id, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("video", sa.Boolean, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("answered_at", Instant, nullable=False),
    sa.Column("ended_at", Instant, nullable=False),
    sa.Column("outcome", sa.String(10), nullable=False),
    sa.Column("talked_ms", sa.BigInteger, nullable=False),
    sa.Column("counted_at", Instant, nullable=False),
    # A chat has one call that goes on; these few are also what is read after a restart.
    sa.Index(
        "call_open",
        "chat",
        unique=True,
        sqlite_where=sa.text("ended_at = 0"),
        postgresql_where=sa.text("ended_at = 0"),
    ),
    sa.Index("call_started", "started_by", "at"),
)
legs = sa.Table(
    "call_leg",
    metadata,
    sa.Column("call", Id, primary_key=True),
    sa.Column("person", Id, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("leg", Id, nullable=False),
    sa.Column("device", Id, nullable=False),
    sa.Column("nonce", sa.String(64)),
    sa.Column("rung_at", Instant, nullable=False),
    sa.Column("rings", sa.Integer, nullable=False),
    sa.Column("joined_at", Instant, nullable=False),
    sa.Column("left_at", Instant, nullable=False),
    sa.Column("seen_at", Instant, nullable=False),
    sa.Column("talked_ms", sa.BigInteger, nullable=False),
    sa.Column("muted", sa.Boolean, nullable=False),
    sa.Column("camera", sa.Boolean, nullable=False),
    sa.Column("screen", sa.Boolean, nullable=False),
    sa.Column("held", sa.Boolean, nullable=False),
    sa.Column("outcome", sa.String(10), nullable=False),
    sa.Column("stars", sa.SmallInteger, nullable=False, default=0),
    sa.Column("troubles", sa.String(80), nullable=False, default=""),
    sa.Column("forgotten", sa.Boolean, nullable=False, default=False),
    sa.Index("call_leg_history", "person", "at", "call"),
    sa.Index("call_leg_now", "person", "state"),
    sa.Index("call_leg_nonce", "person", "nonce", unique=True),
)
"""`at` is the call's, so that a person's history is one walk along an index; `place` is the order of coming in."""

_c, _l = calls.c, legs.c
_ACTIVE = ("invited", "ringing", "joined")


# --- writing ----------------------------------------------------------------------------------------


def save(connection: sa.Connection, before: CallState | None, after: CallState) -> None:
    """Write what is new in a call."""
    row = _call_row(after)
    if before is None:
        connection.execute(sa.insert(calls).values(row))
    elif row != _call_row(before):
        connection.execute(sa.update(calls).where(_c.id == after.id).values(row))
    old = {} if before is None else _leg_rows(before)
    for person, values in _leg_rows(after).items():
        if person not in old:
            connection.execute(sa.insert(legs).values(values))
        elif values != old[person]:
            connection.execute(sa.update(legs).where(_l.call == after.id, _l.person == person).values(values))


def _call_row(call: CallState) -> dict[str, Any]:
    row = asdict(call)
    del row["legs"]
    return row


def _leg_rows(call: CallState) -> dict[str, dict[str, Any]]:
    rows = {}
    for place, leg in enumerate(call.legs):
        row = asdict(leg)
        del row["spared_from"]
        row |= {"nonce": leg.nonce or None, "outcome": outcome_of(call, leg)}
        rows[leg.person] = {"call": call.id, "at": call.at, "place": place, **row}
    return rows


class Seen:
    """When legs were last heard of, until the group's are written together."""

    def __init__(self) -> None:
        self.at: dict[tuple[str, str], int] = {}

    def flush(self, tx: Tx) -> None:
        if not self.at:
            return
        rows = [{"c": call, "p": person, "seen_at": at} for (call, person), at in self.at.items()]
        self.at.clear()
        there = sa.and_(_l.call == sa.bindparam("c"), _l.person == sa.bindparam("p"))
        tx.connection.execute(sa.update(legs).where(there), rows)

    def forget(self) -> None:
        self.at.clear()


# --- reading ----------------------------------------------------------------------------------------


def going_on(connection: sa.Connection) -> list[CallState]:
    return _whole(connection, connection.execute(sa.select(calls).where(_c.ended_at == 0)).all())


def going_on_for(connection: sa.Connection, person: str) -> list[CallState]:
    """Calls that ring a person or have them in, the oldest first."""
    mine = sa.select(_l.call).where(_l.person == person, _l.state.in_(_ACTIVE))
    rows = connection.execute(sa.select(calls).where(_c.id.in_(mine)).order_by(_c.at, _c.id)).all()
    return _whole(connection, rows)


def call(connection: sa.Connection, identifier: str) -> CallState | None:
    found = _whole(connection, connection.execute(sa.select(calls).where(_c.id == identifier)).all())
    return found[0] if found else None


def by_nonce(connection: sa.Connection, person: str, nonce: str) -> str | None:
    """Return the call into which a person came by this nonce."""
    found: str | None = connection.execute(
        sa.select(_l.call).where(_l.person == person, _l.nonce == nonce)
    ).scalar_one_or_none()
    return found


def starts_since(connection: sa.Connection, person: str, since: int) -> Sequence[int]:
    """When a person began calls after an instant, the oldest first."""
    query = sa.select(_c.at).where(_c.started_by == person, _c.at > since).order_by(_c.at)
    return connection.execute(query).scalars().all()


def legs_of(connection: sa.Connection, identifiers: Iterable[str]) -> dict[str, list[sa.Row[Any]]]:
    """Return the rows of these calls' legs by call, each in the order of coming in."""
    found: dict[str, list[sa.Row[Any]]] = {}
    wanted = list(identifiers)
    for at in range(0, len(wanted), IN_AT_ONCE):
        some = wanted[at : at + IN_AT_ONCE]
        query = sa.select(legs).where(_l.call.in_(some)).order_by(_l.call, _l.place)
        for row in connection.execute(query):
            found.setdefault(row.call, []).append(row)
    return found


def _whole(connection: sa.Connection, rows: Sequence[sa.Row[Any]]) -> list[CallState]:
    of_call = legs_of(connection, [row.id for row in rows])
    return [_state(row, of_call.get(row.id, ())) for row in rows]


def _state(row: sa.Row[Any], leg_rows: Sequence[sa.Row[Any]]) -> CallState:
    return CallState(**{**row._mapping, "legs": tuple(map(_leg, leg_rows))})


def _leg(row: sa.Row[Any]) -> Leg:
    values = {name: row._mapping[name] for name in Leg.__struct_fields__ if name != "spared_from"}
    return Leg(**{**values, "nonce": values["nonce"] or ""})
