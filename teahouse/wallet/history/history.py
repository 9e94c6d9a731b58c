"""What one has and had: the wallet, its history, statements and spending. The one door of this room."""

from collections.abc import AsyncIterator, Sequence
from typing import Literal, Protocol, cast

import sqlalchemy as sa
from litestar import Response
from litestar.response import Stream

from teahouse.commands import Signed
from teahouse.errors import Forbidden, Malformed, NotFound
from teahouse.money import Money
from teahouse.storage.transaction import Tx
from teahouse.wallet.guard.model import SpendingLimits
from teahouse.wallet.history import csv_file, months
from teahouse.wallet.history.entries import Entries
from teahouse.wallet.history.lines import KINDS, Filter
from teahouse.wallet.history.model import EntryPage, Spending, Statement, Wallet
from teahouse.wallet.history.statements import Statements
from teahouse.wallet.ledger import store
from teahouse.wallet.ledger.model import Account
from teahouse.wallet.model import Balance, Language
from teahouse.wallet.payments.model import Charge
from teahouse.wallet.purse import NoSuchCurrency, Purse

PAGE = 30


class Standing(Protocol):
    """How a person stands with the guard."""

    @property
    def level(self) -> int: ...
    @property
    def real_name(self) -> str: ...
    @property
    def accept_at_once(self) -> bool: ...
    @property
    def has_pin(self) -> bool: ...
    @property
    def locked_until(self) -> int: ...


class Guard(Protocol):
    def state_of(self, connection: sa.Connection, person: str) -> Standing: ...

    def limits_at(self, connection: sa.Connection, level: int) -> tuple[SpendingLimits, ...]: ...

    def spent_today(self, connection: sa.Connection, person: str) -> tuple[Money, ...]: ...

    def is_cashier(self, connection: sa.Connection, person: str) -> bool: ...

    def note_look(self, tx: Tx, person: str, by: str, what: str) -> None: ...


class Charges(Protocol):
    def waiting(self, connection: sa.Connection, person: str) -> Sequence[Charge]: ...


class Outside(Protocol):
    """A way by which money comes or goes, and which the house may have or not: cards, banks."""

    @property
    def is_on(self) -> bool: ...


