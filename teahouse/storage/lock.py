"""One server to a data folder: the writer's memory of chats must be the only one."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FolderInUse(Exception):
    """Another Teahouse serves from this data folder."""


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Hold the folder's lock. The kernel drops it when the process ends, however it ends. Raises `FolderInUse`."""
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderInUse(f"Another Teahouse serves from {folder}.") from None
        yield
