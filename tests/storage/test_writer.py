"""The writer: groups, refusals, crashes of handlers, and what is told."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa

from teahouse.errors import Refusal, Unavailable
from teahouse.events import Event
from teahouse.storage import log
from teahouse.storage.schema import Append, metadata
from teahouse.storage.store import Store, settle
from teahouse.storage.transaction import Tx
from teahouse.storage.writer import Commit, Crashed, Job

notes = sa.Table("test_note", sa.MetaData(), sa.Column("name", sa.String(40), primary_key=True))
append = Append(notes)


class Noted(Event, frozen=True, tag="test.noted"):
    name: str


class NewNotes:
    """Gathers rows, as sending does."""

    def __init__(self) -> None:
        self.rows: list[tuple[str]] = []

    def flush(self, tx: Tx) -> None:
        rows, self.rows = self.rows, []
        append(tx.connection, rows)

    def forget(self) -> None:
        self.rows.clear()


def note(tx: Tx, name: str) -> str:
    tx.connection.execute(sa.insert(notes).values(name=name))
    tx.tell(Noted(name=name), ("ann",), scopes=("ann",))
    return name


def note_and_refuse(tx: Tx, name: str) -> str:
    note(tx, name)
    raise Refusal("changed my mind")


def note_and_crash(tx: Tx, name: str) -> str:
    note(tx, name)
    raise ZeroDivisionError


def gather(tx: Tx, _actor: Any, name: str) -> str:
    """A hot handler: the careful run looks before it appends."""
    if tx.careful and name in names(tx.connection):
        return "again " + name
    tx.gathered(NewNotes).rows.append((name,))
    tx.tell(Noted(name=name), ("ann",))
    return name


def names(connection: sa.Connection) -> list[str]:
    return list(connection.execute(sa.select(notes.c.name).order_by(notes.c.name)).scalars())


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    made = Store(f"sqlite:///{tmp_path / 'house.db'}", waiting_max=100)
    metadata.create_all(made.engine)
    notes.metadata.create_all(made.engine)
    yield made
    made.stop()


class Listener:
    def __init__(self) -> None:
        self.commits: list[Commit] = []

    def __call__(self, commit: Commit) -> None:
        self.commits.append(commit)
        for job in commit.jobs:
            job.done(job)

    @property
    def told(self) -> list[bytes]:
        return [each.body for commit in self.commits for each in commit.told]


async def hot(store: Store, *wanted: str) -> list[str]:
    """Submit hot jobs that meet in one group."""
    futures = [asyncio.get_running_loop().create_future() for _ in wanted]
    for name, future in zip(wanted, futures, strict=True):
        store.writer.submit([Job(gather, None, name, settle(future), hot=True)])
    return list(await asyncio.gather(*futures))


async def test_what_is_written_is_there_and_told_and_logged(store: Store) -> None:
    listener = Listener()
    store.start(listener)
    assert await store.write(note, "one") == "one"
    assert await store.read(names) == ["one"]
    number = store.writer.committed
    assert listener.told == [b'{"type":"test.noted","name":"one","cursor":"%d"}' % number]
    kept = await store.read(lambda connection: list(log.since(connection, ["ann"], 0, number, 10)))
    assert kept == [(number, "ann", listener.told[0])]


@pytest.mark.parametrize(("faulty", "outcome"), [(note_and_refuse, Refusal), (note_and_crash, Crashed)])
async def test_a_command_that_fails_leaves_nothing_and_its_neighbours_stay(
    store: Store, faulty: Any, outcome: type[Refusal]
) -> None:
    listener = Listener()
    store.start(listener)
    results = await asyncio.gather(
        store.write(note, "before"), store.write(faulty, "faulty"), store.write(note, "after"), return_exceptions=True
    )
    assert results[0] == "before"
    assert type(results[1]) is outcome
    assert results[2] == "after"
    assert await store.read(names) == ["after", "before"]
    assert [b"faulty" in body for body in listener.told] == [False, False]


async def test_a_repeated_append_is_found_by_the_careful_run_and_the_group_stands(store: Store) -> None:
    listener = Listener()
    store.start(listener)
    assert await hot(store, "one") == ["one"]
    assert await hot(store, "two", "one", "three") == ["two", "again one", "three"]
    assert await hot(store, "four", "four") == ["four", "again four"]
    assert await store.read(names) == ["four", "one", "three", "two"]
    assert len(listener.told) == 4


async def test_many_rows_go_in_by_few_statements(store: Store) -> None:
    store.start(Listener())
    many = [f"name {number:04}" for number in range(1003)]
    await store.write(lambda tx: append(tx.connection, [(name,) for name in many]))
    assert await store.read(names) == many


async def test_an_event_with_a_key_replaces_the_older_one(store: Store) -> None:
    store.start(Listener())
    for name in ("draft", "better draft", "best draft"):
        await store.write(lambda tx, name=name: tx.tell(Noted(name=name), ("ann",), scopes=("ann",), key="draft"))
    kept = await store.read(lambda connection: list(log.since(connection, ["ann"], 0, 2**53, 10)))
    assert [number for number, _, _ in kept] == [3]
    assert b"best draft" in kept[0][2]


async def test_numbers_go_on_after_a_restart(store: Store, tmp_path: Path) -> None:
    store.start(Listener())
    await store.write(note, "one")
    await store.write(note, "two")
    before = store.writer.committed
    store.stop()
    again = Store(f"sqlite:///{tmp_path / 'house.db'}")
    again.start(Listener())
    assert again.writer.committed == before
    await again.write(note, "three")
    assert again.writer.committed == before + 1
    again.stop()


async def test_too_many_waiting_commands_are_refused_at_the_door(store: Store) -> None:
    # Not started: nothing is taken from the queue.
    for number in range(100):
        store.writer.submit([Job(gather, None, str(number), lambda job: None, hot=True)])
    with pytest.raises(Unavailable):
        store.writer.submit([Job(gather, None, "one more", lambda job: None, hot=True)])
    assert store.writer.waiting == 100


async def test_undone_in_memory_when_rolled_back(store: Store) -> None:
    store.start(Listener())
    memory: list[str] = []

    def remember(tx: Tx, name: str, *, fail: bool) -> None:
        memory.append(name)
        tx.undo(lambda: memory.remove(name) if name in memory else None)
        if fail:
            raise Refusal()

    await store.write(remember, "kept", fail=False)
    with pytest.raises(Refusal):
        await store.write(remember, "lost", fail=True)
    assert memory == ["kept"]
