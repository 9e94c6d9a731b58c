"""The tables of decks and their lines."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa

from teahouse.calls.phone.rates.rules import PREFIX_MAX, Found, Line, prefixes_of
from teahouse.storage.schema import Append, Id, Instant, metadata

decks = sa.Table(
    "rate_deck",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),  # 1, 2, 3 … as they were imported
    sa.Column("id", Id, nullable=False),
    sa.Column("name", sa.String(60), nullable=False),
    sa.Column("trunk", sa.String(16), nullable=False),  # empty: the prices of members
    sa.Column("at", Instant, nullable=False),
    sa.Column("lines", sa.Integer, nullable=False),
    sa.Column("by", Id, nullable=False),
    sa.Index("rate_deck_id", "id", unique=True),
    sa.Index("rate_deck_trunk", "trunk"),
)

lines = sa.Table(
    "rate_line",
    metadata,
    sa.Column("deck", sa.Integer, primary_key=True, autoincrement=False),  # its number
    sa.Column("prefix", sa.String(15), primary_key=True),
    sa.Column("effective_from", Instant, primary_key=True),
    sa.Column("effective_to", Instant, nullable=False),  # 0: without end
    sa.Column("trunk", sa.String(16), nullable=False),  # of its deck
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("folded", sa.String(360), nullable=False),  # the name as it is looked for; folding may lengthen it
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("per_minute_e4", sa.BigInteger, nullable=False),
    sa.Column("connection_e4", sa.BigInteger, nullable=False),
    sa.Column("first_s", sa.Integer, nullable=False),
    sa.Column("next_s", sa.Integer, nullable=False),
    sa.Index("rate_line_prefix", "trunk", "prefix"),
    sqlite_with_rowid=False,
)

_d, _l = decks.c, lines.c
_append = Append(lines)
_ROWS_AT_ONCE: Final = 20_000
"""Lines that are made into parameters at a time."""
_LAST: Final = "9" * PREFIX_MAX
"""No prefix that begins with some digits comes after those digits and these."""
_LINE: Final = tuple(_l[name] for name in Line.__struct_fields__)


# --- decks ---


def add(connection: sa.Connection, values: dict[str, Any], read: Sequence[Line]) -> None:
    """Add a deck, as the newest, with its lines."""
    number = connection.execute(sa.select(sa.func.coalesce(sa.func.max(_d.number), 0) + 1)).scalar_one()
    connection.execute(sa.insert(decks).values(number=number, lines=len(read), **values))
    trunk = values["trunk"]
    ordered = sorted(read, key=lambda line: line.prefix)
    for at in range(0, len(ordered), _ROWS_AT_ONCE):
        _append(
            connection,
            [
                (
                    number,
                    line.prefix,
                    line.effective_from,
                    line.effective_to,
                    trunk,
                    line.name,
                    line.name.casefold(),
                    line.currency,
                    line.per_minute_e4,
                    line.connection_e4,
                    line.first_s,
                    line.next_s,
                )
                for line in ordered[at : at + _ROWS_AT_ONCE]
            ],
        )


def deck(connection: sa.Connection, identifier: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(decks).where(_d.id == identifier)).one_or_none()


def all_decks(connection: sa.Connection) -> Sequence[sa.Row[Any]]:
    """Newest first."""
    return connection.execute(sa.select(decks).order_by(_d.number.desc())).all()


def counts(connection: sa.Connection) -> tuple[int, int]:
    """Return how many decks there are, and how many lines in all."""
    query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(_d.lines), 0)).select_from(decks)
    found = connection.execute(query).one()
    return int(found[0]), int(found[1])


def with_decks(connection: sa.Connection, trunks: Sequence[str]) -> set[str]:
    """Return those of these trunks that have any deck."""
    return set(connection.execute(sa.select(_d.trunk).where(_d.trunk.in_(trunks)).distinct()).scalars())


def remove(connection: sa.Connection, number: int) -> None:
    connection.execute(sa.delete(lines).where(_l.deck == number))
    connection.execute(sa.delete(decks).where(_d.number == number))


def remove_of_trunk(connection: sa.Connection, trunk: str) -> None:
    """A trunk is taken away: so are its costs."""
    for number in connection.execute(sa.select(_d.number).where(_d.trunk == trunk)).scalars().all():
        remove(connection, number)


# --- lines ---


def in_force(connection: sa.Connection, prefixes: Sequence[str], trunks: Sequence[str], at: int) -> list[Found]:
    """Return the lines of these prefixes at an instant. Straight to the driver: a call that begins asks several times,
    and SQLAlchemy's own way takes five times as long."""
    if not prefixes or not trunks:
        return []
    text = _in_force_text(len(trunks), len(prefixes), connection.dialect.name == "postgresql")
    cursor = connection.connection.driver_connection.cursor()  # type: ignore[union-attr]
    try:
        cursor.execute(text, (*trunks, *prefixes, at, at))
        return [Found(*row) for row in cursor.fetchall()]
    finally:
        cursor.close()


@lru_cache(maxsize=1000)
def _in_force_text(trunks: int, prefixes: int, is_postgresql: bool) -> str:
    columns = ", ".join(f"l.{name}" for name in Found.__struct_fields__[3:])
    text = (
        f"SELECT l.trunk, d.number, d.id, {columns} FROM rate_line l JOIN rate_deck d ON d.number = l.deck "
        f"WHERE l.trunk IN ({', '.join('?' * trunks)}) AND l.prefix IN ({', '.join('?' * prefixes)}) "
        "AND l.effective_from <= ? AND (l.effective_to = 0 OR l.effective_to > ?)"
    )
    return text.replace("?", "%s") if is_postgresql else text


def of_deck(connection: sa.Connection, number: int, prefix: str, after: str, limit: int) -> Sequence[sa.Row[Any]]:
    """Return a deck's lines whose prefix begins so, after a prefix. A page ends between two prefixes only if the second
    line of a prefix is never cut off: so all of the last prefix come along."""
    fits = [_l.deck == number, _l.prefix > after, _l.prefix.between(prefix, prefix + _LAST)]
    pages = sa.select(_l.prefix).where(*fits).distinct().order_by(_l.prefix).limit(limit).subquery()
    query = sa.select(*_LINE).where(*fits, _l.prefix.in_(sa.select(pages.c.prefix)))
    return connection.execute(query.order_by(_l.prefix, _l.effective_from)).all()


def price_list(
    connection: sa.Connection, currency: str, at: int, *, text: str, digits: str, after: str, limit: int
) -> Sequence[sa.Row[Any]]:
    """Return the members' lines that are in force, one a prefix, in order: those whose name has this text in it
    (folded), or whose prefix begins with these digits or begins them."""
    newer = lines.alias()
    replaced = (
        sa.exists()
        .where(newer.c.trunk == "", newer.c.prefix == _l.prefix, newer.c.currency == currency)
        .where(newer.c.deck > _l.deck, *_at(newer.c, at))
    )
    query = sa.select(*_LINE).where(_l.trunk == "", _l.prefix > after, _l.currency == currency, *_at(_l, at), ~replaced)
    if digits:
        begins = _l.prefix.between(digits, digits + _LAST)
        query = query.where(_l.prefix.in_(prefixes_of(digits)) | begins)
    elif text:
        query = query.where(_l.folded.contains(text, autoescape=True))
    return connection.execute(query.order_by(_l.prefix).limit(limit)).all()


def _at(columns: Any, at: int) -> tuple[sa.ColumnElement[bool], ...]:
    return columns.effective_from <= at, (columns.effective_to == 0) | (columns.effective_to > at)
