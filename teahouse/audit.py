"""`teahouse audit`: recomputes the ledger of a house, open or closed, and says whether it may be trusted."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import make_url

from teahouse.bills.payments.holds import waiting_holds as bill_holds
from teahouse.calls.phone.meter.holds import waiting_holds as call_holds
from teahouse.clock import now_ms
from teahouse.config import Settings
from teahouse.storage.engine import make_engine
from teahouse.storage.migrate import HEAD, version
from teahouse.wallet.check import faults_of
from teahouse.wallet.ledger.audit import Audit, Verdict


class NotAudited(Exception):
    """There is nothing to audit; the message says why."""


def audit(settings: Settings, expected: tuple[int, str] | None = None) -> Verdict:
    """Check every transfer on one snapshot, and say how far it is on standard error. Raises `NotAudited`.

    `expected`: the number and hash of a transfer as an earlier audit told them.
    """
    url = make_url(settings.store_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise NotAudited(f"There is no house in {settings.data.absolute()}.")
    engine = make_engine(settings.store_url, readers=1)
    try:
        if version(engine) != HEAD:
            raise NotAudited("The house's store is of another version of Teahouse: open it once with this one.")
        if url.get_backend_name() != "sqlite":
            engine = engine.execution_options(isolation_level="REPEATABLE READ")  # one snapshot, as SQLite gives
        with engine.connect() as connection, connection.begin(), _progress() as progress:
            task = progress.add_task("transfers", total=None)
            look = Audit(connection, now_ms(), lambda done, total: progress.update(task, completed=done, total=total))
            verdict = look.run(expected)
            waiting = {"bill payment": bill_holds(connection), "phone call": call_holds(connection)}
            return msgspec.structs.replace(verdict, faults=(*verdict.faults, *faults_of(connection, waiting)))
    finally:
        engine.dispose()


def say(verdict: Verdict, seconds: float) -> list[str]:
    """Return the verdict in lines for people."""
    speed = f", {verdict.transfers / seconds:,.0f} a second" if verdict.transfers > 1000 else ""
    counted = f"{verdict.transfers:,} transfers between {verdict.accounts:,} accounts{speed}"
    lines = [f"Checked {counted}; {verdict.open_holds:,} holds are open."]
    lines += [f"warning: {warning}" for warning in verdict.warnings]
    lines += [f"FAULT: {fault}" for fault in verdict.faults]
    if verdict.is_clean:
        lines.append("The ledger is sound: every hash, balance and hold follows from the transfers, and what waits in")
        lines.append("the wallet has its hold or lies in escrow.")
        if verdict.transfers:
            lines.append(f"Keep this elsewhere, for the next audit: --expect {verdict.transfers}:{verdict.head}")
    else:
        lines.append("THE LEDGER IS NOT SOUND. Stop the house, keep a copy of its store, and compare with a backup.")
    return lines


def timed(settings: Settings, expected: tuple[int, str] | None) -> tuple[Verdict, float]:
    started = time.monotonic()
    return audit(settings, expected), max(time.monotonic() - started, 0.001)


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
