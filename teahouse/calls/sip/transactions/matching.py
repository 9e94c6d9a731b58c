"""Which transaction a message belongs to (RFC 3261 17.1.3, 17.2.3, 8.2.2.2), and the way back (18.2, RFC 3581)."""

import dataclasses
from ipaddress import ip_address

from sipmessage import Request, Response, Via

from teahouse.calls.sip.message import Parameters, tag_of
from teahouse.calls.sip.model import SIP_PORTS
from teahouse.calls.sip.transactions.model import MAGIC_COOKIE, Flow, Key


def client_key(message: Request | Response) -> Key:
    """Branch of the top Via, and CSeq's method: so the answers of a CANCEL are not the INVITE's."""
    return (message.via[0].parameters.get("branch") or "", message.cseq.method)


def server_key(request: Request, method: str = "") -> Key:
    """Branch, sent-by and method (an ACK finds its INVITE). Senders of before RFC 3261 are known by the whole message.

    `method` asks for another one than the request's own, as CANCEL does.
    """
    method = method or ("INVITE" if request.method == "ACK" else request.method)
    via = request.via[0]
    branch = via.parameters.get("branch") or ""
    sent_by = (via.host, via.port or 0)
    if branch.startswith(MAGIC_COOKIE) and len(branch) > len(MAGIC_COOKIE):
        return (branch, sent_by, method)
    return (branch, sent_by, method, str(request.uri), *_call(request))


def merge_key(request: Request) -> Key | None:
    """What two copies of one request share that came by two ways; None within a dialog, where there are none."""
    if tag_of(request.to_address):
        return None
    return (*_call(request), request.method)


def mark_source(request: Request, flow: Flow) -> Flow:
    """Write into the top Via where the request came from, and give the flow for its responses.

    Over UDP that is the sender's address, and its port where it asked so by `rport`, else the port of Via.
    """
    vias = request.via
    via = vias[0]
    parameters = dict(via.parameters)
    asks_rport = "rport" in parameters
    parameters.pop("received", None)
    if asks_rport:
        parameters["rport"] = str(flow.port)
    if asks_rport or not _is_address(via, flow.host):
        parameters["received"] = flow.host
    if parameters != dict(via.parameters):
        vias[0] = dataclasses.replace(via, parameters=Parameters(parameters))
        request.via = vias
    if flow.is_reliable or asks_rport:
        return flow
    return Flow(flow.transport, flow.host, via.port or SIP_PORTS["udp"])


def _call(request: Request) -> Key:
    return (tag_of(request.from_address), request.call_id, request.cseq.sequence)


def _is_address(via: Via, host: str) -> bool:
    if via.host == host:
        return True
    try:
        return ip_address(via.host.strip("[]")) == ip_address(host)
    except ValueError:
        return False
