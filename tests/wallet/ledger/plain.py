"""A plain ledger: what should happen, written as simply as it can be said."""

from __future__ import annotations

from dataclasses import dataclass, field

from teahouse.money import AMOUNT_MAX
from teahouse.wallet.ledger.model import SIGNS, AccountKind, Kind, New

Outcome = int | str
"""A number, or the code of a refusal."""


@dataclass
class PlainAccount:
    kind: AccountKind
    currency: str
    balance: int = 0
    held_out: int = 0
    held_in: int = 0


@dataclass
class PlainTransfer:
    new: New
    debit: int
    credit: int
    amount: int
    state: str = "done"
    """Of a hold: `open`, then `over`; of what was moved: `done`, then `reversed`."""


@dataclass
class PlainLedger:
    accounts: dict[int, PlainAccount] = field(default_factory=dict)
    transfers: dict[int, PlainTransfer] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)
    now: int = 0

    def post(self, new: New) -> Outcome:
        if new.key in self.keys:
            return self._again(new)
        refused = self._refusal(new)
        if refused:
            return refused
        return self._do(new)

    def chain(self, news: list[New]) -> list[int] | str:
        known = [self.keys.get(new.key) for new in news]
        if any(known):
            again = [self._again(new) for new in news if new.key in self.keys]
            if "key_reused" in again or not all(known):
                return "key_reused"
            return [number for number in known if number]
        if len({new.key for new in news}) < len(news):
            return "key_reused"
        before = self._copy()
        numbers: list[int] = []
        for new in news:
            outcome = self.post(new)
            if isinstance(outcome, str):
                self.accounts, self.transfers, self.keys = before.accounts, before.transfers, before.keys
                return outcome
            numbers.append(outcome)
        return numbers

    def expire(self) -> int:
        due = [
            number
            for number, each in self.transfers.items()
            if each.state == "open" and 0 < each.new.expires_at <= self.now
        ]
        for number in sorted(due, key=lambda number: (self.transfers[number].new.expires_at, number)):
            self.post(New(f"expire/{number}", kind=Kind.EXPIRE, refers=number))
        return len(due)

    # --- within ---

    def _again(self, new: New) -> Outcome:
        number = self.keys[new.key]
        first = self.transfers[number].new
        if new.kind == Kind.POST == first.kind and new.refers == first.refers:
            return number if new.amount in (0, self.transfers[number].amount) else "key_reused"
        return number if new == first else "key_reused"

    def _refusal(self, new: New) -> str:
        if new.kind in (Kind.TRANSFER, Kind.HOLD):
            if not 1 <= new.amount <= AMOUNT_MAX:
                return "bad_amount"
            return self._cannot_move(new.debit, new.credit, new.amount)
        first = self.transfers.get(new.refers)
        if first is None:
            return "no_such_transfer"
        return self._cannot_reverse(first) if new.kind == Kind.REVERSE else self._cannot_end(new, first)

    def _cannot_reverse(self, first: PlainTransfer) -> str:
        if first.new.kind not in (Kind.TRANSFER, Kind.POST):
            return "no_such_transfer"
        if first.state == "reversed":
            return "already_reversed"
        return self._cannot_move(first.credit, first.debit, first.amount)

    def _cannot_end(self, new: New, hold: PlainTransfer) -> str:
        due = 0 < hold.new.expires_at <= self.now
        if hold.state != "open" or (new.kind == Kind.POST and due) or (new.kind == Kind.EXPIRE and not due):
            return "hold_over"
        if new.kind == Kind.POST and new.amount and not 1 <= new.amount <= hold.amount:
            return "bad_amount"
        return ""

    def _cannot_move(self, debit: int, credit: int, amount: int) -> str:
        if debit not in self.accounts or credit not in self.accounts:
            return "no_such_account"
        if debit == credit:
            return "same_account"
        payer, payee = self.accounts[debit], self.accounts[credit]
        if payer.currency != payee.currency:
            return "currency_mismatch"
        if SIGNS[payer.kind] == "credit" and amount > payer.balance - payer.held_out:
            return "insufficient_funds"
        if SIGNS[payee.kind] == "debit" and amount > -payee.balance - payee.held_in:
            return "insufficient_funds"
        return ""

    def _do(self, new: New) -> int:
        number = len(self.transfers) + 1
        if new.kind in (Kind.TRANSFER, Kind.HOLD):
            made = PlainTransfer(new, new.debit, new.credit, new.amount)
        else:
            first = self.transfers[new.refers]
            sides = (first.credit, first.debit) if new.kind == Kind.REVERSE else (first.debit, first.credit)
            amount = new.amount if new.kind == Kind.POST and new.amount else first.amount
            made = PlainTransfer(new, *sides, amount)
            first.state = "reversed" if new.kind == Kind.REVERSE else "over"
            if new.kind != Kind.REVERSE:
                self.accounts[first.debit].held_out -= first.amount
                self.accounts[first.credit].held_in -= first.amount
        if new.kind == Kind.HOLD:
            made.state = "open"
            self.accounts[made.debit].held_out += made.amount
            self.accounts[made.credit].held_in += made.amount
        elif new.kind in (Kind.TRANSFER, Kind.POST, Kind.REVERSE):
            self.accounts[made.debit].balance -= made.amount
            self.accounts[made.credit].balance += made.amount
        self.transfers[number] = made
        self.keys[new.key] = number
        return number

    def _copy(self) -> PlainLedger:
        return PlainLedger(
            {number: PlainAccount(**vars(each)) for number, each in self.accounts.items()},
            {number: PlainTransfer(**vars(each)) for number, each in self.transfers.items()},
            dict(self.keys),
            self.now,
        )
