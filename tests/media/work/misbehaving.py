"""A worker process for the tests of the pool: does what the name of its first source says, however bad."""

import ctypes
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from teahouse.media.work.jobs import Job, Made, MadeFile, MediaRefused
from teahouse.media.work.process import Tell, serve


def misbehave(job: Job, progress: Tell) -> Made:  # noqa: PLR0912
    habit, _, word = job.sources[0].partition(":")
    kept: list[bytearray] = []
    match habit:
        case "hog":
            while True:
                kept.append(bytearray(64 << 20))
        case "spin":
            progress(1)
            while True:
                pass
        case "sleep":
            progress(1)
            time.sleep(3600)
        case "wait":
            progress(1)
            while not Path(word).exists():
                time.sleep(0.005)
        case "crash":
            ctypes.string_at(0)
        case "raise":
            raise RuntimeError("a bug")
        case "refuse":
            raise MediaRefused("wrong_kind", "a refusal with a reason")
        case "print":
            print("printed by a library")
            os.write(1, b"written to the file descriptor by a library\n")
            sys.stdout.flush()
        case "babble":
            os.write(_wire(), b"x" * (1 << 20))
            time.sleep(3600)
        case "lie":
            return Made(files=(MadeFile("original", "/etc/hostname", "text/plain"),))
        case "steps":
            for percent in (0, 10, 10, 5, 60, 250):
                progress(percent)
    made = Path(job.folder, "made.txt")
    made.write_text(_facts() if habit == "facts" else str(os.getpid()))
    return Made(files=(MadeFile("original", str(made), "text/plain"),))


def _wire() -> int:
    """The file descriptor that answers go to: the highest pipe that can be written to."""
    return max(fd for fd in range(3, 20) if Path(f"/proc/self/fd/{fd}").exists() and _writable(fd))


def _writable(fd: int) -> bool:
    try:
        return os.readlink(f"/proc/self/fd/{fd}").startswith("pipe:") and os.write(fd, b"") == 0
    except OSError:
        return False


def _facts() -> str:
    """What this process may do and what it knows: one word per line."""
    facts = [f"env {name}" for name in os.environ]
    for name, reach in (
        ("socket", lambda: socket.socket().close()),
        ("program", lambda: subprocess.run(["true"], check=True)),
        ("kill", lambda: os.kill(os.getppid(), 0)),
    ):
        try:
            reach()
            facts.append(f"can {name}")
        except OSError:
            facts.append(f"cannot {name}")
    facts.append(f"nice {os.nice(0)}")
    return "\n".join(facts)


if __name__ == "__main__":
    serve(misbehave)
