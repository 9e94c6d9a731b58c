"""Red packets: dropped into a chat, opened once each, told to everybody, and what is left goes back after a day."""

import asyncio
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from teahouse import clock
from teahouse.chat.model import ChatLinkMade, JoinChat, LeaveChat, MakeChatLink
from teahouse.errors import NotFound, Refusal
from teahouse.money import Money
from teahouse.storage.store import settle
from teahouse.storage.transaction import Tx
from teahouse.wallet.guard.model import ChangeLimits, SpendingLimits
from teahouse.wallet.guard.rules import WalletFull
from teahouse.wallet.ledger.model import Purpose
from teahouse.wallet.ledger.rules import InsufficientFunds, KeyReused
from teahouse.wallet.packets import rules, store
from teahouse.wallet.packets.model import OpenPacket, Packet, PacketOpened, PacketSent, SendPacket
from teahouse.wallet.packets.packets import describe
from teahouse.wallet.purse import NoSuchCurrency
from tests.wallet.house import EUR, Payer, WalletHouse, eur, new_key, open_wallet_house, reopen_wallet_house


async def drops(payer: Payer, chat: str, amount: int, count: int = 1, **fields: Any) -> PacketSent:
    """Send a red packet."""
    fields = {"key": new_key(), "approval": await payer.approves(amount), **fields}
    sent: PacketSent = await payer.does(SendPacket(chat=chat, amount=eur(amount), count=count, **fields))
    return sent


async def opens(payer: Payer, packet: str) -> int:
    """Open a red packet; return the share."""
    opened: PacketOpened = await payer.does(OpenPacket(packet=packet))
    return opened.amount


async def open_at_once(people: Sequence[Payer], packet: str) -> list[int | Refusal]:
    """All open a packet within one instant; return each one's share or refusal."""
    house, loop = people[0].purse.house, asyncio.get_running_loop()
    answers = [loop.create_future() for _ in people]
    command = OpenPacket(packet=packet)
    house.submit(
        [house.job(each.guest.signed, command, settle(answer)) for each, answer in zip(people, answers, strict=True)]
    )
    outcomes = await asyncio.gather(*answers, return_exceptions=True)
    return [each.amount if isinstance(each, PacketOpened) else each for each in outcomes]


async def sees(payer: Payer, packet: str) -> Packet:
    return await payer.purse.wallet.packets.packet(payer.guest.signed, packet)


async def card(payer: Payer, chat: str, seq: int) -> dict[str, Any]:
    """The card as this person reads it: what it says of the packet, and whether they opened it."""
    page = await payer.purse.tea.chat.messages(payer.id, chat)
    (content,) = [message.content for message in page.messages if message.seq == seq]
    return {"opened": content.opened, "state": content.state, "mine": seq in page.played}


async def link_of(payer: Payer, group: str) -> str:
    made: ChatLinkMade = await payer.does(MakeChatLink(chat=group, uses=1000))
    return made.link.url.rpartition("/")[2]


async def spent(payer: Payer) -> int:
    """What counts to the day's sum."""
    guard = payer.purse.wallet.guard
    return sum(each.amount for each in await payer.purse.house.store.read(guard.spent_today, payer.id))


def limits_of_levels(currency: str, balance_max: int) -> tuple[SpendingLimits, ...]:
    return tuple(SpendingLimits(level, currency, balance_max, balance_max, balance_max) for level in range(3))


async def escrow(purse: WalletHouse) -> int:
    return await purse.account_sum("escrow", owner="packets")


