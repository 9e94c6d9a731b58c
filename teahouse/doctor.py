"""`teahouse doctor`: looks at a set-up and says what to fix, without changing it.

Each check returns findings and raises nothing: what it cannot find out is a finding too.
"""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import socket
import sqlite3
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from teahouse.config import LOOPBACK, Settings
from teahouse.push.keys import PRIVATE, PUBLIC
from teahouse.storage.engine import make_engine
from teahouse.storage.migrate import HEAD, version

if TYPE_CHECKING:
    from sqlalchemy import Engine

State = Literal["ok", "warn", "fail"]

PYTHON_MIN: Final = (3, 11)
SQLITE_MIN: Final = (3, 37, 0)
"""STRICT tables and RETURNING."""
FREE_MIB_FAIL: Final = 64
FREE_MIB_WARN: Final = 1024
CLOCK_NOT_BEFORE: Final = 1_767_225_600
"""2026-01-01: this program is newer, so a clock that is older is wrong (Unix seconds)."""
CLOCK_AHEAD_S: Final = 120
FILES_SPARE: Final = 200
"""Descriptors that a server needs beside one for each connection."""
PASSWORD_MS_WARN: Final = 1000
BUCKET_S_MAX: Final = 20.0
"""For a bucket to take a probe and give it back."""
SAMPLE_S_MAX: Final = 60.0
"""For a worker process to make a small picture, film or voice."""


class Finding(msgspec.Struct, frozen=True):
    """`found` is what is there; `fix` says what to do about it (empty when nothing is to be done)."""

    what: str
    state: State
    found: str
    fix: str = ""


Check = Callable[[Settings], Iterator[Finding]]


def examine(settings: Settings) -> list[Finding]:
    return [finding for check in CHECKS for finding in check(settings)]


# --- the machine ----------------------------------------------------------------------------------


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


# --- settings and addresses -----------------------------------------------------------------------


def variables(settings: Settings, environment: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    known = {f"TEAHOUSE_{field.name.upper()}" for field in msgspec.structs.fields(Settings)} | {"TEAHOUSE_CHROMIUM"}
    unknown = sorted(name for name in environment if name.startswith("TEAHOUSE_") and name not in known)
    if unknown:
        yield Finding("Settings", "warn", f"unknown: {', '.join(unknown)}", "Look for a slip of the pen in the name.")
    else:
        yield Finding("Settings", "ok", "all known")


def address(settings: Settings) -> Iterator[Finding]:
    host, port = settings.address
    try:
        family, kind, protocol, _, target = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(target)
    except OSError as error:
        yield address_in_trouble(settings, error)
    else:
        yield Finding("Address", "ok", f"{settings.listen} is free")


def address_in_trouble(settings: Settings, error: OSError) -> Finding:
    if error.errno == errno.EADDRINUSE:
        if serves_teahouse(settings):
            return Finding("Address", "ok", f"{settings.listen} is served by Teahouse now")
        return Finding(
            "Address",
            "fail",
            f"{settings.listen} is taken by another program",
            "Stop that program, or set TEAHOUSE_LISTEN to another port.",
        )
    if error.errno == errno.EACCES:
        return Finding(
            "Address",
            "fail",
            f"{settings.listen}: not allowed",
            "Ports below 1024 are for root: serve on 8420 behind a reverse proxy.",
        )
    return Finding(
        "Address", "fail", f"{settings.listen}: {error}", "Set TEAHOUSE_LISTEN to an address of this machine."
    )


def serves_teahouse(settings: Settings) -> bool:
    host, port = settings.address
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    bracketed = f"[{reached}]" if ":" in reached else reached
    try:
        with urllib.request.urlopen(f"http://{bracketed}:{port}/api/v1/house", timeout=3) as answer:
            return b'"registration"' in answer.read(100_000)
    except (OSError, urllib.error.URLError, ValueError):
        return False


def public_url(settings: Settings) -> Iterator[Finding]:
    host, _ = settings.address
    if not settings.public_url.startswith(("http://", "https://")):
        yield Finding("Public address", "fail", settings.public_url, "TEAHOUSE_URL starts with https:// or http://.")
    elif settings.secure:
        yield Finding("Public address", "ok", f"{settings.public_url} (cookies are sent over TLS only)")
    elif settings.is_local:
        yield Finding("Public address", "ok", f"{settings.public_url}, for this machine only")
    else:
        yield Finding(
            "Public address",
            "warn",
            f"{settings.public_url} without TLS",
            "Passwords cross the network in the clear, and browsers allow no passkeys, installing or notifications: "
            "put a reverse proxy with TLS before it and set TEAHOUSE_URL=https://…",
        )
    if settings.secure and host not in LOOPBACK:
        yield Finding(
            "Behind the proxy",
            "warn",
            f"listens on {settings.listen}",
            "People could pass the proxy by: listen on 127.0.0.1, or let a firewall close the port.",
        )


def client(settings: Settings) -> Iterator[Finding]:
    if (Path(__file__).parent / "static" / "index.html").is_file():
        yield Finding("Web client", "ok", "built")
    else:
        yield Finding("Web client", "fail", "not built", "In a checkout: make client. Else install the wheel anew.")


# --- the data -------------------------------------------------------------------------------------


def data_folder(settings: Settings) -> Iterator[Finding]:
    folder = settings.data.absolute()
    exists = folder.exists()
    place = folder if exists else next(parent for parent in folder.parents if parent.exists())
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        advice = "Give it to the user who runs Teahouse (chown), or set TEAHOUSE_DATA to another folder."
        yield Finding("Data folder", "fail", f"{folder}: {error.strerror}", advice)
        return
    if not exists:
        yield Finding("Data folder", "ok", f"{folder} (will be made)")
    elif folder.stat().st_mode & 0o077:
        advice = f"Others on this machine may look into it: chmod 700 {folder}"
        yield Finding("Data folder", "warn", str(folder), advice)
    else:
        yield Finding("Data folder", "ok", str(folder))
    free_mib = shutil.disk_usage(place).free // 2**20
    if free_mib < FREE_MIB_WARN:
        state: State = "fail" if free_mib < FREE_MIB_FAIL else "warn"
        yield Finding("Free space", state, f"{free_mib:,} MiB", "Make room, or move the data folder.")
    else:
        yield Finding("Free space", "ok", f"{free_mib // 1024:,} GiB")


def database_files(settings: Settings) -> list[Path]:
    if not settings.store_url.startswith("sqlite"):
        return []
    file = sqlite_file(settings)
    return [path for path in (file, file.with_name(file.name + "-wal")) if path.is_file()]


def store(settings: Settings) -> Iterator[Finding]:
    """Reachable, whole, and of this version. Nothing is written: a SQLite file is opened read-only."""
    import sqlalchemy as sa

    is_sqlite = settings.store_url.startswith("sqlite")
    try:
        if is_sqlite:
            file = sqlite_file(settings)
            if not file.is_file():
                yield Finding("Store", "ok", f"{file} (will be made)")
                return
            engine = sa.create_engine(f"sqlite:///file:{file}?mode=ro&uri=true", poolclass=sa.NullPool)
        else:
            engine = make_engine(settings.store_url, readers=1)
        sound = whole(engine) if is_sqlite else reachable(engine)
        yield sound
        if sound.state == "ok":
            yield of_this_version(version(engine))
    except (sa.exc.SQLAlchemyError, ImportError) as error:
        advice = "Check TEAHOUSE_STORE, and that the database runs and lets this user in."
        if is_sqlite:
            advice = "The file is damaged or not readable: mend its owner, or restore a back-up."
        yield Finding("Store", "fail", str(getattr(error, "orig", None) or error).strip(), advice)


def whole(engine: Engine) -> Finding:
    with engine.connect() as connection:
        verdict = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one())
        pages, page = (
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("page_count", "page_size")
        )
    if verdict == "ok":
        return Finding("Store", "ok", f"{pages * page / 2**20:,.1f} MiB, whole (quick_check)")
    return Finding("Store", "fail", verdict, "The file is damaged: restore a back-up.")


