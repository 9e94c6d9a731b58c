"""How findings are shown."""

from __future__ import annotations

from typing import Final

from teahouse.doctor.model import Finding

MARKS: Final = {"ok": "[green]✓[/]", "warn": "[yellow]![/]", "fail": "[red]✗[/]"}


def print_findings(findings: list[Finding]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("", "What", "Found", "What to do"):
        table.add_column(title, overflow="fold")
    for finding in findings:
        table.add_row(MARKS[finding.state], finding.what, escape(finding.found), escape(finding.fix))
    console = Console(soft_wrap=False)
    console.print(table)
    failures = sum(finding.state == "fail" for finding in findings)
    warnings = sum(finding.state == "warn" for finding in findings)
    if failures:
        console.print(f"\n{failures} to fix before it works, {warnings} to look at.")
    else:
        console.print(f"\nThis set-up works{f'; {warnings} to look at' if warnings else ''}.")
