"""What the writer keeps in memory of the red packets in use: what is left, and who has opened them. Only the writer's
thread touches it; it is loaded when first needed and dropped when a command that changed it is rolled back."""

from collections import OrderedDict
from typing import Any

from teahouse.chat.content import RedPacket
from teahouse.storage.transaction import Tx
from teahouse.wallet.packets import rules, store

PACKETS_MAX = 2000


class PacketState:
    __slots__ = (
        "at",
        "campaign",
        "chat",
        "count",
        "coupon",
        "coupons",
        "currency",
        "expires_at",
        "greeting",
        "group",
        "id",
        "opened",
        "sender",
        "seq",
        "shares",
        "split",
        "state",
        "to",
    )

    def __init__(self, row: Any, opened: dict[str, int], coupons: dict[str, str]) -> None:
        self.id: str = row.id
        self.sender: str = row.sender
        self.chat: str = row.chat
        self.seq: int = row.seq
        self.to: str = row.recipient
        self.currency: str = row.currency
        self.count: int = row.parts
        self.split: rules.Split = row.split
        self.greeting: str = row.greeting
        self.state: str = row.state
        self.at: int = row.at
        self.expires_at: int = row.expires_at
        self.shares = store.read_shares(row.shares)
        """In the order in which they are handed out."""
        self.opened = opened
        """Each opener's share, in the order of opening."""
        self.campaign: str = row.campaign
        """Whose coupons come with its shares; empty: none do."""
        self.coupon: str = row.coupon
        """The title of these."""
        self.coupons = coupons
        """The coupon of each opener who got one."""
        self.group: Tx | None = None
        """The group that changed it last (its rollback drops it)."""

    @property
    def left(self) -> int:
        """What nobody has taken, in minor units."""
        return sum(self.shares[len(self.opened) :])

    def card(self) -> RedPacket:
        """Return what its message shows."""
        return RedPacket(
            packet=self.id,
            count=self.count,
            split=self.split,
            greeting=self.greeting,
            opened=len(self.opened),
            state=self.state,  # type: ignore[arg-type]
            to=self.to,
            coupon=self.coupon,
        )


class OpenPackets:
    """The packets in use, the least recently used dropped first."""

    def __init__(self) -> None:
        self._packets: OrderedDict[str, PacketState] = OrderedDict()

    def get(self, tx: Tx, packet: str) -> PacketState:
        """Raises `NoSuchPacket`. Say `changing` before you change what you got."""
        state = self._packets.get(packet)
        if state is not None:
            self._packets.move_to_end(packet)
            return state
        tx.flush()
        row = store.packet(tx.connection, packet)
        if row is None:
            raise rules.NoSuchPacket()
        shares = store.shares_of(tx.connection, packet)
        opened = {each.person: each.amount for each in shares}
        coupons = {each.person: each.coupon for each in shares if each.coupon}
        state = self._packets[packet] = PacketState(row, opened, coupons)
        if len(self._packets) > PACKETS_MAX:
            self._packets.popitem(last=False)
        return state

    def changing(self, tx: Tx, state: PacketState) -> None:
        """Say that this command is about to change the packet; in a hot group once a group is enough."""
        if state.group is not tx or tx.alone:
            state.group = tx
            tx.undo(lambda: self.drop(state.id))

    def drop(self, packet: str) -> None:
        self._packets.pop(packet, None)
