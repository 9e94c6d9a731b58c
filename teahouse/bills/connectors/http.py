"""Billers with a server: signed requests over HTTP (RFC 9421), as docs/billers.md says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, Literal, TypeVar

import msgspec
import structlog

from teahouse.bills.connectors import wire
from teahouse.bills.connectors.masking import masked
from teahouse.bills.connectors.model import Asked, BillerAway, BillerNotTrusted, FoundBill, NoSuchCustomer, Reach, Said
from teahouse.bills.payments.model import BillLine
from teahouse.house import House
from teahouse.keys import house_key
from teahouse.signatures import Answer, NotTrusted, Request, SigningKey, verify

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
Door = Literal["fetch", "pay", "status", "reverse"]

TAG: Final = "teahouse-biller"
DEADLINES_S: Final[dict[Door, float]] = {"fetch": 8.0, "pay": 15.0, "status": 8.0, "reverse": 15.0}
CONNECT_S: Final = 3.0
CONNECTIONS_MAX: Final = 64
JSON: Final = "application/json"
ANSWERED_AS: Final[dict[Door, tuple[str, ...]]] = {
    "pay": ("paid", "refused", "pending", "reversed"),
    "status": ("paid", "refused", "pending", "unknown", "reversed"),
    "reverse": ("reversed", "refused", "unknown", "pending"),
}

logger = structlog.get_logger()


class HttpConnector:
    def __init__(self, house: House) -> None:
        self._house = house
        self._client: httpx.AsyncClient | None = None
        self._key: SigningKey | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Close the connections to billers at the end."""
        try:
            yield
        finally:
            client, self._client = self._client, None
            if client is not None:
                await client.aclose()

    async def fetch(self, reach: Reach, customer: dict[str, str]) -> FoundBill:
        found = await self._ask(reach, "fetch", wire.FetchAsked(customer, reach.currency), wire.FetchAnswer)
        least = found.amount if found.least is None else found.least
        most = found.amount if found.most is None else found.most
        if found.currency != reach.currency or least > most:
            raise _odd(reach, "fetch", "its sums make no sense")
        return FoundBill(
            ref=found.ref,
            name=masked(found.name),
            amount=found.amount,
            least=least,
            most=most,
            due_at=found.due_at,
            lines=tuple(BillLine(line.label, line.value) for line in found.lines),
        )

    async def pay(self, reach: Reach, asked: Asked) -> Said:
        return await self._said(reach, "pay", asked.id, _payment(asked))

    async def status(self, reach: Reach, payment: str) -> Said:
        return await self._said(reach, "status", payment, wire.StatusAsked(payment))

    async def reverse(self, reach: Reach, asked: Asked) -> Said:
        return await self._said(reach, "reverse", asked.id, _payment(asked))

    async def _said(self, reach: Reach, door: Door, payment: str, asked: msgspec.Struct) -> Said:
        answer = await self._ask(reach, door, asked, wire.PaymentAnswer)
        if answer.payment != payment or answer.state not in ANSWERED_AS[door]:
            raise _odd(reach, door, f"it says {answer.state} of {answer.payment}")
        return Said(answer.state, answer.reference, answer.reason)

    async def _ask(self, reach: Reach, door: Door, asked: msgspec.Struct, kind: type[T]) -> T:
        body = msgspec.json.encode(asked)
        try:
            async with asyncio.timeout(DEADLINES_S[door]):
                answer, said = await self._send(f"{reach.url.rstrip('/')}/{door}", body)
        except TimeoutError:
            raise _odd(reach, door, "no answer in time") from None
        if answer.status_code not in (200, 404) or (answer.status_code == 404 and "signature" not in answer.headers):
            raise _odd(reach, door, f"it answers {answer.status_code}")
        try:
            verify(answer, said, TAG, reach.public_key, reach.key_id)
        except NotTrusted as error:
            logger.warning("biller_not_trusted", biller=reach.biller, door=door, error=str(error))
            raise BillerNotTrusted() from None
        try:
            if answer.status_code == 200:
                return msgspec.json.decode(said, type=kind)
            wrong = msgspec.json.decode(said, type=wire.Wrong)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _odd(reach, door, str(error)) from None
        if wrong.code == NoSuchCustomer.code:
            raise NoSuchCustomer()
        raise _odd(reach, door, f"it answers 404 {wrong.code}")

    async def _send(self, url: str, body: bytes) -> tuple[Answer, bytes]:
        """Raises `BillerAway`; the caller sets the deadline."""
        import httpx  # noqa: PLC0415 - heavy, and not needed for a cold start

        client = self._connections()
        try:
            parsed = httpx.URL(url)
            request = Request(
                "POST", str(parsed), {"Content-Type": JSON, "Accept": JSON, "Accept-Encoding": "identity"}
            )
            self._signer().sign(request, body, TAG)
            async with client.stream("POST", parsed, content=body, headers=request.headers) as answer:
                said = bytearray()
                async for block in answer.aiter_raw():
                    said += block
                    if len(said) > wire.ANSWER_BYTES_MAX:
                        raise BillerAway("The biller's answer is too large.")
                return Answer(answer.status_code, answer.headers, request), bytes(said)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as error:
            logger.info("biller_away", url=url, error=repr(error))
            raise BillerAway() from None

    def _connections(self) -> "httpx.AsyncClient":
        """One client for all billers of the house, made with the first call.

        No connection serves twice: what is left in one (a second answer) would be taken for the next call's.
        """
        import httpx  # noqa: PLC0415

        if self._client is None:
            self._client = httpx.AsyncClient(
                trust_env=False,
                follow_redirects=False,
                timeout=httpx.Timeout(None, connect=CONNECT_S),
                limits=httpx.Limits(max_connections=CONNECTIONS_MAX, max_keepalive_connections=0),
            )
        return self._client

    def _signer(self) -> SigningKey:
        if self._key is None:
            self._key = SigningKey(house_key(self._house.settings.data, "signing"))
        return self._key


def _payment(asked: Asked) -> wire.PaymentAsked:
    return wire.PaymentAsked(
        payment=asked.id,
        ref=asked.ref,
        customer=asked.customer,
        amount=asked.amount,
        currency=asked.currency,
        at=asked.at,
    )


def _odd(reach: Reach, door: Door, why: str) -> BillerAway:
    logger.warning("biller_answers_oddly", biller=reach.biller, door=door, why=why)
    return BillerAway()
