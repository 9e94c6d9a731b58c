"""What the relay's process shuts itself into: it ends with the server, and takes no more than its calls need."""

import ctypes
import os
import resource
import signal
from contextlib import suppress
from pathlib import Path
from typing import Final

MEMORY_MAX: Final = 2 << 30
"""Bytes of address space; most of what it maps are libraries."""
FILES_PER_CALL: Final = 16
FILES_SPARE: Final = 64
NICENESS: Final = -5
"""Sound that waits is sound that stutters; whoever may not ask for it goes without."""
PR_SET_PDEATHSIG: Final = 1


def shut_in(parent: int, calls_max: int) -> None:
    """Bound this process for good. `parent` is the process that started it, and that it must not outlive."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)
    # Ctrl+C is for the server, which says goodbye for all calls. A session of its own: Linux weighs sessions against
    # each other, and whoever makes films in the server's own shall not keep sound waiting.
    with suppress(OSError):
        os.setsid()
        Path("/proc/self/autogroup").write_text(str(NICENESS))
    files = calls_max * FILES_PER_CALL + FILES_SPARE
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_MAX),
        (resource.RLIMIT_NOFILE, files),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (least, least))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with suppress(OSError):
        os.nice(NICENESS)