def reachable(engine: Engine) -> Finding:
    with engine.connect() as connection:
        return Finding("Store", "ok", f"PostgreSQL {connection.exec_driver_sql('SHOW server_version').scalar_one()}")


def of_this_version(step: str) -> Finding:
    if step == HEAD:
        return Finding("Tables", "ok", f"step {step}, the newest")
    if not step:
        return Finding("Tables", "ok", "none yet (will be made)")
    if step < HEAD:
        return Finding("Tables", "ok", f"step {step}; the next start brings them to {HEAD} (make a back-up first)")
    return Finding(
        "Tables", "fail", f"step {step}, newer than this version's {HEAD}", "Install the newer Teahouse again."
    )


def push_keys(settings: Settings) -> Iterator[Finding]:
    """The pair that browsers know this house by (VAPID): new ones would silence every subscription."""
    private, public = (settings.data / name for name in (PRIVATE, PUBLIC))
    if not private.exists() and not public.exists():
        yield Finding("Push keys", "ok", "none yet (will be made)")
    elif not (private.is_file() and public.is_file()):
        missing = public if private.is_file() else private
        advice = "Restore it from a back-up. Without it a new pair is made, and devices must allow notifications again."
        yield Finding("Push keys", "fail", f"{missing.name} is missing", advice)
    elif private.stat().st_mode & 0o077:
        yield Finding("Push keys", "warn", f"{private.name} can be read by others", f"chmod 600 {private}")
    else:
        yield Finding("Push keys", "ok", "there")


def blobs(settings: Settings) -> Iterator[Finding]:
    """Where files are kept: it takes a probe, gives it back and lets it go."""
    from teahouse.storage.blobs import WrongPlace

    place = settings.blobs.partition("?")[0] or str(settings.data / "blobs")
    try:
        if settings.blobs:
            asyncio.run(probe_bucket(settings))
        else:
            probe_folder(settings.data / "blobs")
    except WrongPlace as error:
        yield Finding("Files", "fail", str(error), "Set TEAHOUSE_BLOBS right, or leave it empty.")
    except Exception as error:  # a bucket's client raises what it likes
        said = (str(error).strip() or type(error).__name__).splitlines()[0][:300]
        advice = "Give the folder to the user who runs Teahouse (chown)."
        if settings.blobs:
            advice = (
                "Check that the bucket is there, and AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, endpoint and region."
            )
        yield Finding("Files", "fail", f"{place}: {said}", advice)
    else:
        yield Finding("Files", "ok", f"{place} is written and read")


