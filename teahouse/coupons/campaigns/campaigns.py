"""Campaigns: drafted, live, paused, ended; shared into chats. The one door of this room."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from teahouse.commands import Actor, Signed
from teahouse.coupons.campaigns import rules, store
from teahouse.coupons.campaigns.counting import Figure, Telling, count
from teahouse.coupons.campaigns.drafting import Drafting
from teahouse.coupons.campaigns.model import (
    Campaign,
    CampaignFigures,
    CreateCampaign,
    SetCampaignState,
    ShareCampaign,
    UpdateCampaign,
)
from teahouse.coupons.campaigns.sharing import Sharing
from teahouse.coupons.campaigns.state import CampaignsInUse, CampaignState
from teahouse.coupons.campaigns.views import Views
from teahouse.errors import NotFound, Refusal
from teahouse.merchants.service import MerchantService
from teahouse.storage.transaction import Tx
from teahouse.wallet.purse import Purse


class Campaigns:
    def __init__(self, purse: Purse, merchants: MerchantService) -> None:
        self._purse = purse
        self._merchants = merchants
        accounts = merchants.accounts
        self._in_use = CampaignsInUse()
        self._views = Views(purse.people, accounts.counter_names, purse.house.settings.public_url)
        self._telling = Telling(lambda tx, merchant: accounts.staff_ids(tx.connection, merchant))
        self.sharing = Sharing(purse, self._in_use)
        self._drafting = Drafting(purse, merchants, self._in_use, self.sharing, self._views)

    def register(self) -> None:
        """Hang the commands into the house."""
        house = self._purse.house
        house.handle(CreateCampaign, self._drafting.create)
        house.handle(UpdateCampaign, self._drafting.update)
        house.handle(SetCampaignState, self._drafting.move)
        house.handle(ShareCampaign, self.sharing.share)
        self._purse.sweeps += [self._telling.sweep, self.sharing.sweep]

    # --- what the rooms of coupons ask, in the writer's thread ---

    def state(self, tx: Tx, campaign: str) -> CampaignState:
        """Return a campaign from memory, with its terms (`worth`, `hours`, `timezone`, `counters` …). Raises
        `NoSuchCampaign`."""
        return self._in_use.get(tx, campaign)

    def must_be_staff(self, tx: Tx, actor: Actor, state: CampaignState) -> None:
        """Raises `NoSuchMerchant` for who does not work for its merchant."""
        self._merchants.accounts.must_be_staff(tx.connection, actor, state.merchant)

    def take(self, tx: Tx, state: CampaignState, person: str) -> None:
        """Take one from the stock for somebody. Raises the `Refusal` of why not; then nothing was changed."""
        mine = state.mine(tx, person)
        rules.must_give(state.state, state.valid_to, tx.now)
        rules.may_claim(state.left, mine, state.per_person)
        self._in_use.changing(tx, state)
        state.count(person, mine + 1)
        self.count(tx, state, "claimed")
        if not state.left:
            self.sharing.changed(tx, state)

    def count(self, tx: Tx, state: CampaignState, figure: Figure, by: int = 1, at: int = 0) -> None:
        """Count what became of a coupon, on the day of now or of an instant before, and let the staff know."""
        count(tx, state, figure, by, at)
        self._telling.changed(tx, state.id, state.merchant)

    # --- reads ---

    def shown(
        self, connection: sa.Connection, campaigns: Collection[str], person: str, staff_of: Collection[str] = ()
    ) -> dict[str, Campaign]:
        """Return campaigns as a person reads them, whatever state they are in. `staff_of`: merchants for whose staff
        this is."""
        rows = store.campaigns_by_id(connection, campaigns)
        return self._views.shown(connection, rows.values(), person, staff_of)

    async def of(self, signed: Signed, merchant: str) -> tuple[Campaign, ...]:
        def read(connection: sa.Connection) -> tuple[Campaign, ...]:
            staff = self._is_staff(connection, signed, merchant)
            rows = store.of_merchant(connection, merchant, live_only=not staff)
            return tuple(self._views.shown(connection, rows, signed.person, (merchant,) if staff else ()).values())

        return await self._purse.house.store.read(read)

    async def campaign(self, signed: Signed, campaign: str) -> Campaign:
        return await self._purse.house.store.read(self._campaign, signed, campaign)

    async def figures(self, signed: Signed, campaign: str) -> CampaignFigures:
        now = self._purse.house.store.writer.clock()

        def read(connection: sa.Connection) -> CampaignFigures:
            row = self._managed(connection, signed, campaign)
            return self._views.figures(connection, row, now)

        return await self._purse.house.store.read(read)

    async def set_picture(self, signed: Signed, campaign: str, data: bytes) -> Campaign:
        """Refused before the image is looked at when one may not."""
        house, people = self._purse.house, self._purse.people
        await house.store.read(self._managed, signed, campaign)
        name = await people.store_picture(data)
        try:
            before = await house.store.write(self._drafting.set_picture, signed, campaign, name)
        except Refusal:
            people.drop_picture(name)
            raise
        if before:
            people.drop_picture(before)
        return await self.campaign(signed, campaign)

    def _campaign(self, connection: sa.Connection, signed: Signed, campaign: str) -> Campaign:
        row = store.campaign(connection, campaign)
        if row is None:
            raise rules.NoSuchCampaign()
        staff = self._is_staff(connection, signed, row.merchant)
        if row.state == "draft" and not staff:
            raise rules.NoSuchCampaign()
        return self._views.shown(connection, (row,), signed.person, (row.merchant,) if staff else ())[campaign]

    def _managed(self, connection: sa.Connection, signed: Signed, campaign: str) -> Any:
        row = store.campaign(connection, campaign)
        if row is None:
            raise rules.NoSuchCampaign()
        self._merchants.accounts.must_be_staff(connection, signed, row.merchant, "manager")
        return row

    def _is_staff(self, connection: sa.Connection, signed: Signed, merchant: str) -> bool:
        try:
            self._merchants.accounts.must_be_staff(connection, signed, merchant)
        except NotFound:
            return False
        return True
