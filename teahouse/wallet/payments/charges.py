"""Charges: a payee who scanned a pay code asks for a sum, and the payer says yes or no on their own device.

Other rooms ask in the same way (`ask`), each for its purpose, and are told in the same transaction how it ended.
"""

from collections.abc import Callable
from typing import Any, Literal

import sqlalchemy as sa

from teahouse import ids
from teahouse.commands import Actor, Done, Signed
from teahouse.money import Money
from teahouse.people.model import Person
from teahouse.storage.transaction import Tx
from teahouse.wallet.ledger.books import AccountState
from teahouse.wallet.ledger.model import New, Purpose
from teahouse.wallet.notes import clean
from teahouse.wallet.once import once
from teahouse.wallet.payments import rules, store
from teahouse.wallet.payments.codes import Codes
from teahouse.wallet.payments.model import Charge, ChargeChanged, ChargeMade, DeclineCharge, MakeCharge, Paid, PayCharge
from teahouse.wallet.payments.relations import Relations
from teahouse.wallet.payments.rows import gone
from teahouse.wallet.purse import Purse

OnCharge = Callable[[Tx, sa.Row[Any]], None]
"""`(tx, charge)`: the row of `wallet_charge`, as it was before it ended."""
HOUSE_CASH = (Purpose.CASH_OUT,)
"""The purposes of a cashier who pays out in cash."""


