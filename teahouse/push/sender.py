"""Sends one notice to one push service. Runs in a thread of its own pool; every call has a deadline."""

import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from teahouse.chat.service import Notice
from teahouse.public_address import is_public
from teahouse.push.model import BadEndpoint, CallNotice, Delivery

TIMEOUT_S = 10.0


class Gone(Exception):
    """The browser has dropped this subscription (404 or 410)."""


def must_be_public(endpoint: str, *, private_too: bool) -> None:
    """Raises `BadEndpoint` unless the address is HTTPS and resolves to public addresses only.

    People choose the endpoint, so without this the house could be made to call its neighbours.
    """
    if private_too:
        return
    try:
        url = urlsplit(endpoint)
        host, port = url.hostname, url.port or 443
        found = {entry[4][0] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)} if host else set()
    except (OSError, ValueError):  # unknown, or no host name at all (UnicodeError is a ValueError)
        raise BadEndpoint("The address of the push service is not known.") from None
    if url.scheme != "https" or not found:
        raise BadEndpoint()
    if not all(is_public(str(address)) for address in found):
        raise BadEndpoint()


class Sender:
    def __init__(self, key_file: Path, contact: str, *, private_too: bool) -> None:
        self._key_file = key_file
        self._contact = contact
        self._private_too = private_too
        self._session: Any = None

    def send(self, endpoint: str, p256dh: str, auth: str, notice: Notice | CallNotice, delivery: Delivery) -> None:
        """Raises `Gone`, `BadEndpoint`, or whatever went wrong on the way."""
        import requests  # noqa: PLC0415 - heavy, and most houses start without a push to send
        from pywebpush import WebPushException, webpush  # noqa: PLC0415

        must_be_public(endpoint, private_too=self._private_too)
        headers: dict[str, str | int | float] = {"Urgency": delivery.urgency}
        if delivery.topic:
            headers["Topic"] = delivery.topic
        if self._session is None:
            self._session = requests.Session()
            self._session.max_redirects = 0
        try:
            webpush(
                {"endpoint": endpoint, "keys": {"p256dh": p256dh, "auth": auth}},
                data=msgspec.json.encode(notice).decode(),
                vapid_private_key=str(self._key_file),
                vapid_claims={"sub": self._contact},
                ttl=delivery.ttl_s,
                headers=headers,
                timeout=TIMEOUT_S,
                requests_session=self._session,
            )
        except WebPushException as error:
            if error.response is not None and error.response.status_code in (404, 410):
                raise Gone() from None
            raise
