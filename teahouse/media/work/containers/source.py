"""What a parser reads: bytes in memory, or a file of which only the touched pages come into memory."""

import mmap
from collections.abc import Iterator
from contextlib import contextmanager

Source = bytes | mmap.mmap


@contextmanager
def opened(path: str) -> Iterator[Source]:
    """A file as a `Source`. Raises OSError when it cannot be read."""
    with open(path, "rb") as file:
        file.seek(0, 2)
        if file.tell() == 0:  # mmap takes no empty file
            yield b""
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            yield mapped
