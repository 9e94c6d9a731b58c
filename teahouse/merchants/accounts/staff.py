"""Who works for a merchant."""

from teahouse.commands import Actor, Done
from teahouse.merchants.accounts import rules, store
from teahouse.merchants.accounts.known import KnownMerchants
from teahouse.merchants.accounts.model import RemoveStaff, Role, SetStaff
from teahouse.people.service import PeopleService
from teahouse.storage.transaction import Tx


class Staff:
    def __init__(self, people: PeopleService, known: KnownMerchants) -> None:
        self._people = people
        self._known = known

    def set(self, tx: Tx, actor: Actor, command: SetStaff) -> Done:
        self._known.role(tx.connection, actor, command.merchant, "owner")
        staff = self._known.get(tx.connection, command.merchant).staff
        is_new = command.person not in staff
        if is_new:
            person = self._people.person(tx.connection, command.person)
            if person is None or person.service:
                raise rules.NoStaffToBe()
            if self._people.blocked_between(tx.connection, actor.person, command.person):
                raise rules.NoStaffToBe()
        rules.may_set(staff, command.person, command.role)
        store.set_staff(tx.connection, command.merchant, command.person, command.role, tx.now, is_new=is_new)
        self._known.changed(tx, command.merchant)
        return Done()

    def remove(self, tx: Tx, actor: Actor, command: RemoveStaff) -> Done:
        least: Role = "cashier" if actor.person == command.person else "owner"
        self._known.role(tx.connection, actor, command.merchant, least)
        rules.may_remove(self._known.get(tx.connection, command.merchant).staff, command.person)
        store.remove_staff(tx.connection, command.merchant, command.person)
        self._known.changed(tx, command.merchant, command.person)
        return Done()
