"""Makes PDFs, one at a time in a thread of its own: neither the loop nor the writer waits for it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from teahouse.errors import Unavailable
from teahouse.people.model import Person
from teahouse.wallet.history.model import Statement
from teahouse.wallet.history.words import Language

WAITING_MAX = 32


class Printing:
    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="printing")
        self._waiting = 0

    async def make(self, statement: Statement, owner: Person, house: str, language: Language, now: int) -> bytes:
        """Raises `Unavailable` when too many wait already."""
        if self._waiting >= WAITING_MAX:
            raise Unavailable("Many statements are being made: try again in a moment.")
        from teahouse.wallet.history.pdf import statement_pdf  # noqa: PLC0415

        self._waiting += 1
        try:
            work = (statement, owner, house, language, now)
            return await asyncio.get_running_loop().run_in_executor(self._thread, statement_pdf, *work)
        finally:
            self._waiting -= 1
