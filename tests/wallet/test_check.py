"""An audit asks the wallet's rooms too: what waits has its hold, and what is not opened lies in escrow."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.storage.transaction import Tx
from teahouse.wallet.check import faults_of
from teahouse.wallet.ledger.model import Kind, New
from teahouse.wallet.packets.model import OpenPacket, SendPacket
from teahouse.wallet.payments.model import SendTransfer
from tests.wallet.house import WalletHouse, eur, new_key


async def lived_in(purse: WalletHouse) -> None:
    """One transfer waits, and one of two shares of a packet is not opened."""
    ann, bob = await purse.friends("ann", "bob")
    group = await ann.opens("group", bob)
    send = SendTransfer(key=new_key(), chat=group, to=bob.id, amount=eur(700), approval=await ann.approves(700))
    await ann.does(send)
    drop = SendPacket(key=new_key(), chat=group, amount=eur(500), count=2, approval=await ann.approves(500))
    sent = await ann.does(drop)
    await bob.does(OpenPacket(packet=sent.packet))


async def test_all_agrees(purse: WalletHouse) -> None:
    await lived_in(purse)
    assert await purse.house.store.read(faults_of, {}) == []


async def test_a_hold_that_belongs_to_nothing_is_found(purse: WalletHouse) -> None:
    await lived_in(purse)

    def hold(tx: Tx) -> int:
        ledger = purse.wallet.ledger
        source, target = ledger.open(tx, "", "suspense", "EUR"), ledger.open(tx, "x", "escrow", "EUR")
        return ledger.post(tx, New(new_key(), source.number, target.number, 5, Kind.HOLD))

    number = await purse.house.store.write(hold)
    assert await purse.house.store.read(faults_of, {}) == [f"hold {number} is open, and nothing waits for it"]


async def test_a_transfer_without_its_hold_and_a_share_that_nobody_had_are_found(purse: WalletHouse) -> None:
    await lived_in(purse)

    def spoil(tx: Tx) -> None:
        tx.connection.execute(sa.text("DELETE FROM ledger_hold"))
        tx.connection.execute(sa.text("DELETE FROM wallet_packet_share"))

    await purse.house.store.write(spoil)
    faults = await purse.house.store.read(faults_of, {})
    assert faults[0].startswith("a transfer waits, but its hold")
    assert faults[1].endswith("in escrow, and 500 not opened")
