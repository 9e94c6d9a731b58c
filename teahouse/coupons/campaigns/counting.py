"""What a group changed of campaigns' figures: gathered, written once, and their merchants' staff told in moderation."""

from collections import defaultdict
from collections.abc import Callable
from typing import Literal

from teahouse import clock
from teahouse.coupons.campaigns import store
from teahouse.coupons.campaigns.model import CampaignChanged
from teahouse.coupons.campaigns.state import CampaignState, day_of
from teahouse.storage.transaction import Tx

Figure = Literal["claimed", "shared", "redeemed"]
TELL_EVERY_MS = clock.SECOND_MS


class Counts:
    """The group's figures by campaign and day, until they are written together."""

    def __init__(self) -> None:
        self.days: dict[tuple[str, str], dict[Figure, int]] = defaultdict(lambda: defaultdict(int))

    def flush(self, tx: Tx) -> None:
        days, self.days = self.days, defaultdict(lambda: defaultdict(int))
        for (campaign, day), each in days.items():
            store.add_to_day(tx.connection, campaign, day, each["claimed"], each["shared"], each["redeemed"])
            if each["claimed"]:
                store.add_claimed(tx.connection, campaign, each["claimed"])

    def forget(self) -> None:
        self.days.clear()


class Telling:
    """Tells the staff that a campaign changed, at most once a second; what came sooner, the next sweep tells."""

    def __init__(self, staff_of: Callable[[Tx, str], list[str]]) -> None:
        self._staff_of = staff_of
        self._told_at: dict[str, int] = {}
        self._waiting: dict[str, str] = {}
        """Campaigns of which the staff does not know the newest, and their merchants."""

    def changed(self, tx: Tx, campaign: str, merchant: str) -> None:
        if tx.now - self._told_at.get(campaign, -TELL_EVERY_MS) < TELL_EVERY_MS:
            self._waiting[campaign] = merchant
            return
        self._told_at[campaign] = tx.now
        self._waiting.pop(campaign, None)
        tx.undo(lambda: self._told_at.pop(campaign, None))
        tx.tell(CampaignChanged(campaign=campaign, merchant=merchant), self._staff_of(tx, merchant))

    def sweep(self, tx: Tx, limit: int) -> int:
        """Tell what could not be told at once, and forget what was told long ago."""
        self._told_at = {name: at for name, at in self._told_at.items() if tx.now - at < TELL_EVERY_MS}
        ready = [each for each in self._waiting.items() if each[0] not in self._told_at][:limit]
        for campaign, merchant in ready:
            self.changed(tx, campaign, merchant)
        return len(ready)


def count(tx: Tx, state: CampaignState, figure: Figure, by: int = 1, at: int = 0) -> None:
    """Count what happened to a figure, now or at an instant before."""
    day = day_of(state.timezone, at)[0] if at else state.day(tx.now)
    counts: Counts = tx.gathered(Counts)
    counts.days[state.id, day][figure] += by
