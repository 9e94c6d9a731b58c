"""Transfers within a chat: held until the payee accepts, and shown by a card that every device sees change."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from teahouse import ids
from teahouse.chat.content import NewText
from teahouse.chat.content import Transfer as Card
from teahouse.chat.events import MessageNew
from teahouse.chat.model import EditMessage, ForwardFrom, LeaveChat, RecallMessage, RemoveMember, SendMessage
from teahouse.errors import Forbidden, NotFound, Refusal
from teahouse.money import Money
from teahouse.people.model import Block, RemoveContact
from teahouse.storage.transaction import Told
from teahouse.wallet.guard.model import WalletSettings
from teahouse.wallet.guard.rules import ApprovalNeeded, LimitExceeded, WalletFull
from teahouse.wallet.ledger.model import Purpose
from teahouse.wallet.ledger.rules import InsufficientFunds, KeyReused
from teahouse.wallet.payments import rules, store
from teahouse.wallet.payments.model import AcceptTransfer, ReturnTransfer, SendTransfer, TransferSent
from teahouse.wallet.purse import Described, NoSuchCurrency
from tests.chat.house import new_nonce
from tests.wallet.house import EUR, Payer, WalletHouse, new_key, open_wallet_house, reopen_wallet_house

DAY_MS = rules.TRANSFER_MS


async def sends(payer: Payer, chat: str, payee: Payer, amount: int, **fields: Any) -> TransferSent:
    if "approval" not in fields:
        fields["approval"] = await payer.approves(amount)
    money = Money(amount, fields.pop("currency", EUR))
    asked = {"key": new_key(), "chat": chat, "to": payee.id, "amount": money, **fields}
    sent: TransferSent = await payer.does(SendTransfer(**asked))
    return sent


async def accepts(payee: Payer, sent: TransferSent) -> None:
    await payee.does(AcceptTransfer(payment=sent.payment))


async def returns(payee: Payer, sent: TransferSent) -> None:
    await payee.does(ReturnTransfer(payment=sent.payment))


async def card(person: Payer, sent: TransferSent) -> str:
    """What the card says to a person who reads the chat."""
    (content,) = [each.content for each in await person.page(sent.chat) if each.seq == sent.seq]
    assert isinstance(content, Card)
    assert content.payment == sent.payment
    return content.state


def cards_told(person: Payer) -> list[str]:
    """The states of cards that a person's devices were told, new and changed."""
    events = [each for each in person.told() if each["type"] in ("message.new", "message.changed")]
    contents = [each.get("content") or each["message"]["content"] for each in events]
    return [each.get("state", "waiting") for each in contents if each["kind"] == "transfer"]


async def state(person: Payer, sent: TransferSent) -> str:
    return (await person.purse.wallet.payments.payment(person.guest.signed, sent.payment)).state


