"""`teahouse out test-trunk`: a carrier on this machine, set up in the house that is open, so that calls to phones can
be tried without a contract."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from typing import Any, Final

import httpx

from teahouse.app import Built
from teahouse.calls.carrier.carrier import HOST, Carrier, Happened
from teahouse.calls.phone.rates.sample import SAMPLE_DECK
from teahouse.config import Settings
from teahouse.storage.migrate import prepare

TRUNK: Final = "Test carrier"
ASKS_S_MAX: Final = 10.0
CURRENCY: Final = "EUR"
COUNTRY: Final = "DE"

Say = Callable[[str], None]


class NotSetUp(Exception):
    """The message says what to do."""


async def run(settings: Settings, port: int, *, call: str, say: Say) -> None:
    """Carry calls until SIGINT or SIGTERM. Raises `NotSetUp`."""
    _, _, house_port = settings.sip_listen.rpartition(":")
    carrier = Carrier(port, int(house_port), told=lambda happened: say(_words(happened)))
    try:
        await carrier.start()
    except OSError as error:
        raise NotSetUp(f"Port {port} of {HOST} cannot be had: {error}.") from None
    try:
        async with await _as_operator(settings) as house:
            trunk = await _set_up(house, carrier.port, say)
            try:
                say(f"Any number answers with a tone. {_HINTS}")
                if call:
                    await carrier.call(call, "+4930123456")
                await _until_stopped()
            finally:
                await house.delete(f"/calls/trunks/{trunk}")
                await house.delete("/sessions/current")
    except httpx.HTTPError as error:
        raise NotSetUp(f"The house at {settings.public_url} did not answer ({error}): is it open?") from None
    finally:
        await carrier.stop()


_HINTS: Final = (
    "Numbers that end in 486 are busy, in 404 out of service, in 480 nobody answers, in 603 it is declined, in 732 it "
    "gives back what you say. Ctrl+C ends it."
)


def _words(happened: Happened) -> str:
    return f"{happened.number} {happened.what}"


async def _until_stopped() -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()


async def _as_operator(settings: Settings) -> httpx.AsyncClient:
    """A client that asks the open house as its operator: who may write to its store may do so anyway."""
    built = Built(settings)
    prepare(built.house.store.engine)
    built.house.start()

    try:
        signed_in = await built.people.sign_in_as_operator("teahouse out test-trunk")
    finally:
        built.house.stop()
    if signed_in is None:
        raise NotSetUp("Nobody lives in this house yet: open it, and sign up by the link that it prints.")
    return httpx.AsyncClient(
        base_url=f"http://{settings.listen}/api/v1",
        headers={"Authorization": f"Bearer {signed_in.token}"},
        timeout=ASKS_S_MAX,
    )


async def _set_up(house: httpx.AsyncClient, port: int, say: Say) -> str:
    """A wallet, a trunk to the carrier, prices and permission, each unless it is there. Returns the trunk."""
    about = await _ask(house, "GET", "/house")
    changes: dict[str, Any] = {}
    if not about["currencies"]:
        changes["currencies"] = [CURRENCY]
    if not about.get("country"):
        changes["country"] = COUNTRY
    if changes:
        await _ask(house, "PATCH", "/house", changes)
        say(f"The house had no {' and no '.join(changes)}: it has {', '.join(map(str, changes.values()))} now.")
    for trunk in await _ask(house, "GET", "/calls/trunks"):
        if trunk["setup"]["name"] == TRUNK:
            await _ask(house, "DELETE", f"/calls/trunks/{trunk['id']}")
    setup = {"name": TRUNK, "host": HOST, "port": port, "networks": [HOST]}
    added = await _ask(house, "POST", "/calls/trunks", {"setup": setup})
    if not any(not deck["trunk"] for deck in await _ask(house, "GET", "/calls/decks")):
        deck = {"name": "Sample prices", "csv": SAMPLE_DECK.read_text("utf-8")}
        await _ask(house, "POST", "/calls/decks", deck)
        say("Sample prices are in force.")
    policy = await _ask(house, "GET", "/calls/phone/policy")
    if not policy["on"]:
        await _ask(house, "PUT", "/calls/phone/policy", {"policy": {**policy, "on": True}})
    say(f"The trunk “{TRUNK}” leads to {HOST}:{port}.")
    return str(added["trunk"])


async def _ask(house: httpx.AsyncClient, method: str, path: str, body: Any = None) -> Any:
    answer = await house.request(method, path, json=body)
    if answer.is_error:
        problem = answer.json()
        raise NotSetUp(f"{problem.get('title', answer.reason_phrase)} ({method} {path}: {problem.get('detail', '')})")
    return answer.json() if answer.content else None
