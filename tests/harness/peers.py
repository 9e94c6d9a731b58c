"""Real peers from Debian's packages, which the tests of calls talk to: `python -m tests.harness.peers --install`.

SIPp plays scenarios, baresip is a telephone, rtpengine carries media, coturn relays for browsers. Each one that a test
starts is a process of its own on free ports of 127.0.0.1, and ends with its `with` block:

with Coturn(tmp_path, secret="…") as turn, RtpEngineDaemon(tmp_path) as engine, Baresip(tmp_path, tone_hz=440) as phone:
    …
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

PROGRAMS: Final = {
    "sipp": "sip-tester",
    "baresip": "baresip-core",
    "rtpengine": "rtpengine-daemon",
    "turnserver": "coturn",
}
"""Each program, and Debian's package that brings it."""
SERVICES: Final = {"rtpengine-daemon": "rtpengine-daemon.service", "coturn": "coturn.service"}
FOLDERS: Final = ("/usr/sbin", "/sbin", "/usr/local/sbin")
"""Daemons may lie outside of a user's PATH."""
POLICY: Final = Path("/usr/sbin/policy-rc.d")
INSTALL_S_MAX: Final = 900
LOCK_S_MAX: Final = 300
"""For another apt to let go of dpkg's lock."""
START_S_MAX: Final = 30.0
STOP_S_MAX: Final = 3.0
POLL_S: Final = 0.02
LOG_SHOWN: Final = 6000
"""Characters of a peer's log in a failure."""
RTP_PORTS: Final = range(10_000, 29_600, 400)
"""Blocks of ports, one to an rtpengine: below those that systems give out themselves and those of the relay."""
BARESIP_MODULES: Final = (
    "/usr/lib/baresip/modules",
    "/usr/lib/x86_64-linux-gnu/baresip/modules",
    "/usr/lib/aarch64-linux-gnu/baresip/modules",
    "/usr/local/lib/baresip/modules",
)


# --- finding and installing -----------------------------------------------------------------------


class PeerMissing(unittest.SkipTest):
    """A program is not here, and the story that needs it is left out; the message says how to bring it."""


class PeerFailed(AssertionError):
    """A peer ended, or was not ready in time; the message holds the end of its log."""


def find(program: str) -> str | None:
    return shutil.which(program) or shutil.which(program, path=os.pathsep.join(FOLDERS))


def missing() -> list[str]:
    """The packages whose program is not here."""
    return [package for program, package in PROGRAMS.items() if find(program) is None]


def advice(packages: list[str]) -> str:
    programs = [program for program, package in PROGRAMS.items() if package in packages]
    return f"""\
Missing: {", ".join(packages)}. The tests of calls talk to these programs; stories that need them are left out.
  - Debian, Ubuntu: sudo apt-get install {" ".join(packages)}
  - else: bring {", ".join(programs)} so that they are on PATH."""


def path_of(program: str) -> str:
    """Raises `PeerMissing` when it is not here."""
    if found := find(program):
        return found
    raise PeerMissing(advice([PROGRAMS[program]]))


def install(packages: list[str]) -> None:
    """Have apt bring them without starting their services: all at once, after an update, and else one by one."""
    if not shutil.which("apt-get"):
        return
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
    apt = [*root, *environment, "apt-get", "-q", "-o", f"DPkg::Lock::Timeout={LOCK_S_MAX}"]
    bring = [*apt, "install", "-y", "--no-install-recommends"]
    attempts = [[*bring, *packages], [*apt, "update"], [*bring, *packages], *([*bring, one] for one in packages)]
    with no_services(root):
        for attempt in attempts:
            if missing():
                run(attempt)
    # Nor may they start with the machine: only the tests want them.
    if shutil.which("systemctl"):
        for package in packages:
            if package in SERVICES and package not in missing():
                run([*root, "systemctl", "disable", SERVICES[package]])


def run(command: list[str]) -> bool:
    print("+", " ".join(command), file=sys.stderr)
    try:
        done = subprocess.run(command, check=False, stdout=sys.stderr, stdin=subprocess.DEVNULL, timeout=INSTALL_S_MAX)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(error, file=sys.stderr)
        return False
    return done.returncode == 0


@contextmanager
def no_services(root: list[str]) -> Iterator[None]:
    """Keep package scripts from starting what they install (invoke-rc.d asks policy-rc.d; 101 means no)."""
    if POLICY.exists():
        # Somebody has a policy already (images for containers do): it is theirs to decide.
        yield
        return
    written = run([*root, "sh", "-c", f"printf '#!/bin/sh\\nexit 101\\n' > {POLICY} && chmod 755 {POLICY}"])
    try:
        yield
    finally:
        if written:
            run([*root, "rm", "-f", str(POLICY)])


# --- peers as processes ---------------------------------------------------------------------------


def free_port() -> int:
    """A port of 127.0.0.1 that nobody has now, neither for TCP nor for UDP."""
    for _ in range(100):
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            port = int(tcp.getsockname()[1])
            with suppress(OSError):
                udp.bind(("127.0.0.1", port))
                return port
    raise PeerFailed("no free port was found")