class History:
    def __init__(
        self,
        purse: Purse,
        guard: Guard,
        charges: Charges | None = None,
        card: Outside | None = None,
        bank: Outside | None = None,
    ) -> None:
        self._purse = purse
        self._store = purse.house.store
        self._guard = guard
        self._charges = charges
        self._card = card
        self._bank = bank
        self._entries = Entries(purse)
        self._statements = Statements(self._store, self._entries)

    # --- what one has ---

    async def wallet(self, signed: Signed) -> Wallet:
        passkeys = (await self._purse.people.me(signed)).passkeys
        return await self._store.read(self._wallet, signed.person, passkeys)

    def _wallet(self, connection: sa.Connection, person: str, passkeys: int) -> Wallet:
        guard = self._guard
        standing = guard.state_of(connection, person)
        return Wallet(
            balances=self._balances(connection, person),
            has_pin=standing.has_pin,
            pin_locked_until=standing.locked_until,
            passkeys=passkeys,
            level=standing.level,
            real_name=standing.real_name,
            accept_at_once=standing.accept_at_once,
            limits=guard.limits_at(connection, standing.level),
            spent_today=guard.spent_today(connection, person),
            cashier=guard.is_cashier(connection, person),
            card_top_up=self._card is not None and self._card.is_on,
            bank_pay_out=self._bank is not None and self._bank.is_on,
            waiting=tuple(self._charges.waiting(connection, person)) if self._charges else (),
        )

    def _balances(self, connection: sa.Connection, person: str) -> tuple[Balance, ...]:
        """The house's currencies, and those that it gave up and the person still has."""
        found = dict.fromkeys(self._purse.operator.settings.currencies)
        accounts = {each.currency: each for each in store.accounts_of(connection, person) if each.kind == "member"}
        found.update((code, None) for code, each in accounts.items() if each.balance)
        return tuple(
            Balance(code, accounts[code].balance, accounts[code].available) if code in accounts else Balance(code, 0, 0)
            for code in found
        )

    # --- what came and went ---

    async def entries(
        self,
        signed: Signed,
        currency: str,
        *,
        before: int = 0,
        limit: int = PAGE,
        kinds: str = "",
        direction: Literal["", "in", "out"] = "",
        month: str = "",
    ) -> EntryPage:
        """Raises `NoSuchCurrency`, `NoSuchEntry`, `Malformed`."""
        wanted = Filter(_kinds_of(kinds), direction)
        if month:
            months.must_be_month(month)
        return await self._store.read(self._page, signed.person, currency, before, limit, wanted, month)

    async def of_person(self, signed: Signed, person: str, currency: str, *, before: int = 0) -> EntryPage:
        """Return a page of somebody's history, for an operator: first it is written down that they looked. Raises
        `Forbidden`, `NotFound`, and as `entries`."""
        if not signed.is_operator:
            raise Forbidden("Only operators look at the wallets of others.")

        def note(tx: Tx) -> None:
            if self._purse.people.person(tx.connection, person) is None:
                raise NotFound("There is no such person.")
            self._guard.note_look(tx, person, signed.person, "history")

        await self._store.write(note)
        return await self._store.read(self._page, person, currency, before, PAGE, Filter(), "")

    def _page(
        self, connection: sa.Connection, person: str, currency: str, before: int, limit: int, wanted: Filter, month: str
    ) -> EntryPage:
        account = self._account(connection, person, currency)
        if account is None:
            return EntryPage((), (), 0)
        return self._entries.page(connection, account, before, limit, wanted, month)

    # --- months ---

    async def statement(self, signed: Signed, currency: str, month: str) -> Statement:
        """Raises `NoSuchCurrency`, `Malformed`, `MonthTooLong`."""
        account = await self._store.read(self._account, signed.person, currency)
        return await self._statements.of(account, currency, month, self._now())

    async def spending(self, signed: Signed, currency: str) -> Spending:
        account = await self._store.read(self._account, signed.person, currency)
        return await self._statements.spending(account, currency, self._now())

    async def file(
        self, signed: Signed, currency: str, month: str, form: Literal["csv", "pdf"], language: Language
    ) -> Response[bytes]:
        """Return a month as a file. Raises as `statement`, and `Unavailable` when too many PDFs are being made."""
        months.must_be_month(month)
        headers = {
            "Content-Disposition": f'attachment; filename="statement-{currency}-{month}.{form}"',
            "Cache-Control": "private, no-store",
        }
        if form == "csv":
            account = await self._store.read(self._account, signed.person, currency)
            streamed = Stream(self._csv(account, month), media_type=csv_file.TYPE, headers=headers)
            return cast("Response[bytes]", streamed)
        statement = await self.statement(signed, currency, month)
        owner = (await self._purse.people.me(signed)).person
        name = self._purse.operator.settings.name
        now = self._now()

        def draw() -> bytes:
            from teahouse.wallet.history.pdf import statement_pdf  # noqa: PLC0415

            return statement_pdf(statement, owner, name, language, now)

        body = await self._purse.press.make(draw)
        return Response(body, media_type="application/pdf", headers=headers)

    async def _csv(self, account: Account | None, month: str) -> AsyncIterator[bytes]:
        yield csv_file.head()
        async for entries, people in self._statements.all_entries(account, month):
            yield csv_file.rows(entries, people)

    # --- within ---

    def _account(self, connection: sa.Connection, person: str, currency: str) -> Account | None:
        """Raises `NoSuchCurrency` for one that neither the house nor the person has."""
        found = store.account_of(connection, person, "member", currency)
        if found is None and currency not in self._purse.operator.settings.currencies:
            raise NoSuchCurrency()
        return found

    def _now(self) -> int:
        """The writer's time, which the ledger's records have."""
        return self._store.writer.clock()


def _kinds_of(kinds: str) -> frozenset[str]:
    """Read a comma-separated list. Raises `Malformed`."""
    asked = frozenset(each for each in kinds.split(",") if each)
    if not asked <= KINDS:
        raise Malformed(f"No such kind of entry: {', '.join(sorted(asked - KINDS))}")
    return asked
