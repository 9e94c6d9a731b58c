"""Billers without a server: their bills come as files, are paid, and what was paid leaves as files."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from teahouse.bills.connectors.model import Asked, NoSuchCustomer
from teahouse.bills.files import rules
from teahouse.bills.files.model import BillFile, ConfirmSettlement, MakeSettlement, Settlement, SettlementMade
from teahouse.clock import DAY_MS
from teahouse.commands import Signed
from teahouse.errors import Forbidden, TooLarge
from tests.bills.billing import Billing
from tests.merchants.house import MarketHouse, open_market, reopen_market
from tests.wallet.bank_file import holds, read_file
from tests.wallet.house import Payer

IBAN = "NL91ABNA0417164300"
BANK = {"bank_name": "Tea House", "bank_iban": "DE89 3704 0044 0532 0130 00", "bank_bic": "COBADEFFXXX"}
ANN, BEN = {"meter": "12345678"}, {"meter": "22345678"}
BILLS = """ref;meter;name;amount;due;period
2026-1;12345678;Ann Lee;42,00;2026-12-31;October
2026-2;12345678;Ann Lee;10.50;2027-01-31;November
2026-3;22345678;Ben Ott;7;;October
"""


@pytest.fixture
async def billing(tmp_path: Path) -> AsyncIterator[Billing]:
    async with open_market(tmp_path, **BANK) as market:
        yield await without_a_server(market)


async def without_a_server(market: MarketHouse, **fields: Any) -> Billing:
    """A town's water works, who send files."""
    billing = Billing(market)
    given = {"connector": "file", "accepts": "partial", "iban": IBAN, "settles_as": "pain.001", **fields}
    billing.biller = await billing.adds("water", url="", key_id="", public_key="", **given)
    return billing


async def takes(billing: Billing, text: str | bytes, name: str = "bills.csv") -> BillFile:
    data = text.encode() if isinstance(text, str) else text
    return await billing.bills.files.take(billing.market.operator, billing.biller, name, data)


async def pays(billing: Billing, payer: Payer, customer: dict[str, str], amount: int) -> str:
    """Fetch and pay; return the payment, which has ended."""
    paid = await billing.pays(payer, await billing.fetches(payer, customer), amount)
    await billing.works()
    return paid.payment.id


async def settles(billing: Billing) -> Settlement:
    made: SettlementMade = await billing.house.execute(billing.market.operator, MakeSettlement(biller=billing.biller))
    return made.settlement


async def file_of(billing: Billing, settlement: str) -> tuple[bytes, str, str]:
    return await billing.bills.files.settlement_file(billing.market.operator, settlement)


async def test_bills_come_as_csv_and_are_paid(billing: Billing) -> None:
    ann, ben = await billing.market.person("ann", 10_000), await billing.market.person("ben", 10_000)
    taken = await takes(billing, BILLS)
    assert (taken.format, taken.state, taken.bills, taken.faults) == ("csv", "taken", 3, ())

    bill = await billing.fetches(ann, ANN)
    assert (bill.ref, bill.amount, bill.least, bill.most) == ("2026-1", 4_200, 1, 4_200), "what is due first"
    assert [(line.label, line.value) for line in bill.lines] == [("period", "October")]
    assert "*" in bill.name
    first = await pays(billing, ann, ANN, 1_200)
    assert (await billing.payment(ann, first)).state == "paid"
    assert (await billing.fetches(ann, ANN)).amount == 3_000, "paid in part"
    await pays(billing, ann, ANN, 3_000)
    assert (await billing.fetches(ann, ANN)).ref == "2026-2"
    await pays(billing, ann, ANN, 1_050)
    assert (await billing.fetches(ann, ANN)).amount == 0, "nothing is due, and the customer is known"
    assert (await billing.fetches(ben, BEN)).amount == 700
    with pytest.raises(NoSuchCustomer):
        await billing.fetches(ben, {"meter": "99999999"})
    assert await billing.biller_has() == 5_250
    assert await billing.faults() == []


async def test_a_file_with_faults_is_refused_whole(billing: Billing) -> None:
    ann = await billing.market.person("ann")
    await takes(billing, BILLS)
    bad = """ref,meter,name,amount,due
2026-9,12345678,Ann,1.00,2026-12-31
2026-9,12345678,Ann,1.00,2026-12-31
2026-10,12,Ann,1.00,2026-12-31
2026-11,12345678,Ann,1.005,2026-12-31
2026-12,12345678,Ann,-1,2026-12-31
2026-13,12345678,Ann,0,2026-12-31
2026-14,12345678,Ann,1.00,31.12.2026
2026-15,12345678,Ann,1.00
"""
    refused = await takes(billing, bad)
    assert (refused.state, [fault.line for fault in refused.faults]) == ("refused", [4, 5, 6, 8, 9, 3, 7])
    assert (await billing.fetches(ann, ANN)).ref == "2026-1", "the file before it still holds"
    for nothing in (b"\xff\xfe", "ref,name\n1,Ann\n", "", "<html></html>"):
        with pytest.raises(rules.UnknownFile):
            await takes(billing, nothing)
    with pytest.raises(TooLarge):
        await takes(billing, b"x" * (rules.FILE_BYTES_MAX + 1))
    with pytest.raises(Forbidden):
        await billing.bills.files.take(ann.guest.signed, billing.biller, "x", BILLS.encode())
    files = await billing.bills.files.files(billing.market.operator, billing.biller)
    assert [file.state for file in files] == ["refused", "taken"]