def wait_until(is_so: Callable[[], bool], what: str, *, s_max: float = START_S_MAX, log: Callable[[], str]) -> None:
    """Raises `PeerFailed` with the log's end when it is not so in time."""
    deadline = time.monotonic() + s_max
    while not is_so():
        if time.monotonic() > deadline:
            raise PeerFailed(f"{what} did not happen in {s_max:.0f} s:\n{log()[-LOG_SHOWN:]}")
        time.sleep(POLL_S)


class Peer(ABC):
    """A program with a folder and a log of its own. `start` returns when `is_ready`."""

    program: str

    def __init__(self, folder: Path) -> None:
        self.path = path_of(self.program)
        self.folder = folder / f"{self.program}-{free_port()}"
        self.folder.mkdir(parents=True)
        self.log = self.folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def output(self) -> str:
        """All that it has printed."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    @abstractmethod
    def command(self) -> list[str]: ...

    @abstractmethod
    def is_ready(self) -> bool: ...

    def start(self) -> Self:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder
            )
        try:
            wait_until(self._is_up, f"{self.program} starting", log=lambda: self.output)
        except BaseException:
            self.kill()
            raise
        return self

    def _is_up(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            code = self._process.returncode if self._process else None
            raise PeerFailed(f"{self.program} ended with {code} before it was ready:\n{self.output[-LOG_SHOWN:]}")
        return self.is_ready()

    def stop(self) -> None:
        """SIGTERM, and SIGKILL when that is not enough."""
        if self._process is not None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_S_MAX)
            self.kill()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
        if error is not None:
            # pytest shows it under the failed test.
            print(f"--- {self.program}: {self.log}\n{self.output[-LOG_SHOWN:]}", file=sys.stderr)


def asked(port: int, question: bytes) -> bytes:
    """What a UDP server of this machine answers at once, or nothing."""
    with socket.socket(type=socket.SOCK_DGRAM) as asking, suppress(OSError):
        asking.settimeout(0.2)
        asking.connect(("127.0.0.1", port))
        asking.send(question)
        return asking.recv(2000)
    return b""


class RtpEngineDaemon(Peer):
    """rtpengine in userspace; `control` is where its ng protocol is spoken."""

    program = "rtpengine"

    def __init__(self, folder: Path, *, options: tuple[str, ...] = ()) -> None:
        super().__init__(folder)
        self.port = free_port()
        self.ports = random.choice(RTP_PORTS)
        self._options = options

    @property
    def control(self) -> str:
        return f"127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        return [
            self.path,
            "--config-file=none",
            "--table=-1",
            "--interface=127.0.0.1",
            f"--listen-ng={self.control}",
            f"--port-min={self.ports}",
            f"--port-max={self.ports + RTP_PORTS.step - 1}",
            "--foreground",
            "--log-stderr",
            "--log-level=6",
            "--num-threads=2",
            "--delete-delay=0",
            *self._options,
        ]

    def is_ready(self) -> bool:
        return b"pong" in asked(self.port, b"ready d7:command4:pinge")


class Coturn(Peer):
    """A STUN and TURN server whose credentials are made with `secret` (its REST scheme)."""

    program = "turnserver"

    def __init__(self, folder: Path, *, secret: str, options: tuple[str, ...] = ()) -> None:
        super().__init__(folder)
        self.secret = secret
        self.port = free_port()
        self._options = options

    @property
    def stun_url(self) -> str:
        return f"stun:127.0.0.1:{self.port}"

    @property
    def turn_urls(self) -> str:
        """As the setting `turn_urls` takes them."""
        return ",".join(f"turn:127.0.0.1:{self.port}?transport={transport}" for transport in ("udp", "tcp"))

    def command(self) -> list[str]:
        return [
            self.path,
            "-n",  # no configuration file
            "--listening-ip=127.0.0.1",
            "--relay-ip=127.0.0.1",
            f"--listening-port={self.port}",
            "--use-auth-secret",
            f"--static-auth-secret={self.secret}",
            "--realm=teahouse.test",
            "--allow-loopback-peers",
            "--no-cli",
            "--no-tls",
            "--no-dtls",
            "--log-file=stdout",
            "--simple-log",
            "--verbose",
            f"--userdb={self.folder / 'turndb'}",
            f"--pidfile={self.folder / 'pid'}",
            *self._options,
        ]

    def is_ready(self) -> bool:
        # A STUN binding request (RFC 5389): type, length, magic cookie, transaction.
        return asked(self.port, bytes.fromhex("00010000 2112a442") + bytes(12)).startswith(b"\x01\x01")


class Baresip(Peer):
    """A telephone: answers by itself, plays a tone, and records what it hears. Its codecs are PCMU and PCMA.

    `answers` is baresip's answermode: `auto`, `early` (183 with its tone) or `manual` (180, and `CALL_INCOMING` here);
    after the latter two `say("accept")` answers.
    """

    program = "baresip"

    def __init__(self, folder: Path, *, tone_hz: int = 440, user: str = "phone", answers: str = "auto") -> None:
        super().__init__(folder)
        self.port = free_port()
        self.user = user
        self.tone_hz = tone_hz
        self.events: list[dict[str, str]] = []
        """What happened, in order: `type` (`CALL_ESTABLISHED`, `CALL_DTMF_START`, `CALL_CLOSED` …) and `param`."""
        self._answers = answers
        self._control_port = free_port()
        self._rtp_port = random.choice(RTP_PORTS)
        self._control: socket.socket | None = None
        self._reader: threading.Thread | None = None
        # It cuts the names of its recordings off at 128 characters, which folders of tests soon are.
        self._sounds = Path(tempfile.mkdtemp(prefix="baresip-"))

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def uri(self) -> str:
        return f"sip:{self.user}@{self.address}"

    @property
    def digits(self) -> str:
        """The telephone-events (RFC 4733) that it was sent."""
        return "".join(event.get("param", "") for event in list(self.events) if event["type"] == "CALL_DTMF_START")

    @property
    def heard(self) -> Path:
        """The WAV file of what its newest call heard; whole once the call is closed."""
        recordings = sorted(self._sounds.glob("dump-*-dec.wav"))
        assert recordings, f"baresip has recorded nothing:\n{self.output[-LOG_SHOWN:]}"
        return recordings[-1]

    def command(self) -> list[str]:
        modules = next((folder for folder in BARESIP_MODULES if Path(folder, "g711.so").is_file()), None)
        if modules is None:
            raise PeerMissing(f"baresip's modules are in none of {', '.join(BARESIP_MODULES)}")
        (self.folder / "config").write_text(self._config(modules))
        account = f"<sip:{self.user}@127.0.0.1>;answermode={self._answers};regint=0;audio_codecs=PCMU,PCMA"
        (self.folder / "accounts").write_text(account + "\n")
        (self.folder / "contacts").write_text("")
        return [self.path, "-f", str(self.folder), "-v"]

    def _config(self, modules: str) -> str:
        # aubridge plays into nothing; sndfile writes both directions as WAV files; ausine knows 48 kHz stereo only.
        return f"""\
