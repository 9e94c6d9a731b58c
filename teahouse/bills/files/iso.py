"""ISO 20022 as billers send it: open bills as `pain.013` (a creditor asks debtors to pay), and `camt.053` (what came in
at the biller's bank). Read by the standard's own types; every version that is in use.

Where a customer stands in a `pain.013`: a biller with one field has its value in the debtor's `Id/…/Othr/Id` (or in
`DbtrAcct/Id/Othr/Id`); with several, each `Othr` names its field in `SchmeNm/Prtry`.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from typing import Any, Final

from teahouse.bills.files.rules import BILLS_MAX, Booked, Faults, NewBill, UnknownFile
from teahouse.bills.payments.model import BillLine
from teahouse.errors import Refusal
from teahouse.money import currencies

NAMESPACE: Final = re.compile(rb'urn:iso:std:iso:20022:tech:xsd:(pain\.013|camt\.053)\.001\.(\d\d)["\']')
HEAD_BYTES: Final = 4096
Customer = Callable[[dict[str, str]], dict[str, str]]


def kind_of(data: bytes) -> str:
    """Return `pain.013` or `camt.053`; empty for anything else."""
    found = NAMESPACE.search(data[:HEAD_BYTES])
    return found[1].decode() if found else ""


def document(data: bytes) -> Any:
    """Return the message as typed objects. Raises `UnknownFile` for what does not hold against them."""
    from lxml import etree  # noqa: PLC0415
    from xsdata.exceptions import ParserError  # noqa: PLC0415
    from xsdata.formats.dataclass.parsers import XmlParser  # noqa: PLC0415
    from xsdata.formats.dataclass.parsers.config import ParserConfig  # noqa: PLC0415

    found = NAMESPACE.search(data[:HEAD_BYTES])
    # Entities are how an XML of a few bytes becomes gigabytes; no bank's file has any.
    if found is None or b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise UnknownFile()
    name = f"{found[1].decode()}.001.{found[2].decode()}".replace(".", "_")
    try:
        # The typed reader mends what is not closed; here nothing is guessed.
        etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
        types = import_module(f"pyiso20022.{name[:4]}.{name}")
        config = ParserConfig(fail_on_unknown_properties=True, fail_on_converter_warnings=True)
        return XmlParser(config=config).from_bytes(data, types.Document)
    except ModuleNotFoundError:
        raise UnknownFile(f"This version is not known: {name.replace('_', '.')}.") from None
    except (ParserError, TypeError, ValueError, SyntaxError) as error:
        raise UnknownFile(str(error)[:200]) from None


def bills(document: Any, fields: tuple[str, ...], customer_of: Customer, faults: Faults) -> list[NewBill]:
    """Return the bills of a `pain.013`, and note what is wrong with the others."""
    found: list[NewBill] = []
    for number, (instruction, transaction) in enumerate(_asked(document), 1):
        if number > BILLS_MAX:
            faults.add(number, f"a file has at most {BILLS_MAX} bills")
            break
        money = dig(transaction, "amt.instd_amt")
        amount = minor_units(money)
        if amount is None:
            faults.add(number, "no amount in a currency (InstdAmt)")
            continue
        try:
            customer = customer_of(_customer(instruction, fields))
        except Refusal as refusal:
            faults.add(number, refusal.detail or refusal.title)
            continue
        words = [str(line) for line in dig(transaction, "rmt_inf.ustrd") or ()]
        found.append(
            NewBill(
                line=number,
                ref=str(dig(transaction, "pmt_id.end_to_end_id") or ""),
                customer=customer,
                name=str(dig(instruction, "dbtr.nm") or "")[:120],
                amount=amount,
                currency=str(money.ccy),
                due_at=_due(instruction),
                lines=tuple(BillLine(label="", value=line[:200]) for line in words[:3]),
            )
        )
    return found


def booked(document: Any) -> Iterator[Booked]:
    """Yield what came in, by the number of the bill that each was for: of entries that are booked."""
    number = 0
    for statement in dig(document, "bk_to_cstmr_stmt.stmt") or ():
        for entry in statement.ntry:
            if _value(entry.cdt_dbt_ind) != "CRDT" or getattr(entry, "rvsl_ind", None):
                continue
            for details in entry.ntry_dtls:
                for transaction in details.tx_dtls:
                    number += 1
                    money = transaction.amt if hasattr(transaction, "amt") else None
                    money = money or dig(transaction, "amt_dtls.tx_amt.amt") or entry.amt
                    amount = minor_units(money)
                    for ref in _refs(transaction) if amount else ():
                        yield Booked(line=number, ref=ref, amount=amount or 0, currency=str(money.ccy))


def _refs(transaction: Any) -> list[str]:
    """Return what may be a bill's number: the structured reference first."""
    structured = dig(transaction, "rmt_inf.strd") or ()
    refs = [dig(each, "cdtr_ref_inf.ref") for each in structured]
    refs.append(dig(transaction, "refs.end_to_end_id"))
    return [str(ref) for ref in refs if ref][:1]


def _asked(document: Any) -> Iterator[tuple[Any, Any]]:
    for instruction in dig(document, "cdtr_pmt_actvtn_req.pmt_inf") or ():
        for transaction in instruction.cdt_trf_tx:
            yield instruction, transaction


def _customer(instruction: Any, fields: tuple[str, ...]) -> dict[str, str]:
    others = [
        *(dig(instruction, "dbtr.id.prvt_id.othr") or ()),
        *(dig(instruction, "dbtr.id.org_id.othr") or ()),
    ]
    account = dig(instruction, "dbtr_acct.id.othr")
    if account is not None:
        others.append(account)
    named = {str(dig(each, "schme_nm.prtry") or ""): str(each.id) for each in others}
    if len(fields) == 1 and fields[0] not in named and others:
        return {fields[0]: str(others[0].id)}
    return {field: named[field] for field in fields if field in named}


def _due(instruction: Any) -> int:
    """Return the end of the day on which it is asked for."""
    day = instruction.reqd_exctn_dt
    day = getattr(day, "dt", None) or getattr(day, "dt_tm", None) or day
    date = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return int(date.timestamp() * 1000) + 86_400_000 - 1


def minor_units(money: Any) -> int | None:
    """Return an amount of the standard in minor units; None for what is none, or has fractions of one."""
    currency = currencies().get(str(getattr(money, "ccy", "")))
    if currency is None:
        return None
    scaled = Decimal(str(money.value)).scaleb(currency.exponent)
    return int(scaled) if scaled == scaled.to_integral_value() else None


def dig(found: Any, path: str) -> Any:
    """Follow a path of optional parts; None where one is missing."""
    for name in path.split("."):
        found = getattr(found, name, None)
        if found is None:
            return None
    return found


def _value(code: Any) -> str:
    return str(getattr(code, "value", code))
