"""The example biller as its own process, on a port that stays the same while it is stopped, killed and started.

with Biller(tmp_path / "biller", house_key=…) as biller:
    biller.switch(lose=True)
    ... the house pays ...
    biller.kill()
    biller.start()
    assert biller.payments() == …
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from examples.biller.meters import meter
from tests.harness.server import ServerFailed, free_port

__all__ = ["METERS", "Biller", "meter"]

START_S_MAX = 30.0
STOP_S_MAX = 10.0
POLL_S = 0.02
ROOT = Path(__file__).parents[2]
METERS = tuple(meter(number) for number in range(50))
"""The customers that it starts with. Meter n owes 42.10 and n times 0.37; the first is Ann Lee's (`A** L**`)."""


def owes(number: int) -> int:
    """What the n-th meter owes at first, in cents."""
    return 4_210 + 37 * number


class Biller:
    def __init__(self, data: Path, house_key: str, *arguments: str) -> None:
        """`house_key`: the house's public key in base64. `arguments`: more of its command line, as `--exact`."""
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.public_key = ""
        """Known once it was started."""
        self.key_id = ""
        self._log = data.with_name(data.name + ".log")
        self._command = [sys.executable, "-m", "examples.biller", "--port", str(self.port), "--data", str(data)]
        self._command += ["--house-key", house_key, *arguments]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Biller:
        """Start it and wait until it answers. Its switches are off."""
        assert self._process is None, "the biller runs already"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, cwd=ROOT)
        deadline = time.monotonic() + START_S_MAX
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise ServerFailed(f"the biller did not start:\n{self._log.read_text(errors='replace')}")
            time.sleep(POLL_S)
        lines = self._log.read_text().splitlines()
        self.public_key, self.key_id = lines[0].rpartition(" ")[2], lines[1].rpartition(" ")[2]
        return self

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(STOP_S_MAX)
            self._process = None

    def restart(self) -> Biller:
        self.kill()
        return self.start()

    def died(self) -> None:
        """Wait until it has ended by itself (`crash`)."""
        assert self._process is not None
        self._process.wait(STOP_S_MAX)
        self._process = None

    def switch(self, **switches: Any) -> None:
        """Set how it fails from now on (see examples/biller/switches.py): those not named are off."""
        httpx.post(f"{self.url}/switches", json=switches, trust_env=False).raise_for_status()

    def bill(self, number: str, amount: int, due_at: int) -> str:
        """Write a customer a new bill; return its number."""
        asked = {"number": number, "amount": amount, "due_at": due_at}
        answer = httpx.post(f"{self.url}/bills", json=asked, trust_env=False).raise_for_status()
        return str(answer.json()["ref"])

    def payments(self) -> dict[str, dict[str, Any]]:
        """What it believes of each payment that it heard of, by our id: `state`, `amount`, `reference` …"""
        answer = httpx.get(f"{self.url}/payments", trust_env=False).raise_for_status()
        return {each["id"]: each for each in answer.json()}

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", trust_env=False, timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def __enter__(self) -> Biller:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()
