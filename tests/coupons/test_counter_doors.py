"""The counter and passes through the HTTP door, as programs and pages see them."""

from __future__ import annotations

import base64
import time

from teahouse.coupons.counter import codes
from tests.wallet.house import new_key
from tests.wallet.test_bank_doors import EUR, Caller, callers

__all__ = ["callers"]


def money(amount: int) -> dict[str, object]:
    return {"amount": amount, **EUR}


async def test_a_coupon_goes_over_the_counter(callers: tuple[Caller, Caller]) -> None:
    ann, bo = callers
    asked = {"key": new_key(), "handle": "bakery", "name": "The Bakery", "category": "food"}
    shop = (await ann("POST /merchants", 201, **asked))["shop"]
    merchant = shop["merchant"]["person"]["id"]
    now = int(time.time() * 1000)
    worth = {"offer": "percent_off", "percent": 25, **EUR}
    terms = {"title": "A quarter off", "worth": worth, "stock": 5, "valid_from": now, "valid_to": now + 10**9}
    made = await ann(f"POST /merchants/{merchant}/campaigns", 201, key=new_key(), **terms)
    campaign = made["campaign"]["id"]
    await ann(f"PUT /campaigns/{campaign}/state", state="live")
    coupon = (await bo(f"POST /campaigns/{campaign}/coupons", 201, key=new_key()))["coupon"]
    held = await bo(f"GET /coupons/{coupon}")
    secret = base64.b32decode(held["secret"] + "====")

    code = codes.made(secret, coupon, codes.step_at(int(time.time() * 1000)))
    read = f"POST /merchants/{merchant}/coupons/read"
    quote = await ann(read, code=code, basket=money(999))
    assert (quote["discount"], quote["net"], quote["holder"]["id"]) == (249, 750, bo.id)
    assert (await bo(read, 404, code=code))["code"] == "no_such_merchant"
    assert (await ann(read, 400, code="TC1.x"))["code"] == "wrong_code"
    body = {"key": new_key(), "proof": quote["proof"], "basket": money(999)}
    done = (await ann(f"POST /merchants/{merchant}/redemptions", 201, **body))["redemption"]
    assert (done["state"], done["discount"], done["by"]["id"]) == ("redeemed", 249, ann.id)
    again = {**body, "key": new_key()}
    assert (await ann(f"POST /merchants/{merchant}/redemptions", 409, **again))["code"] == "coupon_used"
    assert (await ann(f"GET /merchants/{merchant}/redemptions"))["redemptions"] == [done]
    assert await bo(f"GET /redemptions/{done['id']}") == done
    undone = (await ann(f"POST /redemptions/{done['id']}/cancel", reason="a mistake"))["redemption"]
    assert undone["state"] == "cancelled"
    assert (await bo("GET /coupons"))["held"][0]["id"] == coupon

    assert await bo("GET /coupon-passes") == {"apple": False, "google": False, "calendar": True}
    for kind in ("apple", "google"):
        assert (await bo(f"GET /coupons/{coupon}/{kind}-pass", 404))["code"] == "no_passes"
    entry = await bo.file(f"/coupons/{coupon}/calendar?language=ru")
    assert entry.headers["content-type"].startswith("text/calendar")
    assert b"BEGIN:VALARM" in entry.content
