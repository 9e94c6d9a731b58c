"""ejabberd with its archive in PostgreSQL, both from Debian, on 127.0.0.1 and on the server's core only.

The archive (`mod_mam`) is written before a message is delivered, so a delivered message is a durable one: PostgreSQL
runs with `fsync` and `synchronous_commit` on, as it comes. Nothing of the machine's own set-up is used or changed.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from bench import process
from tests.harness.server import free_port

PACKAGES: Final = ("ejabberd", "erlang-p1-pgsql", "postgresql")
SCHEMA: Final = Path("/usr/share/ejabberd/sql/pg.sql")
READY_S_MAX: Final = 60.0
STOP_S_MAX: Final = 20.0
PIN: Final = ("taskset", "-c", str(process.SERVER_CORE))

CONFIGURATION: Final = """
loglevel: error
hosts: [localhost]
listen:
  - port: {port}
    ip: 127.0.0.1
    module: ejabberd_c2s
    max_stanza_size: 262144
    shaper: none
    access: all
    backlog: 1024
disable_sasl_mechanisms: [digest-md5, X-OAUTH2]
auth_method: internal
auth_password_format: plain
registration_timeout: infinity
sql_type: pgsql
sql_server: 127.0.0.1
sql_port: {sql_port}
sql_database: ejabberd
sql_username: ejabberd
shaper_rules:
  max_user_sessions: 100
access_rules:
  register: {{allow: all}}
modules:
  mod_disco: {{}}
  mod_mam: {{db_type: sql, default: always, cache_size: 100000}}
  mod_muc:
    max_users: 2000
    max_user_conferences: 2000
    min_message_interval: 0
    min_presence_interval: 0
    default_room_options: {{mam: true, public: true, max_users: 2000, presence_broadcast: []}}
  mod_offline: {{}}
  mod_ping: {{}}
  mod_register: {{ip_access: all, access: register, password_strength: 0, welcome_message: {{}}}}
  mod_roster: {{}}
  mod_stream_mgmt: {{}}
