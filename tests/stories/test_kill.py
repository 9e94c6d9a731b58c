"""The house is killed while people write and pay each other. The long version is `make soak`."""

from pathlib import Path

from tests.soak.kill_rounds import KillRounds

SEED = 20261124


def test_what_was_acknowledged_outlives_kill_9_and_is_there_once(tmp_path: Path) -> None:
    rounds = KillRounds(tmp_path, SEED)
    try:
        rounds.open()
        rounds.run(5)
    finally:
        rounds.server.kill()
    assert rounds.acknowledged > 0
    assert rounds.messages > 0
    assert rounds.payments > 0
