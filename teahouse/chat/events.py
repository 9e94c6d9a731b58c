"""Chats: what the house tells of them."""

from teahouse.chat.content import Content
from teahouse.chat.model import Chat, Draft, Forward, JoinRequest, Member, Message, PollVotes, Reaction, Reply
from teahouse.events import Event
from teahouse.people.model import Person


class MessageNew(Event, frozen=True, tag="message.new"):
    """The fields of `Message`, flat."""

    chat: str
    seq: int
    sender: str
    at: int
    content: Content
    nonce: str = ""
    reply: Reply | None = None
    forward: Forward | None = None
    edited_at: int = 0
    reactions: tuple[Reaction, ...] = ()
    poll: PollVotes | None = None


class MessageChanged(Event, frozen=True, tag="message.changed"):
    """Edited or recalled: the whole message as it is now."""

    message: Message


class ReactionsChanged(Event, frozen=True, tag="message.reactions"):
    chat: str
    seq: int
    reactions: tuple[Reaction, ...]
    by: str = ""
    emoji: str = ""
    on: bool = False


class PollChanged(Event, frozen=True, tag="message.poll"):
    """Somebody voted, or the poll closed: how it stands."""

    chat: str
    seq: int
    poll: PollVotes


class PollChosen(Event, frozen=True, tag="poll.chosen"):
    """What one chose in a poll, on some device."""

    chat: str
    seq: int
    options: tuple[int, ...]


class MessagePlayed(Event, frozen=True, tag="message.played"):
    """One played a voice message or video note, on some device."""

    chat: str
    seq: int


class MessagesDeleted(Event, frozen=True, tag="message.deleted"):
    """Deleted for me, on another device of mine."""

    chat: str
    seqs: tuple[int, ...]


class ReceiptChanged(Event, frozen=True, tag="receipt.changed"):
    """Another member received or read up to a seq. Told in direct chats, and in groups of up to 100."""

    chat: str
    person: str
    delivered: int = 0
    read: int = 0


class ChatRead(Event, frozen=True, tag="chat.read"):
    """One read up to a seq on some device: what is unread now."""

    chat: str
    read_seq: int
    unread: int
    mentioned: int = 0


class TypingNow(Event, frozen=True, tag="typing"):
    chat: str
    person: str


class ChatOpened(Event, frozen=True, tag="chat.opened"):
    """The chat is new to this person (made, joined, added): the whole of it as they see it, with the people in it."""

    chat: Chat
    people: tuple[Person, ...] = ()


class ChatUpdated(Event, frozen=True, tag="chat.updated"):
    """Name, picture, topic or settings changed, for all members: as they are now."""

    chat: str
    name: str
    picture: str
    topic: str
    announcement_only: bool
    join_approval: bool


class MembersChanged(Event, frozen=True, tag="members.changed"):
    """Members came, changed (role, voice) or went. In a channel only its admins are told of readers who come and go."""

    chat: str
    member_count: int
    members: tuple[Member, ...] = ()
    """New and changed ones."""
    removed: tuple[str, ...] = ()
    people: tuple[Person, ...] = ()
    """The new members as people."""


class ChatPreferred(Event, frozen=True, tag="chat.preferred"):
    """One's own view of a chat changed on some device: as it is now."""

    chat: str
    pinned_at: int
    muted: bool
    archived: bool
    cleared_to: int


class DraftChanged(Event, frozen=True, tag="draft.changed"):
    chat: str
    draft: Draft | None = None


class ChatLeft(Event, frozen=True, tag="chat.left"):
    """One is no longer a member (left or removed)."""

    chat: str


class JoinRequested(Event, frozen=True, tag="join.requested"):
    """For admins: somebody asks to join."""

    request: JoinRequest


class JoinRequestClosed(Event, frozen=True, tag="join.closed"):
    chat: str
    request: str
