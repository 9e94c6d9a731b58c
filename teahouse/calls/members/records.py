"""Member calls as the history of one of their people shows them."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from teahouse.calls.members import store
from teahouse.calls.model import CallRecord
from teahouse.clock import SECOND_MS
from teahouse.storage.transaction import Tx

_c, _l = store.calls.c, store.legs.c
_SHOWN = (
    _c.id,
    _c.chat,
    _c.started_by,
    _c.at,
    _c.video,
    _l.person,
    _l.outcome,
    _l.talked_ms,
    _l.stars,
)


def records(
    connection: sa.Connection, person: str, before: tuple[int, str], limit: int, *, missed: bool
) -> list[CallRecord]:
    """Newest first, those with (`at`, `id`) below `before`."""
    at, identifier = before
    query = (
        _of(person)
        .where(sa.or_(_l.at < at, sa.and_(_l.at == at, _l.call < identifier)))
        .order_by(_l.at.desc(), _l.call.desc())
        .limit(limit)
    )
    if missed:
        query = query.where(_l.outcome == "missed", _c.started_by != person)
    return _records(connection, connection.execute(query).all())


def record(connection: sa.Connection, person: str, call: str) -> CallRecord | None:
    found = _records(connection, connection.execute(_of(person).where(_l.call == call)).all())
    return found[0] if found else None


def rate(tx: Tx, person: str, call: str, stars: int, troubles: Sequence[str]) -> bool:
    """Keep what a person says of a call that ended; say whether there is one."""
    rated = tx.connection.execute(
        sa.update(store.legs)
        .where(_l.person == person, _l.call == call, sa.not_(_l.forgotten), _has_ended())
        .values(stars=stars, troubles=" ".join(troubles))
    )
    return rated.rowcount > 0


def forget(tx: Tx, person: str, calls: Sequence[str]) -> None:
    """Take ended calls out of a person's history: these, or all."""
    query = sa.update(store.legs).where(_l.person == person, sa.not_(_l.forgotten), _has_ended())
    if calls:
        query = query.where(_l.call.in_(calls))
    tx.connection.execute(query.values(forgotten=True))


def _of(person: str) -> sa.Select[Any]:
    joined = store.legs.join(store.calls, _c.id == _l.call)
    return sa.select(*_SHOWN).select_from(joined).where(_l.person == person, sa.not_(_l.forgotten))


def _has_ended() -> sa.ColumnElement[bool]:
    return sa.exists().where(_c.id == _l.call, _c.ended_at > 0).correlate(store.legs)


def _records(connection: sa.Connection, rows: Sequence[sa.Row[Any]]) -> list[CallRecord]:
    legs = store.legs_of(connection, [row.id for row in rows])
    return [
        CallRecord(
            id=row.id,
            kind="member",
            direction="out" if row.started_by == row.person else "in",
            at=row.at,
            outcome=row.outcome,
            seconds=row.talked_ms // SECOND_MS,
            video=row.video,
            chat=row.chat,
            people=tuple(leg.person for leg in legs[row.id] if leg.person != row.person),
            rating=row.stars,
        )
        for row in rows
    ]
