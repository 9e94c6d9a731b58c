"""The HTTP of people and of the house, as a browser and a bot see it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio

from teahouse.app import Built
from teahouse.clock import HOUR_MS, now_ms
from teahouse.config import Settings
from tests.harness.authenticator import Authenticator
from tests.people.test_pictures import halves, written

PASSWORD = "a long enough password"
ORIGIN = "http://127.0.0.1:8420"


class Door:
    def __init__(self, built: Built) -> None:
        self.built = built
        self.transport = httpx.ASGITransport(app=built.asgi())

    def browser(self) -> httpx.AsyncClient:
        """Keeps cookies, and says where its page is from."""
        return httpx.AsyncClient(
            transport=self.transport, base_url=ORIGIN + "/api/v1", headers={"Sec-Fetch-Site": "same-origin"}
        )

    def bot(self, token: str = "") -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.AsyncClient(transport=self.transport, base_url=ORIGIN + "/api/v1", headers=headers)

    async def sign_up(self, browser: httpx.AsyncClient, handle: str, invitation: str = "") -> dict[str, Any]:
        secret = invitation or str(await self.built.people.first_link()).rpartition("/")[2]
        asked = {"handle": handle, "name": handle.title(), "password": PASSWORD, "invitation": secret}
        answer = await browser.post("/people", json=asked)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())


@pytest_asyncio.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    built = Built(Settings(data=tmp_path, registration="invitation"))
    async with built.running():
        yield Door(built)


async def test_a_browser_signs_up_stays_signed_in_and_signs_out(door: Door) -> None:
    async with door.browser() as browser:
        signed_in = await door.sign_up(browser, "founder")
        me = (await browser.get("/me")).json()
        assert me["person"] == signed_in["person"]
        assert (me["operator"], me["has_password"], me["house"]) == (True, True, "Teahouse")

        out = await browser.delete("/sessions/current")

        assert out.status_code == 204
        assert dict(browser.cookies) == {}
        refused = await browser.get("/me")
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
    async with door.bot(signed_in["token"]) as bot:
        assert (await bot.get("/me")).status_code == 401


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(door: Door) -> None:
    async with door.browser() as browser:
        secret = str(await door.built.people.first_link()).rpartition("/")[2]
        asked = {"handle": "founder", "name": "F", "password": PASSWORD, "invitation": secret}
        answer = await browser.post("/people", json=asked)
        cookie = answer.headers["set-cookie"].lower()
        assert cookie.startswith("teahouse=")
        assert {"httponly", "samesite=lax", "path=/", "max-age=34560000"} <= set(cookie.split("; "))
        assert answer.headers["cache-control"] == "no-store"
        elsewhere = {"Sec-Fetch-Site": "cross-site"}
        forged = await browser.post("/me/password", json={"new": PASSWORD}, headers=elsewhere)
        assert (forged.status_code, forged.json()["code"]) == (403, "forbidden")


async def test_a_cookie_is_for_https_only_where_the_house_is(tmp_path: Path) -> None:
    built = Built(Settings(data=tmp_path, url="https://tea.example"))
    async with built.running():
        door = Door(built)
        async with door.browser() as browser:
            secret = str(await built.people.first_link()).rpartition("/")[2]
            asked = {"handle": "founder", "name": "F", "password": PASSWORD, "invitation": secret}
            assert "; secure" in (await browser.post("/people", json=asked)).headers["set-cookie"].lower()


async def test_a_bot_needs_its_token_only(door: Door) -> None:
    async with door.bot() as bot:
        signed_in = await door.sign_up(bot, "founder")
    async with door.bot(signed_in["token"]) as bot:
        assert (await bot.get("/me")).json()["person"]["handle"] == "founder"
        assert (await bot.post("/me/contact-link")).status_code == 201


async def test_refusals_have_a_code_and_tell_nothing_more(door: Door) -> None:
    async with door.browser() as browser, door.bot() as bot:
        await door.sign_up(browser, "founder")
        wrong = await bot.post("/sessions", json={"handle": "founder", "password": "wrong"})
        unknown = await bot.post("/sessions", json={"handle": "nobody", "password": "wrong"})
        assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_credentials")
        assert wrong.headers["content-type"] == "application/problem+json"
        assert unknown.json() == wrong.json()
        short = await bot.post("/people", json={"handle": "UPPER", "name": "", "password": "short"})
        assert (short.status_code, short.json()["code"]) == (400, "malformed")
        missing = await bot.post("/people", json={"handle": "stranger", "name": "S", "password": PASSWORD})
        assert (missing.status_code, missing.json()["code"]) == (403, "invitation_needed")


async def test_an_invitation_from_link_to_contact(door: Door) -> None:
    async with door.browser() as founder, door.browser() as guest:
        await door.sign_up(founder, "founder")
        made = (await founder.post("/invitations", json={"uses": 1, "hours": 24})).json()
        secret = made["url"].rpartition("/i/")[2]
        card = (await guest.get(f"/invitation-cards/{secret}")).json()
        assert (card["house"], card["inviter"]["handle"], card["operator"]) == ("Teahouse", "founder", False)

        await door.sign_up(guest, "guest", secret)

        (contact,) = (await guest.get("/contacts")).json()["contacts"]
        assert contact["person"]["handle"] == "founder"
        assert contact["chat"]
        assert (await guest.get(f"/invitation-cards/{secret}")).json()["code"] == "invitation_spent"
        (shown,) = (await founder.get("/invitations")).json()
        assert (shown["used"], shown.get("url", "")) == (1, "")
        assert (await guest.delete(f"/invitations/{made['id']}")).status_code == 404
        assert (await founder.delete(f"/invitations/{made['id']}")).status_code == 204
        assert (await founder.get("/invitations")).json() == []


async def test_contacts_over_http_alone(door: Door) -> None:
    async with door.browser() as ann, door.browser() as bob:
        await door.sign_up(ann, "ann")
        await ann.patch("/house", json={"registration": "open"})
        asked = {"handle": "bob", "name": "Bob", "password": PASSWORD}
        assert (await bob.post("/people", json=asked)).status_code == 201
        link = (await ann.post("/me/contact-link")).json()["url"]
        person = (await bob.get(f"/contact-links/{link.rpartition('/p/')[2]}")).json()
        assert (await bob.get("/people/ann")).json() == person
        assert (await bob.get("/people/nobody_here")).status_code == 404
        request = (await bob.post("/contacts/requests", json={"handle": "ann", "greeting": "hi"})).json()["request"]
        chat = (await ann.post(f"/contacts/requests/{request}/accept")).json()["chat"]
        (contact,) = (await bob.get("/contacts")).json()["contacts"]
        assert (contact["person"]["handle"], contact["chat"]) == ("ann", chat)


async def test_devices_passwords_and_recovery_codes(door: Door) -> None:
    async with door.browser() as phone, door.bot() as bot:
        await door.sign_up(phone, "founder")
        laptop = (await bot.post("/sessions", json={"handle": "founder", "password": PASSWORD, "device": "lap"})).json()
        devices = (await phone.get("/me/devices")).json()
        assert [(each["name"], each["current"]) for each in devices] == [("lap", False), ("", True)]
        assert (await phone.delete(f"/me/devices/{laptop['device']}")).status_code == 204
        assert len((await phone.get("/me/devices")).json()) == 1
        codes = (await phone.post("/me/recovery-codes")).json()["codes"]
        changed = await phone.post("/me/password", json={"current": PASSWORD, "new": "another password"})
        assert changed.status_code == 204
        bot.cookies.clear()
        recovered = {"handle": "founder", "code": codes[3], "new": PASSWORD}
        assert (await bot.post("/recovery", json=recovered)).status_code == 201
        assert (await phone.get("/me")).status_code == 401


async def test_a_passkey_over_http(door: Door) -> None:
    authenticator = Authenticator(ORIGIN)
    async with door.browser() as browser, door.browser() as other:
        await door.sign_up(browser, "founder")
        begun = (await browser.post("/me/passkeys/options", json={})).json()
        answer = {"ceremony": begun["ceremony"], "credential": authenticator.create(begun["options"]), "name": "key"}
        made = await browser.post("/me/passkeys", json=answer)
        assert made.status_code == 201, made.text
        assert [each["name"] for each in (await browser.get("/me/passkeys")).json()] == ["key"]

        begun = (await other.post("/passkeys/sign-in/options", json={})).json()
        answer = {"ceremony": begun["ceremony"], "credential": authenticator.get(begun["options"]), "device": "tab"}
        assert (await other.post("/passkeys/sign-in", json=answer)).status_code == 201
        assert (await other.get("/me")).json()["passkeys"] == 1
        assert (await other.delete(f"/me/passkeys/{made.json()['id']}")).status_code == 204


async def test_pictures_are_served_for_ever_and_safely(door: Door) -> None:
    async with door.browser() as browser, door.bot() as anybody:
        await door.sign_up(browser, "founder")
        image = written(halves(), "JPEG")
        put = await browser.put("/me/picture", content=image, headers={"Content-Type": "image/jpeg"})
        assert put.status_code == 200, put.text
        shown = await anybody.get(f"/pictures/{put.json()['picture']}?size=96")
        assert shown.headers["content-type"] == "image/webp"
        assert "immutable" in shown.headers["cache-control"]
        assert shown.headers["x-content-type-options"] == "nosniff"
        assert (await anybody.get("/pictures/..%2fteahouse.db")).status_code == 404
        assert (await anybody.get("/pictures/" + "0" * 32)).status_code == 404
        too_large = await browser.put("/me/picture", content=bytes(5 * 1024 * 1024 + 1))
        assert (too_large.status_code, too_large.json()["code"]) == (413, "too_large")
        refused = await browser.put("/me/picture", content=b"nothing")
        assert (refused.status_code, refused.json()["code"]) == (422, "picture_refused")
        assert "picture" not in (await browser.delete("/me/picture")).json()


async def test_a_qr_code_for_who_is_signed_in(door: Door) -> None:
    async with door.browser() as browser, door.bot() as anybody:
        assert (await anybody.get("/qr", params={"text": "hello"})).status_code == 401
        await door.sign_up(browser, "founder")
        drawn = await browser.get("/qr", params={"text": "https://tea.example/i/secret"})
        assert drawn.headers["content-type"].startswith("image/svg+xml")
        assert drawn.text.startswith("<svg")
        assert (await browser.get("/qr", params={"text": "x" * 501})).status_code == 400
        assert (await browser.get("/qr", params={"text": "茶" * 500})).status_code == 200


async def test_the_house_tells_about_itself_and_its_operator_changes_it(door: Door) -> None:
    async with door.browser() as founder, door.browser() as guest:
        card = (await guest.get("/house")).json()
        assert (card["name"], card["registration"], card["limits"]["recall_limit_ms"]) == (
            "Teahouse",
            "invitation",
            120_000,
        )
        await door.sign_up(founder, "founder")
        asked = {"name": " The\x00 Corner ", "registration": "open", "recall_limit_ms": 0}
        changed = (await founder.patch("/house", json=asked)).json()
        assert (changed["name"], changed["registration"], changed["limits"]["recall_limit_ms"]) == (
            "The Corner",
            "open",
            0,
        )
        assert (await guest.get("/house")).json() == changed
        await guest.post("/people", json={"handle": "guest", "name": "G", "password": PASSWORD})
        assert (await guest.patch("/house", json={"name": "Mine"})).status_code == 403
        assert (await founder.patch("/house", json={"registration": "sometimes"})).status_code == 400


async def test_the_house_remembers_its_settings(door: Door) -> None:
    async with door.browser() as founder:
        await door.sign_up(founder, "founder")
        await founder.patch("/house", json={"name": "The Corner"})
        await founder.patch("/house", json={"registration": "closed"})
    async with door.built.operator.running():
        assert (door.built.operator.settings.name, door.built.operator.settings.registration) == (
            "The Corner",
            "closed",
        )


async def test_an_old_session_shows_first_who_it_is(door: Door) -> None:
    authenticator = Authenticator(ORIGIN)
    async with door.browser() as browser:
        await door.sign_up(browser, "founder")
        begun = (await browser.post("/me/passkeys/options")).json()
        answer = {"ceremony": begun["ceremony"], "credential": authenticator.create(begun["options"])}
        passkey = (await browser.post("/me/passkeys", json=answer)).json()["id"]
        door.built.house.store.writer.clock = lambda: now_ms() + HOUR_MS

        asked = ("POST", "/me/recovery-codes"), ("POST", "/me/passkeys/options"), ("DELETE", f"/me/passkeys/{passkey}")
        for method, path in asked:
            for body in (None, {}, {"ceremony": "unfinished"}):
                refused = await browser.request(method, path, json=body)
                assert (refused.status_code, refused.json()["code"]) == (403, "proof_needed")
            wrong = await browser.request(method, path, json={"password": "wrong"})
            assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_credentials")
        begun = (await browser.post("/me/proof/options")).json()
        proof = {"ceremony": begun["ceremony"], "credential": authenticator.get(begun["options"])}
        assert len((await browser.post("/me/recovery-codes", json=proof)).json()["codes"]) == 10
        for method, path in asked:
            assert (await browser.request(method, path, json={"password": PASSWORD})).is_success
        assert (await browser.post("/me/proof/options")).json()["code"] == "no_passkey"
