"""Billers without a server: open bills come as files, payments leave as files. The one door of this room."""

import asyncio
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from teahouse import ids
from teahouse.bills.directory import store as billers
from teahouse.bills.directory.directory import Directory
from teahouse.bills.files import csv_bills, iso, rules, store
from teahouse.bills.files.model import BillFile, Settlement
from teahouse.bills.files.rules import Booked, Faults, NewBill
from teahouse.bills.files.settlements import Settlements, must_be_operator, shown
from teahouse.bills.payments.showing import write_customer
from teahouse.commands import Signed
from teahouse.errors import TooLarge
from teahouse.storage.transaction import Tx
from teahouse.wallet.bank import rules as bank_rules
from teahouse.wallet.bank.bank import BankPayOuts
from teahouse.wallet.notes import clean
from teahouse.wallet.purse import Purse

Format = Literal["csv", "pain.013", "camt.053"]


class BillFiles:
    def __init__(self, purse: Purse, directory: Directory, bank: BankPayOuts) -> None:
        self._purse = purse
        self._store = purse.house.store
        self._directory = directory
        self._bank = bank
        self._settlements = Settlements(purse)
        self._reading = asyncio.Lock()
        """One file at a time: reading one takes seconds of a core."""

    def register(self) -> None:
        """Hang the commands into the house."""
        self._settlements.register()

    # --- files that come ---

    async def take(self, signed: Signed, biller: str, name: str, data: bytes) -> BillFile:
        """Keep what a file says, or refuse it whole with what is wrong. Raises `UnknownFile`, `NotAFileBiller`."""
        must_be_operator(signed)
        if len(data) > rules.FILE_BYTES_MAX:
            raise TooLarge(max=rules.FILE_BYTES_MAX)
        row = await self._store.read(self._directory.row, biller)
        if row.connector != "file":
            raise rules.NotAFileBiller()
        faults = Faults()
        async with self._reading:
            kind, bills, booked = await asyncio.to_thread(self._read, row, data, faults)
        file = BillFile(
            id=ids.new_id(),
            biller=biller,
            name=clean(name)[:120],
            format=kind,
            at=self._store.writer.clock(),
            bills=len(bills) + len(booked),
            state="refused" if faults.count else "taken",
            faults=tuple(faults.found),
        )
        await self._store.write(self._keep, file, bills, booked)
        return file

    def _read(self, row: sa.Row[Any], data: bytes, faults: Faults) -> tuple[Format, list[NewBill], list[Booked]]:
        fields = tuple(field.name for field in billers.read_fields(row.fields))

        def customer_of(given: dict[str, str]) -> dict[str, str]:
            return self._directory.customer_of(row, given)

        kind = iso.kind_of(data)
        if kind == "camt.053":
            return "camt.053", [], list(iso.booked(iso.document(data)))
        if kind:
            bills = iso.bills(iso.document(data), fields, customer_of, faults)
        else:
            bills = csv_bills.read(data, fields, row.currency, customer_of, faults)
        rules.check(bills, row.currency, faults)
        return "pain.013" if kind else "csv", bills, []

    def _keep(self, tx: Tx, file: BillFile, bills: list[NewBill], booked: list[Booked]) -> None:
        values = {**msgspec.structs.asdict(file), "faults": store.write_json(file.faults)}
        tx.connection.execute(sa.insert(store.files).values(values))
        if file.state == "refused":
            return
        if file.format == "camt.053":
            self._book(tx, file.biller, booked)
            return
        here = store.paid_here(tx.connection, file.biller)
        rows = [
            (
                file.biller,
                bill.ref,
                write_customer(bill.customer),
                clean(bill.name),
                left := max(0, bill.amount - here.get(bill.ref, 0)),
                bill.due_at,
                store.write_json(bill.lines),
                file.id,
                "open" if left else "paid",
            )
            for bill in bills
        ]
        store.append_bills(tx.connection, rows)
        store.withdraw_others(tx.connection, file.biller, file.id)

    def _book(self, tx: Tx, biller: str, booked: list[Booked]) -> None:
        """What came in at the biller's own bank is to be paid no more; other references are none of ours."""
        for each in booked:
            found = store.bill(tx.connection, biller, each.ref)
            if found is not None and found.state == "open":
                store.take_off(tx.connection, biller, each.ref, each.amount)

    # --- reads ---

    async def files(self, signed: Signed, biller: str) -> tuple[BillFile, ...]:
        must_be_operator(signed)
        rows = await self._store.read(store.files_of, biller, rules.SHOWN_MAX)
        return tuple(
            BillFile(
                id=row.id,
                biller=row.biller,
                name=row.name,
                format=row.format,
                at=row.at,
                bills=row.bills,
                state=row.state,
                faults=store.read_faults(row.faults),
            )
            for row in rows
        )

    async def settlements(self, signed: Signed, biller: str) -> tuple[Settlement, ...]:
        must_be_operator(signed)
        return tuple(shown(row) for row in await self._store.read(store.settlements_of, biller, rules.SHOWN_MAX))

    async def settlement_file(self, signed: Signed, settlement: str) -> tuple[bytes, str, str]:
        """Return its bytes, name and MIME type. Raises `NoSuchSettlement`, `NoBankAccount`."""
        from teahouse.bills.files import settlement_files  # noqa: PLC0415

        must_be_operator(signed)

        def read(connection: sa.Connection) -> tuple[Any, Any, Any, str]:
            found = store.settlement(connection, settlement)
            if found is None:
                raise rules.NoSuchSettlement()
            biller = self._directory.row(connection, found.biller)
            person = self._purse.people.person(connection, found.biller)
            return found, biller, store.paid_in(connection, settlement), person.name if person else ""

        found, biller, payments, name = await self._store.read(read)
        if found.format == "csv":
            return settlement_files.as_csv(found, payments), f"settlement-{settlement}.csv", "text/csv"
        house = self._bank.account
        if house is None or not biller.iban:
            raise rules.NoBankAccount()
        bank_rules.must_be_payable(found.amount, found.currency)
        made = await asyncio.to_thread(settlement_files.pain_001, found, payments, house, biller.iban, name)
        return made, f"pain.001-{settlement}.xml", "application/xml"
