"""Devices, passwords and recovery codes: who is signed in where, and how that ends."""

import asyncio

import pytest

from teahouse import clock
from teahouse.errors import NotFound, Unauthenticated
from teahouse.people import rules, store
from teahouse.people.model import ChangePassword, Me, NewInvitation, Recover, SignIn
from teahouse.storage.transaction import Tx
from tests.harness.house import PASSWORD, Guest, OpenHouse

NEW = "quite another password"


async def another_device(house: OpenHouse, person: Guest, name: str = "laptop", password: str = PASSWORD) -> Guest:
    asked = SignIn(handle=person.handle, password=password, device=name)
    return await house.guest(await house.people.accounts.sign_in(asked, "10.0.0.7"))


async def me(house: OpenHouse, person: Guest) -> Me:
    return await house.people.me(person.signed)


async def is_signed_in(house: OpenHouse, device: Guest) -> bool:
    try:
        return (await house.house.authenticate(device.token)).device == device.device
    except Unauthenticated:
        return False


async def test_a_person_sees_their_devices_and_signs_one_out(house: OpenHouse) -> None:
    phone = await house.found()
    laptop = await another_device(house, phone)
    devices = await house.house.store.read(house.people.sessions.shown, phone.signed)
    assert {(each.name, each.current, each.address) for each in devices} == {
        ("test", True, "address of founder"),
        ("laptop", False, "10.0.0.7"),
    }

    await house.house.store.write(house.people.sessions.revoke, phone.signed, laptop.device)

    assert house.ended == [(laptop.device, "revoked")]
    assert not await is_signed_in(house, laptop)
    assert await is_signed_in(house, phone)


async def test_signing_out_ends_this_device_only(house: OpenHouse) -> None:
    phone = await house.found()
    laptop = await another_device(house, phone)
    await house.house.store.write(house.people.sessions.revoke, laptop.signed, laptop.device)
    assert house.ended == [(laptop.device, "signed_out")]
    assert await is_signed_in(house, phone)
    assert not await is_signed_in(house, laptop)


async def test_nobody_signs_out_the_devices_of_others(house: OpenHouse) -> None:
    founder = await house.found()
    link = await house.people.invitations.make(founder.signed, NewInvitation())
    guest = await house.sign_up("guest", invitation=link.url.rpartition("/")[2])
    with pytest.raises(NotFound):
        await house.house.store.write(house.people.sessions.revoke, guest.signed, founder.device)
    assert await is_signed_in(house, founder)


async def test_a_new_password_signs_the_others_out(house: OpenHouse) -> None:
    phone = await house.found()
    laptop = await another_device(house, phone)
    with pytest.raises(rules.WrongCredentials):
        await house.people.accounts.change_password(phone.signed, ChangePassword(new=NEW, current="wrong"))
    with pytest.raises(rules.WrongCredentials):
        await house.people.accounts.change_password(phone.signed, ChangePassword(new=NEW))
    assert await is_signed_in(house, laptop)

    await house.people.accounts.change_password(phone.signed, ChangePassword(new=NEW, current=PASSWORD))

    assert house.ended == [(laptop.device, "password_changed")]
    assert await is_signed_in(house, phone)
    assert not await is_signed_in(house, laptop)
    with pytest.raises(rules.WrongCredentials):
        await another_device(house, phone)
    assert await is_signed_in(house, await another_device(house, phone, password=NEW))


async def test_of_two_changes_at_once_one_counts(house: OpenHouse) -> None:
    phone = await house.found()
    changes = [
        house.people.accounts.change_password(phone.signed, ChangePassword(new=f"{NEW} {number}", current=PASSWORD))
        for number in range(2)
    ]
    outcomes = await asyncio.gather(*changes, return_exceptions=True)
    assert sorted(type(each).__name__ for each in outcomes) == ["NoneType", "WrongCredentials"]


async def test_a_recovery_code_works_once_however_it_was_copied(house: OpenHouse) -> None:
    phone = await house.found()
    codes = (await house.people.accounts.make_recovery_codes(phone.signed)).codes
    assert len(set(codes)) == 10
    assert (await me(house, phone)).recovery_codes_left == 10
    copied = f" {codes[0].upper().replace('-', ' ').replace('0', 'O').replace('1', 'l')} "
    asked = Recover(handle=phone.handle, code=copied, new=NEW, device="new phone")

    saved = await house.guest(await house.people.accounts.recover(asked, "elsewhere"))

    assert saved.id == phone.id
    assert not await is_signed_in(house, phone)
    assert (phone.device, "password_changed") in house.ended
    assert (await me(house, saved)).recovery_codes_left == 9
    with pytest.raises(rules.WrongCredentials):
        await house.people.accounts.recover(asked, "elsewhere")
    assert await another_device(house, saved, password=NEW)


async def test_new_recovery_codes_void_the_old(house: OpenHouse) -> None:
    phone = await house.found()
    old = (await house.people.accounts.make_recovery_codes(phone.signed)).codes
    await house.people.accounts.make_recovery_codes(phone.signed)
    with pytest.raises(rules.WrongCredentials):
        await house.people.accounts.recover(Recover(handle=phone.handle, code=old[0], new=NEW), "elsewhere")
    assert await is_signed_in(house, phone)


async def test_of_very_many_devices_the_longest_unused_is_signed_out(house: OpenHouse) -> None:
    phone = await house.found()
    person = (await me(house, phone)).person

    def open_many(tx: Tx) -> list[str]:
        return [house.people.sessions.open(tx, person, f"device {n}", "x").device for n in range(rules.DEVICES_MAX)]

    opened = await house.house.store.write(open_many)

    devices = await house.house.store.read(store.devices, phone.id)
    assert {each.id for each in devices} == set(opened)
    assert house.ended == [(phone.device, "revoked")]


async def test_a_device_is_noted_as_seen_now_and_then(house: OpenHouse) -> None:
    phone = await house.found()
    asked = SignIn(handle=phone.handle, password=PASSWORD)
    laptop = await house.people.accounts.sign_in(asked, "10.0.0.7")
    long_ago = clock.now_ms() - rules.SEEN_EVERY_MS - 1
    await house.house.store.write(lambda tx: store.touch_device(tx.connection, laptop.device, long_ago))

    await house.house.authenticate(laptop.token)

    async with asyncio.timeout(10):
        while await seen_at(house, phone, laptop.device) == long_ago:  # noqa: ASYNC110
            await asyncio.sleep(0)
    assert await seen_at(house, phone, laptop.device) > long_ago + rules.SEEN_EVERY_MS


async def seen_at(house: OpenHouse, person: Guest, device: str) -> int:
    devices = await house.house.store.read(house.people.sessions.shown, person.signed)
    return next(each.seen_at for each in devices if each.id == device)