"""


def install() -> None:
    """Install the packages when they are missing; their own services are not started."""
    if shutil.which("ejabberdctl") and list(Path("/usr/lib/postgresql").glob("*/bin/initdb")) and SCHEMA.exists():
        return
    root = () if os.geteuid() == 0 else ("sudo",)
    environment = ("env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1")
    subprocess.run([*root, "apt-get", "update", "-qq"], check=True)
    command = [*root, *environment, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def version() -> str:
    asked = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", "ejabberd"], capture_output=True, text=True, check=True
    )
    return asked.stdout.strip()


class Ejabberd:
    """Use as a context. Needs root, for both servers run as the users that their packages made."""

    def __init__(self) -> None:
        self.port, self._sql_port, self._names_port = free_port(), free_port(), free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="teahouse-peers-"))
        self._postgres: subprocess.Popen[bytes] | None = None
        self._names: subprocess.Popen[bytes] | None = None
        self._ejabberd: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Ejabberd:
        self._folder.chmod(0o755)
        try:
            self._start_postgres()
            self._start_ejabberd()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        # Each is asked in its own way, so that it ends its children itself; then killed if it did not.
        if self._ejabberd is not None:
            for pid in process.children(self._ejabberd.pid):
                if Path(f"/proc/{pid}/comm").read_text().strip() == "beam.smp":
                    os.kill(pid, signal.SIGTERM)
            _end(self._ejabberd)
        if self._names is not None:
            self._names.terminate()
            _end(self._names)
        if self._postgres is not None:
            self._postgres.send_signal(signal.SIGINT)
            _end(self._postgres)
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def address(self) -> tuple[str, int]:
        return ("127.0.0.1", self.port)

    @property
    def pids(self) -> list[int]:
        """ejabberd's processes and PostgreSQL's."""
        assert self._ejabberd is not None
        assert self._postgres is not None
        return process.children(self._ejabberd.pid) + process.children(self._postgres.pid)

    @property
    def chat_pids(self) -> list[int]:
        """ejabberd's processes only: what a connection costs is there."""
        assert self._ejabberd is not None
        return process.children(self._ejabberd.pid)

    def _own(self, name: str, user: str) -> Path:
        folder = self._folder / name
        folder.mkdir()
        account = pwd.getpwnam(user)
        os.chown(folder, account.pw_uid, account.pw_gid)
        return folder

    def _start_postgres(self) -> None:
        binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        data = self._own("postgres", "postgres")
        as_postgres = _as("postgres")
        subprocess.run(
            [
                *as_postgres,
                str(binaries / "initdb"),
                "-D",
                str(data / "data"),
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=data,
        )
        options = ["-p", str(self._sql_port), "-h", "127.0.0.1", "-k", str(data), "-c", "shared_buffers=512MB"]
        with (self._folder / "postgres.log").open("wb") as log:
            command = [*PIN, *as_postgres, str(binaries / "postgres"), "-D", str(data / "data"), *options]
            self._postgres = subprocess.Popen(command, stdout=log, stderr=log, cwd=data)
        psql = [*as_postgres, str(binaries / "psql"), "-q", "-h", "127.0.0.1", "-p", str(self._sql_port)]
        asked = [*psql, "-c", "select 1", "postgres"]
        _wait(lambda: subprocess.run(asked, capture_output=True, cwd=data, check=False).returncode == 0)
        make = "create role ejabberd login; create database ejabberd owner ejabberd"
        for statement in make.split("; "):
            subprocess.run([*psql, "-c", statement, "postgres"], check=True, cwd=data)
        subprocess.run(
            [*psql, "-U", "ejabberd", "-f", str(SCHEMA), "ejabberd"], check=True, cwd=data, stdout=subprocess.DEVNULL
        )

    def _start_ejabberd(self) -> None:
        spool, logs, settings = (self._own(name, "ejabberd") for name in ("spool", "logs", "settings"))
        text = CONFIGURATION.format(port=self.port, sql_port=self._sql_port)
        (settings / "ejabberd.yml").write_text(text)
        (settings / "inetrc").write_text('{lookup,["file","native"]}.\n{host,{127,0,0,1}, ["localhost"]}.\n')
        (settings / "ejabberdctl.cfg").write_text(
            "ERL_OPTIONS='-env ERL_CRASH_DUMP_BYTES 0 +S 1:1'\n"
            f"ERLANG_NODE=teahouse-peer-{self.port}@localhost\n"
            "INET_DIST_INTERFACE=127.0.0.1\n"
        )
        environment = os.environ | {
            "ERL_EPMD_PORT": str(self._names_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "HOME": str(spool),
        }
        with (self._folder / "ejabberd.log").open("wb") as log:
            self._names = subprocess.Popen(["epmd"], env=environment, stdout=log, stderr=log)
            folders = ["--config-dir", str(settings), "--spool", str(spool), "--logs", str(logs)]
            files = ["--ctl-config", str(settings / "ejabberdctl.cfg"), "--config", str(settings / "ejabberd.yml")]
            command = [*PIN, *_as("ejabberd"), "ejabberdctl", *folders, *files, "foreground"]
            self._ejabberd = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            _wait(self._answers)
        except TimeoutError:
            logged = [path.read_text()[-2000:] for path in (self._folder / "ejabberd.log", *logs.glob("*.log"))]
            raise AssertionError("ejabberd did not start:\n" + "\n".join(logged)) from None

    def _answers(self) -> bool:
        assert self._ejabberd is not None
        if self._ejabberd.poll() is not None:
            raise TimeoutError
        wanted = f"0100007F:{self.port:04X}"
        return any(line.split()[1] == wanted for line in Path("/proc/net/tcp").read_text().splitlines()[1:])


def _as(user: str) -> list[str]:
    # Not su or runuser: their PAM sessions would lower the limit of open files again.
    return ["setpriv", "--reuid", user, "--regid", user, "--init-groups", "--"]


def _end(running: subprocess.Popen[bytes]) -> None:
    try:
        running.wait(STOP_S_MAX)
    except subprocess.TimeoutExpired:
        for pid in reversed(process.children(running.pid)):
            os.kill(pid, signal.SIGKILL)
        running.wait()


def _wait(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + READY_S_MAX
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.1)
