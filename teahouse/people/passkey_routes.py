"""HTTP of passkeys: each ceremony is two requests, options and answer."""

from typing import Any

from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency as Given
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from teahouse.address import client_address
from teahouse.commands import Id, Signed
from teahouse.house import House
from teahouse.people import model
from teahouse.people.proofs import NO_PROOF
from teahouse.people.service import PeopleService
from teahouse.people.session_cookie import signed_in

AnyRequest = Request[Any, Any, Any]


@post("/passkeys/sign-in/options", status_code=200)
async def sign_in_options(request: AnyRequest, house: Given[House], people: Given[PeopleService]) -> model.Ceremony:
    """Begin to sign in with a passkey."""
    return await people.passkeys.sign_in_options(client_address(request.scope, house.settings))


@post("/passkeys/sign-in", status_code=201)
async def sign_in(
    data: JSONBody[model.PasskeySignIn], request: AnyRequest, house: Given[House], people: Given[PeopleService]
) -> Response[model.SignedIn]:
    """Sign in with a passkey."""
    answer = await people.passkeys.sign_in(data, client_address(request.scope, house.settings))
    return signed_in(house.settings, answer)


@post("/passkeys/sign-up/options", status_code=200)
async def sign_up_options(
    data: JSONBody[model.PasskeySignUpOptions], request: AnyRequest, house: Given[House], people: Given[PeopleService]
) -> model.Ceremony:
    """Begin to sign up with a passkey and no password."""
    return await people.passkeys.sign_up_options(data, client_address(request.scope, house.settings))


@post("/passkeys/sign-up", status_code=201)
async def sign_up(
    data: JSONBody[model.PasskeySignUp], request: AnyRequest, house: Given[House], people: Given[PeopleService]
) -> Response[model.SignedIn]:
    """Sign up with a passkey and no password."""
    answer = await people.passkeys.sign_up(data, client_address(request.scope, house.settings))
    return signed_in(house.settings, answer)


@post("/me/passkeys/options", status_code=200)
async def add_options(
    signed: Given[Signed], people: Given[PeopleService], data: JSONBody[model.Proof | None] = None
) -> model.Ceremony:
    """Begin to add a passkey to one's account. Ten minutes after signing in: with a `Proof`."""
    return await people.passkeys.add_options(signed, data or NO_PROOF)


@post("/me/passkeys", status_code=201)
async def add(data: JSONBody[model.AddPasskey], signed: Given[Signed], people: Given[PeopleService]) -> model.Passkey:
    """Add a passkey to one's account."""
    return await people.passkeys.add(signed, data)


@get("/me/passkeys")
async def list_passkeys(
    signed: Given[Signed], house: Given[House], people: Given[PeopleService]
) -> tuple[model.Passkey, ...]:
    return await house.store.read(people.passkeys.shown, signed)


@delete("/me/passkeys/{passkey:str}")
async def remove(
    passkey: FromPath[Id],
    signed: Given[Signed],
    people: Given[PeopleService],
    data: JSONBody[model.Proof | None] = None,
) -> None:
    """Remove a passkey of one's own. Ten minutes after signing in: with a `Proof` in the body."""
    await people.passkeys.remove(signed, passkey, data or NO_PROOF)


@post("/me/proof/options", status_code=200)
async def proof_options(signed: Given[Signed], people: Given[PeopleService]) -> model.Ceremony:
    """Begin to show with a passkey that it is oneself: its answer goes into a `Proof`."""
    return await people.proofs.options(signed, "prove")


routes: list[HTTPRouteHandler] = [
    sign_in_options,
    sign_in,
    sign_up_options,
    sign_up,
    add_options,
    add,
    list_passkeys,
    remove,
    proof_options,
]
