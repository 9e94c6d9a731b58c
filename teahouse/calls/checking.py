"""Whether calls could be made with these settings now: what `teahouse doctor` asks. The server loads none of it."""

import asyncio
import errno
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

from aioice import stun
from aioice.stun import TransactionFailed, TransactionTimeout
from aioice.turn import create_turn_endpoint

from teahouse.calls.ice import IceServer, ice_servers, urls_of
from teahouse.calls.media.engine import MediaUnavailable
from teahouse.calls.media.rtpengine.engine import RtpEngine
from teahouse.clock import now_ms
from teahouse.config import Settings

SERVER_S_MAX: Final = 8.0
"""For one STUN or TURN server to answer."""
CLOSE_S_MAX: Final = 2.0
PORTS: Final = {"stun": 3478, "turn": 3478, "stuns": 5349, "turns": 5349}
"""By scheme (RFC 7064, RFC 7065)."""
FREE_SHARE_MIN: Final = 0.5
"""Of the relay's ports; with fewer, another program has taken its range."""

Asked = tuple[str, int]


@dataclass(frozen=True)
class Checked:
    """`fix` is empty when nothing is to be done."""

    what: str
    state: Literal["ok", "warn", "fail"]
    found: str
    fix: str = ""


async def check_turn(settings: Settings) -> list[Checked]:
    """Ask each server as a browser would: STUN where we are seen, TURN for a relayed address. Raises nothing."""
    try:
        given = ice_servers(settings, "doctor", now_ms())
        wanted = urls_of(settings.turn_urls, "turn")
    except ValueError as error:
        return [Checked("Calls", "fail", str(error), "Write it as turn:host:3478?transport=udp, or stun:host:3478.")]
    if wanted and not settings.turn_secret:
        fix = "Set TEAHOUSE_TURN_SECRET to coturn's static-auth-secret (with use-auth-secret)."
        return [Checked("Relays for calls", "fail", "TEAHOUSE_TURN_URLS without a secret", fix)]
    found = await asyncio.gather(*(_check(settings, server, url) for server in given.servers for url in server.urls))
    if wanted:
        return found
    none = "none: calls between members work within one network"
    if settings.is_local:
        return [Checked("Relays for calls", "ok", none), *found]
    fix = "Run coturn, and set TEAHOUSE_TURN_URLS and TEAHOUSE_TURN_SECRET."
    return [Checked("Relays for calls", "warn", none, fix), *found]


async def _check(settings: Settings, server: IceServer, url: str) -> Checked:
    what = "STUN for calls"
    ask: Callable[[str], Awaitable[Asked]] = _bind
    if server.username:
        what, ask = "Relay for calls", partial(_allocate, username=server.username, credential=server.credential)
    try:
        async with asyncio.timeout(SERVER_S_MAX):
            address, port = await ask(url)
    except TransactionFailed as error:
        fix = "Set TEAHOUSE_TURN_SECRET to coturn's static-auth-secret, with use-auth-secret; compare both clocks."
        code = error.response.attributes.get("ERROR-CODE", (0, "no reason"))
        return Checked(what, "fail", f"{url} refuses: {code[0]} {code[1]}", fix)
    except (TimeoutError, TransactionTimeout):
        return Checked(what, "fail", f"{url} does not answer", "Start it, and let the firewall pass its ports.")
    except (OSError, ValueError) as error:
        return Checked(what, "fail", f"{url}: {error}", "Look for a slip of the pen in the URL; start the server.")
    found = f"{url} gives {address}:{port}"
    if server.username and not settings.is_local and not _is_public(address):
        fix = "Who is not in that network cannot use it: set coturn's external-ip (or relay-ip)."
        return Checked(what, "warn", f"{found}, a private address", fix)
    return Checked(what, "ok", found)


