"""The ledger: the one way by which money moves. Called by handlers, in the writer's thread.

Accounts in use are in memory and decided upon there; a group's transfers are hashed and written at its end by few
statements. No index but the one on keys: an account's history is a chain of numbers through the ledger.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256

import sqlalchemy as sa

from teahouse.errors import Refusal
from teahouse.money import currencies
from teahouse.storage.transaction import Tx
from teahouse.wallet.ledger import record, rules, store
from teahouse.wallet.ledger.books import AccountState, Books
from teahouse.wallet.ledger.model import Account, AccountKind, Kind, New, Purpose, Transfer

_pack = record.FORMAT.pack


class NewTransfers:
    """The group's transfers, until they are hashed and written together."""

    def __init__(self) -> None:
        self.ledger: Ledger | None = None
        self.rows: list[tuple[str, bytes]] = []
        """Key and record, in order."""
        self.touched: dict[int, AccountState] = {}
        self.holds: dict[int, int] = {}
        """New ones, and when each expires."""
        self.ended: list[int] = []
        self.reversals: list[tuple[int, int]] = []
        self.marks: list[tuple[int, int, int, int]] = []

    def flush(self, tx: Tx) -> None:
        if not self.touched or self.ledger is None:
            return
        rows, touched, holds, ended = self.rows, self.touched, self.holds, self.ended
        reversals, marks, first = self.reversals, self.marks, self.ledger.written + 1
        self.forget()
        hash_ = self.ledger.hash
        written = []
        for number, (key, packed) in enumerate(rows, first):
            hash_ = sha256(hash_ + packed).digest()
            written.append((number, key, packed, hash_))
        self.ledger.hash = hash_
        self.ledger.written += len(rows)
        connection = tx.connection
        store.append_transfers(connection, written)
        store.renew_accounts(
            connection,
            [
                (a.number, a.owner, a.kind, a.code, a.credits, a.debits, a.held_in, a.held_out, a.entries, a.last)
                for a in touched.values()
            ],
        )
        if holds:
            store.append_holds(connection, list(holds.items()))
        if ended:
            connection.execute(sa.delete(store.holds).where(store.holds.c.number.in_(ended)))
        if reversals:
            store.append_reversals(connection, reversals)
        if marks:
            store.append_marks(connection, marks)

    def forget(self) -> None:
        self.rows = []
        self.touched = {}
        self.holds = {}
        self.ended = []
        self.reversals = []
        self.marks = []


