"""The load generator: closed loops over many sockets in one thread. It knows no protocol: flows bring encoders."""

from __future__ import annotations

import select
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from bench import process

STALL_S_MAX: Final = 20.0

Encode = Callable[[int, int], bytes]
"""(number of the first message, how many) -> bytes for the sender's socket."""


class Stalled(AssertionError):
    """Nothing came for a long time though messages are under way."""


class Refused(AssertionError):
    """The server refused a command, or dropped events of a slow reader: the measurement does not count."""


class Sock(Protocol):
    def sendall(self, data: bytes, /) -> None: ...


class Link(Protocol):
    @property
    def fd(self) -> int: ...
    @property
    def sock(self) -> Sock: ...
    def read(self) -> bytes: ...


@dataclass(frozen=True)
class Marks:
    """What to count in the bytes. Without `ack`, a sender's credit comes back when its receiver has the message."""

    delivery: bytes
    ack: bytes = b""
    faults: tuple[bytes, ...] = ()


@dataclass(slots=True, eq=False)
class Flow:
    """One sender and those who receive what it sends. `receipt` answers what a receiver read, if anything."""

    sender: Link
    receivers: Sequence[Link]
    encode: Encode
    receipt: Callable[[bytes], bytes] | None = None
    sent: int = 0
    acked: int = 0
    probe: int = 0
    probe_at: float = 0.0


