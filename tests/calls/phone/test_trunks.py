"""The operator sets trunks up, and says which number reaches whom."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse import ids
from teahouse.calls.phone.numbers import NotANumber, read
from teahouse.calls.phone.trunks import rules
from teahouse.calls.phone.trunks.dialling import as_dialled
from teahouse.calls.phone.trunks.model import (
    AddTrunk,
    AssignNumber,
    RemoveNumber,
    RemoveTrunk,
    TrunkAdded,
    TrunkSetup,
    TrunkView,
    UpdateTrunk,
)
from teahouse.calls.phone.trunks.rules import BadTrunk, NoSuchNumber, NoSuchTrunk, TooManyNumbers, TooManyTrunks
from teahouse.calls.sip.model import Trunk, TrunkStatus
from teahouse.commands import Command
from teahouse.errors import Forbidden, NotFound
from teahouse.operator.model import ChangeHouse
from tests.calls.house import CallHouse, open_calls, reopen_calls

SECRET = "s3cret-of-the-carrier"
ACME = TrunkSetup(
    name="ACME",
    host="sip.acme.example",
    user="teahouse",
    register=True,
    networks=("203.0.113.0/24", "2001:db8::1"),
    calls_max=7,
)


class Switchboard:
    """A house with trunks and numbers."""

    def __init__(self, house: CallHouse) -> None:
        self.house = house
        self.trunks = house.calls.phone.trunks

    async def does(self, command: Command) -> Any:
        return await self.house.house.execute(self.house.operator, command)

    async def adds(self, setup: TrunkSetup = ACME, password: str = "", **changes: Any) -> str:
        asked = AddTrunk(setup=msgspec.structs.replace(setup, **changes), password=password)
        added: TrunkAdded = await self.does(asked)
        return added.trunk

    async def view(self, trunk: str) -> TrunkView:
        return next(each for each in await self.trunks.views(self.house.operator) if each.id == trunk)

    async def loaded(self) -> tuple[tuple[Trunk, int], ...]:
        """In a reader's thread; the writer's sees the same."""
        read = await self.house.house.store.read(self.trunks.load)
        assert await self.house.house.store.write(lambda tx: self.trunks.load(tx.connection)) == read
        return read

    async def dials(self, trunk: str, number: str) -> str:
        return await self.house.house.store.read(self.trunks.dialled, trunk, number)

    async def rings(self, number: str) -> str:
        return await self.house.house.store.read(self.trunks.person_of, number)

    async def number_of(self, person: str) -> str:
        return await self.house.house.store.read(self.trunks.number_of, person)


@pytest.fixture
async def board(tmp_path: Path) -> AsyncIterator[Switchboard]:
    async with open_calls(tmp_path) as house:
        yield Switchboard(house)


@pytest.mark.parametrize("store_url", ["sqlite", "postgresql"], indirect=True)
async def test_a_trunk_is_added_changed_and_taken_away(tmp_path: Path, store_url: str) -> None:
    async with open_calls(tmp_path, store=store_url) as house:
        board = Switchboard(house)
        acme = await board.adds(password=SECRET)
        other = await board.adds(name="Other", host="198.51.100.7", register=False, user="", networks=())
        view = await board.view(acme)
        assert (view.setup, view.has_password, view.calls) == (ACME, True, 0)
        assert not (await board.view(other)).has_password
        assert SECRET not in msgspec.json.encode(view).decode()
        expected = Trunk(
            id=acme,
            host="sip.acme.example",
            user="teahouse",
            password=SECRET,
            register=True,
            networks=(ip_network("203.0.113.0/24"), ip_network("2001:db8::1")),
        )
        assert await board.loaded() == ((expected, 7), (Trunk(id=other, host="198.51.100.7"), 7))
        assert SECRET not in repr(await board.loaded())
        tls = msgspec.structs.replace(ACME, transport="tls", port=5071)
        await board.does(UpdateTrunk(trunk=acme, setup=tls))
        assert (await board.view(acme)).setup == tls
        (loaded, _), _ = await board.loaded()
        assert (loaded.transport, loaded.port, loaded.password) == ("tls", 5071, SECRET), "the password stays"
        await board.does(UpdateTrunk(trunk=acme, setup=tls, password="another"))
        assert (await board.loaded())[0][0].password == "another"
        await board.does(UpdateTrunk(trunk=acme, setup=tls, password=""))
        assert not (await board.view(acme)).has_password
        assert (await board.loaded())[0][0].password == ""
        await board.does(UpdateTrunk(trunk=acme, setup=msgspec.structs.replace(tls, on=False)))
        assert [trunk.id for trunk, _ in await board.loaded()] == [other]
        await board.does(RemoveTrunk(trunk=other))
        assert await board.loaded() == ()
        assert [each.id for each in await board.trunks.views(house.operator)] == [acme]
        with pytest.raises(NoSuchTrunk):
            await board.dials(other, "+4930901820")


async def test_a_password_is_sealed_at_rest_and_outlives_a_restart(tmp_path: Path) -> None:
    async with open_calls(tmp_path) as house:
        acme = await Switchboard(house).adds(password=SECRET)
        again = await Switchboard(house).adds(password=SECRET)
        database = str(house.house.store.engine.url.database)
    stored = [row[0] for row in sqlite3.connect(database).execute("SELECT password FROM trunk ORDER BY id")]
    assert all(SECRET.encode() not in each for each in stored)
    assert stored[0] != stored[1], "nobody sees that two are the same"
    async with reopen_calls(tmp_path) as house:
        board = Switchboard(house)
        assert [trunk.password for trunk, _ in await board.loaded()] == [SECRET, SECRET]
    with sqlite3.connect(database) as connection:  # somebody puts one trunk's password into the other's row
        connection.execute("UPDATE trunk SET password = ? WHERE id = ?", (stored[0], again))
    async with reopen_calls(tmp_path) as house:
        loaded = await Switchboard(house).loaded()
        assert [(trunk.id, trunk.password) for trunk, _ in loaded] == [(acme, SECRET), (again, "")]


async def test_a_store_without_its_key_has_trunks_without_passwords(tmp_path: Path) -> None:
    async with open_calls(tmp_path) as house:
        acme = await Switchboard(house).adds(password=SECRET)
        founder = house.operator
        key = house.house.settings.data / "keys" / "trunks"
        assert key.stat().st_mode & 0o077 == 0
        key.unlink()
    async with reopen_calls(tmp_path) as house:
        board = Switchboard(house)
        assert (await board.loaded())[0][0].password == ""
        house.tea.founder = founder
        await board.does(UpdateTrunk(trunk=acme, setup=ACME, password="new"))
        assert (await board.loaded())[0][0].password == "new"


async def test_whoever_leads_calls_hears_of_a_change_in_the_loop_once_it_is_durable(board: Switchboard) -> None:
    heard: asyncio.Queue[asyncio.AbstractEventLoop] = asyncio.Queue()

    def changed() -> None:
        heard.put_nowait(asyncio.get_running_loop())

    board.trunks.on_changed = changed
    acme = await board.adds()
    assert await heard.get() is asyncio.get_running_loop()
    assert [trunk.id for trunk, _ in await board.loaded()] == [acme]
    await board.does(UpdateTrunk(trunk=acme, setup=ACME))
    await heard.get()
    await board.does(RemoveTrunk(trunk=acme))
    await heard.get()
    with pytest.raises(NoSuchTrunk):
        await board.does(RemoveTrunk(trunk=acme))
    await board.adds()
    await heard.get()
    assert heard.empty(), "a refusal changes nothing"


async def test_operators_are_told_and_nobody_else(board: Switchboard) -> None:
    people: list[str] = []
    told = asyncio.Event()

    def hear(_number: int, all_told: Any) -> None:
        for each in all_told:
            if each.body.startswith(b'{"type":"trunks.changed"'):
                people.extend(each.people)
                told.set()

    board.house.house.bus.subscribe(hear)
    await board.house.person("ann")
    acme = await board.adds()
    await told.wait()
    assert people == [board.house.operator.person]
    people.clear()
    told.clear()
    for state in ("starting", "up", "down"):
        board.trunks.told(acme, TrunkStatus(state=state))  # type: ignore[arg-type]
    await told.wait()
    assert people == [board.house.operator.person], "once for all that came together"


async def test_views_show_what_the_stack_says(board: Switchboard) -> None:
    acme = await board.adds()
    board.trunks.status = lambda trunk: TrunkStatus("refused" if trunk == acme else "up", "403 Forbidden", 1.5)
    board.trunks.calls = lambda trunk: 3
    view = await board.view(acme)
    assert (view.state, view.detail, view.since, view.calls) == ("refused", "403 Forbidden", 1500, 3)
    await board.does(UpdateTrunk(trunk=acme, setup=msgspec.structs.replace(ACME, on=False)))
    view = await board.view(acme)
    assert (view.state, view.detail, view.since) == ("off", "", 0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "  "}, "name"),
        ({"host": "sip.acme.example:5060"}, "host"),
        ({"host": "-acme"}, "host"),
        ({"host": "acme..example"}, "host"),
        ({"host": "300.1.2.3"}, "host"),
        ({"host": "1.2.3"}, "host"),
        ({"host": "[2001:db8::1"}, "host"),
        ({"host": "2001:db8::1]"}, "host"),
        ({"host": "[1.2.3.4]"}, "host"),
        ({"domain": "not a domain"}, "domain"),
        ({"user": "tea house"}, "user"),
        ({"user": "a@b"}, "user"),
        ({"user": "a\r\nVia: x"}, "user"),
        ({"user": "", "register": True}, "user"),
        ({"session_expires_s": 60}, "session_expires_s"),
        ({"networks": ("203.0.113.0/33",)}, "networks"),
        ({"networks": ("acme",)}, "networks"),
        ({"networks": ("0.0.0.0/0",)}, "networks"),
    ],
)
async def test_what_cannot_be_a_trunk_is_refused(board: Switchboard, changes: dict[str, Any], field: str) -> None:
    acme = await board.adds()
    with pytest.raises(BadTrunk) as refused:
        await board.adds(**changes)
    assert refused.value.fields["field"] == field
    with pytest.raises(BadTrunk):
        await board.does(UpdateTrunk(trunk=acme, setup=msgspec.structs.replace(ACME, **changes)))
    assert (await board.view(acme)).setup == ACME


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "127.0.0.1", "networks": ("127.0.0.0/8",)},  # it is the operator's machine
        {"host": "localhost"},
        {"host": "::1"},
        {"host": "[2001:db8::1]"},
        {"host": "192.168.178.1"},
        {"host": "_sip._udp.acme.example."},
        {"domain": "acme.example"},
        {"networks": ("203.0.113.7/24",)},
        {"session_expires_s": 0},
        {"register": False, "user": ""},
    ],
)
def test_what_can_be_a_trunk(changes: dict[str, Any]) -> None:
    rules.must_be_usable(msgspec.structs.replace(ACME, **changes))


async def test_numbers_are_dialled_as_each_trunk_wants_them(board: Switchboard) -> None:
    await board.house.tea.opened.operator.change(board.house.operator, ChangeHouse(country="DE"))
    plus = await board.adds()
    digits = await board.adds(format="digits", prefix="99*")
    zeros = await board.adds(format="double_zero")
    national = await board.adds(format="national", prefix="0")
    assert await board.dials(plus, "+4930901820") == "+4930901820"
    assert await board.dials(digits, "+4930901820") == "99*4930901820"
    assert await board.dials(zeros, "+4930901820") == "004930901820"
    assert await board.dials(national, "+4930901820") == "0030901820"
    assert await board.dials(national, "+14155552671") == "00014155552671"


@pytest.mark.parametrize(
    ("e164", "country", "dialled"),
    [
        ("+4930901820", "DE", "030901820"),
        ("+4917612345678", "DE", "017612345678"),
        ("+4930901820", "AT", "004930901820"),
        ("+4930901820", "", "004930901820"),
        ("+14155552671", "US", "4155552671"),
        ("+12425551234", "US", "2425551234"),  # the Bahamas are of the same plan
        ("+39066982", "IT", "066982"),
        ("+442071234567", "GB", "02071234567"),
        ("+870773111632", "DE", "00870773111632"),
        ("+1", "US", "001"),
    ],
)
def test_national_numbers(e164: str, country: str, dialled: str) -> None:
    assert as_dialled(e164, "national", country) == dialled


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True), st.sampled_from(["DE", "US", "IT", "BR", "CN"]))
def test_what_is_dialled_within_a_country_is_the_same_number(e164: str, country: str) -> None:
    try:
        number = read(e164, "", house=country)
    except NotANumber:
        return
    for how in ("plus", "double_zero", "national"):
        dialled = as_dialled(number.e164, how, country)  # type: ignore[arg-type]
        assert read(dialled, country, house=country) == number
    assert as_dialled(number.e164, "digits", country) == number.e164[1:]


@pytest.mark.parametrize("store_url", ["sqlite", "postgresql"], indirect=True)
async def test_a_number_reaches_a_person(tmp_path: Path, store_url: str) -> None:
    async with open_calls(tmp_path, store=store_url) as house:
        board = Switchboard(house)
        ann, ben = [await house.person(each) for each in ("ann", "ben")]
        assert await board.rings("+4930111") == ""
        await board.does(AssignNumber(number="+4930111", person=ann.id))
        await board.does(AssignNumber(number="+4930100"))
        assert (await board.rings("+4930111"), await board.rings("+4930100")) == (ann.id, "")
        assert (await board.number_of(ann.id), await board.number_of(ben.id)) == ("+4930111", "")
        assert await board.number_of("") == "", "the house's number is nobody's own"
        numbers = await board.trunks.numbers(house.operator)
        assert [(each.number, each.person) for each in numbers] == [("+4930100", ""), ("+4930111", ann.id)]
        house.passes(1000)
        await board.does(AssignNumber(number="+4930100", person=ann.id))
        assert await board.number_of(ann.id) == "+4930111", "the one she has had longest"
        await board.does(AssignNumber(number="+4930111", person=ben.id))
        assert (await board.number_of(ann.id), await board.number_of(ben.id)) == ("+4930100", "+4930111")
        assert await board.rings("+4930111") == ben.id
        await board.does(RemoveNumber(number="+4930111"))
        assert (await board.rings("+4930111"), await board.number_of(ben.id)) == ("", "")
        with pytest.raises(NoSuchNumber):
            await board.does(RemoveNumber(number="+4930111"))


async def test_assigning_a_number_again_changes_nothing(board: Switchboard) -> None:
    ann = await board.house.person("ann")
    await board.does(AssignNumber(number="+4930111", person=ann.id))
    (before,) = await board.trunks.numbers(board.house.operator)
    board.house.passes(1000)
    await board.does(AssignNumber(number="+4930111", person=ann.id))
    [after] = await board.trunks.numbers(board.house.operator)
    assert (after.number, after.person, after.at) == ("+4930111", ann.id, before.at)
    assert after.owner is not None
    assert after.owner.handle == "ann"


async def test_a_number_is_only_given_to_people(board: Switchboard) -> None:
    with pytest.raises(NotFound):
        await board.does(AssignNumber(number="+4930111", person=ids.new_id()))
    shop = await board.house.house.store.write(
        lambda tx: board.house.wallet.purse.people.add_service(tx, "shop", "A shop")
    )
    with pytest.raises(NotFound):
        await board.does(AssignNumber(number="+4930111", person=shop.id))
    assert await board.trunks.numbers(board.house.operator) == ()


async def test_only_operators_see_and_change_trunks_and_numbers(board: Switchboard) -> None:
    ann = await board.house.person("ann")
    acme = await board.adds(password=SECRET)
    await board.does(AssignNumber(number="+4930111"))
    for command in (
        AddTrunk(setup=ACME),
        UpdateTrunk(trunk=acme, setup=ACME, password="hers"),
        RemoveTrunk(trunk=acme),
        AssignNumber(number="+4930111", person=ann.id),
        RemoveNumber(number="+4930111"),
    ):
        with pytest.raises(Forbidden):
            await ann.does(command)
    for read_them in (board.trunks.views, board.trunks.numbers):
        with pytest.raises(Forbidden):
            await read_them(ann.guest.signed)  # type: ignore[operator]
    assert (await board.loaded())[0][0].password == SECRET
    assert await board.rings("+4930111") == ""


async def test_there_is_an_end_to_trunks_and_numbers(board: Switchboard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "TRUNKS_MAX", 1)
    monkeypatch.setattr(rules, "NUMBERS_MAX", 1)
    await board.adds()
    with pytest.raises(TooManyTrunks):
        await board.adds()
    ann = await board.house.person("ann")
    await board.does(AssignNumber(number="+4930111"))
    await board.does(AssignNumber(number="+4930111", person=ann.id))
    with pytest.raises(TooManyNumbers):
        await board.does(AssignNumber(number="+4930112"))


async def test_a_trunk_that_is_not_there_is_refused(board: Switchboard) -> None:
    with pytest.raises(NoSuchTrunk):
        await board.does(UpdateTrunk(trunk=ids.new_id(), setup=ACME))
    with pytest.raises(NoSuchTrunk):
        await board.does(RemoveTrunk(trunk=ids.new_id()))
