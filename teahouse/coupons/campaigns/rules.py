"""Campaigns: what a coupon may be worth, how a campaign changes, and who may claim. Pure."""

from collections.abc import Collection
from zoneinfo import ZoneInfo

from teahouse import clock
from teahouse.coupons.campaigns.model import CampaignState, Hours, Worth
from teahouse.errors import Conflict, NotFound, Refusal

WINDOW_MAX_MS = 10 * 366 * clock.DAY_MS
CHANGING = frozenset(("title", "terms", "colour", "stock", "valid_to"))
"""What may change of a campaign that was live: people hold it to the rest."""
_MOVES = {
    "draft": ("live", "ended"),
    "live": ("paused", "ended"),
    "paused": ("live", "ended"),
    "ended": (),
}


class NoSuchCampaign(NotFound):
    code = "no_such_campaign"
    title = "There is no such campaign"


class TitleNeeded(Refusal):
    code = "title_needed"
    title = "A campaign needs a title"


class BadWorth(Refusal):
    """`fields["field"]` is what is missing, or does not belong to this offer."""

    code = "bad_worth"
    title = "This offer needs other figures"


class BadWindow(Refusal):
    code = "bad_window"
    title = "A campaign ends after it begins, at most ten years later"


class BadHours(Refusal):
    code = "bad_hours"
    title = "Hours begin and end at different minutes"


class BadTimezone(Refusal):
    code = "bad_timezone"
    title = "There is no such time zone"


class CampaignFixed(Conflict):
    """`fields["fields"]` names what may not change."""

    code = "campaign_fixed"
    title = "It was live: only more stock, a later end, title, terms and colour may change"


class BadMove(Conflict):
    """`fields["state"]` is what the campaign is."""

    code = "campaign_not_so"
    title = "A campaign cannot go from what it is to this"


class CampaignPaused(Conflict):
    code = "campaign_paused"
    title = "The merchant paused this campaign"


class CampaignOver(Conflict):
    code = "campaign_over"
    title = "This campaign is over"


class CampaignEmpty(Conflict):
    code = "campaign_empty"
    title = "Others were quicker: none are left"


class EnoughClaimed(Conflict):
    """`fields["per_person"]` is how many one may claim."""

    code = "enough_claimed"
    title = "You have claimed as many as one person may"


def must_be_worth(worth: Worth) -> None:
    """Raises `BadWorth` unless an offer has exactly the figures that it is made of."""
    needed: dict[str, Collection[str]] = {
        "amount_off": ("amount",),
        "percent_off": ("percent",),
        "free_item": ("item", "amount"),
        "buy_x_get_y": ("item", "amount", "buy", "get"),
        "cash": ("amount",),
    }
    may_have = {*needed[worth.offer], "amount"}
    for name in ("amount", "percent", "item", "buy", "get"):
        value = getattr(worth, name)
        if name in needed[worth.offer] and not (value.strip() if isinstance(value, str) else value):
            raise BadWorth(f"It needs {name}.", field=name)
        if value and name not in may_have:
            raise BadWorth(f"{worth.offer} has no {name}.", field=name)


def must_be_window(valid_from: int, valid_to: int) -> None:
    if not valid_from < valid_to <= valid_from + WINDOW_MAX_MS:
        raise BadWindow()


def must_be_hours(hours: Collection[Hours], timezone: str) -> None:
    """Hours may go past midnight; only none at all they may not be."""
    if any(each.start == each.end for each in hours):
        raise BadHours()
    try:
        ZoneInfo(timezone)
    except (KeyError, ValueError, OSError):  # not there; not a name; a folder
        raise BadTimezone() from None


def may_change(
    changed: Collection[str], *, was_live: bool, state: CampaignState, more_stock: bool, later: bool
) -> None:
    """Raises `CampaignOver`, and `CampaignFixed` for what people who claimed hold it to. `changed` names what would be
    different; `more_stock` and `later` say which way."""
    if state == "ended":
        raise CampaignOver()
    if not was_live:
        return
    fixed = [name for name in changed if name not in CHANGING]
    fixed += ["stock"] if "stock" in changed and not more_stock else []
    fixed += ["valid_to"] if "valid_to" in changed and not later else []
    if fixed:
        raise CampaignFixed(fields=sorted(fixed))


def may_move(state: CampaignState, to: CampaignState, valid_to: int, now: int) -> None:
    if to not in _MOVES[state]:
        raise BadMove(state=state)
    if to == "live" and valid_to <= now:
        raise CampaignOver()


def must_give(state: CampaignState, valid_to: int, now: int) -> None:
    """Raises unless coupons of it may be had now (if any are left)."""
    if state == "live":
        if valid_to <= now:
            raise CampaignOver()
        return
    if state == "paused":
        raise CampaignPaused()
    raise CampaignOver() if state == "ended" else NoSuchCampaign()


def may_claim(left: int, mine: int, per_person: int) -> None:
    if mine >= per_person:
        raise EnoughClaimed(per_person=per_person)
    if left <= 0:
        raise CampaignEmpty()


def good_for(valid_from: int, valid_to: int, valid_days: int, now: int) -> tuple[int, int]:
    """Return from when until when (not with it) a coupon that is claimed now may be used."""
    starts_at = max(now, valid_from)
    return starts_at, min(valid_to, starts_at + valid_days * clock.DAY_MS) if valid_days else valid_to
