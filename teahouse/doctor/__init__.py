"""`teahouse doctor`: looks at a set-up and says what to fix, without changing it.

Each check returns findings and raises nothing: what it cannot find out is a finding too.
"""

from __future__ import annotations

from typing import Final

from teahouse.config import Settings
from teahouse.doctor.accounts import bank
from teahouse.doctor.addresses import address, client, public_url, variables
from teahouse.doctor.calls import phone_media, relays
from teahouse.doctor.data import data_folder, push_keys, store
from teahouse.doctor.files import blobs, media
from teahouse.doctor.machine import clock, open_files, password_time, python, sqlite
from teahouse.doctor.model import Check, Finding
from teahouse.doctor.report import print_findings

__all__ = [
    "CHECKS",
    "Finding",
    "address",
    "bank",
    "blobs",
    "client",
    "clock",
    "data_folder",
    "examine",
    "media",
    "open_files",
    "password_time",
    "phone_media",
    "print_findings",
    "public_url",
    "push_keys",
    "python",
    "relays",
    "sqlite",
    "store",
    "variables",
]

CHECKS: Final[tuple[Check, ...]] = (
    python,
    sqlite,
    clock,
    open_files,
    password_time,
    variables,
    address,
    public_url,
    client,
    data_folder,
    store,
    blobs,
    media,
    push_keys,
    bank,
    relays,
    phone_media,
)


def examine(settings: Settings) -> list[Finding]:
    return [finding for check in CHECKS for finding in check(settings)]
