"""`teahouse invite`: an invitation link from the machine itself, whether a server is running or not."""

from __future__ import annotations

from teahouse.app import Built
from teahouse.config import Settings
from teahouse.storage.migrate import prepare


async def make_link(settings: Settings, uses: int, hours: int) -> tuple[str, bool]:
    """Return a link, and whether it makes its holder the operator (while the house has none).

    The folder's lock is not taken: an invitation is told to nobody and no server keeps it in memory, so one row more
    beside a running server does no harm.
    """
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    built = Built(settings)
    prepare(built.house.store.engine)
    built.house.start()
    try:
        first = await built.people.first_link()
        if first:
            return first, True
        invitation = await built.people.invite(uses, hours)
        assert invitation is not None, "a house without a first link has an operator"
        return invitation.url, False
    finally:
        built.house.stop()
