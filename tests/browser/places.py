"""The main screens, with what shows that each has come: the key of a message in the client's catalogues."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, expect

from tests.browser.visitors import Visitor, Visitors

SOURCE: Final = Path(__file__).parents[2] / "web" / "src"

# {chat}, {group} and {friend} are put in.
SCREENS: Final = {
    "/chats": "chats.new",
    "/chats/{chat}": "chats.write",
    "/chats/{group}": "chats.write",
    "/chats/{chat}/info": "chats.pinnedChat",
    "/chats/{group}/info": "chats.joinApproval",
    "/contacts": "contacts.requests",
    "/contacts/{friend}": "contacts.remove",
    "/contacts/add": "contacts.find",
    "/wallet": "wallet.nothing_yet",
    "/wallet/history": "wallet.history_empty",
    "/wallet/statement": "wallet.opening",
    "/wallet/spending": "wallet.spending_none",
    "/wallet/top-up": "wallet.desk_go",
    "/wallet/settings": "wallet.accept_at_once",
    "/wallet/settings/pin": "wallet.pin_why",
    "/wallet/looks": "wallet.looks_none",
    "/wallet/pay": "codes.pay_renews",
    "/wallet/receive": "codes.receive_scan",
    "/wallet/scan": "codes.type_label",
    "/wallet/to/{friend}": "codes.note",
    "/wallet/coupons": "coupons.none_text",
    "/wallet/bills": "bills.no_billers",
    "/wallet/bills/payments": "bills.history_empty",
    "/discover": "discover.join_text",
    "/discover/invitations": "discover.invite_make",
    "/discover/house": "discover.registration_open",
    "/me": "me.sign_out",
    "/me/profile": "me.bio",
    "/me/devices": "me.devices_note",
    "/me/password": "me.password_change",
    "/me/appearance": "me.appearance",
    "/me/about": "me.about",
}


def catalogue(language: str) -> dict[str, str]:
    """All messages of the client in a language, under their keys."""
    return {
        f"{file.parent.parent.name}.{key}": text
        for file in sorted(SOURCE.rglob(f"i18n/{language}.json"))
        for key, text in flat(json.loads(file.read_text("utf-8")))
    }


def flat(messages: dict[str, object], before: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in messages.items():
        found += [(before + key, value)] if isinstance(value, str) else flat(value, f"{before}{key}.")  # type: ignore[arg-type]
    return found


def furnished(house: Visitors) -> tuple[Visitor, dict[str, str]]:
    """Somebody with a friend, a chat and a group in which things happened, and what SCREENS wants to know."""
    ann, ben, chat = house.friends("ann", "ben")
    cleo = house.join("cleo")
    house.meet(ann, cleo)
    group = house.group(ann, ben, cleo, name="龙井")
    asked = ben.says(chat, "千山 — Ёлка?")
    ann.says(chat, "*龙井*, `40 °C`, https://example.org/", reply=asked)
    ann.asks("PUT", f"/chats/{chat}/messages/{asked}/reactions", {"emoji": "🍵", "on": True})
    taken_back = ben.says(chat, "…")
    ben.asks("POST", f"/chats/{chat}/messages/{taken_back}/recall", {})
    ben.says(group, f"@{ann.handle} 1", content={"mentions": [ann.id]})
    cleo.says(group, "🍵🍵")
    return ann, {"chat": chat, "group": group, "friend": ben.id}


def shown(page: Page, house: Visitors, path: str, sign: str) -> None:
    """Go to a screen and wait for its sign: a text, or the name of a control."""
    page.goto(house.server.url + path)
    seen = page.get_by_text(sign, exact=True).or_(page.get_by_label(sign, exact=True))
    expect(seen.filter(visible=True).first).to_be_visible()
    expect(page.locator(".spinner").filter(visible=True)).to_have_count(0)
