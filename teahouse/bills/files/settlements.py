"""Settlements: what billers confirmed leaves for their banks, by schedule or by hand."""

from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse import ids
from teahouse.bills.directory import store as directory
from teahouse.bills.files import rules, store
from teahouse.bills.files.model import ConfirmSettlement, MakeSettlement, Settlement, SettlementMade
from teahouse.commands import Actor
from teahouse.storage.transaction import Tx
from teahouse.wallet.ledger.model import New, Purpose
from teahouse.wallet.purse import Purse

LOOK_EVERY_MS = 60_000


class Settlements:
    def __init__(self, purse: Purse) -> None:
        self._purse = purse
        self._looked_at = 0

    def register(self) -> None:
        house = self._purse.house
        house.handle(MakeSettlement, self.make)
        house.handle(ConfirmSettlement, self.confirm)
        self._purse.sweeps.append(self.make_due)

    def make(self, tx: Tx, actor: Actor, command: MakeSettlement) -> SettlementMade:
        must_be_operator(actor)
        row = directory.biller(tx.connection, command.biller)
        made = self._make(tx, row) if row is not None else None
        if made is None:
            raise rules.NothingOwed()
        return SettlementMade(settlement=made)

    def confirm(self, tx: Tx, actor: Actor, command: ConfirmSettlement) -> SettlementMade:
        """A repeat changes nothing."""
        must_be_operator(actor)
        where = store.settlements.c.id == command.settlement
        tx.connection.execute(sa.update(store.settlements).where(where).values(state="settled"))
        row = store.settlement(tx.connection, command.settlement)
        if row is None:
            raise rules.NoSuchSettlement()
        return SettlementMade(settlement=shown(row))

    def make_due(self, tx: Tx, limit: int) -> int:
        """A sweep: settle with the billers whose day or week it is."""
        if self._looked_at <= tx.now < self._looked_at + LOOK_EVERY_MS:
            return 0
        made = 0
        for row in directory.all_billers(tx.connection):
            if row.settles == "by_hand" or made >= limit:
                continue
            last = store.settlements_of(tx.connection, row.id, 1)
            if rules.is_due(row.settles, last[0].at if last else 0, tx.now) and self._make(tx, row):
                made += 1
        if not made:
            self._looked_at = tx.now
        return made

    def _make(self, tx: Tx, row: sa.Row[Any]) -> Settlement | None:
        """Gather what a biller is owed, if anything. The money goes from its account to the bank's clearing account."""
        tx.flush()
        owed = store.owed(tx.connection, row.id, rules.PAYMENTS_MAX)
        if not owed:
            return None
        purse, settlement = self._purse, ids.new_id()
        amount = sum(payment.amount for payment in owed)
        debit = purse.house_account(tx, "biller", row.currency, owner=row.id)
        credit = purse.house_account(tx, "bank_clearing", row.currency)
        key = f"{settlement}/settlement"
        new = New(key, debit.number, credit.number, amount, purpose=Purpose.SETTLEMENT, subject=settlement)
        purse.ledger.post(tx, new)
        made = Settlement(
            id=settlement,
            biller=row.id,
            at=tx.now,
            amount=amount,
            currency=row.currency,
            payments=len(owed),
            format=row.settles_as,
            state="made",
        )
        tx.connection.execute(sa.insert(store.settlements).values(msgspec.structs.asdict(made)))
        store.append_settled(tx.connection, [(payment.id, settlement) for payment in owed])
        return made


def must_be_operator(actor: Actor) -> None:
    if not actor.is_operator:
        raise rules.OperatorsOnly()


def shown(row: sa.Row[Any]) -> Settlement:
    return Settlement(
        id=row.id,
        biller=row.biller,
        at=row.at,
        amount=row.amount,
        currency=row.currency,
        payments=row.payments,
        format=row.format,
        state=row.state,
    )
