"""The ledger: the one way by which money moves. Called by handlers, in the writer's thread.

Accounts in use are in memory and decided upon there; a group's transfers are hashed and written at its end by few
statements. No index but the one on keys: an account's history is a chain of numbers through the ledger.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from operator import attrgetter

import sqlalchemy as sa

from teahouse.errors import Refusal
from teahouse.money import currencies
from teahouse.storage.transaction import Tx
from teahouse.wallet.ledger import record, rules, store
from teahouse.wallet.ledger.books import AccountState, Books
from teahouse.wallet.ledger.model import Account, AccountKind, Kind, New, Purpose, Transfer

_pack = record.FORMAT.pack
_number = attrgetter("number")


class NewTransfers:
    """The group's transfers, until they are hashed and written together."""

    def __init__(self) -> None:
        self.ledger: Ledger | None = None
        self.rows: list[tuple[str, bytes]] = []
        """Key and record, in order."""
        self.touched: dict[int, AccountState] = {}
        self.opened: list[AccountState] = []
        self.holds: dict[int, int] = {}
        """New ones, and when each expires."""
        self.ended: list[int] = []
        self.reversals: list[tuple[int, int]] = []
        self.marks: list[tuple[int, int, int, int]] = []

    def flush(self, tx: Tx) -> None:
        if not self.touched or self.ledger is None:
            return
        connection = tx.connection
        store.append_transfers(connection, self.ledger.chained(self.rows))
        if self.opened:
            store.append_accounts(connection, self.ledger.accounts_chained(self.opened))
        store.renew_balances(
            connection,
            [
                (a.number, a.credits, a.debits, a.held_in, a.held_out, a.entries, a.last)
                for a in sorted(self.touched.values(), key=_number)
            ],
        )
        if self.holds:
            store.append_holds(connection, list(self.holds.items()))
        if self.ended:
            connection.execute(sa.delete(store.holds).where(store.holds.c.number.in_(self.ended)))
        if self.reversals:
            store.append_reversals(connection, self.reversals)
        if self.marks:
            store.append_marks(connection, self.marks)
        self.forget()

    def forget(self) -> None:
        self.rows = []
        self.touched = {}
        self.opened = []
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
        self._account_hash = record.NO_HASH
        self._last = 0
        self._at = 0
        self._written = 0
        """The newest number that has its hash."""
        self._hash = record.NO_HASH
        self._new = NewTransfers()
        self._changed: dict[int, AccountState] = {}
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
        new = self._gathered(tx)
        self._accounts_last += 1
        state = self.books.add(tx, Account(self._accounts_last, owner, kind, currency, 0, 0, 0, 0, 0, 0))
        new.opened.append(state)
        new.touched[state.number] = self._changed[state.number] = state
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
            self._group = None
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
        """Refuse, or change the accounts in memory and gather the record. The hottest path of the wallet."""
        if new.kind == Kind.TRANSFER:
            amount = new.amount
            rules.must_be_amount(amount)
            debit, credit = self.books.get(tx, new.debit), self.books.get(tx, new.credit)
            rules.may_move(debit, credit, amount)
            gathered = self._gathered(tx)
            debit.debits += amount
            credit.credits += amount
            return self._record(tx, gathered, new, debit, credit, amount, 0, 0)
        if new.kind == Kind.HOLD:
            return self._hold(tx, new)
        found = self.transfer(tx, new.refers)
        return self._reverse(tx, new, found) if new.kind == Kind.REVERSE else self._end(tx, new, found)

    def _hold(self, tx: Tx, new: New) -> int:
        amount = new.amount
        rules.must_be_amount(amount)
        debit, credit = self.books.get(tx, new.debit), self.books.get(tx, new.credit)
        rules.may_move(debit, credit, amount)
        gathered = self._gathered(tx)
        debit.held_out += amount
        credit.held_in += amount
        number = self._record(tx, gathered, new, debit, credit, amount, 0, new.expires_at)
        gathered.holds[number] = new.expires_at
        return number

    def _end(self, tx: Tx, new: New, hold: Transfer) -> int:
        """Post, void or expire a hold."""
        is_open = hold.kind == Kind.HOLD and store.is_open(tx.connection, hold.number)
        rules.may_end(new.kind, is_open, hold.expires_at, tx.now)
        amount = (new.amount or hold.amount) if new.kind == Kind.POST else hold.amount
        rules.must_be_part(amount, hold.amount)
        debit, credit = self.books.get(tx, hold.debit), self.books.get(tx, hold.credit)
        gathered = self._gathered(tx)
        debit.held_out -= hold.amount
        credit.held_in -= hold.amount
        if new.kind == Kind.POST:
            debit.debits += amount
            credit.credits += amount
        gathered.ended.append(hold.number)
        return self._record(tx, gathered, new, debit, credit, amount, hold.number, 0)

    def _reverse(self, tx: Tx, new: New, found: Transfer) -> int:
        reversed_by = store.reversed_by(tx.connection, found.number)
        rules.may_reverse(found.kind, bool(reversed_by))
        debit, credit = self.books.get(tx, found.credit), self.books.get(tx, found.debit)
        rules.may_move(debit, credit, found.amount)
        gathered = self._gathered(tx)
        debit.debits += found.amount
        credit.credits += found.amount
        number = self._record(tx, gathered, new, debit, credit, found.amount, found.number, 0)
        gathered.reversals.append((found.number, number))
        return number

    def _record(
        self,
        tx: Tx,
        gathered: NewTransfers,
        new: New,
        debit: AccountState,
        credit: AccountState,
        amount: int,
        refers: int,
        expires_at: int,
    ) -> int:
        """Gather what was decided under the next number."""
        self._last = number = self._last + 1
        self._at = at = max(self._at, tx.now)
        packed = _pack(
            number,
            at,
            debit.number,
            credit.number,
            amount,
            refers,
            expires_at,
            debit.last,
            credit.last,
            debit.credits - debit.debits,
            credit.credits - credit.debits,
            new.kind,
            record.VERSION,
            new.purpose,
            debit.currency,
            new.subject.encode(),
        )
        gathered.rows.append((new.key, packed))
        touched, changed = gathered.touched, self._changed
        for state in (debit, credit):
            state.last = number
            state.entries += 1
            if not state.entries % store.MARK_EVERY:
                gathered.marks.append((state.number, state.entries, number, at))
            touched[state.number] = changed[state.number] = state
        return number

    def _gathered(self, tx: Tx) -> NewTransfers:
        """Return the group's transfers. Before the first change of a command (or a hot group): know the ledger's end,
        and forget all that is changed from now on when it is rolled back."""
        if self._group is tx and not tx.alone:
            return self._new
        if not self._loaded:
            tx.flush()
            self._last, self._at, self._hash = store.head(tx.connection)
            self._written = self._last
            self._accounts_last, self._account_hash = store.last_account(tx.connection)
            self._loaded = True
        self._group = tx
        changed: dict[int, AccountState] = {}
        self._changed = changed
        tx.undo(lambda: self._roll_back(changed))
        self._new = tx.gathered(NewTransfers)
        self._new.ledger = self
        return self._new

    def _roll_back(self, changed: dict[int, AccountState]) -> None:
        self.books.drop(changed.values())
        self._loaded = False
        self._group = None

    def chained(self, rows: Sequence[tuple[str, bytes]]) -> list[tuple[int, str, bytes, bytes]]:
        """Return new records as rows: number, key, record, hash."""
        hash_, number, written = self._hash, self._written, []
        for key, packed in rows:
            number += 1
            hash_ = sha256(hash_ + packed + key.encode()).digest()
            written.append((number, key, packed, hash_))
        self._hash, self._written = hash_, number
        return written

    def accounts_chained(self, opened: Sequence[AccountState]) -> list[tuple[int, str, str, str, bytes]]:
        """Return new accounts as rows."""
        rows: list[tuple[int, str, str, str, bytes]] = []
        for a in opened:
            self._account_hash = record.account_hash(self._account_hash, a.number, a.owner, a.kind, a.code)
            rows.append((a.number, a.owner, a.kind, a.code, self._account_hash))
        return rows
