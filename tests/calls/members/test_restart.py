"""The house goes down while people talk: their sound goes on without it, and so do their calls once it is back."""

from __future__ import annotations

from pathlib import Path

import pytest

from teahouse.calls.members import refusals, rules
from tests.calls.members.calling import MINUTE, SECOND, Calling, open_calling


async def test_a_call_outlives_the_house_while_its_people_do(tmp_path: Path) -> None:
    async with open_calling(tmp_path) as calling:
        ann, ben, cat = await calling.friends("ann", "ben", "cat")
        group = await ann.opens("group", ben, cat)
        started = await ann.calls(group)
        call = started.call.id
        legs = {started.leg, await ben.joins(call), await cat.joins(call)}
    async with open_calling(tmp_path, new=False, at_ms=5 * MINUTE) as calling:
        ann, ben, cat = [await calling.again(each) for each in (ann, ben, cat)]
        [found] = await ann.open_calls()
        assert {leg.leg for leg in found.legs} == legs
        await calling.pass_(30 * SECOND)
        await ann.keeps(call)
        await ben.keeps(call)
        await calling.pass_(11 * SECOND)
        assert ann.states(call) == {"ann": "joined", "ben": "joined", "cat": "left"}
        [mine] = [leg for leg in ann.shown(call).legs if leg.person == cat.id]
        assert mine.left_at - mine.joined_at < MINUTE, "she was last heard of before the house went down"
        await ann.leaves(call)
        assert (await ben.record(call)).seconds in (341, 342)
        assert (await cat.record(call)).seconds == 0


async def test_what_was_due_while_the_house_was_away_happens_once_it_is_back(tmp_path: Path) -> None:
    async with open_calling(tmp_path) as calling:
        ann, ben = await calling.friends("ann", "ben")
        chat = await ann.meets(ben)
        call = (await ann.calls(chat)).call.id
        at = ann.shown(call).at
    async with open_calling(tmp_path, new=False, at_ms=10 * MINUTE) as calling:
        ann, ben = await calling.again(ann), await calling.again(ben)
        await calling.pass_(0)
        assert await ann.open_calls() == []
        record = await ben.record(call)
        assert (record.outcome, await ben.unread(chat)) == ("missed", 1)
        assert [card.outcome for card in await ben.cards(chat)] == ["no_answer"]
        assert (await ann.history())[0].at == at


async def test_the_house_itself_ends_what_waits_too_long(calling: Calling, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody asks for it here: its watch wakes up by itself."""
    ann, ben = await calling.friends("ann", "ben")
    chat = await ann.meets(ben)
    monkeypatch.setattr(rules, "RING_MS", 100)
    call = (await ann.calls(chat)).call.id
    await calling.until(lambda: ann.shown(call).outcome == "no_answer")
    monkeypatch.setattr(rules, "RING_MS", MINUTE)
    monkeypatch.setattr(rules, "SILENT_MS", 100)
    call = (await ann.calls(chat)).call.id
    await calling.until(lambda: ann.shown(call).outcome == "cancelled")
    with pytest.raises(refusals.NotInCall):
        await ann.keeps(call)
