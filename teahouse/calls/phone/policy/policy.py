"""Who may call what, and how much. The one door of this room."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Final

from teahouse.calls.phone.meter import usage
from teahouse.calls.phone.meter.rules import cost_of
from teahouse.calls.phone.model import Price
from teahouse.calls.phone.numbers import Number
from teahouse.calls.phone.policy import rules, store
from teahouse.calls.phone.policy.model import PhonePolicy, SetPhonePolicy
from teahouse.commands import Actor, Done, Signed
from teahouse.errors import Forbidden
from teahouse.storage.transaction import Tx
from teahouse.wallet.purse import Purse

COSTS_MAX: Final = 1000
"""Calls that are looked at to say when a day's ceiling is over."""


class Policy:
    def __init__(self, purse: Purse) -> None:
        self._purse = purse
        self._now = PhonePolicy()

    def register(self) -> None:
        """Hang the commands into the house."""
        self._purse.house.handle(SetPhonePolicy, self._set)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Read the policy into memory; enter it once the house has started."""
        self._now = await self._purse.house.store.read(store.load)
        yield

    @property
    def now(self) -> PhonePolicy:
        """In force, from memory."""
        return self._now

    def may_call(self, tx: Tx, person: str, number: Number, price: Price) -> None:
        """Raises `PhoneOff`, `NumberKindOff`, `DestinationOff`, `TooDear`, `LevelNeeded`, `CallLimit` (`what` names the
        limit, `retry_after_ms` when it is over where that is known). Changes nothing: `Meter` has what counts."""
        policy = self._now
        rules.must_be_destination(policy, number)
        rules.must_be_cheap(policy, price, self._currency)
        if policy.level_min and self._purse.guard.standing(tx, person).level < policy.level_min:
            raise rules.LevelNeeded(level=policy.level_min)
        self._must_be_within_counts(tx, person, number, policy)
        self._must_be_within_sums(tx, person, price, policy)

    def room(self, tx: Tx, person: str, currency: str) -> int | None:
        """How much more may be held for a person's calls by the ceilings of the day, in minor units; None: without
        limit. Sums of the house's first currency alone are counted."""
        if currency != self._currency:
            return None
        left = [limit - spent for _, limit, spent, _ in self._sums(tx, person, self._now)]
        return max(0, min(left)) if left else None

    async def read(self, signed: Signed) -> PhonePolicy:
        """Operators only."""
        _must_be_operator(signed)
        return self._now

    # --- within ---

    def _set(self, tx: Tx, actor: Actor, command: SetPhonePolicy) -> Done:
        _must_be_operator(actor)
        policy = command.policy
        store.save(tx.connection, policy)
        # Calls that are decided in the same group still go by the policy before.
        tx.after(lambda: setattr(self, "_now", policy))
        return Done()

    @property
    def _currency(self) -> str:
        """What the policy's sums are in."""
        return next(iter(self._purse.operator.settings.currencies), "")

    def _must_be_within_counts(self, tx: Tx, person: str, number: Number, policy: PhonePolicy) -> None:
        connection, since = tx.connection, tx.now - rules.HOUR_MS
        if policy.person_calls and usage.calls_now(connection, person) >= policy.person_calls:
            raise rules.reached("person_calls", policy.person_calls)
        if limit := policy.person_calls_hour:
            oldest = usage.nth_call_at(connection, person, since, limit)
            if oldest:
                raise rules.reached("person_calls_hour", limit, oldest + rules.HOUR_MS, tx.now)
        if limit := policy.person_numbers_hour:
            oldest = usage.nth_number_at(connection, person, since, limit)
            if oldest and not usage.has_called(connection, person, number.e164, since):
                raise rules.reached("person_numbers_hour", limit, oldest + rules.HOUR_MS, tx.now)
        if policy.house_calls and usage.calls_now(connection) >= policy.house_calls:
            raise rules.reached("house_calls", policy.house_calls)

    def _must_be_within_sums(self, tx: Tx, person: str, price: Price, policy: PhonePolicy) -> None:
        first = cost_of(price, 1)
        if not first or price.currency != self._currency:
            return
        for what, limit, spent, whose in self._sums(tx, person, policy):
            too_much = spent + first - limit
            if too_much > 0:
                costs = usage.costs_since(tx.connection, self._currency, tx.now - rules.DAY_MS, COSTS_MAX, whose)
                raise rules.reached(what, limit, rules.over_at(costs, too_much), tx.now)

    def _sums(self, tx: Tx, person: str, policy: PhonePolicy) -> Iterable[tuple[rules.What, int, int, str]]:
        """Each ceiling: its name, what it is, what is used of it, and by whom (nobody: the house)."""
        since = tx.now - rules.DAY_MS
        if policy.person_spend_day:
            spent = usage.spent(tx.connection, self._currency, since, person)
            yield "person_spend_day", policy.person_spend_day, spent, person
        if policy.house_spend_day:
            spent = usage.spent(tx.connection, self._currency, since)
            yield "house_spend_day", policy.house_spend_day, spent, ""


def _must_be_operator(actor: Actor) -> None:
    if not actor.is_operator:
        raise Forbidden("Only operators set the policy of phone calls.")
