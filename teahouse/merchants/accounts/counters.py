"""Where a merchant sells: each counter has a static code, which hangs there for all to scan."""

import secrets

from teahouse import ids
from teahouse.commands import Actor, Done
from teahouse.merchants.accounts import rules, store
from teahouse.merchants.accounts.known import KnownMerchants
from teahouse.merchants.accounts.model import AddCounter, CounterAdded, RemoveCounter, UpdateCounter
from teahouse.people.service import clean_name
from teahouse.storage.transaction import Tx


class Counters:
    def __init__(self, known: KnownMerchants) -> None:
        self._known = known

    def add(self, tx: Tx, actor: Actor, command: AddCounter) -> CounterAdded:
        self._known.role(tx.connection, actor, command.merchant, "manager")
        if len(self._known.get(tx.connection, command.merchant).counters) >= rules.COUNTERS_MAX:
            raise rules.TooManyCounters(max=rules.COUNTERS_MAX)
        counter = ids.new_id()
        store.add_counter(
            tx.connection,
            id=counter,
            merchant=command.merchant,
            name=clean_name(command.name),
            token=secrets.token_urlsafe(16),
            at=tx.now,
            ended_at=0,
        )
        self._known.changed(tx, command.merchant)
        return CounterAdded(counter=self._known.counter(tx.connection, command.merchant, counter))

    def update(self, tx: Tx, actor: Actor, command: UpdateCounter) -> Done:
        self._change(tx, actor, command.merchant, command.counter, name=clean_name(command.name))
        return Done()

    def remove(self, tx: Tx, actor: Actor, command: RemoveCounter) -> Done:
        self._change(tx, actor, command.merchant, command.counter, ended_at=tx.now)
        return Done()

    def _change(self, tx: Tx, actor: Actor, merchant: str, counter: str, **values: object) -> None:
        self._known.role(tx.connection, actor, merchant, "manager")
        if counter not in self._known.get(tx.connection, merchant).counters:
            raise rules.NoSuchCounter()
        store.change_counter(tx.connection, counter, **values)
        self._known.changed(tx, merchant)
