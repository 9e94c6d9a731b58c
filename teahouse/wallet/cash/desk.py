"""The cash desk: cashiers take money in and hand it out. A drawer is a ledger account of its cashier's; nothing moves
before everybody has agreed who must: a second cashier above the limit, and the person for what is paid out."""

from typing import Any, Literal

import sqlalchemy as sa

from teahouse import ids
from teahouse.commands import Actor
from teahouse.money import Money
from teahouse.storage.transaction import Tx
from teahouse.wallet.cash import reading, rules, store
from teahouse.wallet.cash.closing import close_day, drawer_of, in_drawer
from teahouse.wallet.cash.model import (
    CashChanged,
    CashDone,
    CashOperation,
    CloseDay,
    ConfirmCash,
    DayClosed,
    PayOutCash,
    RefuseCash,
    TopUpCash,
)
from teahouse.wallet.ledger.model import New, Purpose
from teahouse.wallet.model import Entry
from teahouse.wallet.notes import clean
from teahouse.wallet.once import once
from teahouse.wallet.payments.charges import Charges
from teahouse.wallet.payments.codes import Codes
from teahouse.wallet.purse import Described, Purse, balance_of


class CashDesk(reading.DeskReads):
    def __init__(self, purse: Purse, charges: Charges, codes: Codes) -> None:
        super().__init__(purse)
        self._charges = charges
        self._codes = codes

    def register(self) -> None:
        house = self._purse.house
        house.handle(TopUpCash, self.top_up)
        house.handle(PayOutCash, self.pay_out)
        house.handle(ConfirmCash, self.confirm)
        house.handle(RefuseCash, self.refuse)
        house.handle(CloseDay, self.close)
        self._charges.on_paid[Purpose.CASH_OUT] = self._paid
        self._charges.on_ended[Purpose.CASH_OUT] = self._unpaid
        self._purse.describe[Purpose.CASH_IN] = _describe
        self._purse.describe[Purpose.CASH_OUT] = _describe
        self._purse.sweeps.append(self.expire)

    # --- commands ---

    def top_up(self, tx: Tx, actor: Actor, command: TopUpCash) -> CashDone:
        self._must_be_cashier(tx.connection, actor.person)

        def decide() -> CashDone:
            if self._purse.people.person(tx.connection, command.person) is None:
                raise rules.NoSuchCustomer()
            rules.may_serve(actor.person, command.person)
            drawer_of(tx, self._purse, actor.person, command.amount.currency)
            self._purse.account(tx, command.person, command.amount.currency)
            self._purse.guard.has_room(tx, command.person, command.amount)
            row = self._begin(tx, "in", actor.person, command.person, command.amount, clean(command.note))
            return self._answer(tx, row if row.state == "confirm" else self._take_in(tx, row))

        return once(tx, actor, command, CashDone, decide)

    def pay_out(self, tx: Tx, actor: Actor, command: PayOutCash) -> CashDone:
        self._must_be_cashier(tx.connection, actor.person)

        def decide() -> CashDone:
            person = self._codes.use_pay_code(tx, actor, command.code)
            rules.may_serve(actor.person, person)
            drawer = drawer_of(tx, self._purse, actor.person, command.amount.currency)
            promised = store.promised(tx.connection, actor.person, drawer.code)
            rules.must_hold(in_drawer(drawer), promised, command.amount.amount)
            row = self._begin(tx, "out", actor.person, person, command.amount, clean(command.note))
            return self._answer(tx, row if row.state == "confirm" else self._ask(tx, row))

        return once(tx, actor, command, CashDone, decide)

    def confirm(self, tx: Tx, actor: Actor, command: ConfirmCash) -> CashDone:
        """Repeated by the same cashier it changes nothing more."""
        self._must_be_cashier(tx.connection, actor.person)
        row = _must_be(tx.connection, command.operation)
        if row.second == actor.person and row.state in ("approve", "done"):
            return self._answer(tx, row)
        rules.may_confirm(row, actor.person, tx.now)
        self._must_be_cashier(tx.connection, row.cashier)
        self._change(tx, row, second=actor.person, expires_at=0)
        if row.kind == "in":
            self._purse.guard.has_room(tx, row.person, Money(row.amount, row.currency))
            return self._answer(tx, self._take_in(tx, row))
        drawer = drawer_of(tx, self._purse, row.cashier, row.currency)
        promised = store.promised(tx.connection, row.cashier, row.currency) - row.amount
        rules.must_hold(in_drawer(drawer), promised, row.amount)
        return self._answer(tx, self._ask(tx, row))

    def refuse(self, tx: Tx, actor: Actor, command: RefuseCash) -> CashDone:
        """By any cashier as long as it waits for a second one; by who began it also while the person is asked."""
        self._must_be_cashier(tx.connection, actor.person)
        row = _must_be(tx.connection, command.operation)
        if row.state == "refused":
            return self._answer(tx, row)
        if row.state == "approve" and actor.person in (row.cashier, row.second):
            self._charges.cancel(tx, row.charge)
            return self._answer(tx, self._change(tx, row, state="refused"))
        rules.may_decide(row, tx.now)
        second = "" if actor.person == row.cashier else actor.person
        return self._answer(tx, self._change(tx, row, state="refused", second=second))

    def close(self, tx: Tx, actor: Actor, command: CloseDay) -> DayClosed:
        self._must_be_cashier(tx.connection, actor.person)

        def decide() -> DayClosed:
            if store.is_asking(tx.connection, actor.person, command.currency):
                raise rules.DeskBusy()
            return DayClosed(closing=close_day(tx, self._purse, actor, command))

        return once(tx, actor, command, DayClosed, decide)

    def expire(self, tx: Tx, limit: int) -> int:
        """A sweep: end what no second cashier looked at within a day."""
        due = store.overdue(tx.connection, tx.now, limit)
        for row in due:
            self._change(tx, row, state="expired")
        return len(due)

    # --- within ---

    def _begin(
        self, tx: Tx, kind: Literal["in", "out"], cashier: str, person: str, money: Money, note: str
    ) -> sa.Row[Any]:
        """Write down what is to be done. It waits for a second cashier when it, with what this cashier did for the
        person alone within a day, is above the limit."""
        alone = store.alone_since(tx.connection, cashier, person, kind, money.currency, tx.now - rules.ALONE_MS)
        waits = money.amount + alone > self._limit(money.currency)
        identifier = ids.new_id()
        tx.connection.execute(
            sa.insert(store.operations).values(
                id=identifier,
                receipt=None,
                kind=kind,
                cashier=cashier,
                second="",
                person=person,
                amount=money.amount,
                currency=money.currency,
                note=note,
                at=tx.now,
                state="confirm" if waits else "approve",
                expires_at=tx.now + rules.CONFIRM_MS if waits else 0,
                charge="",
            )
        )
        row = _must_be(tx.connection, identifier)
        if waits:
            self._tell(tx, row)
        return row

    def _take_in(self, tx: Tx, row: sa.Row[Any]) -> sa.Row[Any]:
        """The money is in the drawer: the person has it in their wallet."""
        drawer = drawer_of(tx, self._purse, row.cashier, row.currency)
        account = self._purse.account(tx, row.person, row.currency)
        new = New(f"{row.id}/in", drawer.number, account.number, row.amount, purpose=Purpose.CASH_IN, subject=row.id)
        number = self._purse.ledger.post(tx, new)
        done = self._done(tx, row)
        entry = Entry(
            number=number,
            at=tx.now,
            kind="cash_in",
            state="moved",
            amount=row.amount,
            currency=row.currency,
            balance=balance_of(account).balance,
            subject=row.id,
            note=_note(done.receipt),
        )
        self._purse.tell(tx, account, entry)
        return done

    def _ask(self, tx: Tx, row: sa.Row[Any]) -> sa.Row[Any]:
        """Ask the person; what they say yes to goes to the drawer's account at once."""
        drawer = drawer_of(tx, self._purse, row.cashier, row.currency)
        charge = self._charges.ask(
            tx,
            row.person,
            row.cashier,
            Money(row.amount, row.currency),
            row.note,
            purpose=Purpose.CASH_OUT,
            subject=row.id,
            credit=drawer,
        )
        return self._change(tx, row, state="approve", charge=charge.id)

    def _paid(self, tx: Tx, charge: sa.Row[Any]) -> None:
        """The person said yes and the money moved. Raises `NotCashier` when the cashier is none any more."""
        row = _must_be(tx.connection, charge.subject)
        self._must_be_cashier(tx.connection, row.cashier)
        self._done(tx, row)

    def _unpaid(self, tx: Tx, charge: sa.Row[Any]) -> None:
        row = _must_be(tx.connection, charge.subject)
        self._change(tx, row, state="expired" if charge.expires_at <= tx.now else "refused")

    def _done(self, tx: Tx, row: sa.Row[Any]) -> sa.Row[Any]:
        return self._change(tx, row, state="done", receipt=store.next_receipt(tx.connection))

    def _change(self, tx: Tx, row: sa.Row[Any], **values: object) -> sa.Row[Any]:
        """Write what changed and tell everybody whom it concerns."""
        changed = store.operations.update().where(store.operations.c.id == row.id).values(values)
        tx.connection.execute(changed)
        now = _must_be(tx.connection, row.id)
        if "state" in values:
            self._tell(tx, now, waited=row.state == "confirm")
        return now

    def _tell(self, tx: Tx, row: sa.Row[Any], *, waited: bool = False) -> None:
        """Tell the person and the cashiers who did it; of what waits or waited for a second one, all cashiers."""
        people = {row.person, row.cashier, row.second} - {""}
        if waited or row.state == "confirm":
            people |= set(self._purse.guard.cashier_ids(tx.connection))
        tx.tell(CashChanged(operation=self._shown(tx.connection, [row])[0]), people)

    def _answer(self, tx: Tx, row: sa.Row[Any]) -> CashDone:
        operation: CashOperation = self._shown(tx.connection, [row])[0]
        return CashDone(operation=operation)


def _must_be(connection: sa.Connection, identifier: str) -> sa.Row[Any]:
    row = store.operation(connection, identifier)
    if row is None:
        raise rules.NoSuchOperation()
    return row


def _note(receipt: int) -> str:
    return f"Receipt {receipt}"


def _describe(connection: sa.Connection, person: str, subjects: Any) -> dict[str, Described]:
    found = store.receipts(connection, list(subjects), person)
    return {identifier: Described(note=_note(receipt)) for identifier, receipt in found.items()}
