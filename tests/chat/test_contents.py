"""What messages say beside text: places, people, captions, and the words that stand for them elsewhere."""

import pytest

from teahouse.chat import events, model, rules
from teahouse.chat.content import (
    ContactCard,
    File,
    Location,
    NewCaption,
    NewContactCard,
    NewLocation,
    NewPoll,
    NewText,
    Picture,
    Video,
    VideoNote,
    Voice,
)
from teahouse.chat.notices import notices
from teahouse.errors import NotFound
from teahouse.media.model import MediaCard, MediaFile
from teahouse.people.model import UpdateProfile
from tests.chat.house import Chatter, TeaHouse

TEAHOUSE = NewLocation(latitude=31.2304, longitude=121.4737, accuracy=12, name="The old teahouse")


async def pair(tea: TeaHouse) -> tuple[Chatter, Chatter, str]:
    ann, bob = await tea.friends("ann", "bob")
    return ann, bob, await ann.opens("direct", bob)


def media(name: str = "", duration: int = 0) -> MediaCard:
    return MediaCard(
        id="m" * 16, files=(MediaFile(variant="original", type="text/plain", size=5),), name=name, duration=duration
    )


async def last(person: Chatter, chat: str) -> model.Message:
    return (await person.page(chat))[-1]


async def test_a_place_arrives_as_it_was_sent(tea: TeaHouse) -> None:
    ann, bob, direct = await pair(tea)
    sent = await ann.sends(direct, TEAHOUSE)
    place = Location(latitude=31.2304, longitude=121.4737, accuracy=12, name="The old teahouse")
    assert sent.content == (await last(bob, direct)).content == place


async def test_a_contact_card_shows_the_person_as_the_house_knows_them(tea: TeaHouse) -> None:
    ann, bob, direct = await pair(tea)
    cat = await tea.person("cat")
    await ann.meets(cat)
    await ann.sends(direct, NewContactCard(person=cat.id))
    content = (await last(bob, direct)).content
    assert isinstance(content, ContactCard)
    assert (content.person.handle, content.person.name) == ("cat", "Cat")
    page = await tea.chat.messages(bob.id, direct)
    assert "Cat" in {person.name for person in page.people}


async def test_a_forwarded_contact_card_shows_the_person_as_they_are_now(tea: TeaHouse) -> None:
    ann, bob, direct = await pair(tea)
    cat = await tea.person("cat")
    await ann.meets(cat)
    seq = (await ann.sends(direct, NewContactCard(person=cat.id))).seq
    await cat.does(UpdateProfile(name="Catherine"))
    await bob.forwards(direct, seq, await bob.opens("group"))
    (again,) = [chat.last_message for chat in (await bob.chats()).values() if chat.kind == "group"]
    assert again is not None
    assert isinstance(again.content, ContactCard)
    assert again.content.person.name == "Catherine"


async def test_only_contacts_and_oneself_are_passed_on(tea: TeaHouse) -> None:
    ann, _, direct = await pair(tea)
    eve = await tea.person("eve")
    for stranger in (eve.id, "0" * 16):
        with pytest.raises(NotFound):
            await ann.sends(direct, NewContactCard(person=stranger))
    await ann.sends(direct, NewContactCard(person=ann.id))
    content = (await last(ann, direct)).content
    assert isinstance(content, ContactCard)
    assert content.person.id == ann.id


async def test_a_caption_is_edited_and_nothing_becomes_something_else(tea: TeaHouse) -> None:
    ann, bob, direct = await pair(tea)
    picture = await ann.shows(direct, Picture(media=media(), caption="Fist cup"))
    await ann.does(model.EditMessage(chat=direct, seq=picture, content=NewCaption(text="First cup")))
    message = await last(bob, direct)
    assert message.content == Picture(media=media(), caption="First cup")
    assert message.edited_at >= message.at
    text, place = await ann.says(direct, "Words"), (await ann.sends(direct, TEAHOUSE)).seq
    voice = await ann.shows(direct, Voice(media=media()))
    for seq, content in (
        (picture, NewText(text="Now a text")),
        (text, NewCaption(text="Now a caption")),
        (place, NewCaption(text="Elsewhere")),
        (place, NewText(text="Elsewhere")),
        (voice, NewCaption(text="Heard")),
    ):
        with pytest.raises(rules.NotAText):
            await ann.does(model.EditMessage(chat=direct, seq=seq, content=content))


