"""Coupons outside the house: a pass that Apple's wallet would take, a link that Google's would, a calendar's entry."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import zipfile
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from icalendar import Calendar
from PIL import Image

from teahouse.config import Settings
from teahouse.coupons.campaigns.model import Campaign, Worth
from teahouse.coupons.pack.model import Coupon
from teahouse.coupons.passes import apple, calendar, google, rules
from teahouse.coupons.passes.look import COLOURS, icon
from teahouse.coupons.passes.passes import Passes
from teahouse.coupons.passes.words import LANGUAGES, worth_in_words
from teahouse.errors import Refusal
from teahouse.people.model import Person

NOW = 1_790_000_000_000
DAY_MS = 86_400_000
PAGE = "https://tea.example/wallet/coupons/01k9zzzzzz012345"
BAKERY = Person(id="0" * 16, handle="bakery", name='The "Golden" Bakery')
CAMPAIGN = Campaign(
    id="1" * 16,
    merchant=BAKERY,
    title="Zehn Euro — 十欧元",
    worth=Worth("amount_off", "EUR", amount=1000, min_spend=5000),
    colour="teal",
    state="live",
    valid_from=NOW - DAY_MS,
    valid_to=NOW + 10 * DAY_MS,
    url="https://tea.example/c/1111111111111111",
    left=5,
    terms='Not with other offers.\nOne a visit; say "tea".',
)
COUPON = Coupon(
    id="01k9zzzzzz012345",
    campaign=CAMPAIGN,
    state="held",
    claimed_at=NOW,
    starts_at=NOW,
    expires_at=NOW + 10 * DAY_MS,
)


def certificate(subject: str, key: rsa.RSAPrivateKey, by: str, by_key: rsa.RSAPrivateKey) -> x509.Certificate:
    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    return (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(by))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=subject != "Pass", path_length=None), critical=True)
        .sign(by_key, hashes.SHA256())
    )


def pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The operator's files: root -> intermediate -> the pass type's certificate; and Google's key file."""
    folder = tmp_path_factory.mktemp("keys")
    root, middle, leaf = (rsa.generate_private_key(65537, 2048) for _ in range(3))
    made = {
        "root": certificate("Root", root, "Root", root),
        "wwdr": certificate("WWDR", middle, "Root", root),
        "pass": certificate("Pass", leaf, "WWDR", middle),
    }
    for name, each in made.items():
        (folder / f"{name}.pem").write_bytes(each.public_bytes(serialization.Encoding.PEM))
    (folder / "signing.pem").write_bytes((folder / "pass.pem").read_bytes() + pem(leaf))
    account = {"client_email": "tea@example.iam.gserviceaccount.com", "private_key": pem(leaf).decode(), "type": "x"}
    (folder / "google.json").write_text(json.dumps(account))
    return folder


@pytest.fixture(scope="module")
def pkpass(keys: Path) -> zipfile.ZipFile:
    signing = apple.Signing("pass.example.tea", "TEAM123456", str(keys / "signing.pem"), str(keys / "wwdr.pem"))
    return zipfile.ZipFile(BytesIO(apple.made(COUPON, PAGE, signing)))


# --- Apple ----------------------------------------------------------------------------------------


def test_a_pass_names_what_is_in_it_and_nothing_else(pkpass: zipfile.ZipFile) -> None:
    manifest = json.loads(pkpass.read("manifest.json"))
    assert sorted(manifest) == sorted({*pkpass.namelist()} - {"manifest.json", "signature"})
    for name, digest in manifest.items():
        assert hashlib.sha1(pkpass.read(name)).hexdigest() == digest


def test_its_signature_is_the_operators_and_holds_up_to_the_root(
    pkpass: zipfile.ZipFile, keys: Path, tmp_path: Path
) -> None:
    (tmp_path / "manifest.json").write_bytes(pkpass.read("manifest.json"))
    (tmp_path / "signature").write_bytes(pkpass.read("signature"))
    assert verified(tmp_path, keys)
    (tmp_path / "manifest.json").write_bytes(pkpass.read("manifest.json").replace(b"icon", b"iCon", 1))
    assert not verified(tmp_path, keys)


