"""Polls: asked, answered by many at once, changed, taken back, closed; and nobody named who was promised not to be."""

import asyncio
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from teahouse import clock
from teahouse.chat import model, rules, store
from teahouse.chat.content import NewPoll, NewText, Poll
from teahouse.people.model import Block
from tests.chat.house import Chatter, TeaHouse, new_nonce

MINUTE_MS = 60_000


async def asked(person: Chatter, chat: str, **fields: Any) -> int:
    """Ask which tea; return the poll's seq."""
    poll = NewPoll(**{"question": "Which tea?", "options": ("Green", "Black", "White"), **fields})
    return (await person.sends(chat, poll)).seq


async def votes(person: Chatter, chat: str, seq: int, *options: int) -> None:
    await person.does(model.Vote(chat=chat, seq=seq, options=options))


async def poll_at(person: Chatter, chat: str, seq: int) -> model.PollVotes | None:
    (message,) = [message for message in await person.page(chat) if message.seq == seq]
    return message.poll


async def chosen_by(tea: TeaHouse, person: Chatter, chat: str) -> dict[int, tuple[int, ...]]:
    page = await tea.chat.messages(person.id, chat)
    return {each.seq: each.options for each in page.chosen}


def counts(poll: model.PollVotes | None) -> list[int]:
    assert poll is not None
    return [answer.votes for answer in poll.answers]


async def test_a_vote_is_counted_changed_and_taken_back(tea: TeaHouse) -> None:
    ann, bob, cat = await tea.friends("ann", "bob", "cat")
    group = await ann.opens("group", bob, cat)
    seq = await asked(ann, group)
    assert await poll_at(ann, group, seq) is None
    await votes(bob, group, seq, 1)
    await votes(cat, group, seq, 1)
    poll = await poll_at(ann, group, seq)
    assert poll is not None
    assert [answer.people for answer in poll.answers] == [(), (bob.id, cat.id), ()]
    assert (poll.voters, poll.closed) == (2, False)
    await votes(bob, group, seq, 0)
    assert counts(await poll_at(ann, group, seq)) == [1, 1, 0]
    assert await chosen_by(tea, bob, group) == {seq: (0,)}
    await votes(bob, group, seq)
    assert counts(await poll_at(ann, group, seq)) == [0, 1, 0]
    assert await chosen_by(tea, bob, group) == {}


async def test_a_vote_is_told_to_all_and_the_choice_to_ones_own_devices(tea: TeaHouse) -> None:
    ann, bob, cat = await tea.friends("ann", "bob", "cat")
    group = await ann.opens("group", bob, cat)
    seq = await asked(ann, group)
    cursors = {person.id: (await person.syncs(""))[1] for person in (ann, bob)}
    await votes(bob, group, seq, 2)
    for person in (ann, bob, cat):
        (told,) = person.told("message.poll")
        assert told["poll"]["answers"] == [{}, {}, {"votes": 1, "people": [bob.id]}]
    assert [event["options"] for event in bob.told("poll.chosen")] == [[2]]
    assert ann.told("poll.chosen") == []
    missed, _, _ = await ann.syncs(cursors[ann.id])
    assert [event["type"] for event in missed] == ["message.poll"]
    missed, _, _ = await bob.syncs(cursors[bob.id])
    assert {event["type"] for event in missed} == {"message.poll", "poll.chosen"}


