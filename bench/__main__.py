"""`make bench` (Teahouse alone), `make bench PEERS=1` (beside ejabberd with PostgreSQL). Linux, two cores or more."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench import bills, coupons, media, peers, phone, process, relay, report, wallet
from bench.house import House
from bench.scenarios import Scenarios, Summary, floor_echo, floor_rows

CONNECTED: Final[tuple[str, ...]] = ("chat", "mixed", "light", "group", "group_narrow")
APART: Final[tuple[str, ...]] = ("catch_up", "start", "memory")
MEDIA: Final[tuple[str, ...]] = ("upload", "beside_media")
PAY: Final = "pay"
LEDGER: Final = "ledger"
COUPONS: Final = "coupons"
BILLS: Final = "bills"
CALLS: Final = "calls"
PHONE: Final = "phone"
WORK: Final = "work"
PROFILE_S: Final = 30


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--peers",
        nargs="?",
        const="chat,ledger,coupons,calls",
        default="",
        help="measure others beside it: `chat` (installs ejabberd), `ledger` (PostgreSQL, django-hordak), `coupons` "
        "(PostgreSQL), `calls` (aiortc, rtpengine), or several",
    )
    parser.add_argument(
        "--only",
        default="",
        help="some of "
        f"{','.join((*CONNECTED, *APART, *MEDIA, PAY, LEDGER, COUPONS, BILLS, CALLS, PHONE, WORK))}; writes no files",
    )
    parser.add_argument("--keep", action="store_true", help="write the files with --only too")
    parser.add_argument("--scale", type=float, default=1.0, help="a part of the messages, for a quick look")
    parser.add_argument(
        "--profile", type=Path, help="a folder for py-spy's flame graphs of the server (pip install py-spy)"
    )
    options = parser.parse_args()
    process.pin_generator()
    started = time.monotonic()
    chosen = [name for name in options.only.split(",") if name] or [
        *CONNECTED,
        *APART,
        *MEDIA,
        PAY,
        LEDGER,
        COUPONS,
        BILLS,
        CALLS,
        PHONE,
        WORK,
    ]
    results: report.Results = {
        "commit": report.commit(),
        "machine": report.machine(),
        "load_before": round(os.getloadavg()[0], 2),
        "limits": {},
        "peers": {},
        "teahouse": measure(chosen, options.scale, options.profile),
    }
    if beside := results["teahouse"].pop("sipp", None):
        results["peers"]["SIPp calling itself"] = beside
    if not options.only:
        results["limits"] = floor_echo() | {"rows": results["teahouse"].pop("rows")}
    if options.peers:
        if "chat" in options.peers and not {*CONNECTED, *APART}.isdisjoint(chosen):
            print("ejabberd …", flush=True)
            name, found = peers.measure()
            results["peers"][name] = found
        if "ledger" in options.peers and LEDGER in chosen:
            print("PostgreSQL, django-hordak …", flush=True)
            results["peers"] |= wallet.peers(results["teahouse"])
        if "coupons" in options.peers and COUPONS in chosen:
            print("PostgreSQL, a claim at a time …", flush=True)
            results["peers"] |= coupons.peers()
        if "calls" in options.peers and CALLS in chosen:
            print("aiortc, rtpengine …", flush=True)
            results["peers"] |= relay.peers(options.scale)
    print("\n" + report.table(results) + "\n\n" + report.floors(results))
    if options.keep or (not options.only and options.scale == 1.0):
        print(f"\nwritten: {report.write(results)}")
    print(f"{time.monotonic() - started:.0f} s")


def measure(chosen: list[str], scale: float, profile: Path | None) -> dict[str, Summary]:
    """Run the chosen scenarios on a house of their own, which is gone afterwards."""
    found: dict[str, Summary] = {}
    folder = Path(tempfile.mkdtemp(prefix="teahouse-bench-"))
    try:
        print("people sign up …", flush=True)
        if WORK in chosen:
            found |= media.work()
            print(f"work: {found}", flush=True)
        if LEDGER in chosen:
            found |= wallet.ledger(scale)
            print(f"ledger: {found}", flush=True)
        if COUPONS in chosen:
            found |= coupons.coupons(scale)
            print(f"coupons: {found}", flush=True)
        if BILLS in chosen:
            found |= bills.bills(scale)
            print(f"bills: {found}", flush=True)
        if CALLS in chosen:
            found |= relay.calls(scale)
            print(f"calls: {found[CALLS]}", flush=True)
        if PHONE in chosen:
            found |= phone.phone(scale)
            print(f"phone: {found}", flush=True)
        if set(chosen) <= {WORK, LEDGER, COUPONS, BILLS, CALLS, PHONE}:
            return found
        with House(folder) as house:
            scenarios = Scenarios(house, scale=scale)
            rooms = {name: media.MediaScenarios(house, scale=scale) for name in MEDIA}
            others: dict[str, object] = {**rooms, PAY: wallet.WalletScenarios(house, scale=scale)}

            def step(name: str) -> None:
                measured: Callable[[], Summary] = getattr(others.get(name, scenarios), name)
                with profiled(house.server.pid, profile, name):
                    found[name] = measured()
                print(f"{name}: {found[name]}", flush=True)

            scenarios.connect()
            for name in (name for name in CONNECTED if name in chosen):
                step(name)
            scenarios.disconnect()
            for name in (name for name in (*MEDIA, PAY) if name in chosen):
                step(name)
            if "chat" in chosen:
                found["rows"] = floor_rows(house)
            for name in (name for name in APART if name in chosen):
                step(name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return found


@contextmanager
def profiled(pid: int, folder: Path | None, name: str) -> Iterator[None]:
    """Let py-spy watch the server on the generator's core meanwhile: for finding what is slow, not for numbers."""
    if folder is None:
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    output = folder / f"{name}.txt"
    command = ["py-spy", "record", "-p", str(pid), "-d", str(PROFILE_S), "-r", "200", "-f", "raw", "-o", str(output)]
    watcher = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        watcher.terminate()
        watcher.wait()


if __name__ == "__main__":
    main()
