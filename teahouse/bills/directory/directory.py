"""The directory of billers. The one door of this room."""

from typing import Any

import sqlalchemy as sa

from teahouse.bills.connectors.model import Reach
from teahouse.bills.directory.model import Biller, BillerCategory, BillerList, BillerSetup
from teahouse.commands import Signed
from teahouse.wallet.purse import Purse


class Directory:
    def __init__(self, purse: Purse) -> None:
        self._purse = purse

    def register(self) -> None:
        """Hang the commands into the house."""

    # --- what other rooms ask ---

    def row(self, connection: sa.Connection, biller: str) -> sa.Row[Any]:
        """Return a biller's row, open or not. Raises `NoSuchBiller`."""
        raise NotImplementedError

    def shown(self, connection: sa.Connection, billers: set[str]) -> dict[str, Biller]:
        raise NotImplementedError

    def reach(self, row: sa.Row[Any]) -> Reach:
        raise NotImplementedError

    def customer_of(self, row: sa.Row[Any], given: dict[str, str]) -> dict[str, str]:
        """Return a customer's values as the biller writes them. Raises `WrongCustomerField` (its `field`)."""
        raise NotImplementedError

    # --- reads ---

    async def find(self, *, category: BillerCategory | None, region: str, text: str) -> BillerList:
        raise NotImplementedError

    async def setups(self, signed: Signed) -> tuple[BillerSetup, ...]:
        raise NotImplementedError

    async def biller(self, biller: str) -> Biller:
        raise NotImplementedError