def verified(folder: Path, keys: Path) -> bool:
    """As Apple does it: a detached PKCS #7 signature, the intermediate certificate inside, the root known."""
    command = ["openssl", "smime", "-verify", "-binary", "-inform", "DER", "-in", "signature"]
    command += ["-content", "manifest.json", "-CAfile", str(keys / "root.pem"), "-purpose", "any"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


def test_it_says_what_the_coupon_is_and_leads_to_its_page(pkpass: zipfile.ZipFile) -> None:
    said = json.loads(pkpass.read("pass.json"))
    assert said["passTypeIdentifier"] == "pass.example.tea"
    assert said["teamIdentifier"] == "TEAM123456"
    assert said["serialNumber"] == COUPON.id
    assert said["organizationName"] == BAKERY.name
    assert said["description"] == CAMPAIGN.title
    assert said["barcodes"] == [{"format": "PKBarcodeFormatQR", "message": PAGE, "messageEncoding": "utf-8"}]
    until = datetime.fromtimestamp(COUPON.expires_at / 1000, UTC)
    assert datetime.fromisoformat(said["expirationDate"]) == until
    [relevant] = said["relevantDates"]
    assert datetime.fromisoformat(relevant["startDate"]) == datetime.fromtimestamp(NOW / 1000, UTC)
    assert datetime.fromisoformat(relevant["endDate"]) == until
    assert said["sharingProhibited"] is True
    [offer] = said["coupon"]["primaryFields"]
    assert (offer["label"], offer["value"]) == (CAMPAIGN.title, "worth")


def test_it_speaks_the_phones_language(pkpass: zipfile.ZipFile) -> None:
    for folder, worth in (("en", "€10.00 off, from €50.00 on"), ("zh-Hans", "立减 €10.00，满 €50.00 可用")):
        strings = pkpass.read(f"{folder}.lproj/pass.strings").decode("utf-8")
        assert f'"worth" = "{worth}";\n' in strings
    assert "Скидка 10,00" in pkpass.read("ru.lproj/pass.strings").decode("utf-8")


def test_its_pictures_are_pictures(pkpass: zipfile.ZipFile) -> None:
    for name, size in apple.ICONS.items():
        with Image.open(BytesIO(pkpass.read(name))) as picture:
            assert (picture.format, picture.size) == ("PNG", (size, size))


def test_each_colour_carries_white_words() -> None:
    for colour, value in COLOURS.items():
        channels = [int(value[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
        luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        assert 1.05 / (luminance + 0.05) >= 4.5, colour
        assert icon(colour, 29)


# --- Google ---------------------------------------------------------------------------------------


def opened(url: str, keys: Path) -> dict[str, Any]:
    """What a link says, once its signature was found to be the account's."""
    assert url.startswith(google.SAVE)
    said, _, signature = url.removeprefix(google.SAVE).rpartition(".")
    leaf = x509.load_pem_x509_certificate((keys / "pass.pem").read_bytes()).public_key()
    assert isinstance(leaf, rsa.RSAPublicKey)
    leaf.verify(from_base64url(signature), said.encode(), padding.PKCS1v15(), hashes.SHA256())
    header, claims = (json.loads(from_base64url(part)) for part in said.split("."))
    assert header == {"alg": "RS256", "typ": "JWT"}
    return dict(claims)


def from_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def link(coupon: Coupon, keys: Path, holder: str = "2" * 16) -> str:
    return google.link(coupon, holder, PAGE, "https://tea.example", "3388000000012345678", keys / "google.json", NOW)


def test_a_link_saves_an_offer_that_the_account_signed(keys: Path) -> None:
    claims = opened(link(COUPON, keys), keys)
    assert claims["iss"] == "tea@example.iam.gserviceaccount.com"
    assert (claims["aud"], claims["typ"], claims["iat"]) == ("google", "savetowallet", NOW // 1000)
    [kind], [held] = claims["payload"]["offerClasses"], claims["payload"]["offerObjects"]
    assert held["classId"] == kind["id"] == f"3388000000012345678.{CAMPAIGN.id}"
    assert (kind["title"], kind["provider"]) == (CAMPAIGN.title, BAKERY.name)
    assert held["barcode"] == {"type": "QR_CODE", "value": PAGE}
    until = datetime.fromisoformat(held["validTimeInterval"]["end"]["date"])
    assert until == datetime.fromtimestamp(COUPON.expires_at / 1000, UTC)


def test_whoever_gets_it_as_a_gift_saves_another_object(keys: Path) -> None:
    [mine], [theirs] = (
        opened(link(COUPON, keys, holder), keys)["payload"]["offerObjects"] for holder in ("2" * 16, "3" * 16)
    )
    assert mine["id"] != theirs["id"]


def test_a_link_stays_short_enough_for_a_browser_whatever_the_terms(keys: Path) -> None:
    wordy = msgspec.structs.replace(
        CAMPAIGN,
        title="券" * 60,
        terms="条款" * 1000,
        worth=Worth("buy_x_get_y", "EUR", amount=100, buy=2, get=1, item="茶" * 60, min_spend=1),
        merchant=msgspec.structs.replace(BAKERY, name="店" * 64),
    )
    url = link(msgspec.structs.replace(COUPON, campaign=wordy), keys)
    assert len(url) <= 2400
    assert "finePrint" not in opened(url, keys)["payload"]["offerClasses"][0]
    assert "finePrint" in opened(link(COUPON, keys), keys)["payload"]["offerClasses"][0]


# --- calendars ------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_calendar_rings_a_day_before_it_ends(language: Any) -> None:
    written = calendar.made(COUPON, PAGE, "tea.example", language, NOW)
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))
    [event] = Calendar.from_ical(written).walk("VEVENT")
    assert event["uid"] == f"coupon-{COUPON.id}@tea.example"
    assert event.decoded("dtstart") == datetime.fromtimestamp(COUPON.expires_at / 1000, UTC)
    assert CAMPAIGN.title in event["summary"]
    assert BAKERY.name in event["summary"]
    assert CAMPAIGN.terms in event["description"]
    [alarm] = event.walk("VALARM")
    assert (alarm["action"], alarm.decoded("trigger")) == ("DISPLAY", timedelta(days=-1))


# --- the door -------------------------------------------------------------------------------------


class Pack:
    """A card pack with one coupon in it."""

    def __init__(self, coupon: Coupon) -> None:
        self._coupon = coupon

    async def coupon(self, signed: Any, coupon: str) -> Coupon:
        return self._coupon


class Rooms:
    """What passes see of the house."""

    def __init__(self, **settings: Any) -> None:
        self.house = self.store = self.writer = self
        self.settings = Settings(url="https://tea.example", **settings)

    def clock(self) -> int:
        return NOW


class Holder(msgspec.Struct):
    person: str = "2" * 16


def passes(coupon: Coupon = COUPON, **settings: Any) -> Passes:
    return Passes(Rooms(**settings), Pack(coupon))  # type: ignore[arg-type]


def of_apple(keys: Path) -> dict[str, str]:
    return {
        "apple_pass_type": "pass.example.tea",
        "apple_team": "TEAM123456",
        "apple_pass_certificate": str(keys / "signing.pem"),
        "apple_wwdr_certificate": str(keys / "wwdr.pem"),
    }


async def refused(made: Any) -> str:
    with pytest.raises(Refusal) as caught:
        await made
    return caught.value.code


async def test_a_house_without_keys_makes_calendars_only() -> None:
    without, holder = passes(), Holder()
    assert (without.options().apple, without.options().google, without.options().calendar) == (False, False, True)
    assert await refused(without.apple(holder, COUPON.id)) == rules.NoPasses.code  # type: ignore[arg-type]
    assert await refused(without.google(holder, COUPON.id)) == rules.NoPasses.code  # type: ignore[arg-type]
    assert b"BEGIN:VALARM" in await without.calendar(holder, COUPON.id, "en")  # type: ignore[arg-type]


async def test_a_house_with_keys_makes_both(keys: Path) -> None:
    house = passes(
        google_wallet_issuer="3388000000012345678", google_wallet_account=str(keys / "google.json"), **of_apple(keys)
    )
    assert house.options().apple
    assert house.options().google
    assert zipfile.is_zipfile(BytesIO(await house.apple(Holder(), COUPON.id)))  # type: ignore[arg-type]
    made = await house.google(Holder(), COUPON.id)  # type: ignore[arg-type]
    assert opened(made.url, keys)["origins"] == ["https://tea.example"]


async def test_what_was_given_away_or_used_is_kept_nowhere_else(keys: Path) -> None:
    for state in ("given", "redeemed", "expired"):
        gone = passes(msgspec.structs.replace(COUPON, state=state), **of_apple(keys))
        assert await refused(gone.apple(Holder(), COUPON.id)) == "coupon_not_held"  # type: ignore[arg-type]
        assert await refused(gone.calendar(Holder(), COUPON.id, "en")) == "coupon_not_held"  # type: ignore[arg-type]


async def test_a_certificate_that_cannot_be_read_is_the_operators_fault_and_says_so(keys: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    for file in (tmp_path / "none.pem", tmp_path / "empty.pem", keys / "pass.pem"):
        broken = passes(**(of_apple(keys) | {"apple_pass_certificate": str(file)}))
        assert await refused(broken.apple(Holder(), COUPON.id)) == "passes_broken"  # type: ignore[arg-type]


def test_every_offer_has_words_in_every_language() -> None:
    for offer in ("amount_off", "percent_off", "free_item", "buy_x_get_y", "cash"):
        worth = Worth(offer, "JPY", amount=300, percent=15, item="茶", buy=2, get=1)  # type: ignore[arg-type]
        for language in LANGUAGES:
            said = worth_in_words(worth, language)
            assert "{" not in said
            assert "300" in said or "茶" in said
