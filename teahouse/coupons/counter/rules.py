"""Why the counter says no."""

from teahouse.errors import Conflict, Forbidden, NotFound, Refusal


class WrongCode(Refusal):
    """Not a code, forged, or of somebody who has the coupon no more: which, nobody learns."""

    code = "wrong_code"
    title = "This is not a code of a coupon"


class CodeExpired(Refusal):
    code = "code_expired"
    title = "This code is too old: it turns every few seconds"


class CodeUsed(Conflict):
    code = "code_used"
    title = "This code was used already"


class WrongProof(Refusal):
    """Not of this counter, of somebody else, or older than two minutes."""

    code = "wrong_proof"
    title = "Scan the code again"


class OtherMerchant(Forbidden):
    code = "other_merchant"
    title = "This coupon is another merchant's"


class TooEarly(Conflict):
    code = "coupon_too_early"
    title = "This coupon is not valid yet"


class NotAtThisHour(Conflict):
    code = "not_at_this_hour"
    title = "This coupon may not be used at this hour"


class NotAtThisCounter(Conflict):
    code = "not_at_this_counter"
    title = "This coupon may not be used at this counter"


class OtherCurrency(Conflict):
    code = "coupon_currency"
    title = "This coupon is in another currency"


class BelowMinSpend(Conflict):
    """`fields["min_spend"]`: minor units."""

    code = "below_min_spend"
    title = "The basket is too small for this coupon"


class NothingOff(Conflict):
    code = "nothing_off"
    title = "This coupon takes nothing off this basket"


class NoSuchRedemption(NotFound):
    code = "no_such_redemption"
    title = "There is no such redemption"


class HasOrder(Conflict):
    code = "redemption_has_order"
    title = "This redemption was paid with an order: refund that"


class NotRedeemed(Conflict):
    code = "not_redeemed"
    title = "This redemption is not there to be undone"