class Ledger:
    def __init__(self) -> None:
        self.books = Books()
        self._loaded = False
        self._group: Tx | None = None
        self._accounts_last = 0
        self._last = 0
        self._at = 0
        self.written = 0
        """The newest number that has its hash."""
        self.hash = record.NO_HASH
        self.on_expired: dict[int, Callable[[Tx, Transfer], None]] = {}
        """By purpose: told, in the same transaction, of each hold that expired."""

    # --- accounts ---

    def open(self, tx: Tx, owner: str, kind: AccountKind, currency: str) -> AccountState:
        """Return an account, opened now if there is none. Raises `CurrencyMismatch` for what is no currency."""
        state = self.books.find(tx, owner, kind, currency)
        if state is not None:
            return state
        if currency not in currencies():
            raise rules.CurrencyMismatch(f"{currency} is not a currency of ISO 4217.")
        self._begin(tx)
        self._accounts_last += 1
        state = self.books.add(tx, Account(self._accounts_last, owner, kind, currency, 0, 0, 0, 0, 0, 0))
        self._gathered(tx).touched[state.number] = state
        return state

    def find(self, tx: Tx, owner: str, kind: AccountKind, currency: str) -> AccountState | None:
        return self.books.find(tx, owner, kind, currency)

    def account(self, tx: Tx, number: int) -> AccountState:
        """Raises `NoSuchAccount`."""
        return self.books.get(tx, number)

    # --- transfers ---

    def post(self, tx: Tx, new: New) -> int:
        """Decide one transfer and return its number. The same key with the same body returns the first one's.

        A hot command looks for no earlier use of the key; a used one fails the group's append, and the careful run
        looks. Raises `KeyReused`, `InsufficientFunds`, `BadAmount`, `SameAccount`, `CurrencyMismatch`, `NoSuchAccount`,
        `NoSuchTransfer`, `HoldOver`, `AlreadyReversed`; then nothing was changed.
        """
        if tx.alone and (first := self._recorded(tx, new)):
            return first
        try:
            return self._decide(tx, new)
        except Refusal:
            # What was moved stays moved, even if it could not be moved now.
            if first := self._recorded(tx, new):
                return first
            raise

    def chain(self, tx: Tx, news: Sequence[New]) -> tuple[int, ...]:
        """Decide transfers that all happen or none; each sees those before it. Repeated whole, it returns the first
        numbers; a chain that repeats only a part of one before is refused with `KeyReused`."""
        if not 1 <= len(news) <= rules.CHAIN_MAX:
            raise rules.BadAmount(f"A chain has 1 to {rules.CHAIN_MAX} transfers.")
        first = [self._recorded(tx, new) for new in news]
        if all(first):
            return tuple(first)
        if any(first):
            raise rules.KeyReused("A part of this chain was recorded before.")
        if len({new.key for new in news}) < len(news):
            raise rules.KeyReused("Two transfers of a chain have the same key.")
        tx.flush()
        tx.connection.exec_driver_sql("SAVEPOINT chain")
        try:
            numbers = tuple(self._decide(tx, new) for new in news)
            tx.flush()
        except Exception:
            tx.gathered(NewTransfers).forget()
            tx.connection.exec_driver_sql("ROLLBACK TO SAVEPOINT chain")
            # What it changed in memory is read again from what was flushed before it.
            self.books.clear()
            self._loaded = False
            raise
        finally:
            tx.connection.exec_driver_sql("RELEASE SAVEPOINT chain")
        return numbers

    def transfer(self, tx: Tx, number: int) -> Transfer:
        """Return a recorded transfer. Raises `NoSuchTransfer`."""
        tx.flush()
        found = store.transfer(tx.connection, number)
        if found is None:
            raise rules.NoSuchTransfer()
        return found

    def expire_due(self, tx: Tx, limit: int) -> int:
        """End holds whose time is up, and say so to who set them. Returns how many."""
        tx.flush()
        due = store.holds_due(tx.connection, tx.now, limit)
        for number in due:
            hold = self.transfer(tx, number)
            purpose = Purpose(hold.purpose)
            self.post(
                tx, New(f"expire/{number}", kind=Kind.EXPIRE, refers=number, purpose=purpose, subject=hold.subject)
            )
            told = self.on_expired.get(hold.purpose)
            if told:
                told(tx, hold)
        return len(due)

    # --- within ---

    def _recorded(self, tx: Tx, new: New) -> int:
        """Return the number under this key, 0 for none. Raises `KeyReused` when it says something else."""
        tx.flush()
        before = store.transfer_by_key(tx.connection, new.key)
        if before is None:
            return 0
        if not rules.is_repeat(new, before):
            raise rules.KeyReused()
        return before.number

    def _decide(self, tx: Tx, new: New) -> int:
        kind = new.kind
        if kind in (Kind.TRANSFER, Kind.HOLD):
            amount = new.amount
            rules.must_be_amount(amount)
            debit, credit = self.books.get(tx, new.debit), self.books.get(tx, new.credit)
            rules.may_move(debit, credit, amount)
            refers, expires_at = 0, new.expires_at
        else:
            found = self.transfer(tx, new.refers)
            if kind == Kind.REVERSE:
                self._may_reverse(tx, found)
                debit, credit = self.books.get(tx, found.credit), self.books.get(tx, found.debit)
                amount = found.amount
                rules.may_move(debit, credit, amount)
            else:
                self._may_end(tx, found, kind)
                debit, credit = self.books.get(tx, found.debit), self.books.get(tx, found.credit)
                amount = (new.amount or found.amount) if kind == Kind.POST else found.amount
                if not 1 <= amount <= found.amount:
                    raise rules.BadAmount(f"Of this hold 1 to {found.amount} can be posted.")
            refers, expires_at = found.number, 0
        self._begin(tx)
        self.books.changing(tx, debit)
        self.books.changing(tx, credit)
        gathered = self._gathered(tx)
        self._last = number = self._last + 1
        self._at = max(self._at, tx.now)
        if kind in (Kind.TRANSFER, Kind.REVERSE):
            debit.debits += amount
            credit.credits += amount
            if kind == Kind.REVERSE:
                gathered.reversals.append((refers, number))
        elif kind == Kind.HOLD:
            debit.held_out += amount
            credit.held_in += amount
            gathered.holds[number] = expires_at
        else:
            debit.held_out -= found.amount
            credit.held_in -= found.amount
            gathered.ended.append(refers)
            if kind == Kind.POST:
                debit.debits += amount
                credit.credits += amount
        packed = _pack(
            number,
            self._at,
            debit.number,
            credit.number,
            amount,
            refers,
            expires_at,
            debit.last,
            credit.last,
            debit.credits - debit.debits,
            credit.credits - credit.debits,
            kind,
            record.VERSION,
            new.purpose,
            debit.currency,
            record.key_digest(new.key),
            new.subject.encode(),
        )
        gathered.rows.append((new.key, packed))
        for state in (debit, credit):
            state.last = number
            state.entries += 1
            if state.entries % store.MARK_EVERY == 0:
                gathered.marks.append((state.number, state.entries, number, self._at))
            gathered.touched[state.number] = state
        return number

    def _may_end(self, tx: Tx, hold: Transfer, kind: Kind) -> None:
        """Raises `HoldOver` unless the hold is open, and (but to expire it) its time is not up."""
        if hold.kind != Kind.HOLD or not store.is_open(tx.connection, hold.number):
            raise rules.HoldOver()
        is_due = 0 < hold.expires_at <= tx.now
        if kind == Kind.POST and is_due:
            raise rules.HoldOver("Its time is up.")
        if kind == Kind.EXPIRE and not is_due:
            raise rules.HoldOver("Its time is not up yet.")

    @staticmethod
    def _may_reverse(tx: Tx, found: Transfer) -> None:
        if found.kind not in (Kind.TRANSFER, Kind.POST):
            raise rules.NoSuchTransfer("Only what was moved can be moved back.")
        r = store.reversals.c
        if tx.connection.execute(sa.select(r.by).where(r.number == found.number)).one_or_none():
            raise rules.AlreadyReversed()

    def _gathered(self, tx: Tx) -> NewTransfers:
        gathered: NewTransfers = tx.gathered(NewTransfers)
        gathered.ledger = self
        return gathered

    def _begin(self, tx: Tx) -> None:
        """Know the ledger's end, and forget it when this command is rolled back."""
        if not self._loaded:
            tx.flush()
            self._last, self._at, self.hash = store.head(tx.connection)
            self.written = self._last
            newest = sa.select(sa.func.max(store.accounts.c.number))
            self._accounts_last = tx.connection.execute(newest).scalar_one() or 0
            self._loaded = True
            self._group = None
        if self._group is not tx or tx.alone:
            self._group = tx
            tx.undo(self._forget)

    def _forget(self) -> None:
        self._loaded = False
