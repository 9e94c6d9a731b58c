"""Settings, addresses, and the web client that is served there."""

from __future__ import annotations

import errno
import os
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from teahouse.config import LOOPBACK, Settings
from teahouse.doctor.model import Finding

STATIC: Final = Path(__file__).parents[1] / "static"


def variables(settings: Settings, environment: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    known = {f"TEAHOUSE_{field.name.upper()}" for field in msgspec.structs.fields(Settings)} | {"TEAHOUSE_CHROMIUM"}
    unknown = sorted(name for name in environment if name.startswith("TEAHOUSE_") and name not in known)
    if unknown:
        yield Finding("Settings", "warn", f"unknown: {', '.join(unknown)}", "Look for a slip of the pen in the name.")
    else:
        yield Finding("Settings", "ok", "all known")


def address(settings: Settings) -> Iterator[Finding]:
    host, port = settings.address
    try:
        family, kind, protocol, _, target = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(target)
    except OSError as error:
        yield address_in_trouble(settings, error)
    else:
        yield Finding("Address", "ok", f"{settings.listen} is free")


def address_in_trouble(settings: Settings, error: OSError) -> Finding:
    if error.errno == errno.EADDRINUSE:
        if serves_teahouse(settings):
            return Finding("Address", "ok", f"{settings.listen} is served by Teahouse now")
        return Finding(
            "Address",
            "fail",
            f"{settings.listen} is taken by another program",
            "Stop that program, or set TEAHOUSE_LISTEN to another port.",
        )
    if error.errno == errno.EACCES:
        return Finding(
            "Address",
            "fail",
            f"{settings.listen}: not allowed",
            "Ports below 1024 are for root: serve on 8420 behind a reverse proxy.",
        )
    return Finding(
        "Address", "fail", f"{settings.listen}: {error}", "Set TEAHOUSE_LISTEN to an address of this machine."
    )


def serves_teahouse(settings: Settings) -> bool:
    host, port = settings.address
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    bracketed = f"[{reached}]" if ":" in reached else reached
    try:
        with urllib.request.urlopen(f"http://{bracketed}:{port}/api/v1/house", timeout=3) as answer:
            return b'"registration"' in answer.read(100_000)
    except (OSError, urllib.error.URLError, ValueError):
        return False


def public_url(settings: Settings) -> Iterator[Finding]:
    host, _ = settings.address
    if not settings.public_url.startswith(("http://", "https://")):
        yield Finding("Public address", "fail", settings.public_url, "TEAHOUSE_URL starts with https:// or http://.")
    elif settings.secure:
        yield Finding("Public address", "ok", f"{settings.public_url} (cookies are sent over TLS only)")
    elif settings.is_local:
        yield Finding("Public address", "ok", f"{settings.public_url}, for this machine only")
    else:
        yield Finding(
            "Public address",
            "warn",
            f"{settings.public_url} without TLS",
            "Passwords cross the network in the clear, and browsers allow no passkeys, installing or notifications: "
            "put a reverse proxy with TLS before it and set TEAHOUSE_URL=https://…",
        )
    if settings.secure and host not in LOOPBACK:
        yield Finding(
            "Behind the proxy",
            "warn",
            f"listens on {settings.listen}",
            "People could pass the proxy by: listen on 127.0.0.1, or let a firewall close the port.",
        )


def client(settings: Settings) -> Iterator[Finding]:
    if (STATIC / "index.html").is_file():
        yield Finding("Web client", "ok", "built")
    else:
        yield Finding("Web client", "fail", "not built", "In a checkout: make client. Else install the wheel anew.")
