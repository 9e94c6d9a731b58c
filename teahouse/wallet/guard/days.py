"""What people spent today: counted in memory, written once a group. Only the writer's thread touches it."""

from collections import OrderedDict

from teahouse.storage.transaction import Tx
from teahouse.wallet.guard import store
from teahouse.wallet.guard.rules import day_of

KEPT_MAX = 200_000
STORED_DAYS = 7
"""Kept so many days: the clock may be set back."""

Key = tuple[str, str]
"""Person and currency."""


class DaySum:
    __slots__ = ("day", "spent")

    def __init__(self, day: int, spent: int) -> None:
        self.day = day
        self.spent = spent


class NewSums:
    """The group's changed sums, until they are written together."""

    def __init__(self) -> None:
        self.changed: dict[Key, DaySum] = {}

    def flush(self, tx: Tx) -> None:
        if self.changed:
            changed, self.changed = self.changed, {}
            rows = [(each.day, person, currency, each.spent) for (person, currency), each in changed.items()]
            store.renew_days(tx.connection, rows)

    def forget(self) -> None:
        self.changed.clear()


class Days:
    def __init__(self) -> None:
        self._sums: OrderedDict[Key, DaySum] = OrderedDict()

    def today(self, tx: Tx, person: str, currency: str) -> DaySum:
        """Return the sum of the day that it is now, whichever way the clock went to it."""
        key, day = (person, currency), day_of(tx.now)
        found = self._sums.get(key)
        if found is not None and found.day == day:
            return found
        gathered: NewSums = tx.gathered(NewSums)
        found = gathered.changed.get(key)
        if found is None:
            found = DaySum(day, store.spent(tx.connection, day, person, currency))
        self._sums[key] = found
        if len(self._sums) > KEPT_MAX:
            self._sums.popitem(last=False)
        return found

    def add(self, tx: Tx, person: str, currency: str, today: DaySum, amount: int) -> None:
        """Count to the sum that `today` returned; a negative amount counts back. Undone when the command is rolled
        back."""
        key = (person, currency)
        changed = tx.gathered(NewSums).changed
        if key not in changed:  # it was written before a command that may be rolled back alone
            tx.undo(lambda: self._sums.pop(key, None))
        today.spent = max(0, today.spent + amount)
        changed[key] = today

    @staticmethod
    def forget_old(tx: Tx, limit: int) -> int:
        """Remove sums of days that are long over; return how many."""
        return store.remove_days(tx.connection, day_of(tx.now) - STORED_DAYS, limit)
