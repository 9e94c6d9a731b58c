"""Webhooks: all arrive, in order, signed, however long the receiver was away; and nobody waits for another's."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from teahouse import calling, clock
from teahouse.commands import Signed
from teahouse.errors import Refusal
from teahouse.merchants.accounts.model import SetStaff
from teahouse.merchants.webhooks import rules, sending
from teahouse.merchants.webhooks.model import Delivery, SetWebhook
from teahouse.signatures import NotTrusted, SigningKey
from teahouse.storage.transaction import Tx
from tests.merchants.house import MarketHouse, open_market, reopen_market
from tests.merchants.webhook_receiver import PATIENCE_S, Receiver

AT_HOME = {"webhooks_private": True}


class Shop:
    """A merchant whose program wants to be told."""

    def __init__(self, market: MarketHouse, owner: Signed, merchant: str) -> None:
        self.market = market
        self.owner = owner
        self.id = merchant
        self.hooks = market.merchants.webhooks

    async def listens_at(self, url: str) -> None:
        await self.hooks.set(self.owner, self.id, SetWebhook(url=url))

    async def sells(self, *numbers: int) -> None:
        def tell(tx: Tx) -> None:
            for number in numbers:
                self.hooks.tell(tx, self.id, "order.paid", {"number": number})

        await self.market.house.store.write(tell)

    async def deliveries(self) -> list[Delivery]:
        """The oldest first."""
        return list(reversed(await self.hooks.deliveries(self.owner, self.id)))

    async def waiting(self) -> int:
        return (await self.hooks.webhook(self.owner, self.id)).waiting

    async def attempts(self, count: int) -> Delivery:
        """Wait until the first delivery was tried so often."""
        await until(self.market, lambda: self._was_tried(count))
        return (await self.deliveries())[0]

    async def has_told_all(self) -> None:
        async def none_waits() -> bool:
            return await self.waiting() == 0

        await until(self.market, none_waits)

    def passes(self, milliseconds: int) -> None:
        self.market.passes(milliseconds)
        self.hooks.wake()

    async def _was_tried(self, count: int) -> bool:
        return (await self.deliveries())[0].attempts >= count


async def until(market: MarketHouse, true: Callable[[], Awaitable[bool]]) -> None:
    """Wait for it, looking again after each commit."""
    committed = asyncio.Event()
    market.house.bus.subscribe(lambda *_: committed.set())
    async with asyncio.timeout(PATIENCE_S):
        while not await true():
            await committed.wait()
            committed.clear()


async def opens(market: MarketHouse, handle: str = "bakery", name: str = "The Bakery") -> Shop:
    owner = await market.person(f"{handle}-owner"[:20].replace("-", "_"))
    shop = await market.shop(owner, handle, name)
    return Shop(market, owner.guest.signed, shop.merchant.person.id)


@pytest.fixture
async def market(tmp_path: Path) -> AsyncIterator[MarketHouse]:
    async with open_market(tmp_path, **AT_HOME) as opened:
        yield opened


@pytest.fixture
async def shop(market: MarketHouse) -> Shop:
    return await opens(market)


@pytest.fixture
async def any_shop(store_url: str, tmp_path: Path) -> AsyncIterator[Shop]:
    """On each kind of store."""
    async with open_market(tmp_path, store=store_url, **AT_HOME) as opened:
        yield await opens(opened)


async def test_what_happened_is_told_in_order_and_signed(any_shop: Shop) -> None:
    shop = any_shop
    async with Receiver() as receiver:
        await shop.sells(0)
        await shop.listens_at(receiver.url)
        await shop.sells(1, 2)
        await shop.sells(3)
        heard = await receiver.has(3)
        assert [each.told["data"]["number"] for each in heard] == [1, 2, 3], "what was before is told to nobody"
        assert {each.told["event"] for each in heard} == {"order.paid"}
        assert {each.told["merchant"] for each in heard} == {shop.id}
        await shop.has_told_all()
        done = await shop.deliveries()
        assert [(each.state, each.attempts, each.last) for each in done] == [("delivered", 1, "200")] * 3
        assert [each.id for each in done] == [each.id for each in heard]

        key = shop.hooks.house_key()
        assert len({receiver.believes(each, key.public_key, key.key_id) for each in heard}) == 3
        hook = await shop.hooks.webhook(shop.owner, shop.id)
        assert (hook.url, hook.key_id, hook.public_key, hook.waiting) == (receiver.url, key.key_id, key.public_key, 0)


async def test_a_forged_one_is_not_believed(shop: Shop) -> None:
    async with Receiver() as receiver:
        await shop.listens_at(receiver.url)
        await shop.sells(1)
        [heard] = await receiver.has(1)
        public = shop.hooks.house_key().public_key
        with pytest.raises(NotTrusted):
            receiver.believes(heard, SigningKey(b"a forger's key, of 32 bytes long").public)
        heard.body = heard.body.replace(b"1", b"2")
        with pytest.raises(NotTrusted):
            receiver.believes(heard, public)


async def test_a_refused_command_tells_nothing(shop: Shop) -> None:
    class Refused(Refusal):
        pass

    def tell_and_refuse(tx: Tx) -> None:
        shop.hooks.tell(tx, shop.id, "order.paid", {"number": 1})
        raise Refused()

    async with Receiver() as receiver:
        await shop.listens_at(receiver.url)
        with pytest.raises(Refused):
            await shop.market.house.store.write(tell_and_refuse)
        await shop.sells(2)
        assert [each.told["data"]["number"] for each in await receiver.has(1)] == [2]
        assert len(await shop.deliveries()) == 1


async def test_a_receiver_that_is_down_for_an_hour_misses_nothing(tmp_path: Path) -> None:
    """The house is closed and opened in between."""
    receiver = Receiver()
    hour = rules.DELAYS_MS[:7]
    async with open_market(tmp_path, **AT_HOME) as market:
        shop = await opens(market)
        await shop.listens_at(receiver.url)
        await shop.sells(1, 2)
        for count, delay in enumerate(hour[:4], start=1):
            first = await shop.attempts(count)
            assert (first.state, first.last, first.attempts) == ("waiting", "no answer", count)
            assert first.next_at - market.house.store.writer.clock() <= delay
            await shop.sells(2 + count)
            shop.passes(delay)
        await shop.attempts(5)
        queued = [each.id for each in await shop.deliveries()]
        assert len(queued) == await shop.waiting() == 6
    async with reopen_market(tmp_path, **AT_HOME) as market:
        again = Shop(market, shop.owner, shop.id)
        again.passes(sum(hour[:4]))
        for count, delay in enumerate(hour[4:], start=5):
            assert (await again.attempts(count)).attempts == count
            again.passes(delay)
        await again.attempts(8)
        assert sum(hour) > clock.HOUR_MS
        await receiver.start()
        again.passes(rules.DELAYS_MS[7])
        heard = await receiver.has(6)
        await again.has_told_all()
        assert [each.id for each in heard] == queued
        assert [each.told["data"]["number"] for each in heard] == [1, 2, 3, 4, 5, 6]
        assert len(receiver.heard) == 6
        key = again.hooks.house_key()
        for each in heard:
            receiver.believes(each, key.public_key, key.key_id)
    await receiver.stop()


async def test_one_that_is_down_delays_nobody_else(market: MarketHouse) -> None:
    dead, alive = await opens(market, "dead", "Dead"), await opens(market, "alive", "Alive")
    async with Receiver() as hanging, Receiver() as receiver:
        hanging.hangs = True
        await dead.listens_at(hanging.url)
        await alive.listens_at(receiver.url)
        await dead.sells(1, 2)
        await hanging.has(1)
        await alive.sells(*range(20))
        assert [each.told["data"]["number"] for each in await receiver.has(20)] == list(range(20))
        assert len(hanging.heard) == 1
        assert await dead.waiting() == 2


async def test_an_answer_that_never_comes_ends_with_the_deadline(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "DEADLINE_S", 0.2)
    async with Receiver() as receiver:
        receiver.hangs = True
        await shop.listens_at(receiver.url)
        await shop.sells(1)
        first = await shop.attempts(1)
        assert (first.last, first.state) == ("no answer", "waiting")


async def test_an_error_is_tried_again_and_a_redirect_is_not_followed(shop: Shop) -> None:
    async with Receiver() as receiver, Receiver() as elsewhere:
        receiver.status = 503
        await shop.listens_at(receiver.url)
        await shop.sells(1, 2)
        assert (await shop.attempts(1)).last == "503"
        receiver.status, receiver.location = 307, elsewhere.url
        shop.passes(rules.DELAYS_MS[0])
        assert (await shop.attempts(2)).last == "307"
        receiver.status = 204
        shop.passes(rules.DELAYS_MS[1])
        await shop.has_told_all()
        assert [each.told["data"]["number"] for each in receiver.heard] == [1, 1, 1, 2]
        assert len({each.id for each in receiver.heard[:3]}) == 1
        assert elsewhere.heard == []


async def test_after_a_day_it_is_given_up_and_tried_again_by_hand(shop: Shop) -> None:
    receiver = Receiver()
    await shop.listens_at(receiver.url)
    await shop.sells(1, 2)
    for count, delay in enumerate(rules.DELAYS_MS, start=1):
        assert (await shop.attempts(count)).state == "waiting"
        shop.passes(delay)
    await shop.has_told_all()
    first, second = await shop.deliveries()
    assert (first.state, first.attempts) == ("given_up", 16)
    assert (second.state, second.attempts) == ("given_up", 1), "it waited for as long"
    await receiver.start()
    retried = await shop.hooks.retry(shop.owner, shop.id, first.id)
    assert (retried.state, retried.attempts) == ("waiting", 0)
    [heard] = await receiver.has(1)
    assert heard.id == first.id
    await shop.has_told_all()
    assert [each.state for each in await shop.deliveries()] == ["delivered", "given_up"]
    await receiver.stop()


async def test_the_owner_need_not_wait_for_the_next_attempt(shop: Shop) -> None:
    async with Receiver() as receiver:
        receiver.status = 500
        await shop.listens_at(receiver.url)
        await shop.sells(1, 2)
        first = await shop.attempts(1)
        receiver.status = 200
        last = (await shop.deliveries())[-1]
        await shop.hooks.retry(shop.owner, shop.id, last.id)
        await shop.has_told_all()
        assert [each.told["data"]["number"] for each in receiver.heard] == [1, 1, 2], "the order stays"
        delivered = await shop.hooks.retry(shop.owner, shop.id, first.id)
        assert (delivered.state, delivered.attempts) == ("delivered", 2), "nothing comes twice for this"


async def test_a_receiver_that_wants_one_no_more_gets_the_next(shop: Shop) -> None:
    async with Receiver() as receiver:
        receiver.status = 410
        await shop.listens_at(receiver.url)
        await shop.sells(1, 2)
        await shop.has_told_all()
        assert [each.state for each in await shop.deliveries()] == ["given_up"] * 2


async def test_another_address_gets_what_waits(any_shop: Shop) -> None:
    shop = any_shop
    await shop.listens_at(Receiver().url)
    await shop.sells(1)
    await shop.attempts(1)
    async with Receiver("/new") as receiver:
        await shop.listens_at(receiver.url)
        [heard] = await receiver.has(1)
        assert heard.url.endswith("/new")
    await shop.has_told_all()
    await shop.listens_at("")
    await shop.sells(2)
    assert len(await shop.deliveries()) == 1
    with pytest.raises(rules.NoWebhook):
        await shop.hooks.test(shop.owner, shop.id)
    with pytest.raises(rules.NoWebhook):
        await shop.hooks.retry(shop.owner, shop.id, heard.id)


async def test_without_an_address_what_waits_is_given_up(shop: Shop) -> None:
    await shop.listens_at(Receiver().url)
    await shop.sells(1)
    await shop.attempts(1)
    await shop.listens_at("")
    [only] = await shop.deliveries()
    assert (only.state, only.last) == ("given_up", "no webhook")


async def test_a_test_is_told_too(shop: Shop) -> None:
    async with Receiver() as receiver:
        await shop.listens_at(receiver.url)
        made = await shop.hooks.test(shop.owner, shop.id)
        assert (made.event, made.state, made.attempts) == ("test", "waiting", 0)
        [heard] = await receiver.has(1)
        assert (heard.id, heard.told["event"], heard.told["data"]) == (made.id, "test", {})


async def test_no_more_wait_than_may(any_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = any_shop
    monkeypatch.setattr(rules, "WAITING_MAX", 2)
    receiver = Receiver()
    await shop.listens_at(receiver.url)
    await shop.sells(1, 2, 3)
    assert [(each.state, each.last) for each in (await shop.deliveries())[2:]] == [("given_up", "too many wait")]
    with pytest.raises(rules.TooManyWaiting):
        await shop.hooks.test(shop.owner, shop.id)
    await shop.attempts(1)
    async with receiver:
        await shop.hooks.retry(shop.owner, shop.id, (await shop.deliveries())[0].id)
        await shop.has_told_all()
        await shop.hooks.retry(shop.owner, shop.id, (await shop.deliveries())[2].id)
        assert [each.told["data"]["number"] for each in await receiver.has(3)] == [1, 2, 3]


async def test_after_thirty_days_what_ended_is_dropped(any_shop: Shop) -> None:
    shop = any_shop
    async with Receiver() as receiver:
        await shop.listens_at(receiver.url)
        await shop.sells(1)
        await shop.has_told_all()
    await shop.sells(2)
    shop.passes(rules.KEPT_MS - clock.MINUTE_MS)
    assert await shop.hooks.sweep() == 0
    shop.passes(2 * clock.MINUTE_MS)
    await shop.has_told_all()
    assert await shop.hooks.sweep() == 2
    assert await shop.deliveries() == []


async def test_it_is_the_owners_own(shop: Shop) -> None:
    market = shop.market
    stranger, manager = await market.people("cleo", "mona")
    await market.house.execute(shop.owner, SetStaff(merchant=shop.id, person=manager.id, role="manager"))
    async with Receiver() as receiver:
        await shop.listens_at(receiver.url)
        made = await shop.hooks.test(shop.owner, shop.id)
        for other, code in ((stranger, "no_such_merchant"), (manager, "not_your_role")):
            signed = other.guest.signed
            for ask in (
                partial(shop.hooks.webhook, signed, shop.id),
                partial(shop.hooks.set, signed, shop.id, SetWebhook(url="")),
                partial(shop.hooks.test, signed, shop.id),
                partial(shop.hooks.deliveries, signed, shop.id),
                partial(shop.hooks.retry, signed, shop.id, made.id),
            ):
                with pytest.raises(Refusal) as refused:
                    await cast(Callable[[], Awaitable[Any]], ask)()
                assert refused.value.code == code
        other_shop = await opens(market, "other", "Other")
        await other_shop.listens_at(receiver.url)
        with pytest.raises(rules.NoSuchDelivery):
            await other_shop.hooks.retry(other_shop.owner, other_shop.id, made.id)


async def test_in_public_only_public_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_market(tmp_path) as market, Receiver() as receiver:
        shop = await opens(market)
        monkeypatch.setattr(shop.hooks._sender.caller, "_resolve", _finds("127.0.0.1"))
        for url in ("https://127.0.0.1/", "https://shop.example/", receiver.url, "http://shop.example/"):
            with pytest.raises(rules.WrongWebhookUrl):
                await shop.listens_at(url)
        monkeypatch.setattr(shop.hooks._sender.caller, "_resolve", _finds("93.184.215.14"))
        await shop.listens_at(f"https://shop.example:{receiver.port}/")
        # A moment later the name leads into the house's own network.
        monkeypatch.setattr(shop.hooks._sender.caller, "_resolve", _finds("127.0.0.1"))
        await shop.sells(1)
        assert (await shop.attempts(1)).last == "no answer"
        assert receiver.heard == []


def _finds(address: str) -> calling.Resolver:
    async def resolve(_host: str, _port: int) -> list[str]:
        return [address]

    return resolve
