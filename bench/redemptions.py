"""Redemptions in process: a rush at a merchant's counters, with all rules on, durable before it is answered. Run by
`bench.coupons_market STORE_URL redemptions`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from teahouse.app import settle_memory
from teahouse.clock import now_ms
from teahouse.commands import Signed
from teahouse.coupons.counter import codes, proofs
from teahouse.coupons.counter.model import CouponRedeemed, RedeemCoupon
from teahouse.coupons.pack.model import ClaimCoupon, CouponClaimed
from teahouse.ids import new_id
from teahouse.keys import house_key
from teahouse.merchants.accounts.model import SetStaff
from teahouse.money import Money

if TYPE_CHECKING:
    from bench.coupons_market import Market

CASHIERS: Final = 20
RUSH: Final = 10_000
"""Coupons of one rush."""
RUSHES: Final = 6
"""So many that the first coupons are no more in the writer's memory when they are shown."""


async def redemptions(market: Market, scale: float) -> dict[str, Any]:
    """The crowd claims, and then all of it stands at the counters at once: with coupons that were claimed just now, and
    (`cold`) with such as the writer has no more in memory."""
    cashiers = market.crowd[:CASHIERS]
    for cashier in cashiers:
        hired = SetStaff(merchant=market.merchant, person=cashier.person, role="cashier")
        await market.house.execute(market.owner, hired)
    rushes = max(4, int(RUSHES * scale))
    held = [await _claimed(market) for _ in range(rushes)]
    # The first rush reads the faces of all that come, as the scan of their codes does.
    await _measured(market, cashiers, [await _claimed(market)])
    cold = await _measured(market, cashiers, held[: rushes // 2])
    fresh = await _measured(market, cashiers, [*held[-1:], await _claimed(market)])
    return {**fresh, "cold_per_s": cold["per_s"], "cold_p99_ms": cold["p99_ms"]}


async def _claimed(market: Market) -> list[str]:
    campaign = await market.campaign(RUSH, RUSH)
    people = [who for _ in range(RUSH // len(market.crowd)) for who in market.crowd]
    asked = ((who, ClaimCoupon(key=f"{new_id()}-claim", campaign=campaign)) for who in people)
    outcomes, _, _ = await market.crowd_asks(asked)
    return [each.coupon for each in outcomes if isinstance(each, CouponClaimed)]


async def _measured(market: Market, cashiers: Sequence[Signed], rushes: Sequence[Sequence[str]]) -> dict[str, Any]:
    latencies: list[float] = []
    wall, used, redeemed = 0.0, 0.0, 0
    settle_memory()
    for coupons in rushes:
        asked = _scanned(market, cashiers, coupons)
        before = time.process_time()
        outcomes, found, took = await market.crowd_asks(asked)
        used += time.process_time() - before
        latencies += found
        wall += took
        redeemed += sum(isinstance(each, CouponRedeemed) for each in outcomes)
    assert redeemed == sum(map(len, rushes)), redeemed
    latencies.sort()
    return {
        "per_s": round(redeemed / wall),
        "p50_ms": round(latencies[len(latencies) // 2] * 1000, 2),
        "p99_ms": round(latencies[len(latencies) * 99 // 100] * 1000, 2),
        "cpu": round(used / wall, 2),
        "redeemed": redeemed,
    }


def _scanned(market: Market, cashiers: Sequence[Signed], coupons: Sequence[str]) -> list[tuple[Signed, RedeemCoupon]]:
    """Make what staff ask for once they have scanned each coupon's code; the proofs are good for two minutes."""
    key, now = house_key(market.house.settings.data, "coupons"), now_ms()
    asked = []
    for number, coupon in enumerate(coupons):
        cashier = cashiers[number % len(cashiers)]
        proof = proofs.made(key, proofs.Proof(coupon, 0, codes.step_at(now)), market.merchant, cashier.person, now)
        command = RedeemCoupon(
            key=f"{new_id()}-redeem", merchant=market.merchant, proof=proof, basket=Money(1000 + number, "EUR")
        )
        asked.append((cashier, command))
    return asked
