"""Why there is no pass."""

from teahouse.errors import Conflict, NotFound, Unavailable


class NoPasses(NotFound):
    code = "no_passes"
    title = "This house makes no such passes"


class NotInHand(Conflict):
    """It was used, given away or has expired."""

    code = "coupon_not_held"
    title = "Only a coupon that one holds can be kept elsewhere"


class PassesBroken(Unavailable):
    """The operator's certificate or key cannot be read; the log says which."""

    code = "passes_broken"
    title = "The house cannot sign passes now"
