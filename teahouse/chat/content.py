"""What messages say: a tagged union by `kind`, once as people send it (`New…`) and once as it is told.

What is sent names media, stickers, people and link previews by their ids; the server fills in what it knows of them.
A new kind is a struct or two here, its words in `words_of.py`, a line in `making.py`, a renderer in the client, a test.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from teahouse.commands import Id, Milliseconds
from teahouse.media.model import MediaCard
from teahouse.people.model import Person
from teahouse.previews.model import Preview
from teahouse.stickers.model import StickerCard

TEXT_MAX = 8000
CAPTION_MAX = 1000
ALBUM_MAX = 20
OPTIONS_MAX = 12

MessageText = Annotated[str, Meta(min_length=1, max_length=TEXT_MAX)]
Mentions = Annotated[tuple[Id, ...], Meta(max_length=50)]
Caption = Annotated[str, Meta(max_length=CAPTION_MAX, description="With the same marks as a text.")]
Question = Annotated[str, Meta(min_length=1, max_length=300)]
Option = Annotated[str, Meta(min_length=1, max_length=100)]
PlaceName = Annotated[str, Meta(max_length=200)]


class _Sent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="kind"):
    pass


class _Told(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind"):
    pass


# --- text -----------------------------------------------------------------------------------------


class NewText(_Sent, frozen=True, tag="text"):
    """Plain text with simple marks that clients render: *bold*, _italic_, ~struck~, `code`, ```block```, > quote."""

    text: MessageText
    mentions: Mentions = ()
    """Members named with @handle in the text: they are notified even when the chat is muted."""
    mention_all: bool = False
    """@all: owners and admins only."""
    preview: Id | UnsetType = UNSET
    """A link preview that the house made (`POST /previews`)."""


class Text(_Told, frozen=True, tag="text"):
    text: str
    mentions: tuple[str, ...] = ()
    mention_all: bool = False
    preview: Preview | None = None


class NewCaption(_Sent, frozen=True, tag="caption"):
    """For edits only: another caption for what carries one. Empty takes it away."""

    text: Caption


# --- media ----------------------------------------------------------------------------------------


class _NewMedia(_Sent, frozen=True):
    media: Id
    """One's own, and ready."""


class _NewCaptioned(_NewMedia, frozen=True):
    caption: Caption = ""


class _Media(_Told, frozen=True):
    media: MediaCard


class _Captioned(_Media, frozen=True):
    caption: str = ""


class NewPicture(_NewCaptioned, frozen=True, tag="picture"):
    pass


class Picture(_Captioned, frozen=True, tag="picture"):
    pass


class NewAlbum(_Sent, frozen=True, tag="album"):
    """Pictures, live photos and videos that belong together, in this order."""

    items: Annotated[tuple[Id, ...], Meta(min_length=2, max_length=ALBUM_MAX)]
    caption: Caption = ""


class AlbumItem(msgspec.Struct, frozen=True, omit_defaults=True):
    kind: Literal["picture", "live_photo", "video"]
    media: MediaCard


class Album(_Told, frozen=True, tag="album"):
    items: tuple[AlbumItem, ...]
    caption: str = ""


class NewVideo(_NewCaptioned, frozen=True, tag="video"):
    pass


class Video(_Captioned, frozen=True, tag="video"):
    pass


class NewVideoNote(_NewMedia, frozen=True, tag="video_note"):
    """A short video of oneself, shown round."""


class VideoNote(_Media, frozen=True, tag="video_note"):
    pass


class NewVoice(_NewMedia, frozen=True, tag="voice"):
    pass


class Voice(_Media, frozen=True, tag="voice"):
    pass


class NewLivePhoto(_NewCaptioned, frozen=True, tag="live_photo"):
    """A still with a moving moment."""


class LivePhoto(_Captioned, frozen=True, tag="live_photo"):
    pass


class NewFile(_NewCaptioned, frozen=True, tag="file"):
    """A file of any kind, given on as it is and never shown on the house's own pages."""


class File(_Captioned, frozen=True, tag="file"):
    pass


class NewSticker(_Sent, frozen=True, tag="sticker"):
    sticker: Id


class Sticker(_Told, frozen=True, tag="sticker"):
    sticker: StickerCard


# --- the rest -------------------------------------------------------------------------------------


class NewLocation(_Sent, frozen=True, tag="location"):
    """A place, in degrees (WGS 84)."""

    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]
    accuracy: Annotated[float, Meta(ge=0, le=100_000, description="Metres; 0: not known.")] = 0
    name: PlaceName = ""


class Location(_Told, frozen=True, tag="location"):
    latitude: float
    longitude: float
    accuracy: float = 0
    name: str = ""


class NewContactCard(_Sent, frozen=True, tag="contact"):
    person: Id
    """A contact of one's own, or oneself."""


class ContactCard(_Told, frozen=True, tag="contact"):
    person: Person


class NewPoll(_Sent, frozen=True, tag="poll"):
    question: Question
    options: Annotated[tuple[Option, ...], Meta(min_length=2, max_length=OPTIONS_MAX)]
    multiple: bool = False
    """More than one answer may be chosen."""
    anonymous: bool = False
    """Nobody is told who chose what."""
    closes_at: Milliseconds = 0
    """0: when its maker closes it."""


