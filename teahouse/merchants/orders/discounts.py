"""What other rooms hang into orders: the room that keeps coupons, and whoever is told how an order ended."""

from collections.abc import Callable
from typing import Any, Protocol

import sqlalchemy as sa

from teahouse.merchants.orders import rules
from teahouse.merchants.orders.model import Order
from teahouse.money import Money
from teahouse.storage.transaction import Tx


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
    """Until the room of coupons hangs itself in: a coupon is refused, so no order has one that could end."""

    def quote(self, tx: Tx, holder: str, coupon: str, merchant: str, counter: str, basket: Money) -> int:
        raise rules.NoCoupons()

    def reserve(self, tx: Tx, coupon: str, order: str) -> None:
        raise rules.NoCoupons()

    def redeem(self, tx: Tx, coupon: str, order: sa.Row[Any], by: str) -> None:
        raise rules.NoCoupons()

    def release(self, tx: Tx, coupon: str, order: str) -> None:
        raise rules.NoCoupons()

    def give_back(self, tx: Tx, coupon: str, order: str) -> None:
        raise rules.NoCoupons()


OnOrder = Callable[[Tx, Order], None]
"""Told of an order (as its staff sees it) that was paid, closed or refunded, in the same transaction."""


class Hung:
    """What is hung in now."""

    def __init__(self) -> None:
        self.discounts: Discounts = NoDiscounts()
        self.on_changed: list[OnOrder] = []
