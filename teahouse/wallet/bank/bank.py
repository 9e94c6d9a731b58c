"""Pay-outs to banks: a person's money is held until the house's bank has paid it; operators put what waits into files,
and say what the bank did with each."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from teahouse import ids
from teahouse.commands import Actor
from teahouse.errors import Refusal
from teahouse.money import Money
from teahouse.storage.transaction import Tx
from teahouse.wallet.bank import reading, rules, store
from teahouse.wallet.bank.model import (
    BankFile,
    BankFileMade,
    CancelWithdrawal,
    MakeBankFile,
    SettleBankFile,
    Withdraw,
    Withdrawn,
)
from teahouse.wallet.ledger.model import Kind, New, Purpose
from teahouse.wallet.notes import clean
from teahouse.wallet.once import once
from teahouse.wallet.purse import Described, Purse

AT_ONCE = 100
"""Of a settled file, carried out in the command itself; the rest follows in the worker's steps."""


class BankPayOuts(reading.BankReads):
    def __init__(self, purse: Purse) -> None:
        super().__init__(purse)
        self._settings = purse.house.settings

    def register(self) -> None:
        house = self._purse.house
        house.handle(Withdraw, self.withdraw)
        house.handle(CancelWithdrawal, self.cancel)
        house.handle(MakeBankFile, self.make_file)
        house.handle(SettleBankFile, self.settle)
        self._purse.describe[Purpose.BANK_OUT] = _describe
        self._purse.describe[Purpose.BANK_RETURN] = _describe
        self._purse.sweeps.append(self.carry_out)

    @property
    def is_on(self) -> bool:
        """Whether the house has an account to pay from."""
        return self.account is not None

    # --- commands ---

    def withdraw(self, tx: Tx, actor: Actor, command: Withdraw) -> Withdrawn:
        def decide() -> Withdrawn:
            self._must_be_on()
            money = command.amount
            rules.must_be_payable(money.amount, money.currency)
            iban, name = rules.iban_of(command.iban), rules.name_of(command.name)
            if store.count_waiting(tx.connection, actor.person) >= rules.WAITING_MAX:
                raise rules.TooManyWaiting(max=rules.WAITING_MAX)
            self._purse.guard.spend(tx, actor, money, command.approval)
            return Withdrawn(withdrawal=reading.shown(self._hold(tx, actor.person, money, iban, name)))

        return once(tx, actor, command, Withdrawn, decide)

    def cancel(self, tx: Tx, actor: Actor, command: CancelWithdrawal) -> Withdrawn:
        """By the person, as long as it is in no file. Cancelling again changes nothing."""
        row = store.withdrawal(tx.connection, command.withdrawal)
        if row is None or row.person != actor.person:
            raise rules.NoSuchWithdrawal()
        if row.state != "cancelled":
            if row.state != "waiting":
                raise rules.WithdrawalOver()
            self._give_back(tx, row)
            store.end(tx.connection, [row.id], "cancelled")
        return Withdrawn(withdrawal=self._seen(tx.connection, row.id))

    def make_file(self, tx: Tx, actor: Actor, command: MakeBankFile) -> BankFileMade:
        """Operators only. The rows are bound together here; the XML is made of them when it is fetched."""
        reading.must_be_operator(actor)

        def decide() -> BankFileMade:
            account = self._must_be_on()
            if command.currency != rules.CURRENCY:
                raise rules.NotPaidOut()
            rows = store.waiting(tx.connection, command.currency, rules.FILE_MAX)
            if not rows:
                raise rules.NothingWaits()
            identifier = ids.new_id()
            tx.connection.execute(
                sa.insert(store.files).values(
                    id=identifier,
                    at=tx.now,
                    by=actor.person,
                    payments=len(rows),
                    total=sum(row.amount for row in rows),
                    currency=command.currency,
                    state="made",
                    name=account.name,
                    iban=account.iban,
                    bic=account.bic,
                )
            )
            store.put_in_file(tx.connection, [row.id for row in rows], identifier)
            return BankFileMade(file=self._file(tx.connection, identifier))

        return once(tx, actor, command, BankFileMade, decide)

    def settle(self, tx: Tx, actor: Actor, command: SettleBankFile) -> BankFileMade:
        """Operators only. Settling again in the same way changes nothing."""
        reading.must_be_operator(actor)
        file = store.file(tx.connection, command.file)
        if file is None:
            raise rules.NoSuchFile()
        rejected = set(command.rejected)
        if file.state == "settled":
            if rejected != store.rejected_of(tx.connection, file.id):
                raise rules.FileSettled()
        else:
            if not rejected <= {row.id for row in store.of_file(tx.connection, file.id)}:
                raise rules.NoSuchWithdrawal("What is rejected has to be in this file.")
            store.decide(tx.connection, file.id, sorted(rejected), clean(command.reason))
            store.settle_file(tx.connection, file.id)
            self.carry_out(tx, AT_ONCE)
        return BankFileMade(file=self._file(tx.connection, file.id))

    def carry_out(self, tx: Tx, limit: int) -> int:
        """A sweep: move what was paid, give back what was rejected. A large file takes several steps, so that others
        have their turn between."""
        rows = store.decided(tx.connection, limit)
        for row in rows:
            if row.decision == "rejected":
                self._give_back(tx, row)
            else:
                self._purse.ledger.post(tx, _ending(row, Kind.POST, Purpose.BANK_OUT))
                self._tell(tx, row)
        for state in ("paid", "rejected"):
            if ended := [row.id for row in rows if row.decision == state]:
                store.end(tx.connection, ended, state)
        return len(rows)

    # --- within ---

    @cached_property
    def account(self) -> rules.HouseAccount | None:
        """From where the house pays. None also when what is set is no account: `teahouse doctor` says so."""
        settings = self._settings
        try:
            return rules.house_account(settings.bank_name, settings.bank_iban, settings.bank_bic)
        except Refusal:
            return None

    def _must_be_on(self) -> rules.HouseAccount:
        if self.account is None:
            raise rules.BankOff()
        return self.account

    def _hold(self, tx: Tx, person: str, money: Money, iban: str, name: str) -> sa.Row[Any]:
        """Set the money aside for the bank, with no end but what the bank does."""
        identifier = ids.new_id()
        account = self._purse.account(tx, person, money.currency)
        clearing = self._purse.house_account(tx, "bank_clearing", money.currency)
        new = New(
            f"{identifier}/hold",
            account.number,
            clearing.number,
            money.amount,
            kind=Kind.HOLD,
            purpose=Purpose.BANK_OUT,
            subject=identifier,
        )
        hold = self._purse.ledger.post(tx, new)
        tx.connection.execute(
            sa.insert(store.withdrawals).values(
                id=identifier,
                person=person,
                amount=money.amount,
                currency=money.currency,
                iban=iban,
                name=name,
                at=tx.now,
                state="waiting",
                hold=hold,
                file="",
                decision="",
                reason="",
            )
        )
        row = store.withdrawal(tx.connection, identifier)
        assert row is not None
        self._tell(tx, row)
        return row

    def _give_back(self, tx: Tx, row: sa.Row[Any]) -> None:
        self._purse.ledger.post(tx, _ending(row, Kind.VOID, Purpose.BANK_RETURN))
        self._purse.guard.unspend(tx, row.person, Money(row.amount, row.currency), row.at)
        self._tell(tx, row)

    def _tell(self, tx: Tx, row: sa.Row[Any]) -> None:
        self._purse.tell(tx, self._purse.account(tx, row.person, row.currency))

    def _file(self, connection: sa.Connection, identifier: str) -> BankFile:
        file = store.file(connection, identifier)
        assert file is not None
        return reading.file_shown(file)


def _ending(row: sa.Row[Any], kind: Kind, purpose: Purpose) -> New:
    return New(f"{row.id}/end", kind=kind, purpose=purpose, subject=row.id, refers=row.hold)


def _describe(connection: sa.Connection, person: str, subjects: Sequence[str]) -> dict[str, Described]:
    found = store.ibans(connection, subjects, person)
    return {identifier: Described(note=rules.masked(iban)) for identifier, iban in found.items()}
