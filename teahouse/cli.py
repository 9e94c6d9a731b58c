"""The command line: `teahouse serve`, `doctor`, `invite`, `backup`, `audit`, `out test-trunk`, `openapi`, `version`.

Imports wait until a command needs them, so that a server starts cold in well under a second.
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from teahouse.config import Settings

app = typer.Typer(
    name="teahouse",
    help="A house of your own to meet and chat in.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)

out = typer.Typer(help="Calls to phones.", no_args_is_help=True)
app.add_typer(out, name="out")

Listen = Annotated[str | None, typer.Option(metavar="HOST:PORT", help="Where to serve (TEAHOUSE_LISTEN).")]
Data = Annotated[Path | None, typer.Option(metavar="FOLDER", help="What must not be lost (TEAHOUSE_DATA).")]
Store = Annotated[str | None, typer.Option(metavar="URL", help="sqlite:///… or postgresql://… (TEAHOUSE_STORE).")]


@app.command()
def serve(
    listen: Listen = None,
    data: Data = None,
    store: Store = None,
    demo: Annotated[bool, typer.Option("--demo", help="A throw-away house full of sample people.")] = False,
) -> None:
    """Open the house. On its first start it prints the link that makes the first person its operator."""
    if demo:
        from teahouse.demo import serve_demo

        serve_demo(listen=listen)
        return
    gc.disable()  # nothing of what is imported is garbage; `serve` turns it on again
    settings = read_settings(listen=listen, data=data, store=store)
    from teahouse.app import serve as serve_house
    from teahouse.storage.blobs import WrongPlace
    from teahouse.storage.lock import FolderInUse
    from teahouse.welcome import welcome

    try:
        serve_house(settings, opened=welcome)
    except (FolderInUse, WrongPlace) as refusal:
        give_up(str(refusal))
    except SystemExit:  # uvicorn's, when it cannot listen; it has logged why
        give_up("The house did not open.")


@app.command()
def doctor(listen: Listen = None, data: Data = None, store: Store = None) -> None:
    """Check this set-up and say what to fix. Ends with 1 when something would not work."""
    from teahouse.doctor import examine, print_findings

    findings = examine(read_settings(listen=listen, data=data, store=store))
    print_findings(findings)
    raise typer.Exit(any(finding.state == "fail" for finding in findings))


@app.command()
def invite(
    uses: Annotated[int, typer.Option(min=1, max=100_000, help="How many people it lets in.")] = 1,
    hours: Annotated[int, typer.Option(min=1, max=24 * 366, help="How long it is good.")] = 24 * 7,
    data: Data = None,
    store: Store = None,
) -> None:
    """Make a link that lets people in, whether the house is open or closed. The first one makes its operator."""
    import asyncio

    from teahouse.invite import make_link
    from teahouse.welcome import terminal_qr

    link, for_operator = asyncio.run(make_link(read_settings(data=data, store=store), uses, hours))
    if for_operator:
        typer.echo("Nobody is operator here yet. This link makes one (it voids those printed before):\n")
    typer.echo(f"  {link}\n")
    typer.echo(terminal_qr(link))


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder that is not there yet.")],
    data: Data = None,
    store: Store = None,
) -> None:
    """Copy a house, open or closed, into a new folder. To restore it, serve that folder with --data."""
    from teahouse.backup import NotBackedUp, back_up

    settings = read_settings(data=data, store=store)
    try:
        made = back_up(settings, target)
    except NotBackedUp as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"The house is copied to {made}")
    if settings.blobs:
        typer.echo(
            f"Its pictures, films and files stay in {settings.blobs.partition('?')[0]}: keep a copy of that bucket too."
        )


@app.command()
def audit(
    data: Data = None,
    store: Store = None,
    expect: Annotated[
        str | None, typer.Option(metavar="NUMBER:HASH", help="What an earlier audit told: the past must not differ.")
    ] = None,
) -> None:
    """Recompute the ledger from its first transfer: hashes, balances, holds. Ends with 1 when anything is wrong."""
    from teahouse.audit import NotAudited, say, timed

    number, _, head = (expect or "0:").partition(":")
    if not number.isdigit() or (expect and len(head) != 64):
        typer.echo("--expect takes a number, a colon and a hash of 64 digits.", err=True)
        raise typer.Exit(2)
    try:
        verdict, seconds = timed(read_settings(data=data, store=store), (int(number), head) if expect else None)
    except NotAudited as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(1) from None
    for line in say(verdict, seconds):
        typer.echo(line)
    raise typer.Exit(0 if verdict.is_clean else 1)


@out.command("test-trunk")
def carry_for_trying(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where the carrier listens; 0: a free port.")] = 0,
    call: Annotated[str, typer.Option(metavar="NUMBER", help="Call a number of the house's at once.")] = "",
    listen: Listen = None,
    data: Data = None,
    store: Store = None,
) -> None:
    """Start a carrier on this machine that answers any number with a tone, and set it up in the house that is open."""
    import asyncio

    from teahouse.out import NotSetUp, run

    settings = read_settings(listen=listen, data=data, store=store)
    try:
        asyncio.run(run(settings, port, call=call, say=typer.echo))
    except NotSetUp as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(1) from None


@app.command()
def openapi() -> None:
    """Print the OpenAPI page of this version."""
    from teahouse.app import openapi_page

    sys.stdout.write(openapi_page() + "\n")


@app.command()
def version() -> None:
    """Print the version."""
    from teahouse import __version__

    typer.echo(__version__)


def read_settings(**given: Any) -> Settings:
    """Settings from the file, the variables and the command line; a wrong one ends the program with its name."""
    import tomllib

    import msgspec

    from teahouse.config import load_settings

    try:
        settings = load_settings(**given)
        settings.address  # noqa: B018  a port that is no number shows here
    except (msgspec.ValidationError, tomllib.TOMLDecodeError, ValueError) as error:
        typer.echo(f"These settings do not work: {error}", err=True)
        raise typer.Exit(2) from None
    return settings


def give_up(why: str) -> NoReturn:
    typer.echo(f"{why} `teahouse doctor` says what to fix.", err=True)
    raise typer.Exit(1)


def main() -> None:
    app()
