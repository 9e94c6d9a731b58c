"""Calls over TLS between two of ours: the server must be who its name says. (SIPp comes without TLS on Debian.)"""

import datetime
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from teahouse.calls.sip.resolve import Resolver, Srv
from teahouse.calls.sip.stack import StackSettings
from tests.calls.sip.houses import House, opened, trunk
from tests.calls.sip.phone import ANSWER, OFFER, Ear, outgoing

NAME = "sip.carrier.example"


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of NAME, signed by itself, and trusted by everybody in this test."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(NAME), x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


class Zone:
    """Every name leads to this port of loopback."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def srv(self, name: str) -> tuple[list[Srv], float]:
        assert name.startswith("_sips._tcp.")
        return [Srv(0, 0, self._port, "sbc.example")], 60

    async def addresses(self, name: str) -> tuple[list[str], float]:
        return ["127.0.0.1"], 60


@asynccontextmanager
async def neighbours(certificate: Path, host: str, verify: bool = True) -> AsyncIterator[tuple[House, House]]:
    settings = StackSettings("127.0.0.1:0", "127.0.0.1:0", str(certificate), t1_s=0.1)
    async with opened(trunk(("127.0.0.1", 5060)), settings=settings) as theirs:
        assert theirs.stack.tls_address is not None
        port = theirs.stack.tls_address[1]
        asked = trunk((host, port if host == "127.0.0.1" else 0), transport="tls", verify_tls=verify)
        async with opened(asked, resolver=Resolver(Zone(port))) as ours:
            yield ours, theirs


async def calls(ours: House, theirs: House) -> None:
    near, far = Ear(), Ear()
    ours.stack.dial("carrier", outgoing(), near)
    leg = await theirs.bell.rings()
    leg.listen(far)
    leg.answer(ANSWER)
    await near.until("answered")
    await far.until("answered")
    assert (near.answers, far.answers) == ([ANSWER], [OFFER])
    leg.hang_up()  # it goes back over the connection that we opened: we have no door for TLS
    await near.until("ended")
    assert near.ending.cause == "remote"


@pytest.mark.parametrize("host", [NAME, "127.0.0.1"])
async def test_a_whole_call(certificate: Path, host: str) -> None:
    async with neighbours(certificate, host) as (ours, theirs):
        await calls(ours, theirs)
        await calls(ours, theirs)


async def test_a_server_with_another_name_is_not_spoken_to(certificate: Path) -> None:
    async with neighbours(certificate, "sip.other.example") as (ours, theirs):
        ear = Ear()
        ours.stack.dial("carrier", outgoing(), ear)
        await ear.until("ended")
        assert (ear.ending.cause, ear.ending.may_fail_over) == ("unavailable", True)
        assert theirs.bell.legs.empty()


async def test_a_server_that_nobody_vouches_for(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/dev/null")
    async with neighbours(certificate, NAME) as (ours, _):
        ear = Ear()
        ours.stack.dial("carrier", outgoing(), ear)
        await ear.until("ended")
        assert ear.ending.cause == "unavailable"


async def test_an_operator_may_do_without(certificate: Path) -> None:
    async with neighbours(certificate, "sip.other.example", verify=False) as (ours, theirs):
        await calls(ours, theirs)
