"""The results on paper: JSON for programs, a table for people, a plot."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench import plot

FOLDER: Final = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Row:
    """One line of the table: where its number is, and the goal the project set itself."""

    title: str
    scenario: str
    number: str
    unit: str
    goal: float = 0.0
    more_is_better: bool = True

    def text(self, value: float) -> str:
        return f"{value:,.0f}" if value >= 1000 else f"{value:g}"

    def goal_text(self) -> str:
        if not self.goal:
            return ""
        return ("≥ " if self.more_is_better else "≤ ") + self.text(self.goal)

    def holds(self, value: float) -> bool:
        return not self.goal or (value >= self.goal if self.more_is_better else value <= self.goal)


ROWS: Final = (
    Row("1:1, 100 pairs, 8 under way", "chat", "messages_per_s", "msg/s", 50_000),
    Row("the same, every frame answered by a receipt", "mixed", "messages_per_s", "msg/s"),
    Row("group of 200, 64 under way", "group", "deliveries_per_s", "deliveries/s", 500_000),
    Row("group of 200, 8 under way", "group_narrow", "deliveries_per_s", "deliveries/s"),
    Row("light load, acknowledged, p50", "light", "ack_p50_ms", "ms", 1, more_is_better=False),
    Row("light load, acknowledged, p99", "light", "ack_p99_ms", "ms", more_is_better=False),
    Row("light load, delivered, p50", "light", "delivery_p50_ms", "ms", 1, more_is_better=False),
    Row("light load, delivered, p99", "light", "delivery_p99_ms", "ms", more_is_better=False),
    Row("catching up on 100,000 messages", "catch_up", "messages_per_s", "msg/s"),
    Row("memory, 2,000 idle connections", "memory", "kib_per_connection", "KiB each", 20, more_is_better=False),
    Row("cold start until ready", "start", "ready_s", "s", 1, more_is_better=False),
    Row("a picture of 12 MP and its sizes, one core", "picture", "cpu_ms", "ms", 400, more_is_better=False),
    Row("a voice message of 60 s, one core", "voice", "cpu_ms", "ms", 300, more_is_better=False),
    Row("a 1080p film of 10 s, one core", "video", "times_real_time", "x real time", 1),
    Row("upload of 1 GiB", "upload", "mib_per_s", "MiB/s"),
    Row("the same: the server's memory grew by", "upload", "grown_mib", "MiB", 32, more_is_better=False),
    Row("payments over live connections, 200 people, 4 under way each", "pay", "payments_per_s", "/s", 30_000),
    Row("the same, 1 under way each", "pay", "narrow_per_s", "/s"),
    Row("the same: acknowledged, p99", "pay", "narrow_p99_ms", "ms", more_is_better=False),
    Row("ledger in process, 200 requesters, SQLite", "ledger", "per_s", "transfers/s", 75_000),
    Row("the same: p99", "ledger", "p99_ms", "ms", 5, more_is_better=False),
    Row("the same: times PostgreSQL with a transaction a transfer", "ledger_ratios", "postgresql", "x", 15),
    Row("the same: times django-hordak", "ledger_ratios", "hordak", "x", 30),
    Row("ledger with a hot merchant in half of all", "ledger_hot", "per_s", "transfers/s"),
    Row("the same: of uniform", "ledger_hot", "of_uniform", "x", 0.85),
    Row("ledger on PostgreSQL", "ledger_postgresql", "per_s", "transfers/s", 25_000),
    Row("ledger of ten million transfers, of the pace of small ones", "ledger_curve", "flat", "x"),
    Row("audit, per core", "audit", "per_core_s", "transfers/s", 500_000),
    Row("flash sale in process, 1,000 people at once, SQLite", "coupon_claims", "per_s", "claims/s", 20_000),
    Row("the same: p99, each with one claim under way", "coupon_claims", "p99_ms", "ms", 20, more_is_better=False),
    Row("the same: p99, when 20,000 a second come", "coupon_claims", "paced_p99_ms", "ms", 20, more_is_better=False),
    Row("the same: of what sqlite3 alone writes", "coupon_claims", "of_floor", "x"),
    Row("flash sale on PostgreSQL", "coupon_claims_postgresql", "per_s", "claims/s"),
    Row("a bill fetched: added to the biller's own time", "bill_fetch", "added_ms", "ms", 5, more_is_better=False),
    Row("a bill paid, until its payer is told: added", "bill_pay", "added_ms", "ms", 5, more_is_better=False),
    Row("redemptions in process", "coupon_redemptions", "per_s", "/s", 20_000),
    Row("the same: p99", "coupon_redemptions", "p99_ms", "ms", 20, more_is_better=False),
    Row(
        "50 phone calls through the relay, one core: added a packet, p99",
        "calls",
        "added_p99_ms",
        "ms",
        5,
        more_is_better=False,
    ),
    Row("the same: p50", "calls", "added_p50_ms", "ms", more_is_better=False),
    Row("the same: packets lost", "calls", "lost", "", 0, more_is_better=False),
    Row("the same: of a core, a call", "calls", "cpu_per_call", "", more_is_better=False),
    Row("phone calls carried within 5 ms and without loss", "calls", "carried", "calls", 50),
    Row(
        "phone call set-up: added to the trunk's own time, p50",
        "phone_call",
        "added_p50_ms",
        "ms",
        50,
        more_is_better=False,
    ),
    Row("the same: p99", "phone_call", "added_p99_ms", "ms", 50, more_is_better=False),
    Row("a block made durable meanwhile: p99", "phone_call", "fsync_p99_ms", "ms", more_is_better=False),
    Row("whole phone calls, 20 people, house and relay on one core", "phone_many", "per_s", "calls/s"),
    Row("SIP alone: calls out", "sip_out", "per_s", "set-ups/s", 200),
    Row("the same: of SIPp calling itself", "sip_out", "of_sipp", "x"),
    Row("the same: added to an answer at 200 a second, p50", "sip_out", "added_p50_ms", "ms", more_is_better=False),
    Row("the same: p99", "sip_out", "added_p99_ms", "ms", more_is_better=False),
    Row("SIP alone: calls in", "sip_in", "per_s", "set-ups/s", 200),
    Row("the same: of SIPp calling itself", "sip_in", "of_sipp", "x"),
    Row("light load beside films, delivered, p50", "beside_media", "busy_delivery_p50_ms", "ms", more_is_better=False),
    Row("the same, of an idle house", "beside_media", "ratio_delivery_p50_ms", "x", 2, more_is_better=False),
    Row("light load beside films, delivered, p99", "beside_media", "busy_delivery_p99_ms", "ms", more_is_better=False),
    Row("the same, of an idle house", "beside_media", "ratio_delivery_p99_ms", "x", 2, more_is_better=False),
)
FLOORS: Final = {
    "chat": ("echo of the same frames, no work behind", "messages_per_s"),
    "group": ("echo of the same frames, no work behind", "deliveries_per_s"),
    "rows": ("sqlite3 alone, the same rows, durable groups of 800", "rows_per_s"),
}
WORK_FLOORS: Final = (
    ("picture: Pillow decodes the same file", "picture", "floor_decode_ms", "ms", "of_floor"),
    ("voice: FFmpeg decodes and encodes as much", "voice", "floor_ms", "ms", "of_floor"),
    ("film: FFmpeg decodes and encodes as much", "video", "floor_ms", "ms", "of_floor"),
    ("upload: the same bytes hashed and written", "upload", "floor_mib_per_s", "MiB/s", "of_floor"),
)
"""What cannot be left out of a job, measured beside it."""
PLOTTED: Final = {
    ("chat", "messages_per_s"),
    ("group", "deliveries_per_s"),
    ("light", "delivery_p50_ms"),
    ("light", "delivery_p99_ms"),
    ("memory", "kib_per_connection"),
    ("ledger", "per_s"),
    ("ledger_hot", "per_s"),
}

Results = dict[str, Any]


def machine() -> dict[str, str]:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    return {
        "cpu": f"{model}, {os.cpu_count()} cores",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }


def commit() -> str:
    asked = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return asked.stdout.strip() or "unknown"


def table(results: Results) -> str:
    """The results as Markdown."""
    peers: dict[str, Results] = results["peers"]
    head = ["measure", "Teahouse", "goal"] + (["others in the same run"] if peers else [])
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in ROWS:
        value = results["teahouse"].get(row.scenario, {}).get(row.number)
        if value is None:
            continue
        goal = row.goal_text() + ("" if row.holds(value) else " **(missed)**")
        cells = [f"{row.title}", f"{row.text(value)} {row.unit}", goal]
        if peers:
            cells.append("; ".join(beside(row, value, peers)))
        lines.append("| " + " | ".join(cells) + " |")
    curve = results["teahouse"].get("ledger_curve", {}).get("curve", ())
    if curve:
        lines += ["", "| transfers in the ledger | transfers/s | p99 |", "|---|---|---|"]
        lines += [f"| {point['transfers']:,} | {point['per_s']:,} | {point['p99_ms']:g} ms |" for point in curve]
    return "\n".join(lines)


def beside(row: Row, value: float, peers: dict[str, Results]) -> list[str]:
    """Return what each peer came to in this measure, and how much better ours is."""
    found = []
    for peer, theirs in peers.items():
        other = theirs.get(row.scenario, {}).get(row.number)
        if other:
            ratio = value / other if row.more_is_better else other / value
            found.append(f"{peer}: {row.text(other)} ({ratio:.1f}x)")
    return found


def floors(results: Results) -> str:
    """How far the server is from what the machine allows, and who was busy meanwhile."""
    lines = ["| limit of the machine | measured | Teahouse is at |", "|---|---|---|"]
    for name, (title, number) in FLOORS.items():
        limit = results["limits"].get(name, {}).get(number)
        own_scenario, own_number = ("chat", "messages_per_s") if name == "rows" else (name, number)
        own = results["teahouse"].get(own_scenario, {}).get(own_number)
        if limit and own:
            lines.append(f"| {own_scenario}: {title} | {limit:,.0f} /s | {own / limit:.0%} |")
    for title, scenario, floor, unit, ratio in WORK_FLOORS:
        found = results["teahouse"].get(scenario, {})
        if ratio in found:
            lines.append(f"| {title} | {found[floor]:,.1f} {unit} | {found[ratio]:g} times that |")
    lines += ["", "| busy (share of a core) | generator | server |", "|---|---|---|"]
    for system, found in {"Teahouse": results["teahouse"], **results["peers"]}.items():
        for scenario, summary in found.items():
            if "generator_cpu" in summary:
                lines.append(f"| {system}, {scenario} | {summary['generator_cpu']:.0%} | {summary['server_cpu']:.0%} |")
    return "\n".join(lines)


def panels(results: Results) -> list[plot.Panel]:
    found = []
    for row in (row for row in ROWS if (row.scenario, row.number) in PLOTTED):
        bars = []
        for system, scenarios in {"Teahouse": results["teahouse"], **results["peers"]}.items():
            value = scenarios.get(row.scenario, {}).get(row.number)
            if value is not None:
                bars.append((system, value, f"{row.text(value)} {row.unit}"))
        note = "longer is better" if row.more_is_better else "shorter is better"
        found.append(plot.Panel(row.title, note, bars))
    return found


def write(results: Results) -> Path:
    """Write all three; return the path of the table."""
    FOLDER.mkdir(exist_ok=True)
    name = f"{time.strftime('%Y-%m-%d', time.gmtime())}-{results['commit']}"
    (FOLDER / f"{name}.json").write_text(json.dumps(results, indent=1) + "\n")
    plot.write(FOLDER / f"{name}.svg", panels(results))
    machine_line = ", ".join(f"{key} {value}" for key, value in results["machine"].items())
    text = f"# {name}\n\n{machine_line}; load on the machine before: {results['load_before']}\n\n"
    text += f"{table(results)}\n\n{floors(results)}\n\n![plot]({name}.svg)\n"
    path = FOLDER / f"{name}.md"
    path.write_text(text)
    return path
