"""Strangers reach a person only through a request; people keep away whom they do not want, and are not told on."""

from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest
import pytest_asyncio

from teahouse import clock
from teahouse.errors import Malformed, NotFound
from teahouse.people import rules
from teahouse.people.model import (
    AcceptContact,
    Block,
    Contacts,
    DeclineContact,
    RemoveContact,
    RequestContact,
    Unblock,
    UpdateContact,
    UpdateProfile,
)
from teahouse.storage.transaction import Tx
from tests.harness.house import Guest, OpenHouse


class Two(NamedTuple):
    ann: Guest
    bob: Guest
    house: OpenHouse

    async def book(self, person: Guest) -> Contacts:
        return await self.house.house.store.read(self.house.people.book.shown, person.signed)

    async def handles(self, person: Guest) -> list[str]:
        return [each.person.handle for each in (await self.book(person)).contacts]


@pytest_asyncio.fixture
async def two(house: OpenHouse) -> AsyncIterator[Two]:
    """Ann and Bob, who do not know each other; contacts get a chat named after them."""
    await house.found()
    house.operator.settings = house.operator.settings.__class__(registration="open")
    house.people.on_contact = lambda tx, one, other: "chat_" + min(one, other)[:5]
    yield Two(await house.sign_up("ann"), await house.sign_up("bob"), house)


async def test_a_request_is_shown_to_both_and_accepted(two: Two) -> None:
    ann, bob, _ = two
    asked = await ann.does(RequestContact(handle="bob", greeting="It is Ann from the choir\x00"))
    assert bob.told("contact.requested")[0]["request"]["greeting"] == "It is Ann from the choir"
    assert [each.id for each in (await two.book(ann)).requests] == [asked.request]
    assert [each.sender.handle for each in (await two.book(bob)).requests] == ["ann"]
    with pytest.raises(NotFound):
        await ann.does(AcceptContact(request=asked.request))

    accepted = await bob.does(AcceptContact(request=asked.request))

    assert accepted.chat.startswith("chat_")
    for one, other in ((ann, bob), (bob, ann)):
        (contact,) = (await two.book(one)).contacts
        assert (contact.person.id, contact.chat, contact.blocked) == (other.id, accepted.chat, False)
        assert one.told("contact.changed")[0]["contact"]["person"]["id"] == other.id
        assert one.told("contact.request_closed")[0]["request"] == asked.request
        assert (await two.book(one)).requests == ()
    assert (await ann.does(RequestContact(person=bob.id))).chat == accepted.chat


async def test_repeating_a_request_bothers_nobody_twice(two: Two) -> None:
    first = await two.ann.does(RequestContact(handle="bob", greeting="hello"))
    again = await two.ann.does(RequestContact(handle="bob", greeting="HELLO!!"))
    assert again == first
    assert [event["request"]["greeting"] for event in two.bob.told("contact.requested")] == ["hello"]


async def test_when_both_ask_they_are_contacts(two: Two) -> None:
    await two.ann.does(RequestContact(person=two.bob.id))
    answer = await two.bob.does(RequestContact(handle="ann"))
    assert (answer.request, answer.chat[:5]) == ("", "chat_")
    assert await two.handles(two.ann) == ["bob"]
    assert await two.handles(two.bob) == ["ann"]


async def test_a_declined_person_is_not_told_and_does_not_get_through_again_at_once(two: Two) -> None:
    ann, bob, _ = two
    asked = await ann.does(RequestContact(handle="bob"))
    await bob.does(DeclineContact(request=asked.request))
    assert ann.told("contact.request_closed") == []
    assert [each.id for each in (await two.book(ann)).requests] == [asked.request]
    assert (await two.book(bob)).requests == ()

    assert await ann.does(RequestContact(handle="bob", greeting="please")) == asked
    await ann.does(DeclineContact(request=asked.request))  # withdraw, and try anew
    assert (await two.book(ann)).requests == ()
    assert await ann.does(RequestContact(handle="bob", greeting="please!")) == asked
    assert (await two.book(bob)).requests == ()
    assert len(bob.told("contact.requested")) == 1

    # Bob changes his mind: he asks, and as Ann has asked, they are contacts.
    assert (await bob.does(RequestContact(handle="ann"))).chat
    assert await two.handles(ann) == ["bob"]
    assert (await two.book(ann)).requests == ()


