"""The guard: who may spend how much, who said yes to it, and who looked. The one door of this room."""

import sqlalchemy as sa
from msgspec import UNSET

from teahouse.commands import Actor, Signed
from teahouse.errors import Malformed
from teahouse.house import House
from teahouse.money import Money, currencies
from teahouse.people.model import Ceremony
from teahouse.people.service import PeopleService
from teahouse.storage.transaction import Tx
from teahouse.wallet.guard import rules, store
from teahouse.wallet.guard.approvals import Approvals
from teahouse.wallet.guard.days import Days, DaySum
from teahouse.wallet.guard.model import (
    Approve,
    Approved,
    Cashiers,
    ChangeLimits,
    Looks,
    SetPin,
    SpendingLimits,
    VerifyPerson,
    WalletSettings,
)
from teahouse.wallet.guard.pins import Pins
from teahouse.wallet.guard.staff import Staff, must_be_operator
from teahouse.wallet.guard.standings import Standings, standing_of
from teahouse.wallet.masking import masked
from teahouse.wallet.purse import NoSuchCurrency, Purse, Standing


class WalletGuard:
    def __init__(self, purse: Purse) -> None:
        self._house: House = purse.house
        self._people: PeopleService = purse.people
        self._purse = purse
        self._staff = Staff(self._house, self._people)
        self._standings = Standings(self._people, self._staff)
        self.approvals = Approvals()
        self._pins = Pins(self._house, self._people, self._standings, self.approvals)
        self._days = Days()
        purse.sweeps.append(self._days.forget_old)
        purse.guard = self

    def register(self) -> None:
        self._house.handle(WalletSettings, self._standings.set)
        self._house.handle(VerifyPerson, self._standings.verify)

    # --- spending: in the writer's thread, from hot commands ---

    def may_spend(self, tx: Tx, actor: Actor, money: Money, approval: str) -> None:
        """Refuse what `spend` would refuse; change nothing."""
        self.approvals.find(tx, actor, money, approval)
        self._must_be_within(tx, actor.person, money)

    def spend(self, tx: Tx, actor: Actor, money: Money, approval: str) -> None:
        """Take the approval and count the sum to the day's. Raises `ApprovalNeeded`, `LimitExceeded`; then nothing was
        changed. It is undone when the command is rolled back, but nobody rolls back a hot command that is refused
        after it: call it when nothing else can refuse."""
        key, found = self.approvals.find(tx, actor, money, approval)
        today = self._must_be_within(tx, actor.person, money)
        self.approvals.take(tx, key, found, money.amount)
        self._days.add(tx, actor.person, money.currency, today, money.amount)

    def agree(self, tx: Tx, actor: Actor, money: Money, approval: str) -> None:
        """Take the approval of a sum that will be spent later, and each time (autopay): nothing counts to the day's
        yet. Raises `ApprovalNeeded`, `LimitExceeded` for what could never be paid; undone as with `spend`."""
        key, found = self.approvals.find(tx, actor, money, approval)
        rules.may_spend(self._standings.limits_of(tx, actor.person, money.currency), 0, money.amount)
        self.approvals.take(tx, key, found, money.amount)

    def spend_agreed(self, tx: Tx, person: str, money: Money) -> None:
        """Count a sum to the day's that the person agreed to before (autopay). Raises `LimitExceeded`; undone as with
        `spend`."""
        today = self._must_be_within(tx, person, money)
        self._days.add(tx, person, money.currency, today, money.amount)

    def unspend(self, tx: Tx, person: str, money: Money, at: int) -> None:
        """A payment of the instant `at` (Unix ms) came back: if that was today, it counts no more."""
        if rules.day_of(at) == rules.day_of(tx.now):
            today = self._days.today(tx, person, money.currency)
            self._days.add(tx, person, money.currency, today, -money.amount)

    def has_room(self, tx: Tx, person: str, money: Money, held: int = 0) -> None:
        """Raises `WalletFull` when the person would have more than their level may. What is held for them counts;
        `held` of it is part of this sum."""
        account = self._purse.ledger.find(tx, person, "member", money.currency)
        has = 0 if account is None else account.credits - account.debits + account.held_in
        rules.may_hold(self._standings.limits_of(tx, person, money.currency), has - held, money.amount)

    def _must_be_within(self, tx: Tx, person: str, money: Money) -> DaySum:
        limits = self._standings.limits_of(tx, person, money.currency)
        today = self._days.today(tx, person, money.currency)
        rules.may_spend(limits, today.spent, money.amount)
        return today

    # --- what other rooms read and note ---

    def standing(self, tx: Tx, person: str) -> Standing:
        """As `state_of`, in the writer's thread and from memory."""
        return self._standings.of(tx, person)

    def state_of(self, connection: sa.Connection, person: str) -> Standing:
        return standing_of(store.person(connection, person))

    def masked(self, real_name: str) -> str:
        return masked(real_name)

    def limits_at(self, connection: sa.Connection, level: int) -> tuple[SpendingLimits, ...]:
        """Of one level, in each of the house's currencies."""
        known = store.all_limits(connection)
        return tuple(
            known.get((level, each)) or rules.default_limits(level, each)
            for each in self._purse.operator.settings.currencies
        )

    def spent_today(self, connection: sa.Connection, person: str) -> tuple[Money, ...]:
        """In each currency in which they spent any."""
        day = rules.day_of(self._house.store.writer.clock())
        spent = store.spent_by_currency(connection, day, person)
        return tuple(Money(amount, currency) for currency, amount in spent.items() if amount)

    def is_cashier(self, connection: sa.Connection, person: str) -> bool:
        return self._staff.is_cashier(connection, person)

    def cashier_ids(self, connection: sa.Connection) -> list[str]:
        """The longest serving first."""
        return store.all_cashiers(connection)

    def note_look(self, tx: Tx, person: str, by: str, what: str) -> None:
        """Write down that an operator or cashier looked at a person's wallet (`what`: see `Look`), before they see it;
        the person is told. Looking at one's own is not noted."""
        self._staff.note_look(tx, person, by, what)

    # --- for the routes ---

    async def set_pin(self, signed: Signed, asked: SetPin) -> None:
        await self._pins.set(signed, asked)

    async def passkey_options(self, signed: Signed) -> Ceremony:
        return await self._people.proofs.options(signed, "approve")

    async def approve(self, signed: Signed, asked: Approve) -> Approved:
        if asked.amount.currency not in currencies():
            raise NoSuchCurrency()
        if asked.pin is not UNSET:
            await self._pins.check(signed.person, asked.pin)
        elif asked.ceremony is not UNSET and asked.credential is not UNSET:
            await self._people.proofs.confirm(signed, "approve", asked.ceremony, asked.credential)
        else:
            raise Malformed("Give the PIN, or a passkey's ceremony and credential.")
        lasts_ms = rules.APPROVAL_MS if asked.uses == 1 else rules.APPROVAL_OF_MANY_MS

        def grant(tx: Tx) -> Approved:
            return Approved(*self.approvals.grant(tx, signed, asked.amount, asked.uses, lasts_ms))

        return await self._house.store.write(grant)

    async def looks(self, signed: Signed) -> Looks:
        return await self._staff.looks(signed)

    async def limits(self, signed: Signed) -> tuple[SpendingLimits, ...]:
        return await self._house.store.read(self._all_limits)

    async def change_limits(self, signed: Signed, asked: ChangeLimits) -> tuple[SpendingLimits, ...]:
        must_be_operator(signed)

        def commit(tx: Tx) -> tuple[SpendingLimits, ...]:
            self._standings.change_limits(tx, asked.limits)
            return self._all_limits(tx.connection)

        return await self._house.store.write(commit)

    def _all_limits(self, connection: sa.Connection) -> tuple[SpendingLimits, ...]:
        return tuple(each for level in rules.LEVELS for each in self.limits_at(connection, level))

    async def cashiers(self, signed: Signed) -> Cashiers:
        return await self._staff.cashiers(signed)

    async def make_cashier(self, signed: Signed, person: str) -> Cashiers:
        return await self._staff.make_cashier(signed, person)

    async def unmake_cashier(self, signed: Signed, person: str) -> Cashiers:
        return await self._staff.unmake_cashier(signed, person)
