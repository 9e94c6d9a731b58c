"""`teahouse backup`: a copy of a house that is whole, made while the house is open."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path

from sqlalchemy import make_url

from teahouse.config import Settings


class NotBackedUp(Exception):
    """Nothing was copied; the message says why and what to do."""


def back_up(settings: Settings, target: Path) -> Path:
    """Copy the data folder and a consistent snapshot of its SQLite store into a new folder, readable by its owner only.

    The store comes first: files that it names are written before they are named, so the copy lacks none.
    """
    if not settings.store_url.startswith("sqlite"):
        raise NotBackedUp("This house keeps its store in PostgreSQL: use pg_dump for it, and copy the data folder.")
    store = Path(make_url(settings.store_url).database or "")
    if not store.is_file():
        raise NotBackedUp(f"There is no house in {settings.data.absolute()}: {store.name} is missing.")
    try:
        target.mkdir(parents=True, mode=0o700)
    except FileExistsError:
        raise NotBackedUp(f"{target} is there already: name a folder that is not.") from None
    source, copy = sqlite3.connect(f"file:{store}?mode=ro", uri=True), sqlite3.connect(target / "teahouse.db")
    try:
        source.backup(copy)
    finally:
        copy.close()
        source.close()
    # Unfinished uploads and workers' folders change all the time, and nothing that matters is in them yet.
    live = {store.name + end for end in ("", "-wal", "-shm", "-journal")} | {"uploads", "work"}
    shutil.copytree(
        settings.data,
        target,
        dirs_exist_ok=True,
        copy_function=_copy,
        ignore=lambda folder, names: live & set(names) if Path(folder) == settings.data else set(),
    )
    target.chmod(0o700)  # `copytree` gave it the mode of the source
    return target


def _copy(source: str, target: str) -> None:
    """Copy a file, unless it has just been collected: then nothing in the snapshot needs it for long."""
    with suppress(FileNotFoundError):
        shutil.copy2(source, target)