async def test_a_declined_person_may_ask_again_after_a_while(two: Two) -> None:
    ann, bob, house = two
    asked = await ann.does(RequestContact(handle="bob", greeting="hello"))
    await bob.does(DeclineContact(request=asked.request))
    later = clock.now_ms() + rules.QUIET_MS + clock.MINUTE_MS
    house.house.store.writer.clock = lambda: later

    assert await ann.does(RequestContact(handle="bob", greeting="hello again")) == asked

    (shown,) = (await two.book(bob)).requests
    assert (shown.id, shown.greeting, shown.at) == (asked.request, "hello again", later)
    assert await bob.does(AcceptContact(request=asked.request))


async def test_a_request_can_be_withdrawn(two: Two) -> None:
    asked = await two.ann.does(RequestContact(handle="bob"))
    await two.ann.does(DeclineContact(request=asked.request))
    assert (await two.book(two.bob)).requests == ()
    assert two.bob.told("contact.request_closed")[0]["request"] == asked.request
    with pytest.raises(NotFound):
        await two.bob.does(AcceptContact(request=asked.request))
    assert (await two.ann.does(RequestContact(handle="bob"))).request
    assert len((await two.book(two.bob)).requests) == 1


async def test_a_blocked_person_gets_the_same_answers_as_anybody(two: Two) -> None:
    ann, bob, _ = two
    await bob.does(Block(person=ann.id))
    asked = await ann.does(RequestContact(handle="bob"))
    assert asked.request
    assert [each.id for each in (await two.book(ann)).requests] == [asked.request]
    assert (await two.book(bob)).requests == ()
    assert bob.told("contact.requested") == []
    assert ann.told("block.changed") == []
    with pytest.raises(rules.BlockedByYou):
        await bob.does(RequestContact(handle="ann"))

    await bob.does(Unblock(person=ann.id))

    assert [event["blocked"] for event in bob.told("block.changed")] == [True, False]
    assert (await bob.does(RequestContact(handle="ann"))).chat


async def test_blocking_takes_their_request_away_and_ones_own(two: Two) -> None:
    ann, bob, _ = two
    theirs = await ann.does(RequestContact(handle="bob"))
    await bob.does(Block(person=ann.id))
    assert (await two.book(bob)).requests == ()
    with pytest.raises(NotFound):
        await bob.does(AcceptContact(request=theirs.request))

    cat = await two.house.sign_up("cat")
    own = await bob.does(RequestContact(handle="cat"))
    await bob.does(Block(person=cat.id))
    assert cat.told("contact.request_closed")[0]["request"] == own.request
    with pytest.raises(NotFound):
        await cat.does(AcceptContact(request=own.request))


async def test_a_blocked_contact_stays_one_and_shows_it_to_the_blocker_only(two: Two) -> None:
    ann, bob, house = two
    changes: list[tuple[str, str]] = []
    house.people.on_relation = lambda tx, one, other: changes.append((one, other))
    await ann.does(RequestContact(handle="bob"))
    await bob.does(RequestContact(handle="ann"))
    changes.clear()

    await ann.does(Block(person=bob.id))
    await ann.does(Block(person=bob.id))

    assert changes == [(ann.id, bob.id)]
    assert (await two.book(ann)).contacts[0].blocked
    assert not (await two.book(bob)).contacts[0].blocked
    assert [each.handle for each in (await two.book(ann)).blocked] == ["bob"]
    assert ann.told("contact.changed")[-1]["contact"]["blocked"]
    between = await house.house.store.read(house.people.blocked_between, bob.id, ann.id)
    assert between == {ann.id}


