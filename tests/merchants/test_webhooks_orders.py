"""What a shop sells reaches its program: the orders as its staff sees them, in the order of what happened."""

from pathlib import Path

import msgspec

from teahouse.merchants.orders.model import CloseOrder, Order
from teahouse.merchants.webhooks.model import SetWebhook
from tests.merchants.house import open_market
from tests.merchants.selling import open_shop, pays, pays_at
from tests.merchants.webhook_receiver import Receiver


async def test_sales_and_refunds_are_told(tmp_path: Path) -> None:
    async with open_market(tmp_path, webhooks_private=True) as market, Receiver() as receiver:
        shop = await open_shop(market)
        await shop.tariff(share=100)
        hooks = market.merchants.webhooks
        await hooks.set(shop.owner.guest.signed, shop.id, SetWebhook(url=receiver.url))
        ann = await market.person("ann", 10_000)
        order = await shop.creates("A-1", 2_000, attach="table 4")
        await pays(ann, order)
        await shop.refunds(order, "A-1-back", 500)
        await shop.owner.does(CloseOrder(order=(await shop.creates("A-2", 100)).id))
        await pays_at(ann, shop, 300)

        heard = await receiver.has(4)
        assert [each.told["event"] for each in heard] == [
            "order.paid",
            "order.refunded",
            "order.closed",
            "order.paid",
        ]
        told = [msgspec.convert(each.told["data"], Order) for each in heard]
        assert (told[0].id, told[0].number, told[0].attach, told[0].paid) == (order.id, "A-1", "table 4", 2_000)
        assert told[0].fee > 0, "as its staff sees it"
        assert (told[1].refunded, told[1].refunds[0].number) == (500, "A-1-back")
        assert (told[2].number, told[2].state) == ("A-2", "closed")
        assert (told[3].amount, told[3].payer.handle if told[3].payer else "") == (300, "ann")
        key = hooks.house_key()
        for each in heard:
            receiver.believes(each, key.public_key, key.key_id)
