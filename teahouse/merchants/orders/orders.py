"""Orders: created, paid (with a coupon, if the payer has one), closed, refunded. The one door of this room."""

from typing import Any

import sqlalchemy as sa

from teahouse import ids
from teahouse.commands import Actor, Signed
from teahouse.errors import NotFound
from teahouse.merchants.accounts.accounts import Accounts
from teahouse.merchants.accounts.model import Role
from teahouse.merchants.orders import codes, rules, store
from teahouse.merchants.orders.booking import Booking
from teahouse.merchants.orders.discounts import Discounts, Hung, OnOrder
from teahouse.merchants.orders.model import (
    CloseOrder,
    CreateOrder,
    MerchantCode,
    Order,
    OrderMade,
    OrderPage,
    OrderRefunded,
    OrderState,
    ReadMerchantCode,
    RefundOrder,
)
from teahouse.merchants.orders.paying import Paying
from teahouse.merchants.orders.refunding import Refunding
from teahouse.merchants.orders.showing import Showing, describe
from teahouse.money import Money
from teahouse.storage.transaction import Tx
from teahouse.wallet.ledger.model import Purpose
from teahouse.wallet.ledger.rules import KeyReused
from teahouse.wallet.notes import clean
from teahouse.wallet.once import digest
from teahouse.wallet.payments.charges import Charges
from teahouse.wallet.payments.codes import Codes
from teahouse.wallet.payments.rows import gone
from teahouse.wallet.purse import Purse

__all__ = ["Discounts", "OnOrder", "Orders"]


