"""Coupons beside their peer: a flash sale in process, the same in PostgreSQL with a transaction a claim, and what the
store alone takes for the same rows."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import psycopg

from bench import ledger_peers
from bench.coupons_market import PARTS, PEOPLE, SALES, STOCK
from bench.scenarios import RUNS, Summary

POOLS: Final = (4, 8, 16, 32)
GROUP: Final = 500
"""Rows in one transaction of the bare store."""
SCHEMA: Final = """
CREATE TABLE campaign (id bigint PRIMARY KEY, "left" bigint NOT NULL CHECK ("left" >= 0)) WITH (fillfactor = 50);
CREATE TABLE coupon (
    id bigserial PRIMARY KEY, key uuid NOT NULL UNIQUE, campaign bigint NOT NULL, holder bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX coupon_holder ON coupon (holder);
CREATE FUNCTION claim(key uuid, wanted bigint, holder bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE campaign SET "left" = "left" - 1 WHERE id = wanted AND "left" > 0;
    IF NOT FOUND THEN RETURN false; END IF;
    INSERT INTO coupon (key, campaign, holder) VALUES (key, wanted, holder);
    RETURN true;
END $$;
"""


def coupons(scale: float) -> dict[str, Summary]:
    """Each part on SQLite in a process of its own, the median of some runs; claims on PostgreSQL too."""
    found = {f"coupon_{part}": _median([_process("sqlite", part, scale) for _ in range(RUNS)]) for part in PARTS}
    found["coupon_claims"]["floor_rows_per_s"] = appended(int(STOCK * SALES * scale))
    found["coupon_claims"]["of_floor"] = round(
        found["coupon_claims"]["per_s"] / found["coupon_claims"]["floor_rows_per_s"], 2
    )
    with ledger_peers.postgres() as url:
        runs = [_process(ledger_peers.fresh(url), "claims", scale / 2) for _ in range(RUNS)]
        found["coupon_claims_postgresql"] = _median(runs)
    return found


def peers() -> dict[str, dict[str, Summary]]:
    """The same sale in PostgreSQL as most shops would write it: a transaction for each claim, one round trip."""
    with ledger_peers.postgres() as url:
        runs = {pool: _sale(url, pool) for pool in POOLS}
    best = max(runs, key=lambda pool: runs[pool])
    claims = {"per_s": runs[best], "pool": best, "of_pools": {str(pool): rate for pool, rate in runs.items()}}
    return {"PostgreSQL, a transaction a claim": {"coupon_claims": claims}}


def _sale(url: str, pool: int) -> int:
    """Return how many claims a second so many connections made until the stock was gone."""
    name = f"peer_{uuid.uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}".encode())
        connection.execute(f"SET search_path TO {name}".encode())
        connection.execute(SCHEMA)
        connection.execute('INSERT INTO campaign (id, "left") VALUES (1, %s)', (STOCK,))
    claimed = [0] * pool

    def work(place: int) -> None:
        with psycopg.connect(url, autocommit=True, options=f"-c search_path={name}") as connection:
            cursor = connection.cursor()
            for number in range(STOCK + 1):
                key = uuid.UUID(int=time.time_ns() << 64 | place << 32 | number)
                cursor.execute("SELECT claim(%s, 1, %s)", (key, (number * pool + place) % PEOPLE), prepare=True)
                row = cursor.fetchone()
                if row is None or not row[0]:
                    return
                claimed[place] += 1

    threads = [threading.Thread(target=work, args=(place,)) for place in range(pool)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall = time.perf_counter() - started
    assert sum(claimed) == STOCK, claimed
    return round(STOCK / wall)


def appended(rows: int) -> int:
    """Return how many claims a second `sqlite3` alone writes durably: the same rows of both tables with the same
    indexes, in groups, nothing decided."""
    from teahouse.coupons.pack import store as pack_store  # noqa: PLC0415 - declares the tables
    from teahouse.ids import new_id  # noqa: PLC0415
    from teahouse.storage.engine import make_engine  # noqa: PLC0415
    from teahouse.wallet import store as wallet_store  # noqa: PLC0415

    folder = Path(tempfile.mkdtemp(prefix="teahouse-bench-floor-"))
    try:
        tables = [pack_store.coupons, wallet_store.requests]
        engine = make_engine(f"sqlite:///{folder}/floor.db", readers=1)
        for table in tables:
            table.create(engine)
        engine.dispose()
        people = [new_id() for _ in range(PEOPLE)]
        made = [(new_id(), people[number % PEOPLE]) for number in range(rows)]
        campaign = new_id()
        coupon_rows = [(one, campaign, who, who, "", 0, "held", 1, 1, 2, 0, 0, 2) for one, who in made]
        request_rows = [(f"{one}-{number}", who, bytes(32), bytes(90), 1) for number, (one, who) in enumerate(made)]
        target = sqlite3.connect(folder / "floor.db", isolation_level=None)
        target.execute("PRAGMA journal_mode = WAL")
        target.execute("PRAGMA synchronous = FULL")
        started = time.perf_counter()
        for at in range(0, rows, GROUP):
            target.execute("BEGIN IMMEDIATE")
            target.executemany(f"INSERT INTO coupon VALUES ({','.join('?' * 13)})", coupon_rows[at : at + GROUP])
            target.executemany("INSERT INTO wallet_request VALUES (?,?,?,?,?)", request_rows[at : at + GROUP])
            target.execute("COMMIT")
        wall = time.perf_counter() - started
        target.close()
        return round(rows / wall)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _process(store: str, part: str, scale: float) -> Summary:
    """Run one part in a process of its own, on an empty store that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="teahouse-bench-coupons-"))
    try:
        url = f"sqlite:///{folder}/coupons.db" if store == "sqlite" else store
        # On both cores, as the peer: the generator's core is only for what runs beside a server.
        command = ["taskset", "-c", "0,1", sys.executable, "-m", "bench.coupons_market", url, part, f"--scale={scale}"]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        found: Summary = json.loads(done.stdout.splitlines()[-1])
        return found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _median(runs: Sequence[Summary]) -> dict[str, Any]:
    middle = sorted(runs, key=lambda each: each["per_s"])[len(runs) // 2]
    return middle | {"of_runs": [each["per_s"] for each in runs]}
