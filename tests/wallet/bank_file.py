"""Holds a bank's file against ISO's schema with another tool than the house does: xmlschema, which is Python."""

from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
import xmlschema
from lxml import etree

SCHEMA = "pain.001.001.09"
SPACE = {"p": f"urn:iso:std:iso:20022:tech:xsd:{SCHEMA}"}


class PaymentRead(msgspec.Struct, frozen=True):
    id: str
    amount: str
    currency: str
    name: str
    iban: str


class FileRead(msgspec.Struct, frozen=True):
    message: str
    made_at: str
    execution: str
    count: str
    total: str
    name: str
    iban: str
    bic: str
    payments: list[PaymentRead]


@cache
def _schema() -> Any:
    return xmlschema.XMLSchema(files("sepaxml").joinpath(f"schemas/{SCHEMA}.xsd").read_text("utf-8"))


def holds(made: bytes) -> None:
    """Raises `XMLSchemaValidationError` when the file does not hold."""
    _schema().validate(made.decode())


def read_file(made: bytes) -> FileRead:
    document = etree.fromstring(made)

    def text(path: str, within: Any = document) -> str:
        (found,) = within.xpath(path, namespaces=SPACE)
        return str(found.text)

    assert text("//p:GrpHdr/p:NbOfTxs") == text("//p:PmtInf/p:NbOfTxs")
    assert text("//p:GrpHdr/p:CtrlSum") == text("//p:PmtInf/p:CtrlSum")
    return FileRead(
        message=text("//p:GrpHdr/p:MsgId"),
        made_at=text("//p:GrpHdr/p:CreDtTm"),
        execution=text("//p:ReqdExctnDt/p:Dt"),
        count=text("//p:GrpHdr/p:NbOfTxs"),
        total=text("//p:GrpHdr/p:CtrlSum"),
        name=text("//p:Dbtr/p:Nm"),
        iban=text("//p:DbtrAcct/p:Id/p:IBAN"),
        bic=text("//p:DbtrAgt//p:BICFI"),
        payments=[
            PaymentRead(
                id=text("p:PmtId/p:EndToEndId", each),
                amount=text("p:Amt/p:InstdAmt", each),
                currency=each.find("p:Amt/p:InstdAmt", SPACE).get("Ccy"),
                name=text("p:Cdtr/p:Nm", each),
                iban=text("p:CdtrAcct/p:Id/p:IBAN", each),
            )
            for each in document.iterfind(".//p:CdtTrfTxInf", SPACE)
        ],
    )
