"""A webhook under way when the house is killed comes again, with the same id, and is signed as the papers say."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from http_message_signatures import InvalidSignature

from teahouse.signatures import Request
from tests.harness.server import Server
from tests.merchants.webhook_receiver import Receiver

PAPER = Path(__file__).parents[2] / "docs" / "merchants.md"


async def test_a_kill_loses_no_webhook(tmp_path: Path) -> None:
    settings = {"WEBHOOKS_PRIVATE": "1", "REGISTRATION": "open"}
    with Server(tmp_path / "house", settings=settings) as server:
        async with Receiver() as receiver, httpx.AsyncClient(base_url=f"{server.url}/api/v1", timeout=20) as owner:
            receiver.hangs = True
            merchant = await opens_a_shop(owner)
            await answer(owner.put(f"/merchants/{merchant}/webhook", json={"url": receiver.url}))
            made = await answer(owner.post(f"/merchants/{merchant}/webhook/test"))
            await answer(owner.post(f"/merchants/{merchant}/webhook/test"))
            await receiver.has(1)
            server.kill()
            receiver.hangs = False
            server.start()
            first, again, second = await receiver.has(3)
            assert first.id == again.id == made["id"] != second.id
            assert first.body == again.body
            assert first.headers["Signature"] != again.headers["Signature"], "signed anew"

            owner.headers.pop("Authorization")
            key = await answer(owner.get("/house-key"))
            nonce_of = as_the_paper_says()
            nonces = set()
            for heard in (first, again, second):
                message = Request("POST", heard.url, heard.headers)
                nonces.add(nonce_of(message, heard.body, **key))
                with pytest.raises(InvalidSignature):
                    nonce_of(message, heard.body + b" ", **key)
            assert len(nonces) == 3


async def opens_a_shop(owner: httpx.AsyncClient) -> str:
    """By the first person: an operator's shop is open at once."""
    asked = {"handle": "owner", "name": "Owner", "password": "a long enough password"}
    signed_up = await answer(owner.post("/people", json=asked))
    owner.cookies.clear()
    owner.headers["Authorization"] = f"Bearer {signed_up['token']}"
    shop = {"key": "the-first-shop-1", "handle": "bakery", "name": "The Bakery", "category": "food"}
    made = await answer(owner.post("/merchants", json=shop))
    return str(made["shop"]["merchant"]["person"]["id"])


async def answer(asked: Any) -> Any:
    response = await asked
    assert response.is_success, response.text
    return response.json()


def as_the_paper_says() -> Any:
    """The receiver's function, out of docs/merchants.md."""
    [code] = re.findall(r"^```python\n(.*?)^```$", PAPER.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    return names["nonce_of"]
