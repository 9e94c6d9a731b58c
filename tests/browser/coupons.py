"""Merchants that give coupons, and what their staff does with them over HTTP.

shop = Bakery(house)
campaign = shop.gives("Tea for two", amount_off(5_00))
coupon = claims(ann, campaign)
shop.redeems(code, 20_00)
"""

from __future__ import annotations

import itertools
from typing import Any
from urllib.parse import urlsplit

from teahouse import clock, ids
from tests.browser.money import EUR, money
from tests.browser.visitors import Visitor, Visitors

_numbers = itertools.count(1)


def amount_off(amount: int, **fields: Any) -> dict[str, Any]:
    return {"offer": "amount_off", "currency": EUR, "amount": amount, **fields}


class Bakery:
    """A merchant that sells: opened by its owner, let in by the operator, the first who joined the house."""

    def __init__(self, house: Visitors, name: str = "The Bakery") -> None:
        operator = house.people[0] if house.people else house.join("olga")
        self.name = name
        self.owner = house.join("bella")
        body = {"key": ids.new_id(), "handle": f"bakery{next(_numbers)}", "name": name, "category": "food"}
        self.id: str = self.owner.asks("POST", "/merchants", body)["shop"]["merchant"]["person"]["id"]
        operator.asks("PUT", f"/merchants/{self.id}/judgement", {"state": "open"})

    def gives(self, title: str, worth: dict[str, Any], *, days: float = 30, live: bool = True, **fields: Any) -> str:
        """A campaign, live from now on; return its id."""
        now = clock.now_ms()
        body = {
            "key": ids.new_id(),
            "title": title,
            "worth": worth,
            "stock": 100,
            "valid_from": now - clock.HOUR_MS,
            "valid_to": now + int(days * clock.DAY_MS),
            **fields,
        }
        campaign: str = self.owner.asks("POST", f"/merchants/{self.id}/campaigns", body)["campaign"]["id"]
        if live:
            self.turns(campaign, "live")
        return campaign

    def turns(self, campaign: str, state: str) -> None:
        self.owner.asks("PUT", f"/campaigns/{campaign}/state", {"state": state})

    def counter(self, name: str) -> str:
        """A place where people pay; return the path of its link."""
        made = self.owner.asks("POST", f"/merchants/{self.id}/counters", {"name": name})
        return urlsplit(str(made["counter"]["url"])).path

    def reads(self, code: str, amount: int) -> dict[str, Any]:
        """Scan a code for a basket: the Quote."""
        body = {"code": code, "basket": money(amount)}
        quote: dict[str, Any] = self.owner.asks("POST", f"/merchants/{self.id}/coupons/read", body)
        return quote

    def redeems(self, code: str, amount: int, *, collect: bool = False) -> dict[str, Any]:
        quote = self.reads(code, amount)
        assert not quote.get("why_not"), quote
        body = {"key": ids.new_id(), "proof": quote["proof"], "basket": money(amount), "collect": collect}
        done: dict[str, Any] = self.owner.asks("POST", f"/merchants/{self.id}/redemptions", body)["redemption"]
        return done


def claims(person: Visitor, campaign: str) -> str:
    """Get a coupon over HTTP; return its id."""
    return str(person.asks("POST", f"/campaigns/{campaign}/coupons", {"key": ids.new_id()})["coupon"])


def gives(giver: Visitor, coupon: str, chat: str, to: Visitor) -> None:
    giver.asks("POST", f"/coupons/{coupon}/give", {"key": ids.new_id(), "chat": chat, "to": to.id})
