"""What happens to messages: sent once, answered, passed on, mended, taken back, liked, put away."""

import asyncio

import pytest
import sqlalchemy as sa

from teahouse.chat import model, rules, store
from teahouse.chat.content import NewText, Recalled, Text
from teahouse.operator.model import ChangeHouse
from tests.chat.house import Chatter, TeaHouse, new_nonce, shown


async def pair(tea: TeaHouse) -> tuple[Chatter, Chatter, str]:
    ann, bob = await tea.people("ann", "bob")
    return ann, bob, await ann.meets(bob)


async def test_a_repeated_send_is_answered_and_not_repeated(tea: TeaHouse) -> None:
    ann, bob, direct = await pair(tea)
    first = await ann.says(direct, "Once", nonce="the-same")
    await ann.says(direct, "Between")
    assert await ann.says(direct, "Once", nonce="the-same") == first
    assert await bob.texts(direct) == ["(contacts_now)", "Once", "Between"]


async def test_repeats_within_one_group_are_one_message(tea: TeaHouse) -> None:
    ann, bob, direct = await pair(tea)
    answers = await asyncio.gather(*(ann.says(direct, "Once", nonce=f"n-{n % 5}") for n in range(50)))
    assert len(set(answers)) == 5
    assert len(await bob.texts(direct)) == 6
    assert await ann.says(direct, "Next") == 7


async def test_two_people_may_choose_the_same_nonce(tea: TeaHouse) -> None:
    ann, bob, direct = await pair(tea)
    assert await ann.says(direct, "Mine", nonce="n") != await bob.says(direct, "Mine too", nonce="n")


async def test_seqs_have_no_gaps_when_sends_are_refused_among_them(tea: TeaHouse) -> None:
    ann, bob, direct = await pair(tea)
    outcomes = await asyncio.gather(
        *(ann.says(direct, "x", mentions=("0" * 16,) if n % 3 == 0 else ()) for n in range(60)), return_exceptions=True
    )
    sent = [each for each in outcomes if isinstance(each, int)]
    assert len(sent) == 40
    assert all(isinstance(each, rules.MentionedStranger) for each in outcomes if not isinstance(each, int))
    assert sorted(sent) == list(range(2, 42))
    assert [message.seq for message in await bob.page(direct, limit=100)] == list(range(1, 42))


async def test_a_message_needs_something_to_say(tea: TeaHouse) -> None:
    ann, _, direct = await pair(tea)
    with pytest.raises(rules.NothingToSend):
        await ann.does(model.SendMessage(chat=direct, nonce=new_nonce()))


async def test_a_reply_carries_what_it_replies_to(tea: TeaHouse) -> None:
    ann, bob, direct = await pair(tea)
    seq = await ann.says(direct, "Shall we\nmeet? " + "and talk " * 40)
    answer = await bob.says(direct, "Yes", reply=seq)
    (message,) = await ann.page(direct, after=answer - 1)
    assert message.reply is not None
    assert (message.reply.seq, message.reply.sender) == (seq, ann.id)
    assert message.reply.excerpt.startswith("Shall we meet? and")
    assert len(message.reply.excerpt) <= rules.EXCERPT_MAX
    with pytest.raises(rules.NoSuchMessage):
        await bob.says(direct, "To what?", reply=99)
    with pytest.raises(rules.NotAText):
        await bob.says(direct, "To the house?", reply=1)


async def test_a_forwarded_message_names_who_first_said_it(tea: TeaHouse) -> None:
    ann, bob, cat = await tea.friends("ann", "bob", "cat")
    source, group, far = await ann.opens("direct", bob), await bob.opens("group", cat), await cat.opens("group", ann)
    seq = await ann.says(source, "Read this", mentions=(bob.id,))
    once = await bob.forwards(source, seq, group)
    twice = await cat.forwards(group, once, far)
    (message,) = await ann.page(far, after=twice - 1)
    assert message.sender == cat.id
    assert message.content == Text(text="Read this")
    assert message.forward is not None
    assert (message.forward.sender, message.forward.name) == (ann.id, "Ann")


