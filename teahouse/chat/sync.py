"""Catching up: all that a device missed, from the tables, in the order of commits.

Three sources share one numbering: new messages, changed receipts, and the event log for the rest. A page merges them.
"""

import heapq
from collections.abc import Iterator
from itertools import islice
from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse.chat import store
from teahouse.chat.events import ChatRead, ReceiptChanged
from teahouse.chat.receipts import RECEIPTS_MEMBERS_MAX
from teahouse.chat.rows import beside, deleted_by, message_new
from teahouse.chat.unread import unread_of
from teahouse.clock import now_ms
from teahouse.commands import Actor
from teahouse.storage import log

PAGE_BYTES_MAX = 512 * 1024
CHUNK = 100

encode = msgspec.json.Encoder().encode


class Reach(msgspec.Struct, frozen=True):
    """What of a chat a person may be told: numbers after `after` up to `upto`, seqs in a range."""

    chat: str
    after: int
    upto: int
    seq_from: int
    seq_to: int


def page(connection: sa.Connection, actor: Actor, after: int, upto: int, limit: int) -> tuple[list[bytes], int, bool]:
    """Return `(events, seen, more)`: encoded events numbered after `after` up to the snapshot `upto`, at most `limit`,
    and the number that a device has seen when it has them."""
    reaches = _reaches(connection, actor.person, after, upto)
    merged = heapq.merge(
        *(_messages(connection, reach) for reach in _with_news(connection, actor.person, reaches)),
        _logged(connection, actor.person, reaches, after, upto, limit),
        _receipts(connection, actor.person, reaches, after, upto),
        key=lambda entry: entry[0],
    )
    entries = list(islice(merged, limit + 1))
    more = len(entries) > limit
    entries = entries[:limit]
    rows = [row for _, row in entries if not isinstance(row, bytes)]
    kept = beside(connection, rows, now_ms())
    deleted = deleted_by(connection, actor.person, [(row.chat, row.seq) for row in rows])
    events: list[bytes] = []
    seen, size = after, 0
    for number, entry in entries:
        if isinstance(entry, bytes):
            body = entry
        elif (entry.chat, entry.seq) in deleted:
            seen = number
            continue
        else:
            body = encode(message_new(entry, kept))
        if size + len(body) > PAGE_BYTES_MAX and events:
            more = True
            break
        events.append(body)
        size += len(body)
        seen = number
    return events, seen if more else upto, more


def _reaches(connection: sa.Connection, person: str, after: int, upto: int) -> dict[str, Reach]:
    m = store.members.c
    rows = connection.execute(
        sa.select(m.chat, m.joined_number, m.left_number, m.history_from, m.history_to, m.cleared_to).where(
            m.person == person
        )
    )
    return {
        row.chat: Reach(
            chat=row.chat,
            after=max(after, row.joined_number),
            upto=min(upto, row.left_number) if row.left_number else upto,
            seq_from=max(row.history_from, row.cleared_to + 1),
            seq_to=row.history_to if row.left_number else 2**53,
        )
        for row in rows
    }


def _with_news(connection: sa.Connection, person: str, reaches: dict[str, Reach]) -> list[Reach]:
    """Return the chats whose last message is numbered after what the device has seen."""
    m, n = store.messages.c, store.members.c
    last = (
        sa.select(m.number).where(m.chat == n.chat).order_by(m.seq.desc()).limit(1).correlate(store.members)
    ).scalar_subquery()
    rows = connection.execute(sa.select(n.chat, last).where(n.person == person))
    return [reaches[chat] for chat, number in rows if number and number > reaches[chat].after]


def _messages(connection: sa.Connection, reach: Reach) -> Iterator[tuple[int, Any]]:
    m = store.messages.c
    seq = max(_first_after(connection, reach.chat, reach.after), reach.seq_from)
    while True:
        rows = connection.execute(
            sa.select(store.messages)
            .where(m.chat == reach.chat, m.seq >= seq, m.seq <= reach.seq_to, m.number <= reach.upto)
            .order_by(m.seq)
            .limit(CHUNK)
        ).all()
        for row in rows:
            yield row.number, row
        if len(rows) < CHUNK:
            return
        seq = rows[-1].seq + 1


def _first_after(connection: sa.Connection, chat: str, number: int) -> int:
    """Return the first seq of a chat numbered after `number`: both grow together, so it is found by halving."""
    m = store.messages.c
    low = 1
    high: int = connection.execute(sa.select(sa.func.max(m.seq)).where(m.chat == chat)).scalar_one() or 0
    while low <= high:
        middle = (low + high) // 2
        at = connection.execute(sa.select(m.number).where(m.chat == chat, m.seq == middle)).scalar_one()
        if at > number:
            high = middle - 1
        else:
            low = middle + 1
    return low


def _logged(
    connection: sa.Connection, person: str, reaches: dict[str, Reach], after: int, upto: int, limit: int
) -> Iterator[tuple[int, bytes]]:
    """Yield as long as it is asked: what was told before somebody joined is left out here, after the limit."""
    scopes = [person, *reaches]
    while True:
        rows = sorted(log.since(connection, scopes, after, upto, limit + 1))[: limit + 1]
        for number, scope, body in rows:
            reach = reaches.get(scope)
            if reach is None or reach.after < number <= reach.upto:
                yield number, body
        if len(rows) <= limit:
            return
        after = rows[-1][0]


def _receipts(
    connection: sa.Connection, person: str, reaches: dict[str, Reach], after: int, upto: int
) -> Iterator[tuple[int, bytes]]:
    m, c = store.members.c, store.chats.c
    mine = sa.select(m.chat).where(m.person == person, m.left_number == 0)
    rows = connection.execute(
        sa.select(m.chat, m.person, m.delivered_seq, m.read_seq, m.receipt_number, c.kind)
        .join(store.chats, c.id == m.chat)
        .where(m.chat.in_(mine), m.receipt_number > after, m.receipt_number <= upto)
        .where(sa.or_(c.kind != "channel", m.person == person))
        .order_by(m.receipt_number)
    ).all()
    counted = connection.execute(
        sa.select(m.chat, sa.func.count())
        .where(m.chat.in_({row.chat for row in rows if row.kind == "group"}), m.left_number == 0)
        .group_by(m.chat)
    )
    counts = {row[0]: row[1] for row in counted}
    for row in rows:
        cursor = str(row.receipt_number)
        if row.person == person:
            unread, mentioned = unread_of(connection, row.chat, person, row.read_seq)
            read = ChatRead(cursor=cursor, chat=row.chat, read_seq=row.read_seq, unread=unread, mentioned=mentioned)
            yield row.receipt_number, encode(read)
        elif counts.get(row.chat, 2) <= RECEIPTS_MEMBERS_MAX:
            receipt = ReceiptChanged(
                cursor=cursor, chat=row.chat, person=row.person, delivered=row.delivered_seq, read=row.read_seq
            )
            yield row.receipt_number, encode(receipt)
