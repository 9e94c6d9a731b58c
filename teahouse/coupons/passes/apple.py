"""A coupon as a pass for Apple's wallet: a zip of its words and pictures, signed with the operator's certificate."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import msgspec

from teahouse.coupons.pack.model import Coupon
from teahouse.coupons.passes.look import icon, rgb
from teahouse.coupons.passes.words import LANGUAGES, WORDS, worth_in_words
from teahouse.wallet.model import Language

FOLDERS: dict[Language, str] = {"en": "en.lproj", "zh": "zh-Hans.lproj", "ru": "ru.lproj"}
ICONS = {"icon.png": 29, "icon@2x.png": 58, "icon@3x.png": 87}


class Signing(msgspec.Struct, frozen=True):
    """What the operator has from Apple. The certificate's file holds its key too."""

    pass_type: str
    team: str
    certificate: str
    intermediate: str


def made(coupon: Coupon, page: str, signing: Signing) -> bytes:
    """Return a `.pkpass`. Its words are names, which `pass.strings` of the phone's language says. Raises `OSError`,
    `ValueError` for files that are no certificates."""
    from py_pkpass.models import Barcode, BarcodeFormat, DateField, DateStyle  # noqa: PLC0415
    from py_pkpass.models import Coupon as Face  # noqa: PLC0415

    campaign = coupon.campaign
    face = Face()
    face.addPrimaryField("offer", "worth", campaign.title)
    until = DateField("expires", _instant(coupon.expires_at), "expires", DateStyle.MEDIUM, DateStyle.SHORT)
    face.auxiliaryFields.append(until)
    face.addBackField("show", "show", "offer")
    if campaign.terms:
        face.addBackField("terms", campaign.terms, "terms")
    made = _pass(face, signing)
    made.serialNumber = coupon.id
    made.description = campaign.title
    made.organizationName = made.logoText = campaign.merchant.name
    made.backgroundColor = rgb(campaign.colour)
    made.foregroundColor = made.labelColor = "rgb(255, 255, 255)"
    made.barcode = Barcode(page, BarcodeFormat.QR, messageEncoding="utf-8")
    made.expirationDate = _instant(coupon.expires_at)
    made.relevant = (_instant(coupon.starts_at), _instant(coupon.expires_at))
    made.sharingProhibited = True
    for name, size in ICONS.items():
        made.addFile(name, BytesIO(icon(campaign.colour, size)))
    for language in LANGUAGES:
        made.addFile(f"{FOLDERS[language]}/pass.strings", BytesIO(_strings(coupon, language)))
    written: BytesIO = made.create(signing.certificate, signing.certificate, signing.intermediate, None)
    return written.getvalue()


def _pass(face: Any, signing: Signing) -> Any:
    from py_pkpass.models import Pass  # noqa: PLC0415

    class Dated(Pass):  # type: ignore[misc]
        """With the times of relevance that iOS 18 reads, which the library does not know yet."""

        relevant: tuple[str, str]

        def json_dict(self) -> dict[str, Any]:
            start, end = self.relevant
            said: dict[str, Any] = super().json_dict()
            return said | {"relevantDates": [{"startDate": start, "endDate": end}]}

    return Dated(face, passTypeIdentifier=signing.pass_type, teamIdentifier=signing.team)


def _strings(coupon: Coupon, language: Language) -> bytes:
    words = WORDS[language]
    said = {
        "worth": worth_in_words(coupon.campaign.worth, language),
        "offer": words.offer,
        "expires": words.expires,
        "terms": words.terms,
        "show": words.show,
    }
    return "".join(f'"{name}" = "{_quoted(text)}";\n' for name, text in said.items()).encode("utf-8")


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _instant(at: int) -> str:
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
