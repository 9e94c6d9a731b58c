"""What a process uses, read from /proc: seconds of CPU, bytes of memory; and on which core it may run."""

from __future__ import annotations

import contextlib
import os
import resource
from pathlib import Path
from typing import Final

TICKS_S: Final = os.sysconf("SC_CLK_TCK")
SERVER_CORE: Final = 0
GENERATOR_CORE: Final = 1
FILES_MAX: Final = 16_384
PRIORITY: Final = -15


def cpu_s(pids: list[int]) -> float:
    """CPU seconds (user and system) that these processes, all their threads included, have used."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS_S


def rss_bytes(pids: list[int]) -> int:
    """Resident memory, summed; shared pages of several processes count once each (PSS)."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
    return total


def children(pid: int) -> list[int]:
    """The process and all that descend from it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += children(int(child))
    return found


def pin(pid: int, core: int) -> None:
    """Let every thread of a process run on one core only."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), {core})


def pin_generator() -> None:
    """Run on the generator's core, with room for the sockets of 2,000 connections here and in child processes."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = FILES_MAX if hard == resource.RLIM_INFINITY else min(hard, FILES_MAX)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    os.sched_setaffinity(0, {GENERATOR_CORE})
    prefer([os.getpid()])


def prefer(pids: list[int]) -> None:
    """Let these go before whatever else the machine does meanwhile; their children inherit it. Only root may."""
    with contextlib.suppress(PermissionError):
        for pid in pids:
            for task in Path(f"/proc/{pid}/task").iterdir():
                os.setpriority(os.PRIO_PROCESS, int(task.name), PRIORITY)
            # Where Linux groups processes by session, this is the number that counts between groups.
            group = Path(f"/proc/{pid}/autogroup")
            if group.exists():
                group.write_text(str(PRIORITY))


def prefer_always(pids: list[int]) -> None:
    """Let these run as soon as they can (SCHED_RR), whatever else the machine does: for what is measured in fractions
    of a millisecond. Only root may."""
    with contextlib.suppress(PermissionError):
        for pid in pids:
            for task in Path(f"/proc/{pid}/task").iterdir():
                os.sched_setscheduler(int(task.name), os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(1))


def own_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
