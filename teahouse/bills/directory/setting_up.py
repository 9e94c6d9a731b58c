"""Billers as operators set them up."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from msgspec import UNSET

from teahouse.bills.directory import rules, store
from teahouse.bills.directory.model import AddBiller, BillerAdded, BillerSetup, UpdateBiller
from teahouse.commands import Actor
from teahouse.errors import Forbidden
from teahouse.storage.transaction import Tx
from teahouse.wallet.purse import NoSuchCurrency, Purse

_PLAIN = (
    "accepts",
    "about",
    "open_amount",
    "url",
    "key_id",
    "public_key",
    "deadline_s",
    "settles",
    "settles_as",
    "category",
)
_NOTHING: dict[str, Any] = {
    "regions": "",
    "accepts": "exact",
    "about": "",
    "open_amount": False,
    "state": "open",
    "url": "",
    "key_id": "",
    "public_key": "",
    "deadline_s": 86_400,
    "iban": "",
    "bic": "",
    "settles": "by_hand",
    "settles_as": "pain.001",
    "trouble": "",
}


class SettingUp:
    def __init__(
        self,
        purse: Purse,
        shown: Callable[[sa.Connection, sa.Row[Any]], BillerSetup],
        changed: Callable[[Tx], None],
    ) -> None:
        self._purse = purse
        self._shown = shown
        self._changed = changed

    def add(self, tx: Tx, actor: Actor, command: AddBiller) -> BillerAdded:
        _must_be_operator(actor)
        if command.currency not in self._purse.operator.settings.currencies:
            raise NoSuchCurrency()
        if store.count(tx.connection) >= rules.BILLERS_MAX:
            raise rules.TooManyBillers(max=rules.BILLERS_MAX)
        values = {**_NOTHING, "connector": command.connector, "currency": command.currency, **_given(command)}
        rules.must_be_reachable(values["connector"], values["url"], values["public_key"])
        made = self._purse.people.add_service(tx, command.handle, command.name)
        store.add(tx.connection, {"id": made.id, "at": tx.now, **values})
        self._purse.house_account(tx, "biller", command.currency, made.id)
        return self._answer(tx, made.id)

    def update(self, tx: Tx, actor: Actor, command: UpdateBiller) -> BillerAdded:
        """Saying anew whether it is open also takes its trouble away: somebody looked after it."""
        _must_be_operator(actor)
        row = store.biller(tx.connection, command.biller)
        if row is None:
            raise rules.NoSuchBiller()
        values = _given(command)
        rules.must_be_reachable(row.connector, values.get("url", row.url), values.get("public_key", row.public_key))
        if command.state is not UNSET:
            values |= {"state": command.state, "trouble": ""}
        if values:
            store.change(tx.connection, row.id, **values)
        if command.name is not UNSET:
            self._purse.people.change_service(tx, row.id, name=command.name)
        return self._answer(tx, row.id)

    def _answer(self, tx: Tx, biller: str) -> BillerAdded:
        self._changed(tx)
        tx.flush()
        row = store.biller(tx.connection, biller)
        assert row is not None
        return BillerAdded(biller=self._shown(tx.connection, row))


def _given(command: AddBiller | UpdateBiller) -> dict[str, Any]:
    """Return what a command says, as it is kept. Raises `BadBiller`."""
    values = {name: value for name in _PLAIN if (value := getattr(command, name)) is not UNSET}
    if command.fields is not UNSET:
        rules.must_be_fields(command.fields)
        values["fields"] = store.write_fields(command.fields)
    if command.regions is not UNSET:
        values["regions"] = " ".join(dict.fromkeys(command.regions))
    if command.iban is not UNSET:
        values["iban"] = rules.clean_iban(command.iban)
    if command.bic is not UNSET:
        values["bic"] = rules.clean_bic(command.bic)
    return values


def _must_be_operator(actor: Actor) -> None:
    if not actor.is_operator:
        raise Forbidden("Only operators do this.")
