"""Messages as they are told, made from their rows."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse.chat import store
from teahouse.chat.content import Content
from teahouse.chat.model import Forward, MessageNew, Reaction, Reply

Place = tuple[str, int]
"""A chat and a seq in it."""

read_content = msgspec.json.Decoder(Content).decode
_read_reply = msgspec.json.Decoder(Reply).decode
_read_forward = msgspec.json.Decoder(Forward).decode

KEYS_AT_ONCE = 400


def message_fields(row: Any, reactions: tuple[Reaction, ...] = ()) -> dict[str, Any]:
    """Return the fields that `Message` and `MessageNew` share."""
    return {
        "chat": row.chat,
        "seq": row.seq,
        "sender": row.sender,
        "at": row.at,
        "content": read_content(row.content),
        "nonce": row.nonce or "",
        "reply": _read_reply(row.reply) if row.reply else None,
        "forward": _read_forward(row.forward) if row.forward else None,
        "edited_at": row.edited_at,
        "reactions": reactions,
    }


def message_new(row: Any, reactions: tuple[Reaction, ...]) -> MessageNew:
    return MessageNew(cursor=str(row.number), **message_fields(row, reactions))


def reactions_of(connection: sa.Connection, places: Iterable[Place]) -> dict[Place, tuple[Reaction, ...]]:
    """Return the reactions of these messages, in the order in which each emoji first came."""
    r = store.reactions.c
    found: dict[Place, dict[str, list[str]]] = defaultdict(dict)
    for chat, seqs in by_chat(places).items():
        for at in range(0, len(seqs), KEYS_AT_ONCE):
            rows = connection.execute(
                sa.select(r.seq, r.emoji, r.person)
                .where(r.chat == chat, r.seq.in_(seqs[at : at + KEYS_AT_ONCE]))
                .order_by(r.at, r.person)
            )
            for seq, emoji, person in rows:
                found[chat, seq].setdefault(emoji, []).append(person)
    return {
        place: tuple(Reaction(emoji=emoji, people=tuple(people)) for emoji, people in emojis.items())
        for place, emojis in found.items()
    }


def deleted_by(connection: sa.Connection, person: str, places: Iterable[Place]) -> set[Place]:
    """Return which of these messages the person deleted for themselves."""
    d = store.deletions.c
    found: set[Place] = set()
    for chat, seqs in by_chat(places).items():
        for at in range(0, len(seqs), KEYS_AT_ONCE):
            rows = connection.execute(
                sa.select(d.seq).where(d.person == person, d.chat == chat, d.seq.in_(seqs[at : at + KEYS_AT_ONCE]))
            )
            found.update((chat, seq) for (seq,) in rows)
    return found


def by_chat(places: Iterable[Place]) -> dict[str, list[int]]:
    grouped: dict[str, list[int]] = defaultdict(list)
    for chat, seq in places:
        grouped[chat].append(seq)
    return grouped
