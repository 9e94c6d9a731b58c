"""The one writer: a thread that commits commands in groups.

Whatever has queued while the last group was committed becomes the next one, so a commit's cost is shared by all that
wait for it. Nothing is answered or told before its group is durable.
"""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
import structlog

from teahouse.clock import now_ms
from teahouse.errors import Refusal, Unavailable
from teahouse.storage.schema import Append, Number, metadata
from teahouse.storage.transaction import Told, Tx

logger = structlog.get_logger()

GROUP_MAX = 2000
BUSY_GROUP = 100
LINGER_S = 0.002
LINGER_STEP_S = 0.0001
"""After a group of at least `BUSY_GROUP` the writer waits, no longer than this, until as many wait as it answered: they
come again in the next group together, and not in two halves for ever (measured: a tenth less work a message, and no
later answers)."""
_EXPECTED = {"IntegrityError", "UniqueViolation"}
"""What the drivers raise when a send was repeated: the careful run finds the first one and answers with it."""

counter = sa.Table(
    "counter",
    metadata,
    sa.Column("one", sa.Integer, primary_key=True),
    sa.Column("number", Number, nullable=False),
)
_keep_count = Append(counter, key="one", renew=("number",))

Handler = Callable[[Tx, Any, Any], Any]


class Job:
    """One command that waits to be decided. `done(job)` is called once `outcome` is durable, or refused."""

    __slots__ = ("actor", "command", "done", "handler", "hot", "origin", "outcome")

    def __init__(
        self,
        handler: Handler,
        actor: Any,
        command: Any,
        done: Callable[["Job"], None],
        *,
        origin: Any = None,
        hot: bool = False,
    ) -> None:
        self.handler = handler
        self.actor = actor
        self.command = command
        self.done = done
        self.origin = origin
        self.hot = hot
        """A hot handler refuses before it changes anything, gathers its rows, and reads none of them back."""
        self.outcome: Any = None
        """The command's result, or the `Refusal`."""


class Commit:
    """A group that is durable: what to answer, and what to tell."""

    __slots__ = ("ended", "jobs", "number", "told")

    def __init__(
        self, number: int, jobs: Sequence[Job], told: Sequence[Told], ended: Sequence[tuple[str, str]]
    ) -> None:
        self.number = number
        self.jobs = jobs
        self.told = told
        self.ended = ended


class Crashed(Refusal):
    """A fault of ours: nothing was changed."""

    code = "internal"
    status = 500
    title = "Something went wrong in the house"


class Writer:
    """`submit` from one thread (the loop's); `deliver(commit)` is called in the writer's own after each group."""

    def __init__(self, engine: sa.Engine, deliver: Callable[[Commit], None], *, waiting_max: int = 50_000) -> None:
        self._engine = engine
        self._deliver = deliver
        self._waiting_max = waiting_max
        self._queue: queue.SimpleQueue[Sequence[Job] | None] = queue.SimpleQueue()
        # Each counted by one thread only, so that neither needs a lock.
        self._submitted = 0
        self._taken = 0
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self.clock = now_ms
        """Unix ms. A test or the sample house may set another."""
        self.committed = 0
        """The newest number that is durable."""

    def start(self) -> None:
        with self._engine.begin() as connection:
            self.committed = connection.execute(sa.select(counter.c.number)).scalar_one_or_none() or 0
            if self.committed == 0:
                connection.execute(sa.delete(counter))
                connection.execute(sa.insert(counter).values(one=1, number=0))
        self._thread.start()

    def stop(self, timeout_s: float = 10) -> None:
        """Commit what waits, then end the thread."""
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join(timeout_s)

    @property
    def waiting(self) -> int:
        """Commands that nobody has decided yet."""
        return self._submitted - self._taken

    def submit(self, jobs: Sequence[Job]) -> None:
        """Queue jobs that came together. Raises `Unavailable`, and queues none, when too many wait already."""
        if self.waiting + len(jobs) > self._waiting_max:
            raise Unavailable("Too many commands are waiting; try again in a moment.", retry_after_ms=1000)
        self._submitted += len(jobs)
        self._queue.put(jobs)

    def _run(self) -> None:
        with self._engine.connect().execution_options(writes=True) as connection:
            last = False
            group: list[Job] = []
            while not last:
                first = self._queue.get()
                if first is None:
                    return
                if len(group) >= BUSY_GROUP:
                    self._linger(len(group))
                group = list(first)
                while len(group) < GROUP_MAX and not self._queue.empty():
                    more = self._queue.get_nowait()
                    if more is None:
                        last = True
                        break
                    group += more
                self._taken += len(group)
                self._deliver(self._commit(connection, group))

    def _linger(self, answered: int) -> None:
        until = time.monotonic() + LINGER_S
        while self.waiting < answered and time.monotonic() < until:
            time.sleep(LINGER_STEP_S)

    def _commit(self, connection: sa.Connection, group: list[Job]) -> Commit:
        """Commit a group, first in the fast way; if that fails anywhere, once more with care."""
        for careful in (False, True):
            tx: Tx | None = None
            try:
                with connection.begin():
                    tx = Tx(connection, self.clock(), self.committed)
                    tx.careful = careful
                    for job in group:
                        self._decide(tx, job)
                    tx.flush()
                    if tx.last_number != self.committed:
                        _keep_count(connection, [(1, tx.last_number)])
                tx.durable()
                self.committed = tx.last_number
                return Commit(tx.last_number, group, tx.told, tx.ended)
            except Exception as error:
                if tx is not None:
                    tx.roll_back_to((0, 0, 0, 0))
                if careful:
                    logger.exception("group_failed", commands=len(group))
                elif type(error).__name__ not in _EXPECTED:
                    logger.warning("group_retried", commands=len(group), error=repr(error))
        for job in group:
            job.outcome = Unavailable("The store could not commit; nothing was changed.")
        return Commit(self.committed, group, (), ())

    def _decide(self, tx: Tx, job: Job) -> None:
        tx.origin = job.origin
        tx.alone = not job.hot or tx.careful
        if not tx.alone:
            try:
                job.outcome = job.handler(tx, job.actor, job.command)
            except Refusal as refusal:
                job.outcome = refusal
            return
        tx.flush()
        mark = tx.mark()
        tx.connection.exec_driver_sql("SAVEPOINT command")
        try:
            job.outcome = job.handler(tx, job.actor, job.command)
            tx.flush()
        except Exception as error:
            tx.connection.exec_driver_sql("ROLLBACK TO SAVEPOINT command")
            tx.roll_back_to(mark)
            job.outcome = error if isinstance(error, Refusal) else Crashed()
            if not isinstance(error, Refusal):
                logger.exception("command_crashed", command=type(job.command).__name__)
        tx.connection.exec_driver_sql("RELEASE SAVEPOINT command")