async def test_a_packet_for_a_group_is_opened_once_each_until_it_is_empty(purse: WalletHouse) -> None:
    ann, bob, cat = await purse.friends("ann", "bob", "cat")
    group = await ann.opens("group", bob, cat)
    sent = await drops(ann, group, 1000, 3, greeting=" Happy\x00New Year ")
    assert (sent.chat, sent.available) == (group, 9000)
    assert await escrow(purse) == 1000
    assert await card(bob, group, sent.seq) == {"opened": 0, "state": "open", "mine": False}

    shares = {each.id: await opens(each, sent.packet) for each in (bob, ann)}
    assert await card(bob, group, sent.seq) == {"opened": 2, "state": "open", "mine": True}
    assert await card(cat, group, sent.seq) == {"opened": 2, "state": "open", "mine": False}
    assert (await sees(cat, sent.packet)).best == ""

    shares[cat.id] = await opens(cat, sent.packet)
    assert sum(shares.values()) == 1000
    assert await bob.has() == 10_000 + shares[bob.id]
    assert await ann.has() == 9000 + shares[ann.id]
    assert await escrow(purse) == 0
    assert (await card(ann, group, sent.seq))["state"] == "empty"

    packet = await sees(bob, sent.packet)
    assert [(each.person.id, each.amount) for each in packet.shares] == list(shares.items())
    assert (packet.sender.id, packet.greeting, packet.state) == (ann.id, "Happy New Year", "empty")
    assert packet.mine == shares[bob.id]
    assert packet.best == max(shares, key=lambda person: shares[person])


async def test_opening_again_gives_the_same_share_and_moves_nothing(purse: WalletHouse) -> None:
    ann, bob, cat = await purse.friends("ann", "bob", "cat")
    group = await ann.opens("group", bob, cat)
    sent = await drops(ann, group, 1000, 2)
    first: PacketOpened = await bob.does(OpenPacket(packet=sent.packet))
    has = await bob.has()
    again = await asyncio.gather(*(opens(bob, sent.packet) for _ in range(20)))
    assert set(again) == {first.amount}
    assert await bob.has() == has
    assert (await sees(ann, sent.packet)).mine == 0
    assert [each.person.id for each in (await sees(ann, sent.packet)).shares] == [bob.id]
    await opens(cat, sent.packet)
    with pytest.raises(rules.PacketEmpty):
        await opens(ann, sent.packet)
    assert await opens(bob, sent.packet) == first.amount


async def test_an_equal_packet_is_split_to_the_cent_and_has_no_best_luck(purse: WalletHouse) -> None:
    ann, bob, cat = await purse.friends("ann", "bob", "cat")
    group = await ann.opens("group", bob, cat)
    sent = await drops(ann, group, 1000, 3, split="equal")
    shares = [await opens(each, sent.packet) for each in (ann, bob, cat)]
    assert sorted(shares) == [333, 333, 334]
    assert (await sees(ann, sent.packet)).best == ""


