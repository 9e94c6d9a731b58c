"""Decisions about people, pure: no store, no clock of their own."""

import hashlib
import re
import secrets
import unicodedata
from typing import Literal

import msgspec

from teahouse import clock, ids
from teahouse.errors import Conflict, Forbidden, Malformed, NotFound, Refusal

DEVICES_MAX = 50
"""A person's devices; one more signs out the one that was away longest."""
PASSKEYS_MAX = 20
CONTACTS_MAX = 5_000
REQUESTS_SENT_MAX = 50
REQUESTS_SHOWN_MAX = 500
"""Open requests that a person is shown; later ones wait unseen until some are answered and they are sent again."""
QUIET_MS = 7 * clock.DAY_MS
"""How long a declined person's further requests go nowhere."""
INVITATIONS_MAX = 50
"""Open invitations of one person who is not an operator."""
INVITATION_USES_MAX = 100
"""Uses of one invitation by a person who is not an operator."""
INVITATION_SHOWN_MS = 30 * clock.DAY_MS
"""How long an invitation that is over is still listed."""
FIRST_LINK_MS = 30 * clock.DAY_MS
SEEN_EVERY_MS = 10 * clock.MINUTE_MS
RECOVERY_CODES = 10
FRESH_MS = 10 * clock.MINUTE_MS
"""How long a sign-in counts as proof that it is the person."""

# Control characters, and the marks that turn the direction of text around (they make one name look like another).
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]")

# Letters and symbols that show nothing: Hangul fillers, the empty Braille pattern, combining grapheme joiner.
_BLANKS = "\u115f\u1160\u3164\uffa0\u2800\u034f"


class BlankName(Malformed):
    code = "blank_name"
    title = "A name needs at least one visible character"


class HandleTaken(Conflict):
    code = "handle_taken"
    title = "Somebody has this handle already"


class RegistrationClosed(Forbidden):
    code = "registration_closed"
    title = "This house takes nobody in at the moment"


class InvitationNeeded(Forbidden):
    code = "invitation_needed"
    title = "This house takes people in by invitation"


class InvitationSpent(NotFound):
    code = "invitation_spent"
    title = "This invitation does not work: it is unknown, used up, or its time is over"


class TooManyInvitations(Conflict):
    code = "too_many_invitations"
    title = "Too many invitations are open"


class WrongCredentials(Refusal):
    """The same answer for an unknown handle, a wrong password and a wrong code."""

    code = "wrong_credentials"
    status = 401
    title = "Handle or password is wrong"


class ProofNeeded(Forbidden):
    """The account's password does, or one of its passkeys, and mostly having signed in just now."""

    code = "proof_needed"
    title = "Show first that it is you"


class Yourself(Conflict):
    code = "yourself"
    title = "That is you"


class ServiceAccount(Conflict):
    code = "service_account"
    title = "This is a merchant or a biller, not a person: it takes no contact requests"


class BlockedByYou(Conflict):
    code = "blocked_by_you"
    title = "You blocked this person: unblock them first"


class TooManyRequests(Conflict):
    code = "too_many_requests_open"
    title = "Too many of your requests wait for an answer"


class TooManyContacts(Conflict):
    code = "too_many_contacts"
    title = "There are too many contacts"


def clean(text: str) -> str:
    """Text as it is stored: without control characters and direction marks, without space around it."""
    return _UNWANTED.sub("", text).strip()


def clean_line(text: str) -> str:
    """As `clean`, on one line."""
    return " ".join(clean(text).split())


def clean_name(name: str) -> str:
    """Raises `BlankName` when nothing is left that shows."""
    cleaned = clean_line(name)
    if all(unicodedata.category(each)[0] in "CZ" or each in _BLANKS for each in cleaned):
        raise BlankName()
    return cleaned


# --- who may come in ------------------------------------------------------------------------------


class Invited(msgspec.Struct, frozen=True):
    """What an invitation allows."""

    uses: int
    used: int
    expires_at: int
    operator: bool

    def is_good(self, now: int) -> bool:
        return self.used < self.uses and now < self.expires_at


def admit(registration: str, invited: Invited | None, *, given: bool, now: int) -> None:
    """Let somebody sign up, or raise why not. `given`: they came with an invitation, known or not.

    The operator's first link opens every house.
    """
    if invited is not None and invited.operator and invited.is_good(now):
        return
    if registration == "closed":
        raise RegistrationClosed()
    if given and (invited is None or not invited.is_good(now)):
        raise InvitationSpent()
    if registration == "invitation" and not given:
        raise InvitationNeeded()


# --- who it is that asks ---------------------------------------------------------------------------


def must_be_proved(*, must_give: bool, signed_in_at: int, now: int) -> None:
    """Raises `ProofNeeded` unless having signed in is proof enough: not for long, nor where they `must_give` another.

    A sign-in that lies ahead by as much is none either: the clock was set back since.
    """
    if must_give or abs(now - signed_in_at) >= FRESH_MS:
        raise ProofNeeded()


# --- requests between strangers -------------------------------------------------------------------


class Standing(msgspec.Struct, frozen=True):
    """What stands between somebody who asks and the person they ask."""

    contacts: bool = False
    blocked_by_asker: bool = False
    blocked_by_asked: bool = False
    asked_too: bool = False
    """The other person has asked, and has not withdrawn it."""
    earlier: bool = False
    """There is an earlier request of the asker's."""
    earlier_open: bool = False
    """… which they see as open."""
    earlier_shown: bool = False
    """… which the asked person sees."""
    hidden_at: int = 0
    """… since when the asked person does not see it."""
    sent_open: int = 0
    shown_to_asked: int = 0


Move = Literal["already", "accept", "keep", "show", "send", "send_unseen"]


def ask(standing: Standing, now: int) -> Move:
    """Decide what a contact request does. A blocked or declined person gets the same answer as everybody else.

    already: they are contacts; accept: both asked; keep: nothing new for the asked person; show: an earlier request
    that was hidden is shown again; send, send_unseen: a new one.
    """
    if standing.blocked_by_asker:
        raise BlockedByYou()
    if standing.contacts:
        return "already"
    if standing.asked_too and not standing.blocked_by_asked:
        return "accept"
    if not standing.earlier_open and standing.sent_open >= REQUESTS_SENT_MAX:
        raise TooManyRequests(f"At most {REQUESTS_SENT_MAX} may wait.", max=REQUESTS_SENT_MAX)
    unseen = standing.blocked_by_asked or standing.shown_to_asked >= REQUESTS_SHOWN_MAX
    if standing.earlier:
        quiet = now - standing.hidden_at < QUIET_MS
        return "keep" if standing.earlier_shown or unseen or quiet else "show"
    return "send_unseen" if unseen else "send"


# --- recovery codes -------------------------------------------------------------------------------


def new_recovery_code() -> str:
    """100 bits as four groups of five base32 characters."""
    characters = [secrets.choice(ids.ALPHABET) for _ in range(20)]
    return "-".join("".join(characters[at : at + 5]) for at in range(0, 20, 5))


_AS_WRITTEN = str.maketrans({"o": "0", "i": "1", "l": "1"})


def hash_recovery_code(code: str) -> bytes:
    """Hash a code as a person may have copied it: case, spaces and dashes do not matter, nor o/0 and i/l/1 mixed up
    (Crockford's base32)."""
    plain = re.sub(r"[^a-z0-9]", "", code.lower()).translate(_AS_WRITTEN)
    return hashlib.sha256(plain.encode()).digest()
