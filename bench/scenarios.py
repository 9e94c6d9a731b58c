"""What is measured on Teahouse. Each scenario returns summaries as plain numbers; `report.py` puts them on paper."""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from bench import process
from bench.house import GROUP_MEMBERS, LIVE, MARKS, PAIRS, Guest, House, add_guests, encoder, group_flow, pair_flows
from bench.load import Flow, Measured, Numbers, run, run_light
from bench.wire import Connection
from tests.harness.server import free_port

Summary = dict[str, Any]
RUNS: Final = 3
CHAT_MESSAGES: Final = 200_000
CHAT_WINDOW: Final = 8
GROUP_MESSAGES: Final = 10_000
LIGHT_PAIRS: Final = 10
LIGHT_MESSAGES: Final = 10_000
MISSED_MESSAGES: Final = 100_000
IDLE_CONNECTIONS: Final = 2_000
STARTS: Final = 5
SETTLE_S: Final = 3.0


def repeated(measure: Callable[[], Measured], pids: Callable[[], list[int]], *, by: str, runs: int = RUNS) -> Summary:
    """Measure several times; the run that is the median `by` one of its numbers stands for all."""
    summaries = []
    for _ in range(runs):
        used = process.cpu_s(pids())
        measured = measure()
        measured.server_cpu_s = process.cpu_s(pids()) - used
        summaries.append(measured.summary())
    middle = sorted(summaries, key=lambda summary: summary[by])[len(summaries) // 2]
    return middle | {"of_runs": [summary[by] for summary in summaries]}


class Scenarios:
    """All scenarios on one house, in an order in which the rows of one do not weigh on the next."""

    def __init__(self, house: House, *, scale: float = 1.0) -> None:
        self._house = house
        self._numbers = Numbers()
        self._scale = scale
        self._connections: list[Connection] = []

    def connect(self) -> None:
        self._connections = self._house.connect_all(self._house.guests)

    def disconnect(self) -> None:
        for connection in self._connections:
            connection.close()

    def _count(self, count: int) -> int:
        return max(GROUP_MEMBERS, int(count * self._scale))

    def _repeat(self, flows: Sequence[Flow], total: int, window: int, by: str) -> Summary:
        total = self._count(total)
        run(flows, MARKS, self._numbers, max(total // 20, len(flows)), window)
        return repeated(lambda: run(flows, MARKS, self._numbers, total, window), lambda: self._house.pids, by=by)

    def chat(self) -> Summary:
        """100 pairs, each with one sender and 8 messages under way: acknowledged when durable, and delivered."""
        flows = pair_flows(self._house, self._connections, PAIRS)
        return self._repeat(flows, CHAT_MESSAGES, CHAT_WINDOW, "messages_per_s")

    def mixed(self) -> Summary:
        """The same, and each receiver answers every frame with a delivered receipt, which the sender is told of."""
        flows = pair_flows(self._house, self._connections, PAIRS, receipts=True)
        return self._repeat(flows, CHAT_MESSAGES // 2, CHAT_WINDOW, "messages_per_s")

    def light(self) -> Summary:
        """10 pairs; each sends its next message when the last one was acknowledged and delivered."""
        flows = pair_flows(self._house, self._connections, LIGHT_PAIRS)
        run_light(flows, MARKS, self._numbers, self._count(LIGHT_MESSAGES // 10))
        return run_light(flows, MARKS, self._numbers, self._count(LIGHT_MESSAGES)).summary()

    def group(self) -> Summary:
        """One sender, 64 messages under way, 199 who receive them."""
        return self._repeat([group_flow(self._house, self._connections)], GROUP_MESSAGES, 64, "deliveries_per_s")

    def group_narrow(self) -> Summary:
        """The same with 8 under way."""
        return self._repeat([group_flow(self._house, self._connections)], GROUP_MESSAGES // 2, 8, "deliveries_per_s")

    def catch_up(self) -> Summary:
        """A device was away for 100,000 messages: it syncs page by page until nothing is left."""
        sender, receiver = self._house.guests[:2]
        away = self._house.connect(receiver)
        away.send(b'{"id":"0","type":"sync","cursor":""}')
        cursor = _cursor(away.read_until(b'"type":"synced"'))
        away.close()
        missed = self._count(MISSED_MESSAGES)
        flow = Flow(self._house.connect(sender), [self._house.connect(receiver)], encoder(self._house.chats[0]))
        run([flow], MARKS, self._numbers, missed, 64)
        speeds, pages = [], 0
        for _ in range(RUNS):
            started = time.perf_counter()
            pages, told = self._sync(receiver, cursor)
            assert told >= missed, f"{told} of {missed} came"
            speeds.append(round(told / (time.perf_counter() - started)))
        return {"missed": missed, "pages": pages, "messages_per_s": statistics.median(speeds), "of_runs": speeds}

    def _sync(self, guest: Guest, cursor: bytes) -> tuple[int, int]:
        device = Connection(("127.0.0.1", self._house.server.port), LIVE, guest.token)
        pages = told = 0
        more = True
        while more:
            device.send(b'{"id":"0","type":"sync","cursor":"' + cursor + b'"}')
            page = device.read_until(b'"type":"synced"')
            told += page.count(MARKS.delivery)
            cursor, more = _cursor(page), b'"more":true' in page[-200:]
            pages += 1
        device.close()
        return pages, told

    def start(self) -> Summary:
        """From the start of the process until `/health/ready` answers, on the used house."""
        times = []
        for _ in range(STARTS):
            self._house.server.stop()
            started = time.perf_counter()
            self._house.server.start()
            times.append(round(time.perf_counter() - started, 3))
        self._house.pin()
        return {"ready_s": statistics.median(times), "of_runs": times}

    def memory(self) -> Summary:
        """2,000 people with one connection each, who asked for their cursor and then are silent."""
        self._house.server.stop()
        guests = add_guests(self._house.server.data, IDLE_CONNECTIONS)
        self._house.server.start()
        self._house.pin()
        warm = self._house.connect_all(guests[:20])
        time.sleep(SETTLE_S)
        before = process.rss_bytes(self._house.pids)
        connections = self._house.connect_all(guests[20:])
        time.sleep(SETTLE_S)
        grown = process.rss_bytes(self._house.pids) - before
        for connection in (*warm, *connections):
            connection.close()
        return {
            "connections": IDLE_CONNECTIONS,
            "kib_per_connection": round(grown / 1024 / len(connections), 1),
            "server_mib": round((before + grown) / 2**20, 1),
        }


def _cursor(page: bytes) -> bytes:
    """The cursor of the `synced` event that ends a page."""
    event = page[page.rindex(b'"type":"synced"') :]
    found = re.search(rb'"cursor":"([^"]*)"', event)
    assert found, event
    return found[1]


def floor_rows(house: House) -> Summary:
    """The house's own messages written by sqlite3 alone, in groups of what is under way in `chat`."""
    with tempfile.TemporaryDirectory(prefix="teahouse-floor-") as folder:
        arguments = [str(house.server.data / "teahouse.db"), str(Path(folder) / "rows"), str(PAIRS * CHAT_WINDOW)]
        command = ["taskset", "-c", str(process.SERVER_CORE), sys.executable, "-m", "bench.floor", "rows", *arguments]
        found: Summary = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        return found


def floor_echo() -> dict[str, Summary]:
    """The same frames through a server that only echoes them: what sockets cost in Python, with no work behind."""
    port = free_port()
    command = ["taskset", "-c", str(process.SERVER_CORE), sys.executable, "-m", "bench.floor", str(port)]
    server = subprocess.Popen(command)
    try:
        address, numbers = _listening(port), Numbers()

        def flow(chat: str, receivers: int) -> Flow:
            links = [Connection(address, LIVE, f"{chat}:{number}") for number in range(receivers + 1)]
            return Flow(links[0], links[1:], encoder(chat.rjust(16, "0")))

        def measured(flows: list[Flow], total: int, window: int, by: str) -> Summary:
            return repeated(lambda: run(flows, MARKS, numbers, total, window), lambda: [server.pid], by=by, runs=1)

        pairs = [flow(str(number), 1) for number in range(PAIRS)]
        return {
            "chat": measured(pairs, CHAT_MESSAGES, CHAT_WINDOW, "messages_per_s"),
            "group": measured([flow("g", GROUP_MEMBERS - 1)], GROUP_MESSAGES, 64, "deliveries_per_s"),
        }
    finally:
        server.kill()
        server.wait()


def _listening(port: int) -> tuple[str, int]:
    wanted, deadline = f"0100007F:{port:04X}", time.monotonic() + 10
    while not any(line.split()[1] == wanted for line in Path("/proc/net/tcp").read_text().splitlines()[1:]):
        assert time.monotonic() < deadline, "the echo did not start"
        time.sleep(0.02)
    return "127.0.0.1", port
