"""Decks, trunks and numbers through the HTTP door, as an operator's program sees them."""

from __future__ import annotations

from urllib.parse import quote

from tests.wallet.test_bank_doors import Caller, callers

__all__ = ["callers"]

TRUNK = {"name": "ACME", "host": "127.0.0.1", "port": 5999, "transport": "udp", "on": False}


async def test_an_operator_sets_up_trunk_number_and_decks(callers: tuple[Caller, Caller]) -> None:
    ann, bo = callers
    assert (await bo("POST /calls/trunks", 403, setup=TRUNK))["code"] == "forbidden"
    trunk = (await ann("POST /calls/trunks", 201, setup=TRUNK, password="secret"))["trunk"]
    (view,) = await ann("GET /calls/trunks")
    assert (view["id"], view["setup"]["host"], view["has_password"], view["state"]) == (trunk, "127.0.0.1", True, "off")
    assert "secret" not in str(view)
    bad = await ann(f"PATCH /calls/trunks/{trunk}", 400, setup={**TRUNK, "host": "a:b"})
    assert (bad["code"], bad["fields"]) == ("bad_trunk", {"field": "host"})

    await ann(f"PUT /calls/numbers/{quote('+4930111')}", 200, person=bo.id)
    (number,) = await ann("GET /calls/numbers")
    assert (number["number"], number["person"]) == ("+4930111", bo.id)

    refused = await ann("POST /calls/decks", 400, name="bad", csv="prefix,price\n0049,1\n")
    assert refused["code"] == "bad_deck"
    (problem,) = refused["fields"]["problems"]
    assert problem["line"] == 2
    assert "without 00" in problem["why"]
    deck = (await ann("POST /calls/decks", 201, name="ACME's", csv="prefix,price\n49,0.01\n", trunk=trunk))["deck"]
    members = (await ann("POST /calls/decks", 201, name="Ours", csv="prefix;price;name\n49;0,02;Germany\n"))["deck"]
    assert [each["id"] for each in await ann("GET /calls/decks")] == [members["id"], deck["id"]]
    lines = await ann(f"GET /calls/decks/{deck['id']}/lines?prefix=4")
    assert [line["per_minute_e4"] for line in lines["rates"]] == [10_000]
    prices = await bo("GET /calls/phone/prices?text=germ")
    assert [(line["prefix"], line["per_minute_e4"]) for line in prices["rates"]] == [("49", 20_000)]
    assert (await bo("GET /calls/decks", 403))["code"] == "forbidden"

    await ann(f"DELETE /calls/trunks/{trunk}")
    assert [each["id"] for each in await ann("GET /calls/decks")] == [members["id"]]
    await ann(f"DELETE /calls/decks/{members['id']}")
    assert (await ann(f"DELETE /calls/decks/{members['id']}", 404))["code"] == "no_such_deck"
    await ann(f"DELETE /calls/numbers/{quote('+4930111')}")
    assert (await ann("DELETE /calls/numbers/%2B4930111", 404))["code"] == "no_such_number"


async def test_a_great_deck_fits_through_the_door(callers: tuple[Caller, Caller]) -> None:
    ann, _ = callers
    rows = "".join(f"{1_000_000 + each},Somewhere in the zone numbered {each:06},0.0123\n" for each in range(93_000))
    csv = f"prefix,name,price\n{rows}"
    assert 4_900_000 < len(csv) <= 5_000_000
    assert (await ann("POST /calls/decks", 201, name="great", csv=csv))["deck"]["lines"] == 93_000
    await ann("POST /calls/decks", 400, name="greater", csv=csv + " " * 200_000)
