"""Splits: who may be asked for what, and who may pay. Pure."""

from collections.abc import Collection, Sequence

from teahouse.bills.splits.model import AskedShare
from teahouse.errors import Conflict, Forbidden, NotFound, Refusal


class NoSuchSplit(NotFound):
    code = "no_such_split"
    title = "There is no such split, or you may not read its message"


class BadShares(Refusal):
    """Each is asked once, not oneself, and all are members of the chat; together they are not asked for more than was
    paid."""

    code = "bad_shares"
    title = "These shares do not fit"


class NotInChannels(Forbidden):
    code = "not_in_channels"
    title = "Splits are for chats whose members all may answer"


class NotAsked(Forbidden):
    code = "not_asked"
    title = "You have no share in this"


class SharePaid(Conflict):
    code = "share_paid"
    title = "You paid this already"


class SplitOver(Conflict):
    code = "split_over"
    title = "Nobody owes anything here any more"


class NotYourSplit(Forbidden):
    code = "not_your_split"
    title = "Only who made it closes it"


class NotYourBill(Refusal):
    code = "not_your_bill"
    title = "This is no bill that you paid"


def may_ask(kind: str, members: Collection[str], maker: str, shares: Sequence[AskedShare], total: int) -> None:
    """Raises `NotInChannels`, `BadShares`."""
    if kind == "channel":
        raise NotInChannels()
    asked = [share.person for share in shares]
    if len(set(asked)) < len(asked) or maker in asked or not set(asked) <= set(members):
        raise BadShares("Each member is asked once, and not oneself.")
    if sum(share.amount for share in shares) > total:
        raise BadShares("They would pay more than there is.")


def may_split(own: bool, total: int, paid: int) -> None:
    """Raises `NotYourBill`: of a bill of one's own, no more than was paid."""
    if not own or total > paid:
        raise NotYourBill()


def may_pay(state: str, paid_at: int | None) -> None:
    """Raises `NotAsked`, `SharePaid`, `SplitOver`. `paid_at`: of one's share, None without one."""
    if paid_at is None:
        raise NotAsked()
    if paid_at:
        raise SharePaid()
    if state != "open":
        raise SplitOver()
