"""The codes of orders and counters as people scan them: a URL of this house, or EMVCo merchant-presented text.

In EMVCo text an order's token is `order_` and its id: as long as the random tokens are, so that both fit the template.
Pure but for what it is given of the house.
"""

from typing import Final, NamedTuple
from urllib.parse import urlsplit

from teahouse import ids
from teahouse.money import currencies, plain
from teahouse.people.model import Person
from teahouse.wallet.payments import emv

ORDER_PATH: Final = "/o/"
COUNTER_PATH: Final = "/m/"
ORDER_TOKEN: Final = "order_"
TOKEN_MAX: Final = 64


class Scanned(NamedTuple):
    """One of both is empty."""

    order: str = ""
    counter: str = ""
    """The token of its code."""


def url_of(public_url: str, order: str) -> str:
    return f"{public_url}{ORDER_PATH}{order}"


def text_of(
    public_url: str, country: str, house: str, merchant: Person, order: str, amount: int, currency: str, what: str
) -> str:
    """Return an order as EMVCo text. A sum with too many digits for it is left out: the order says it anyway."""
    sum_ = plain(amount, currency)
    return emv.write(
        emv.ReceiveText(
            house=urlsplit(public_url).netloc,
            token=ORDER_TOKEN + order,
            currency=currencies()[currency].numeric,
            country=country,
            name=merchant.name,
            handle=merchant.handle or "merchant",
            city=house,
            amount=sum_ if len(sum_) <= emv.AMOUNT_MAX else "",
            purpose=what,
        )
    )


def read(text: str, public_url: str) -> Scanned:
    """Say what a scanned text stands for. Raises `NotACode`, `OtherHouse`, and what `emv.read` does."""
    own, text = urlsplit(public_url), text.strip()
    if not text.lower().startswith(("http://", "https://", ORDER_PATH, COUNTER_PATH)):
        token = emv.read(text, own.netloc)
        order = token.removeprefix(ORDER_TOKEN)
        return Scanned(order=order) if order != token and is_order(order) else Scanned(counter=token)
    try:
        url = urlsplit(text)
    except ValueError:
        raise emv.NotACode() from None
    said = url.path.rstrip("/")
    if url.netloc and url.netloc.lower() != own.netloc.lower():
        raise emv.OtherHouse(house=url.netloc)
    if said.startswith(ORDER_PATH) and is_order(order := said.removeprefix(ORDER_PATH)):
        return Scanned(order=order)
    token = said.removeprefix(COUNTER_PATH)
    if said.startswith(COUNTER_PATH) and 0 < len(token) <= TOKEN_MAX and "/" not in token:
        return Scanned(counter=token)
    raise emv.NotACode()


def is_order(text: str) -> bool:
    return len(text) == ids.LENGTH and all(each in ids.ALPHABET for each in text)
