"""Merchants: opened, staffed, paid out. The one door of this room."""

from typing import Any

import sqlalchemy as sa

from teahouse.commands import Actor, Signed
from teahouse.merchants.accounts.model import (
    ApiKey,
    ApiKeyMade,
    Counter,
    MakeApiKey,
    Merchant,
    MerchantTariffs,
    Role,
    SetDefaultTariff,
    Shop,
    Tariff,
)
from teahouse.storage.transaction import Tx
from teahouse.wallet.purse import Purse


class Accounts:
    def __init__(self, purse: Purse) -> None:
        self._purse = purse

    def register(self) -> None:
        """Hang the commands into the house."""

    # --- what other rooms ask ---

    def must_be_staff(self, connection: sa.Connection, actor: Actor, merchant: str, least: Role = "cashier") -> Role:
        """Return the actor's role (the merchant's own program counts as a manager). Raises `NoSuchMerchant` for who is
        no staff, `Forbidden` for who may not do this."""
        raise NotImplementedError

    def must_be_open(self, connection: sa.Connection, merchant: str) -> sa.Row[Any]:
        """Return the row of a merchant that sells. Raises `NoSuchMerchant`, `MerchantClosed`."""
        raise NotImplementedError

    def staff_ids(self, connection: sa.Connection, merchant: str) -> list[str]:
        """Whom to tell: the staff, and the merchant itself (its program)."""
        raise NotImplementedError

    def counter(self, connection: sa.Connection, merchant: str, counter: str) -> Counter:
        """Raises `NoSuchCounter`."""
        raise NotImplementedError

    def counter_of_token(self, connection: sa.Connection, token: str) -> tuple[str, Counter]:
        """Return the merchant and counter of a code. Raises `NoSuchCounter`."""
        raise NotImplementedError

    def tariff(self, connection: sa.Connection, merchant: str) -> Tariff:
        raise NotImplementedError

    def takings(self, tx: Tx, merchant: str, currency: str) -> int:
        """What a merchant may take out or refund from: its account, less the discounts that are not settled yet."""
        raise NotImplementedError

    # --- reads ---

    async def mine(self, signed: Signed) -> tuple[Shop, ...]:
        raise NotImplementedError

    async def all(self, signed: Signed) -> MerchantTariffs:
        raise NotImplementedError

    async def set_default_tariff(self, signed: Signed, asked: SetDefaultTariff) -> MerchantTariffs:
        raise NotImplementedError

    async def merchant(self, signed: Signed, merchant: str) -> Merchant:
        raise NotImplementedError

    async def shop(self, signed: Signed, merchant: str) -> Shop:
        raise NotImplementedError

    async def keys(self, signed: Signed, merchant: str) -> tuple[ApiKey, ...]:
        raise NotImplementedError

    async def make_key(self, signed: Signed, merchant: str, asked: MakeApiKey) -> ApiKeyMade:
        raise NotImplementedError

    async def revoke_key(self, signed: Signed, merchant: str, key: str) -> None:
        raise NotImplementedError
