"""`teahouse serve --demo`: a throw-away house full of sample people, so that a newcomer sees a living app at once."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from teahouse.app import Built

SEED: Final = 20_260_601
MEMORY_MIB_MIN: Final = 256


def serve_demo(*, listen: str | None = None, seed: int = SEED) -> None:
    """Serve until SIGINT or SIGTERM from a temporary folder, which is removed at the end."""
    from teahouse.app import serve
    from teahouse.config import load_settings

    # Until uvicorn listens to it, SIGTERM would end the process and leave the folder.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="teahouse-demo-", dir=memory_folder()) as folder:
        settings = load_settings(listen=listen, data=Path(folder), store="", sip_listen="127.0.0.1:0")

        @asynccontextmanager
        async def lived_in(built: Built) -> AsyncIterator[None]:
            async with sample_people(built, seed):
                yield

        print("Sample people are moving in …", flush=True)
        serve(settings, opened=lambda url, first_link: greet(url), beside=lived_in)


def memory_folder() -> Path | None:
    """Where Linux keeps files in memory, if there is room (thousands of commits go faster there), else None."""
    memory = Path("/dev/shm")
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > MEMORY_MIB_MIN * 2**20:
        return memory
    return None


@asynccontextmanager
async def sample_people(built: Built, seed: int = SEED) -> AsyncIterator[None]:
    """Fill an empty house, and let its people talk until the end of the block."""
    from teahouse.demo.bots import Bots
    from teahouse.demo.fill import Filler

    filled = Filler(built, seed)
    await filled.fill()
    talking = asyncio.create_task(Bots(filled, random.Random(seed)).run())
    try:
        async with filled.market.electricity(), filled.phones.line():
            yield
    finally:
        talking.cancel()
        with suppress(asyncio.CancelledError):
            await talking


def greet(url: str) -> None:
    from teahouse.demo import cast
    from teahouse.demo.money import CASHIERS, PIN
    from teahouse.demo.phones import LANDLINE

    print(f"\nA sample house is open on {url}. It is gone when you stop it (Ctrl+C).\n")
    print(f"Sign in as {cast.GUEST}, or as anybody else; the password is always {cast.PASSWORD}")
    print(f"Everybody pays with the PIN {PIN}; at the cash desk sit {' and '.join(CASHIERS)}.\n")
    print(f"Any phone number may be called (Discover, Calls): it is answered with a tone, such as {LANDLINE}.\n")
    for role in cast.CAST:
        print(f"  {role.handle:<10} {role.name}")
    print(flush=True)
