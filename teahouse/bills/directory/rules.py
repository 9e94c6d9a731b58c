"""What makes a biller, what identifies its customers, and where it is found. Pure."""

import base64
import binascii
from collections.abc import Sequence

from teahouse.bills.directory import checks
from teahouse.bills.directory.model import CustomerField
from teahouse.errors import Conflict, NotFound, Refusal

BILLERS_MAX = 5000
SHOWN_MAX = 200


class NoSuchBiller(NotFound):
    code = "no_such_biller"
    title = "There is no such biller"


class BillerPaused(Conflict):
    code = "biller_paused"
    title = "This biller takes no payments now"


class WrongCustomerField(Refusal):
    """`field`: its name."""

    code = "wrong_customer_field"
    title = "This is not how such a number is written"


class BadBiller(Refusal):
    """`field`: of the setup."""

    code = "bad_biller"
    title = "A biller cannot be set up like this"


class TooManyBillers(Conflict):
    code = "too_many_billers"
    title = "There are too many billers"


def must_be_fields(fields: Sequence[CustomerField]) -> None:
    """Raises `BadBiller` for names that come twice, checks that do not exist, examples that fail them."""
    if len({each.name for each in fields}) < len(fields):
        raise BadBiller("Two fields have the same name.", field="fields")
    for each in fields:
        try:
            checks.compiled(each.check)
            if each.example:
                checks.apply(each.check, each.example)
        except checks.BadCheck as error:
            raise BadBiller(f"{each.name}: {error}", field="fields") from None
        except ValueError as error:
            raise BadBiller(f"{each.name}: its example is wrong: {error}", field="fields") from None


def must_be_reachable(connector: str, url: str, public_key: str) -> None:
    """Raises `BadBiller` unless a biller with a server has an address, and a key by which its answers are known."""
    if connector != "http":
        return
    if not url.startswith(("https://", "http://")):
        raise BadBiller("The address of its server begins with https://.", field="url")
    try:
        key = base64.b64decode(public_key, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise BadBiller("The key is 32 bytes (Ed25519), in base64.", field="public_key")


def clean_iban(iban: str) -> str:
    """Return it as banks write it; nothing for nothing. Raises `BadBiller`."""
    if not iban.strip():
        return ""
    try:
        return checks.apply("stdnum:iban", iban)
    except ValueError:
        raise BadBiller("This is no IBAN.", field="iban") from None


def clean_bic(bic: str) -> str:
    if not bic.strip():
        return ""
    try:
        return checks.apply("stdnum:bic", bic)
    except ValueError:
        raise BadBiller("This is no BIC.", field="bic") from None


def customer_of(fields: Sequence[CustomerField], given: dict[str, str]) -> dict[str, str]:
    """Return a customer's values as the biller writes them, in its order. Raises `WrongCustomerField`."""
    unknown = given.keys() - {each.name for each in fields}
    if unknown:
        raise WrongCustomerField("The biller has no such field.", field=min(unknown))
    values = {}
    for each in fields:
        try:
            values[each.name] = checks.apply(each.check, given.get(each.name, ""))
        except ValueError as error:
            raise WrongCustomerField(str(error), field=each.name) from None
    return values


def serves(regions: Sequence[str], asked: str) -> bool:
    """Whether a biller of these regions (none: everywhere) is of interest to who asks for one, or for any."""
    country = asked[:2]
    return (
        not asked
        or not regions
        or any(each in (asked, country) or (asked == country and each[:2] == country) for each in regions)
    )
