"""Settings: from `teahouse.toml` in the data folder, then `TEAHOUSE_*` variables, then the command line."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
FILE_NAME = "teahouse.toml"
COOKIE_NAME = "teahouse"
"""The session cookie of browsers."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every setting has a default that works on one machine. A variable is its name in capitals: `TEAHOUSE_LISTEN`."""

    listen: str = "127.0.0.1:8420"
    """`host:port` to serve on."""
    data: Path = Path("var")
    """The folder with everything that must not be lost."""
    store: str = ""
    """`sqlite:///…` or `postgresql://…`; empty: `teahouse.db` in the data folder."""
    blobs: str = ""
    """`s3://bucket/prefix?endpoint=…&region=…`; empty: the folder `blobs` in the data folder."""
    bus: str = "memory:"
    """How processes tell each other what was committed."""
    url: str = ""
    """The address people open, such as `https://tea.example`; empty: `http://` and `listen`."""
    registration: Literal["", "open", "invitation", "closed"] = ""
    """Who may sign up in a new house, until its operator says otherwise. Empty: anybody while the house is open to this
    machine only, else by invitation."""
    proxies: str = "127.0.0.1"
    """Addresses of reverse proxies whose `X-Forwarded-For` is believed, comma-separated."""
    rate_person: float = 50.0
    """Commands per second that one person may send for long; ten times as many at once."""
    rate_address: float = 100.0
    """HTTP requests per second from one address for long; ten times as many at once."""
    rate_sign_in: float = 0.0
    """Sign-in, sign-up and recovery attempts per second from one address for long; those of twenty seconds at once, and
    at least 20. 0: one in five seconds, or 20 a second while the house is open to this machine only."""
    connections_per_person: int = 20
    connections: int = 20_000
    commands_waiting: int = 50_000
    """Commands that may wait for the writer; one more is refused with `unavailable`."""
    reader_queue_kib: int = 1024
    """Bytes that may wait for a slow reader before it is told to sync."""
    sync_page: int = 500
    """Events in one page of an answer to `sync`."""
    upload_mib: int = 1024
    """The largest file that may be uploaded."""
    quota_mib: int = 2048
    """What one person's media may take in all; 0: no limit."""
    media_workers: int = 2
    """Processes that make media."""
    push_contact: str = ""
    """`mailto:` or `https:` address that push services may write to (VAPID `sub`); empty: the house's own address."""
    push_private: bool = False
    """Also send to push services at private addresses or without TLS: for a push server of one's own."""
    previews_private: bool = False
    """Also preview links to private addresses and other ports: for a house on a network of its own."""
    bank_name: str = ""
    """Whose account the house pays out from, for the bank's files; empty: nothing is paid out to banks."""
    bank_iban: str = ""
    bank_bic: str = ""
    stripe_secret_key: str = ""
    """Takes cards through Stripe: the account's secret (or restricted) key; empty: the house takes no cards."""
    stripe_webhook_secret: str = ""
    """What Stripe signs its webhooks to `/api/v1/wallet/card/events` with; empty: the house takes no cards."""
    stripe_api: str = ""
    """Another address of Stripe's API, for a stand-in; empty: Stripe's own."""
    webhooks_private: bool = False
    """Also send merchants' webhooks to private addresses and without TLS: for a house on a network of its own."""
    apple_pass_type: str = ""
    """Coupons as passes for Apple's wallet: the pass type identifier, `pass.example.tea`; empty: none are made."""
    apple_team: str = ""
    """The team identifier of the certificate."""
    apple_pass_certificate: str = ""
    """A PEM file with the pass type's certificate and its private key."""
    apple_wwdr_certificate: str = ""
    """A PEM file with Apple's intermediate certificate (WWDR)."""
    google_wallet_issuer: str = ""
    """Coupons for Google Wallet: the issuer's number; empty: none are made."""
    google_wallet_account: str = ""
    """The JSON key file of the service account."""
    stun_urls: str = ""
    """Where browsers in calls ask for their public address: `stun:host:port`, comma-separated; empty: nowhere."""
    turn_urls: str = ""
    """Relays for browsers behind firewalls: `turn:host:3478?transport=udp`, `turns:…`, comma-separated; empty: none,
    and calls work within one network."""
    turn_secret: str = ""
    """coturn's `static-auth-secret`, which the house makes people's credentials for the relays with."""
    turn_hours: int = 12
    """How long such credentials are good for."""
    media_engine: Literal["relay", "rtpengine"] = "relay"
    """What carries the sound of calls to phones: the house's own relay, or an rtpengine."""
    rtpengine: str = "127.0.0.1:2223"
    """`host:port` of rtpengine's control socket (`listen-ng`)."""
    rtp_address: str = ""
    """The address that trunks send RTP to; empty: this machine's own."""
    rtp_ports: str = "30000-30999"
    """First and last UDP port of the relay."""
    sip_listen: str = "127.0.0.1:5060"
    """`host:port` for SIP over UDP and TCP; opened once there is a trunk, never in a house without."""
    sip_tls_listen: str = ""
    """`host:port` for SIP over TLS, opened with the other; empty: TLS goes out only."""
    sip_certificate: str = ""
    """A PEM file with certificate and key, for trunks that call over TLS or ask for a certificate."""
    sip_address: str = ""
    """The public `host` or `host:port` that trunks are told (Via, Contact); empty: the socket's own."""
    log: str = "info"

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]") or "127.0.0.1", int(port)

    @property
    def store_url(self) -> str:
        return self.store or f"sqlite:///{(self.data / 'teahouse.db').absolute()}"

    @property
    def public_url(self) -> str:
        """Without a slash at the end."""
        return (self.url or f"http://{self.listen}").rstrip("/")

    @property
    def secure(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def is_local(self) -> bool:
        """Whether the house is open to this machine only."""
        return self.public_host in LOOPBACK

    @property
    def first_registration(self) -> Literal["open", "invitation", "closed"]:
        return self.registration or ("open" if self.is_local else "invitation")

    @property
    def sign_in_rate(self) -> float:
        return self.rate_sign_in or (20.0 if self.is_local else 0.2)

    @property
    def rtp_port_range(self) -> tuple[int, int]:
        """First and last port. Raises `ValueError` when it is no range of ports."""
        first, _, last = self.rtp_ports.partition("-")
        if not (first.strip().isdecimal() and last.strip().isdecimal() and 1024 <= int(first) < int(last) <= 65_535):
            raise ValueError(f"rtp_ports is `{self.rtp_ports}`, not first-last between 1024 and 65535")
        return int(first), int(last)

    @property
    def public_host(self) -> str:
        return urlsplit(self.public_url).hostname or "localhost"


def load_settings(environment: Mapping[str, str] = os.environ, **given: Any) -> Settings:
    """Read the settings. `given` (not None) wins over variables, those over the file.

    Raises `msgspec.ValidationError` that names the setting when one is of the wrong type or unknown in the file.
    """
    names = {field.name for field in msgspec.structs.fields(Settings)}
    variables = {name: environment[key] for name in names if (key := f"TEAHOUSE_{name.upper()}") in environment}
    chosen = {**variables, **{name: value for name, value in given.items() if value is not None}}
    file = Path(chosen.get("data", "var")) / FILE_NAME
    from_file = tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}
    return msgspec.convert({**from_file, **chosen}, Settings, strict=False, dec_hook=lambda kind, value: kind(value))
