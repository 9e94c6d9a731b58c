"""What may be paid, closed and refunded, and what the house takes of it. Pure: the instant is a parameter."""

from teahouse.errors import Conflict, NotFound, Refusal


class NoSuchOrder(NotFound):
    """There is none, or it is none of theirs."""

    code = "no_such_order"
    title = "There is no such order"


class OrderOver(Conflict):
    """`fields["state"]` says how it stands: paid, closed or refunded."""

    code = "order_over"
    title = "This order is over"


class OrderAsked(Conflict):
    """A payer was asked on their device, and answers there."""

    code = "order_asked"
    title = "This order waits for the answer of whom it was asked"


class NotPaid(Conflict):
    """`fields["state"]` says how it stands."""

    code = "not_paid"
    title = "Only an order that was paid can be refunded"


class RefundTooMuch(Conflict):
    """`fields["left"]` is what of the payment was not refunded yet."""

    code = "refund_too_much"
    title = "More than was paid cannot be refunded"


class WrongCurrency(Refusal):
    """`fields["currency"]` is the merchant's."""

    code = "wrong_currency"
    title = "This merchant sells in another currency"


class NoCoupons(Refusal):
    code = "no_coupons"
    title = "This house takes no coupons"


# --- may one? -------------------------------------------------------------------------------------


def must_be_payable(state: str, expires_at: int, charge: str, now: int) -> None:
    """May whoever has the order's code pay it? One that was asked of a payer is answered by its charge."""
    if state != "created":
        raise OrderOver(state=state)
    if charge:
        raise OrderAsked()
    if now >= expires_at:
        raise OrderOver("Its time is up.", state="closed")


def refundable(state: str, paid: int, refunded: int, asked: int | None) -> int:
    """Return how much is refunded when so much is asked for, or (None) all that is left. Of an order for which a coupon
    left nothing to pay, that is nothing: only its discount goes back."""
    left = paid - refunded
    if state not in ("paid", "refunded"):
        raise NotPaid(state=state)
    if state == "refunded" or (asked is not None and asked > left):
        raise RefundTooMuch(left=left)
    return left if asked is None else asked


def must_be_sold_in(currency: str, offered: str) -> None:
    if currency != offered:
        raise WrongCurrency(currency=currency)


# --- sums -----------------------------------------------------------------------------------------


def fee_of(paid: int, share: int, fixed: int) -> int:
    """Return what the house takes of what was paid: a share in hundredths of a per cent, rounded half to even, and a
    fixed part; never more than was paid."""
    return min(paid, half_even(paid * share, 10_000) + fixed)


def fee_back(fee: int, paid: int, refunded: int) -> int:
    """Return what of a fee has come back once so much was refunded in all. The sum of the parts is rounded and not each
    of them, so that refunds of the whole give back the whole fee."""
    return half_even(fee * refunded, paid) if paid else 0


def half_even(number: int, by: int) -> int:
    """Divide whole numbers that are not negative; a half goes to the even neighbour."""
    whole, rest = divmod(number, by)
    return whole + (2 * rest > by or (2 * rest == by and whole % 2 == 1))


def unsettled(subsidy: int, back: int) -> int:
    """Return what of a discount that goes back was settled out of the takings before, and so goes there again first:
    `subsidy` is the balance of the merchant's subsidy account, which is never above zero."""
    return max(0, subsidy + back)


def net_of(basket: int, discount: int) -> int:
    """Return what is left to pay."""
    assert 0 <= discount <= basket, "a discount is a part of the basket"
    return basket - discount