async def test_in_a_direct_chat_it_is_for_the_other(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob")
    chat = await ann.meets(bob)
    sent = await drops(ann, chat, 888)
    with pytest.raises(rules.NotForYou):
        await opens(ann, sent.packet)
    assert await opens(bob, sent.packet) == 888
    assert (await card(ann, chat, sent.seq))["state"] == "empty"
    with pytest.raises(rules.BadCount):
        await drops(ann, chat, 100, 2)


async def test_a_packet_for_one_member_waits_for_them_alone(purse: WalletHouse) -> None:
    ann, bob, cat = await purse.friends("ann", "bob", "cat")
    group = await ann.opens("group", bob, cat)
    sent = await drops(ann, group, 500, to=cat.id)
    for other in (ann, bob):
        with pytest.raises(rules.NotForYou):
            await opens(other, sent.packet)
    assert await opens(cat, sent.packet) == 500
    assert (await sees(bob, sent.packet)).to == cat.id


async def test_who_joined_later_who_left_and_strangers_open_nothing(purse: WalletHouse) -> None:
    ann, bob, cat, eve = await purse.friends("ann", "bob", "cat", "eve")
    group = await ann.opens("group", bob, cat)
    sent = await drops(ann, group, 1000, 3)
    link = await link_of(ann, group)
    with pytest.raises(NotFound):
        await opens(eve, sent.packet)
    await eve.does(JoinChat(link=link))
    with pytest.raises(NotFound):
        await opens(eve, sent.packet)
    with pytest.raises(NotFound):
        await sees(eve, sent.packet)
    share = await opens(bob, sent.packet)
    for each in (bob, cat):
        await each.does(LeaveChat(chat=group))
    with pytest.raises(NotFound):
        await opens(cat, sent.packet)
    assert await opens(bob, sent.packet) == share, "what one has opened stays opened"
    assert (await sees(cat, sent.packet)).mine == 0
    assert await purse.sums(eve.id) == (10_000, 10_000)
    with pytest.raises(rules.NoSuchPacket):
        await opens(ann, "0" * 16)


async def test_a_refused_packet_leaves_nothing_behind(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob", funds=100)
    group = await ann.opens("group")
    direct = await ann.meets(bob)
    channel = await ann.opens("channel")
    approval = await ann.approves(10_000, uses=100)

    async def refused(error: type[Refusal], chat: str, money: Any, count: int, approval: str = approval) -> None:
        before = len(await ann.page(chat))
        with pytest.raises(error):
            await ann.does(SendPacket(key=new_key(), chat=chat, amount=money, count=count, approval=approval))
        assert len(await ann.page(chat)) == before

    await refused(rules.ShareTooSmall, group, eur(4), 5)
    await refused(rules.NotInChannels, channel, eur(4), 1)
    await refused(rules.BadCount, direct, eur(4), 2)
    await refused(InsufficientFunds, group, eur(101), 5)
    await refused(NoSuchCurrency, group, Money(4, "XTS"), 1)
    await refused(Refusal, group, eur(4), 1, "no such approval")
    assert (await ann.has(), await escrow(purse)) == (100, 0)
    assert await purse.rows(sa.select(store.packets)) == []
    assert (await drops(ann, group, 100, 100)).available == 0


async def test_a_repeated_send_is_one_packet_and_another_body_is_refused(purse: WalletHouse) -> None:
    ann, bob = await purse.friends("ann", "bob")
    group = await ann.opens("group", bob)
    key = new_key()
    sent = await drops(ann, group, 300, 2, key=key)
    assert await drops(ann, group, 300, 2, key=key) == sent
    for other in ({"amount": 301}, {"amount": 300, "count": 1}, {"amount": 300, "greeting": "Hm"}):
        with pytest.raises(KeyReused):
            await drops(ann, group, **{"count": 2, "key": key, **other})
    assert await ann.has() == 9700
    assert len(await purse.rows(sa.select(store.packets))) == 1


@pytest.mark.parametrize("count", [200, 150])
async def test_two_hundred_open_one_packet_within_the_same_instant(purse: WalletHouse, count: int) -> None:
    ann = await purse.person("ann", 10_000)
    group = await ann.opens("group")
    link = await link_of(ann, group)
    crowd = [await purse.person(f"guest{n}", pin=False) for n in range(199)]
    for guest in crowd:
        await guest.does(JoinChat(link=link))
    everybody = [*crowd, ann]
    sent = await drops(ann, group, 9_999, count)

    cursor = (await ann.syncs(""))[1]
    answers = await open_at_once(everybody, sent.packet)

    shares = {each.id: answer for each, answer in zip(everybody, answers, strict=True) if isinstance(answer, int)}
    assert (len(shares), sum(shares.values())) == (count, 9_999)
    assert all(isinstance(answer, int | rules.PacketEmpty) for answer in answers)
    assert await escrow(purse) == 0
    for guest in crowd:
        assert await guest.balance() == shares.get(guest.id, 0)
    assert await ann.balance() == 1 + shares.get(ann.id, 0)
    packet = await sees(ann, sent.packet)
    assert {each.person.id: each.amount for each in packet.shares} == shares
    assert len(packet.shares) == count
    assert packet.best in {person for person, share in shares.items() if share == max(shares.values())}
    assert await card(crowd[0], group, sent.seq) == {"opened": count, "state": "empty", "mine": crowd[0].id in shares}

    # All were told once that it is empty, not two hundred times how far it is.
    missed = (await ann.syncs(cursor))[0]
    for told in (ann.told(), crowd[0].told(), missed):
        changed = [each["message"]["content"] for each in told if each["type"] == "message.changed"]
        assert [(each["opened"], each["state"]) for each in changed] == [(count, "empty")]


async def test_opening_is_told_to_the_openers_devices_and_kept_for_those_away(purse: WalletHouse) -> None:
    ann, bob = await purse.friends("ann", "bob")
    group = await ann.opens("group", bob)
    sent = await drops(ann, group, 300, 2, split="equal")
    cursors = {each.id: (await each.syncs(""))[1] for each in (ann, bob)}
    await opens(bob, sent.packet)
    (changed,) = bob.told("wallet.changed")[-1:]
    assert changed["balance"] == {"currency": EUR, "balance": 10_150, "available": 10_150}
    assert [told["type"] for told in (await ann.syncs(cursors[ann.id]))[0]] == ["message.changed"]
    missed = (await bob.syncs(cursors[bob.id]))[0]
    assert {told["type"] for told in missed} == {"message.changed", "message.played"}
    assert [told["seq"] for told in missed if told["type"] == "message.played"] == [sent.seq]


async def test_what_nobody_took_goes_back_after_a_day(purse: WalletHouse) -> None:
    ann, bob, cat = await purse.friends("ann", "bob", "cat")
    group = await ann.opens("group", bob, cat)
    sent = await drops(ann, group, 1000, 3)
    share = await opens(bob, sent.packet)
    purse.passes(clock.DAY_MS - clock.MINUTE_MS)
    await purse.wallet.due.sweep()
    share += await opens(ann, sent.packet)
    purse.passes(clock.MINUTE_MS)
    with pytest.raises(rules.PacketOver):
        await opens(cat, sent.packet)
    for _ in range(2):
        await purse.wallet.due.sweep()
    with pytest.raises(rules.PacketOver):
        await opens(cat, sent.packet)
    assert await ann.has() + await bob.has() == 20_000
    assert await escrow(purse) == 0
    packet = await sees(cat, sent.packet)
    assert (packet.state, packet.returned, packet.best) == ("returned", 1000 - share, "")
    assert await card(cat, group, sent.seq) == {"opened": 2, "state": "returned", "mine": False}


async def test_what_came_back_on_the_same_day_may_be_spent_again(purse: WalletHouse) -> None:
    ann, bob = await purse.friends("ann", "bob")
    group = await ann.opens("group", bob)
    sent = await drops(ann, group, 1000, 2, split="equal")
    await opens(bob, sent.packet)
    assert await spent(ann) == 1000

    def end_now(tx: Tx) -> None:
        tx.connection.execute(sa.update(store.packets).values(expires_at=tx.now))

    await purse.house.store.write(end_now)
    await purse.wallet.due.sweep()
    assert await spent(ann) == 500


async def test_a_full_wallet_opens_nothing_and_takes_no_share_from_others(purse: WalletHouse) -> None:
    ann, bob = await purse.friends("ann", "bob")
    group = await ann.opens("group", bob)
    limits = limits_of_levels(EUR, balance_max=10_100)
    await purse.wallet.guard.change_limits(purse.operator, ChangeLimits(limits=limits))
    sent = await drops(ann, group, 300, 2, split="equal")
    with pytest.raises(WalletFull):
        await opens(bob, sent.packet)
    assert await opens(ann, sent.packet) == 150
    assert (await card(bob, group, sent.seq)) == {"opened": 1, "state": "open", "mine": False}


async def test_openers_who_race_the_end_get_a_share_or_the_sender_does(purse: WalletHouse) -> None:
    people = await purse.friends("ann", "bob", "cat", "dan", "eve")
    ann, *others = people
    group = await ann.opens("group", *others)
    writer, over = purse.house.store.writer, 0
    for _ in range(4):
        sent = await drops(ann, group, 1000, 5)
        start, hours = writer.clock(), itertools.count(22)
        # Every group of commands is an hour later than the one before.
        writer.clock = lambda start=start, hours=hours: start + next(hours) * clock.HOUR_MS  # type: ignore[misc]
        answers: list[Any] = []
        for each in people:
            doing = opens(each, sent.packet), purse.wallet.due.sweep()
            answers += (await asyncio.gather(*doing, return_exceptions=True))[:1]
        await purse.wallet.due.sweep()
        assert all(isinstance(answer, int | rules.PacketOver) for answer in answers)
        got = sum(answer for answer in answers if isinstance(answer, int))
        packet = await sees(ann, sent.packet)
        assert got + packet.returned == 1000
        assert got == sum(each.amount for each in packet.shares)
        assert await escrow(purse) == 0
        over += sum(isinstance(answer, rules.PacketOver) for answer in answers)
        now = writer.clock()
        writer.clock = lambda now=now: now  # type: ignore[misc]
    assert over > 0
    assert sum([await each.has() for each in people]) == 50_000


async def test_a_house_that_was_closed_goes_on_where_it_was(tmp_path: Path, store_url: str) -> None:
    async with open_wallet_house(tmp_path, store=store_url) as purse:
        ann, bob, cat, eve = await purse.friends("ann", "bob", "cat", "eve")
        group = await ann.opens("group", bob, cat, eve)
        sent = await drops(ann, group, 1000, 3)
        other = await drops(ann, group, 500, 2)
        shares = {bob.id: await opens(bob, sent.packet)}
    async with reopen_wallet_house(tmp_path, store=store_url) as purse:
        ann, bob, cat = [await purse.again(each) for each in (ann, bob, cat)]
        assert await opens(bob, sent.packet) == shares[bob.id]
        for each in (ann, cat):
            shares[each.id] = await opens(each, sent.packet)
        assert sum(shares.values()) == 1000
        assert await escrow(purse) == 500
    async with reopen_wallet_house(tmp_path, store=store_url) as purse:
        bob, eve = [await purse.again(each) for each in (bob, eve)]
        with pytest.raises(rules.PacketEmpty):
            await opens(eve, sent.packet)
        purse.passes(clock.DAY_MS)
        await purse.wallet.due.sweep()
        assert (await sees(bob, other.packet)).returned == 500
        assert await escrow(purse) == 0


async def test_a_fault_in_the_group_takes_no_share_and_gives_none_twice(purse: WalletHouse) -> None:
    """The store fails once while a group of openers is written: all are decided again, from what was durable."""
    ann, bob, cat = await purse.friends("ann", "bob", "cat")
    group = await ann.opens("group", bob, cat)
    sent = await drops(ann, group, 1000, 3)
    failures = [RuntimeError("the disk is full")]
    append = store.append_shares

    def append_or_fail(connection: sa.Connection, rows: Any) -> None:
        append(connection, rows)
        if failures:
            raise failures.pop()

    store.append_shares = append_or_fail  # type: ignore[assignment]
    try:
        shares = await asyncio.gather(*(opens(each, sent.packet) for each in (ann, bob, cat)))
    finally:
        store.append_shares = append
    assert failures == []
    assert sum(shares) == 1000
    assert len((await sees(ann, sent.packet)).shares) == 3
    assert await ann.has() + await bob.has() + await cat.has() == 30_000
    assert await escrow(purse) == 0


async def test_a_history_says_whose_packet_it_was(purse: WalletHouse) -> None:
    ann, bob = await purse.friends("ann", "bob")
    chat = await ann.meets(bob)
    sent = await drops(ann, chat, 100, greeting="Tea")
    purse_describes = purse.wallet.purse.describe
    assert {purse_describes[each] for each in (Purpose.PACKET, Purpose.PACKET_SHARE, Purpose.PACKET_RETURN)} == {
        describe
    }
    for person, other in ((ann, bob), (bob, ann)):
        described = (await purse.house.store.read(describe, person.id, (sent.packet,)))[sent.packet]
        assert (described.note, described.other, described.chat, described.seq) == ("Tea", other.id, chat, sent.seq)
