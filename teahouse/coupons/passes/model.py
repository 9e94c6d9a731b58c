"""Coupons outside the house: passes for the wallets of phones, and a calendar entry for everybody."""

import msgspec


class PassOptions(msgspec.Struct, frozen=True):
    """What this house can make of a coupon."""

    apple: bool
    google: bool
    calendar: bool = True


class GooglePass(msgspec.Struct, frozen=True):
    url: str
    """`https://pay.google.com/gp/v/save/…`"""