class Charges:
    def __init__(self, purse: Purse, codes: Codes, relations: Relations) -> None:
        self._purse = purse
        self._codes = codes
        self._relations = relations
        self.on_paid: dict[Purpose, OnCharge] = {}
        """By purpose: told of each charge that was paid, after its money moved."""
        self.on_ended: dict[Purpose, OnCharge] = {}
        """By purpose: told of each charge that was declined or expired."""

    def register(self) -> None:
        house = self._purse.house
        house.handle(MakeCharge, self.make)
        house.handle(PayCharge, self.pay)
        house.handle(DeclineCharge, self.decline)
        self._purse.sweeps.append(self.expire)

    # --- what other rooms ask ---

    def ask(
        self,
        tx: Tx,
        payer: str,
        payee: str,
        money: Money,
        note: str = "",
        *,
        purpose: Purpose = Purpose.PAYMENT,
        subject: str = "",
        credit: AccountState | None = None,
        lasts_ms: int = rules.CHARGE_MS,
    ) -> Charge:
        """Ask a payer for a sum in the payee's name, and tell both. It goes to the payee's account, or to `credit`;
        the transfer's subject is `subject`, or the charge's id. Raises `TooManyCharges`, `NoSuchCurrency`."""
        if len(store.charges_waiting(tx.connection, payer, tx.now)) >= rules.WAITING_MAX:
            raise rules.TooManyCharges(max=rules.WAITING_MAX)
        self._purse.account(tx, payer, money.currency)
        identifier = ids.new_id()
        store.add_charge(
            tx.connection,
            id=identifier,
            payer=payer,
            payee=payee,
            amount=money.amount,
            currency=money.currency,
            note=clean(note),
            state="waiting",
            at=tx.now,
            expires_at=tx.now + lasts_ms,
            ended_at=0,
            purpose=int(purpose),
            subject=subject,
            credit=credit.number if credit else 0,
        )
        return self._tell(tx, identifier)

    def cancel(self, tx: Tx, charge: str) -> None:
        """Take back what was asked, if it still waits: the payer sees it declined. `on_ended` is not told."""
        row = store.charge(tx.connection, charge)
        if row is not None and row.state == "waiting":
            store.end_charge(tx.connection, charge, "declined", tx.now)
            self._tell(tx, charge)

    def waiting(self, connection: sa.Connection, person: str) -> tuple[Charge, ...]:
        """Return what waits for a person's yes, the oldest first."""
        rows = store.charges_waiting(connection, person, self._purse.house.store.writer.clock())
        people = self._purse.people.people_by_id(connection, {side for r in rows for side in (r.payer, r.payee)})
        return tuple(self._shown(connection, row, people) for row in rows)

    # --- commands ---

    def make(self, tx: Tx, actor: Actor, command: MakeCharge) -> ChargeMade:
        def decide() -> ChargeMade:
            payer = self._codes.use_pay_code(tx, actor, command.code)
            if payer == actor.person:
                raise rules.PayYourself()
            if self._relations.between(tx, payer, actor.person) == "blocked":
                raise rules.NotPayable()
            return ChargeMade(charge=self.ask(tx, payer, actor.person, command.amount, command.note))

        return once(tx, actor, command, ChargeMade, decide)

    def pay(self, tx: Tx, actor: Actor, command: PayCharge) -> Paid:
        """A repeat gets the first answer's payment: a charge is paid once."""
        row = self._of_payer(tx, actor, command.charge)
        account = self._purse.account(tx, row.payer, row.currency)
        if row.state == "paid":
            return Paid(payment=row.id, at=row.ended_at, available=_available(account))
        rules.charge_must_wait(row.state, row.expires_at, tx.now)
        money = Money(row.amount, row.currency)
        if row.credit:
            credit = self._purse.ledger.account(tx, row.credit)
        else:
            self._purse.guard.may_spend(tx, actor, money, command.approval)
            self._purse.guard.has_room(tx, row.payee, money)
            credit = self._purse.account(tx, row.payee, row.currency)
        self._purse.guard.spend(tx, actor, money, command.approval)
        subject = row.subject or row.id
        purpose = Purpose(row.purpose)
        new = New(f"{row.id}/pay", account.number, credit.number, row.amount, purpose=purpose, subject=subject)
        self._purse.ledger.post(tx, new)
        store.end_charge(tx.connection, row.id, "paid", tx.now)
        if purpose == Purpose.PAYMENT and not row.subject:
            _keep_payment(tx, row)
        if told := self.on_paid.get(purpose):
            told(tx, row)
        self._purse.tell(tx, account)
        if credit.kind == "member":
            self._purse.tell(tx, credit)
        self._tell(tx, row.id)
        return Paid(payment=row.id, at=tx.now, available=_available(account))

    def decline(self, tx: Tx, actor: Actor, command: DeclineCharge) -> Done:
        """By the payer, or by the payee who thought better of it."""
        row = self._of_side(tx.connection, actor.person, command.charge)
        if row.state != "declined":
            rules.charge_must_wait(row.state, row.expires_at, tx.now)
            self._end(tx, row, "declined")
        return Done()

    def expire(self, tx: Tx, limit: int) -> int:
        """A sweep: end charges that nobody answered."""
        due = store.charges_due(tx.connection, tx.now, limit)
        for row in due:
            self._end(tx, row, "expired")
        return len(due)

    # --- reads ---

    async def charge(self, signed: Signed, charge: str) -> Charge:
        """Raises `NoSuchCharge` for who is no side of it."""

        def read(connection: sa.Connection) -> Charge:
            row = self._of_side(connection, signed.person, charge)
            people = self._purse.people.people_by_id(connection, (row.payer, row.payee))
            return self._shown(connection, row, people)

        return await self._purse.house.store.read(read)

    # --- within ---

    def _end(self, tx: Tx, row: sa.Row[Any], state: Literal["declined", "expired"]) -> None:
        store.end_charge(tx.connection, row.id, state, tx.now)
        if told := self.on_ended.get(Purpose(row.purpose)):
            told(tx, row)
        self._tell(tx, row.id)

    def _tell(self, tx: Tx, charge: str) -> Charge:
        """Tell both sides how the charge stands. Devices that are away read it with the wallet."""
        row = store.charge(tx.connection, charge)
        assert row is not None
        people = self._purse.people.people_by_id(tx.connection, (row.payer, row.payee))
        shown = self._shown(tx.connection, row, people)
        tx.tell(ChargeChanged(charge=shown), (row.payer, row.payee))
        return shown

    def _shown(self, connection: sa.Connection, row: sa.Row[Any], people: dict[str, Person]) -> Charge:
        guard = self._purse.guard
        return Charge(
            id=row.id,
            payee=people.get(row.payee) or gone(row.payee),
            payer=people.get(row.payer) or gone(row.payer),
            amount=row.amount,
            currency=row.currency,
            state=row.state,
            expires_at=row.expires_at,
            note=row.note,
            masked_name=guard.masked(guard.state_of(connection, row.payee).real_name),
            cash=Purpose(row.purpose) in HOUSE_CASH,
        )

    @staticmethod
    def _of_payer(tx: Tx, actor: Actor, charge: str) -> sa.Row[Any]:
        row = Charges._of_side(tx.connection, actor.person, charge)
        if row.payer != actor.person:
            raise rules.NotYours()
        return row

    @staticmethod
    def _of_side(connection: sa.Connection, person: str, charge: str) -> sa.Row[Any]:
        row = store.charge(connection, charge)
        if row is None or person not in (row.payer, row.payee):
            raise rules.NoSuchCharge()
        return row


def _keep_payment(tx: Tx, row: sa.Row[Any]) -> None:
    """A charge between people is a payment under the same id."""
    store.add_payment(
        tx.connection,
        id=row.id,
        payer=row.payer,
        payee=row.payee,
        amount=row.amount,
        currency=row.currency,
        at=tx.now,
        note=row.note,
        code="",
        charge=row.id,
    )


def _available(account: AccountState) -> int:
    return account.credits - account.debits - account.held_out
