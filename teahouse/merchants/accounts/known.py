"""Merchants as every command asks for them. For the writer's thread they are kept in memory: a flash sale or a rush at
the counter asks for the same merchant thousands of times a second."""

from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import msgspec
import sqlalchemy as sa

from teahouse.commands import Actor
from teahouse.merchants.accounts import rules, store
from teahouse.merchants.accounts.model import Counter, Merchant, MerchantChanged, Role, Tariff
from teahouse.money import currencies
from teahouse.people.model import Person
from teahouse.storage.transaction import Tx
from teahouse.wallet.payments import emv
from teahouse.wallet.purse import Purse

KNOWN_MAX = 10_000
PATH = "/m/"


class Known(msgspec.Struct, frozen=True):
    """A merchant with its staff and counters, as it stands."""

    row: sa.Row[Any]
    face: Person
    staff: dict[str, Role]
    """The longest serving first."""
    counters: dict[str, sa.Row[Any]]
    """Those whose codes work."""

    @property
    def tariff(self) -> Tariff:
        return Tariff(self.row.share, self.row.fixed)

    @property
    def shown(self) -> Merchant:
        return Merchant(self.face, self.row.category, self.row.state, self.face.bio)


class KnownMerchants:
    def __init__(self, purse: Purse) -> None:
        self._purse = purse
        self._known: dict[str, Known] = {}
        self._by_token: dict[str, str] = {}
        """Of counters in `_known`: whose each is."""

    def get(self, connection: sa.Connection, merchant: str) -> Known:
        """Raises `NoSuchMerchant`."""
        if not connection.get_execution_options().get("writes"):
            return self._read(connection, merchant)
        found = self._known.get(merchant)
        if found is None:
            found = self._read(connection, merchant)
            if len(self._known) >= KNOWN_MAX:
                self._known.clear()
                self._by_token.clear()
            self._known[merchant] = found
            self._by_token.update((row.token, merchant) for row in found.counters.values())
        return found

    def role(self, connection: sa.Connection, actor: Actor, merchant: str, least: Role) -> Role:
        """Raises `NoSuchMerchant` for who is no staff, `NotYourRole`."""
        role = self.role_in(self.get(connection, merchant), actor.person)
        rules.must_be_at_least(role, least)
        return role

    def role_in(self, known: Known, person: str) -> Role:
        """Return the role of a person, or of the merchant's own program. Raises `NoSuchMerchant`."""
        role = "manager" if person == known.row.id else known.staff.get(person)
        if role is None:
            raise rules.NoSuchMerchant()
        return role

    def counter(self, connection: sa.Connection, merchant: str, counter: str) -> Counter:
        """Raises `NoSuchMerchant`, `NoSuchCounter`."""
        known = self.get(connection, merchant)
        row = known.counters.get(counter)
        if row is None:
            raise rules.NoSuchCounter()
        return self.counter_shown(known, row)

    def counter_of_token(self, connection: sa.Connection, token: str) -> tuple[str, Counter]:
        """Raises `NoSuchCounter`."""
        merchant = self._by_token.get(token) if connection.get_execution_options().get("writes") else None
        if merchant is None:
            row = store.counter_by_token(connection, token) if emv.is_token(token) else None
            if row is None:
                raise rules.NoSuchCounter()
            merchant = str(row.merchant)
        known = self.get(connection, merchant)
        found = next((row for row in known.counters.values() if row.token == token), None)
        if found is None:
            raise rules.NoSuchCounter()
        return merchant, self.counter_shown(known, found)

    def counter_shown(self, known: Known, row: sa.Row[Any]) -> Counter:
        house, url = self._purse.operator.settings, self._purse.house.settings.public_url
        face = known.face
        qr = _qr(url, house.country, house.name, row.token, known.row.currency, face.name, face.handle, row.name)
        return Counter(row.id, row.name, f"{url}{PATH}{row.token}", qr)

    def changed(self, tx: Tx, merchant: str, *also: str) -> None:
        """Something of a merchant was written: read it again when it is next needed, and tell its staff, and others
        who were."""
        self._drop(merchant)
        tx.undo(lambda: self._drop(merchant))
        self.tell(tx, merchant, *also)

    def tell(self, tx: Tx, merchant: str, *also: str) -> None:
        tx.tell(MerchantChanged(merchant=merchant), {*self.get(tx.connection, merchant).staff, merchant, *also})

    def _drop(self, merchant: str) -> None:
        found = self._known.pop(merchant, None)
        if found is not None:
            for row in found.counters.values():
                self._by_token.pop(row.token, None)

    def _read(self, connection: sa.Connection, merchant: str) -> Known:
        row = store.merchant(connection, merchant)
        face = self._purse.people.person(connection, merchant) if row is not None else None
        if row is None or face is None:
            raise rules.NoSuchMerchant()
        return Known(row, face, store.staff_of(connection, merchant), store.counters_of(connection, merchant))


@lru_cache(maxsize=4096)
def _qr(url: str, country: str, city: str, token: str, currency: str, name: str, handle: str, counter: str) -> str:
    return emv.write(
        emv.ReceiveText(
            house=urlsplit(url).netloc,
            token=token,
            currency=currencies()[currency].numeric,
            country=country,
            name=name,
            handle=handle,
            city=city,
            purpose=counter,
        )
    )
