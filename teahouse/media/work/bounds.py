"""What a worker process shuts itself into before it opens a stranger's file: memory, time, file size, no network.

Each bound is taken where the system has it; a system without one (macOS has no seccomp) still has the others.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
from contextlib import suppress
from typing import Final

MEMORY_MAX: Final = 2 << 30
"""Bytes of address space. A film in 4K (HEVC, 10 bits) takes 0.6 GiB of it, half of that mapped libraries."""
FILE_BYTES_MAX: Final = 4 << 30
"""Bytes of one file that is made."""
FILES_OPEN_MAX: Final = 64
NICENESS: Final = 19

PR_SET_PDEATHSIG: Final = 1
PR_SET_SECCOMP: Final = 22
PR_SET_NO_NEW_PRIVS: Final = 38
SECCOMP_MODE_FILTER: Final = 2
SECCOMP_RET_ALLOW: Final = 0x7FFF0000
SECCOMP_RET_EACCES: Final = 0x00050000 | 13
X32_BIT: Final = 0x40000000

BPF_LOAD: Final = 0x20
BPF_JUMP_EQUAL: Final = 0x15
BPF_JUMP_GREATER_EQUAL: Final = 0x35
BPF_RETURN: Final = 0x06

FORBIDDEN_CALLS: Final = {
    # Machine: (AUDIT_ARCH of linux/audit.h, numbers of the calls). In order: socket, execve, execveat, ptrace,
    # process_vm_readv, process_vm_writev, kill, tkill, pidfd_open, pidfd_send_signal, io_uring_setup, userfaultfd, bpf,
    # perf_event_open, unshare, setns, mount, add_key, keyctl.
    "x86_64": (
        0xC000003E,
        (41, 59, 322, 101, 310, 311, 62, 200, 434, 424, 425, 323, 321, 298, 272, 308, 165, 248, 250),
    ),
    "aarch64": (
        0xC00000B7,
        (198, 221, 281, 117, 270, 271, 129, 130, 434, 424, 425, 282, 280, 241, 97, 268, 40, 217, 219),
    ),
}


class _Program(ctypes.Structure):
    """`struct sock_fprog` of linux/filter.h."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def shut_in(parent: int) -> None:
    """Bound this process for good. `parent` is the process that started it, and that it must not outlive."""
    _die_with(parent)
    # Ctrl+C is for the server. Not a session of its own: Linux gives each the same share of a core, however low its
    # processes stand.
    with suppress(OSError):
        os.setpgid(0, 0)
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_MAX),
        (resource.RLIMIT_FSIZE, FILE_BYTES_MAX),
        (resource.RLIMIT_NOFILE, FILES_OPEN_MAX),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (least, least))
    # A file that grows too large shall be an error that the maker answers for, not a death.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with suppress(OSError):
        os.nice(NICENESS)
    if hasattr(os, "sched_setscheduler"):
        # Whoever serves a chat is woken before a worker is. Not SCHED_IDLE: on a busy machine that would be never.
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    _forbid_calls()


def allow_cpu(seconds: int) -> None:
    """Let this process use so much more CPU time, then die of SIGXCPU (the soft limit is renewed for each job)."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(usage.ru_utime + usage.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _die_with(parent: int) -> None:
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


def _forbid_calls() -> None:
    """No sockets, no other programs, no hands on other processes: what a taken-over decoder would reach for."""
    if platform.system() != "Linux" or platform.machine() not in FORBIDDEN_CALLS:
        return
    arch, calls = FORBIDDEN_CALLS[platform.machine()]
    to_refusal = len(calls) + 2
    code = [
        (BPF_LOAD, 0, 0, 4),  # seccomp_data.arch
        (BPF_JUMP_EQUAL, 0, to_refusal + 1, arch),
        (BPF_LOAD, 0, 0, 0),  # seccomp_data.nr
        (BPF_JUMP_GREATER_EQUAL, to_refusal - 1, 0, X32_BIT),
        *((BPF_JUMP_EQUAL, len(calls) - at, 0, number) for at, number in enumerate(calls)),
        (BPF_RETURN, 0, 0, SECCOMP_RET_ALLOW),
        (BPF_RETURN, 0, 0, SECCOMP_RET_EACCES),
    ]
    packed = b"".join(struct.pack("=HBBI", *line) for line in code)
    program = _Program(len(code), packed)
    prctl = ctypes.CDLL(None).prctl
    if prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0)
