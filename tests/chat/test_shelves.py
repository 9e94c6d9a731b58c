"""What a chat has shown, by kind: for its members, as far back as each may read."""

from teahouse.chat import model
from teahouse.chat.content import Content, File, NewText, Picture, Video, Voice
from teahouse.media.model import MediaCard, MediaFile
from tests.chat.house import TeaHouse


def card(number: int) -> MediaCard:
    return MediaCard(id=f"{number:016}", files=(MediaFile(variant="original", type="image/jpeg", size=5),))


async def test_each_shelf_holds_its_kind_page_by_page(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    direct = await ann.opens("direct", bob)
    shown: list[Content] = [Picture(media=card(1)), Video(media=card(2)), File(media=card(3)), Voice(media=card(4))]
    seqs = []
    for content in (*shown, Picture(media=card(5))):
        await ann.sends(direct, NewText(text="Look"))
        seqs.append(await ann.shows(direct, content))

    async def shelf(name: model.Shelf, before: int = 0, limit: int = 50) -> list[int]:
        page = await tea.chat.shown(bob.id, direct, name, before=before, limit=limit)
        return [message.seq for message in page.messages]

    assert await shelf("pictures") == [seqs[0], seqs[1], seqs[4]]
    assert await shelf("files") == [seqs[2]]
    assert await shelf("voices") == [seqs[3]]
    assert await shelf("pictures", limit=2) == [seqs[1], seqs[4]]
    assert await shelf("pictures", before=seqs[1]) == [seqs[0]]


async def test_a_shelf_ends_where_ones_reading_does(tea: TeaHouse) -> None:
    ann, bob, cat = await tea.friends("ann", "bob", "cat")
    group = await ann.opens("group", bob)
    early = await ann.shows(group, Picture(media=card(1)))
    await ann.does(model.AddMembers(chat=group, people=(cat.id,)))
    late = await ann.shows(group, Picture(media=card(2)))
    gone = await ann.shows(group, Picture(media=card(3)))
    await bob.does(model.DeleteMessages(chat=group, seqs=(late,)))
    await ann.does(model.RecallMessage(chat=group, seq=gone))

    async def pictures(person: str) -> list[int]:
        page = await tea.chat.shown(person, group, "pictures", before=0, limit=50)
        return [message.seq for message in page.messages]

    assert await pictures(ann.id) == [early, late]
    assert await pictures(bob.id) == [early]
    assert await pictures(cat.id) == [late]
