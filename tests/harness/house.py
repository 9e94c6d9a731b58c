"""A house without doors: the real service rooms on a real store, for tests that ask them directly."""

import atexit
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from argon2 import PasswordHasher

from teahouse.commands import Command, Signed
from teahouse.config import Settings
from teahouse.house import House
from teahouse.media.service import MediaService
from teahouse.operator.service import OperatorService
from teahouse.people.model import SignedIn, SignUp
from teahouse.people.service import PeopleService
from teahouse.previews.service import PreviewService
from teahouse.stickers.service import StickerService
from teahouse.storage.engine import make_engine
from teahouse.storage.migrate import prepare
from teahouse.storage.transaction import Told

PASSWORD = "a long enough password"
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
"""The real argon2id, with less to do."""


@cache
def _new_store() -> Path:
    """A SQLite file with a new house's tables: to copy it is much quicker than to make it."""
    folder = tempfile.mkdtemp(prefix="teahouse-new-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    file = Path(folder) / "new.db"
    engine = make_engine(f"sqlite:///{file}", readers=1)
    prepare(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return file


class OpenHouse:
    """`house`, `operator` and `people` as the app builds them, and what was told since the door opened."""

    def __init__(self, settings: Settings, hasher: PasswordHasher = QUICK) -> None:
        self.house = House(settings)
        self.operator = OperatorService(self.house)
        self.people = PeopleService(self.house, self.operator, hasher)
        self.media = MediaService(self.house)
        self.stickers = StickerService(self.house, self.media)
        self.previews = PreviewService(self.house, self.operator, self.media)
        self._told: list[Told] = []
        self.ended: list[tuple[str, str]] = []
        """Devices that were signed out, and why."""

    def prepare(self) -> None:
        store = self.house.store.engine.url
        if store.get_backend_name() == "sqlite" and store.database and not Path(store.database).exists():
            shutil.copyfile(_new_store(), store.database)
        prepare(self.house.store.engine)
        self.operator.register()
        self.people.register()
        self.house.bus.subscribe(lambda _number, told: self._told.extend(told))
        self.house.device_ended.append(lambda device, reason: self.ended.append((device, reason)))

    async def found(self, handle: str = "founder") -> "Guest":
        """Sign the first person up, with the first link: the operator."""
        link = await self.people.first_link()
        assert link is not None
        return await self.sign_up(handle, invitation=link.rpartition("/")[2])

    async def sign_up(self, handle: str, *, invitation: str = "", address: str = "") -> "Guest":
        asked = SignUp(
            handle=handle, name=handle.title(), password=PASSWORD, invitation=invitation or msgspec.UNSET, device="test"
        )
        # Each from an address of their own, so that a test's crowd is not slowed as one guesser is.
        signed_in = await self.people.accounts.sign_up(asked, address or f"address of {handle}")
        return await self.guest(signed_in)

    async def guest(self, signed_in: SignedIn) -> "Guest":
        return Guest(self, signed_in, await self.house.authenticate(signed_in.token))

    def told(self, person: str) -> list[dict[str, Any]]:
        """The events that a person's devices were told."""
        return [msgspec.json.decode(each.body) for each in self._told if person in each.people]


class Guest:
    """A person on one device."""

    def __init__(self, opened: OpenHouse, signed_in: SignedIn, signed: Signed) -> None:
        self._opened = opened
        self.token = signed_in.token
        self.device = signed_in.device
        self.signed = signed
        self.id = signed_in.person.id
        self.handle = signed_in.person.handle

    async def does(self, command: Command) -> Any:
        return await self._opened.house.execute(self.signed, command)

    def told(self, kind: str = "") -> list[dict[str, Any]]:
        return [event for event in self._opened.told(self.id) if not kind or event["type"] == kind]


@asynccontextmanager
async def open_house(folder: Path, hasher: PasswordHasher = QUICK, **settings: Any) -> AsyncIterator[OpenHouse]:
    """An empty house on a SQLite file in the folder, or on the `store` that is given."""
    defaults: dict[str, Any] = {"data": folder, "rate_sign_in": 1000.0, "registration": "invitation"}
    opened = OpenHouse(Settings(**{**defaults, **settings}), hasher)
    opened.prepare()
    opened.house.start()
    try:
        async with opened.operator.running(), opened.people.running():
            yield opened
    finally:
        opened.house.stop()


def kinds(events: Sequence[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in events]
