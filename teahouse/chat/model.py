"""Chats: what clients may ask and what they are told; what messages say is in `content.py`. Rows live in the store
files beside this one, and what is told of them in `events.py`."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from teahouse.chat.content import OPTIONS_MAX, TEXT_MAX, Content, NewCaption, NewContent, NewText
from teahouse.commands import Command, Id, Milliseconds, Result, Seq
from teahouse.people.model import Person, Secret

ChatKind = Literal["direct", "group", "channel"]
Role = Literal["owner", "admin", "member"]
GROUP_MEMBERS_MAX = 2000

Shelf = Literal["pictures", "files", "voices"]
"""What a chat shows, by kind: pictures and videos, files, voice messages."""

Nonce = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=36,
        pattern=r"^[A-Za-z0-9_-]+$",
        description="Chosen by the client, unique among its sends; repeating it repeats the answer, not the message.",
    ),
]
ChatName = Annotated[str, Meta(min_length=1, max_length=80)]
Topic = Annotated[str, Meta(max_length=1000)]
Emoji = Annotated[str, Meta(min_length=1, max_length=16, description="One emoji.")]


# --- messages ------------------------------------------------------------------------------------


class Reply(msgspec.Struct, frozen=True):
    """The message that is replied to, as it was then: its chat is the same."""

    seq: int
    sender: str
    excerpt: str


class Forward(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a forwarded message came from. The source chat is not named, for the reader may not be in it."""

    sender: str
    name: str
    at: int


class Reaction(msgspec.Struct, frozen=True):
    emoji: str
    people: tuple[str, ...]


class PollAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    votes: int = 0
    people: tuple[str, ...] = ()
    """Who chose it, unless the poll is anonymous (the first 50)."""


