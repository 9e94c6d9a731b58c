"""Money: integer minor units of a currency, never a fraction. ISO 4217 says how many minor units make one."""

from functools import cache
from typing import Annotated

import msgspec
from msgspec import Meta

AMOUNT_MAX = 10**15
"""Minor units of one transfer: ten trillion euros; the sum of all that an account ever takes stays within 64 bits."""

Amount = Annotated[int, Meta(ge=1, le=AMOUNT_MAX, description="Integer minor units (cents), at least one.")]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217, as `EUR`.")]


class Money(msgspec.Struct, frozen=True):
    """A sum to move: `{"amount": 1250, "currency": "EUR"}` is 12.50 EUR."""

    amount: Amount
    currency: Currency


class CurrencyInfo(msgspec.Struct, frozen=True):
    code: str
    numeric: int
    """The three digits of ISO 4217, which EMV codes and the ledger's records carry."""
    exponent: int
    """Decimal places: 2 for most, 0 for JPY, 3 for KWD."""


_NUMERIC = (
    "AED784 AFN971 ALL008 AMD051 AOA973 ARS032 AUD036 AWG533 AZN944 BAM977 BBD052 BDT050 BHD048 BIF108 BMD060 "
    "BND096 BOB068 BRL986 BSD044 BTN064 BWP072 BYN933 BZD084 CAD124 CDF976 CHF756 CLP152 CNY156 COP170 CRC188 CUP192 "
    "CVE132 CZK203 DJF262 DKK208 DOP214 DZD012 EGP818 ERN232 ETB230 EUR978 FJD242 FKP238 GBP826 GEL981 GHS936 GIP292 "
    "GMD270 GNF324 GTQ320 GYD328 HKD344 HNL340 HTG332 HUF348 IDR360 ILS376 INR356 IQD368 IRR364 ISK352 JMD388 JOD400 "
    "JPY392 KES404 KGS417 KHR116 KMF174 KPW408 KRW410 KWD414 KYD136 KZT398 LAK418 LBP422 LKR144 LRD430 LSL426 LYD434 "
    "MAD504 MDL498 MGA969 MKD807 MMK104 MNT496 MOP446 MRU929 MUR480 MVR462 MWK454 MXN484 MYR458 MZN943 NAD516 NGN566 "
    "NIO558 NOK578 NPR524 NZD554 OMR512 PAB590 PEN604 PGK598 PHP608 PKR586 PLN985 PYG600 QAR634 RON946 RSD941 RUB643 "
    "RWF646 SAR682 SBD090 SCR690 SDG938 SEK752 SGD702 SHP654 SOS706 SRD968 SSP728 STN930 SVC222 SYP760 SZL748 THB764 "
    "TJS972 TMT934 TND788 TOP776 TRY949 TTD780 TWD901 TZS834 UAH980 UGX800 USD840 UYU858 UZS860 VES928 VND704 VUV548 "
    "WST882 XAF950 XCD951 XOF952 XPF953 YER886 ZAR710 ZMW967 XTS963"
)
_EXPONENTS = {
    code: exponent
    for exponent, codes in {
        0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
        3: "BHD IQD JOD KWD LYD OMR TND",
    }.items()
    for code in codes.split()
}


@cache
def currencies() -> dict[str, CurrencyInfo]:
    """Return the currencies that a house may use, by code. `XTS` is ISO's own for tests."""
    return {each[:3]: CurrencyInfo(each[:3], int(each[3:]), _EXPONENTS.get(each[:3], 2)) for each in _NUMERIC.split()}


@cache
def code_of(numeric: int) -> str:
    """Return the code of a currency's number. Raises `KeyError`."""
    return next(each.code for each in currencies().values() if each.numeric == numeric)


def plain(amount: int, currency: str) -> str:
    """Write an amount as digits with a point, as files and codes want it: `12.50`. A negative one begins with `-`."""
    exponent = currencies()[currency].exponent
    sign, digits = ("-", str(-amount)) if amount < 0 else ("", str(amount))
    if not exponent:
        return sign + digits
    digits = digits.rjust(exponent + 1, "0")
    return f"{sign}{digits[:-exponent]}.{digits[-exponent:]}"


def parse(text: str, currency: str) -> int:
    """Read what `plain` writes (fewer decimals are fine). Raises `ValueError` for anything else, more decimals too."""
    exponent = currencies()[currency].exponent
    whole, point, decimals = text.partition(".")
    if not (whole.isascii() and whole.isdigit()) or (point and not (decimals.isascii() and decimals.isdigit())):
        raise ValueError(f"not an amount: {text!r}")
    if len(decimals) > exponent or len(whole) > 18:
        raise ValueError(f"not an amount of {currency}: {text!r}")
    return int(whole + decimals.ljust(exponent, "0"))
