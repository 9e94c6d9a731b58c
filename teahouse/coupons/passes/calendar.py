"""A calendar entry for a coupon's last moment, with an alarm a day before (RFC 5545)."""

from datetime import UTC, datetime, timedelta

from teahouse.coupons.pack.model import Coupon
from teahouse.coupons.passes.words import WORDS, worth_in_words
from teahouse.wallet.model import Language

PRODUCT = "-//Teahouse//Coupons//EN"


def made(coupon: Coupon, page: str, host: str, language: Language, now: int) -> bytes:
    """Return an iCalendar file. Made again it replaces the entry: its name stays."""
    from icalendar import Alarm, Calendar, Event  # noqa: PLC0415

    campaign = coupon.campaign
    title = WORDS[language].ends.format(title=campaign.title, merchant=campaign.merchant.name)
    event = Event()
    event.add("uid", f"coupon-{coupon.id}@{host}")
    event.add("dtstamp", _instant(now))
    event.add("dtstart", _instant(coupon.expires_at))
    event.add("summary", title)
    event.add(
        "description", "\n\n".join(filter(None, (worth_in_words(campaign.worth, language), campaign.terms, page)))
    )
    event.add("url", page)
    event.add("transp", "TRANSPARENT")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", timedelta(days=-1))
    alarm.add("description", title)
    event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _instant(at: int) -> datetime:
    return datetime.fromtimestamp(at // 1000, UTC)
