"""Stripe, over its library: every call has a deadline, and its errors become ours."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import structlog

from teahouse.config import Settings
from teahouse.errors import Malformed
from teahouse.wallet.card import said
from teahouse.wallet.card.rules import BadSignature, CardAway, CardRefused

if TYPE_CHECKING:
    import stripe

logger = structlog.get_logger()
T = TypeVar("T", bound=msgspec.Struct)

CALL_S = 10.0
DEADLINE_S = 25.0
"""Of a call with its retries."""
RETRIES = 1
TOLERANCE_S = 300
"""How old a webhook's signature may be."""
REFUNDS_MAX = 100
"""Refunds of one charge that are looked through for ours."""


class Stripe:
    def __init__(self, settings: Settings) -> None:
        self._secret_key = settings.stripe_secret_key
        self._webhook_secret = settings.stripe_webhook_secret
        self._base = settings.stripe_api
        self._client: stripe.StripeClient | None = None
        self._http: stripe.HTTPXClient | None = None
        self._making = asyncio.Lock()

    @property
    def is_on(self) -> bool:
        return bool(self._secret_key and self._webhook_secret)

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close_async()  # type: ignore[no-untyped-call]

    async def open_session(self, top_up: str, units: int, currency: str, name: str, back: str) -> said.Session:
        """Return the page to pay on. The same top-up gets the same page for a day."""
        metadata = {"top_up": top_up}
        price = {"currency": currency.lower(), "unit_amount": units, "product_data": {"name": name}}
        params: Any = {
            "mode": "payment",
            "client_reference_id": top_up,
            "metadata": metadata,
            "payment_intent_data": {"metadata": metadata},
            "line_items": [{"quantity": 1, "price_data": price}],
            "success_url": f"{back}/{top_up}",
            "cancel_url": back,
        }
        return await self._call(
            said.Session,
            lambda client: client.v1.checkout.sessions.create_async(params, {"idempotency_key": top_up}),
        )

    async def session(self, session: str) -> said.Session:
        """Return a page with what was paid on it, and what of that was refunded."""
        params: Any = {"expand": ["payment_intent.latest_charge"]}
        return await self._call(
            said.Session, lambda client: client.v1.checkout.sessions.retrieve_async(session, params)
        )

    async def intent(self, intent: str) -> said.PaymentIntent:
        return await self._call(said.PaymentIntent, lambda client: client.v1.payment_intents.retrieve_async(intent))

    async def refund(self, intent: str, units: int, key: str) -> said.Refund:
        params: Any = {"payment_intent": intent, "amount": units, "metadata": {"refund": key}}
        return await self._call(
            said.Refund, lambda client: client.v1.refunds.create_async(params, {"idempotency_key": key})
        )

    async def refund_made(self, intent: str, key: str) -> said.Refund | None:
        """Return a refund that was made before, however long ago."""
        params: Any = {"payment_intent": intent, "limit": REFUNDS_MAX}
        found = await self._call(_Refunds, lambda client: client.v1.refunds.list_async(params))
        return next((each for each in found.data if (each.metadata or {}).get("refund") == key), None)

    async def event(self, body: bytes, signature: str) -> said.Event:
        """Return what a webhook tells. Raises `BadSignature`, `Malformed`."""
        await asyncio.to_thread(self._verify, body, signature)
        try:
            return msgspec.json.decode(body, type=said.Event)
        except msgspec.DecodeError as error:
            raise Malformed(str(error)) from None

    def _verify(self, body: bytes, signature: str) -> None:
        import stripe  # noqa: PLC0415 - heavy, and not needed for a cold start

        try:
            stripe.Webhook.construct_event(body, signature, self._webhook_secret, TOLERANCE_S)
        except (stripe.SignatureVerificationError, ValueError, IndexError, AttributeError):
            # The library stumbles over headers and bodies that nobody signed.
            raise BadSignature() from None

    async def _call(self, kind: type[T], call: Callable[["stripe.StripeClient"], Awaitable[Any]]) -> T:
        """Raises `CardAway` when it is not known what became of it, `CardRefused` when Stripe said no."""
        import stripe  # noqa: PLC0415

        try:
            async with asyncio.timeout(DEADLINE_S):
                answer = await call(await self._made())
        except (stripe.InvalidRequestError, stripe.CardError, stripe.IdempotencyError) as error:
            raise CardRefused(error.user_message or str(error), reason=error.code or "") from None
        except (TimeoutError, stripe.StripeError) as error:
            logger.warning("stripe_failed", error=repr(error))
            raise CardAway() from None
        return msgspec.convert(answer.to_dict(), kind)

    async def _made(self) -> "stripe.StripeClient":
        async with self._making:
            if self._client is None:
                self._client = await asyncio.to_thread(self._make)
            return self._client

    def _make(self) -> "stripe.StripeClient":
        import stripe  # noqa: PLC0415

        self._http = stripe.HTTPXClient(timeout=CALL_S)
        base: Any = {"api": self._base.rstrip("/")} if self._base else {}
        return stripe.StripeClient(
            self._secret_key, base_addresses=base, http_client=self._http, max_network_retries=RETRIES
        )


class _Refunds(msgspec.Struct, frozen=True):
    data: tuple[said.Refund, ...]
