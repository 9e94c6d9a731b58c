"""Every command in the README and the docs works when it is typed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.console import ROOT, Block, blocks, run_block

NOT_FROM_A_TEST = {"test", "lint", "bench", "soak", "screenshot", "lock", "clean", "wheel"}
"""Words of make that would call this test again, take long, or change the checkout: here they need only exist."""
HERE = [block for block in blocks() if block.where in {"", "checkout"}]


@pytest.mark.parametrize("block", HERE, ids=str)
def test_commands_work_as_written(block: Block, tmp_path: Path) -> None:
    commands = tuple(as_test(command) for command in block.commands)
    run_block(Block(block.paper, block.line, block.where, commands), tmp_path, Path(sys.executable).parent)


def as_test(command: str) -> str:
    words = command.split()
    return f"make -n {' '.join(words[1:])}" if words[0] == "make" and NOT_FROM_A_TEST & set(words) else command


def test_no_block_is_passed_over() -> None:
    assert {block.where for block in blocks()} <= {"", "checkout", "wheel"}


def test_make_help_lists_every_word_of_the_readme() -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    named = set(re.findall(r"`make ([a-z]+)", (ROOT / "README.md").read_text("utf-8")))
    assert named
    assert named <= set(re.findall(r"make (\w+)", listed))
