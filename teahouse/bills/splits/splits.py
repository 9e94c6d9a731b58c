"""Splits: what one paid is shared among a chat. The one door of this room."""

from teahouse.bills.payments.payments import BillPayments
from teahouse.bills.splits.model import Split
from teahouse.commands import Signed
from teahouse.wallet.purse import Purse


class Splits:
    def __init__(self, purse: Purse, payments: BillPayments) -> None:
        self._purse = purse
        self._payments = payments

    def register(self) -> None:
        """Hang the commands into the house."""

    async def split(self, signed: Signed, split: str) -> Split:
        raise NotImplementedError