async def test_they_are_found_by_their_words(tea: TeaHouse) -> None:
    ann, bob, direct = await pair(tea)
    seqs = {
        "oolong": (await ann.sends(direct, NewPoll(question="Which tea?", options=("Green", "Oolong")))).seq,
        "which": 0,
        "old teahouse": (await ann.sends(direct, TEAHOUSE)).seq,
        "minutes": await ann.shows(direct, File(media=media("Minutes of May.pdf"), caption="For you")),
        "steam": await ann.shows(direct, Picture(media=media(), caption="Steam rises")),
    }
    seqs["which"] = seqs["oolong"]
    seqs["ann"] = (await ann.sends(direct, NewContactCard(person=ann.id))).seq
    for words, seq in seqs.items():
        page = await tea.chat.search(bob.id, words)
        assert [hit.message.seq for hit in page.hits] == [seq], words
    await ann.does(model.EditMessage(chat=direct, seq=seqs["steam"], content=NewCaption(text="Mist falls")))
    assert (await tea.chat.search(bob.id, "steam")).hits == ()
    assert [hit.message.seq for hit in (await tea.chat.search(bob.id, "mist")).hits] == [seqs["steam"]]


async def test_a_line_stands_for_each_in_notices_and_replies(tea: TeaHouse) -> None:
    ann, bob, direct = await pair(tea)
    lines = {
        (await ann.sends(direct, TEAHOUSE)).seq: "📍 Location: The old teahouse",
        (await ann.sends(direct, NewLocation(latitude=0, longitude=0))).seq: "📍 Location",
        (await ann.sends(direct, NewContactCard(person=ann.id))).seq: "👤 Ann",
        (await ann.sends(direct, NewPoll(question="Which tea?", options=("Green", "Black")))).seq: "📊 Which tea?",
        await ann.shows(direct, Voice(media=media(duration=65_400))): "🎤 Voice message (1:05)",
        await ann.shows(direct, VideoNote(media=media(duration=9_000))): "🎬 Video message (0:09)",
        await ann.shows(direct, Video(media=media(duration=600_000), caption="Tea")): "🎬 Video (10:00): Tea",
        await ann.shows(direct, Picture(media=media())): "🖼 Picture",
        await ann.shows(direct, File(media=media("a.pdf"))): "📄 a.pdf",
    }
    for message in await bob.page(direct, after=1):
        event = events.MessageNew(
            chat=direct, seq=message.seq, sender=ann.id, at=message.at, content=message.content, cursor="1"
        )
        made = await tea.house.store.read(notices, tea.opened.people, event, [bob.id])
        assert made[bob.id].body == lines[message.seq]
        answer = await bob.says(direct, "I see", reply=message.seq)
        (reply,) = await ann.page(direct, after=answer - 1)
        assert reply.reply is not None
        assert reply.reply.excerpt == lines[message.seq]


async def test_a_played_voice_message_is_marked_on_ones_own_devices(tea: TeaHouse) -> None:
    ann, bob, direct = await pair(tea)
    voice = await ann.shows(direct, Voice(media=media(duration=3000)))
    note = await ann.shows(direct, VideoNote(media=media(duration=3000)))
    cursor = (await bob.syncs(""))[1]
    for _ in range(2):
        await bob.does(model.Play(chat=direct, seq=voice))
    assert [event["seq"] for event in bob.told("message.played")] == [voice]
    assert ann.told("message.played") == []
    missed, _, _ = await bob.syncs(cursor)
    assert [(event["type"], event["seq"]) for event in missed] == [("message.played", voice)]
    assert (await tea.chat.messages(bob.id, direct)).played == (voice,)
    await ann.does(model.Play(chat=direct, seq=voice))
    assert (await tea.chat.messages(ann.id, direct)).played == ()
    await bob.does(model.Play(chat=direct, seq=note))
    assert (await tea.chat.messages(bob.id, direct)).played == (voice, note)
    with pytest.raises(rules.NotPlayable):
        await bob.does(model.Play(chat=direct, seq=await ann.says(direct, "Words")))
    with pytest.raises(rules.NoSuchMessage):
        await bob.does(model.Play(chat=direct, seq=99))


async def test_a_recalled_voice_message_was_never_played(tea: TeaHouse) -> None:
    ann, bob, direct = await pair(tea)
    voice = await ann.shows(direct, Voice(media=media(duration=3000)))
    await bob.does(model.Play(chat=direct, seq=voice))
    await ann.does(model.RecallMessage(chat=direct, seq=voice))
    assert (await tea.chat.messages(bob.id, direct)).played == ()
    with pytest.raises(rules.Gone):
        await bob.does(model.Play(chat=direct, seq=voice))