@dataclass
class Measured:
    """One run. Times are in seconds; `latencies_s` are of sampled messages, from send to ack."""

    messages: int
    deliveries: int
    wall_s: float
    generator_cpu_s: float
    server_cpu_s: float = 0.0
    receipts: int = 0
    latencies_s: list[float] = field(default_factory=list)

    def summary(self) -> dict[str, float]:
        spread = sorted(self.latencies_s) or [0.0]
        return {
            "messages": self.messages,
            "messages_per_s": round(self.messages / self.wall_s),
            "deliveries_per_s": round(self.deliveries / self.wall_s),
            "receipts_per_s": round(self.receipts / self.wall_s),
            "ack_p50_ms": round(statistics.median(spread) * 1000, 3),
            "ack_p99_ms": round(spread[len(spread) * 99 // 100] * 1000, 3),
            "wall_s": round(self.wall_s, 3),
            "generator_cpu": round(self.generator_cpu_s / self.wall_s, 3),
            "server_cpu": round(self.server_cpu_s / self.wall_s, 3),
        }


class Numbers:
    """Numbers for messages, never used twice in a process: nonces are made of them, in the order of time."""

    def __init__(self) -> None:
        self.next = 1

    def take(self, count: int) -> int:
        first = self.next
        self.next += count
        return first


class Loop:
    """Sends `total` messages over the flows, at most `window` of each under way, until every one is acknowledged and
    delivered to every receiver. Credits that come back together are spent in one write."""

    def __init__(self, flows: Sequence[Flow], marks: Marks, numbers: Numbers, total: int, window: int) -> None:
        self._flows = flows
        self._marks = marks
        self._numbers = numbers
        self._window = window
        self._left = total
        self._acked = 0
        self._receipts_open = 0
        self._expected = total * len(flows[0].receivers)
        self.result = Measured(total, 0, 0.0, 0.0)

    def run(self) -> Measured:
        result, poll = self.result, select.epoll()
        table: dict[int, tuple[Link, Flow, Callable[[Link, Flow, bytes], None]]] = {}
        for flow in self._flows:
            flow.sent = flow.acked = flow.probe = 0
            table[flow.sender.fd] = (flow.sender, flow, self._sender_read)
            table |= {link.fd: (link, flow, self._receiver_read) for link in flow.receivers}
        for fd in table:
            poll.register(fd, select.EPOLLIN)
        used, started = process.own_cpu_s(), time.perf_counter()
        for flow in self._flows:
            self._credit(flow, self._window)
        faults = self._marks.faults
        while self._acked < result.messages or result.deliveries < self._expected or self._receipts_open:
            ready = poll.poll(STALL_S_MAX)
            if not ready:
                raise Stalled(f"{self._acked} of {result.messages} acknowledged, {result.deliveries} delivered")
            for fd, _ in ready:
                link, flow, handle = table[fd]
                data = link.read()
                for fault in faults:
                    if fault in data:
                        raise Refused(repr(data[max(0, data.index(fault) - 200) :][:600]))
                handle(link, flow, data)
        result.wall_s = time.perf_counter() - started
        result.generator_cpu_s = process.own_cpu_s() - used
        poll.close()
        return result

    def _sender_read(self, link: Link, flow: Flow, data: bytes) -> None:
        if self._marks.ack:
            self._acknowledged(flow, data.count(self._marks.ack))

    def _receiver_read(self, link: Link, flow: Flow, data: bytes) -> None:
        count = data.count(self._marks.delivery)
        self.result.deliveries += count
        if not self._marks.ack:
            self._acknowledged(flow, count)
        elif flow.receipt is not None:
            self._receipts_open -= data.count(self._marks.ack)
            if count:
                link.sock.sendall(flow.receipt(data))
                self.result.receipts += 1
                self._receipts_open += 1

    def _acknowledged(self, flow: Flow, count: int) -> None:
        if count:
            self._acked += count
            flow.acked += count
            self._credit(flow, count)

    def _credit(self, flow: Flow, count: int) -> None:
        if flow.probe and flow.acked >= flow.probe:
            self.result.latencies_s.append(time.perf_counter() - flow.probe_at)
            flow.probe = 0
        count = min(count, self._left)
        if not count:
            return
        self._left -= count
        flow.sent += count
        if not flow.probe:
            flow.probe, flow.probe_at = flow.sent, time.perf_counter()
        flow.sender.sock.sendall(flow.encode(self._numbers.take(count), count))


def run(flows: Sequence[Flow], marks: Marks, numbers: Numbers, total: int, window: int) -> Measured:
    return Loop(flows, marks, numbers, total, window).run()


@dataclass
class LightLoad:
    """Seconds from the send to the acknowledgement and to the other side, one message under way in each pair."""

    ack_s: list[float] = field(default_factory=list)
    delivery_s: list[float] = field(default_factory=list)

    def summary(self) -> dict[str, float]:
        found: dict[str, float] = {}
        for name, spread in (("ack", sorted(self.ack_s)), ("delivery", sorted(self.delivery_s))):
            if spread:
                found[f"{name}_p50_ms"] = round(statistics.median(spread) * 1000, 3)
                found[f"{name}_p99_ms"] = round(spread[len(spread) * 99 // 100] * 1000, 3)
        return found


def run_light(flows: Sequence[Flow], marks: Marks, numbers: Numbers, total: int) -> LightLoad:
    """Each flow sends its next message when the last one is acknowledged and delivered, `total` in all."""
    result = LightLoad()
    table: dict[int, tuple[Link, Flow, bool]] = {}
    sent_at: dict[int, float] = {}
    open_parts: dict[int, int] = {}
    poll = select.epoll()
    left, finished = total, 0
    parts = 2 if marks.ack else 1

    def send(flow: Flow) -> None:
        nonlocal left
        if left:
            left -= 1
            open_parts[id(flow)] = parts
            data = flow.encode(numbers.take(1), 1)
            sent_at[id(flow)] = time.perf_counter()
            flow.sender.sock.sendall(data)

    for flow in flows:
        for link in (flow.sender, flow.receivers[0]):
            table[link.fd] = (link, flow, link is flow.sender)
            poll.register(link.fd, select.EPOLLIN)
        send(flow)
    while finished < total:
        ready = poll.poll(STALL_S_MAX)
        if not ready:
            raise Stalled(f"{finished} of {total} finished")
        for fd, _ in ready:
            link, flow, is_sender = table[fd]
            data = link.read()
            mark = marks.ack if is_sender else marks.delivery
            if not mark or mark not in data:
                continue
            (result.ack_s if is_sender else result.delivery_s).append(time.perf_counter() - sent_at[id(flow)])
            open_parts[id(flow)] -= 1
            if not open_parts[id(flow)]:
                finished += 1
                send(flow)
    poll.close()
    return result
