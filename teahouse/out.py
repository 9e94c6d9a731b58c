"""`teahouse out test-trunk`: a carrier on this machine, set up in the house that is open, so that calls to phones can
be tried without a contract."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import httpx

from teahouse.app import Built
from teahouse.calls.carrier.carrier import HOST, Carrier, Happened
from teahouse.calls.phone.rates.sample import SAMPLE_DECK
from teahouse.config import Settings
from teahouse.storage.migrate import prepare

TRUNK: Final = "Test carrier"
ASKS_S_MAX: Final = 10.0
UP_LOOK_S: Final = 0.25
UP_LOOKS_MAX: Final = 40
"""So often it is looked whether the house has found the carrier."""
CURRENCY: Final = "EUR"
COUNTRY: Final = "DE"

Say = Callable[[str], None]


class NotSetUp(Exception):
    """The message says what to do."""


async def run(settings: Settings, port: int, *, call: str, say: Say) -> None:
    """Carry calls until SIGINT or SIGTERM. Raises `NotSetUp`."""
    stopped = _stopped()
    _, _, house_port = settings.sip_listen.rpartition(":")
    carrier = Carrier(port, int(house_port), told=lambda happened: say(_words(happened)))
    try:
        await carrier.start()
    except OSError as error:
        raise NotSetUp(f"Port {port} of {HOST} cannot be had: {error}.") from None
    try:
        await _must_be_open(settings)
        async with await _as_operator(settings) as house:
            try:
                trunk = await _set_up(house, carrier.port, say)
                await _until_up(house, trunk, stopped)
                say(f"Any number answers with a tone. {_HINTS}")
                if call:
                    await carrier.call(call, "+4930123456")
                await stopped.wait()
            finally:
                await _remove_trunks(house)
                await _ask(house, "DELETE", "/sessions/current")
    except httpx.HTTPError as error:
        raise NotSetUp(f"The house at {settings.listen} did not answer ({error}): is it open?") from None
    finally:
        await carrier.stop()


_HINTS: Final = (
    "Numbers that end in 486 are busy, in 404 out of service, in 480 nobody answers, in 603 it is declined, in 732 it "
    "gives back what you say. Ctrl+C ends it."
)


_EMPTY: Final = (
    "Your wallet is empty, and calls are paid from it. Nobody serves themselves at the cash desk: sign a second "
    "account up, make it a cashier, and let it take money in for you (docs/cash-desk.md)."
)


def _words(happened: Happened) -> str:
    code = f" ({happened.code})" if happened.code else ""
    return f"{happened.number} {happened.what}{code}"


def _stopped() -> asyncio.Event:
    """Set by the first SIGINT or SIGTERM."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    return stopped


async def _must_be_open(settings: Settings) -> None:
    """Ask before a device is signed in that nobody could sign out. Raises `httpx.HTTPError`."""
    async with httpx.AsyncClient(timeout=ASKS_S_MAX) as client:
        (await client.get(f"http://{settings.listen}/health/ready")).raise_for_status()


async def _until_up(house: httpx.AsyncClient, trunk: str, stopped: asyncio.Event) -> None:
    """Wait until the house has found the carrier. Raises `NotSetUp`."""
    view: dict[str, Any] = {}
    for _ in range(UP_LOOKS_MAX):
        (view,) = [each for each in await _ask(house, "GET", "/calls/trunks") if each["id"] == trunk]
        if view["state"] == "up":
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), UP_LOOK_S)
            return
    raise NotSetUp(f"The house does not reach the carrier ({view['state']}: {view['detail']}).")


async def _remove_trunks(house: httpx.AsyncClient) -> None:
    """Ours, of this run or of one that was killed."""
    for trunk in await _ask(house, "GET", "/calls/trunks"):
        if trunk["setup"]["name"] == TRUNK:
            await _ask(house, "DELETE", f"/calls/trunks/{trunk['id']}")


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
    await _remove_trunks(house)
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
    if not any(each["available"] for each in (await _ask(house, "GET", "/wallet"))["balances"]):
        say(_EMPTY)
    return str(added["trunk"])


async def _ask(house: httpx.AsyncClient, method: str, path: str, body: Any = None) -> Any:
    answer = await house.request(method, path, json=body)
    if answer.is_error:
        problem = answer.json()
        raise NotSetUp(f"{problem.get('title', answer.reason_phrase)} ({method} {path}: {problem.get('detail', '')})")
    return answer.json() if answer.content else None
