"""A coupon for Google Wallet: an offer, in a link that the operator's service account signed (a JWT, RS256)."""

import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from teahouse.coupons.pack.model import Coupon
from teahouse.coupons.passes.look import COLOURS
from teahouse.coupons.passes.words import worth_in_words

SAVE = "https://pay.google.com/gp/v/save/"
LINK_MAX = 1800
"""Browsers and Google take longer links now and then, but not always."""
FINE_PRINT_MAX = 300


class ServiceAccount(msgspec.Struct, frozen=True):
    """What we need of Google's key file."""

    client_email: str
    private_key: str


def link(coupon: Coupon, holder: str, page: str, house: str, issuer: str, account: Path, now: int) -> str:
    """Return what saves it. Raises `OSError`, `ValueError` for a key file that is none."""
    signer = msgspec.json.decode(account.read_bytes(), type=ServiceAccount)
    for fine_print in (coupon.campaign.terms[:FINE_PRINT_MAX], ""):
        claims = {
            "iss": signer.client_email,
            "aud": "google",
            "typ": "savetowallet",
            "iat": now // 1000,
            "origins": [house],
            "payload": {
                "offerClasses": [_class(coupon, issuer, fine_print)],
                "offerObjects": [_object(coupon, holder, page, issuer)],
            },
        }
        made = SAVE + _signed(claims, signer.private_key)
        if len(made) <= LINK_MAX:
            break
    return made


def _class(coupon: Coupon, issuer: str, fine_print: str) -> dict[str, Any]:
    campaign = coupon.campaign
    merchant = campaign.merchant.name
    return {
        "id": f"{issuer}.{campaign.id}",
        "issuerName": merchant,
        "provider": merchant,
        "title": campaign.title,
        "details": worth_in_words(campaign.worth, "en"),
        **({"finePrint": fine_print} if fine_print else {}),
        "redemptionChannel": "INSTORE",
        "reviewStatus": "UNDER_REVIEW",
        "hexBackgroundColor": COLOURS[campaign.colour],
    }


def _object(coupon: Coupon, holder: str, page: str, issuer: str) -> dict[str, Any]:
    """Its name holds the holder's too: who gets it as a gift saves another."""
    return {
        "id": f"{issuer}.{coupon.id}-{holder}",
        "classId": f"{issuer}.{coupon.campaign.id}",
        "state": "ACTIVE",
        "barcode": {"type": "QR_CODE", "value": page},
        "validTimeInterval": {"start": _date(coupon.starts_at), "end": _date(coupon.expires_at)},
    }


def _date(at: int) -> dict[str, str]:
    return {"date": datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}


def _signed(claims: dict[str, Any], key: str) -> str:
    """Write a JWT (RFC 7519) with RSASSA-PKCS1-v1_5 and SHA-256 (RFC 7518, `RS256`)."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    signer = load_pem_private_key(key.encode(), None)
    if not isinstance(signer, RSAPrivateKey):
        raise ValueError("a service account's key is an RSA key")
    said = (
        f"{_base64url(msgspec.json.encode({'alg': 'RS256', 'typ': 'JWT'}))}.{_base64url(msgspec.json.encode(claims))}"
    )
    return f"{said}.{_base64url(signer.sign(said.encode(), PKCS1v15(), SHA256()))}"


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