class Poll(_Told, frozen=True, tag="poll"):
    question: str
    options: tuple[str, ...]
    multiple: bool = False
    anonymous: bool = False
    closes_at: int = 0


class SplitShare(msgspec.Struct, frozen=True, omit_defaults=True):
    person: str
    amount: int
    paid: bool = False


class Transfer(_Told, frozen=True, tag="transfer"):
    """Money for a member. The wallet makes it (`transfer.send`) and rewrites it when its state changes."""

    payment: str
    amount: int
    currency: str
    to: str
    state: Literal["waiting", "accepted", "returned", "expired"] = "waiting"
    note: str = ""


class RedPacket(_Told, frozen=True, tag="red_packet"):
    """Money for whoever opens it first. The wallet makes it (`packet.send`). Whether one has opened it oneself is told
    as it is of a voice message: `message.played`."""

    packet: str
    count: int
    split: Literal["equal", "lucky"]
    greeting: str = ""
    opened: int = 0
    state: Literal["open", "empty", "returned"] = "open"
    to: str = ""
    """For this member only."""
    coupon: str = ""
    """The title of the coupon that comes with a share, if one does."""


class CouponCard(_Told, frozen=True, tag="coupon"):
    """A campaign that whoever reads it may claim from, or one coupon that its sender gave to a member (`to`). The room
    of coupons makes it (`coupon.share`, `coupon.give`) and rewrites it."""

    campaign: str
    merchant: str
    """Its id."""
    name: str
    """The merchant's name."""
    title: str
    offer: Literal["amount_off", "percent_off", "free_item", "buy_x_get_y", "cash"]
    currency: str
    amount: int = 0
    percent: int = 0
    buy: int = 0
    get: int = 0
    colour: str = "red"
    picture: str = ""
    ends_at: int = 0
    to: str = ""
    coupon: str = ""
    state: Literal["open", "empty", "ended", "given"] = "open"


class SplitCard(_Told, frozen=True, tag="split"):
    """Shares of what the sender paid, asked of members. The room of bills makes it (`split.make`) and rewrites it."""

    split: str
    title: str
    total: int
    currency: str
    shares: tuple[SplitShare, ...]
    state: Literal["open", "settled", "closed"] = "open"


class CallCard(_Told, frozen=True, tag="call"):
    """A call in this chat. The room of calls makes it in the caller's name and rewrites it: a group's while it goes on,
    a direct chat's when it ended."""

    call: str
    outcome: Literal["", "answered", "missed", "declined", "busy", "cancelled", "no_answer", "failed"] = ""
    """Empty: it goes on, and members may join."""
    video: bool = False
    seconds: int = 0
    """Of talk."""
    people: tuple[str, ...] = ()
    """Who was in it."""


class Notice(_Told, frozen=True, tag="notice"):
    """What a merchant or biller lets somebody know. The server makes it; clients say it in the reader's language."""

    what: Literal[
        "bill_due",
        "bill_above_ceiling",
        "bill_paid",
        "bill_returned",
        "bill_reversed",
        "autopay_failed",
        "coupon_expires",
        "order_refunded",
    ]
    title: str = ""
    """What it is about: a nickname, a coupon's title, an order's description."""
    amount: int = 0
    currency: str = ""
    at: int = 0
    """When it is due or ends, Unix ms."""
    ref: str = ""
    """The id of the saved bill (`bill_due`, `bill_above_ceiling`, `autopay_failed`), bill payment (`bill_paid`,
    `bill_returned`, `bill_reversed`), coupon or order."""
    why: str = ""
    """A code, or the biller's own words."""


class Recalled(_Told, frozen=True, tag="recalled"):
    """The trace of a message that its sender (or an admin, `by`) took back. The server makes it; nobody sends it."""

    by: str


class System(_Told, frozen=True, tag="system"):
    """Something that happened to the chat. The server makes it; nobody sends it."""

    what: Literal[
        "created",
        "joined",
        "added",
        "left",
        "removed",
        "renamed",
        "picture_changed",
        "topic_changed",
        "role_changed",
        "owner_changed",
        "announcement_only",
        "open_to_all",
        "contacts_now",
    ]
    people: tuple[str, ...] = ()
    value: str = ""


NewContent = (
    NewText
    | NewPicture
    | NewAlbum
    | NewVideo
    | NewVideoNote
    | NewVoice
    | NewLivePhoto
    | NewFile
    | NewSticker
    | NewLocation
    | NewContactCard
    | NewPoll
)
"""What people may send."""
Content = (
    Text
    | Picture
    | Album
    | Video
    | VideoNote
    | Voice
    | LivePhoto
    | File
    | Sticker
    | Location
    | ContactCard
    | Poll
    | Transfer
    | RedPacket
    | CouponCard
    | SplitCard
    | CallCard
    | Notice
    | Recalled
    | System
)
"""What is told."""
MADE = (Transfer, RedPacket, CouponCard, SplitCard, CallCard, Notice)
"""Kinds that other rooms make: they are not sent by `message.send`, forwarded or recalled."""
CAPTIONED = (Picture, Album, Video, LivePhoto, File)
"""Kinds that carry a caption."""