def _parts(url: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and transport of a STUN or TURN URL. Raises `ValueError`."""
    scheme, _, rest = url.partition(":")
    where, _, query = rest.partition("?")
    transport = query.removeprefix("transport=") or ("tcp" if scheme.endswith("s") else "udp")
    if transport not in ("udp", "tcp"):
        raise ValueError(f"`{transport}` is no transport")
    host, colon, port = where.rpartition(":")
    if not colon or where.endswith("]"):
        host, port = where, str(PORTS[scheme])
    if not port.isdecimal() or int(port) > 65_535:
        raise ValueError(f"`{port}` is no port")
    return scheme, host.strip("[]"), int(port), transport


async def _allocate(url: str, username: str, credential: str) -> Asked:
    """The address that a TURN server relays from, for a moment."""
    scheme, host, port, transport = _parts(url)
    relayed, ended = await create_turn_endpoint(
        _Ended, (host, port), username, credential, ssl=scheme == "turns" or None, transport=transport
    )
    address: Asked = relayed.get_extra_info("sockname")
    relayed.close()
    # It gives the allocation back; a server that does not answer that forgets it by itself.
    await asyncio.wait([ended.future], timeout=CLOSE_S_MAX)
    return address


class _Ended(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.future.done():
            self.future.set_result(None)


async def _bind(url: str) -> Asked:
    """The address that a STUN server sees us at (RFC 8489, over UDP)."""
    _, host, port, _ = _parts(url)

    class Client(asyncio.DatagramProtocol):
        def send_stun(self, message: stun.Message, addr: Asked) -> None:
            transport.sendto(bytes(message))

        def datagram_received(self, data: bytes, addr: Any) -> None:
            try:
                message = stun.parse_message(data)
            except ValueError:
                return
            if message.transaction_id == request.transaction_id:
                asking.response_received(message, addr)

    request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    loop = asyncio.get_running_loop()
    transport, client = await loop.create_datagram_endpoint(Client, remote_addr=(host, port))
    asking = stun.Transaction(request, (host, port), client)
    try:
        answer, _ = await asking.run()
    finally:
        transport.close()
    seen: Asked = answer.attributes["XOR-MAPPED-ADDRESS"]
    return seen


async def check_media(settings: Settings) -> Checked:
    """Whether the engine would carry a call to a phone now. Raises nothing."""
    if settings.media_engine == "rtpengine":
        return await _check_rtpengine(settings)
    return _check_ports(settings)


async def _check_rtpengine(settings: Settings) -> Checked:
    engine = RtpEngine(settings.rtpengine)
    try:
        await engine.start()
        await engine.ping()
    except MediaUnavailable as refusal:
        fix = "Start rtpengine with listen-ng at that address, set TEAHOUSE_RTPENGINE, or use the relay."
        return Checked("Calls to phones", "fail", refusal.detail, fix)
    finally:
        await engine.stop()
    host = settings.rtpengine.rpartition(":")[0].strip("[]")
    if _is_public(host):
        fix = "Whoever reaches its control socket can listen in: give it a private address, or close it by a firewall."
        return Checked("Calls to phones", "warn", f"rtpengine at {settings.rtpengine}, a public address", fix)
    return Checked("Calls to phones", "ok", f"rtpengine at {settings.rtpengine} answers")


def _check_ports(settings: Settings) -> Checked:
    try:
        first, last = settings.rtp_port_range
    except ValueError as error:
        return Checked("Calls to phones", "fail", str(error), "Write it as TEAHOUSE_RTP_PORTS=30000-30999.")
    count = last - first + 1
    free = sum(map(_is_free, range(first, last + 1)))
    if free < count * FREE_SHARE_MIN:
        fix = "Stop the program that has them, or set TEAHOUSE_RTP_PORTS to others."
        return Checked("Calls to phones", "fail", f"{free:,} of {count:,} UDP ports free ({settings.rtp_ports})", fix)
    found = f"own relay, {free:,} UDP ports free ({settings.rtp_ports}); trunks must reach them"
    return Checked("Calls to phones", "ok", found)


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("0.0.0.0", port))
        except OSError as error:
            return error.errno != errno.EADDRINUSE
    return True


def _is_public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return False