async def test_a_payee_accepts_and_the_card_changes_for_both(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob")
    chat = await ann.meets(bob)
    sent = await sends(ann, chat, bob, 2_500, note=" Rent ")
    assert (sent.state, sent.chat, sent.available) == ("waiting", chat, 7_500)
    assert (await ann.has(), await ann.balance(), await bob.has()) == (7_500, 10_000, 10_000)
    assert ann.told("wallet.changed")[-1]["balance"] == {"currency": "EUR", "balance": 10_000, "available": 7_500}
    assert [await card(each, sent) for each in (ann, bob)] == ["waiting", "waiting"]

    await accepts(bob, sent)
    assert (await ann.balance(), await bob.has()) == (7_500, 12_500)
    assert [await card(each, sent) for each in (ann, bob)] == ["accepted", "accepted"]
    assert cards_told(bob) == cards_told(ann) == ["waiting", "accepted"]
    assert bob.told("wallet.changed")[-1]["balance"]["available"] == 12_500
    assert ann.told("wallet.changed")[-1]["balance"] == {"currency": "EUR", "balance": 7_500, "available": 7_500}

    seen = await purse.wallet.payments.payment(bob.guest.signed, sent.payment)
    assert (seen.state, seen.note, seen.chat, seen.seq) == ("accepted", "Rent", chat, sent.seq)
    assert seen.at <= seen.settled_at < seen.expires_at


async def test_histories_lead_back_to_the_card(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob")
    sent = await sends(ann, await ann.meets(bob), bob, 100, note="Rent")
    describe = purse.wallet.purse.describe[Purpose.CONTACT]
    found = await purse.house.store.read(describe, bob.id, [sent.payment])
    assert found == {sent.payment: Described(note="Rent", other=ann.id, chat=sent.chat, seq=sent.seq)}


async def test_a_payee_gives_it_back_and_it_counts_no_more(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob")
    await purse.fund(ann.id, 20_000)
    chat = await ann.meets(bob)
    sent = await sends(ann, chat, bob, 10_000)
    await sends(ann, chat, bob, 10_000)
    with pytest.raises(LimitExceeded):
        await sends(ann, chat, bob, 1)
    await returns(bob, sent)
    assert [await card(each, sent) for each in (ann, bob)] == ["returned", "returned"]
    assert (await ann.has(), await bob.has()) == (20_000, 10_000)
    await sends(ann, chat, bob, 10_000)


async def test_what_nobody_accepts_goes_back_after_a_day(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob")
    sent = await sends(ann, await ann.meets(bob), bob, 2_500)
    purse.passes(DAY_MS - 60_000)
    assert await purse.wallet.due.sweep() == 0
    purse.passes(60_000)
    for act in (accepts, returns):
        with pytest.raises(rules.TransferOver):
            await act(bob, sent)
    await purse.wallet.due.sweep()
    assert (await ann.has(), await bob.has()) == (10_000, 10_000)
    assert [await card(each, sent) for each in (ann, bob)] == ["expired", "expired"]
    assert cards_told(ann) == cards_told(bob) == ["waiting", "expired"]
    assert ann.told("wallet.changed")[-1]["balance"]["available"] == 10_000
    assert bob.told("wallet.changed")[-1]["balance"]["available"] == 10_000
    with pytest.raises(rules.TransferOver) as over:
        await accepts(bob, sent)
    assert over.value.fields == {"state": "expired"}
    assert await purse.wallet.due.sweep() == 0


async def test_whoever_accepts_at_once_has_it_at_once_from_contacts(purse: WalletHouse) -> None:
    ann, bob, cat = await purse.people("ann", "bob", "cat")
    chat = await ann.meets(bob)
    await cat.meets(ann)
    group = await ann.opens("group", bob, cat)
    await bob.does(WalletSettings(accept_at_once=True))
    sent = await sends(ann, chat, bob, 2_500)
    assert (sent.state, await card(bob, sent), await state(bob, sent)) == ("accepted", "accepted", "accepted")
    assert (await ann.balance(), await bob.has()) == (7_500, 12_500)
    assert cards_told(bob) == ["accepted"]
    assert bob.told("wallet.changed")[-1]["balance"]["available"] == 12_500
    await accepts(bob, sent)
    with pytest.raises(rules.TransferOver):
        await returns(bob, sent)
    # Not from others whom one only shares a group with.
    assert (await sends(cat, group, bob, 100)).state == "waiting"
    # Nor when there is no room for it: then it waits until there is.
    await purse.fund(bob.id, 37_500)
    assert (await sends(ann, chat, bob, 100)).state == "waiting"


async def test_a_full_wallet_must_make_room_first(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob")
    chat = await ann.meets(bob)
    sent = await sends(ann, chat, bob, 2_500)
    await purse.fund(bob.id, 38_000)
    with pytest.raises(WalletFull):
        await accepts(bob, sent)
    assert await card(bob, sent) == "waiting"
    await sends(bob, chat, ann, 500)
    with pytest.raises(WalletFull):
        await accepts(bob, sent)  # what is held is still theirs
    await bob.does(WalletSettings(real_name="Bob Ross"))
    await accepts(bob, sent)
    assert await bob.balance() == 50_500


async def test_in_a_group_only_its_payee_takes_it(purse: WalletHouse) -> None:
    ann, bob, cat, dan = await purse.friends("ann", "bob", "cat", "dan")
    group = await ann.opens("group", bob, cat)
    sent = await sends(ann, group, bob, 100)
    assert await card(cat, sent) == "waiting"
    for person in (ann, cat, dan):
        for act in (accepts, returns):
            with pytest.raises(rules.NotYours):
                await act(person, sent)
    with pytest.raises(rules.NotAMember):
        await sends(ann, group, dan, 100)
    with pytest.raises(rules.PayYourself):
        await sends(ann, group, ann, 100)
    with pytest.raises(NotFound):
        await sends(dan, group, ann, 100)
    with pytest.raises(rules.NoSuchPayment):
        await bob.does(AcceptTransfer(payment=ids.new_id()))
    await accepts(bob, sent)
    assert await card(cat, sent) == "accepted"
    assert (await ann.has(), await bob.has()) == (9_900, 10_100)


async def test_no_money_in_channels_to_who_blocked_or_where_one_may_not_write(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob")
    chat = await ann.meets(bob)
    channel = await ann.opens("channel", bob)
    with pytest.raises(rules.NotPayable):
        await sends(ann, channel, bob, 100)
    group = await ann.opens("group", bob)
    await bob.does(Block(person=ann.id))
    with pytest.raises(rules.NotPayable):
        await sends(ann, group, bob, 100)
    with pytest.raises(Forbidden):
        await sends(ann, chat, bob, 100)
    assert await ann.has() == 10_000
    assert await purse.rows(sa.select(store.payments)) == []


async def test_who_left_or_blocked_stops_nothing_that_was_sent(purse: WalletHouse) -> None:
    ann, bob, cat = await purse.friends("ann", "bob", "cat")
    chat = await ann.meets(bob)
    group = await cat.opens("group", ann, bob)
    direct, grouped, kept, late = [await sends(ann, each, bob, 1_000) for each in (chat, group, group, chat)]
    await ann.does(Block(person=bob.id))
    await ann.does(RemoveContact(person=bob.id))
    await ann.does(LeaveChat(chat=group))
    await accepts(bob, direct)
    assert [await card(bob, each) for each in (direct, grouped)] == ["accepted", "waiting"]
    # The payee was put out of the group; the money is still theirs to take, or to give back.
    await cat.does(RemoveMember(chat=group, person=bob.id))
    await accepts(bob, grouped)
    await returns(bob, kept)
    assert [await card(cat, each) for each in (grouped, kept)] == ["accepted", "returned"]
    purse.passes(DAY_MS)
    await purse.wallet.due.sweep()
    assert await state(ann, late) == "expired"
    assert (await ann.has(), await bob.has()) == (8_000, 12_000)


async def test_a_repeat_does_nothing_again(purse: WalletHouse) -> None:
    ann, bob, cat = await purse.friends("ann", "bob", "cat")
    chat = await ann.meets(bob)
    key = new_key()
    sent = await sends(ann, chat, bob, 6_000, key=key)
    # The answer to the first, even if there is no money for another, and with a new yes.
    assert await sends(ann, chat, bob, 6_000, key=key) == sent
    for amount, other in ((6_001, {}), (6_000, {"note": "Tea"}), (6_000, {"to": cat.id})):
        with pytest.raises(KeyReused):
            await sends(ann, chat, bob, amount, key=key, **other)
    await accepts(bob, sent)
    await accepts(bob, sent)
    with pytest.raises(rules.TransferOver) as over:
        await returns(bob, sent)
    assert over.value.fields == {"state": "accepted"}
    back = await sends(ann, chat, bob, 100)
    await returns(bob, back)
    await returns(bob, back)
    with pytest.raises(rules.TransferOver):
        await accepts(bob, back)
    assert (await ann.has(), await bob.has()) == (4_000, 16_000)
    kinds = [each for each in await ann.page(chat) if isinstance(each.content, Card)]
    assert len(kinds) == 2


async def test_accepting_and_returning_race_and_one_wins(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob")
    chat = await ann.meets(bob)
    for first, second in ((accepts, returns), (returns, accepts)):
        sent = await sends(ann, chat, bob, 1_000)
        answers = await asyncio.gather(*(act(bob, sent) for act in (first, second) * 5), return_exceptions=True)
        assert answers == [None if at % 2 == 0 else answers[at] for at in range(10)]
        assert {type(each) for each in answers[1::2]} == {rules.TransferOver}
        assert await card(bob, sent) == ("accepted" if first is accepts else "returned")
    assert (await ann.has(), await bob.has()) == (9_000, 11_000)


async def test_a_payer_needs_money_a_yes_and_the_houses_currency(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob", funds=100)
    chat = await ann.meets(bob)
    with pytest.raises(ApprovalNeeded):
        await sends(ann, chat, bob, 100, approval="x" * 43)
    with pytest.raises(ApprovalNeeded):
        await sends(ann, chat, bob, 100, approval=await ann.approves(99))
    with pytest.raises(InsufficientFunds):
        await sends(ann, chat, bob, 101)
    with pytest.raises(NoSuchCurrency):
        await sends(ann, chat, bob, 100, currency="USD")
    yes = await ann.approves(100)
    for amount in (0, -1):
        with pytest.raises(Refusal):
            await sends(ann, chat, bob, amount, approval=yes)
    assert [each for each in await bob.page(chat) if isinstance(each.content, Card)] == []
    # What was refused used up neither the yes nor the day.
    await sends(ann, chat, bob, 100, approval=yes)
    assert (await ann.has(), await ann.balance()) == (0, 100)


async def test_money_is_neither_forwarded_nor_recalled_nor_edited(purse: WalletHouse) -> None:
    ann, bob, cat = await purse.friends("ann", "bob", "cat")
    chat, other = await ann.meets(bob), await ann.meets(cat)
    sent = await sends(ann, chat, bob, 100)
    for command in (
        SendMessage(chat=other, nonce=new_nonce(), forward=ForwardFrom(chat=chat, seq=sent.seq)),
        RecallMessage(chat=chat, seq=sent.seq),
        EditMessage(chat=chat, seq=sent.seq, content=NewText(text="Never mind")),
    ):
        with pytest.raises(Refusal):
            await ann.does(command)
    assert await card(bob, sent) == "waiting"


async def test_a_device_that_was_away_catches_up_with_the_card(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob")
    chat = await ann.meets(bob)
    cursor = str(purse.house.store.writer.committed)
    sent = await sends(ann, chat, bob, 100)
    await accepts(bob, sent)
    events, _, _ = await ann.syncs(cursor)
    shown = [each["message"]["content"]["state"] for each in events if each["type"] == "message.changed"]
    assert shown == ["accepted"]


async def test_the_payee_is_notified_as_of_any_message(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob")
    chat = await ann.meets(bob)
    told: list[Told] = []
    purse.house.bus.subscribe(lambda _, some: told.extend(some))
    await sends(ann, chat, bob, 1_250)
    (event,) = [each.event for each in told if isinstance(each.event, MessageNew)]
    notices = await purse.house.store.read(purse.tea.chat.notices, event, [bob.id])
    assert (notices[bob.id].title, notices[bob.id].body) == ("Ann", "💸 12.50 EUR")


async def test_a_clock_that_is_set_back_gives_no_more_than_its_day(purse: WalletHouse) -> None:
    ann, bob = await purse.people("ann", "bob")
    chat = await ann.meets(bob)
    sent = await sends(ann, chat, bob, 1_000)
    purse.passes(-2 * DAY_MS)
    assert await purse.wallet.due.sweep() == 0
    accepted = await sends(ann, chat, bob, 1_000)
    await accepts(bob, accepted)
    purse.passes(5 * DAY_MS)
    await purse.wallet.due.sweep()
    assert await state(ann, sent) == "expired"
    assert (await ann.has(), await bob.has()) == (9_000, 11_000)


async def test_a_transfer_outlives_the_house(tmp_path: Path) -> None:
    async with open_wallet_house(tmp_path) as purse:
        ann, bob = await purse.people("ann", "bob")
        chat = await ann.meets(bob)
        key = new_key()
        accepted, returned, late = [
            await sends(ann, chat, bob, 1_000, key=each) for each in (key, new_key(), new_key())
        ]
    async with reopen_wallet_house(tmp_path) as purse:
        ann, bob = await purse.again(ann), await purse.again(bob)
        assert (await ann.has(), await ann.balance()) == (7_000, 10_000)
        assert await sends(ann, chat, bob, 1_000, key=key) == accepted
        await accepts(bob, accepted)
        await returns(bob, returned)
        purse.passes(DAY_MS)
        await purse.wallet.due.sweep()
        assert [await card(bob, each) for each in (accepted, returned, late)] == ["accepted", "returned", "expired"]
        assert (await ann.has(), await ann.balance(), await bob.has()) == (9_000, 9_000, 11_000)