async def test_only_what_one_may_read_can_be_forwarded(tea: TeaHouse) -> None:
    ann, bob, cat = await tea.friends("ann", "bob", "cat")
    secret, group = await ann.opens("direct", bob), await cat.opens("group", ann)
    seq = await ann.says(secret, "Between us")
    with pytest.raises(rules.NotFound):
        await cat.forwards(secret, seq, group)
    await ann.does(model.RecallMessage(chat=secret, seq=seq))
    with pytest.raises(rules.Gone):
        await bob.forwards(secret, seq, secret)


async def test_an_edit_is_seen_by_all_and_leaves_a_mark(tea: TeaHouse) -> None:
    ann, bob, direct = await pair(tea)
    seq = await ann.says(direct, "Helo")
    await ann.does(model.EditMessage(chat=direct, seq=seq, content=NewText(text="Hello")))
    (message,) = await bob.page(direct, after=1)
    assert message.content == Text(text="Hello")
    assert message.edited_at >= message.at
    (told,) = bob.told("message.changed")
    assert told["message"]["content"]["text"] == "Hello"
    with pytest.raises(rules.NotYours):
        await bob.does(model.EditMessage(chat=direct, seq=seq, content=NewText(text="Hey")))


async def test_an_edit_that_changes_nothing_tells_nobody(tea: TeaHouse) -> None:
    ann, bob, direct = await pair(tea)
    seq = await ann.says(direct, "Hello")
    await ann.does(model.EditMessage(chat=direct, seq=seq, content=NewText(text="Hello")))
    assert bob.told("message.changed") == []


async def test_edits_are_possible_for_two_days(tea: TeaHouse) -> None:
    ann, _, direct = await pair(tea)
    seq = await ann.says(direct, "Helo")
    await age(tea, direct, seq, rules.EDIT_LIMIT_MS + 1000)
    with pytest.raises(rules.TooLate):
        await ann.does(model.EditMessage(chat=direct, seq=seq, content=NewText(text="Hello")))


async def test_a_recall_takes_the_words_out_of_the_store(tea: TeaHouse) -> None:
    ann, bob, direct = await pair(tea)
    seq = await ann.says(direct, "Oh no")
    await bob.does(model.React(chat=direct, seq=seq, emoji="😮"))
    await ann.does(model.RecallMessage(chat=direct, seq=seq))
    await ann.does(model.RecallMessage(chat=direct, seq=seq))
    (message,) = await bob.page(direct, after=1)
    assert message.content == Recalled(by=ann.id)
    assert message.reactions == ()
    (row,) = await tea.rows(sa.select(store.messages).where(store.messages.c.seq == seq))
    assert b"Oh no" not in row.content
    (told,) = list(bob.told("message.changed"))
    assert told["message"]["content"] == {"kind": "recalled", "by": ann.id}


async def test_a_recall_has_the_operators_limit(tea: TeaHouse) -> None:
    ann, bob, direct = await pair(tea)
    seq = await ann.says(direct, "Too late")
    limit = tea.opened.operator.settings.recall_limit_ms
    await age(tea, direct, seq, limit + 1000)
    with pytest.raises(rules.TooLate) as refusal:
        await ann.does(model.RecallMessage(chat=direct, seq=seq))
    assert refusal.value.fields["limit_ms"] == limit
    with pytest.raises(rules.NotYours):
        await bob.does(model.RecallMessage(chat=direct, seq=seq))
    await tea.opened.operator.change(tea.founder, ChangeHouse(recall_limit_ms=limit * 2))
    await ann.does(model.RecallMessage(chat=direct, seq=seq))