poll_method epoll
sip_listen {self.address}
net_interface 127.0.0.1
audio_source ausine,{self.tone_hz}
audio_player aubridge,none
audio_alert aubridge,none
ausrc_srate 48000
ausrc_channels 2
auplay_srate 8000
auplay_channels 1
rtp_ports {self._rtp_port}-{self._rtp_port + RTP_PORTS.step - 1}
rtcp_mux no
module_path {modules}
module g711.so
module sndfile.so
module ausine.so
module aubridge.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{self._control_port}
snd_path {self._sounds}
statmode_default off
"""

    def is_ready(self) -> bool:
        if "baresip is ready" not in self.output:
            return False
        with suppress(OSError):
            self._control = socket.create_connection(("127.0.0.1", self._control_port), timeout=2)
            self._control.settimeout(None)
            self._reader = threading.Thread(target=self._read_events, args=(self._control,), daemon=True)
            self._reader.start()
            return True
        return False

    def _read_events(self, control: socket.socket) -> None:
        """Netstrings (`12:{"event": …},`) until the connection ends."""
        with suppress(OSError, ValueError), control.makefile("rb") as stream:
            while size := _until(b":", stream):
                said = json.loads(stream.read(int(size)))
                stream.read(1)
                if said.get("event"):
                    self.events.append(said)

    def say(self, command: str, params: str = "") -> None:
        """A command of its menu: `hangup`, `accept`, `dial` with a SIP URI, `hold`, `resume`, …"""
        assert self._control is not None, "baresip was not started"
        text = json.dumps({"command": command, "params": params}).encode()
        self._control.sendall(b"%d:%s," % (len(text), text))

    def wait_for(self, kind: str, *, count: int = 1, s_max: float = START_S_MAX) -> None:
        """Until `count` events of a kind have come."""
        wait_until(
            lambda: sum(event["type"] == kind for event in list(self.events)) >= count,
            f"{kind} at baresip",
            s_max=s_max,
            log=lambda: self.output,
        )

    def stop(self) -> None:
        # With a call open it would wait for the other side's answer to its BYE.
        if self._control is not None:
            with suppress(OSError):
                self.say("hangup")
            self._control.close()
            self._control = None
        super().stop()
        if self._reader is not None:
            self._reader.join(STOP_S_MAX)
            assert not self._reader.is_alive(), "who reads baresip's events goes on after its end"
        shutil.rmtree(self._sounds, ignore_errors=True)


def _until(end: bytes, stream: BinaryIO) -> bytes:
    """Read up to this byte, without it; empty where the stream ends before."""
    read = b""
    while (byte := stream.read(1)) != end:
        if not byte:
            return b""
        read += byte
    return read


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--install", action="store_true", help="install what is missing")
    if parser.parse_args().install and (packages := missing()):
        install(packages)
    if packages := missing():
        print(advice(packages), file=sys.stderr)
        # Where Debian's packages can be had they must be: elsewhere the other tests are run all the same.
        return 1 if shutil.which("apt-get") and os.geteuid() == 0 else 0
    print(" ".join(path_of(program) for program in PROGRAMS))
    return 0


if __name__ == "__main__":
    sys.exit(main())
