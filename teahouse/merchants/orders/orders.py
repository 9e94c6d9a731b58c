"""Orders: created, paid (with a coupon, if the payer has one), closed, refunded. The one door of this room."""

from collections.abc import Callable
from typing import Any, Protocol

import sqlalchemy as sa

from teahouse.commands import Actor, Signed
from teahouse.merchants.accounts.accounts import Accounts
from teahouse.merchants.orders.model import MerchantCode, Order, OrderPage, OrderState, ReadMerchantCode
from teahouse.money import Money
from teahouse.storage.transaction import Tx
from teahouse.wallet.payments.charges import Charges
from teahouse.wallet.payments.codes import Codes
from teahouse.wallet.purse import Purse


class Discounts(Protocol):
    """The room that keeps coupons. All within the order's own transaction."""

    def quote(self, tx: Tx, holder: str, coupon: str, merchant: str, counter: str, basket: Money) -> int:
        """Return what a coupon takes off this basket now, in minor units. Raises why it may not be used."""

    def reserve(self, tx: Tx, coupon: str, order: str) -> None:
        """The order waits for its payer: nobody else uses the coupon meanwhile."""

    def redeem(self, tx: Tx, coupon: str, order: sa.Row[Any], by: str) -> None:
        """The order was paid with it. `by`: who of the staff asked, or the holder."""

    def release(self, tx: Tx, coupon: str, order: str) -> None:
        """The order was closed unpaid."""

    def give_back(self, tx: Tx, coupon: str, order: str) -> None:
        """The order was refunded whole: the coupon goes back where its campaign says so."""


class NoDiscounts:
    """Until the room of coupons hangs itself in."""


OnOrder = Callable[[Tx, Order], None]
"""Told of an order (as its staff sees it) that was paid, closed or refunded, in the same transaction."""


class Orders:
    def __init__(self, purse: Purse, accounts: Accounts, codes: Codes, charges: Charges) -> None:
        self._purse = purse
        self._accounts = accounts
        self._codes = codes
        self._charges = charges
        self.discounts: Discounts
        """Hung in by coupons."""
        self.on_changed: list[OnOrder] = []

    def register(self) -> None:
        """Hang the commands into the house."""

    # --- what other rooms ask ---

    def charge_holder(
        self, tx: Tx, actor: Actor, merchant: str, payer: str, basket: Money, discount: int, coupon: str, counter: str
    ) -> Order:
        """For a coupon that is redeemed with `collect`: make an order of the basket, less the discount that was quoted,
        reserve the coupon, and ask its holder for the rest. With nothing left to pay it is paid at once."""
        raise NotImplementedError

    def shown(self, connection: sa.Connection, order: str, *, staff: bool) -> Order:
        """Raises `NoSuchOrder`."""
        raise NotImplementedError

    # --- reads ---

    async def page(
        self, signed: Signed, merchant: str, *, state: OrderState | None, before: str, limit: int
    ) -> OrderPage:
        raise NotImplementedError

    async def by_number(self, signed: Signed, merchant: str, number: str) -> Order:
        raise NotImplementedError

    async def order(self, signed: Signed, order: str) -> Order:
        raise NotImplementedError

    async def read_code(self, signed: Signed, asked: ReadMerchantCode) -> MerchantCode:
        raise NotImplementedError