class PollVotes(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a poll stands: an answer for each of its options."""

    answers: tuple[PollAnswer, ...]
    voters: int = 0
    closed: bool = False


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    chat: str
    seq: int
    sender: str
    """Empty for a system message."""
    at: int
    content: Content
    nonce: str = ""
    reply: Reply | None = None
    forward: Forward | None = None
    edited_at: int = 0
    reactions: tuple[Reaction, ...] = ()
    poll: PollVotes | None = None
    """Of a poll that somebody voted in or that is closed."""


# --- chats ----------------------------------------------------------------------------------------


class Member(msgspec.Struct, frozen=True, omit_defaults=True):
    person: str
    role: Role = "member"
    joined_at: int = 0
    muted_until: int = 0
    """An admin took their voice until then (Unix ms)."""
    read_seq: int = 0
    delivered_seq: int = 0


class Draft(msgspec.Struct, frozen=True, omit_defaults=True):
    text: str
    at: int
    reply: int = 0


class Chat(msgspec.Struct, frozen=True, omit_defaults=True):
    """A chat as one member sees it. Members are listed whole for direct chats and for groups (in lists and events for
    those of up to 200; a larger group is whole where it is read alone); else only the owner, the admins and oneself
    (`member_count` counts all)."""

    id: str
    kind: ChatKind
    last_seq: int
    member_count: int
    members: tuple[Member, ...]
    name: str = ""
    """Empty for direct chats: the client shows the other person's remark or name."""
    picture: str = ""
    topic: str = ""
    announcement_only: bool = False
    join_approval: bool = False
    history_from: int = 1
    """The first seq this member may read."""
    read_seq: int = 0
    unread: int = 0
    """Messages of others (system ones and recalled ones apart) after `read_seq`, counted to 1000."""
    mentioned: int = 0
    """The seq of the first unread message that mentions one, or 0."""
    pinned_at: int = 0
    muted: bool = False
    archived: bool = False
    cleared_to: int = 0
    """Messages up to this seq are deleted for me."""
    draft: Draft | None = None
    last_message: Message | None = None
    last_played: bool = False
    """The last message is a voice message or video note, and one has played it."""
    last_chosen: tuple[int, ...] = ()
    """The last message is a poll: what one chose in it."""
    left: bool = False
    people: tuple[Person, ...] = ()
    """Its members, and whom its last message names: only where one chat is read alone."""


class JoinRequest(msgspec.Struct, frozen=True):
    id: str
    chat: str
    person: Person
    at: int


class ChatLink(msgspec.Struct, frozen=True):
    """A link to join a group or channel, shown with its secret only when made."""

    id: str
    chat: str
    uses: int
    used: int
    expires_at: int
    created_by: str
    url: str = ""


class ChatCard(Result, frozen=True):
    """What somebody who opens a join link sees before joining."""

    id: str
    kind: ChatKind
    name: str
    picture: str
    topic: str
    member_count: int
    join_approval: bool
    member: bool


class MessagePage(Result, frozen=True):
    """Messages in seq order, with what one deleted for oneself left out."""

    messages: tuple[Message, ...]
    people: tuple[Person, ...]
    """The senders, so that a page can be shown at once."""
    played: tuple[int, ...] = ()
    """Which of its voice messages and video notes one has played."""
    chosen: tuple["Chosen", ...] = ()
    """What one chose in its polls."""


class Chosen(msgspec.Struct, frozen=True):
    seq: int
    options: tuple[int, ...]
    """Indexes of options, from 0."""


class SearchHit(msgspec.Struct, frozen=True):
    message: Message
    snippet: str
    """The text around the hit, with the hit between U+0002 and U+0003."""


class SearchPage(Result, frozen=True):
    hits: tuple[SearchHit, ...]
    people: tuple[Person, ...]
    next: str = ""
    """Pass as `after` for the next page; empty when there is none."""


class ChatList(Result, frozen=True):
    chats: tuple[Chat, ...]
    people: tuple[Person, ...]


# --- commands: messages ---------------------------------------------------------------------------


class ForwardFrom(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    chat: Id
    seq: Seq


class SendMessage(Command, frozen=True, tag="message.send"):
    """Needs `content`, or `forward` (a message one may read, whose content is then copied by the server)."""

    chat: Id
    nonce: Nonce
    content: NewContent | UnsetType = UNSET
    reply: Seq | UnsetType = UNSET
    forward: ForwardFrom | UnsetType = UNSET


class Sent(Result, frozen=True):
    chat: str
    seq: int
    at: int
    content: Content | UnsetType = UNSET
    """As the others are told it, where that is more than what was sent."""


class EditMessage(Command, frozen=True, tag="message.edit"):
    """Another text, or another caption for what carries one."""

    chat: Id
    seq: Seq
    content: NewText | NewCaption


class RecallMessage(Command, frozen=True, tag="message.recall"):
    """Take a message back for everybody: one's own within the operator's limit, an admin anyone's at any time."""

    chat: Id
    seq: Seq


class DeleteMessages(Command, frozen=True, tag="message.delete"):
    """Delete messages for oneself, on all of one's devices."""

    chat: Id
    seqs: Annotated[tuple[Seq, ...], Meta(min_length=1, max_length=100)]


class ClearChat(Command, frozen=True, tag="chat.clear"):
    """Delete for oneself all that is in the chat now."""

    chat: Id


class React(Command, frozen=True, tag="message.react"):
    """Put an emoji on a message, or take it away (`on: false`). At most 20 different ones a message."""

    chat: Id
    seq: Seq
    emoji: Emoji
    on: bool = True


class Receive(Command, frozen=True, tag="receipt"):
    """All up to `delivered` has reached this device; all up to `read` was seen by the person. They only go up."""

    chat: Id
    delivered: Seq | UnsetType = UNSET
    read: Seq | UnsetType = UNSET


class Vote(Command, frozen=True, tag="poll.vote"):
    """Choose in a poll; none takes one's vote back. The last choice counts."""

    chat: Id
    seq: Seq
    options: Annotated[tuple[Annotated[int, Meta(ge=0, le=OPTIONS_MAX)], ...], Meta(max_length=OPTIONS_MAX)]
    """Indexes of options, from 0."""


class ClosePoll(Command, frozen=True, tag="poll.close"):
    """Its maker, or an admin, ends a poll."""

    chat: Id
    seq: Seq


class Play(Command, frozen=True, tag="message.play"):
    """One has played a voice message or video note: its dot goes, on all of one's devices."""

    chat: Id
    seq: Seq


class Typing(Command, frozen=True, tag="typing"):
    """The person is typing (sent at most every 3 s; shown for 5 s)."""

    chat: Id


class SetDraft(Command, frozen=True, tag="draft.set"):
    """Keep an unsent text on all devices; empty removes it."""

    chat: Id
    text: Annotated[str, Meta(max_length=TEXT_MAX)]
    reply: Seq | UnsetType = UNSET


class SetChatPreferences(Command, frozen=True, tag="chat.prefer"):
    """One's own view of a chat, on all devices."""

    chat: Id
    pinned: bool | UnsetType = UNSET
    muted: bool | UnsetType = UNSET
    archived: bool | UnsetType = UNSET


# --- commands: chats and members ------------------------------------------------------------------


class CreateChat(Command, frozen=True, tag="chat.create"):
    """A group or channel of one's own, or the direct chat with a contact (which is made once).

    `nonce` makes creation idempotent.
    """

    kind: ChatKind
    nonce: Nonce
    name: ChatName | UnsetType = UNSET
    topic: Topic = ""
    people: Annotated[tuple[Id, ...], Meta(max_length=200)] = ()
    """Contacts to add at once; for a direct chat the one person."""


class ChatCreated(Result, frozen=True):
    chat: str


class UpdateChat(Command, frozen=True, tag="chat.update"):
    """Owner and admins only."""

    chat: Id
    name: ChatName | UnsetType = UNSET
    topic: Topic | UnsetType = UNSET
    announcement_only: bool | UnsetType = UNSET
    join_approval: bool | UnsetType = UNSET


class AddMembers(Command, frozen=True, tag="member.add"):
    """Any member of a group may add their own contacts (admins only when `join_approval` is on, or in a channel)."""

    chat: Id
    people: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=200)]


class RemoveMember(Command, frozen=True, tag="member.remove"):
    chat: Id
    person: Id


class LeaveChat(Command, frozen=True, tag="chat.leave"):
    """The owner hands the chat over first, or leaves last."""

    chat: Id


class SetRole(Command, frozen=True, tag="member.role"):
    """The owner names admins; `owner` hands the chat over."""

    chat: Id
    person: Id
    role: Role


class MuteMember(Command, frozen=True, tag="member.mute"):
    """Take a member's voice for a while; 0 gives it back."""

    chat: Id
    person: Id
    duration: Milliseconds


class MakeChatLink(Command, frozen=True, tag="link.make"):
    chat: Id
    uses: Annotated[int, Meta(ge=1, le=100_000)] = 100
    hours: Annotated[int, Meta(ge=1, le=24 * 366)] = 24 * 7


class ChatLinkMade(Result, frozen=True):
    link: ChatLink


class RevokeChatLink(Command, frozen=True, tag="link.revoke"):
    chat: Id
    link: Id


class JoinChat(Command, frozen=True, tag="chat.join"):
    """Join by a link's secret; with `join_approval` this asks, and `waiting` is true."""

    link: Secret


class Joined(Result, frozen=True):
    chat: str
    waiting: bool = False


class AnswerJoinRequest(Command, frozen=True, tag="join.answer"):
    chat: Id
    request: Id
    accept: bool