class Orders:
    def __init__(self, purse: Purse, accounts: Accounts, codes: Codes, charges: Charges) -> None:
        self._purse = purse
        self._accounts = accounts
        self._hung = Hung()
        self._showing = Showing(purse, accounts)
        booking = Booking(purse, accounts)
        self._paying = Paying(purse, accounts, codes, charges, self._showing, booking, self._hung)
        self._refunding = Refunding(purse, self._showing, booking, self._paying, self._hung)
        self.on_changed: list[OnOrder] = self._hung.on_changed

    @property
    def discounts(self) -> Discounts:
        """Hung in by coupons; until then every coupon is refused."""
        return self._hung.discounts

    @discounts.setter
    def discounts(self, room: Discounts) -> None:
        self._hung.discounts = room

    def register(self) -> None:
        """Hang the commands into the house."""
        house, purse = self._purse.house, self._purse
        house.handle(CreateOrder, self.create)
        house.handle(CloseOrder, self.close)
        house.handle(RefundOrder, self.refund)
        self._paying.register()
        purse.sweeps.append(self.expire)
        for purpose in (Purpose.MERCHANT, Purpose.REFUND, Purpose.COUPON):
            purse.describe[purpose] = describe

    # --- what other rooms ask ---

    def charge_holder(
        self, tx: Tx, actor: Actor, merchant: str, payer: str, basket: Money, discount: int, coupon: str, counter: str
    ) -> Order:
        """For a coupon that is redeemed with `collect`: make an order of the basket, less the discount that was quoted,
        reserve the coupon, and ask its holder for the rest. With nothing left to pay it is paid at once."""
        return self._paying.charge_holder(tx, actor, merchant, payer, basket, discount, coupon, counter)

    def shown(self, connection: sa.Connection, order: str, *, staff: bool) -> Order:
        """Raises `NoSuchOrder`."""
        return self._showing.one(connection, _found(store.order(connection, order)), staff=staff)

    # --- commands ---

    def create(self, tx: Tx, actor: Actor, command: CreateOrder) -> OrderMade:
        """A repeat of the number with the same body returns the first, however it stands by now."""
        accounts, merchant = self._accounts, command.merchant
        accounts.must_be_staff(tx.connection, actor, merchant)
        said = digest(command)
        row = store.order_by_number(tx.connection, merchant, command.number)
        if row is not None:
            if bytes(row.digest) != said:
                raise KeyReused()
            return OrderMade(order=self._showing.one(tx.connection, row, staff=True))
        shop = accounts.must_be_open(tx.connection, merchant)
        rules.must_be_sold_in(shop.currency, command.amount.currency)
        if command.counter:
            accounts.counter(tx.connection, merchant, command.counter)
        identifier = ids.new_id()
        store.add_order(
            tx.connection,
            id=identifier,
            merchant=merchant,
            number=command.number,
            digest=said,
            amount=command.amount.amount,
            currency=command.amount.currency,
            state="created",
            description=clean(command.description),
            attach=command.attach,
            counter=command.counter or "",
            at=tx.now,
            expires_at=tx.now + command.expires_in,
            maker=actor.person,
        )
        return OrderMade(order=self._showing.tell(tx, _found(store.order(tx.connection, identifier))))

    def close(self, tx: Tx, actor: Actor, command: CloseOrder) -> OrderMade:
        """A repeat changes nothing."""
        row = self._of_shop(tx, actor, command.order)
        if row.state == "closed":
            return OrderMade(order=self._showing.one(tx.connection, row, staff=True))
        if row.state != "created":
            raise rules.OrderOver(state=row.state)
        return OrderMade(order=self._paying.close(tx, row))

    def refund(self, tx: Tx, actor: Actor, command: RefundOrder) -> OrderRefunded:
        return self._refunding.refund(tx, actor, self._of_shop(tx, actor, command.order, "manager"), command)

    def expire(self, tx: Tx, limit: int) -> int:
        """A sweep: close orders that nobody paid in time."""
        due = store.orders_due(tx.connection, tx.now, limit)
        for row in due:
            self._paying.close(tx, row)
        return len(due)

    def _of_shop(self, tx: Tx, actor: Actor, order: str, least: Role = "cashier") -> sa.Row[Any]:
        """Return an order to its merchant's staff. Raises `NoSuchOrder`, `Forbidden`."""
        row = _found(store.order(tx.connection, order))
        try:
            self._accounts.must_be_staff(tx.connection, actor, row.merchant, least)
        except NotFound:  # who is no staff of its merchant does not learn of an order by trying
            raise rules.NoSuchOrder() from None
        return row

    # --- reads ---

    async def page(
        self, signed: Signed, merchant: str, *, state: OrderState | None, before: str, limit: int
    ) -> OrderPage:
        """For its staff. Raises `NoSuchMerchant`."""

        def read(connection: sa.Connection) -> OrderPage:
            self._accounts.must_be_staff(connection, signed, merchant)
            rows = store.orders_of(connection, merchant, state, before, limit + 1)
            orders = self._showing.all(connection, rows[:limit], staff=True)
            return OrderPage(orders=orders, more=len(rows) > limit)

        return await self._purse.house.store.read(read)

    async def by_number(self, signed: Signed, merchant: str, number: str) -> Order:
        """For its staff. Raises `NoSuchMerchant`, `NoSuchOrder`."""

        def read(connection: sa.Connection) -> Order:
            self._accounts.must_be_staff(connection, signed, merchant)
            row = _found(store.order_by_number(connection, merchant, number))
            return self._showing.one(connection, row, staff=True)

        return await self._purse.house.store.read(read)

    async def order(self, signed: Signed, order: str) -> Order:
        """For its staff, its payer, and as long as it has none whoever has its code. Raises `NoSuchOrder`."""
        return await self._purse.house.store.read(self._seen, signed, order)

    async def read_code(self, signed: Signed, asked: ReadMerchantCode) -> MerchantCode:
        """Raises what `codes.read` does, `NoSuchCounter`, `MerchantClosed`, `NoSuchOrder`."""
        scanned = codes.read(asked.text, self._purse.house.settings.public_url)

        def read(connection: sa.Connection) -> MerchantCode:
            if scanned.order:
                order = self._seen(connection, signed, scanned.order)
                return MerchantCode(merchant=order.merchant, currency=order.currency, order=order)
            merchant, counter = self._accounts.counter_of_token(connection, scanned.counter)
            shop = self._accounts.must_be_open(connection, merchant)
            return MerchantCode(
                merchant=self._purse.people.person(connection, merchant) or gone(merchant),
                counter=scanned.counter,
                counter_name=counter.name,
                currency=shop.currency,
            )

        return await self._purse.house.store.read(read)

    def _seen(self, connection: sa.Connection, signed: Signed, order: str) -> Order:
        row = _found(store.order(connection, order))
        try:
            self._accounts.must_be_staff(connection, signed, row.merchant)
        except NotFound:
            if row.payer not in ("", signed.person):
                raise rules.NoSuchOrder() from None
            return self._showing.one(connection, row, staff=False)
        return self._showing.one(connection, row, staff=True)


def _found(row: sa.Row[Any] | None) -> sa.Row[Any]:
    if row is None:
        raise rules.NoSuchOrder()
    return row
