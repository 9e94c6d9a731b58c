"""Red packets: sent into a chat, opened by many at once, and what is left goes back after a day.

The whole sum lies in an escrow account from the sending on. Its shares are drawn then, and handed out in order.
"""

from collections.abc import Sequence
from random import SystemRandom
from typing import Protocol

import sqlalchemy as sa

from teahouse import ids
from teahouse.chat.cards import may_read
from teahouse.chat.content import RedPacket
from teahouse.commands import Actor, Signed
from teahouse.money import Money
from teahouse.storage.transaction import Tx
from teahouse.wallet.ledger.books import AccountState
from teahouse.wallet.ledger.model import New, Purpose
from teahouse.wallet.notes import clean
from teahouse.wallet.once import once
from teahouse.wallet.packets import rules, store
from teahouse.wallet.packets.model import OpenPacket, Packet, PacketOpened, PacketSent, PacketShare, SendPacket
from teahouse.wallet.packets.state import OpenPackets, PacketState
from teahouse.wallet.purse import Described, Purse, balance_of

ESCROW = "packets"
"""The owner of the escrow accounts, one a currency."""


class Gifts(Protocol):
    """What else may come with a share."""

    def may_come_along(self, tx: Tx, actor: Actor, campaign: str) -> str:
        """Return the title of a campaign whose coupons somebody may put into a packet. Raises the `Refusal` of why
        not."""

    def come_along(self, tx: Tx, person: str, campaign: str) -> str:
        """Return the coupon that an opener gets, empty for none. It refuses nothing: the money is theirs anyway."""


class NewShares:
    """The group's opened shares, until they are written together."""

    def __init__(self) -> None:
        self.rows: list[tuple[object, ...]] = []
        self.emptied: list[str] = []

    def flush(self, tx: Tx) -> None:
        if not self.rows:
            return
        rows, emptied = self.rows, self.emptied
        self.forget()
        store.append_shares(tx.connection, rows)
        if emptied:
            store.end(tx.connection, emptied, "empty")

    def forget(self) -> None:
        self.rows = []
        self.emptied = []


