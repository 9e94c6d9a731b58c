"""Campaigns are drafted, changed, and go live, pause and end."""

from typing import Any

import msgspec
from msgspec import UNSET

from teahouse import ids
from teahouse.commands import Actor
from teahouse.coupons.campaigns import rules, store
from teahouse.coupons.campaigns.model import (
    CampaignChanged,
    CampaignMade,
    CreateCampaign,
    SetCampaignState,
    UpdateCampaign,
    Worth,
)
from teahouse.coupons.campaigns.sharing import Sharing
from teahouse.coupons.campaigns.state import CampaignsInUse
from teahouse.coupons.campaigns.views import Views
from teahouse.merchants.service import MerchantService
from teahouse.storage.transaction import Tx
from teahouse.wallet.notes import clean
from teahouse.wallet.once import once
from teahouse.wallet.purse import NoSuchCurrency, Purse

_NOT_FIELDS = ("id", "key", "merchant", "campaign")
_ON_CARDS = ("title", "worth", "colour", "stock", "valid_to")


class Drafting:
    def __init__(
        self, purse: Purse, merchants: MerchantService, campaigns: CampaignsInUse, sharing: Sharing, views: Views
    ) -> None:
        self._purse = purse
        self._merchants = merchants
        self._campaigns = campaigns
        self._sharing = sharing
        self._views = views

    def create(self, tx: Tx, actor: Actor, command: CreateCampaign) -> CampaignMade:
        self._merchants.accounts.must_be_staff(tx.connection, actor, command.merchant, "manager")
        return once(tx, actor, command, CampaignMade, lambda: self._create(tx, actor, command))

    def update(self, tx: Tx, actor: Actor, command: UpdateCampaign) -> CampaignMade:
        row = self._managed(tx, actor, command.campaign)
        before = _words(row)
        asked = {name: value for name, value in _fields(command).items() if value is not UNSET}
        wanted = {**before, **self._checked(tx, row.merchant, {**before, **asked}, asked)}
        changed = {name: value for name, value in wanted.items() if value != before[name]}
        rules.may_change(
            changed,
            was_live=bool(row.was_live),
            state=row.state,
            more_stock=wanted["stock"] > row.stock,
            later=wanted["valid_to"] > row.valid_to,
        )
        if changed:
            store.change(tx.connection, row.id, **_columns(changed))
            self._changed(tx, row, cards=any(name in _ON_CARDS for name in changed))
        return self._made(tx, actor, row.id)

    def move(self, tx: Tx, actor: Actor, command: SetCampaignState) -> CampaignMade:
        row = self._managed(tx, actor, command.campaign)
        if row.state != command.state:
            rules.may_move(row.state, command.state, row.valid_to, tx.now)
            if command.state == "live":
                self._merchants.accounts.must_be_open(tx.connection, row.merchant)
            was_live = row.was_live or command.state == "live"
            store.change(tx.connection, row.id, state=command.state, was_live=was_live)
            self._changed(tx, row, cards=command.state == "ended")
        return self._made(tx, actor, row.id)

    def set_picture(self, tx: Tx, actor: Actor, campaign: str, picture: str) -> str:
        """Return the name of the picture before, which nothing shows any more."""
        row = self._managed(tx, actor, campaign)
        if row.state == "ended":
            raise rules.CampaignOver()
        store.change(tx.connection, row.id, picture=picture)
        self._changed(tx, row, cards=True)
        return str(row.picture)

    # --- steps ---

    def _create(self, tx: Tx, actor: Actor, command: CreateCampaign) -> CampaignMade:
        fields = _fields(command)
        campaign = ids.new_id()
        values = _columns(self._checked(tx, command.merchant, fields, fields))
        begun = {"state": "draft", "was_live": False, "claimed": 0, "picture": ""}
        store.add(tx.connection, {"id": campaign, "merchant": command.merchant, **begun, **values})
        self._tell(tx, campaign, command.merchant)
        return self._made(tx, actor, campaign)

    def _checked(self, tx: Tx, merchant: str, all_of_it: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
        """Return what was asked for, cleaned. Raises the `Refusal` of what no campaign may be."""
        found = dict(asked)
        if "title" in asked:
            found["title"] = clean(asked["title"])
            if not found["title"]:
                raise rules.TitleNeeded()
        if "terms" in asked:
            found["terms"] = "\n".join(clean(line) for line in asked["terms"].splitlines()).strip()
        if "worth" in asked:
            worth: Worth = asked["worth"]
            rules.must_be_worth(worth)
            if worth.currency not in self._purse.operator.settings.currencies:
                raise NoSuchCurrency()
            found["worth"] = msgspec.structs.replace(worth, item=clean(worth.item))
        if "valid_from" in asked or "valid_to" in asked:
            rules.must_be_window(all_of_it["valid_from"], all_of_it["valid_to"])
        if "hours" in asked or "timezone" in asked:
            rules.must_be_hours(all_of_it["hours"], all_of_it["timezone"])
        if "counters" in asked:
            found["counters"] = tuple(dict.fromkeys(asked["counters"]))
            for counter in found["counters"]:
                self._merchants.accounts.counter(tx.connection, merchant, counter)
        return found

    def _managed(self, tx: Tx, actor: Actor, campaign: str) -> Any:
        """Return the row of a campaign for its managers. To others it does not exist if it is a draft."""
        tx.flush()
        row = store.campaign(tx.connection, campaign)
        if row is None:
            raise rules.NoSuchCampaign()
        self._merchants.accounts.must_be_staff(tx.connection, actor, row.merchant, "manager")
        return row

    def _changed(self, tx: Tx, row: Any, *, cards: bool) -> None:
        # Read again when next needed; a rollback finds nothing that could be wrong.
        self._campaigns.drop(row.id)
        tx.undo(lambda: self._campaigns.drop(row.id))
        if cards:
            self._sharing.changed(tx, self._campaigns.get(tx, row.id))
        self._tell(tx, row.id, row.merchant)

    def _tell(self, tx: Tx, campaign: str, merchant: str) -> None:
        staff = self._merchants.accounts.staff_ids(tx.connection, merchant)
        tx.tell(CampaignChanged(campaign=campaign, merchant=merchant), staff)

    def _made(self, tx: Tx, actor: Actor, campaign: str) -> CampaignMade:
        row = store.campaign(tx.connection, campaign)
        shown = self._views.shown(tx.connection, (row,), actor.person, (row.merchant,))
        return CampaignMade(campaign=shown[campaign])


def _fields(command: CreateCampaign | UpdateCampaign) -> dict[str, Any]:
    return {name: getattr(command, name) for name in command.__struct_fields__ if name not in _NOT_FIELDS}


def _words(row: Any) -> dict[str, Any]:
    """Return what a command may change, as it says it."""
    names = [name for name in UpdateCampaign.__struct_fields__ if name not in _NOT_FIELDS]
    read = {"worth": store.read_worth, "hours": store.read_hours, "counters": store.read_ids}
    read |= {"givable": bool, "refund_back": bool}
    return {name: read[name](getattr(row, name)) if name in read else getattr(row, name) for name in names}


def _columns(values: dict[str, Any]) -> dict[str, Any]:
    encoded = ("worth", "hours", "counters")
    return {name: store.encode(value) if name in encoded else value for name, value in values.items()}
