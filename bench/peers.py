"""The same work on ejabberd with its archive in PostgreSQL, in the same run and on the same core."""

from __future__ import annotations

import time
from functools import partial
from typing import Final

from bench import process, xmpp
from bench.ejabberd import Ejabberd, install, version
from bench.house import GROUP_MEMBERS, PAIRS
from bench.load import Numbers, run, run_light
from bench.scenarios import CHAT_WINDOW, IDLE_CONNECTIONS, LIGHT_PAIRS, RUNS, SETTLE_S, Summary, repeated

# Fewer than Teahouse gets, so that a run takes about as long; the pace does not depend on it.
CHAT_MESSAGES: Final = 30_000
GROUP_MESSAGES: Final = 1_500
LIGHT_MESSAGES: Final = 3_000
PASSWORD: Final = "a benchmark's password"
ROOM: Final = f"all@conference.{xmpp.DOMAIN}"


def measure() -> tuple[str, dict[str, Summary]]:
    """Install what is missing, run all, and return the peer's name and its summaries."""
    install()
    numbers = Numbers()
    found: dict[str, Summary] = {}
    with Ejabberd() as server:

        def connect(user: str) -> xmpp.Connection:
            return xmpp.Connection(server.address, user, PASSWORD, "bench", register=True)

        people = [connect(f"guest{number}") for number in range(PAIRS * 2)]
        # PostgreSQL's processes have sessions of their own, so they do not inherit it.
        process.prefer(server.pids)
        flows = [xmpp.pair_flow(people[2 * number], people[2 * number + 1]) for number in range(PAIRS)]
        run(flows, xmpp.PAIR_MARKS, numbers, CHAT_MESSAGES // 10, CHAT_WINDOW)
        found["chat"] = repeated(
            lambda: run(flows, xmpp.PAIR_MARKS, numbers, CHAT_MESSAGES, CHAT_WINDOW),
            lambda: server.pids,
            by="messages_per_s",
        )
        found["light"] = run_light(flows[:LIGHT_PAIRS], xmpp.PAIR_MARKS, numbers, LIGHT_MESSAGES).summary()
        for number, person in enumerate(people[:GROUP_MEMBERS]):
            person.join(ROOM, f"guest{number}")
        room = [xmpp.room_flow(people[:GROUP_MEMBERS], ROOM)]
        run(room, xmpp.ROOM_MARKS, numbers, GROUP_MESSAGES // 10, 64)
        for name, window in (("group", 64), ("group_narrow", 8)):
            found[name] = repeated(
                partial(run, room, xmpp.ROOM_MARKS, numbers, GROUP_MESSAGES, window),
                lambda: server.pids,
                by="deliveries_per_s",
                runs=RUNS if window == 64 else 1,
            )
        for person in people:
            person.close()
        warm = [connect(f"idle{number}") for number in range(20)]
        time.sleep(SETTLE_S)
        before = process.rss_bytes(server.chat_pids)
        idle = [connect(f"idle{number}") for number in range(20, IDLE_CONNECTIONS)]
        time.sleep(SETTLE_S)
        grown = process.rss_bytes(server.chat_pids) - before
        found["memory"] = {
            "connections": IDLE_CONNECTIONS,
            "kib_per_connection": round(grown / 1024 / len(idle), 1),
            "server_mib": round((before + grown) / 2**20, 1),
        }
        for person in (*warm, *idle):
            person.close()
    return f"ejabberd {version()} + PostgreSQL", found
