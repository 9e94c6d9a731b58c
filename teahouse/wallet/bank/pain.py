"""The file for the bank: ISO 20022 `pain.001.001.09`, a SEPA credit transfer.

Everything in it comes from rows, so the same file comes out whenever it is made. It holds against its schema and
against our own count and sum, or it is not offered. Slow: never on the writer's thread nor on the loop.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from importlib.resources import files
from typing import Final, Protocol
from xml.etree import ElementTree as Xml

from teahouse.money import plain
from teahouse.wallet.bank import rules
from teahouse.wallet.bank.rules import HouseAccount

SCHEMA: Final = "pain.001.001.09"
_SPACE: Final = {"p": f"urn:iso:std:iso:20022:tech:xsd:{SCHEMA}"}


class File(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def at(self) -> int: ...

    @property
    def payments(self) -> int: ...

    @property
    def total(self) -> int: ...


class Payment(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def amount(self) -> int: ...

    @property
    def iban(self) -> str: ...

    @property
    def name(self) -> str: ...


def make(
    file: File, account: HouseAccount, payments: Iterable[Payment], about: Callable[[Payment], str] | None = None
) -> bytes:
    """`about`: what a payee is told of a payment, instead of the house's name and the payment's id. Raises
    `FileInvalid`."""
    from sepaxml import SepaTransfer  # noqa: PLC0415

    made_at = datetime.fromtimestamp(file.at / 1000, UTC)
    house = {"name": account.name, "IBAN": account.iban, "BIC": account.bic, "batch": True, "currency": rules.CURRENCY}
    sepa = SepaTransfer(house, schema=SCHEMA, clean=False)
    for payment in payments:
        sepa.add_payment(
            {
                "name": payment.name,
                "IBAN": payment.iban,
                "amount": payment.amount,
                "execution_date": made_at.date(),
                "description": about(payment) if about else f"{account.name} {payment.id}",
                "endtoend_id": payment.id,
            }
        )
    document = Xml.fromstring(sepa.export(validate=False))
    # The library makes these up anew each time.
    for path, value in (
        (".//p:GrpHdr/p:MsgId", file.id),
        (".//p:GrpHdr/p:CreDtTm", made_at.strftime("%Y-%m-%dT%H:%M:%SZ")),
        (".//p:PmtInf/p:PmtInfId", file.id),
    ):
        _only(document, path).text = value
    for where in ("GrpHdr", "PmtInf"):
        _must_say(document, f".//p:{where}/p:NbOfTxs", str(file.payments))
        _must_say(document, f".//p:{where}/p:CtrlSum", plain(file.total, rules.CURRENCY))
    made: bytes = Xml.tostring(document, "utf-8", xml_declaration=True)
    _must_hold(made)
    return made


def _must_hold(made: bytes) -> None:
    """Against ISO's own schema: in libxml2, which a file of thousands keeps busy for a moment and Python not at all."""
    from lxml import etree  # noqa: PLC0415

    schema = etree.XMLSchema(etree.fromstring(files("sepaxml").joinpath(f"schemas/{SCHEMA}.xsd").read_bytes()))
    if not schema.validate(etree.fromstring(made)):
        raise rules.FileInvalid(schema.error_log[0].message)


def _only(document: Xml.Element, path: str) -> Xml.Element:
    """One file has one block of payments."""
    found = document.findall(path, _SPACE)
    if len(found) != 1:
        raise rules.FileInvalid(f"It has {len(found)} of {path}.")
    return found[0]


def _must_say(document: Xml.Element, path: str, value: str) -> None:
    found = _only(document, path).text
    if found != value:
        raise rules.FileInvalid(f"It says {found} where the books say {value}.")
