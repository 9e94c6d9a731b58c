"""What members of a chat may do. Pure: a state and a wish go in, a refusal (or nothing) comes out.

`member_of`, `may_send`, `may_mention` and `mentioned` run for every message: they make no objects when all is well.
"""

import re
from collections.abc import Sequence

from teahouse import clock
from teahouse.chat import store
from teahouse.chat.content import MADE, Content, NewPoll, NewText, Poll, Text
from teahouse.chat.model import GROUP_MEMBERS_MAX, Role
from teahouse.chat.state import ChatState, MemberState
from teahouse.errors import Conflict, Forbidden, NotFound, Refusal

CHANNEL_MEMBERS_MAX = 100_000
ADMINS_MAX = 50
EDIT_LIMIT_MS = 48 * clock.HOUR_MS
"""As in Telegram: long enough to mend a text, too short to rewrite what others have long relied on."""
EMOJIS_MAX = 20
"""Different emoji on one message."""
REACTIONS_MAX = 1000
"""Reactions on one message: each change tells all of them again, so they are bounded."""
EXCERPT_MAX = 120
TYPING_MEMBERS_MAX = 100
"""In larger groups nobody is told who is typing."""
LINKS_MAX = 50
"""Links of one chat that work."""
JOIN_REQUESTS_MAX = 500
"""People who may wait at one chat's door."""
POLL_OPEN_MAX_MS = 366 * clock.DAY_MS
MUTE_MAX_MS = 10 * 365 * clock.DAY_MS
NO_SUCH_CHAT = "There is no such chat, or you are not in it."
MADE_KINDS = tuple(str(kind.__struct_config__.tag) for kind in MADE)


# --- who is in ------------------------------------------------------------------------------------


def member_of(state: ChatState, person: str) -> MemberState:
    """Raises `NotFound`: who is not in a chat may not even know that there is one."""
    member = state.members.get(person)
    if member is None:
        raise NotFound(NO_SUCH_CHAT)
    return member


def is_lead(member: MemberState) -> bool:
    """Whether they are the owner or an admin."""
    return member.role != "member"


class LeadsOnly(Forbidden):
    code = "leads_only"
    title = "Only the owner and the admins may do this"


class OwnerOnly(Forbidden):
    code = "owner_only"
    title = "Only the owner may do this"


class DirectChat(Conflict):
    code = "direct_chat"
    title = "A direct chat has two people and no settings of its own"


def must_lead(state: ChatState, member: MemberState) -> None:
    if state.kind == "direct":
        raise DirectChat()
    if not is_lead(member):
        raise LeadsOnly()


# --- sending --------------------------------------------------------------------------------------


class NothingToSend(Refusal):
    code = "nothing_to_send"
    title = "A message needs content, or a message to forward"


class Apart(Forbidden):
    """They are no contacts any more, or one blocked the other (who did is not said)."""

    code = "apart"
    title = "You cannot write to each other"


class AnnouncementOnly(Forbidden):
    code = "announcement_only"
    title = "Only the owner and the admins write here"


class Muted(Forbidden):
    """`fields["until"]` is the Unix time in ms at which the member may speak again."""

    code = "muted"
    title = "An admin muted you here"


def may_send(state: ChatState, member: MemberState, now: int) -> None:
    if state.apart:
        raise Apart()
    if (state.announcement_only or state.kind == "channel") and member.role == "member":
        raise AnnouncementOnly()
    if member.muted_until > now:
        raise Muted(until=member.muted_until)


class MentionedStranger(Refusal):
    code = "mentioned_stranger"
    title = "Only members can be mentioned"


def may_mention(state: ChatState, member: MemberState, content: NewText) -> None:
    if content.mentions:
        for person in content.mentions:
            if person not in state.members:
                raise MentionedStranger(person=person)
    if content.mention_all and member.role == "member":
        raise LeadsOnly("Only the owner and the admins may mention all.")


def mentioned(content: Content) -> Sequence[str]:
    """Return who is named in a content, each once; `store.EVERYONE` stands for all."""
    if type(content) is not Text or not (content.mentions or content.mention_all):
        return ()
    people = tuple(dict.fromkeys(content.mentions))
    return (store.EVERYONE, *people) if content.mention_all else people


def links_to(text: str, url: str) -> bool:
    """Whether a text holds the link that its card is of: a card may not promise what the text does not say."""
    return url.removeprefix("https://") in text


class SameItemTwice(Refusal):
    code = "same_item_twice"
    title = "An album shows each of its items once"


class BadPoll(Refusal):
    code = "bad_poll"
    title = "A poll needs a question, different options, and an end that is to come within a year"


def may_ask(poll: NewPoll, now: int) -> None:
    if not poll.question.strip():
        raise BadPoll("The question is empty.")
    if len({option.strip().casefold() for option in poll.options} - {""}) < len(poll.options):
        raise BadPoll("Two options are the same, or one is empty.")
    if poll.closes_at and not now < poll.closes_at <= now + POLL_OPEN_MAX_MS:
        raise BadPoll("It closes in the past, or too late.")