async def test_removing_ends_it_on_both_sides(two: Two) -> None:
    ann, bob, house = two
    await ann.does(RequestContact(handle="bob"))
    await bob.does(RequestContact(handle="ann"))
    assert await house.house.store.read(house.people.are_contacts, ann.id, bob.id)
    assert await house.house.store.read(house.people.contacts_among, ann.id, [bob.id, ann.id]) == {bob.id}

    await ann.does(RemoveContact(person=bob.id))

    assert await two.handles(ann) == await two.handles(bob) == []
    assert bob.told("contact.removed")[0]["person"] == ann.id
    assert not await house.house.store.read(house.people.are_contacts, bob.id, ann.id)
    with pytest.raises(NotFound):
        await bob.does(RemoveContact(person=ann.id))


async def test_remarks_and_labels_are_ones_own(two: Two) -> None:
    ann, bob, _ = two
    await ann.does(RequestContact(handle="bob"))
    await bob.does(RequestContact(handle="ann"))
    await ann.does(UpdateContact(person=bob.id, remark=" Bobby \x00", labels=("choir", "choir", " family ")))
    (contact,) = (await two.book(ann)).contacts
    assert (contact.remark, contact.labels) == ("Bobby", ("choir", "family"))
    (other,) = (await two.book(bob)).contacts
    assert (other.remark, other.labels) == ("", ())
    assert bob.told("contact.changed")[-1]["contact"]["person"]["name"] == "Ann"
    with pytest.raises(NotFound):
        await bob.does(UpdateContact(person=bob.id, remark="me"))


async def test_a_contact_link_finds_its_owner_until_a_new_one_is_made(two: Two) -> None:
    ann, bob, house = two
    old = (await house.people.book.make_link(ann.signed)).url.rpartition("/p/")[2]
    link = (await house.people.book.make_link(ann.signed)).url.rpartition("/p/")[2]
    with pytest.raises(NotFound):
        await bob.does(RequestContact(link=old))
    person = await house.house.store.read(house.people.book.behind_link, link)
    assert person.handle == "ann"
    await bob.does(RequestContact(link=link))
    assert ann.told("contact.requested")[0]["request"]["sender"]["handle"] == "bob"


async def test_requests_that_make_no_sense_are_refused(two: Two) -> None:
    ann, bob, _ = two
    with pytest.raises(rules.Yourself):
        await ann.does(RequestContact(handle="ann"))
    with pytest.raises(rules.Yourself):
        await ann.does(Block(person=ann.id))
    with pytest.raises(Malformed):
        await ann.does(RequestContact())
    with pytest.raises(Malformed):
        await ann.does(RequestContact(handle="bob", person=bob.id))
    with pytest.raises(NotFound):
        await ann.does(RequestContact(handle="nobody_here"))
    with pytest.raises(NotFound):
        await ann.does(Block(person="0" * 16))


async def test_somebody_who_asks_the_whole_house_is_stopped(two: Two) -> None:
    house = two.house

    def crowd(tx: Tx) -> list[str]:
        names = [f"crowd_{number}" for number in range(rules.REQUESTS_SENT_MAX + 1)]
        return [house.people.accounts.create(tx, name, name).id for name in names]

    people = await house.house.store.write(crowd)
    for person in people[:-1]:
        await two.ann.does(RequestContact(person=person))
    with pytest.raises(rules.TooManyRequests):
        await two.ann.does(RequestContact(person=people[-1]))
    assert (await two.ann.does(RequestContact(person=people[0]))).request


async def test_a_changed_profile_is_told_to_whom_chat_names(two: Two) -> None:
    ann, bob, house = two
    house.people.audience_of = lambda connection, person: ({person, bob.id}, [person])
    await ann.does(UpdateProfile(name="Ann  Lee", bio="Sings.\nA lot.", handle="ann_lee"))
    for each in (ann, bob):
        told = each.told("profile.changed")[-1]["person"]
        assert (told["name"], told["bio"], told["handle"]) == ("Ann Lee", "Sings.\nA lot.", "ann_lee")
    with pytest.raises(rules.HandleTaken):
        await bob.does(UpdateProfile(handle="ann_lee"))
    with pytest.raises(Malformed):
        await bob.does(UpdateProfile())
    await ann.does(UpdateProfile(handle="ann_lee"))
    found = await house.house.store.read(house.people.handles_to_ids, ["ann_lee", "ann", "bob"])
    assert found == {"ann_lee": ann.id, "bob": bob.id}
