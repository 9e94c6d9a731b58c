"""People of the house with money: a cashier takes it in at the desk, and a PIN says yes to what goes out.

desk = Desk(house)
desk.gives(ann, 50_00)
sends_packet(ann, group, 10_00, count=3)
"""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from teahouse import ids
from tests.browser.visitors import Visitor, Visitors
from tests.harness.people import PASSWORD

PIN = "482915"
EUR = "EUR"


def money(amount: int, currency: str = EUR) -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


class Desk:
    """A cashier of the house, made one by its operator: the first who joined."""

    def __init__(self, house: Visitors) -> None:
        self.operator = house.people[0] if house.people else house.join("olga")
        self.cashier = house.join("cashier")
        self.operator.asks("PUT", f"/wallet/cashiers/{self.cashier.id}")

    def gives(self, person: Visitor, amount: int, *, pin: bool = True) -> None:
        """Take in cash for somebody, who chooses a PIN if they have none."""
        body = {"key": ids.new_id(), "person": person.id, "amount": money(amount)}
        done = self.cashier.asks("POST", "/wallet/desk/top-ups", body)
        assert done["operation"]["state"] == "done", done
        if pin and not person.asks("GET", "/wallet")["has_pin"]:
            sets_pin(person)


def sets_pin(person: Visitor) -> None:
    person.asks("PUT", "/wallet/pin", {"pin": PIN, "password": PASSWORD})


def approves(person: Visitor, amount: int) -> str:
    """Say yes to a sum, as the client does once the PIN is entered."""
    answer = person.asks("POST", "/wallet/approvals", {"amount": money(amount), "pin": PIN})
    return str(answer["approval"])


def sends_money(payer: Visitor, chat: str, payee: Visitor, amount: int, note: str = "") -> dict[str, Any]:
    """Send a transfer over HTTP; return the answer."""
    body = {"key": ids.new_id(), "to": payee.id, "amount": money(amount), "note": note}
    answer: dict[str, Any] = payer.asks(
        "POST", f"/chats/{chat}/transfers", {**body, "approval": approves(payer, amount)}
    )
    return answer


def sends_packet(sender: Visitor, chat: str, amount: int, **fields: Any) -> str:
    """Drop a red packet into a chat over HTTP; return its id."""
    body = {"key": ids.new_id(), "amount": money(amount), "approval": approves(sender, amount), **fields}
    return str(sender.asks("POST", f"/chats/{chat}/packets", body)["packet"])


def opens(person: Visitor, packet: str) -> int:
    """Open a red packet over HTTP; return one's share."""
    return int(person.asks("POST", f"/wallet/packets/{packet}/open", {})["amount"])


def has(person: Visitor) -> int:
    """What somebody may spend."""
    balances = person.asks("GET", "/wallet")["balances"]
    return int(next(each["available"] for each in balances if each["currency"] == EUR))


def enters_pin(page: Page, pin: str = PIN) -> None:
    """Type the PIN into the sheet that asks for it."""
    page.get_by_role("group", name="Payment PIN").wait_for()
    page.keyboard.type(pin)