def fresh_poll(poll: Poll, state: ChatState, now: int) -> Poll:
    """Return a poll as it begins in a chat. In a channel nobody learns who else reads it, so nobody is named there."""
    return Poll(
        question=poll.question.strip(),
        options=tuple(option.strip() for option in poll.options),
        multiple=poll.multiple,
        anonymous=poll.anonymous or state.kind == "channel",
        closes_at=poll.closes_at if poll.closes_at > now else 0,
    )


def excerpt(text: str) -> str:
    """Return the beginning of a text on one line, at most `EXCERPT_MAX` characters."""
    line = " ".join(text[: EXCERPT_MAX * 4].split())
    return line if len(line) <= EXCERPT_MAX else line[: EXCERPT_MAX - 1] + "…"


# --- messages that are there ----------------------------------------------------------------------


class NoSuchMessage(NotFound):
    code = "no_such_message"
    title = "There is no such message, or you may not read it"


class NotYours(Forbidden):
    code = "not_yours"
    title = "Only its sender may do this"


class Gone(Conflict):
    code = "recalled"
    title = "The message was recalled"


class NotAText(Conflict):
    code = "not_a_text"
    title = "Only a text that people wrote can be used so"


class TooLate(Conflict):
    """`fields["limit_ms"]` is how long after sending it is possible."""

    code = "too_late"
    title = "It is too late for that"


def must_be_told(kind: str) -> None:
    """Raises unless the message is one that a person wrote and nobody recalled."""
    if kind == "recalled":
        raise Gone()
    if kind == "system":
        raise NotAText()


class MoneyStays(Conflict):
    """A transfer or a red packet is neither forwarded nor recalled."""

    code = "money_stays"
    title = "A message with money in it can be neither forwarded nor recalled"


def must_not_be_money(kind: str) -> None:
    if kind in MADE_KINDS:
        raise MoneyStays()


def may_edit(member: MemberState, sender: str, kind: str, forwarded: bool, at: int, now: int) -> None:
    """What one wrote, for `EDIT_LIMIT_MS`. A forwarded message holds somebody else's words: it stays as it is."""
    if sender != member.person:
        raise NotYours()
    must_be_told(kind)
    if forwarded:
        raise NotAText()
    if now > at + EDIT_LIMIT_MS:
        raise TooLate(limit_ms=EDIT_LIMIT_MS)


def may_recall(state: ChatState, member: MemberState, sender: str, kind: str, at: int, now: int, limit_ms: int) -> None:
    """One's own within the operator's limit; owner and admins anyone's at any time."""
    if kind == "system":
        raise NotAText()
    must_not_be_money(kind)
    if state.kind != "direct" and is_lead(member):
        return
    if sender != member.person:
        raise NotYours()
    if now > at + limit_ms:
        raise TooLate(limit_ms=limit_ms)


class NotAnEmoji(Refusal):
    code = "not_an_emoji"
    title = "A reaction is exactly one emoji"


class TooManyReactions(Conflict):
    code = "too_many_reactions"
    title = "The message has as many reactions as it can hold"


# The shape of an emoji after UTS #51 (ED-15a), with the ranges that hold the characters of emoji-data.txt.
_BASE = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9\u21aa\u231a\u231b\u2328\u23cf\u23e9-\u23f3\u23f8-\u23fa"
    "\u24c2\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u27bf\u2934\u2935\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55\u3030"
    "\u303d\u3297\u3299\U0001f004\U0001f0cf\U0001f170\U0001f171\U0001f17e\U0001f17f\U0001f18e\U0001f191-\U0001f19a"
    "\U0001f201-\U0001f265\U0001f300-\U0001f64f\U0001f680-\U0001f6ff\U0001f7e0-\U0001f7f0\U0001f90c-\U0001faff]"
)
_FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
_PART = f"{_BASE}(?:[\U0001f3fb-\U0001f3ff]|\ufe0f|[\U000e0020-\U000e007e]+\U000e007f)?"
_EMOJI = re.compile(f"(?:{_FLAG}|[0-9#*]\ufe0f?\u20e3|{_PART}(?:\u200d{_PART})*)")


def must_be_emoji(text: str) -> None:
    if _EMOJI.fullmatch(text) is None:
        raise NotAnEmoji(emoji=text)


def may_react(state: ChatState, member: MemberState, kind: str, now: int) -> None:
    """Readers of a channel and of an announcement group may react too: that is their voice there."""
    if state.apart:
        raise Apart()
    if member.muted_until > now:
        raise Muted(until=member.muted_until)
    must_be_told(kind)


