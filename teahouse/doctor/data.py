"""The data folder, the store in it, and the keys."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from teahouse.config import Settings
from teahouse.doctor.model import Finding, State
from teahouse.push.keys import PRIVATE, PUBLIC
from teahouse.storage.engine import make_engine
from teahouse.storage.migrate import HEAD, version

if TYPE_CHECKING:
    from sqlalchemy import Engine

FREE_MIB_FAIL: Final = 64
FREE_MIB_WARN: Final = 1024


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


def sqlite_file(settings: Settings) -> Path:
    from sqlalchemy import make_url

    return Path(make_url(settings.store_url).database or "")


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
