"""The house and the example biller, a process of its own: what is asked arrives once, and no odd answer is believed."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from teahouse.bills.connectors import http
from teahouse.bills.connectors.http import HttpConnector
from teahouse.bills.connectors.masking import masked
from teahouse.bills.connectors.model import Asked, BillerAway, BillerNotTrusted, NoSuchCustomer, Reach, Said
from teahouse.config import Settings
from teahouse.house import House
from teahouse.keys import house_key
from teahouse.signatures import Request, SigningKey
from tests.bills.biller_process import METERS, Biller, meter, owes

_numbers = itertools.count(1)
WHO = {"meter": METERS[0]}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("house")


@pytest.fixture(scope="module")
def running(data: Path) -> Iterator[Biller]:
    with Biller(data / "biller", SigningKey(house_key(data, "signing")).public) as biller:
        yield biller


@pytest.fixture
def biller(running: Biller) -> Biller:
    running.switch()
    return running


@pytest.fixture
async def connector(data: Path) -> AsyncIterator[HttpConnector]:
    house = House(Settings(data=data))
    connector = HttpConnector(house)
    async with connector.running():
        yield connector
    house.store.engine.dispose()


def reach(biller: Biller, **other: Any) -> Reach:
    known = Reach("0123456789abcdef", "EUR", False, biller.url, biller.key_id, biller.public_key)
    return msgspec.structs.replace(known, **other)


async def owed(connector: HttpConnector, biller: Biller, number: int, **other: Any) -> Asked:
    """A payment of what a meter owes now."""
    customer = {"meter": METERS[number]}
    bill = await connector.fetch(reach(biller), customer)
    fields = {"amount": bill.amount, **other}
    return Asked(
        id=f"payment-{next(_numbers)}", ref=bill.ref, customer=customer, currency="EUR", at=1_800_000_000_000, **fields
    )


async def test_a_bill_is_fetched(biller: Biller, connector: HttpConnector) -> None:
    bill = await connector.fetch(reach(biller), WHO)
    assert (bill.name, bill.amount, bill.least, bill.most) == ("A** L**", owes(0), 1, owes(0))
    assert bill.due_at > time.time() * 1000
    assert [line.label for line in bill.lines] == ["Period", "Consumption", "Price"]


async def test_a_customer_that_nobody_knows(biller: Biller, connector: HttpConnector) -> None:
    for number in (meter(4_000), "40000001", "", "x"):
        with pytest.raises(NoSuchCustomer):
            await connector.fetch(reach(biller), {"meter": number})
    with pytest.raises(BillerAway):
        await connector.fetch(reach(biller), {"account": "1"})
    with pytest.raises(BillerAway):
        await connector.fetch(reach(biller, currency="CHF"), WHO)


async def test_it_is_paid_once_however_often_it_is_told(biller: Biller, connector: HttpConnector) -> None:
    asked = await owed(connector, biller, 1)
    assert await connector.status(reach(biller), asked.id) == Said("unknown")
    told = await asyncio.gather(*(connector.pay(reach(biller), asked) for _ in range(8)))
    assert len({each.reference for each in told}) == 1
    assert told[0].state == "paid"
    assert await connector.status(reach(biller), asked.id) == told[0]
    assert (await connector.fetch(reach(biller), asked.customer)).amount == 0
    other = msgspec.structs.replace(asked, amount=1)
    with pytest.raises(BillerAway):
        await connector.pay(reach(biller), other)


async def test_in_parts(biller: Biller, connector: HttpConnector) -> None:
    first = await owed(connector, biller, 2, amount=1_000)
    assert (await connector.pay(reach(biller), first)).state == "paid"
    rest = await owed(connector, biller, 2)
    assert rest.amount == owes(2) - 1_000
    too_much = msgspec.structs.replace(rest, id="too-much", amount=rest.amount + 1)
    assert await connector.pay(reach(biller), too_much) == Said("refused", reason="The sum is not what is due.")


async def test_it_says_no(biller: Biller, connector: HttpConnector) -> None:
    asked = await owed(connector, biller, 3)
    biller.switch(refuse="Not before Monday.")
    no = await connector.pay(reach(biller), asked)
    assert no == Said("refused", reason="Not before Monday.")
    biller.switch()
    assert await connector.pay(reach(biller), asked) == no, "it stays so"


async def test_it_decides_later(biller: Biller, connector: HttpConnector) -> None:
    asked = await owed(connector, biller, 4)
    biller.switch(pending=2)
    states = [(await connector.pay(reach(biller), asked)).state]
    states += [(await connector.status(reach(biller), asked.id)).state for _ in range(3)]
    assert states == ["pending", "pending", "pending", "paid"]


@pytest.mark.parametrize(
    ("switches", "error"),
    [
        ({"lose": True}, BillerAway),
        ({"odd": "large"}, BillerAway),
        ({"odd": "redirect"}, BillerAway),
        ({"wrong_key": True}, BillerNotTrusted),
        ({"odd": "stale"}, BillerNotTrusted),
        ({"odd": "unsigned"}, BillerNotTrusted),
        ({"odd": "nonsense"}, BillerNotTrusted),
        ({"odd": "replayed"}, BillerNotTrusted),
    ],
    ids=str,
)
async def test_it_was_paid_but_the_answer_is_none(
    switches: dict[str, Any], error: type[BillerAway], biller: Biller, connector: HttpConnector
) -> None:
    """Whatever it says, the status says it again, and telling it again changes nothing."""
    asked = await owed(connector, biller, 5, amount=10)
    biller.switch(**switches)
    with pytest.raises(error) as raised:
        await connector.pay(reach(biller), asked)
    assert type(raised.value) is error
    biller.switch()
    said = await connector.status(reach(biller), asked.id)
    assert said.state == "paid"
    assert await connector.pay(reach(biller), asked) == said


async def test_two_answers_to_one_question_do_not_answer_the_next(biller: Biller, connector: HttpConnector) -> None:
    first, second = [await owed(connector, biller, 6, amount=amount) for amount in (100, 200)]
    biller.switch(double=True, times=1)
    said = await connector.pay(reach(biller), first)
    assert (await connector.pay(reach(biller), second)).reference != said.reference
    assert [biller.payments()[each.id]["amount"] for each in (first, second)] == [100, 200]


async def test_one_that_is_slow_is_not_waited_for(
    biller: Biller, connector: HttpConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await owed(connector, biller, 7)
    biller.switch(slow_s=0.5)
    monkeypatch.setitem(http.DEADLINES_S, "pay", 0.1)
    with pytest.raises(BillerAway):
        await connector.pay(reach(biller), asked)
    # It is given up before the biller comes to it: then it is not taken any more.
    gone = await connector.reverse(reach(biller), asked)
    assert gone.state == "reversed"
    monkeypatch.setitem(http.DEADLINES_S, "pay", 10)
    assert (await connector.pay(reach(biller), asked)).state == "reversed"
    assert (await connector.fetch(reach(biller), asked.customer)).amount == owes(7)


async def test_it_is_given_back_or_kept(biller: Biller, connector: HttpConnector) -> None:
    asked = await owed(connector, biller, 8)
    paid = await connector.pay(reach(biller), asked)
    biller.switch(keeps=True)
    assert (await connector.reverse(reach(biller), asked)).state == "refused"
    assert await connector.status(reach(biller), asked.id) == paid, "it stays paid"
    biller.switch()
    for _ in range(2):
        assert (await connector.reverse(reach(biller), asked)).state == "reversed"
    assert (await connector.status(reach(biller), asked.id)).state == "reversed"
    assert (await connector.fetch(reach(biller), asked.customer)).amount == owes(8)


async def test_it_dies_after_writing_and_before_answering(data: Path, connector: HttpConnector) -> None:
    with Biller(data / "mortal", SigningKey(house_key(data, "signing")).public) as biller:
        asked = await owed(connector, biller, 0)
        public_key = biller.public_key
        biller.switch(crash=True)
        with pytest.raises(BillerAway):
            await connector.pay(reach(biller), asked)
        biller.died()
        with pytest.raises(BillerAway):
            await connector.status(reach(biller), asked.id)
        biller.start()
        assert biller.public_key == public_key
        said = await connector.status(reach(biller), asked.id)
        assert said.state == "paid"
        biller.restart()
        assert await connector.pay(reach(biller), asked) == said
        assert len(biller.payments()) == 1


async def test_the_operator_has_another_key_for_it(biller: Biller, connector: HttpConnector) -> None:
    other = SigningKey(b"o" * 32)
    for wrong in ({"public_key": other.public, "key_id": other.id}, {"key_id": "another"}, {"public_key": ""}):
        with pytest.raises(BillerNotTrusted):
            await connector.fetch(reach(biller, **wrong), WHO)
    assert (await connector.fetch(reach(biller, key_id=""), WHO)).ref, "the key's own id will do"


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "nonsense", "http://", "ftp://x", "http://[::1", ""])
async def test_an_address_where_nobody_is(url: str, biller: Biller, connector: HttpConnector) -> None:
    with pytest.raises(BillerAway):
        await connector.fetch(reach(biller, url=url), WHO)


async def test_where_something_else_answers(biller: Biller, connector: HttpConnector) -> None:
    with pytest.raises(BillerAway) as away:
        await connector.fetch(reach(biller, url=f"{biller.url}/elsewhere"), WHO)
    assert type(away.value) is BillerAway
    biller.switch(down=True, on=["fetch"])
    with pytest.raises(BillerAway):
        await connector.fetch(reach(biller), WHO)


def test_the_biller_believes_the_house_only_and_once(biller: Biller, data: Path) -> None:
    def send(key: SigningKey, body: bytes, tag: str = http.TAG) -> tuple[Request, int]:
        request = Request("POST", f"{biller.url}/fetch", {"Content-Type": "application/json"})
        key.sign(request, body, tag)
        return request, httpx.post(request.url, content=body, headers=request.headers, trust_env=False).status_code

    house = SigningKey(house_key(data, "signing"))
    body = msgspec.json.encode({"customer": WHO, "currency": "EUR"})
    request, status = send(house, body)
    assert status == 200
    again = httpx.post(request.url, content=body, headers=request.headers, trust_env=False)
    assert (again.status_code, again.json()) == (401, {"code": "not_trusted"})
    assert "signature" not in again.headers
    assert send(SigningKey(b"f" * 32), body)[1] == 401
    assert send(house, body, "teahouse-webhook")[1] == 401, "a webhook's signature opens no other door"
    assert httpx.post(request.url, content=body, trust_env=False).status_code == 401


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ann Lee", "A** L**"),
        ("  Ann   Lee ", "A** L**"),
        ("A** L**", "A** L**"),
        ("An•• Lee", "An•• Lee"),
        ("Wolfeschlegelsteinhausen", "W******"),
        ("", ""),
    ],
)
def test_names_are_masked_once(name: str, shown: str) -> None:
    assert masked(name) == shown
