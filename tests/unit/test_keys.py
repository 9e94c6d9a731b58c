"""The house's own secrets: made once, whoever asks first."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from teahouse.keys import BYTES, house_key

AT_ONCE = 16


def test_all_who_ask_for_a_key_at_once_get_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for number in range(20):
            name = f"key-{number}"
            keys = set(threads.map(lambda _, name=name: house_key(tmp_path, name), range(AT_ONCE)))
            assert len(keys) == 1
            assert len(keys.pop()) == BYTES
    files = list((tmp_path / "keys").iterdir())
    assert len(files) == 20, "and nothing else is left"
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
