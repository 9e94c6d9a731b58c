"""Bills through the HTTP door, as programs see them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from teahouse.bills import service
from tests.bills.billing import KEY, METER, ScriptedBiller
from tests.harness.house import PASSWORD
from tests.wallet.house import PIN, new_key
from tests.wallet.test_bank_doors import EUR, Caller, callers

__all__ = ["callers"]


class Connector(ScriptedBiller):
    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        yield


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Connector:
    """The biller of the house that `callers` builds."""
    connector = Connector()
    monkeypatch.setattr(service, "HttpConnector", lambda house: connector)
    return connector


async def test_from_the_directory_to_a_paid_bill(scripted: Connector, callers: tuple[Caller, Caller]) -> None:
    ann, bo = callers
    await ann(f"PUT /wallet/cashiers/{ann.id}")
    await bo("PUT /wallet/pin", 204, pin=PIN, password=PASSWORD)
    await ann("GET /wallet/desk/customer?handle=bo")
    await ann("POST /wallet/desk/top-ups", 201, key=new_key(), person=bo.id, amount={"amount": 80_00, **EUR})
    setup = {
        "handle": "power",
        "name": "City Power",
        "category": "electricity",
        "regions": ["DE-BY"],
        "fields": [{"name": "meter", "label": "Meter", "check": "digits:8"}],
        "connector": "http",
        "url": "https://power.example",
        "public_key": KEY,
        **EUR,
    }
    assert (await bo("POST /billers", 403, **setup))["code"] == "forbidden"
    added = await ann("POST /billers", 201, **setup)
    biller = added["biller"]["biller"]["person"]["id"]

    (found,) = (await bo("GET /billers?category=electricity&region=DE-BY&text=city"))["billers"]
    assert await bo(f"GET /billers/{biller}") == found
    assert (await bo("GET /billers/setups", 403))["code"] == "forbidden"
    wrong = await bo("POST /bills/fetch", 400, biller=biller, customer={"meter": "1"})
    assert (wrong["code"], wrong["fields"]) == ("wrong_customer_field", {"field": "meter"})
    unknown = await bo("POST /bills/fetch", 404, biller=biller, customer={"meter": "99999999"})
    assert unknown["code"] == "no_such_customer"
    scripted.fails["fetch"] = ["away"]
    assert (await bo("POST /bills/fetch", 503, biller=biller, customer=METER))["code"] == "biller_away"

    saved = (await bo("POST /bills/saved", 201, biller=biller, customer=METER, nickname="Home"))["saved"]
    bill = await bo("POST /bills/fetch", biller=biller, customer=METER)
    assert (bill["amount"], bill["name"], bill["saved"]) == (42_00, "A** L**", saved["id"])
    asked = {"biller": biller, "customer": METER, "ref": bill["ref"], "amount": {"amount": 42_00, **EUR}}
    asked["key"] = new_key()
    assert (await bo("POST /bills/payments", 403, **asked, approval="x"))["code"] == "approval_needed"
    paid = await bo("POST /bills/payments", 201, **asked, approval=await bo.approves(42_00))
    assert await bo("POST /bills/payments", 201, **asked, approval="") == paid
    payment = paid["payment"]["id"]
    async with asyncio.timeout(10):
        while (ended := await bo(f"GET /bills/payments/{payment}"))["state"] == "held":
            pass
    assert (ended["state"], ended["reference"]) == ("paid", f"R-{payment}")
    assert (await bo("GET /bills/payments"))["payments"] == [ended]
    assert (await ann(f"GET /bills/payments/{payment}", 404))["code"] == "no_such_bill_payment"
    (entry, _) = (await bo("GET /wallet/entries?currency=EUR"))["entries"]
    assert (entry["kind"], entry["amount"], entry["other"], entry["note"]) == ("bill", -42_00, biller, bill["ref"])
    assert (await ann("GET /billers/setups"))[0]["balance"] == 42_00

    autopay = f"/bills/saved/{saved['id']}/autopay"
    ceiling = {"amount": 50_00, **EUR}
    agreed = await bo(f"PUT {autopay}", ceiling=ceiling, approval=await bo.approves(50_00))
    assert agreed["saved"]["autopay"]["ceiling"] == 50_00
    await bo(f"DELETE {autopay}")
    await bo(f"PATCH /bills/saved/{saved['id']}", nickname="Flat", remind_days=1)
    (seen,) = await bo("GET /bills/saved")
    assert (seen["nickname"], seen.get("autopay")) == ("Flat", None)
    await bo(f"DELETE /bills/saved/{saved['id']}")
    assert await bo("GET /bills/saved") == []
    await ann(f"PATCH /billers/{biller}", state="paused")
    assert (await bo("POST /bills/fetch", 409, biller=biller, customer=METER))["code"] == "biller_paused"
