"""What the columns of rate decks are called, as carriers name them. Pure."""

import re
from typing import Final, Literal

Column = Literal[
    "prefix", "country", "area", "name", "price", "connection", "increment", "first", "next", "from", "to", "currency"
]
_IN_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_NO_WORD = re.compile(r"[\W_]+")
_NAMES: Final[dict[Column, str]] = {
    "prefix": "prefix prefixes code codes dialcode dialcodes dialprefix dialingcode destinationcode vorwahl",
    "country": "countrycode cc countrydialcode",
    "area": "areacode areacodes citycode citycodes ndc",
    "name": "name destination destinationname description zone zonename ziel",
    "price": "price priceperminute pricemin pricepermin priceminute rate rateperminute ratemin ratepermin perminute "
    "permin cost costperminute costmin tariff preis preisprominute",
    "connection": "connection connectionfee connectionprice connectioncharge connectfee setup setupfee setupprice "
    "callsetup fee flagfall",
    "increment": "increment increments billingincrement billingincrements billing interval intervals takt",
    "first": "first firstincrement firstinterval initial initialincrement initialinterval minimum minimumduration",
    "next": "next nextincrement nextinterval additional additionalincrement subsequent subsequentincrement "
    "subsequentinterval",
    "from": "effectivefrom effective effectivedate validfrom from start startdate gültigab",
    "to": "effectiveto effectiveuntil validto validuntil to until end enddate expires expiry expirydate gültigbis",
    "currency": "currency cur ccy währung",
}
_COLUMNS: Final[dict[str, Column]] = {name: column for column, names in _NAMES.items() for name in names.split()}


def column_of(title: str) -> Column | None:
    """Return which column this is: case, spaces and what stands in brackets do not matter (`Price (EUR/min)`)."""
    return _COLUMNS.get(_NO_WORD.sub("", _IN_BRACKETS.sub("", title).casefold()))
