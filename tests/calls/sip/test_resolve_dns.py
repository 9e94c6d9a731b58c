"""The same with dnspython and a name server on loopback that answers in DNS's own bytes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import dns.asyncresolver
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from teahouse.calls.sip.driver import Where
from teahouse.calls.sip.resolve import Dns, LookUpFailed, Resolver
from teahouse.calls.sip.transactions import Flow

ZONE = {
    ("_sip._udp.carrier.example.", "SRV"): ["10 1 5062 sbc.carrier.example.", "20 1 5063 gone.carrier.example."],
    ("sbc.carrier.example.", "A"): ["192.0.2.1"],
    ("sbc.carrier.example.", "AAAA"): ["2001:db8::1"],
}


class NameServer(asyncio.DatagramProtocol):
    """Knows ZONE; says SERVFAIL to `broken.example` and that no other name is there."""

    transport: asyncio.DatagramTransport

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        query = dns.message.from_wire(data)
        answer = dns.message.make_response(query)
        (question,) = query.question
        name, kind = question.name.to_text(), question.rdtype.name
        if name == "broken.example.":
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif (name, kind) in ZONE:
            answer.answer.append(dns.rrset.from_text(name, 120, "IN", kind, *ZONE[name, kind]))
        elif not any(known == name for known, _ in ZONE):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        self.transport.sendto(answer.to_wire(), addr)


@pytest.fixture(autouse=True)
async def _name_server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(NameServer, local_addr=("127.0.0.1", 0))
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers = ["127.0.0.1"]
    resolver.port = transport.get_extra_info("sockname")[1]
    monkeypatch.setattr(dns.asyncresolver, "default_resolver", resolver)
    yield
    transport.close()


async def test_services_lead_to_addresses_of_both_kinds() -> None:
    flows = await Resolver().resolve(Where("carrier.example"))
    assert set(flows) == {Flow("udp", "192.0.2.1", 5062), Flow("udp", "2001:db8::1", 5062)}


async def test_answers_bring_their_time() -> None:
    assert await Dns().addresses("sbc.carrier.example") == (["192.0.2.1", "2001:db8::1"], 120)


async def test_a_name_that_is_not_there() -> None:
    assert await Resolver().resolve(Where("nowhere.example")) == []


async def test_a_name_server_that_fails() -> None:
    with pytest.raises(LookUpFailed):
        await Dns().addresses("broken.example")
    assert await Resolver().resolve(Where("broken.example")) == []


async def test_what_is_no_name() -> None:
    assert await Resolver().resolve(Where("a..b")) == []
