"""Pages of a history: lines found by walking back, then dressed with who and what for, each asked once a page."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from teahouse.errors import NotFound
from teahouse.money import code_of
from teahouse.people.model import Person
from teahouse.wallet.history import months
from teahouse.wallet.history.lines import Filter, Line, line_of
from teahouse.wallet.history.model import EntryPage
from teahouse.wallet.ledger import history, store
from teahouse.wallet.ledger.model import Account, Kind, Purpose, Transfer
from teahouse.wallet.model import Entry
from teahouse.wallet.purse import Described, Purse

OWNERS_MAX = 100_000
OF_PEOPLE = ("member", "merchant")
"""Kinds of accounts whose owner is somebody of the house: a merchant is a service account, with a face of its own."""


class NoSuchEntry(NotFound):
    code = "no_such_entry"
    title = "There is no such entry in this history"


class Entries:
    def __init__(self, purse: Purse) -> None:
        self._purse = purse
        self._owners: dict[int, str] = {}
        """Of accounts: the id of whose it is, or nothing for the house's own. Neither ever changes."""

    def page(
        self,
        connection: sa.Connection,
        account: Account,
        before: int,
        limit: int,
        wanted: Filter,
        month: str = "",
    ) -> EntryPage:
        """Return lines before a number (0: the newest), at most `STEPS_MAX` transfers back. Raises `NoSuchEntry`."""
        since, number = 0, account.last
        if month:
            since, until = months.bounds(month)
            number = history.at_or_before(connection, account, until - 1).number
        if before:
            found = store.transfer(connection, before)
            if found is None or account.number not in (found.debit, found.credit):
                raise NoSuchEntry()
            number = min(number, history.before(found, account.number))
        lines, following = _lines(connection, account.number, number, since, limit, wanted)
        entries, people = self.dressed(connection, account, lines)
        return EntryPage(entries=entries, people=people, next=following)

    def dressed(
        self, connection: sa.Connection, account: Account, lines: Sequence[Line]
    ) -> tuple[tuple[Entry, ...], tuple[Person, ...]]:
        """Return lines as their owner sees them, and the people in them."""
        owners = self._owners_of(connection, {line.counter for line in lines})
        told = self._described(connection, account.owner, lines)
        nothing = Described()
        entries = []
        for line in lines:
            transfer = line.transfer
            about = told.get((transfer.purpose, transfer.subject), nothing)
            entries.append(
                Entry(
                    number=transfer.number,
                    at=transfer.at,
                    kind=line.kind,
                    state=line.state,
                    amount=line.amount,
                    currency=code_of(transfer.currency),
                    balance=line.balance,
                    subject=transfer.subject,
                    other=owners.get(line.counter) or about.other,
                    note=about.note,
                    chat=about.chat,
                    seq=about.seq,
                )
            )
        people = self._purse.people.people_by_id(connection, {entry.other for entry in entries if entry.other})
        return tuple(entries), tuple(people.values())

    def _described(
        self, connection: sa.Connection, person: str, lines: Iterable[Line]
    ) -> dict[tuple[int, str], Described]:
        subjects: defaultdict[int, dict[str, None]] = defaultdict(dict)
        for line in lines:
            if line.transfer.subject:
                subjects[line.transfer.purpose][line.transfer.subject] = None
        found = {}
        for purpose, those in subjects.items():
            describe = self._purse.describe.get(Purpose(purpose))
            if describe is not None:
                for subject, about in describe(connection, person, tuple(those)).items():
                    found[purpose, subject] = about
        return found

    def _owners_of(self, connection: sa.Connection, accounts: set[int]) -> dict[int, str]:
        known = self._owners
        missing = [number for number in accounts if number not in known]
        if missing:
            if len(known) > OWNERS_MAX:
                known = self._owners = {}
                missing = list(accounts)
            for number, owner, kind in store.owners(connection, missing):
                known[number] = owner if kind in OF_PEOPLE else ""
        return {number: known.get(number, "") for number in accounts}


def _lines(
    connection: sa.Connection, account: int, number: int, since: int, limit: int, wanted: Filter
) -> tuple[list[Line], int]:
    """Return lines from a number back, and the number before which the next ones are (0: there are none)."""
    lines: list[Line] = []
    last: Transfer | None = None
    for those in history.walk(connection, account, number):
        open_holds = open_among(connection, account, those)
        for each in those:
            if each.at < since:
                return lines, 0
            last = each
            line = line_of(each, account, open_holds)
            if line is not None and wanted.keeps(line):
                lines.append(line)
                if len(lines) == limit:
                    return lines, each.number if history.before(each, account) else 0
    return lines, last.number if last is not None and history.before(last, account) else 0


def open_among(connection: sa.Connection, account: int, transfers: Iterable[Transfer]) -> set[int]:
    """Return which of an account's transfers are holds that it pays and that are open."""
    holds = [each.number for each in transfers if each.kind == Kind.HOLD and each.debit == account]
    return store.open_among(connection, holds) if holds else set()
