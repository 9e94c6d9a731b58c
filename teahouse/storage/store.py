"""The store: one writer, a few readers, behind two words: `write` and `read`."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa

from teahouse.errors import Refusal
from teahouse.storage.engine import make_engine
from teahouse.storage.transaction import Tx
from teahouse.storage.writer import Commit, Job, Writer

P = ParamSpec("P")
T = TypeVar("T")

READERS = 4


class Store:
    def __init__(self, url: str, *, waiting_max: int = 50_000) -> None:
        self.engine = make_engine(url, readers=READERS)
        self._listener: Callable[[Commit], None] = lambda commit: None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.writer = Writer(self.engine, self._hand_over, waiting_max=waiting_max)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def start(self, listener: Callable[[Commit], None]) -> None:
        """Begin to write. `listener` is called in the running loop after each commit."""
        self._loop = asyncio.get_running_loop()
        self._listener = listener
        self.writer.start()

    def stop(self) -> None:
        self.writer.stop()
        self._readers.shutdown()
        self.engine.dispose()

    async def write(self, function: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `function(tx, …)` in the writer's thread; return its result once it is durable. Raises its `Refusal`."""
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        job = Job(lambda tx, _actor, _command: function(tx, *args, **kwargs), None, None, settle(done))
        self.writer.submit((job,))
        return await done

    async def read(self, function: Callable[Concatenate[sa.Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `function(connection, …)` on one snapshot in a reader's thread."""

        def run() -> T:
            with self.engine.connect() as connection, connection.begin():
                return function(connection, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._readers, run)

    def _hand_over(self, commit: Commit) -> None:
        assert self._loop is not None
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._listener, commit)


def settle(future: "asyncio.Future[Any]") -> Callable[[Job], None]:
    """Return a `done` for a job that gives its outcome to a future."""

    def done(job: Job) -> None:
        if future.done():
            return
        if isinstance(job.outcome, Refusal):
            future.set_exception(job.outcome)
        else:
            future.set_result(job.outcome)

    return done
