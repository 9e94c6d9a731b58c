"""HTTP of people: coming in, one's own account and devices, contacts and invitations. Commands have their twins."""

from typing import Any

from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency as Given
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from teahouse.address import client_address
from teahouse.commands import Id, Signed
from teahouse.house import House
from teahouse.people import model
from teahouse.people.passkey_routes import routes as passkey_routes
from teahouse.people.picture_routes import routes as picture_routes
from teahouse.people.proofs import NO_PROOF
from teahouse.people.service import PeopleService
from teahouse.people.session_cookie import signed_in, signed_out

AnyRequest = Request[Any, Any, Any]


@post("/people", status_code=201)
async def sign_up(
    data: JSONBody[model.SignUp], request: AnyRequest, house: Given[House], people: Given[PeopleService]
) -> Response[model.SignedIn]:
    """Sign up: as the house allows, open to all or with an invitation."""
    answer = await people.accounts.sign_up(data, client_address(request.scope, house.settings))
    return signed_in(house.settings, answer)


@post("/sessions", status_code=201)
async def sign_in(
    data: JSONBody[model.SignIn], request: AnyRequest, house: Given[House], people: Given[PeopleService]
) -> Response[model.SignedIn]:
    """Sign in with handle and password."""
    answer = await people.accounts.sign_in(data, client_address(request.scope, house.settings))
    return signed_in(house.settings, answer)


@delete("/sessions/current")
async def sign_out(signed: Given[Signed], house: Given[House], people: Given[PeopleService]) -> Response[None]:
    """Sign this device out."""
    await house.store.write(people.sessions.revoke, signed, signed.device)
    return signed_out(house.settings)


@post("/recovery", status_code=201)
async def recover(
    data: JSONBody[model.Recover], request: AnyRequest, house: Given[House], people: Given[PeopleService]
) -> Response[model.SignedIn]:
    """Sign in with a recovery code and set a new password. All other devices are signed out."""
    answer = await people.accounts.recover(data, client_address(request.scope, house.settings))
    return signed_in(house.settings, answer)


# --- oneself --------------------------------------------------------------------------------------


@get("/me")
async def me(signed: Given[Signed], people: Given[PeopleService]) -> model.Me:
    return await people.me(signed)


@post("/me/password", status_code=204)
async def change_password(
    data: JSONBody[model.ChangePassword], signed: Given[Signed], people: Given[PeopleService]
) -> None:
    """Change the password, or set a first one (with a proof: see `ChangePassword`). Other devices are signed out."""
    await people.accounts.change_password(signed, data)


@post("/me/recovery-codes", status_code=201)
async def make_recovery_codes(
    signed: Given[Signed], people: Given[PeopleService], data: JSONBody[model.Proof | None] = None
) -> model.RecoveryCodes:
    """Make ten new recovery codes; the old ones do not work any more. Ten minutes after signing in: with a `Proof`."""
    return await people.accounts.make_recovery_codes(signed, data or NO_PROOF)


@get("/me/devices")
async def list_devices(
    signed: Given[Signed], house: Given[House], people: Given[PeopleService]
) -> tuple[model.Device, ...]:
    return await house.store.read(people.sessions.shown, signed)


@delete("/me/devices/{device:str}")
async def revoke_device(
    device: FromPath[Id], signed: Given[Signed], house: Given[House], people: Given[PeopleService]
) -> None:
    """Sign one of one's devices out."""
    await house.store.write(people.sessions.revoke, signed, device)


# --- others ---------------------------------------------------------------------------------------


@get("/people/{handle:str}")
async def find_person(
    handle: FromPath[model.Handle], signed: Given[Signed], house: Given[House], people: Given[PeopleService]
) -> model.Person:
    """The person with exactly this handle."""
    return await house.store.read(people.by_handle, handle)


@get("/contacts")
async def list_contacts(signed: Given[Signed], house: Given[House], people: Given[PeopleService]) -> model.Contacts:
    """Contacts, open requests, and those one has blocked."""
    return await house.store.read(people.book.shown, signed)


@post("/me/contact-link", status_code=201)
async def make_contact_link(signed: Given[Signed], people: Given[PeopleService]) -> model.ContactLink:
    """A new link to oneself; the older one does not work any more."""
    return await people.book.make_link(signed)


@get("/contact-links/{secret:str}")
async def read_contact_link(
    secret: FromPath[model.Secret], signed: Given[Signed], house: Given[House], people: Given[PeopleService]
) -> model.Person:
    """Whose contact link this is."""
    return await house.store.read(people.book.behind_link, secret)


@post("/invitations", status_code=201)
async def make_invitation(
    data: JSONBody[model.NewInvitation], signed: Given[Signed], people: Given[PeopleService]
) -> model.Invitation:
    """Invite people to the house. The link is shown in this answer only."""
    return await people.invitations.make(signed, data)


@get("/invitations")
async def list_invitations(
    signed: Given[Signed], house: Given[House], people: Given[PeopleService]
) -> tuple[model.Invitation, ...]:
    """One's own invitations, newest first; an operator sees everybody's."""
    return await house.store.read(people.invitations.shown, signed)


@delete("/invitations/{invitation:str}")
async def revoke_invitation(
    invitation: FromPath[Id], signed: Given[Signed], house: Given[House], people: Given[PeopleService]
) -> None:
    await house.store.write(people.invitations.revoke, signed, invitation)


@get("/invitation-cards/{secret:str}")
async def read_invitation(
    secret: FromPath[model.Secret], house: Given[House], people: Given[PeopleService]
) -> model.InvitationCard:
    """What an invitation says before one signs up; nobody need be signed in."""
    return await house.store.read(people.invitations.card, secret)


routes: list[HTTPRouteHandler] = [
    sign_up,
    sign_in,
    sign_out,
    recover,
    me,
    change_password,
    make_recovery_codes,
    list_devices,
    revoke_device,
    find_person,
    list_contacts,
    make_contact_link,
    read_contact_link,
    make_invitation,
    list_invitations,
    revoke_invitation,
    read_invitation,
    *passkey_routes,
    *picture_routes,
]
