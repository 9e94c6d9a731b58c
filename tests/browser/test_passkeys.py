"""Passkeys through a real browser's WebAuthn, with Chromium's virtual authenticator: its bytes are not ours."""

from typing import Any

from playwright.sync_api import Page

from tests.conftest import OpenPage
from tests.harness.server import Server

ASK = """async ([path, body]) => {
    const answer = await fetch('/api/v1' + path, {
        method: body === null ? 'GET' : 'POST',
        headers: {'Content-Type': 'application/json'},
        body: body === null ? undefined : JSON.stringify(body)
    });
    return [answer.status, await answer.json()];
}"""
CREATE = """async (json) => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(json);
    return (await navigator.credentials.create({publicKey})).toJSON();
}"""
GET = """async (json) => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(json);
    return (await navigator.credentials.get({publicKey})).toJSON();
}"""


def with_authenticator(page: Page) -> Page:
    """A platform authenticator that verifies its user and keeps discoverable keys (WebDriver extension of WebAuthn)."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


def ask(page: Page, path: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
    status, answer = page.evaluate(ASK, [path, body])
    return status, answer


def test_the_first_person_signs_up_and_in_with_a_passkey_alone(server: Server, open_page: OpenPage) -> None:
    page = with_authenticator(open_page("phone"))
    page.goto(f"http://localhost:{server.port}/")
    secret = server.first_link.rpartition("/i/")[2]

    asked = {"handle": "ann", "name": "Ann", "invitation": secret}
    status, begun = ask(page, "/passkeys/sign-up/options", asked)
    assert status == 200, begun
    credential = page.evaluate(CREATE, begun["options"])
    status, signed_in = ask(page, "/passkeys/sign-up", {"ceremony": begun["ceremony"], "credential": credential})
    assert status == 201, signed_in

    page.context.clear_cookies()
    assert ask(page, "/me")[0] == 401
    _, begun = ask(page, "/passkeys/sign-in/options", {})
    credential = page.evaluate(GET, begun["options"])
    status, again = ask(page, "/passkeys/sign-in", {"ceremony": begun["ceremony"], "credential": credential})
    assert status == 201, again
    assert again["person"] == signed_in["person"]
    status, me = ask(page, "/me")
    assert (me["has_password"], me["passkeys"], me["operator"]) == (False, 1, True)
