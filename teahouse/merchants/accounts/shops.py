"""Merchants as they are read: by everybody, by their staff, by operators."""

import sqlalchemy as sa

from teahouse.commands import Signed
from teahouse.merchants.accounts import rules, store
from teahouse.merchants.accounts.known import Known, KnownMerchants
from teahouse.merchants.accounts.model import Merchant, MerchantRow, MerchantTariffs, Shop, StaffMember, Tariff
from teahouse.merchants.accounts.takings import takings_at
from teahouse.people.model import Person
from teahouse.wallet.purse import Purse

MINE_MAX = 100
ALL_MAX = 1000


class Shops:
    def __init__(self, purse: Purse, known: KnownMerchants) -> None:
        self._purse = purse
        self._known = known

    def merchant(self, connection: sa.Connection, merchant: str) -> Merchant:
        """Raises `NoSuchMerchant`."""
        return self._known.get(connection, merchant).shown

    def of(self, connection: sa.Connection, merchant: str, person: str) -> Shop:
        """Return a merchant as one of its staff, or its program, sees it. Raises `NoSuchMerchant`."""
        known = self._known.get(connection, merchant)
        role = self._known.role_in(known, person)
        people = self._purse.people.people_by_id(connection, known.staff)
        currency = known.row.currency
        return Shop(
            merchant=known.shown,
            role=role,
            tariff=known.tariff,
            staff=tuple(StaffMember(people[each], known.staff[each]) for each in known.staff if each in people),
            counters=tuple(self._known.counter_shown(known, row) for row in known.counters.values()),
            currency=currency,
            takings=0 if role == "cashier" else takings_at(connection, merchant, currency),
        )

    def mine(self, connection: sa.Connection, signed: Signed) -> tuple[Shop, ...]:
        """The newest last; a program sees its own merchant."""
        own = (signed.person,) if store.merchant(connection, signed.person) is not None else ()
        found = own or store.works_for(connection, signed.person, MINE_MAX)
        return tuple(self.of(connection, each, signed.person) for each in found)

    def all(self, connection: sa.Connection, signed: Signed) -> MerchantTariffs:
        """Raises `OperatorsOnly`."""
        if not signed.is_operator:
            raise rules.OperatorsOnly()
        rows = store.all_merchants(connection, ALL_MAX)
        owners = store.owners(connection, [row.id for row in rows])
        people = self._purse.people.people_by_id(connection, {*(row.id for row in rows), *owners.values()})
        nobody = Person("", "", "")
        return MerchantTariffs(
            default=store.default_tariff(connection),
            merchants=tuple(
                MerchantRow(
                    merchant=Known(row, people[row.id], {}, {}).shown,
                    tariff=Tariff(row.share, row.fixed),
                    owner=people.get(owners.get(row.id, ""), nobody),
                    at=row.at,
                )
                for row in rows
                if row.id in people
            ),
        )
