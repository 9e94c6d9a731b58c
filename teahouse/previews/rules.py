"""What of a link's address is called at all, and the refusals. Pure."""

from typing import Final

from teahouse.errors import Forbidden, NotFound

PORTS: Final = {"http": 80, "https": 443}


class NoPreview(NotFound):
    """Why is not said: an answer that tells "private" from "away" would map the house's own network."""

    code = "no_preview"
    title = "There is nothing to show of this link"


class PreviewsOff(Forbidden):
    code = "previews_off"
    title = "This house makes no link previews"


def must_be_callable(scheme: str, host: str, port: int | None, userinfo: bytes, *, private_too: bool) -> None:
    """Raises `NoPreview` unless an address is plain HTTP(S) on its own port, without a name and password in it."""
    if scheme not in PORTS or not host or userinfo:
        raise NoPreview()
    if port is not None and port != PORTS[scheme] and not private_too:
        raise NoPreview()
