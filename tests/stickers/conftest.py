"""Each test's folder for files, as a worker gets it."""

from pathlib import Path

import pytest

from teahouse.media.work.jobs import Job, Made
from teahouse.media.work.stickers import make_sticker


class Workshop:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    def make(self, data: bytes) -> Made:
        """Have a sticker made of a file, as a worker does it."""
        self._count += 1
        out = self._folder / f"made{self._count}"
        out.mkdir()
        source = self._folder / f"source{self._count}"
        source.write_bytes(data)
        return make_sticker(Job(kind="sticker", sources=(str(source),), folder=str(out)), lambda percent: None)


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)
