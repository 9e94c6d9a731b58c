"""Receipts: as a PDF, and verified by anybody. The one door of this room."""

from teahouse.bills.directory.directory import Directory
from teahouse.bills.payments.payments import BillPayments
from teahouse.bills.receipts.model import ReceiptCheck
from teahouse.commands import Signed
from teahouse.wallet.purse import Purse


class Receipts:
    def __init__(self, purse: Purse, directory: Directory, payments: BillPayments) -> None:
        self._purse = purse
        self._directory = directory
        self._payments = payments

    async def pdf(self, signed: Signed, payment: str, language: str) -> bytes:
        raise NotImplementedError

    async def check(self, token: str) -> ReceiptCheck:
        raise NotImplementedError