async def test_an_admin_recalls_anything_in_a_group_at_any_time(tea: TeaHouse) -> None:
    ann, bob, cat = await tea.friends("ann", "bob", "cat")
    group = await ann.opens("group", bob, cat)
    seq = await bob.says(group, "Spam")
    await age(tea, group, seq, 10**10)
    with pytest.raises(rules.NotYours):
        await cat.does(model.RecallMessage(chat=group, seq=seq))
    await ann.does(model.RecallMessage(chat=group, seq=seq))
    assert shown((await cat.page(group))[-1].content) == "(recalled)"
    with pytest.raises(rules.NotAText):
        await ann.does(model.RecallMessage(chat=group, seq=1))


async def test_reactions_come_and_go(tea: TeaHouse) -> None:
    ann, bob, direct = await pair(tea)
    seq = await ann.says(direct, "Tea?")
    for person in (ann, bob, bob):
        await person.does(model.React(chat=direct, seq=seq, emoji="🍵"))
    await bob.does(model.React(chat=direct, seq=seq, emoji="❤️"))
    await bob.does(model.React(chat=direct, seq=seq, emoji="❤️", on=False))
    (message,) = await ann.page(direct, after=1)
    assert [(each.emoji, set(each.people)) for each in message.reactions] == [("🍵", {ann.id, bob.id})]
    assert len(ann.told("message.reactions")) == 4
    with pytest.raises(rules.NotAnEmoji):
        await bob.does(model.React(chat=direct, seq=seq, emoji="ok"))


async def test_a_message_holds_twenty_different_emoji(tea: TeaHouse) -> None:
    ann, bob, direct = await pair(tea)
    seq = await ann.says(direct, "Which fruit?")
    for number in range(rules.EMOJIS_MAX):
        await bob.does(model.React(chat=direct, seq=seq, emoji=chr(0x1F345 + number)))
    with pytest.raises(rules.TooManyReactions):
        await bob.does(model.React(chat=direct, seq=seq, emoji="🍵"))
    await ann.does(model.React(chat=direct, seq=seq, emoji=chr(0x1F345)))


async def test_deleting_for_me_leaves_it_to_others(tea: TeaHouse) -> None:
    ann, bob, direct = await pair(tea)
    seqs = [await ann.says(direct, f"{n}") for n in range(3)]
    await bob.does(model.DeleteMessages(chat=direct, seqs=(seqs[1], seqs[1], 77)))
    await bob.does(model.DeleteMessages(chat=direct, seqs=(seqs[1],)))
    assert await bob.texts(direct, after=1) == ["0", "2"]
    assert await ann.texts(direct, after=1) == ["0", "1", "2"]
    assert [event["seqs"] for event in bob.told("message.deleted")] == [[seqs[1]]]
    assert ann.told("message.deleted") == []


async def test_the_list_shows_the_last_message_that_is_not_deleted(tea: TeaHouse) -> None:
    ann, bob, direct = await pair(tea)
    seqs = [await ann.says(direct, f"{n}") for n in range(3)]
    await bob.does(model.DeleteMessages(chat=direct, seqs=(seqs[2],)))
    last = (await bob.chats())[direct].last_message
    assert last is not None
    assert shown(last.content) == "1"


async def test_clearing_a_chat_reads_and_empties_it_for_oneself(tea: TeaHouse) -> None:
    ann, bob, direct = await pair(tea)
    await ann.says(direct, "Old")
    await bob.does(model.ClearChat(chat=direct))
    await bob.does(model.ClearChat(chat=direct))
    assert await bob.texts(direct) == []
    chat = (await bob.chats())[direct]
    assert (chat.last_message, chat.unread, chat.cleared_to) == (None, 0, 2)
    await ann.says(direct, "New")
    assert await bob.texts(direct) == ["New"]
    assert (await bob.chats())[direct].unread == 1
    assert len(bob.told("chat.preferred")) == 1


async def age(tea: TeaHouse, chat: str, seq: int, by_ms: int) -> None:
    """Make a message older than it is."""
    m = store.messages.c
    await tea.house.store.write(
        lambda tx: tx.connection.execute(
            sa.update(store.messages).where(m.chat == chat, m.seq == seq).values(at=m.at - by_ms)
        )
    )
