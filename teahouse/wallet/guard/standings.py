"""How people stand with the wallet: level, real name, whether they have a PIN, what they spent; and their limits."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from msgspec import UNSET

from teahouse.commands import Actor, Done
from teahouse.errors import Malformed, NotFound
from teahouse.money import currencies
from teahouse.people.service import PeopleService, clean_name
from teahouse.storage.transaction import Tx
from teahouse.wallet.guard import rules, store
from teahouse.wallet.guard.model import SpendingLimits, VerifyPerson, WalletSettings
from teahouse.wallet.guard.staff import Staff
from teahouse.wallet.model import WalletChanged
from teahouse.wallet.purse import NoSuchCurrency, Standing

KEPT_MAX = 100_000
NOTHING_SET = Standing()
_DONE = Done()


def standing_of(row: sa.Row[Any] | None) -> Standing:
    if row is None:
        return NOTHING_SET
    return Standing(row.level, row.real_name, bool(row.accept_at_once), row.pin is not None, row.locked_until)


class Standings:
    def __init__(self, people: PeopleService, staff: Staff) -> None:
        self._people = people
        self._staff = staff
        # Both are the writer's alone.
        self._kept: OrderedDict[str, Standing] = OrderedDict()
        self._limits: dict[tuple[int, str], SpendingLimits] | None = None

    # --- in the writer's thread ---

    def of(self, tx: Tx, person: str) -> Standing:
        """From memory, if they did anything lately."""
        found = self._kept.get(person)
        if found is None:
            found = self._kept[person] = standing_of(store.person(tx.connection, person))
            if len(self._kept) > KEPT_MAX:
                self._kept.popitem(last=False)
        return found

    def limits_of(self, tx: Tx, person: str, currency: str) -> SpendingLimits:
        """What the operator set for the person's level, else the defaults. Raises `NoSuchCurrency`."""
        level = self.of(tx, person).level
        if self._limits is None:
            self._limits = store.all_limits(tx.connection)
        found = self._limits.get((level, currency))
        if found is None:
            if currency not in currencies():
                raise NoSuchCurrency()
            found = self._limits[level, currency] = rules.default_limits(level, currency)
        return found

    def change(self, tx: Tx, person: str, **values: Any) -> None:
        """Change a person's row, and tell their devices."""
        self.change_quietly(tx, person, **values)
        tx.tell(WalletChanged(), (person,))

    def change_quietly(self, tx: Tx, person: str, **values: Any) -> None:
        store.change_person(tx.connection, person, **values)
        self._forget(tx, lambda: self._kept.pop(person, None))

    def change_limits(self, tx: Tx, limits: tuple[SpendingLimits, ...]) -> None:
        """Raises `BadLimits`."""
        rules.must_be_limits(limits)
        store.replace_limits(tx.connection, limits[0].currency, limits)
        self._forget(tx, lambda: setattr(self, "_limits", None))

    def _forget(self, tx: Tx, drop: Callable[[], object]) -> None:
        """Read again what was changed: now, and if the change is rolled back."""
        drop()
        tx.undo(drop)

    # --- commands ---

    def set(self, tx: Tx, actor: Actor, command: WalletSettings) -> Done:
        values: dict[str, Any] = {}
        standing = self.of(tx, actor.person)
        if command.real_name is not UNSET:
            if standing.verified:
                raise rules.AlreadyVerified()
            values = {"real_name": _clean(command.real_name), "level": max(1, standing.level)}
        if command.accept_at_once is not UNSET:
            values["accept_at_once"] = command.accept_at_once
        if not values:
            raise Malformed("Give at least one of accept_at_once and real_name.")
        self.change(tx, actor.person, **values)
        return _DONE

    def verify(self, tx: Tx, actor: Actor, command: VerifyPerson) -> Done:
        """A cashier sets somebody's name and level; 2 says that they saw a document."""
        self._staff.must_be_cashier(tx.connection, actor.person)
        if command.person == actor.person:
            raise rules.OwnWallet("A cashier cannot verify themselves.")
        if self._people.person(tx.connection, command.person) is None:
            raise NotFound("There is no such person.")
        name = self.of(tx, command.person).real_name if command.real_name is UNSET else _clean(command.real_name)
        if command.level == 0:
            name = ""
        elif not name:
            raise Malformed("Give the real name.")
        is_verified = command.level == rules.VERIFIED
        self._staff.note_look(tx, command.person, actor.person, "verification")
        self.change(
            tx,
            command.person,
            level=command.level,
            real_name=name,
            verified_by=actor.person if is_verified else "",
            verified_at=tx.now if is_verified else 0,
        )
        return _DONE


def _clean(real_name: str) -> str:
    cleaned = clean_name(real_name)
    if len(cleaned) < 2:
        raise Malformed("A real name has two characters or more.")
    return cleaned
