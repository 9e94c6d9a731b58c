"""Decks, looked up by longest prefix. The one door of this room."""

import sqlalchemy as sa

from teahouse.calls.phone.rates.model import Deck, Rate, RatePage, Route
from teahouse.commands import Signed
from teahouse.wallet.purse import Purse


class Rates:
    def __init__(self, purse: Purse) -> None:
        self._purse = purse

    def register(self) -> None:
        """Hang the commands into the house."""

    def price(self, connection: sa.Connection, e164: str, currency: str, at: int) -> Rate | None:
        """What members pay for a number at an instant (Unix ms), in a currency: the longest prefix in force."""
        raise NotImplementedError

    def routes(self, connection: sa.Connection, e164: str, trunks: tuple[str, ...], at: int) -> tuple[Route, ...]:
        """These trunks in least-cost order for the number: those whose deck has no prefix of it are left out, those
        without any deck come last, in the order given."""
        raise NotImplementedError

    async def decks(self, signed: Signed) -> tuple[Deck, ...]:
        """Operators only."""
        raise NotImplementedError

    async def lines(self, signed: Signed, deck: str, *, prefix: str, after: str, limit: int) -> RatePage:
        """Operators only: lines of a deck whose prefix begins so, in order."""
        raise NotImplementedError

    async def prices(self, signed: Signed, *, text: str, after: str, limit: int) -> RatePage:
        """The members' price list in force now: by destination's name or prefix."""
        raise NotImplementedError
