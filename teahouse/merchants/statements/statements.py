"""Daily bills, made from the orders and held against the ledger. The one door of this room."""

import msgspec
import sqlalchemy as sa
import structlog

from teahouse.commands import Signed
from teahouse.merchants.accounts.accounts import Accounts
from teahouse.merchants.orders import store as orders
from teahouse.merchants.statements import csv_file, rules
from teahouse.merchants.statements.ledger_day import ledger_day
from teahouse.merchants.statements.model import DayBill, DayLine
from teahouse.wallet.purse import Purse

logger = structlog.get_logger()


class Statements:
    def __init__(self, purse: Purse, accounts: Accounts) -> None:
        self._purse = purse
        self._accounts = accounts

    async def bill(self, signed: Signed, merchant: str, day: str) -> DayBill:
        bill = await self._purse.house.store.read(self._bill, signed, merchant, day)
        shown = bill.lines[: rules.LINES_SHOWN_MAX]
        return msgspec.structs.replace(bill, lines=shown, more=len(bill.lines) - len(shown))

    async def csv(self, signed: Signed, merchant: str, day: str) -> bytes:
        def make(connection: sa.Connection) -> bytes:
            bill = self._bill(connection, signed, merchant, day)
            return csv_file.written(bill, bill.lines)

        return await self._purse.house.store.read(make)

    def _bill(self, connection: sa.Connection, signed: Signed, merchant: str, day: str) -> DayBill:
        """All of it on one snapshot, so that what is sold meanwhile is in both or in neither."""
        self._accounts.must_be_staff(connection, signed, merchant, "manager")
        start, end = rules.bounds(day)
        currency = self._accounts.currency(connection, merchant)
        ledger = ledger_day(connection, merchant, currency, start, end)
        lines = self._lines(connection, merchant, currency, start, end)
        sums = rules.sums_of(lines)
        agrees = rules.agrees(lines, ledger.moved, ledger.opening, ledger.closing)
        if not agrees:
            logger.error(
                "day_bill_disagrees",
                merchant=merchant,
                day=day,
                opening=ledger.opening,
                closing=ledger.closing,
                change=sums.change,
            )
        return DayBill(
            merchant=merchant,
            day=day,
            currency=currency,
            opening=ledger.opening,
            closing=ledger.closing,
            sales=sums.sales,
            discounts=sums.discounts,
            refunds=sums.refunds,
            fees=sums.fees,
            taken_out=sums.taken_out,
            lines=lines,
            agrees=agrees,
        )

    def _lines(
        self, connection: sa.Connection, merchant: str, currency: str, start: int, end: int
    ) -> tuple[DayLine, ...]:
        """What the tables say, in order."""
        sales = orders.lines_of_day(connection, merchant, start, end)
        taken = self._accounts.take_outs_between(connection, merchant, currency, start, end)
        counters = self._accounts.counter_names(connection, merchant)
        payers = {line.payer for line in sales} | {row.person for row in taken}
        people = self._purse.people.people_by_id(connection, payers)
        handles = {identifier: person.handle for identifier, person in people.items()}
        lines = [
            DayLine(
                at=line.at,
                what=line.what,
                order=line.order,
                number=line.number,
                payer=handles.get(line.payer, ""),
                counter=counters.get(line.counter, ""),
                amount=line.amount,
                discount=line.discount,
                paid=line.paid,
                fee=line.fee,
                net=line.net,
                attach=line.attach,
            )
            for line in sales
        ]
        lines += [
            DayLine(
                at=row.at,
                what="take_out",
                order="",
                number=row.id,
                payer=handles.get(row.person, ""),
                counter="",
                amount=-row.amount,
                discount=0,
                paid=-row.amount,
                fee=0,
                net=-row.amount,
            )
            for row in taken
        ]
        return tuple(sorted(lines, key=lambda line: line.at))