def has_room_for(emoji: str, present: Sequence[str], count: int) -> None:
    """`present` are the emoji on the message, `count` all its reactions."""
    if count >= REACTIONS_MAX or (emoji not in present and len(present) >= EMOJIS_MAX):
        raise TooManyReactions(emojis=EMOJIS_MAX, reactions=REACTIONS_MAX)


# --- polls, and what is played ---------------------------------------------------------------------


class NotAPoll(Conflict):
    code = "not_a_poll"
    title = "This message is no poll"


class PollClosed(Conflict):
    code = "poll_closed"
    title = "The poll is closed"


class BadChoice(Refusal):
    code = "bad_choice"
    title = "Choose among the poll's options: one, unless it takes more"


class NotPlayable(Conflict):
    code = "not_playable"
    title = "Only voice messages and video notes are marked as played"


def must_be_poll(kind: str) -> None:
    if kind == "recalled":
        raise Gone()
    if kind != "poll":
        raise NotAPoll()


def may_vote(state: ChatState, poll: Poll, options: Sequence[int]) -> None:
    """Whoever reads a poll may vote, also who may not write there: a vote is no message."""
    if state.apart:
        raise Apart()
    if len(set(options)) < len(options) or any(option >= len(poll.options) for option in options):
        raise BadChoice()
    if len(options) > 1 and not poll.multiple:
        raise BadChoice()


def may_close(state: ChatState, member: MemberState, sender: str) -> None:
    """Its maker; where there are any, the owner and the admins."""
    if sender != member.person and (state.kind == "direct" or not is_lead(member)):
        raise NotYours()


def must_be_playable(kind: str) -> None:
    if kind == "recalled":
        raise Gone()
    if kind not in ("voice", "video_note"):
        raise NotPlayable()


# --- chats and their members ----------------------------------------------------------------------


class NameNeeded(Refusal):
    code = "name_needed"
    title = "A group or channel needs a name with a visible character"


class OnePersonNeeded(Refusal):
    code = "one_person_needed"
    title = "A direct chat is with one other person"


class NotContacts(Forbidden):
    """`fields["people"]` are those who are no contacts of one: strangers are asked first, by a contact request."""

    code = "not_contacts"
    title = "You can only add your contacts"


class ChatFull(Conflict):
    code = "chat_full"
    title = "The chat has as many members as it can hold"


def members_max(state: ChatState) -> int:
    return CHANNEL_MEMBERS_MAX if state.kind == "channel" else GROUP_MEMBERS_MAX


def has_room(state: ChatState, more: int) -> None:
    if len(state.members) + more > members_max(state):
        raise ChatFull(members_max=members_max(state))


def may_add(state: ChatState, member: MemberState) -> None:
    """Any member of a group; in a channel, and where joining needs approval, its owner and admins."""
    if state.kind == "direct":
        raise DirectChat()
    if (state.kind == "channel" or state.join_approval) and not is_lead(member):
        raise LeadsOnly()


def may_rule(state: ChatState, member: MemberState, over: MemberState) -> None:
    """Remove somebody or take their voice: the owner over all, an admin over those who are none."""
    must_lead(state, member)
    if over is member:
        raise Refusal("This is for others: leave the chat instead.")
    if over.role == "owner" or (over.role == "admin" and member.role != "owner"):
        raise OwnerOnly()


def may_set_role(state: ChatState, member: MemberState, over: MemberState, role: Role) -> None:
    must_lead(state, member)
    if member.role != "owner":
        raise OwnerOnly()
    if over is member:
        raise Refusal("The owner hands the chat over by making somebody else its owner.")
    if (
        role == "admin"
        and over.role != "admin"
        and sum(each.role == "admin" for each in state.members.values()) >= ADMINS_MAX
    ):
        raise TooManyAdmins(admins_max=ADMINS_MAX)


class TooManyAdmins(Conflict):
    code = "too_many_admins"
    title = "The chat has as many admins as it can have"


class HandOverFirst(Conflict):
    code = "hand_over_first"
    title = "The owner hands the chat over before leaving"


def may_leave(state: ChatState, member: MemberState) -> None:
    if state.kind == "direct":
        raise DirectChat()
    if member.role == "owner" and len(state.members) > 1:
        raise HandOverFirst()


# --- links ----------------------------------------------------------------------------------------


class LinkUnknown(NotFound):
    code = "link_unknown"
    title = "This link does not work: it never did, or it was revoked"


class LinkExpired(NotFound):
    code = "link_expired"
    title = "This link has expired"


class LinkUsedUp(NotFound):
    code = "link_used_up"
    title = "This link was used as often as it may be"


class TooManyLinks(Conflict):
    code = "too_many_links"
    title = "The chat has as many links as it can have: revoke one first"


class TooManyWaiting(Conflict):
    code = "too_many_waiting"
    title = "Too many people wait to join already"


def link_works(uses: int, used: int, expires_at: int, now: int) -> None:
    if now >= expires_at:
        raise LinkExpired()
    if used >= uses:
        raise LinkUsedUp()