async def test_a_repeated_vote_tells_nobody_again(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    direct = await ann.opens("direct", bob)
    seq = await asked(ann, direct, multiple=True)
    await votes(bob, direct, seq, 0, 2)
    await votes(bob, direct, seq, 2, 0)
    assert len(ann.told("message.poll")) == len(bob.told("poll.chosen")) == 1
    assert counts(await poll_at(ann, direct, seq)) == [1, 0, 1]


async def test_a_hundred_votes_are_kept_as_the_last_of_each(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    direct = await ann.opens("direct", bob)
    seq = await asked(ann, direct)
    cursor = (await ann.syncs(""))[1]
    for n in range(100):
        await votes(bob, direct, seq, n % 3)
    missed, _, _ = await ann.syncs(cursor)
    assert [event["poll"]["voters"] for event in missed] == [1]
    assert counts(await poll_at(ann, direct, seq)) == [1, 0, 0]


async def test_fifty_people_vote_at_once_and_nobody_is_lost(tea: TeaHouse) -> None:
    ann = await tea.person("ann")
    crowd = [await tea.person(f"guest{n}") for n in range(50)]
    for each in crowd:
        await ann.meets(each)
    group = await ann.opens("group", *crowd)
    seq = await asked(ann, group, anonymous=True, multiple=True)
    await asyncio.gather(*(votes(each, group, seq, n % 3, (n + 1) % 3) for n, each in enumerate(crowd)))
    poll = await poll_at(ann, group, seq)
    assert poll is not None
    assert (poll.voters, counts(poll)) == (50, [33, 34, 33])
    assert ann.told("message.poll")[-1]["poll"]["voters"] == 50
    # Those who came in one group of the writer are told of together.
    assert len(ann.told("message.poll")) < 50


async def test_an_anonymous_poll_names_nobody_anywhere(tea: TeaHouse) -> None:
    ann, bob, cat = await tea.friends("ann", "bob", "cat")
    group = await ann.opens("group", bob, cat)
    cursor = (await ann.syncs(""))[1]
    seq = await asked(ann, group, anonymous=True)
    await votes(bob, group, seq, 1)
    await votes(cat, group, seq, 0)
    await ann.does(model.ClosePoll(chat=group, seq=seq))
    page = await tea.chat.messages(ann.id, group, after=seq - 1)
    listed = (await ann.chats())[group].last_message
    found = await tea.chat.search(ann.id, "Which tea")
    assert listed is not None
    assert listed.poll == page.messages[0].poll == found.hits[0].message.poll
    missed, _, _ = await ann.syncs(cursor)
    said = [*page.messages, listed, *found.hits, *missed, *ann.told("message.poll"), page.people, found.people]
    text = msgspec.json.encode(said).decode()
    assert "Which tea?" in text
    assert bob.id not in text
    assert cat.id not in text


async def test_what_cannot_be_chosen_is_refused(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    direct = await ann.opens("direct", bob)
    seq = await asked(ann, direct)
    for options in ((3,), (0, 1), (0, 0)):
        with pytest.raises(rules.BadChoice):
            await votes(bob, direct, seq, *options)
    with pytest.raises(rules.NotAPoll):
        await votes(bob, direct, await ann.says(direct, "No poll"), 0)
    with pytest.raises(rules.NoSuchMessage):
        await votes(bob, direct, 99, 0)
    stranger = await tea.person("eve")
    with pytest.raises(rules.NotFound):
        await votes(stranger, direct, seq, 0)
    assert bob.told("poll.chosen") == []


async def test_what_cannot_be_asked_is_refused(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    direct = await ann.opens("direct", bob)
    now = clock.now_ms()
    for wrong in (
        {"options": ("Green", " green")},
        {"options": ("Green", "  ")},
        {"question": "   "},
        {"closes_at": now - MINUTE_MS},
        {"closes_at": now + rules.POLL_OPEN_MAX_MS + MINUTE_MS},
    ):
        with pytest.raises(rules.BadPoll):
            await asked(ann, direct, **wrong)


async def test_its_maker_or_an_admin_closes_it_once(tea: TeaHouse) -> None:
    ann, bob, cat = await tea.friends("ann", "bob", "cat")
    group = await ann.opens("group", bob, cat)
    first, second = await asked(bob, group), await asked(bob, group)
    await votes(cat, group, first, 1)
    with pytest.raises(rules.NotYours):
        await cat.does(model.ClosePoll(chat=group, seq=first))
    for person, seq in ((bob, first), (bob, first), (ann, second)):
        await person.does(model.ClosePoll(chat=group, seq=seq))
    assert [event["seq"] for event in cat.told("message.poll") if event["poll"].get("closed")] == [first, second]
    poll = await poll_at(cat, group, first)
    assert poll is not None
    assert (poll.closed, counts(poll)) == (True, [0, 1, 0])
    for options in ((0,), ()):
        with pytest.raises(rules.PollClosed):
            await votes(cat, group, first, *options)
    with pytest.raises(rules.NotAPoll):
        await bob.does(model.ClosePoll(chat=group, seq=await bob.says(group, "Tea")))


async def test_in_a_direct_chat_only_its_maker_closes_it(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    direct = await ann.opens("direct", bob)
    seq = await asked(bob, direct)
    with pytest.raises(rules.NotYours):
        await ann.does(model.ClosePoll(chat=direct, seq=seq))


async def test_it_closes_by_itself_at_its_time(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    direct = await ann.opens("direct", bob)
    seq = await asked(ann, direct, closes_at=clock.now_ms() + MINUTE_MS)
    await votes(bob, direct, seq, 0)
    await end(tea, direct, seq)
    poll = await poll_at(ann, direct, seq)
    assert poll is not None
    assert (poll.closed, counts(poll)) == (True, [1, 0, 0])
    with pytest.raises(rules.PollClosed):
        await votes(bob, direct, seq, 1)
    told = len(bob.told("message.poll"))
    await ann.does(model.ClosePoll(chat=direct, seq=seq))
    assert len(bob.told("message.poll")) == told


async def test_who_may_not_write_may_vote(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    channel = await ann.opens("channel", bob)
    seq = await asked(ann, channel)
    await votes(bob, channel, seq, 2)
    group = await ann.opens("group", bob)
    await ann.does(model.MuteMember(chat=group, person=bob.id, duration=MINUTE_MS))
    muted = await asked(ann, group)
    await votes(bob, group, muted, 0)
    assert counts(await poll_at(ann, channel, seq)) == [0, 0, 1]
    assert counts(await poll_at(ann, group, muted)) == [1, 0, 0]


async def test_a_channels_poll_names_no_readers(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    channel = await ann.opens("channel", bob)
    sent = await ann.sends(channel, NewPoll(question=" Which? ", options=("Green ", "Black")))
    assert sent.content == Poll(question="Which?", options=("Green", "Black"), anonymous=True)
    await votes(bob, channel, sent.seq, 0)
    poll = await poll_at(ann, channel, sent.seq)
    assert poll is not None
    assert poll.answers == (model.PollAnswer(votes=1), model.PollAnswer())


async def test_blocked_friends_do_not_vote(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    direct = await ann.opens("direct", bob)
    seq = await asked(ann, direct)
    await ann.does(Block(person=bob.id))
    with pytest.raises(rules.Apart):
        await votes(bob, direct, seq, 0)


async def test_a_forwarded_poll_begins_anew(tea: TeaHouse) -> None:
    ann, bob, cat = await tea.friends("ann", "bob", "cat")
    direct, group = await ann.opens("direct", bob), await bob.opens("group", cat)
    seq = await asked(ann, direct, closes_at=clock.now_ms() + MINUTE_MS)
    await votes(bob, direct, seq, 0)
    await end(tea, direct, seq)
    again = await bob.forwards(direct, seq, group)
    assert await poll_at(cat, group, again) is None
    await votes(cat, group, again, 1)
    assert counts(await poll_at(bob, group, again)) == [0, 1, 0]
    assert counts(await poll_at(bob, direct, seq)) == [1, 0, 0]
    await bob.does(model.ClosePoll(chat=group, seq=again))


async def test_who_came_later_neither_sees_nor_answers_it(tea: TeaHouse) -> None:
    ann, bob, cat = await tea.friends("ann", "bob", "cat")
    group = await ann.opens("group", bob)
    seq = await asked(ann, group)
    await ann.does(model.AddMembers(chat=group, people=(cat.id,)))
    await votes(bob, group, seq, 1)
    assert cat.told("message.poll") == []
    with pytest.raises(rules.NoSuchMessage):
        await votes(cat, group, seq, 1)


async def test_a_recalled_poll_loses_its_votes(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    direct = await ann.opens("direct", bob)
    seq = await asked(ann, direct)
    await votes(bob, direct, seq, 1)
    await ann.does(model.RecallMessage(chat=direct, seq=seq))
    assert await tea.rows(sa.select(store.poll_votes)) == []
    assert await chosen_by(tea, bob, direct) == {}
    assert await poll_at(bob, direct, seq) is None
    for command in (model.Vote(chat=direct, seq=seq, options=(0,)), model.ClosePoll(chat=direct, seq=seq)):
        with pytest.raises(rules.Gone):
            await ann.does(command)


async def test_a_poll_is_not_edited(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    direct = await ann.opens("direct", bob)
    seq = await asked(ann, direct)
    with pytest.raises(rules.NotAText):
        await ann.does(model.EditMessage(chat=direct, seq=seq, content=NewText(text="Which coffee?")))


async def test_a_poll_and_its_first_vote_may_come_together(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    direct = await ann.opens("direct", bob)
    seq = (await ann.chat(direct)).last_seq + 1
    poll = NewPoll(question="Now?", options=("Yes", "No"))
    await asyncio.gather(
        ann.does(model.SendMessage(chat=direct, nonce=new_nonce(), content=poll)), votes(ann, direct, seq, 0)
    )
    assert counts(await poll_at(bob, direct, seq)) == [1, 0]


async def end(tea: TeaHouse, chat: str, seq: int) -> None:
    """Let a poll's end be a minute ago."""
    m = store.messages.c
    where = (m.chat == chat, m.seq == seq)

    def rewrite(tx: Any) -> None:
        content = msgspec.json.decode(tx.connection.execute(sa.select(m.content).where(*where)).scalar_one())
        content["closes_at"] = tx.now - MINUTE_MS
        tx.connection.execute(sa.update(store.messages).where(*where).values(content=msgspec.json.encode(content)))

    await tea.house.store.write(rewrite)


async def test_a_new_device_sees_what_one_chose_in_a_poll_that_ends_a_chat(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    direct = await ann.opens("direct", bob)
    sent = await ann.sends(direct, NewPoll(question="Tea?", options=("Yes", "No")))
    await bob.does(model.Vote(chat=direct, seq=sent.seq, options=(1,)))
    chats = {person.id: (await tea.chat.chat(person.id, direct)) for person in (ann, bob)}
    assert (chats[ann.id].last_chosen, chats[bob.id].last_chosen) == ((), (1,))
