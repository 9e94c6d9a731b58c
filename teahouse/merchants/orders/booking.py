"""The money of an order, all in the transaction in which it is paid or refunded:

    payer   -> merchant    what was paid       subsidy -> merchant   the discount, which the merchant bears itself
    merchant -> fee income the house's fee

A refund goes the same ways back. Every posting's subject is the order. A merchant's subsidy account is below zero by
the discounts that were not settled out of its takings yet, and never above.
"""

from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse.merchants.accounts.accounts import Accounts
from teahouse.merchants.accounts.rules import may_take
from teahouse.merchants.orders import rules
from teahouse.money import Money
from teahouse.storage.transaction import Tx
from teahouse.wallet.ledger.books import AccountState
from teahouse.wallet.ledger.model import New, Purpose
from teahouse.wallet.purse import Purse


class Booked(msgspec.Struct, frozen=True):
    at: int
    """As the ledger has it, whatever the clock did: daily bills are held against it."""
    fee: int
    """Taken, or come back."""


class Booking:
    def __init__(self, purse: Purse, accounts: Accounts) -> None:
        self._purse = purse
        self._accounts = accounts

    def till(self, tx: Tx, merchant: str, currency: str) -> AccountState:
        """Return the account that a merchant's takings are in."""
        return self._purse.house_account(tx, "merchant", currency, owner=merchant)

    def takes(self, tx: Tx, row: sa.Row[Any], payer: str, paid: int) -> None:
        """Move what the payer pays. Raises `InsufficientFunds`."""
        account = self._purse.account(tx, payer, row.currency)
        till = self.till(tx, row.merchant, row.currency)
        self._move(tx, f"{row.id}/pay", account, till, paid, Purpose.MERCHANT, row.id)
        self._purse.tell(tx, account)

    def completes(self, tx: Tx, row: sa.Row[Any], discount: int, paid: int) -> Booked:
        """Move the discount and the fee, once what the payer pays was moved."""
        till = self.till(tx, row.merchant, row.currency)
        subsidy, house = self._beside(tx, row)
        tariff = self._accounts.tariff(tx.connection, row.merchant)
        fee = rules.fee_of(paid, tariff.share, tariff.fixed)
        self._move(tx, f"{row.id}/discount", subsidy, till, discount, Purpose.COUPON, row.id)
        self._move(tx, f"{row.id}/fee", till, house, fee, Purpose.FEE, row.id)
        return Booked(self._time_of_last(tx, till), fee)

    def gives_back(self, tx: Tx, row: sa.Row[Any], refund: str, amount: int, discount: int, had_fee: int) -> Booked:
        """Move a refund out of the takings, with the fee that comes back for it and the discount that goes back.
        `had_fee`: what of the fee came back before. Raises `NotEnoughTakings`.

        The payer's wallet may grow beyond its level's limit by it (`has_room` is not asked): the money is the payer's
        own, of which they had room before, and a shop cannot keep what it must give back because a wallet is full.
        """
        purse, till = self._purse, self.till(tx, row.merchant, row.currency)
        subsidy, house = self._beside(tx, row)
        fee = rules.fee_back(row.fee, row.paid, row.refunded + amount) - had_fee
        may_take(self._accounts.takings(tx, row.merchant, row.currency) + fee, amount)
        account = purse.account(tx, row.payer, row.currency)
        self._move(tx, f"{refund}/fee", house, till, fee, Purpose.FEE, row.id)
        self._move(tx, f"{refund}/refund", till, account, amount, Purpose.REFUND, row.id)
        settled = rules.unsettled(subsidy.credits - subsidy.debits, discount)
        self._move(tx, f"{refund}/settlement", subsidy, till, settled, Purpose.SETTLEMENT, row.id)
        self._move(tx, f"{refund}/discount", till, subsidy, discount, Purpose.COUPON, row.id)
        purse.guard.unspend(tx, row.payer, Money(amount, row.currency), row.paid_at)
        purse.tell(tx, account)
        return Booked(self._time_of_last(tx, till), fee)

    def _beside(self, tx: Tx, row: sa.Row[Any]) -> tuple[AccountState, AccountState]:
        purse = self._purse
        subsidy = purse.house_account(tx, "subsidy", row.currency, owner=row.merchant)
        return subsidy, purse.house_account(tx, "fee_income", row.currency)

    def _move(
        self, tx: Tx, key: str, debit: AccountState, credit: AccountState, amount: int, purpose: Purpose, order: str
    ) -> None:
        if amount:
            new = New(key, debit.number, credit.number, amount, purpose=purpose, subject=order)
            self._purse.ledger.post(tx, new)

    def _time_of_last(self, tx: Tx, till: AccountState) -> int:
        return self._purse.ledger.transfer(tx, till.last).at
