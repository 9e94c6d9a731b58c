"""Daily bills, made from the orders and held against the ledger. The one door of this room."""

from teahouse.commands import Signed
from teahouse.merchants.accounts.accounts import Accounts
from teahouse.merchants.statements.model import DayBill
from teahouse.wallet.purse import Purse


class Statements:
    def __init__(self, purse: Purse, accounts: Accounts) -> None:
        self._purse = purse
        self._accounts = accounts

    async def bill(self, signed: Signed, merchant: str, day: str) -> DayBill:
        raise NotImplementedError

    async def csv(self, signed: Signed, merchant: str, day: str) -> bytes:
        raise NotImplementedError
