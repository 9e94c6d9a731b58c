"""Search over all that one may see.

The index follows the message table by number, in batches, while the writer has nothing else to do; a search first lets
it catch up. It is made of nothing but messages, so it is made anew when the rules for words change (`words.VERSION`).
SQLite: an FTS5 table without content, whose tokens are our words between spaces. PostgreSQL: a `tsvector` of the same
words. Both hold the chat as a word of its own, so that a search looks only into the chats of the one who asks.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import sqlalchemy as sa
import structlog

from teahouse.chat import store
from teahouse.chat.model import Message, SearchHit, SearchPage
from teahouse.chat.reach import first_read, last_read, not_deleted
from teahouse.chat.reads import people_in
from teahouse.chat.rows import beside, message_fields, read_content
from teahouse.chat.words import VERSION, phrases, snippet, words
from teahouse.chat.words_of import searched_of
from teahouse.clock import now_ms
from teahouse.errors import Malformed, Refusal
from teahouse.people.service import PeopleService
from teahouse.storage.store import Store
from teahouse.storage.transaction import Told, Tx

logger = structlog.get_logger()

BATCH = 300
CATCH_UP_S = 2.0
"""How long a search waits for the index; what is newer than that is not found yet."""
QUIET_S = 0.3
"""The index grows by itself when nothing was committed for so long."""
PAGE_MAX = 50
PHRASES_MAX = 16
POSITIONS_MAX = 16_383
"""Of words in a `tsvector` (PostgreSQL's own bound); later ones share the last."""

Wanted = Sequence[Sequence[str]]
"""Phrases: all of them, each of words that are neighbours; the very last word may go on."""

_m, _n = store.messages.c, store.members.c
_SQLITE = (
    # `ascii` cuts at ASCII characters that are no letters or digits: at our spaces, and nowhere else.
    "CREATE VIRTUAL TABLE IF NOT EXISTS message_word"
    " USING fts5(chat, words, content='', tokenize='ascii', prefix='2 3')",
)
_POSTGRESQL = (
    "CREATE TABLE IF NOT EXISTS message_word (number bigint PRIMARY KEY, words tsvector NOT NULL)",
    "CREATE INDEX IF NOT EXISTS message_word_words ON message_word USING gin (words)",
)
_POSITION = "CREATE TABLE IF NOT EXISTS message_word_position (number bigint NOT NULL, version varchar(40) NOT NULL)"


class Index:
    """Words of messages, in the store. All but `found` runs in the writer's thread."""

    def __init__(self, *, sqlite: bool) -> None:
        self._sqlite = sqlite

    def prepare(self, tx: Tx) -> None:
        """Make the tables that are missing; begin anew when the index is of an older version."""
        connection = tx.connection
        connection.exec_driver_sql(_POSITION)
        version = connection.exec_driver_sql("SELECT version FROM message_word_position").scalar_one_or_none()
        if version != VERSION:
            connection.exec_driver_sql("DROP TABLE IF EXISTS message_word")
            connection.exec_driver_sql("DELETE FROM message_word_position")
            connection.execute(
                sa.text("INSERT INTO message_word_position (number, version) VALUES (0, :version)"),
                {"version": VERSION},
            )
        for statement in _SQLITE if self._sqlite else _POSTGRESQL:
            connection.exec_driver_sql(statement)

    def advance(self, tx: Tx) -> bool:
        """Index the next messages. Returns whether there may be more."""
        position = self._position(tx.connection)
        rows = tx.connection.execute(
            sa.select(_m.number, _m.chat, _m.kind, _m.content)
            .where(_m.number > position)
            .order_by(_m.number)
            .limit(BATCH)
        ).all()
        if not rows:
            return False
        self._add(tx.connection, [(row.number, row.chat, text) for row in rows if (text := text_of(row))])
        tx.connection.execute(sa.text("UPDATE message_word_position SET number = :number"), {"number": rows[-1].number})
        return len(rows) == BATCH

    def rewritten(self, tx: Tx, number: int, chat: str, before: str, after: str) -> None:
        """A message has another text now (empty: none). What is not indexed yet will be as it is then."""
        if number > self._position(tx.connection):
            return
        if before:
            self._remove(tx.connection, number, chat, before)
        if after:
            self._add(tx.connection, [(number, chat, after)])

    def found(
        self, connection: sa.Connection, person: str, chats: Sequence[str], wanted: Wanted, before: int, limit: int
    ) -> Sequence[Any]:
        """Return messages of these chats that hold the phrases and that a person may read, the newest first."""
        index, match = self._matching(chats, wanted)
        query = (
            sa.select(store.messages)
            .select_from(
                index.join(store.messages, _m.number == index.c[0]).join(
                    store.members, sa.and_(_n.chat == _m.chat, _n.person == person)
                )
            )
            .where(match, _m.seq >= first_read(), _m.seq <= last_read(), not_deleted(person))
            .order_by(index.c[0].desc())
            .limit(limit)
        )
        return connection.execute(query.where(index.c[0] < before) if before else query).all()

    def _matching(self, chats: Sequence[str], wanted: Wanted) -> tuple[Any, Any]:
        last = len(wanted) - 1
        if self._sqlite:
            index = sa.table("message_word", sa.column("rowid", sa.Integer))
            text = " AND ".join(f'"{" ".join(phrase)}"' + " *" * (at == last) for at, phrase in enumerate(wanted))
            match = f"chat : ({' OR '.join(chats)}) AND words : ({text})"
            return index, sa.text("message_word MATCH :match").bindparams(match=match)
        index = sa.table("message_word", sa.column("number", sa.BigInteger))
        text = " & ".join(
            "(" + " <-> ".join(map(_lexeme, phrase)) + ":*" * (at == last) + ")" for at, phrase in enumerate(wanted)
        )
        match = f"({' | '.join(_lexeme(_chat_word(chat)) for chat in chats)}) & {text}"
        return index, sa.text("message_word.words @@ CAST(:match AS tsquery)").bindparams(match=match)

    def _position(self, connection: sa.Connection) -> int:
        number: int = connection.exec_driver_sql("SELECT number FROM message_word_position").scalar_one()
        return number

    def _add(self, connection: sa.Connection, texts: list[tuple[int, str, str]]) -> None:
        if not texts:
            return
        if self._sqlite:
            statement = sa.text("INSERT INTO message_word (rowid, chat, words) VALUES (:number, :chat, :words)")
            rows = [{"number": number, "chat": chat, "words": spaced(text)} for number, chat, text in texts]
        else:
            statement = sa.text("INSERT INTO message_word (number, words) VALUES (:number, CAST(:words AS tsvector))")
            rows = [{"number": number, "words": vector(chat, text)} for number, chat, text in texts]
        connection.execute(statement, rows)

    def _remove(self, connection: sa.Connection, number: int, chat: str, text: str) -> None:
        if self._sqlite:
            # A table without content is told what to forget.
            statement = sa.text(
                "INSERT INTO message_word (message_word, rowid, chat, words) VALUES ('delete', :number, :chat, :words)"
            )
            connection.execute(statement, {"number": number, "chat": chat, "words": spaced(text)})
        else:
            connection.execute(sa.text("DELETE FROM message_word WHERE number = :number"), {"number": number})


def spaced(text: str) -> str:
    return " ".join(word.text for word in words(text))


def vector(chat: str, text: str) -> str:
    """Return a `tsvector` in PostgreSQL's own notation: each word with its positions."""
    places: dict[str, list[str]] = {}
    for position, word in enumerate(words(text), 1):
        places.setdefault(word.text, []).append(str(min(position, POSITIONS_MAX)))
    # PostgreSQL keeps 256 positions of a word: one said more often is found, though not in every phrase.
    lexemes = [f"{_lexeme(word)}:{','.join(at[:255])}" for word, at in places.items()]
    return " ".join([_lexeme(_chat_word(chat)), *lexemes])


def _lexeme(word: str) -> str:
    return "'" + word + "'"  # words hold letters, digits, marks and emoji only: nothing to escape


def _chat_word(chat: str) -> str:
    return f"chat/{chat}"


class Search:
    def __init__(self, store: Store, people: PeopleService) -> None:
        self._store = store
        self._people = people
        self.index = Index(sqlite=store.is_sqlite)
        self._news = asyncio.Event()

    def noticed(self, _number: int, told: Sequence[Told]) -> None:
        """Hung into the bus."""
        if told:
            self._news.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        await self._store.write(self.index.prepare)
        self._news.set()
        follower = asyncio.create_task(self._follow())
        try:
            yield
        finally:
            follower.cancel()
            with suppress(asyncio.CancelledError):
                await follower

    async def search(self, person: str, text: str, *, chat: str = "", after: str = "", limit: int = 20) -> SearchPage:
        """Return the newest messages that hold all of the words; `after` is an earlier page's `next`."""
        if after and not after.isdecimal():
            raise Malformed("`after` is not the `next` of a page.")
        wanted = phrases(text)[:PHRASES_MAX]
        if not wanted:
            return SearchPage(hits=(), people=())
        await self._catch_up()
        return await self._store.read(self._page, person, wanted, chat, int(after or 0), max(1, min(limit, PAGE_MAX)))

    def _page(
        self, connection: sa.Connection, person: str, wanted: Wanted, chat: str, before: int, limit: int
    ) -> SearchPage:
        mine = sa.select(_n.chat).where(_n.person == person)
        chats = connection.execute(mine.where(_n.chat == chat) if chat else mine).scalars().all()
        rows = self.index.found(connection, person, chats, wanted, before, limit + 1) if chats else []
        more, rows = len(rows) > limit, rows[:limit]
        kept = beside(connection, rows, now_ms())
        hits = []
        for row in rows:
            message = Message(**message_fields(row, kept))
            hits.append(SearchHit(message=message, snippet=snippet(text_of(row), wanted)))
        people = self._people.people_by_id(connection, people_in(hit.message for hit in hits))
        return SearchPage(hits=tuple(hits), people=tuple(people.values()), next=str(rows[-1].number) if more else "")

    async def _catch_up(self) -> None:
        until = time.monotonic() + CATCH_UP_S
        while await self._store.write(self.index.advance):
            if time.monotonic() > until:
                logger.info("search_behind")
                return

    async def _follow(self) -> None:
        while True:
            await self._news.wait()
            committed = self._store.writer.committed
            await asyncio.sleep(QUIET_S)
            if self._store.writer.committed - committed > BATCH:
                continue  # people are writing a lot: they come first
            self._news.clear()
            try:
                if await self._store.write(self.index.advance):
                    self._news.set()
            except Refusal as refusal:
                logger.warning("search_index_waits", reason=str(refusal))
                self._news.set()


def text_of(row: Any) -> str:
    return searched_of(read_content(row.content))
