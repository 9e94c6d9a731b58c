"""Makes what is told of what was sent: ids become what the house itself knows of media, stickers, people and links."""

from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec
from msgspec import UNSET

from teahouse.chat import content as c
from teahouse.chat import rules
from teahouse.chat.state import ChatState, MemberState
from teahouse.errors import NotFound
from teahouse.media.model import MediaCard, MediaKind
from teahouse.people.model import Person
from teahouse.people.service import PeopleService
from teahouse.previews.model import Preview
from teahouse.stickers.model import StickerCard
from teahouse.storage.transaction import Tx


class Media(Protocol):
    """The room that keeps media, asked in the writer's thread."""

    def take(self, tx: Tx, person: str, media: str, kinds: Sequence[MediaKind]) -> tuple[MediaKind, MediaCard]:
        """Raises a `Refusal` unless the media is the person's own, of one of these kinds, and ready."""

    def released(self, tx: Tx, media: Sequence[str]) -> None:
        """A message shows these no more."""


class Stickers(Protocol):
    def card(self, tx: Tx, sticker: str) -> StickerCard:
        """Raises `NotFound`."""


class Previews(Protocol):
    def card(self, tx: Tx, preview: str) -> Preview | None:
        """None when it is not kept any more."""


class Making:
    def __init__(self, people: PeopleService, media: Media, stickers: Stickers, previews: Previews) -> None:
        self._people = people
        self._media = media
        self._stickers = stickers
        self._previews = previews

    def make(self, tx: Tx, state: ChatState, member: MemberState, sender: str, new: c.NewContent) -> c.Content:
        """Return what is told. Raises the `Refusal` of what may not be sent."""
        if type(new) is c.NewText:
            rules.may_mention(state, member, new)
            preview = None if new.preview is UNSET else self._previews.card(tx, new.preview)
            if preview and not rules.links_to(new.text, preview.url):
                preview = None
            return c.Text(text=new.text, mentions=new.mentions, mention_all=new.mention_all, preview=preview)
        if type(new) is c.NewPoll:
            rules.may_ask(new, tx.now)
            return rules.fresh_poll(msgspec.convert(new, c.Poll, from_attributes=True), state, tx.now)
        return self._other(tx, sender, new)

    def again(self, tx: Tx, state: ChatState, content: c.Content) -> c.Content:
        """Return what is told of a content that is forwarded: without its mentions, a poll without its votes,
        and a person as they are now."""
        match content:
            case c.Text():
                return c.Text(text=content.text, preview=content.preview)
            case c.Poll():
                return rules.fresh_poll(content, state, tx.now)
            case c.ContactCard():
                return c.ContactCard(person=self._people.person(tx.connection, content.person.id) or content.person)
            case _:
                return content

    def unmake(self, tx: Tx, content: c.Content) -> None:
        """What a message showed is gone with it, unless another message shows it too."""
        self._media.released(tx, media_in(content))

    def _other(self, tx: Tx, sender: str, new: c.NewContent) -> c.Content:
        match new:
            case c.NewPicture():
                return c.Picture(media=self._taken(tx, sender, new.media, "picture"), caption=new.caption)
            case c.NewLivePhoto():
                return c.LivePhoto(media=self._taken(tx, sender, new.media, "live_photo"), caption=new.caption)
            case c.NewVideo():
                return c.Video(media=self._taken(tx, sender, new.media, "video"), caption=new.caption)
            case c.NewVideoNote():
                return c.VideoNote(media=self._taken(tx, sender, new.media, "video_note"))
            case c.NewVoice():
                return c.Voice(media=self._taken(tx, sender, new.media, "voice"))
            case c.NewFile():
                return c.File(media=self._taken(tx, sender, new.media, "file"), caption=new.caption)
            case c.NewAlbum():
                return c.Album(items=tuple(self._items(tx, sender, new.items)), caption=new.caption)
            case c.NewSticker():
                return c.Sticker(sticker=self._stickers.card(tx, new.sticker))
            case c.NewLocation():
                return msgspec.convert(new, c.Location, from_attributes=True)
            case c.NewContactCard():
                return c.ContactCard(person=self._person(tx, sender, new.person))
            case _:
                raise AssertionError(new)

    def _taken(self, tx: Tx, sender: str, media: str, kind: MediaKind) -> MediaCard:
        return self._media.take(tx, sender, media, (kind,))[1]

    def _items(self, tx: Tx, sender: str, items: Sequence[str]) -> Iterable[c.AlbumItem]:
        if len(set(items)) < len(items):
            raise rules.SameItemTwice()
        for media in items:
            kind, card = self._media.take(tx, sender, media, ("picture", "live_photo", "video"))
            yield msgspec.convert({"kind": kind, "media": card}, c.AlbumItem, from_attributes=True)

    def _person(self, tx: Tx, sender: str, person: str) -> Person:
        found = self._people.person(tx.connection, person)
        if found is None or (person != sender and not self._people.are_contacts(tx.connection, sender, person)):
            raise NotFound("There is no such contact of yours.")
        return found


def media_in(content: c.Content) -> tuple[str, ...]:
    """Return the ids of the media that a message shows."""
    match content:
        case c.Album(items=items):
            return tuple(item.media.id for item in items)
        case c.Picture() | c.LivePhoto() | c.Video() | c.VideoNote() | c.Voice() | c.File():
            return (content.media.id,)
        case _:
            return ()
