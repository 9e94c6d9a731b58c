"""What is written down of a dialog, so that another process can still end it (see `lost.py`)."""

from typing import Final

import msgspec

from teahouse.calls.sip.dialog import Dialog
from teahouse.calls.sip.message.values import parse_address, parse_uri
from teahouse.calls.sip.transactions import Flow

BYTES_MAX: Final = 8 * 1024
"""What a carrier writes into its fields is kept up to here; of more there is no trace."""
SEQUENCE_STEP: Final = 1_000
"""How far CSeq goes on above the one written down: requests may have followed it (RFC 3261 12.2.2 allows gaps)."""


class Trace(msgspec.Struct, frozen=True):
    """A dialog, as it was when the call was answered."""

    call_id: str
    local: str
    local_tag: str
    remote: str
    remote_tag: str
    target: str
    routes: tuple[str, ...]
    sequence: int
    transport: str
    host: str
    port: int


def trace_of(dialog: Dialog | None) -> bytes:
    """Return it for keeping; empty where there is none, or one too large."""
    if dialog is None:
        return b""
    trace = Trace(
        call_id=dialog.call_id,
        local=dialog.local,
        local_tag=dialog.local_tag,
        remote=dialog.remote,
        remote_tag=dialog.remote_tag,
        target=str(dialog.target),
        routes=tuple(str(route) for route in dialog.routes),
        sequence=dialog.local_seq,
        transport=dialog.flow.transport,
        host=dialog.flow.host,
        port=dialog.flow.port,
    )
    kept = msgspec.json.encode(trace)
    return kept if len(kept) <= BYTES_MAX else b""


def dialog_of(kept: bytes) -> Dialog:
    """Read it again. Raises `ValueError` for what is no trace."""
    trace = msgspec.json.decode(kept, type=Trace)
    return Dialog(
        call_id=trace.call_id,
        local=trace.local,
        local_tag=trace.local_tag,
        remote=trace.remote,
        remote_tag=trace.remote_tag,
        target=parse_uri(trace.target),
        routes=tuple(parse_address(route) for route in trace.routes),
        flow=Flow(trace.transport, trace.host, trace.port),
        local_seq=trace.sequence + SEQUENCE_STEP,
    )
