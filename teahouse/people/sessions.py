"""Sessions: one device, one token, stored hashed. Who a token belongs to is remembered until it is revoked."""

import asyncio
import threading
from typing import TYPE_CHECKING, Literal

import sqlalchemy as sa

from teahouse import clock, ids
from teahouse.commands import Signed
from teahouse.errors import NotFound, Unauthenticated
from teahouse.people import rules, store
from teahouse.people.model import Device, Person, SignedIn
from teahouse.storage.transaction import Tx

if TYPE_CHECKING:
    from teahouse.house import House

COOKIE_AGE_S = 400 * 24 * 3600
"""What browsers keep a cookie for at most (RFC 6265bis, section 5.5)."""
REMEMBERED_MAX = 20_000
TOKEN_MAX = 128

Reason = Literal["signed_out", "revoked", "password_changed", "closed"]


class _Remembered:
    __slots__ = ("seen_at", "signed")

    def __init__(self, signed: Signed, seen_at: int) -> None:
        self.signed = signed
        self.seen_at = seen_at


class Sessions:
    def __init__(self, house: "House") -> None:
        self._house = house
        self._lock = threading.Lock()
        self._remembered: dict[bytes, _Remembered] = {}
        self._revocations = 0
        self._touching: set[asyncio.Task[None]] = set()

    async def authenticate(self, token: str) -> Signed:
        """Return who a token belongs to. Raises `Unauthenticated`."""
        if not token or len(token) > TOKEN_MAX:
            raise Unauthenticated()
        token_hash = ids.hash_token(token)
        remembered = self._remembered.get(token_hash)
        if remembered is None:
            revocations = self._revocations
            row = await self._house.store.read(store.device_by_token, token_hash)
            if row is None:
                raise Unauthenticated("This session has ended: sign in again.")
            device, person, seen_at, operator, service = row
            remembered = _Remembered(Signed(person, device, operator, service), seen_at)
            self._remember(token_hash, remembered, revocations)
        now = clock.now_ms()
        if now - remembered.seen_at >= rules.SEEN_EVERY_MS:
            remembered.seen_at = now
            self._touch(remembered.signed.device, now)
        return remembered.signed

    def _remember(self, token_hash: bytes, remembered: _Remembered, revocations: int) -> None:
        with self._lock:
            # What was read before a revocation may be what it revoked: then it is read again next time.
            if revocations != self._revocations:
                return
            if len(self._remembered) >= REMEMBERED_MAX:
                del self._remembered[next(iter(self._remembered))]
            self._remembered[token_hash] = remembered

    def _touch(self, device: str, now: int) -> None:
        async def touch() -> None:
            await self._house.store.write(lambda tx: store.touch_device(tx.connection, device, now))

        task = asyncio.get_running_loop().create_task(touch())
        self._touching.add(task)
        task.add_done_callback(self._touched)

    def _touched(self, task: "asyncio.Task[None]") -> None:
        self._touching.discard(task)
        if not task.cancelled():
            task.exception()  # a full house does not note who was seen; the next request tries again in ten minutes

    def open(self, tx: Tx, person: Person, name: str, address: str) -> SignedIn:
        """Add a device. Over `DEVICES_MAX`, the one that was away longest is signed out."""
        token, device = ids.new_token(), ids.new_id()
        others = [row.id for row in store.devices(tx.connection, person.id)]
        self._end(tx, others[rules.DEVICES_MAX - 1 :], "revoked")
        store.add_device(
            tx.connection,
            {
                "id": device,
                "person": person.id,
                "token_hash": ids.hash_token(token),
                "name": rules.clean_line(name),
                "address": address[:64],
                "created_at": tx.now,
                "seen_at": tx.now,
            },
        )
        return SignedIn(person=person, token=token, device=device)

    def shown(self, connection: sa.Connection, signed: Signed) -> tuple[Device, ...]:
        return tuple(
            Device(row.id, row.name, row.created_at, row.seen_at, row.address, row.id == signed.device)
            for row in store.devices(connection, signed.person)
        )

    def revoke(self, tx: Tx, signed: Signed, device: str) -> None:
        """Sign one of one's devices out."""
        if device not in {row.id for row in store.devices(tx.connection, signed.person)}:
            raise NotFound("There is no such device of yours.")
        self._end(tx, [device], "signed_out" if device == signed.device else "revoked")

    def revoke_others(self, tx: Tx, person: str, *, but: str, reason: Reason) -> None:
        self._end(tx, [row.id for row in store.devices(tx.connection, person) if row.id != but], reason)

    def _end(self, tx: Tx, devices: list[str], reason: Reason) -> None:
        if not devices:
            return
        store.remove_devices(tx.connection, devices)
        for device in devices:
            tx.end_device(device, reason)
        gone = frozenset(devices)

        def forget() -> None:
            with self._lock:
                self._revocations += 1
                for token_hash in [key for key, each in self._remembered.items() if each.signed.device in gone]:
                    del self._remembered[token_hash]

        tx.after(forget)