async def probe_bucket(settings: Settings) -> None:
    """Raises whatever keeps a blob from being put, read back or dropped."""
    from teahouse.storage.blobs import Threads, hash_of, make_blobs

    threads = Threads("doctor", 1)
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "probe"
            path.write_bytes(os.urandom(1000))
            sha256, size = hash_of(path)
            bucket = make_blobs(settings, threads)
            async with asyncio.timeout(BUCKET_S_MAX):
                await bucket.put(path, sha256, size)
                read = b"".join([block async for block in bucket.open(sha256, 0, size)])
                await bucket.delete(sha256)
            if read != path.read_bytes():
                raise OSError("it gave back other bytes than it was given")
    finally:
        threads.stop()


def probe_folder(folder: Path) -> None:
    """Raises `OSError` when a file cannot be written there. A folder that is not there yet will be made."""
    # Not as a blob: what root leaves in the folder, the user who runs Teahouse could not write to.
    if folder.exists():
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"probe")


def media(settings: Settings) -> Iterator[Finding]:
    """Worker processes start, and have the codecs for a picture, a film and a voice."""
    advice = (
        "Install Teahouse anew (Pillow and PyAV carry the codecs). Workers need 2 GiB of address space (`ulimit -v`)."
    )
    try:
        failed = asyncio.run(make_samples())
    except Exception as error:
        yield Finding("Media", "fail", f"no worker process: {error!r}", advice)
        return
    if failed:
        yield Finding("Media", "fail", "; ".join(failed), advice)
    else:
        yield Finding("Media", "ok", "pictures, films and voices are made")


async def make_samples() -> list[str]:
    """Have one of each made, the film of the picture that moves; return what could not be made, and why."""
    import wave

    from PIL import Image

    from teahouse.media.work.jobs import Job, JobKind, MediaRefused
    from teahouse.media.work.pool import WorkerPool

    pool = WorkerPool(1)
    await pool.start()
    failed = []
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            frames = [Image.new("L", (64, 64), shade) for shade in range(0, 250, 25)]
            frames[0].save(folder / "picture.gif", save_all=True, append_images=frames[1:], duration=100)
            with wave.open(str(folder / "voice.wav"), "wb") as sound:
                sound.setnchannels(1)
                sound.setsampwidth(2)
                sound.setframerate(8000)
                sound.writeframes(bytes(8000))
            film = folder / "picture" / "video.mp4"
            samples: tuple[tuple[JobKind, Path], ...] = (
                ("picture", folder / "picture.gif"),
                ("video", film),
                ("voice", folder / "voice.wav"),
            )
            for kind, source in samples:
                made = folder / kind
                made.mkdir()
                try:
                    await pool.run(Job(kind=kind, sources=(str(source),), folder=str(made)), deadline_s=SAMPLE_S_MAX)
                except MediaRefused as refusal:
                    failed.append(f"no {kind} can be made: {' '.join(filter(None, (refusal.reason, refusal.detail)))}")
    finally:
        await pool.stop()
    return failed


def sqlite_file(settings: Settings) -> Path:
    from sqlalchemy import make_url

    return Path(make_url(settings.store_url).database or "")


# --- the bank -------------------------------------------------------------------------------------


def bank(settings: Settings) -> Iterator[Finding]:
    from teahouse.errors import Refusal
    from teahouse.wallet.bank.rules import house_account

    try:
        account = house_account(settings.bank_name, settings.bank_iban, settings.bank_bic)
    except Refusal as refusal:
        yield Finding("Bank", "fail", refusal.title, "Set bank_name, bank_iban and bank_bic, or none of them.")
        return
    if account:
        yield Finding("Bank", "ok", f"pays out from {account.iban} ({account.name})")


# --- the verdict ----------------------------------------------------------------------------------

CHECKS: Final[tuple[Check, ...]] = (
    python,
    sqlite,
    clock,
    open_files,
    password_time,
    variables,
    address,
    public_url,
    client,
    data_folder,
    store,
    blobs,
    media,
    push_keys,
    bank,
)
MARKS: Final = {"ok": "[green]✓[/]", "warn": "[yellow]![/]", "fail": "[red]✗[/]"}


def print_findings(findings: list[Finding]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("", "What", "Found", "What to do"):
        table.add_column(title, overflow="fold")
    for finding in findings:
        table.add_row(MARKS[finding.state], finding.what, escape(finding.found), escape(finding.fix))
    console = Console(soft_wrap=False)
    console.print(table)
    failures = sum(finding.state == "fail" for finding in findings)
    warnings = sum(finding.state == "warn" for finding in findings)
    if failures:
        console.print(f"\n{failures} to fix before it works, {warnings} to look at.")
    else:
        console.print(f"\nThis set-up works{f'; {warnings} to look at' if warnings else ''}.")
