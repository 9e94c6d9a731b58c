"""People: what clients may ask and what they are told. Rows live in the store files beside this one."""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from teahouse.commands import Command, Id, Result
from teahouse.events import Event

HANDLE_PATTERN = r"^[a-z][a-z0-9_]{2,31}$"
Handle = Annotated[str, Meta(pattern=HANDLE_PATTERN, description="Unique in the house; 3 to 32 of a-z, 0-9, _.")]
PersonName = Annotated[str, Meta(min_length=1, max_length=64)]
Password = Annotated[str, Meta(min_length=8, max_length=256)]
DeviceName = Annotated[str, Meta(max_length=80)]
Remark = Annotated[str, Meta(max_length=64, description="A private name for a contact; empty for none.")]
Label = Annotated[str, Meta(min_length=1, max_length=32)]
Phone = Annotated[
    str,
    Meta(max_length=40, pattern=r"^[0-9+() ./#*-]*$", description="A phone number, in any national format."),
]
Secret = Annotated[str, Meta(min_length=8, max_length=128)]


# --- what people look like ------------------------------------------------------------------------


class Person(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person as others see them."""

    id: str
    handle: str
    name: str
    picture: str = ""
    """Name of the profile picture under `/api/v1/pictures/`, empty for none."""
    bio: str = ""
    service: bool = False
    """A merchant or a biller: it writes to people, and nobody signs in as it."""


class Me(msgspec.Struct, frozen=True):
    """A person as they see themselves."""

    person: Person
    operator: bool
    has_password: bool
    passkeys: int
    recovery_codes_left: int
    house: str


class Contact(msgspec.Struct, frozen=True, omit_defaults=True):
    """Someone whose request one accepted, or who accepted one's own."""

    person: Person
    since: int
    remark: str = ""
    labels: tuple[str, ...] = ()
    phone: str = ""
    """Their phone number as one wrote it; only for oneself."""
    blocked: bool = False
    chat: str = ""
    """The direct chat with them."""


class ContactRequest(msgspec.Struct, frozen=True):
    id: str
    sender: Person
    receiver: Person
    greeting: str
    at: int


class Contacts(Result, frozen=True):
    contacts: tuple[Contact, ...]
    requests: tuple[ContactRequest, ...]
    """Open ones, both those received and those sent."""
    blocked: tuple[Person, ...]


class Device(msgspec.Struct, frozen=True):
    id: str
    name: str
    created_at: int
    seen_at: int
    address: str
    current: bool


# --- commands (live, each with an HTTP twin) ------------------------------------------------------


class UpdateProfile(Command, frozen=True, tag="profile.update"):
    name: PersonName | UnsetType = UNSET
    bio: Annotated[str, Meta(max_length=280)] | UnsetType = UNSET
    handle: Handle | UnsetType = UNSET


class RequestContact(Command, frozen=True, tag="contact.request"):
    """Ask somebody to be a contact. If they asked first, this accepts. `link` is the secret of their contact link,
    which lets a request through to people who are not found by handle."""

    person: Id | UnsetType = UNSET
    handle: Handle | UnsetType = UNSET
    link: Secret | UnsetType = UNSET
    greeting: Annotated[str, Meta(max_length=280)] = ""


class ContactRequested(Result, frozen=True):
    request: str = ""
    """Empty when the two are contacts now (or were already)."""
    chat: str = ""


class AcceptContact(Command, frozen=True, tag="contact.accept"):
    request: Id


class ContactAccepted(Result, frozen=True):
    chat: str


class DeclineContact(Command, frozen=True, tag="contact.decline"):
    """Decline a request received, or withdraw one sent. The other side is not told of a decline."""

    request: Id


class UpdateContact(Command, frozen=True, tag="contact.update"):
    person: Id
    remark: Remark | UnsetType = UNSET
    labels: Annotated[tuple[Label, ...], Meta(max_length=20)] | UnsetType = UNSET
    phone: Phone | UnsetType = UNSET


class RemoveContact(Command, frozen=True, tag="contact.remove"):
    person: Id


class Block(Command, frozen=True, tag="person.block"):
    """Nothing of theirs reaches one any more: no message, no request. They are not told."""

    person: Id


class Unblock(Command, frozen=True, tag="person.unblock"):
    person: Id


# --- HTTP-only requests ---------------------------------------------------------------------------


class SignUp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`invitation` is the secret of an invitation link (or of the operator's first link)."""

    handle: Handle
    name: PersonName
    password: Password
    invitation: Secret | UnsetType = UNSET
    device: DeviceName = ""


class SignIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    handle: Handle
    password: Annotated[str, Meta(max_length=256)]
    device: DeviceName = ""


class SignedIn(msgspec.Struct, frozen=True):
    """`token` goes into `Authorization: Bearer …`; browsers get it as an HttpOnly cookie as well."""

    person: Person
    token: str
    device: str


Credential = Annotated[dict[str, Any], Meta(description="A PublicKeyCredential as JSON (WebAuthn Level 3, 5.1.8).")]
CeremonyName = Annotated[str, Meta(max_length=64)]


class Proof(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That it is the person who asks: the account's `password`, or a passkey (`ceremony` and `credential`, after
    `POST /me/proof/options`). Nothing is needed for ten minutes after signing in on this device."""

    password: Annotated[str, Meta(max_length=256)] | UnsetType = UNSET
    ceremony: CeremonyName | UnsetType = UNSET
    credential: Credential | UnsetType = UNSET


class ChangePassword(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Signs all other devices out. `current` may be absent only when the account has no password yet: then it takes a
    passkey, as in `Proof`, or having signed in on this device less than ten minutes ago."""

    new: Password
    current: Annotated[str, Meta(max_length=256)] | UnsetType = UNSET
    ceremony: CeremonyName | UnsetType = UNSET
    credential: Credential | UnsetType = UNSET


class RecoveryCodes(msgspec.Struct, frozen=True):
    """Shown once; making new ones voids the old."""

    codes: tuple[str, ...]


class Recover(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    handle: Handle
    code: Annotated[str, Meta(max_length=64)]
    new: Password
    device: DeviceName = ""


class Ceremony(msgspec.Struct, frozen=True):
    """The beginning of anything with a passkey: `options` go to `navigator.credentials`, `ceremony` comes back with
    the answer, once and within five minutes."""

    ceremony: str
    options: dict[str, Any]


class PasskeySignIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    ceremony: CeremonyName
    credential: Credential
    device: DeviceName = ""


class PasskeySignUpOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    handle: Handle
    name: PersonName
    invitation: Secret | UnsetType = UNSET


class PasskeySignUp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    ceremony: CeremonyName
    credential: Credential
    device: DeviceName = ""


class AddPasskey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    ceremony: CeremonyName
    credential: Credential
    name: DeviceName = ""


class Passkey(msgspec.Struct, frozen=True):
    id: str
    name: str
    created_at: int
    used_at: int


class NewInvitation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    uses: Annotated[int, Meta(ge=1, le=100_000)] = 1
    hours: Annotated[int, Meta(ge=1, le=24 * 366)] = 24 * 7
    note: Annotated[str, Meta(max_length=80)] = ""


class Invitation(msgspec.Struct, frozen=True):
    id: str
    note: str
    uses: int
    used: int
    expires_at: int
    created_at: int
    inviter: str
    url: str = ""
    """Shown only in the answer that makes it: the secret itself is not stored."""


class InvitationCard(msgspec.Struct, frozen=True):
    """What somebody who opens an invitation link sees before they sign up."""

    house: str
    inviter: Person | None
    operator: bool
    """True for the first link of a house, which makes the first person its operator."""


class ContactLink(msgspec.Struct, frozen=True):
    """One's own contact link, as a link and for a QR code; making a new one voids the old."""

    url: str


# --- events (told to the person's own devices) ----------------------------------------------------


class ProfileChanged(Event, frozen=True, tag="profile.changed"):
    """Somebody one shares a chat or contact with (or oneself) changed name, handle, bio or picture."""

    person: Person


class ContactChanged(Event, frozen=True, tag="contact.changed"):
    """A contact is new or changed."""

    contact: Contact


class ContactRemoved(Event, frozen=True, tag="contact.removed"):
    person: str


class ContactRequestChanged(Event, frozen=True, tag="contact.requested"):
    """A request arrived (or was sent from another device of one's own)."""

    request: ContactRequest


class ContactRequestClosed(Event, frozen=True, tag="contact.request_closed"):
    """A request was accepted, declined or withdrawn."""

    request: str


class BlockChanged(Event, frozen=True, tag="block.changed"):
    person: Person
    blocked: bool
