"""Link previews: the one door of this room."""

from teahouse.house import House
from teahouse.previews.model import Preview
from teahouse.storage.transaction import Tx


class PreviewService:
    def __init__(self, house: House) -> None:
        self._house = house

    def card(self, tx: Tx, preview: str) -> Preview | None:
        """Return a preview that the house made; None when it is not kept any more."""
        return None
