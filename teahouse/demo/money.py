"""The sample people's money: who filled whose wallet, what they paid each other, and what waits for the guest."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple

from teahouse import clock
from teahouse.app import Built
from teahouse.commands import Command, Signed
from teahouse.demo import cast
from teahouse.money import Money
from teahouse.wallet.cash.model import TopUpCash
from teahouse.wallet.guard.model import Approve, SetPin, WalletSettings
from teahouse.wallet.packets.model import OpenPacket, PacketSent, SendPacket
from teahouse.wallet.payments.model import AcceptTransfer, Pay, SendTransfer, TransferSent

PIN: Final = "258025"
EUR: Final = "EUR"
CASHIERS: Final = (cast.GUEST, "carla")
FUNDS: Final = 150_00
REAL_NAMES: Final = {
    "alice": "Alice Martin",
    "ben": "Benjamin Okafor",
    "carla": "Carla Reyes Molina",
    "linmei": "林梅",
    "wangwei": "王伟",
    "anna": "Анна Соколова",
    "pavel": "Павел Ким",
}


class Paid(NamedTuple):
    days_ago: float
    payer: str
    payee: str
    cents: int
    note: str


PAST: Final = (
    Paid(8.6, "alice", "linmei", 24_00, "明前龙井,一罐"),
    Paid(8.1, "ben", "alice", 6_50, "Chair hire"),
    Paid(7.4, "alice", "anna", 11_90, "Бинты и пластырь"),
    Paid(6.8, "david", "alice", 9_00, "Trail map, printing"),
    Paid(6.2, "alice", "pavel", 14_50, "Кукса на двоих"),
    Paid(5.5, "wangwei", "alice", 8_00, "渡船票"),
    Paid(4.7, "alice", "ben", 17_25, "Bicycle bell and brake pads"),
    Paid(3.9, "carla", "alice", 5_40, "Half of the coffee"),
    Paid(2.8, "alice", "carla", 12_00, "Two paperbacks"),
    Paid(1.6, "linmei", "alice", 3_20, "老街的包子"),
    Paid(0.9, "alice", "zhangjun", 20_00, "Kettle handle, again"),
)


class SampleMoney:
    """`people` by handle, `chats` by the key of their room."""

    def __init__(
        self,
        built: Built,
        people: dict[str, Signed],
        chats: dict[str, str],
        do: Callable[[str, Command], Awaitable[Any]],
    ) -> None:
        self._wallet = built.wallet
        self._people = people
        self._chats = chats
        self._do = do
        self._keys = 0
        self.last_seq: dict[str, int] = {}
        """Of the rooms in which money was shown."""

    async def fill_wallets(self) -> None:
        """Everybody gets a PIN, a few a real name, and all of them money at the cash desk."""
        operator = self._people[cast.GUEST]
        for handle in CASHIERS:
            await self._wallet.guard.make_cashier(operator, self._people[handle].person)
        settle = (
            self._wallet.guard.set_pin(signed, SetPin(pin=PIN, password=cast.PASSWORD))
            for signed in self._people.values()
        )
        await asyncio.gather(*settle)
        for handle, name in REAL_NAMES.items():
            await self._do(handle, WalletSettings(real_name=name))
        for handle, signed in self._people.items():
            cashier = CASHIERS[handle == CASHIERS[0]]
            command = TopUpCash(key=self._key(), person=signed.person, amount=Money(FUNDS, EUR))
            await self._do(cashier, command)

    async def pay(self, paid: Paid) -> None:
        """One payment at once between contacts."""
        approval = await self._approve(paid.payer, paid.cents)
        to = self._people[paid.payee].person
        money = Money(paid.cents, EUR)
        await self._do(paid.payer, Pay(key=self._key(), to=to, amount=money, note=paid.note, approval=approval))

    async def show(self) -> None:
        """Money in the chats: one transfer that was accepted, one that waits for the guest, two red packets."""
        sent = await self._send("direct:linmei", "alice", "linmei", 38_00, "One tin, please 🍵")
        await self._do("linmei", AcceptTransfer(payment=sent))
        await self._send("direct:ben", "ben", "alice", 12_50, "Flour, yeast and the good butter")
        tea = await self._packet("dacha", "dmitri", 15_00, 4, "На наживку и чай 🎣")
        for handle in ("pavel", "olga", "anna", "alice"):
            await self._do(handle, OpenPacket(packet=tea))
        luck = await self._packet("house", "pavel", 20_00, 8, "恭喜发财 · Good luck to all")
        for handle in ("ben", "xiaoyu", "noor", "olga"):
            await self._do(handle, OpenPacket(packet=luck))

    async def _send(self, room: str, payer: str, payee: str, cents: int, note: str) -> str:
        command = SendTransfer(
            key=self._key(),
            chat=self._chats[room],
            to=self._people[payee].person,
            amount=Money(cents, EUR),
            note=note,
            approval=await self._approve(payer, cents),
        )
        sent: TransferSent = await self._do(payer, command)
        self.last_seq[room] = sent.seq
        return sent.payment

    async def _packet(self, room: str, payer: str, cents: int, count: int, greeting: str) -> str:
        command = SendPacket(
            key=self._key(),
            chat=self._chats[room],
            amount=Money(cents, EUR),
            count=count,
            greeting=greeting,
            approval=await self._approve(payer, cents),
        )
        sent: PacketSent = await self._do(payer, command)
        self.last_seq[room] = sent.seq
        return sent.packet

    async def _approve(self, payer: str, cents: int) -> str:
        asked = Approve(amount=Money(cents, EUR), pin=PIN)
        return (await self._wallet.guard.approve(self._people[payer], asked)).approval

    def _key(self) -> str:
        self._keys += 1
        return f"sample-money-{self._keys:04}"


def moment(paid: Paid, now: int) -> int:
    """When it was, in Unix ms."""
    return now - int(paid.days_ago * clock.DAY_MS)
