"""Contents as plain words: for notifications and replies, which can show no more, and for search."""

from typing import Final

from teahouse.chat import content as c
from teahouse.money import plain
from teahouse.previews.model import Preview

MINUTE = 60


def line_of(content: c.Content) -> str:
    """Return a content as one line. Empty for what is not said by anybody."""
    match content:
        case c.Text(text=text):
            return text
        case c.Picture(caption=caption):
            return _with("🖼 Picture", caption)
        case c.Album(items=items, caption=caption):
            return _with(f"🖼 {len(items)} pictures", caption)
        case c.LivePhoto(caption=caption):
            return _with("🖼 Live photo", caption)
        case c.Video(media=media, caption=caption):
            return _with("🎬 GIF" if media.animated else f"🎬 Video ({_time(media.duration)})", caption)
        case c.VideoNote(media=media):
            return f"🎬 Video message ({_time(media.duration)})"
        case c.Voice(media=media):
            return f"🎤 Voice message ({_time(media.duration)})"
        case c.File(media=media, caption=caption):
            return _with(f"📄 {media.name or 'File'}", caption)
        case c.Sticker(sticker=sticker):
            return f"{sticker.emoji.partition(' ')[0]} Sticker".strip()
        case c.Location(name=name):
            return _with("📍 Location", name)
        case c.ContactCard(person=person):
            return f"👤 {person.name}"
        case c.Poll(question=question):
            return f"📊 {question}"
        case c.Transfer(amount=amount, currency=currency):
            return f"💸 {plain(amount, currency)} {currency}"
        case c.RedPacket(greeting=greeting):
            return _with("🧧 Red packet", greeting)
        case c.CouponCard(title=title, name=name):
            return f"🎟 {name}: {title}"
        case c.SplitCard(title=title, total=total, currency=currency):
            return f"🧾 {title}: {plain(total, currency)} {currency}"
        case c.CallCard():
            return call_of(content)
        case c.Notice():
            return notice_of(content)
        case _:
            return ""


CALLS: Final = {
    "": "Call",
    "answered": "Call",
    "missed": "Missed call",
    "no_answer": "Missed call",
    "cancelled": "Missed call",
    "declined": "Declined call",
    "busy": "Call: busy",
    "failed": "Call failed",
}


def call_of(content: c.CallCard) -> str:
    """Return a call as a line."""
    return _with(
        f"{'🎥' if content.video else '📞'} {CALLS[content.outcome]}",
        _time(content.seconds * 1000) if content.seconds else "",
    )


NOTICES: Final = {
    "bill_due": "A bill is due",
    "bill_above_ceiling": "A bill is above your ceiling",
    "bill_paid": "A bill was paid",
    "bill_returned": "A bill was not paid: your money is back",
    "bill_reversed": "A payment was undone: your money is back",
    "autopay_failed": "A bill could not be paid by itself",
    "coupon_expires": "A coupon expires soon",
    "order_refunded": "Your money is back",
}


def notice_of(content: c.Notice) -> str:
    """Return a notice as a line."""
    sum_ = f"{plain(content.amount, content.currency)} {content.currency}" if content.amount else ""
    return _with(f"🔔 {NOTICES[content.what]}", " ".join(filter(None, (content.title, sum_))))


def searched_of(content: c.Content) -> str:
    """Return the words that a content is found by; empty when it has none."""
    match content:
        case c.Text(text=text, preview=None):
            return text
        case c.Text(text=text, preview=Preview(title=title)):
            return f"{text}\n{title}"
        case c.File(media=media, caption=caption):
            return f"{caption}\n{media.name}".strip()
        case c.Picture() | c.Album() | c.LivePhoto() | c.Video():
            return content.caption
        case c.Location(name=name):
            return name
        case c.ContactCard(person=person):
            return f"{person.name} {person.handle}"
        case c.Poll(question=question, options=options):
            return "\n".join((question, *options))
        case c.Transfer(note=note):
            return note
        case c.RedPacket(greeting=greeting):
            return greeting
        case c.CouponCard(title=title, name=name):
            return f"{name} {title}"
        case c.SplitCard(title=title) | c.Notice(title=title):
            return title
        case _:
            return ""


def _with(what: str, words: str) -> str:
    return f"{what}: {words}" if words else what


def _time(milliseconds: int) -> str:
    seconds = round(milliseconds / 1000)
    return f"{seconds // MINUTE}:{seconds % MINUTE:02}"
