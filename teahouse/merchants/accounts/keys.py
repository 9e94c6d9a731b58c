"""API keys: a program of the merchant's signs in as the merchant itself, and counts as a manager. It has no PIN, so it
spends nothing, and the house keeps it out of all that only people do (`teahouse.programs`)."""

import sqlalchemy as sa

from teahouse.commands import Signed
from teahouse.merchants.accounts import rules
from teahouse.merchants.accounts.known import KnownMerchants
from teahouse.merchants.accounts.model import ApiKey, ApiKeyMade, MakeApiKey
from teahouse.people.model import Device
from teahouse.people.service import PeopleService, clean_name
from teahouse.storage.transaction import Tx


class ApiKeys:
    def __init__(self, people: PeopleService, known: KnownMerchants) -> None:
        self._people = people
        self._known = known

    def shown(self, connection: sa.Connection, signed: Signed, merchant: str) -> tuple[ApiKey, ...]:
        self._known.role(connection, signed, merchant, "owner")
        return tuple(_key(each) for each in self._people.keys(connection, merchant))

    def make(self, tx: Tx, signed: Signed, merchant: str, asked: MakeApiKey) -> ApiKeyMade:
        self._known.role(tx.connection, signed, merchant, "owner")
        if len(self._people.keys(tx.connection, merchant)) >= rules.KEYS_MAX:
            raise rules.TooManyKeys(max=rules.KEYS_MAX)
        opened = self._people.open_key(tx, self._known.get(tx.connection, merchant).face, clean_name(asked.name))
        made = next(each for each in self._people.keys(tx.connection, merchant) if each.id == opened.device)
        self._known.tell(tx, merchant)
        return ApiKeyMade(_key(made), opened.token)

    def revoke(self, tx: Tx, signed: Signed, merchant: str, key: str) -> None:
        """Raises `NotFound`."""
        self._known.role(tx.connection, signed, merchant, "owner")
        self._people.end_key(tx, merchant, key)
        self._known.tell(tx, merchant)


def _key(device: Device) -> ApiKey:
    return ApiKey(device.id, device.name, device.created_at, device.seen_at)
