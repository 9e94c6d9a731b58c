"""Where a request within a dialog goes."""

from collections.abc import Sequence
from typing import Final, cast

from teahouse.calls.sip.dialog import Dialog
from teahouse.calls.sip.driver import Where
from teahouse.calls.sip.model import Transport, Trunk
from teahouse.calls.sip.numeric import plain
from teahouse.calls.sip.transactions import Flow

_TRANSPORTS: Final = ("udp", "tcp", "tls")


def where_of(dialog: Dialog, trunk: Trunk) -> tuple[Where, Flow | None]:
    """The server of the next hop, and the connection to it that is there already.

    Over TCP and TLS the connection that the call came to be on is used as long as it leads to the same host, and always
    over TLS: our peer may have no certificate, or no door, at the address of its Contact.
    """
    uri = dialog.next_hop
    said = (uri.parameters.get("transport") or "").lower()
    transport = "tls" if uri.scheme == "sips" else said if said in _TRANSPORTS else dialog.flow.transport
    if dialog.flow.transport == "tls":
        transport = "tls"
    host = plain(uri.host)
    verify = trunk.verify_tls
    where = Where(host, uri.port or 0, cast(Transport, transport), verify, trunk.host)
    same = transport == dialog.flow.transport and dialog.flow.is_reliable
    if same and (transport == "tls" or host == dialog.flow.host):
        return where, dialog.flow
    return where, None


def candidates(dialog: Dialog, reused: Flow | None, found: Sequence[Flow]) -> list[Flow]:
    """The connection that is there, then where the next hop's name leads; where it leads nowhere, the way back."""
    first = [] if reused is None else [reused]
    return list(dict.fromkeys([*first, *found])) or [dialog.flow]
