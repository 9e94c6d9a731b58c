"""The way through the house, the same from every door: a command is authorised and decided by its feature's handler
in the writer's thread, committed in a group, then answered and told."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa

from teahouse import programs
from teahouse.bus.memory import MemoryBus
from teahouse.commands import Actor, Command, Signed
from teahouse.config import Settings
from teahouse.errors import NotFound
from teahouse.limits import Limits
from teahouse.storage.store import Store, settle
from teahouse.storage.writer import Commit, Handler, Job

T = TypeVar("T")
Hot = bool | Callable[[Any], bool]
SyncPage = tuple[list[bytes], int, bool]
"""Encoded events in the order of commits, the number that a device has seen now, and whether there are more."""


class House:
    """What the doors see: `execute` and `read`. Features hang themselves in through `handle` and the attributes."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings.store_url, waiting_max=settings.commands_waiting)
        self.bus = MemoryBus()
        self.limits = Limits(settings)
        self._handlers: dict[type, tuple[Handler, Hot]] = {}
        self.authenticate: Callable[[str], Awaitable[Signed]]
        """Who a token belongs to; raises `Unauthenticated`. Hung in by people."""
        self.sync_page: Callable[[sa.Connection, Actor, int, int, int], SyncPage]
        """`(connection, actor, after, upto, limit)`. Hung in by chat."""
        self.device_ended: list[Callable[[str, str], None]] = []
        """Called with a device that was signed out, and why. Hung in by live and push."""
        self.vapid_public_key = ""
        """What browsers subscribe with. Hung in by push."""
        self.connections: Callable[[], int] = lambda: 0
        self.phone_calls: Callable[[], int] = lambda: 0
        """How many calls to and from phones go on. Hung in by calls."""
        self.commands_decided = 0
        self.commits = 0
        self.events_told = 0

    def handle(self, command: type[Command], handler: Handler, *, hot: Hot = False) -> None:
        """Say who decides a kind of command: `handler(tx, actor, command)`, run in the writer's thread. Where only some
        of the kind are hot, `hot` says of each whether it is."""
        self._handlers[command] = (handler, hot)

    @property
    def commands(self) -> tuple[type[Command], ...]:
        return tuple(self._handlers)

    def start(self) -> None:
        """Begin to write; needs a running loop."""
        self.store.start(self._committed)

    def stop(self) -> None:
        self.store.stop()

    def job(self, actor: Actor, command: Command, done: Callable[[Job], None], origin: Any = None) -> Job:
        """Make what the writer takes. `done(job)` comes in the loop, once the command is durable or refused. Raises
        `PeopleOnly` for a program that asks for what people do."""
        if actor.is_service:
            programs.may_command(str(type(command).__struct_config__.tag))
        handler, hot = self._handlers[type(command)]
        return Job(handler, actor, command, done, origin=origin, hot=hot if isinstance(hot, bool) else hot(command))

    def submit(self, jobs: Sequence[Job]) -> None:
        """Queue what came together. Raises `Unavailable`, and queues nothing, when too much waits already."""
        self.store.writer.submit(jobs)

    async def execute(self, actor: Actor, command: Command) -> Any:
        """Return the command's result, once it is durable. Raises its `Refusal`."""
        if type(command) not in self._handlers:
            raise NotFound(f"No such command: {type(command).__name__}")
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.submit((self.job(actor, command, settle(done)),))
        return await done

    async def sync(self, actor: Actor, after: int | None, limit: int) -> tuple[list[bytes], int, bool, int]:
        """Return what a device missed after a number: events, the number seen, more?, and the snapshot's number.

        Without `after` there is nothing to tell but where the house is now.
        """
        upto = self.store.writer.committed
        if after is None or after >= upto:
            return [], upto, False, upto
        events, seen, more = await self.store.read(self.sync_page, actor, after, upto, limit)
        return events, seen, more, upto

    def _committed(self, commit: Commit) -> None:
        self.commits += 1
        self.commands_decided += len(commit.jobs)
        self.events_told += len(commit.told)
        for job in commit.jobs:
            job.done(job)
        self.bus.publish(commit.number, commit.told)
        for device, reason in commit.ended:
            for listener in self.device_ended:
                listener(device, reason)
