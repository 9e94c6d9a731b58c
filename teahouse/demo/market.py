"""The sample people's market: two shops with a day's sales, coupons that travel, and billers, one of which is a server
in a process of its own."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import socket
from typing import Any, Final

from teahouse import clock
from teahouse.app import Built
from teahouse.bills.directory.model import AddBiller, BillerAdded, CustomerField
from teahouse.bills.saved.model import SaveBill
from teahouse.commands import Command, Signed
from teahouse.coupons.campaigns.model import CampaignMade, CreateCampaign, SetCampaignState, ShareCampaign, Worth
from teahouse.coupons.pack.model import ClaimCoupon, CouponClaimed, GiveCoupon
from teahouse.demo import cast
from teahouse.merchants.accounts.model import AddCounter, JudgeMerchant, MerchantOpened, OpenMerchant, Tariff
from teahouse.merchants.orders.model import OrderPaid, PayMerchant, RefundOrder
from teahouse.money import Money
from teahouse.wallet.guard.model import Approve

EUR: Final = "EUR"
CHECKOUT: Final = Path(__file__).parents[2]
BILLER: Final = CHECKOUT / "examples" / "biller"
"""In a checkout; a wheel does not carry it, and the sample house then has no electricity."""
METER: Final = "40000002"
"""The first customer's of the example."""
ANSWERS_S_MAX: Final = 20.0
WATER: Final = """ref,account,name,amount,due,period
W-2026-11,80001234,Alice Martin,31.40,{due},November
W-2026-11-B,80001242,Benjamin Okafor,27.90,{due},November
"""
SALES: Final = (
    ("ben", 4_20, "Two coffees"),
    ("linmei", 7_90, "司康饼和茶"),
    ("anna", 3_10, "Чай"),
    ("david", 12_50, ""),
)


