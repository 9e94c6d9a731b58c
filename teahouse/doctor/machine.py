"""The machine: Python, SQLite, the clock, and what they can take."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Iterator
from typing import Final

from teahouse.config import Settings
from teahouse.doctor.data import database_files
from teahouse.doctor.model import Finding

PYTHON_MIN: Final = (3, 11)
SQLITE_MIN: Final = (3, 37, 0)
"""STRICT tables and RETURNING."""
CLOCK_NOT_BEFORE: Final = 1_767_225_600
"""2026-01-01: this program is newer, so a clock that is older is wrong (Unix seconds)."""
CLOCK_AHEAD_S: Final = 120
FILES_SPARE: Final = 200
"""Descriptors that a server needs beside one for each connection."""
PASSWORD_MS_WARN: Final = 1000


def python(settings: Settings) -> Iterator[Finding]:
    found = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info >= PYTHON_MIN
    yield Finding("Python", "ok" if good else "fail", found, "" if good else "Install Python 3.11 or newer.")


def sqlite(settings: Settings) -> Iterator[Finding]:
    if not settings.store_url.startswith("sqlite"):
        return
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info < SQLITE_MIN:
        yield Finding("SQLite", "fail", version, "Use a Python whose SQLite is 3.37 or newer.")
        return
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE probe USING fts5(text)")
        yield Finding("SQLite", "ok", f"{version} with full-text search (FTS5)")
    except sqlite3.OperationalError as error:
        yield Finding("SQLite", "fail", f"{version}: {error}", "Use a Python whose SQLite has FTS5, or PostgreSQL.")
    finally:
        connection.close()


def clock(settings: Settings) -> Iterator[Finding]:
    now = time.time()
    shown = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(now))
    newest = max((file.stat().st_mtime for file in database_files(settings)), default=0.0)
    if now < CLOCK_NOT_BEFORE:
        yield Finding("Clock", "fail", shown, "Set the clock; ids and times of messages come from it.")
    elif newest > now + CLOCK_AHEAD_S:
        yield Finding("Clock", "fail", f"{shown}, but the data is from later", "Set the clock; it has gone back.")
    else:
        yield Finding("Clock", "ok", shown)


def open_files(settings: Settings) -> Iterator[Finding]:
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = settings.connections + FILES_SPARE
    if soft != resource.RLIM_INFINITY and soft < needed:
        yield Finding(
            "Open files",
            "warn",
            f"at most {soft:,}, for {settings.connections:,} connections",
            f"Raise it to {needed:,} (`ulimit -n {needed}`, or LimitNOFILE={needed} in a systemd unit), "
            "or set TEAHOUSE_CONNECTIONS lower.",
        )
    else:
        yield Finding("Open files", "ok", "no limit" if soft == resource.RLIM_INFINITY else f"at most {soft:,}")


def password_time(settings: Settings) -> Iterator[Finding]:
    from argon2 import PasswordHasher

    before = time.perf_counter()
    PasswordHasher().hash("a password of usual length")
    spent_ms = (time.perf_counter() - before) * 1000
    slow = spent_ms > PASSWORD_MS_WARN
    advice = "This machine is slow or busy: signing in will take long." if slow else ""
    yield Finding("Sign-in (argon2id)", "warn" if slow else "ok", f"{spent_ms:.0f} ms a password", advice)
