"""Stickers: the one door of this room."""

from teahouse.errors import NotFound
from teahouse.house import House
from teahouse.stickers.model import StickerCard
from teahouse.storage.transaction import Tx


class StickerService:
    def __init__(self, house: House) -> None:
        self._house = house

    def card(self, tx: Tx, sticker: str) -> StickerCard:
        """Return a sticker as a message shows it. Raises `NotFound`."""
        raise NotFound("There is no such sticker.")
