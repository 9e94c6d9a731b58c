"""Catching up in small pages: nothing is missed, whatever else is in the log."""

from typing import Any

from teahouse.chat import model
from tests.chat.house import Chatter, TeaHouse
from tests.harness.house import kinds


async def all_pages(person: Chatter, cursor: str, limit: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    more = True
    while more:
        events, cursor, more = await person.syncs(cursor, limit)
        assert len(events) <= limit
        found += events
    return found


async def test_what_was_told_before_one_joined_takes_no_place_in_a_page(tea: TeaHouse) -> None:
    ann, bob = await tea.friends("ann", "bob")
    _, cursor, _ = await bob.syncs("")
    group = await ann.opens("group")
    for n in range(6):
        seq = await ann.says(group, f"{n}")
        await ann.does(model.React(chat=group, seq=seq, emoji="🍵"))
    await ann.does(model.AddMembers(chat=group, people=(bob.id,)))
    last = await ann.says(group, "Welcome")
    await ann.does(model.React(chat=group, seq=last, emoji="🎉"))
    for limit in (1, 2, 3, 50):
        told = kinds(await all_pages(bob, cursor, limit))
        assert told == ["chat.opened", "members.changed", "message.new", "message.new", "message.reactions"], limit
