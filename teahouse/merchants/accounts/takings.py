"""What a merchant earned, and how its owners take it out.

A payer pays the net sum to the merchant's account; a discount goes there from its subsidy account, which is below zero
by what the merchant gave. So the takings are both accounts' balances together, whatever was settled between them.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from teahouse import ids
from teahouse.commands import Actor
from teahouse.merchants.accounts import rules, store
from teahouse.merchants.accounts.known import KnownMerchants
from teahouse.merchants.accounts.model import TakenOut, TakeOut
from teahouse.storage.transaction import Tx
from teahouse.wallet.ledger import store as ledger_store
from teahouse.wallet.ledger.model import New, Purpose
from teahouse.wallet.model import Entry
from teahouse.wallet.once import once
from teahouse.wallet.purse import Described, Purse, balance_of


class Takings:
    def __init__(self, purse: Purse, known: KnownMerchants) -> None:
        self._purse = purse
        self._known = known

    def of(self, tx: Tx, merchant: str, currency: str) -> int:
        """From memory, in the writer's thread."""
        sums = 0
        for kind in ("merchant", "subsidy"):
            account = self._purse.ledger.find(tx, merchant, kind, currency)
            if account is not None:
                sums += account.credits - account.debits - account.held_out
        return sums

    def take_out(self, tx: Tx, actor: Actor, command: TakeOut) -> TakenOut:
        self._known.role(tx.connection, actor, command.merchant, "owner")
        return once(tx, actor, command, TakenOut, lambda: self._take_out(tx, actor.person, command))

    def _take_out(self, tx: Tx, owner: str, command: TakeOut) -> TakenOut:
        merchant, money = command.merchant, command.amount
        there = self.of(tx, merchant, money.currency)
        rules.may_take(there, money.amount)
        account = self._purse.account(tx, owner, money.currency)
        self._purse.guard.has_room(tx, owner, money)
        identifier = ids.new_id()
        source = self._purse.house_account(tx, "merchant", money.currency, merchant)
        out = New(
            f"{identifier}/out",
            source.number,
            account.number,
            money.amount,
            purpose=Purpose.TAKE_OUT,
            subject=identifier,
        )
        numbers = self._purse.ledger.chain(tx, [*self._settling(tx, merchant, money.currency, identifier), out])
        # As the ledger has it, whatever the clock did: daily bills are held against it.
        at = self._purse.ledger.transfer(tx, numbers[-1]).at
        store.add_take_out(
            tx.connection,
            id=identifier,
            merchant=merchant,
            person=owner,
            amount=money.amount,
            currency=money.currency,
            at=at,
        )
        account = self._purse.account(tx, owner, money.currency)
        entry = Entry(
            number=numbers[-1],
            at=at,
            kind="take_out",
            state="moved",
            amount=money.amount,
            currency=money.currency,
            balance=balance_of(account).balance,
            subject=identifier,
            other=merchant,
        )
        self._purse.tell(tx, account, entry)
        self._known.tell(tx, merchant)
        return TakenOut(takings=there - money.amount)

    def _settling(self, tx: Tx, merchant: str, currency: str, subject: str) -> list[New]:
        """Return what makes the subsidy account zero: the merchant pays for its discounts, or gets back what it paid
        for those that were refunded since."""
        subsidy = self._purse.house_account(tx, "subsidy", currency, merchant)
        source = self._purse.house_account(tx, "merchant", currency, merchant)
        balance = subsidy.credits - subsidy.debits
        if not balance:
            return []
        debit, credit = (source, subsidy) if balance < 0 else (subsidy, source)
        key, purpose = f"{subject}/settle", Purpose.SETTLEMENT
        return [New(key, debit.number, credit.number, abs(balance), purpose=purpose, subject=subject)]


def takings_at(connection: sa.Connection, merchant: str, currency: str) -> int:
    """As `Takings.of`, from the store, on any thread."""
    accounts = [ledger_store.account_of(connection, merchant, kind, currency) for kind in ("merchant", "subsidy")]
    return sum(account.available for account in accounts if account is not None)


def describe(connection: sa.Connection, person: str, subjects: Sequence[str]) -> dict[str, Described]:
    """What an owner's history says of a take-out: from whom it came."""
    found = store.merchants_of_take_outs(connection, subjects, person)
    return {identifier: Described(other=merchant) for identifier, merchant in found.items()}
