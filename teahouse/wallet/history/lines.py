"""What a transfer is to one of its accounts: a line of its owner's history, or none. Pure."""

from collections.abc import Collection
from typing import Final, Literal, get_args

import msgspec

from teahouse.wallet.ledger.history import balance_after
from teahouse.wallet.ledger.model import Kind, Purpose, Transfer
from teahouse.wallet.model import EntryKind

State = Literal["moved", "held", "returned"]
KINDS: Final[frozenset[str]] = frozenset(get_args(EntryKind))
_KIND_OF: Final[dict[int, EntryKind]] = {
    purpose.value: name for purpose in Purpose for name in get_args(EntryKind) if name == purpose.name.lower()
}
_MOVES: Final = (Kind.TRANSFER, Kind.POST, Kind.REVERSE)


class Line(msgspec.Struct, frozen=True, gc=False):
    transfer: Transfer
    state: State
    amount: int
    """Minor units; negative when it went out."""
    balance: int
    """Of the account, after it."""
    counter: int
    """The account on the other side."""

    @property
    def kind(self) -> EntryKind:
        return _KIND_OF.get(self.transfer.purpose, "other")


def line_of(transfer: Transfer, account: int, open_holds: Collection[int] = ()) -> Line | None:
    """Return what the account's owner sees of a transfer of theirs.

    What moved is a line on both sides. A hold is one for the payer as long as it is open, and when it ends without a
    payment, its end is one: the payee had nothing, so they see nothing. A phone call lets go of
    its hold at each topping up, and when nobody answers: that is no line.
    """
    pays = transfer.debit == account
    amount = -transfer.amount if pays else transfer.amount
    state: State = "moved"
    if transfer.kind not in _MOVES:
        if not pays or (transfer.kind == Kind.HOLD and transfer.number not in open_holds):
            return None
        if transfer.kind != Kind.HOLD and transfer.purpose == Purpose.CALL:
            return None
        state, amount = ("held", amount) if transfer.kind == Kind.HOLD else ("returned", transfer.amount)
    counter = transfer.credit if pays else transfer.debit
    return Line(transfer, state, amount, balance_after(transfer, account), counter)


def moved(transfer: Transfer, account: int) -> Line | None:
    """Return the line of a transfer that moved money: all that a statement lists and sums count."""
    return line_of(transfer, account) if transfer.kind in _MOVES else None


class Filter(msgspec.Struct, frozen=True):
    kinds: frozenset[str] = frozenset()
    """None: all."""
    direction: Literal["", "in", "out"] = ""

    def keeps(self, line: Line) -> bool:
        if self.direction and (line.amount > 0) != (self.direction == "in"):
            return False
        return not self.kinds or line.kind in self.kinds
