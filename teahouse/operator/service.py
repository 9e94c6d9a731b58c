"""The operator's room: the house's own settings, read by everybody and changed by operators."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET

from teahouse import __version__
from teahouse.chat.content import TEXT_MAX
from teahouse.chat.model import GROUP_MEMBERS_MAX
from teahouse.commands import Signed
from teahouse.errors import Forbidden, Refusal
from teahouse.money import currencies
from teahouse.operator import store
from teahouse.operator.model import ChangeHouse, HouseCard, HouseLimits, HouseSettings
from teahouse.people.pictures import PICTURE_BYTES_MAX
from teahouse.people.service import clean_name
from teahouse.storage.transaction import Tx

if TYPE_CHECKING:
    from teahouse.house import House


MIB = 2**20


class UnknownCurrency(Refusal):
    code = "no_such_currency"
    title = "There is no such currency"


def must_be_currencies(codes: tuple[str, ...]) -> None:
    """Raises `UnknownCurrency` unless all are of ISO 4217, each once."""
    if len(set(codes)) < len(codes) or not set(codes) <= set(currencies()):
        raise UnknownCurrency()


class OperatorService:
    def __init__(self, house: "House") -> None:
        self._house = house
        self._defaults = HouseSettings(registration=house.settings.first_registration)
        self.settings = self._defaults
        """As they were committed last; replaced whole, so that any thread may read them."""

    def register(self) -> None:
        """It has no commands of its own: the settings are changed over HTTP only."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self.settings = await self._house.store.read(store.load, self._defaults)
        yield

    def card(self) -> HouseCard:
        settings = self.settings
        return HouseCard(
            name=settings.name,
            registration=settings.registration,
            limits=HouseLimits(
                text_max=TEXT_MAX,
                group_members_max=GROUP_MEMBERS_MAX,
                picture_bytes_max=PICTURE_BYTES_MAX,
                upload_bytes_max=self._house.settings.upload_mib * MIB,
                recall_limit_ms=settings.recall_limit_ms,
            ),
            link_previews=settings.link_previews,
            currencies=settings.currencies,
            country=settings.country,
            cash_confirm_above=settings.cash_confirm_above,
            vapid_key=self._house.vapid_public_key,
            version=__version__,
        )

    async def change(self, signed: Signed, asked: ChangeHouse) -> HouseCard:
        if not signed.is_operator:
            raise Forbidden("Only operators change the house.")

        def commit(tx: Tx) -> None:
            changes = {name: value for name in asked.__struct_fields__ if (value := getattr(asked, name)) is not UNSET}
            if "name" in changes:
                changes["name"] = clean_name(changes["name"])
            if "currencies" in changes:
                must_be_currencies(changes["currencies"])
            settings = msgspec.structs.replace(store.load(tx.connection, self._defaults), **changes)
            store.save(tx.connection, settings)
            tx.after(lambda: setattr(self, "settings", settings))

        await self._house.store.write(commit)
        return self.card()
