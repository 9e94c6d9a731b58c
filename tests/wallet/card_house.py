"""A house that takes cards, and the stand-in for Stripe that it asks."""

from __future__ import annotations

from typing import Any

from teahouse.wallet.card.model import CardTopUp, StartCardTopUp
from tests.wallet.house import Payer, WalletHouse, eur, new_key
from tests.wallet.stripe_stand_in import SECRET_KEY, WEBHOOK_SECRET, StandIn

PAID = "checkout.session.completed"


def card_settings(stand_in: StandIn) -> dict[str, str]:
    return {
        "stripe_secret_key": SECRET_KEY,
        "stripe_webhook_secret": WEBHOOK_SECRET,
        "stripe_api": stand_in.url,
        "url": "https://tea.example",
    }


class CardHouse:
    def __init__(self, purse: WalletHouse, stripe: StandIn) -> None:
        self.purse = purse
        self.stripe = stripe
        self.card = purse.wallet.card

    async def begins(self, payer: Payer, amount: int, key: str = "") -> CardTopUp:
        asked = StartCardTopUp(key=key or new_key(), amount=eur(amount))
        return await self.card.start(payer.guest.signed, asked)

    async def sees(self, payer: Payer, top_up: CardTopUp) -> CardTopUp:
        return await self.card.top_up(payer.guest.signed, top_up.id)

    def page_of(self, top_up: CardTopUp) -> str:
        """The Checkout Session of a top-up."""
        (found,) = [each["id"] for each in self.stripe.sessions.values() if each["client_reference_id"] == top_up.id]
        return str(found)

    async def hears(self, kind: str, what: dict[str, Any]) -> bytes:
        """Stripe's webhook comes; return its body."""
        body = self.stripe.event(kind, what)
        await self.card.event(body, self.stripe.signature(body))
        return body

    async def hears_of(self, kind: str, top_up: CardTopUp) -> bytes:
        return await self.hears(kind, self.stripe.sessions[self.page_of(top_up)])

    async def pays(self, payer: Payer, amount: int) -> CardTopUp:
        """Top up, from the beginning to the end."""
        top_up = await self.begins(payer, amount)
        self.stripe.pays(self.page_of(top_up))
        await self.hears_of(PAID, top_up)
        return top_up

    async def refunds(self, top_up: CardTopUp) -> CardTopUp:
        return await self.card.refund(self.purse.operator, top_up.id)

    async def clearing(self) -> int:
        """What Stripe owes the house."""
        return -await self.purse.account_sum("card_clearing")

    async def loss(self) -> int:
        """What the house lost, beside what `fund` gave away."""
        return -await self.purse.account_sum("suspense")
