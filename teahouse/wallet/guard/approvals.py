"""Approvals: that a person said yes to a sum, on a device. Kept hashed and in memory only: a restart forgets them, and
the client asks again. Only the writer's thread touches them."""

import time
from collections.abc import Callable

from teahouse import ids
from teahouse.commands import Actor
from teahouse.money import Money
from teahouse.storage.transaction import Tx
from teahouse.wallet.guard.rules import ApprovalNeeded

OF_ONE_MAX = 200
"""Of one person: one more ends their oldest."""
OF_ALL_MAX = 100_000


class Approval:
    """A yes that was not used up."""

    __slots__ = ("currency", "device", "expires_at", "left", "person", "until_s", "uses")

    def __init__(self, actor: Actor, money: Money, uses: int, expires_at: int, until_s: float) -> None:
        self.person = actor.person
        self.device = actor.device
        self.currency = money.currency
        self.left = money.amount
        """Minor units that may still be spent with it."""
        self.uses = uses
        self.expires_at = expires_at
        self.until_s = until_s
        """The same end by a clock that nobody sets back."""


class Approvals:
    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self.clock_s = clock_s
        """Seconds, of a clock that only goes forward. A test may set another."""
        self._kept: dict[bytes, Approval] = {}
        """By the hash of the token, the oldest first."""
        self._of: dict[str, dict[bytes, None]] = {}
        """The hashes of each person's, the oldest first."""
        self._group: Tx | None = None
        self._changed: set[bytes] = set()
        """By hot commands of this group."""

    def grant(self, tx: Tx, actor: Actor, money: Money, uses: int, lasts_ms: int) -> tuple[str, int]:
        """Return a new one's token, and until when it is good. It counts from the commit on."""
        token, expires_at = ids.new_token(), tx.now + lasts_ms
        approval = Approval(actor, money, uses, expires_at, self.clock_s() + lasts_ms / 1000)
        tx.after(lambda: self._keep(ids.hash_token(token), approval))
        return token, expires_at

    def find(self, tx: Tx, actor: Actor, money: Money, token: str) -> tuple[bytes, Approval]:
        """Return the approval that allows this. Raises `ApprovalNeeded`; changes nothing."""
        key = ids.hash_token(token)
        found = self._kept.get(key)
        if found is None or found.person != actor.person or found.device != actor.device:
            raise ApprovalNeeded()
        if tx.now >= found.expires_at or self.clock_s() >= found.until_s:
            raise ApprovalNeeded("It took too long.")
        if not found.uses:
            raise ApprovalNeeded("It was used.")
        if found.currency != money.currency or money.amount > found.left:
            raise ApprovalNeeded("It was given for another sum.")
        return key, found

    def take(self, tx: Tx, key: bytes, found: Approval, amount: int) -> None:
        """Use what `find` found. Undone when the command is rolled back."""
        if self._group is not tx:
            self._group = tx
            self._changed.clear()
        if tx.alone or key not in self._changed:
            left, uses = found.left, found.uses

            def give_back() -> None:
                found.left, found.uses = left, uses

            tx.undo(give_back)
            if not tx.alone:
                self._changed.add(key)
        found.left -= amount
        found.uses -= 1
        if not found.uses:
            tx.after(lambda: self._drop(key))

    def drop_of(self, person: str) -> None:
        """End all of a person's."""
        for key in tuple(self._of.get(person, ())):
            self._drop(key)

    def _keep(self, key: bytes, approval: Approval) -> None:
        self._kept[key] = approval
        own = self._of.setdefault(approval.person, {})
        own[key] = None
        if len(own) > OF_ONE_MAX:
            self._drop(next(iter(own)))
        if len(self._kept) > OF_ALL_MAX:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: bytes) -> None:
        gone = self._kept.pop(key, None)
        if gone is None:
            return
        own = self._of.get(gone.person)
        if own is not None:
            own.pop(key, None)
            if not own:
                del self._of[gone.person]
