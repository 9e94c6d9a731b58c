"""What a coupon says outside the house, in the languages of the client."""

from decimal import Decimal
from typing import Final

import msgspec

from teahouse.coupons.campaigns.model import Worth
from teahouse.money import currencies
from teahouse.wallet.model import Language

LANGUAGES: Final[tuple[Language, ...]] = ("en", "zh", "ru")


class Words(msgspec.Struct, frozen=True):
    amount_off: str
    percent_off: str
    at_most: str
    free_item: str
    buy_x_get_y: str
    cash: str
    min_spend: str
    offer: str
    expires: str
    terms: str
    show: str
    """That the code of a pass is no code for the counter."""
    ends: str
    """Title of a calendar entry: `{title}`, `{merchant}`."""


WORDS: Final[dict[Language, Words]] = {
    "en": Words(
        amount_off="{sum} off",
        percent_off="{percent}% off",
        at_most="at most {sum}",
        free_item="{item} for free",
        buy_x_get_y="Buy {buy}, get {get} free: {item}",
        cash="{sum} as good as cash",
        min_spend="from {sum} on",
        offer="Offer",
        expires="Valid until",
        terms="Terms",
        show="To redeem it, scan this with your phone's camera and show the code that opens.",
        ends="“{title}” at {merchant} ends",
    ),
    "zh": Words(
        amount_off="立减 {sum}",
        percent_off="减 {percent}%",
        at_most="最多减 {sum}",
        free_item="免费得 {item}",
        buy_x_get_y="{item}：买 {buy} 送 {get}",
        cash="{sum} 代金券",
        min_spend="满 {sum} 可用",
        offer="优惠",
        expires="有效期至",
        terms="使用规则",
        show="使用时请用手机相机扫描此码，并向店员出示打开的动态码。",
        ends="{merchant} 的“{title}”即将到期",
    ),
    "ru": Words(
        amount_off="Скидка {sum}",
        percent_off="Скидка {percent} %",
        at_most="не больше {sum}",
        free_item="{item} бесплатно",
        buy_x_get_y="{item}: {buy} + {get} бесплатно",
        cash="{sum} как наличными",
        min_spend="от {sum}",
        offer="Предложение",
        expires="Действует до",
        terms="Условия",
        show="Чтобы использовать купон, отсканируйте этот код камерой телефона и покажите код, который откроется.",
        ends="Заканчивается «{title}», {merchant}",
    ),
}


def worth_in_words(worth: Worth, language: Language) -> str:
    """`10 € off, from 50 € on`."""
    words = WORDS[language]
    what = {
        "amount_off": words.amount_off,
        "percent_off": words.percent_off,
        "free_item": words.free_item,
        "buy_x_get_y": words.buy_x_get_y,
        "cash": words.cash,
    }[worth.offer].format(
        sum=_sum(worth.amount, worth.currency, language),
        percent=worth.percent,
        item=worth.item,
        buy=worth.buy,
        get=worth.get,
    )
    parts = [what]
    if worth.offer == "percent_off" and worth.amount:
        parts.append(words.at_most.format(sum=_sum(worth.amount, worth.currency, language)))
    if worth.min_spend:
        parts.append(words.min_spend.format(sum=_sum(worth.min_spend, worth.currency, language)))
    return ("，" if language == "zh" else ", ").join(parts)


def _sum(amount: int, currency: str, language: Language) -> str:
    from babel.numbers import format_currency  # noqa: PLC0415

    exponent = currencies()[currency].exponent
    return str(format_currency(Decimal(amount).scaleb(-exponent), currency, locale=language))