class SampleMarket:
    """`people` by handle, `chats` by the key of their room; `pin` says yes to what they pay."""

    def __init__(
        self,
        built: Built,
        people: dict[str, Signed],
        chats: dict[str, str],
        do: Callable[[str, Command], Awaitable[Any]],
        pin: str,
    ) -> None:
        self._built = built
        self._people = people
        self._chats = chats
        self._do = do
        self._pin = pin
        self._keys = 0

    async def open(self) -> None:
        tea_room = await self._shop(cast.GUEST, "tearoom", "The Tea Room", "food", "Window", "Garden")
        books = await self._shop("carla", "reyes_books", "Reyes Books", "books", "Till")
        tariff = Tariff(share=120, fixed=5)
        await self._do(cast.GUEST, JudgeMerchant(merchant=tea_room, state="open", tariff=tariff))
        await self._do(cast.GUEST, JudgeMerchant(merchant=books, state="open", tariff=tariff))
        await self._coupons(tea_room, books)
        await self._sell(tea_room)
        await self._water()

    async def _shop(self, owner: str, handle: str, name: str, category: Any, *counters: str) -> str:
        opened: MerchantOpened = await self._do(
            owner, OpenMerchant(key=self._key(), handle=handle, name=name, category=category)
        )
        merchant = opened.shop.merchant.person.id
        for counter in counters:
            await self._do(owner, AddCounter(merchant=merchant, name=counter))
        return merchant

    async def _coupons(self, tea_room: str, books: str) -> None:
        """Two campaigns: one in the neighbours' chat for all, of the other one coupon that a friend gave the guest."""
        pot = Worth(offer="amount_off", currency=EUR, amount=2_50, min_spend=5_00)
        for_all = await self._campaign(cast.GUEST, tea_room, "A pot on the house", pot, "green", 200)
        fifth = Worth(offer="percent_off", currency=EUR, percent=20, amount=10_00)
        for_readers = await self._campaign("carla", books, "A fifth off every book", fifth, "purple", 50)
        await self._do(cast.GUEST, ShareCampaign(chat=self._chats["house"], campaign=for_all))
        await self._do("carla", ShareCampaign(chat=self._chats["books"], campaign=for_readers))
        for handle in ("ben", "noor", "olga"):
            await self._do(handle, ClaimCoupon(key=self._key(), campaign=for_all))
        claimed: CouponClaimed = await self._do("ben", ClaimCoupon(key=self._key(), campaign=for_readers))
        await self._do("ben", GiveCoupon(key=self._key(), coupon=claimed.coupon, chat=self._chats["direct:ben"]))

    async def _campaign(self, owner: str, merchant: str, title: str, worth: Worth, colour: Any, stock: int) -> str:
        now = clock.now_ms()
        made: CampaignMade = await self._do(
            owner,
            CreateCampaign(
                key=self._key(),
                merchant=merchant,
                title=title,
                worth=worth,
                stock=stock,
                valid_from=now - clock.DAY_MS,
                valid_to=now + 21 * clock.DAY_MS,
                colour=colour,
            ),
        )
        await self._do(owner, SetCampaignState(campaign=made.campaign.id, state="live"))
        return made.campaign.id

    async def _sell(self, merchant: str) -> None:
        """A few sales of today, and one that was given back in part."""
        shop = await self._built.merchants.accounts.shop(self._people[cast.GUEST], merchant)
        counter = shop.counters[0].url.rpartition("/")[2]
        paid: OrderPaid | None = None
        for payer, cents, note in SALES:
            asked = Approve(amount=Money(cents, EUR), pin=self._pin)
            approval = (await self._built.wallet.guard.approve(self._people[payer], asked)).approval
            paid = await self._do(
                payer,
                PayMerchant(key=self._key(), counter=counter, amount=Money(cents, EUR), approval=approval, note=note),
            )
        assert paid is not None
        refund = RefundOrder(order=paid.order.id, number="R-1", amount=2_50, reason="One scone was sold out")
        await self._do(cast.GUEST, refund)

    async def _water(self) -> None:
        """A biller without a server, whose bills came as a file; the guest's is due in a few days."""
        water = await self._biller(
            "waterworks",
            "Town Water Works",
            "water",
            CustomerField(name="account", label="Account", check="digits:8", example="80001234"),
            connector="file",
            accepts="partial",
        )
        due = datetime.now(UTC) + timedelta(days=5)
        file = WATER.format(due=due.date().isoformat()).encode()
        await self._built.bills.files.take(self._people[cast.GUEST], water, "november.csv", file)
        command = SaveBill(biller=water, customer={"account": "80001234"}, nickname="Water at home", remind_days=7)
        await self._do(cast.GUEST, command)

    async def _biller(self, handle: str, name: str, category: Any, field: CustomerField, **fields: Any) -> str:
        command = AddBiller(handle=handle, name=name, category=category, fields=(field,), currency=EUR, **fields)
        added: BillerAdded = await self._do(cast.GUEST, command)
        return added.biller.biller.person.id

    @asynccontextmanager
    async def electricity(self) -> AsyncIterator[None]:
        """Run the example biller until the end of the block, and let people pay it."""
        if not BILLER.is_dir():
            yield
            return
        port = _free_port()
        folder = self._built.house.settings.data / "example-biller"
        house_key = self._built.merchants.webhooks.house_key().public_key
        command = ["-m", "examples.biller", "--port", str(port), "--data", str(folder), "--house-key", house_key]
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, cwd=CHECKOUT, stdout=asyncio.subprocess.PIPE
        )
        try:
            assert process.stdout is not None
            lines = [await asyncio.wait_for(process.stdout.readline(), ANSWERS_S_MAX) for _ in range(2)]
            public_key, key_id = (line.decode().split()[-1] for line in lines)
            await self._biller(
                "townpower",
                "Town Power",
                "electricity",
                CustomerField(
                    name="meter",
                    label="Meter number",
                    check="stdnum:luhn",
                    example=METER,
                    help="Eight digits, on the meter and on every paper bill",
                ),
                connector="http",
                accepts="partial",
                url=f"http://127.0.0.1:{port}",
                public_key=public_key,
                key_id=key_id,
            )
            yield
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()

    def _key(self) -> str:
        self._keys += 1
        return f"sample-market-{self._keys:04}"


def _free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
