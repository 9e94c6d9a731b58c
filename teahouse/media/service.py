"""Media: the one door of this room."""

from collections.abc import Callable, Sequence

import sqlalchemy as sa

from teahouse.errors import NotFound
from teahouse.house import House
from teahouse.media.model import MediaCard, MediaKind
from teahouse.storage.transaction import Tx


class MediaService:
    def __init__(self, house: House) -> None:
        self._house = house
        self.can_see: Callable[[sa.Connection, str, str], bool] = lambda connection, person, media: False
        """Whether a person may see a media of another, `(connection, person, media)`. Hung in by chat."""
        self.in_use: Callable[[sa.Connection, Sequence[str]], set[str]] = lambda connection, media: set()
        """Which of these media some message shows. Hung in by chat."""

    def take(self, tx: Tx, person: str, media: str, kinds: Sequence[MediaKind]) -> tuple[MediaKind, MediaCard]:
        """Return what a message shows of a media of one's own. Raises `NotFound`, `NotReady` or `WrongKind`."""
        raise NotFound("There is no such media of yours.")
