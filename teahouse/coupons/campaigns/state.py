"""What the writer keeps in memory of the campaigns in use: what is left, and who claimed how many. Only the writer's
thread touches it; it is loaded when first needed and dropped when a command that changed it is rolled back."""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from teahouse.coupons.campaigns import model, rules, store
from teahouse.coupons.pack import store as pack_store
from teahouse.storage.transaction import Tx

CAMPAIGNS_MAX = 500
CLAIMERS_MAX = 100_000
"""Of one campaign in memory. Where more people claimed, who claimed how many is asked of the store."""


class CampaignState:
    """A campaign as the writer knows it."""

    __slots__ = (
        "claimed",
        "claimers",
        "colour",
        "counters",
        "day_ends",
        "day_name",
        "givable",
        "group",
        "hours",
        "id",
        "merchant",
        "per_person",
        "picture",
        "refund_back",
        "state",
        "stock",
        "timezone",
        "title",
        "valid_days",
        "valid_from",
        "valid_to",
        "whole",
        "worth",
    )

    def __init__(self, row: Any, claimers: dict[str, int], *, whole: bool) -> None:
        self.id: str = row.id
        self.merchant: str = row.merchant
        self.title: str = row.title
        self.worth = store.read_worth(row.worth)
        self.colour: str = row.colour
        self.picture: str = row.picture
        self.state: model.CampaignState = row.state
        self.stock: int = row.stock
        self.claimed: int = row.claimed
        self.per_person: int = row.per_person
        self.valid_from: int = row.valid_from
        self.valid_to: int = row.valid_to
        self.valid_days: int = row.valid_days
        self.counters = store.read_ids(row.counters)
        """Ids of where it may be used; none: everywhere."""
        self.hours = store.read_hours(row.hours)
        self.timezone: str = row.timezone
        self.givable: bool = row.givable
        self.refund_back: bool = row.refund_back
        self.claimers = claimers
        """How many each person claimed."""
        self.whole = whole
        """Whether these are all of them."""
        self.day_name = ""
        self.day_ends = 0
        self.group: Tx | None = None
        """The group that changed it last (its rollback drops it)."""

    @property
    def left(self) -> int:
        return self.stock - self.claimed

    def mine(self, tx: Tx, person: str) -> int:
        """Return how many somebody claimed."""
        found = self.claimers.get(person)
        if found is None:
            if self.whole:
                return 0
            tx.flush()
            found = self.claimers[person] = pack_store.count_of(tx.connection, self.id, person)
        return found

    def count(self, person: str, mine: int) -> None:
        """Take one from the stock for somebody who has so many now. Say `changing` before."""
        self.claimed += 1
        self.claimers[person] = mine
        if len(self.claimers) > CLAIMERS_MAX:
            # Their rows are gathered, and written before anybody asks for them.
            self.claimers, self.whole = {}, False

    def day(self, now: int) -> str:
        """Return the date in the campaign's time zone; reckoned once a day."""
        if now >= self.day_ends:
            self.day_name, self.day_ends = day_of(self.timezone, now)
        return self.day_name


class CampaignsInUse:
    """The campaigns in use, the least recently used dropped first."""

    def __init__(self) -> None:
        self._campaigns: OrderedDict[str, CampaignState] = OrderedDict()

    def get(self, tx: Tx, campaign: str) -> CampaignState:
        """Raises `NoSuchCampaign`. Say `changing` before you change what you got."""
        state = self._campaigns.get(campaign)
        if state is not None:
            self._campaigns.move_to_end(campaign)
            return state
        tx.flush()
        row = store.campaign(tx.connection, campaign)
        if row is None:
            raise rules.NoSuchCampaign()
        whole = row.claimed <= CLAIMERS_MAX
        claimers = pack_store.counts_by_claimer(tx.connection, campaign) if whole else {}
        state = self._campaigns[campaign] = CampaignState(row, claimers, whole=whole)
        if len(self._campaigns) > CAMPAIGNS_MAX:
            self._campaigns.popitem(last=False)
        return state

    def changing(self, tx: Tx, state: CampaignState) -> None:
        """Say that this command is about to change the campaign; in a hot group once a group is enough."""
        if state.group is not tx or tx.alone:
            state.group = tx
            tx.undo(lambda: self.drop(state.id))

    def drop(self, campaign: str) -> None:
        self._campaigns.pop(campaign, None)


def day_of(timezone: str, now: int) -> tuple[str, int]:
    """Return the date there, and when it ends (Unix ms)."""
    there = datetime.fromtimestamp(now / 1000, ZoneInfo(timezone))
    midnight = there.replace(hour=0, minute=0, second=0, microsecond=0, fold=0) + timedelta(days=1)
    return there.date().isoformat(), int(midnight.timestamp() * 1000)
