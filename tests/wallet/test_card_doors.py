"""A card top-up through the doors of a real server, which is killed on the way."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.harness.house import PASSWORD
from tests.harness.server import Server
from tests.wallet.house import new_key
from tests.wallet.stripe_stand_in import SECRET_KEY, WEBHOOK_SECRET, StandIn

EVENTS = "/api/v1/wallet/card/events"


class Visitor:
    """Somebody with a browser."""

    def __init__(self, server: Server, handle: str) -> None:
        self.client = httpx.Client(base_url=f"{server.url}/api/v1", timeout=30)
        asked = {"handle": handle, "name": handle.title(), "password": PASSWORD}
        answer = self.client.post("/people", json=asked)
        assert answer.status_code == 201, answer.text
        self.client.headers["Authorization"] = f"Bearer {answer.json()['token']}"

    def gets(self, path: str) -> Any:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def has(self) -> int:
        return int(self.gets("/wallet")["balances"][0]["balance"])


@pytest.fixture
def server(tmp_path: Path, stripe: StandIn) -> Any:
    settings = {
        "REGISTRATION": "open",
        "STRIPE_SECRET_KEY": SECRET_KEY,
        "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "STRIPE_API": stripe.url,
    }
    with Server(tmp_path / "house", settings=settings) as running:
        yield running


def test_paid_by_card_through_a_server_that_is_killed(server: Server, stripe: StandIn) -> None:
    ann = Visitor(server, "ann")
    assert ann.gets("/wallet")["card_top_up"] is True
    asked = {"key": new_key(), "amount": {"amount": 2500, "currency": "EUR"}}
    begun = ann.client.post("/wallet/card/top-ups", json=asked)
    assert begun.status_code == 201, begun.text
    top_up = begun.json()
    (page,) = stripe.sessions.values()
    assert top_up["url"] == page["url"]
    stripe.pays(page["id"])
    body = stripe.event("checkout.session.completed", page)

    server.kill()
    server.start()
    assert ann.gets(f"/wallet/card/top-ups/{top_up['id']}")["state"] == "started"
    assert ann.client.post("/wallet/card/top-ups", json=asked).json() == top_up

    forged = httpx.post(server.url + EVENTS, content=body, headers={"Stripe-Signature": "t=1,v1=0"}, timeout=30)
    assert (forged.status_code, forged.json()["code"]) == (400, "bad_signature")
    for _ in range(2):
        signed = {"Stripe-Signature": stripe.signature(body)}
        heard = httpx.post(server.url + EVENTS, content=body, headers=signed, timeout=30)
        assert heard.status_code == 200, heard.text
    assert ann.has() == 2500
    assert ann.gets(f"/wallet/card/top-ups/{top_up['id']}")["state"] == "paid"

    server.kill()
    server.start()
    assert ann.has() == 2500
    refused = ann.client.post("/wallet/card/top-ups", json={**asked, "amount": {"amount": 1, "currency": "EUR"}})
    assert (refused.status_code, refused.json()["code"]) == (409, "key_reused")
    bob = Visitor(server, "bob")
    assert bob.client.get(f"/wallet/card/top-ups/{top_up['id']}").status_code == 404
    assert bob.client.post(f"/wallet/card/top-ups/{top_up['id']}/refund").status_code == 403
