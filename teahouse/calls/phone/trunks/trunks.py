"""Trunks and numbers. The one door of this room."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import UNSET

from teahouse import ids
from teahouse.calls.phone.rates import store as rates
from teahouse.calls.phone.trunks import rules, store
from teahouse.calls.phone.trunks.dialling import as_dialled
from teahouse.calls.phone.trunks.model import (
    AddTrunk,
    AssignNumber,
    PhoneNumber,
    RemoveNumber,
    RemoveTrunk,
    TrunkAdded,
    TrunksChanged,
    TrunkSetup,
    TrunkView,
    UpdateTrunk,
)
from teahouse.calls.phone.trunks.sealing import seal, unseal
from teahouse.calls.sip.model import Trunk, TrunkStatus
from teahouse.commands import Actor, Done, Signed
from teahouse.errors import Forbidden, NotFound
from teahouse.storage.transaction import Tx
from teahouse.wallet.purse import Purse

_read_setup = msgspec.json.Decoder(TrunkSetup).decode
_OFF = TrunkStatus(state="off")


class Trunks:
    def __init__(self, purse: Purse) -> None:
        self._purse = purse
        self._loop: asyncio.AbstractEventLoop | None = None
        self._on_changed: Callable[[], None] = lambda: None
        self._telling: asyncio.Task[None] | None = None
        self._loaded: dict[str, tuple[bytes, bytes, tuple[Trunk, int]]] = {}
        """What was read of a trunk's row, and made of it. From any thread: entries are replaced, never changed."""
        self.status: Callable[[str], TrunkStatus] = lambda trunk: _OFF
        """Hung in by the room that leads calls."""
        self.calls: Callable[[str], int] = lambda trunk: 0
        """How many calls a trunk carries. Hung in likewise."""

    @property
    def on_changed(self) -> Callable[[], None]:
        """Called in the loop when trunks were added, changed or removed. Hung in, in the loop, by the room that leads
        calls."""
        return self._on_changed

    @on_changed.setter
    def on_changed(self, listener: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_changed = listener

    def register(self) -> None:
        """Hang the commands into the house."""
        self._purse.house.handle(AddTrunk, self._add)
        self._purse.house.handle(UpdateTrunk, self._update)
        self._purse.house.handle(RemoveTrunk, self._remove)
        self._purse.house.handle(AssignNumber, self._assign)
        self._purse.house.handle(RemoveNumber, self._remove_number)

    # --- what other rooms ask ---

    def load(self, connection: sa.Connection) -> tuple[tuple[Trunk, int], ...]:
        """Those that are on, as the SIP stack takes them (passwords opened), with their `calls_max`, in the order they
        were added."""
        return tuple(self._opened(row) for row in store.those_on(connection))

    def dialled(self, connection: sa.Connection, trunk: str, e164: str) -> str:
        """The number as the trunk wants it. Raises `NoSuchTrunk`."""
        row = _row(connection, trunk)
        return str(row.prefix) + as_dialled(e164, row.format, self._purse.operator.settings.country)

    def person_of(self, connection: sa.Connection, e164: str) -> str:
        """Who is rung for a number; empty: nobody."""
        found = store.number(connection, e164)
        return "" if found is None else str(found.person)

    def number_of(self, connection: sa.Connection, person: str) -> str:
        """A person's own number, E.164; empty: none. Of several, the one that they have had longest."""
        return (store.number_of(connection, person) or "") if person else ""

    def told(self, trunk: str, status: TrunkStatus) -> None:
        """A trunk went up or down: tell operators. In the loop; of many at once they are told once."""
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell_soon(), name=f"tell-trunk-{trunk}")

    async def _tell_soon(self) -> None:
        await self._purse.house.store.write(_tell)

    # --- commands ---

    def _add(self, tx: Tx, actor: Actor, command: AddTrunk) -> TrunkAdded:
        _must_be_operator(actor)
        rules.must_be_usable(command.setup)
        if store.count(tx.connection) >= rules.TRUNKS_MAX:
            raise rules.TooManyTrunks(max=rules.TRUNKS_MAX)
        trunk = ids.new_id()
        sealed = seal(self._purse.house.settings.data, trunk, command.password)
        store.add(tx.connection, {"id": trunk, "at": tx.now, "password": sealed, **_values(command.setup)})
        self._changed(tx)
        return TrunkAdded(trunk=trunk)

    def _update(self, tx: Tx, actor: Actor, command: UpdateTrunk) -> Done:
        _must_be_operator(actor)
        row = _row(tx.connection, command.trunk)
        rules.must_be_usable(command.setup)
        values = _values(command.setup)
        if command.password is not UNSET:
            values["password"] = seal(self._purse.house.settings.data, row.id, command.password)
        store.change(tx.connection, row.id, values)
        self._changed(tx)
        return Done()

    def _remove(self, tx: Tx, actor: Actor, command: RemoveTrunk) -> Done:
        """Its costs go with it; calls that go on stay."""
        _must_be_operator(actor)
        row = _row(tx.connection, command.trunk)
        rates.remove_of_trunk(tx.connection, row.id)
        store.remove(tx.connection, row.id)
        tx.after(lambda: self._loaded.pop(row.id, None))
        self._changed(tx)
        return Done()

    def _assign(self, tx: Tx, actor: Actor, command: AssignNumber) -> Done:
        _must_be_operator(actor)
        if command.person:
            face = self._purse.people.person(tx.connection, command.person)
            if face is None or face.service:
                raise NotFound("There is no such person.")
        known = store.number(tx.connection, command.number)
        if known is None and store.count_numbers(tx.connection) >= rules.NUMBERS_MAX:
            raise rules.TooManyNumbers(max=rules.NUMBERS_MAX)
        if known is None or known.person != command.person:
            store.assign(tx.connection, command.number, command.person, tx.now)
        return Done()

    def _remove_number(self, tx: Tx, actor: Actor, command: RemoveNumber) -> Done:
        _must_be_operator(actor)
        if not store.remove_number(tx.connection, command.number):
            raise rules.NoSuchNumber()
        return Done()

    # --- reads ---

    async def views(self, signed: Signed) -> tuple[TrunkView, ...]:
        """Operators only."""
        _must_be_operator(signed)
        rows = await self._purse.house.store.read(store.all_trunks)
        return tuple(self._view(row) for row in rows)

    async def numbers(self, signed: Signed) -> tuple[PhoneNumber, ...]:
        """Operators only."""
        _must_be_operator(signed)

        def read(connection: sa.Connection) -> tuple[PhoneNumber, ...]:
            rows = store.all_numbers(connection)
            owners = self._purse.people.people_by_id(connection, {row.person for row in rows if row.person})
            return tuple(PhoneNumber(row.number, row.person, row.at, owners.get(row.person)) for row in rows)

        return await self._purse.house.store.read(read)

    # --- within ---

    def _view(self, row: sa.Row[Any]) -> TrunkView:
        status = self.status(row.id) if row.is_on else _OFF
        return TrunkView(
            id=row.id,
            setup=_read_setup(row.setup),
            has_password=bool(row.password),
            state=status.state,
            detail=status.detail,
            since=int(status.since * 1000),
            calls=self.calls(row.id),
        )

    def _opened(self, row: sa.Row[Any]) -> tuple[Trunk, int]:
        """From memory, while the row says the same."""
        found = self._loaded.get(row.id)
        if found is None or found[:2] != (row.setup, row.password):
            password = unseal(self._purse.house.settings.data, row.id, row.password)
            found = self._loaded[row.id] = row.setup, row.password, _made(row.id, _read_setup(row.setup), password)
        return found[2]

    def _changed(self, tx: Tx) -> None:
        _tell(tx)
        tx.after(self._call_listener)

    def _call_listener(self) -> None:
        """In the writer's thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._on_changed)


def _made(identifier: str, setup: TrunkSetup, password: str) -> tuple[Trunk, int]:
    trunk = Trunk(
        id=identifier,
        host=setup.host,
        port=setup.port,
        transport=setup.transport,
        user=setup.user,
        password=password,
        domain=setup.domain,
        register=setup.register,
        networks=rules.networks_of(setup),
        session_expires_s=setup.session_expires_s,
        verify_tls=setup.verify_tls,
    )
    return trunk, setup.calls_max


def _values(setup: TrunkSetup) -> dict[str, Any]:
    return {"is_on": setup.on, "format": setup.format, "prefix": setup.prefix, "setup": msgspec.json.encode(setup)}


def _row(connection: sa.Connection, trunk: str) -> sa.Row[Any]:
    row = store.row(connection, trunk)
    if row is None:
        raise rules.NoSuchTrunk()
    return row


def _tell(tx: Tx) -> None:
    tx.tell(TrunksChanged(), store.operators(tx.connection))


def _must_be_operator(actor: Actor) -> None:
    if not actor.is_operator:
        raise Forbidden("Only operators do this.")
