"""What live connections ask for beside the features' commands."""

from typing import Annotated

from msgspec import Meta

from teahouse.commands import Command


class Sync(Command, frozen=True, tag="sync"):
    """Ask for what was missed since a cursor; an empty one asks for the present cursor."""

    cursor: Annotated[str, Meta(max_length=20, pattern=r"^[0-9]*$")] = ""
