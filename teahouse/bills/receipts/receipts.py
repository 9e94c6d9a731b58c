"""Receipts: as a PDF, and verified by anybody. The one door of this room."""

from functools import cached_property
from typing import Any

import sqlalchemy as sa

from teahouse.bills.payments.payments import BillPayments
from teahouse.bills.payments.store import payment as payment_by_id
from teahouse.bills.receipts import rules
from teahouse.bills.receipts.model import ReceiptCheck
from teahouse.commands import Signed
from teahouse.keys import house_key
from teahouse.wallet.model import Language
from teahouse.wallet.purse import Purse

KEY = "receipts"
PAID = ("paid", "reversed")


class Receipts:
    def __init__(self, purse: Purse, payments: BillPayments) -> None:
        self._purse = purse
        self._payments = payments
        payments.receipt_path = self._path

    async def pdf(self, signed: Signed, payment: str, language: Language) -> bytes:
        """Raises `NoSuchBillPayment` for another's, `NotPaid`."""
        shown = await self._payments.payment(signed, payment)
        if shown.state not in PAID:
            raise rules.NotPaid()
        house = self._purse.operator.settings.name
        payer = (await self._purse.people.me(signed)).person
        url = self._purse.house.settings.public_url + rules.PATH + rules.token_of(self._key, payment)

        def draw() -> bytes:
            from teahouse.bills.receipts.pdf import receipt_pdf  # noqa: PLC0415

            return receipt_pdf(shown, payer, house, url, language)

        return await self._purse.press.make(draw)

    async def check(self, token: str) -> ReceiptCheck:
        """Raises `NoSuchReceipt` for what this house did not make."""
        return await self._purse.house.store.read(self._check, rules.payment_in(self._key, token), token)

    # --- within ---

    def _check(self, connection: sa.Connection, payment: str, token: str) -> ReceiptCheck:
        row = payment_by_id(connection, payment)
        if row is None or row.state not in PAID:
            raise rules.NoSuchReceipt()
        shown = self._payments.shown(connection, row)
        return ReceiptCheck(
            house=self._purse.operator.settings.name,
            biller=shown.biller.person.name,
            customer=", ".join(shown.customer.values()),
            name=shown.name,
            amount=shown.amount,
            currency=shown.currency,
            paid_at=shown.ended_at,
            reference=shown.reference,
            number=shown.id,
            reversed=shown.state == "reversed",
        )

    def _path(self, row: sa.Row[Any]) -> str:
        return rules.PATH + rules.token_of(self._key, row.id)

    @cached_property
    def _key(self) -> bytes:
        return house_key(self._purse.house.settings.data, KEY)
