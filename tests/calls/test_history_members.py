"""One's own calls: in pages, rated, and taken out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from teahouse.calls.history.history import CallHistory
from teahouse.calls.history.rules import NoSuchCall
from teahouse.calls.model import CallRecord, ForgetCalls, RateCall
from teahouse.storage.transaction import Tx
from tests.calls.members.calling import SECOND, Calling, Phone, open_calling


@pytest.fixture
async def calling(tmp_path: Path, store_url: str) -> AsyncIterator[Calling]:
    async with open_calling(tmp_path, store=store_url) as opened:
        yield opened


class OtherCalls:
    """Another room of calls, with these records."""

    def __init__(self) -> None:
        self.kept: list[CallRecord] = []
        self.stars: dict[str, int] = {}

    def records(
        self, connection: sa.Connection, person: str, before: tuple[int, str], limit: int, *, missed: bool
    ) -> Sequence[CallRecord]:
        found = [each for each in self.kept if (each.at, each.id) < before and (not missed or each.outcome == "missed")]
        return sorted(found, key=lambda each: (each.at, each.id), reverse=True)[:limit]

    def record(self, connection: sa.Connection, person: str, call: str) -> CallRecord | None:
        return next((each for each in self.kept if each.id == call), None)

    def rate(self, tx: Tx, person: str, call: str, stars: int, troubles: Sequence[str]) -> bool:
        if all(each.id != call for each in self.kept):
            return False
        self.stars[call] = stars
        return True

    def forget(self, tx: Tx, person: str, calls: Sequence[str]) -> None:
        self.kept = [each for each in self.kept if calls and each.id not in calls]


async def given_up(calling: Calling, caller: Phone, chat: str) -> str:
    call = (await caller.calls(chat)).call.id
    await caller.leaves(call)
    await calling.pass_(SECOND)
    return call


async def test_calls_of_all_rooms_are_one_list_in_pages(calling: Calling) -> None:
    ann, ben = await calling.friends("ann", "ben")
    chat = await ann.meets(ben)
    other = OtherCalls()
    calling.history = CallHistory(calling.house.house, (calling.house.calls.members, other))
    calls = []
    for number in range(4):
        calls.append(await given_up(calling, (ann, ben)[number % 2], chat))
        at = (await ann.record(calls[-1])).at
        # At the same instant, so that the ids decide.
        other.kept.append(CallRecord(calls[-1][:-1] + "~", "phone", "in", at, "missed", number="+493012345"))
        calls.append(other.kept[-1].id)
    newest = calls[::-1]
    for limit in (1, 3, 8):
        seen: list[str] = []
        more = True
        while more:
            page = await calling.history.page(
                ann.guest.signed, before=seen[-1] if seen else "", limit=limit, missed=False
            )
            seen += [each.id for each in page.calls]
            more = page.more
        assert seen == newest
    missed = await ann.history(missed=True)
    assert [each.id for each in missed] == [call for call in newest if call.endswith("~") or call in calls[2::4]]
    with pytest.raises(NoSuchCall):
        await ann.history(before="0" * 16)


async def test_a_call_is_rated_once_it_ended_and_by_its_people(calling: Calling) -> None:
    ann, ben, eve = await calling.friends("ann", "ben", "eve")
    call = (await ann.calls(await ann.meets(ben))).call.id
    with pytest.raises(NoSuchCall):
        await ann.does(RateCall(call=call, stars=5))
    await ben.joins(call)
    await ben.leaves(call)
    await ann.does(RateCall(call=call, stars=5))
    await ann.does(RateCall(call=call, stars=2, troubles=("echo", "cut", "echo")))
    assert ((await ann.record(call)).rating, (await ben.record(call)).rating) == (2, 0)
    with pytest.raises(NoSuchCall):
        await eve.does(RateCall(call=call, stars=1))


async def test_what_one_takes_out_stays_for_the_other(calling: Calling) -> None:
    ann, ben = await calling.friends("ann", "ben")
    chat = await ann.meets(ben)
    calls = [await given_up(calling, ann, chat) for _ in range(3)]
    await ben.does(ForgetCalls(calls=(calls[1], "0" * 16)))
    assert [each.id for each in await ben.history()] == [calls[2], calls[0]]
    with pytest.raises(NoSuchCall):
        await ben.record(calls[1])
    with pytest.raises(NoSuchCall):
        await ben.does(RateCall(call=calls[1], stars=1))
    going_on = (await ann.calls(chat)).call.id
    await ben.does(ForgetCalls())
    assert [each.id for each in await ben.history()] == [going_on], "what goes on is no history yet"
    assert [each.id for each in await ann.history()] == [going_on, *calls[::-1]]