class Packets:
    def __init__(self, purse: Purse) -> None:
        self._purse = purse
        self._open = OpenPackets()
        self._random = SystemRandom()
        self.gifts: Gifts
        """Hung in by the room of coupons."""

    def register(self) -> None:
        house, purse = self._purse.house, self._purse
        house.handle(SendPacket, self.send)
        house.handle(OpenPacket, self.open, hot=True)
        purse.sweeps.append(self.return_due)
        for purpose in (Purpose.PACKET, Purpose.PACKET_SHARE, Purpose.PACKET_RETURN):
            purse.describe[purpose] = describe

    # --- sending ---

    def send(self, tx: Tx, actor: Actor, command: SendPacket) -> PacketSent:
        return once(tx, actor, command, PacketSent, lambda: self._send(tx, actor, command))

    def _send(self, tx: Tx, actor: Actor, command: SendPacket) -> PacketSent:
        purse, sender, money = self._purse, actor.person, command.amount
        chat = purse.cards.may_send(tx, sender, command.chat)
        to = rules.may_send(chat.kind, chat.members, sender, command.to or "", money.amount, command.count)
        account = purse.account(tx, sender, money.currency)
        campaign = command.campaign or ""
        coupon = self.gifts.may_come_along(tx, actor, campaign) if campaign else ""
        purse.guard.spend(tx, actor, money, command.approval)
        packet, greeting = ids.new_id(), clean(command.greeting)
        new = New(
            f"{packet}/send",
            account.number,
            self._escrow(tx, money.currency).number,
            money.amount,
            purpose=Purpose.PACKET,
            subject=packet,
        )
        purse.ledger.post(tx, new)
        card = RedPacket(
            packet=packet, count=command.count, split=command.split, greeting=greeting, to=to, coupon=coupon
        )
        seq = purse.cards.post(tx, sender, chat.id, card)
        shares = rules.split(money.amount, command.count, command.split, self._random)
        tx.connection.execute(
            sa.insert(store.packets).values(
                id=packet,
                sender=sender,
                chat=chat.id,
                seq=seq,
                recipient=to,
                amount=money.amount,
                currency=money.currency,
                parts=command.count,
                split=command.split,
                greeting=greeting,
                shares=store.write_shares(shares),
                state="open",
                returned=0,
                at=tx.now,
                expires_at=tx.now + rules.OPEN_FOR_MS,
                campaign=campaign,
                coupon=coupon,
            )
        )
        purse.tell(tx, account)
        return PacketSent(packet=packet, chat=chat.id, seq=seq, available=balance_of(account).available)

    # --- opening ---

    def open(self, tx: Tx, actor: Actor, command: OpenPacket) -> PacketOpened:
        """Hot: a group opens a packet within the same instant. It decides in memory, and the card is told once."""
        packet, person = self._open.get(tx, command.packet), actor.person
        mine = packet.opened.get(person)
        if mine is None:
            mine = self._take(tx, packet, person)
        return PacketOpened(
            amount=mine,
            currency=packet.currency,
            opened=len(packet.opened),
            count=packet.count,
            coupon=packet.coupons.get(person, ""),
        )

    def _take(self, tx: Tx, packet: PacketState, person: str) -> int:
        """Give a person the next share."""
        purse = self._purse
        purse.cards.may_open(tx, person, packet.chat, packet.seq)
        place = len(packet.opened)
        is_over = packet.state == "returned" or packet.expires_at <= tx.now
        rules.may_open(person, packet.to, place, packet.count, is_over)
        amount = packet.shares[place]
        purse.guard.has_room(tx, person, Money(amount, packet.currency))
        account = purse.account(tx, person, packet.currency)
        new = New(
            f"{packet.id}/open/{person}",
            self._escrow(tx, packet.currency).number,
            account.number,
            amount,
            purpose=Purpose.PACKET_SHARE,
            subject=packet.id,
        )
        purse.ledger.post(tx, new)
        self._open.changing(tx, packet)
        packet.opened[person] = amount
        coupon = self.gifts.come_along(tx, person, packet.campaign) if packet.campaign else ""
        if coupon:
            packet.coupons[person] = coupon
        gathered: NewShares = tx.gathered(NewShares)
        gathered.rows.append((packet.id, place, person, amount, tx.now, coupon))
        if place + 1 == packet.count:
            packet.state = "empty"
            gathered.emptied.append(packet.id)
        purse.cards.revise(tx, packet.chat, packet.seq, packet.card())
        purse.cards.opened(tx, person, packet.chat, packet.seq)
        purse.tell(tx, account)
        return amount

    # --- going back ---

    def return_due(self, tx: Tx, limit: int) -> int:
        """Give their senders back what nobody took within the day. Returns how many packets that were."""
        tx.flush()
        due = store.due(tx.connection, tx.now, limit)
        for packet in due:
            self._return(tx, self._open.get(tx, packet))
        return len(due)

    def _return(self, tx: Tx, packet: PacketState) -> None:
        purse, left = self._purse, packet.left
        account = purse.account(tx, packet.sender, packet.currency)
        new = New(
            f"{packet.id}/return",
            self._escrow(tx, packet.currency).number,
            account.number,
            left,
            purpose=Purpose.PACKET_RETURN,
            subject=packet.id,
        )
        purse.ledger.post(tx, new)
        self._open.changing(tx, packet)
        packet.state = "returned"
        store.end(tx.connection, (packet.id,), "returned", left)
        purse.guard.unspend(tx, packet.sender, Money(left, packet.currency), packet.at)
        purse.cards.revise(tx, packet.chat, packet.seq, packet.card())
        purse.tell(tx, account)

    # --- reading ---

    async def packet(self, signed: Signed, packet: str) -> Packet:
        """Return a packet with who opened it. Raises `NotFound` for who may not read its message."""
        return await self._purse.house.store.read(self._read, signed.person, packet)

    def _read(self, connection: sa.Connection, person: str, packet: str) -> Packet:
        row = store.packet(connection, packet)
        if row is None:
            raise rules.NoSuchPacket()
        may_read(connection, person, row.chat, row.seq)
        opened = store.shares_of(connection, packet)
        people = self._purse.people.people_by_id(connection, {row.sender, *(each.person for each in opened)})
        is_decided = row.split == "lucky" and row.state == "empty" and row.parts > 1
        return Packet(
            id=row.id,
            sender=people[row.sender],
            chat=row.chat,
            seq=row.seq,
            at=row.at,
            amount=row.amount,
            currency=row.currency,
            count=row.parts,
            split=row.split,
            state=row.state,
            greeting=row.greeting,
            expires_at=row.expires_at,
            shares=tuple(PacketShare(people[each.person], each.amount, each.at) for each in opened),
            mine=next((each.amount for each in opened if each.person == person), 0),
            best=opened[rules.best_of([each.amount for each in opened])].person if is_decided else "",
            to=row.recipient,
            returned=row.returned,
        )

    def _escrow(self, tx: Tx, currency: str) -> AccountState:
        return self._purse.house_account(tx, "escrow", currency, owner=ESCROW)


def describe(connection: sa.Connection, person: str, subjects: Sequence[str]) -> dict[str, Described]:
    """Return what a history shows of packets: for their senders whom they were for, for the others whose they were."""
    return {
        row.id: Described(
            note=row.greeting, other=row.sender if row.sender != person else row.recipient, chat=row.chat, seq=row.seq
        )
        for row in store.packets_of(connection, subjects)
    }
