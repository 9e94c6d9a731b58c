"""Which billers do not answer, or not with their key: the operator sees it as their trouble until they do again."""

from teahouse.bills.directory.directory import Directory
from teahouse.storage.store import Store

AWAY = "biller_away"
AWAY_TIMES = 3
"""One after the other, before it is called trouble; a wrong key is at once."""


class Health:
    """In the loop's thread."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory
        self._failures: dict[str, int] = {}
        self._in_trouble: set[str] = set()

    async def load(self) -> None:
        self._in_trouble = await self._store.read(self._directory.not_reached)

    async def failed(self, biller: str, code: str) -> None:
        times = self._failures[biller] = self._failures.get(biller, 0) + 1
        if biller not in self._in_trouble and (code != AWAY or times >= AWAY_TIMES):
            self._in_trouble.add(biller)
            await self._store.write(self._directory.note_trouble, biller, code)

    async def answered(self, biller: str) -> None:
        self._failures.pop(biller, None)
        if biller in self._in_trouble:
            self._in_trouble.discard(biller)
            await self._store.write(self._directory.answers_again, biller)