async def test_a_newer_file_replaces_the_older_one(billing: Billing) -> None:
    ann = await billing.market.person("ann", 10_000)
    await takes(billing, BILLS)
    await pays(billing, ann, ANN, 1_200)
    # The biller does not know of the payment yet: its file still has the whole sum.
    newer = "ref,meter,name,amount,due\n2026-1,12345678,Ann Lee,42.00,2026-12-31\n"
    await takes(billing, newer)
    assert (await billing.fetches(ann, ANN)).amount == 3_000
    settlement = await settles(billing)
    await billing.house.execute(billing.market.operator, ConfirmSettlement(settlement=settlement.id))
    # Now its bank has booked it, and what a file says is what is left.
    await takes(billing, newer.replace("42.00", "30.00"))
    assert (await billing.fetches(ann, ANN)).amount == 3_000
    await takes(billing, "ref,meter,name,amount,due\n2026-8,22345678,Ben,1.00,\n")
    assert (await billing.fetches(ann, ANN)).amount == 0, "what the newest file does not have is open no more"


async def test_what_was_paid_leaves_as_pain_001(billing: Billing) -> None:
    ann = await billing.market.person("ann", 10_000)
    await takes(billing, BILLS)
    with pytest.raises(rules.NothingOwed):
        await settles(billing)
    first, second = await pays(billing, ann, ANN, 4_200), await pays(billing, ann, ANN, 1_050)
    settlement = await settles(billing)
    assert (settlement.amount, settlement.payments, settlement.state) == (5_250, 2, "made")
    assert await billing.biller_has() == 0
    assert await billing.market.account_sum("bank_clearing") == 5_250
    body, name, kind = await file_of(billing, settlement.id)
    assert (name, kind) == (f"pain.001-{settlement.id}.xml", "application/xml")
    holds(body)
    read = read_file(body)
    assert (read.count, read.total) == ("2", "52.50")
    assert [(each.id, each.amount, each.iban) for each in read.payments] == [
        (first, "42.00", IBAN),
        (second, "10.50", IBAN),
    ]
    assert b"2026-1 12345678" in body
    assert body == (await file_of(billing, settlement.id))[0], "the same whenever it is made"
    with pytest.raises(rules.NothingOwed):
        await settles(billing)
    confirmed: SettlementMade = await billing.house.execute(
        billing.market.operator, ConfirmSettlement(settlement=settlement.id)
    )
    assert confirmed.settlement.state == "settled"
    with pytest.raises(Forbidden):
        await ann.does(ConfirmSettlement(settlement=settlement.id))
    assert await billing.faults() == []


async def test_what_was_paid_leaves_as_csv_every_day(tmp_path: Path) -> None:
    async with open_market(tmp_path) as market:
        billing = await without_a_server(market, settles="daily", settles_as="csv")
        ann = await market.person("ann", 10_000)
        await takes(billing, BILLS)
        await pays(billing, ann, ANN, 4_200)
        market.passes(2 * 60_000)
        await market.wallet.due.sweep()
        first = (await billing.bills.files.settlements(market.operator, billing.biller))[0]
        assert (first.amount, first.format) == (4_200, "csv")
        await pays(billing, ann, ANN, 1_050)
        market.passes(2 * 60_000)
        await market.wallet.due.sweep()
        assert len(await billing.bills.files.settlements(market.operator, billing.biller)) == 1, "once a day"
        market.passes(DAY_MS)
        await market.wallet.due.sweep()
        second = (await billing.bills.files.settlements(market.operator, billing.biller))[0]
        assert second.amount == 1_050
        body, _, kind = await file_of(billing, second.id)
        rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
        assert kind == "text/csv"
        assert (rows[0]["ref"], rows[0]["customer"], rows[0]["amount"]) == ("2026-2", "12345678", "10.50")
        assert (rows[-1]["payment"], rows[-1]["amount"]) == ("total", "10.50")
    async with reopen_market(tmp_path) as market:
        operator = Signed("operator", "", is_operator=True)
        again = await market.bills.files.settlement_file(operator, second.id)
        assert again[0] == body


