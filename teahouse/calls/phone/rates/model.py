"""Rate decks: what the operator imports, and what is read of them."""

from typing import Annotated

import msgspec
from msgspec import Meta

from teahouse.commands import Command, Id, Result

DeckText = Annotated[str, Meta(min_length=1, max_length=5_000_000, description="CSV, UTF-8, with a header line.")]
Trunk = Annotated[str, Meta(max_length=16, description="Whose costs they are; empty: the prices of members.")]


class Rate(msgspec.Struct, frozen=True):
    """A line of a deck that is in force."""

    deck: str
    prefix: str
    """Digits of E.164 without `+`."""
    name: str
    currency: str
    per_minute_e4: int
    """Ten-thousandths of a minor unit."""
    connection_e4: int
    first_s: int
    next_s: int


class Route(msgspec.Struct, frozen=True):
    """A trunk that can reach a number, and what it asks for it; None: it has no cost deck."""

    trunk: str
    cost: Rate | None


class ImportDeck(Command, frozen=True, tag="deck.import"):
    """Operators only: add a deck. Its lines come into force when they say (`effective_from`; else now), and replace
    older decks' lines of the same prefix from then on. One bad line refuses it whole: `bad_deck` lists the first 50."""

    name: Annotated[str, Meta(min_length=1, max_length=60)]
    csv: DeckText
    trunk: Trunk = ""
    currency: Annotated[str, Meta(pattern="^([A-Z]{3})?$")] = ""
    """Where lines do not say; empty: the house's first."""


class RemoveDeck(Command, frozen=True, tag="deck.remove"):
    deck: Id


class Deck(msgspec.Struct, frozen=True):
    id: str
    name: str
    trunk: str
    at: int
    lines: int
    by: str


class DeckImported(Result, frozen=True):
    deck: Deck


class RateLine(msgspec.Struct, frozen=True, gc=False):
    prefix: str
    name: str
    currency: str
    per_minute_e4: int
    connection_e4: int
    first_s: int
    next_s: int
    effective_from: int
    effective_to: int
    """0: without end."""


class RatePage(msgspec.Struct, frozen=True):
    rates: tuple[RateLine, ...]
    more: bool
