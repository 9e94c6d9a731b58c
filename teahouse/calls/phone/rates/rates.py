"""Decks, looked up by longest prefix. The one door of this room."""

from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse import ids
from teahouse.calls.phone.rates import csv_deck, rules, store
from teahouse.calls.phone.rates.model import (
    Deck,
    DeckImported,
    ImportDeck,
    Rate,
    RateLine,
    RatePage,
    RemoveDeck,
    Route,
)
from teahouse.calls.phone.rates.problems import Problems
from teahouse.calls.phone.trunks import store as trunk_store
from teahouse.calls.phone.trunks.rules import NoSuchTrunk
from teahouse.commands import Actor, Done, Signed
from teahouse.errors import Forbidden
from teahouse.money import currencies
from teahouse.storage.transaction import Tx
from teahouse.wallet.notes import clean
from teahouse.wallet.purse import NoSuchCurrency, Purse

MEMBERS = ""
"""The trunk of the decks that say what members pay."""


class Rates:
    """Every lookup is one statement on an index (some 15 keys of it), on the caller's own snapshot: so it is right on
    every thread, and for lines whose time comes or ends, without anything in memory that could be stale."""

    def __init__(self, purse: Purse) -> None:
        self._purse = purse

    def register(self) -> None:
        """Hang the commands into the house."""
        self._purse.house.handle(ImportDeck, self._import)
        self._purse.house.handle(RemoveDeck, self._remove)

    # --- what other rooms ask ---

    def price(self, connection: sa.Connection, e164: str, currency: str, at: int) -> Rate | None:
        """What members pay for a number at an instant (Unix ms), in a currency: the longest prefix in force."""
        found = store.in_force(connection, _prefixes(e164), (MEMBERS,), at)
        line = rules.holding(found, currency)
        return None if line is None else rules.rate_of(line)

    def routes(self, connection: sa.Connection, e164: str, trunks: tuple[str, ...], at: int) -> tuple[Route, ...]:
        """These trunks in least-cost order for the number: those whose deck has no prefix of it are left out, those
        without any deck come last, in the order given."""
        of_trunk: dict[str, list[rules.Found]] = {}
        for line in store.in_force(connection, _prefixes(e164), trunks, at):
            of_trunk.setdefault(line.trunk, []).append(line)
        costs = {
            trunk: rules.rate_of(held)
            for trunk, found in of_trunk.items()
            if (held := rules.holding(found)) is not None
        }
        return rules.in_order(trunks, costs, store.with_decks(connection, trunks), self._currencies)

    # --- commands ---

    def _import(self, tx: Tx, actor: Actor, command: ImportDeck) -> DeckImported:
        _must_be_operator(actor)
        if command.trunk and trunk_store.row(tx.connection, command.trunk) is None:
            raise NoSuchTrunk()
        currency = command.currency or next(iter(self._currencies), "")
        if currency and currency not in currencies():
            raise NoSuchCurrency()
        decks, lines = store.counts(tx.connection)
        if decks >= rules.DECKS_MAX:
            raise rules.TooManyDecks(decks_max=rules.DECKS_MAX)
        read = _read(command.csv, currency, tx.now)
        if lines + len(read) > rules.LINES_OF_ALL_MAX:
            raise rules.TooManyDecks(lines_max=rules.LINES_OF_ALL_MAX)
        deck = Deck(
            id=ids.new_id(),
            name=clean(command.name) or "–",
            trunk=command.trunk,
            at=tx.now,
            lines=len(read),
            by=actor.person,
        )
        values = {"id": deck.id, "name": deck.name, "trunk": deck.trunk, "at": deck.at, "by": deck.by}
        store.add(tx.connection, values, read)
        return DeckImported(deck=deck)

    def _remove(self, tx: Tx, actor: Actor, command: RemoveDeck) -> Done:
        """Calls that go on keep the price that they began with."""
        _must_be_operator(actor)
        row = store.deck(tx.connection, command.deck)
        if row is None:
            raise rules.NoSuchDeck()
        store.remove(tx.connection, row.number)
        return Done()

    # --- reads ---

    async def decks(self, signed: Signed) -> tuple[Deck, ...]:
        """Operators only."""
        _must_be_operator(signed)
        rows = await self._purse.house.store.read(store.all_decks)
        return tuple(Deck(row.id, row.name, row.trunk, row.at, row.lines, row.by) for row in rows)

    async def lines(self, signed: Signed, deck: str, *, prefix: str, after: str, limit: int) -> RatePage:
        """Operators only: lines of a deck whose prefix begins so, in order. A page has so many prefixes, each with all
        its lines: those that follow one another in time."""
        _must_be_operator(signed)

        def read(connection: sa.Connection) -> RatePage:
            row = store.deck(connection, deck)
            if row is None:
                raise rules.NoSuchDeck()
            return _page(store.of_deck(connection, row.number, prefix.removeprefix("+"), after, limit + 1), limit)

        return await self._purse.house.store.read(read)

    async def prices(self, signed: Signed, *, text: str, after: str, limit: int) -> RatePage:
        """The members' price list in force now, in the house's first currency: by destination's name or prefix."""
        currency = next(iter(self._currencies), "")
        digits = "".join(text.split()).removeprefix("+")
        is_number = digits.isascii() and digits.isdigit()

        def read(connection: sa.Connection) -> RatePage:
            found = store.price_list(
                connection,
                currency,
                self._purse.house.store.writer.clock(),
                text=text.strip().casefold(),
                digits=digits[: rules.PREFIX_MAX] if is_number else "",
                after=after,
                limit=limit + 1,
            )
            return _page(found, limit)

        return await self._purse.house.store.read(read)

    @property
    def _currencies(self) -> tuple[str, ...]:
        return self._purse.operator.settings.currencies


def _must_be_operator(actor: Actor) -> None:
    if not actor.is_operator:
        raise Forbidden("Only operators do this.")


def _prefixes(e164: str) -> list[str]:
    return rules.prefixes_of(rules.digits_of(e164))


def _read(text: str, currency: str, now: int) -> list[RateLine]:
    try:
        return csv_deck.read(text, currency=currency, now=now)
    except Problems as problems:
        raise rules.BadDeck(problems=msgspec.to_builtins(problems.found)) from None


def _page(rows: Any, limit: int) -> RatePage:
    """Return so many prefixes with their lines, and whether there are more."""
    lines = [RateLine(*row) for row in rows]
    prefixes = list(dict.fromkeys(line.prefix for line in lines))
    shown = set(prefixes[:limit])
    return RatePage(rates=tuple(line for line in lines if line.prefix in shown), more=len(prefixes) > limit)