PAIN_013 = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.013.001.07"><CdtrPmtActvtnReq>
<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-11-26T10:00:00</CreDtTm><NbOfTxs>1</NbOfTxs>
<InitgPty><Nm>Water works</Nm></InitgPty></GrpHdr>
<PmtInf><PmtInfId>P1</PmtInfId><PmtMtd>TRF</PmtMtd><ReqdExctnDt><Dt>2026-12-31</Dt></ReqdExctnDt>
<Dbtr><Nm>Ann Lee</Nm><Id><PrvtId><Othr><Id>12345678</Id></Othr></PrvtId></Id></Dbtr>
<DbtrAgt><FinInstnId><BICFI>ABNANL2A</BICFI></FinInstnId></DbtrAgt>
<CdtTrfTx><PmtId><EndToEndId>2026-1</EndToEndId></PmtId><Amt><InstdAmt Ccy="EUR">42.00</InstdAmt></Amt>
<ChrgBr>SLEV</ChrgBr><CdtrAgt><FinInstnId><BICFI>ABNANL2A</BICFI></FinInstnId></CdtrAgt>
<Cdtr><Nm>Water works</Nm></Cdtr><RmtInf><Ustrd>October</Ustrd></RmtInf></CdtTrfTx></PmtInf>
</CdtrPmtActvtnReq></Document>"""

CAMT_053 = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>S1</MsgId><CreDtTm>2026-11-27T10:00:00</CreDtTm></GrpHdr>
<Stmt><Id>1</Id><CreDtTm>2026-11-27T10:00:00</CreDtTm><Acct><Id><IBAN>NL91ABNA0417164300</IBAN></Id></Acct>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">42.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>2026-11-27</Dt></Dt></Bal>
<Ntry><Amt Ccy="EUR">12.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BkTxCd><Prtry><Cd>X</Cd></Prtry></BkTxCd>
<NtryDtls><TxDtls><Refs><EndToEndId>2026-1</EndToEndId></Refs><Amt Ccy="EUR">12.00</Amt>
<CdtDbtInd>CRDT</CdtDbtInd></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">9.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BkTxCd><Prtry><Cd>X</Cd></Prtry></BkTxCd>
<NtryDtls><TxDtls><Refs><EndToEndId>2026-1</EndToEndId></Refs><Amt Ccy="EUR">9.00</Amt>
<CdtDbtInd>DBIT</CdtDbtInd></TxDtls></NtryDtls></Ntry>
</Stmt></BkToCstmrStmt></Document>"""


async def test_bills_come_as_pain_013_and_what_was_paid_elsewhere_as_camt_053(billing: Billing) -> None:
    ann = await billing.market.person("ann", 10_000)
    taken = await takes(billing, PAIN_013, "bills.xml")
    assert (taken.format, taken.state, taken.bills) == ("pain.013", "taken", 1)
    bill = await billing.fetches(ann, ANN)
    assert (bill.ref, bill.amount, bill.lines[0].value) == ("2026-1", 4_200, "October")
    assert bill.due_at > 0

    booked = await takes(billing, CAMT_053, "statement.xml")
    assert (booked.format, booked.state, booked.bills) == ("camt.053", "taken", 1), "what went out is none of ours"
    assert (await billing.fetches(ann, ANN)).amount == 3_000


@pytest.mark.parametrize(
    "broken",
    [
        PAIN_013.replace("<Nm>Ann Lee</Nm>", "<Nm>Ann Lee</Nm><Odd>1</Odd>"),
        PAIN_013.replace("</CdtTrfTx>", ""),
        PAIN_013.replace('<?xml version="1.0" encoding="UTF-8"?>', '<!DOCTYPE x [<!ENTITY a "b">]>'),
        PAIN_013.replace("013.001.07", "013.001.99"),
    ],
)
async def test_xml_that_does_not_hold_is_refused(billing: Billing, broken: str) -> None:
    with pytest.raises(rules.UnknownFile):
        await takes(billing, broken)


async def test_a_pain_013_says_what_is_wrong_with_its_bills(billing: Billing) -> None:
    other = PAIN_013.replace('Ccy="EUR"', 'Ccy="USD"')
    assert (await takes(billing, other)).faults[0].why == "the currency is not EUR"
    nobody = PAIN_013.replace("<Id>12345678</Id>", "<Id>12</Id>")
    assert (await takes(billing, nobody)).state == "refused"


async def test_a_payment_that_left_is_not_called_back(billing: Billing) -> None:
    ann = await billing.market.person("ann", 10_000)
    await takes(billing, BILLS)
    payment = await pays(billing, ann, ANN, 4_200)
    connector = billing.bills.payments.connectors["file"]
    reach = billing.bills.directory.reach(await billing.house.store.read(billing.bills.directory.row, billing.biller))
    asked = Asked(id=payment, ref="2026-1", customer=ANN, amount=4_200, currency="EUR", at=0)
    assert (await connector.status(reach, payment)).state == "paid"
    assert (await connector.pay(reach, asked)).state == "paid", "told again, it is the same payment"
    assert (await billing.fetches(ann, ANN)).ref == "2026-2"
    await settles(billing)
    assert (await connector.reverse(reach, asked)).state == "refused"
    assert (await connector.status(reach, "aaaaaaaaaaaaaaaa")).state == "unknown"
