"""A bounded run of the fuzzer with every other test: seconds, always the same bytes. Longer ones are run by hand."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stickers import making


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris runs on Linux x86-64 only")
def test_five_thousand_strange_stickers_and_packs_are_read_without_falling(tmp_path: Path) -> None:
    told = b'{"name": "n", "stickers": [{"file": "a.png", "emoji": ["\xf0\x9f\x98\x80"], "label": {"en": "x"}}]}'
    listed = "a 😀\nb.tgs 😢".encode()
    zipped = making.zipped({"pack.json": told, "a.png": b"1", "emojis.txt": listed})
    moving = making.written(making.frames(2, 8), "WEBP")
    seeds = [(0, making.lottie_file()), (0, making.tgs()), (1, moving), (2, zipped), (3, told + listed)]
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number, (parser, seed) in enumerate(seeds):
        (corpus / str(number)).write_bytes(bytes((parser,)) + seed)
    command = [sys.executable, "-m", "tests.fuzz.fuzz_stickers", "-runs=5000", "-seed=1", "-max_len=8192"]
    done = subprocess.run(
        [*command, "-timeout=10", f"-artifact_prefix={tmp_path}/", str(corpus)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    assert "Done 5000 runs" in done.stderr
