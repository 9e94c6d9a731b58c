"""Receipts: a PDF with a code, and the house says to anybody whether it is true."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pypdfium2
import pytest

from teahouse.bills.receipts import rules
from teahouse.errors import NotFound
from teahouse.wallet.model import Language
from tests.bills.billing import Billing, ScriptedBiller
from tests.merchants.house import open_market


@pytest.fixture
async def billing(tmp_path: Path) -> AsyncIterator[Billing]:
    async with open_market(tmp_path, url="https://tea.example") as market:
        opened = Billing(market)
        opened.uses(ScriptedBiller())
        opened.biller = await opened.adds()
        yield opened


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    assert len(document) == 1
    return str(document[0].get_textpage().get_text_range())


@pytest.mark.parametrize(("language", "title"), [("en", "Receipt"), ("zh", "收据"), ("ru", "Квитанция")])
async def test_a_receipt_says_what_was_paid_and_is_verified_by_anybody(
    billing: Billing, language: Language, title: str
) -> None:
    ann = await billing.market.person("ann", 10_000)
    paid = await billing.pays(ann, await billing.fetches(ann))
    with pytest.raises(rules.NotPaid):
        await billing.bills.receipts.pdf(ann.guest.signed, paid.payment.id, language)
    assert (await billing.payment(ann, paid.payment.id)).receipt == ""
    await billing.works()

    ended = await billing.payment(ann, paid.payment.id)
    path = ended.receipt
    assert path.startswith("/v/")
    text = text_of(await billing.bills.receipts.pdf(ann.guest.signed, ended.id, language))
    for said in (title, "City Power", "****5678", "Ann", ended.reference, ended.id, f"tea.example{path}"):
        assert said in text.replace("\r\n", ""), said
    checked = await billing.bills.receipts.check(path.removeprefix("/v/"))
    assert (checked.biller, checked.amount, checked.currency) == ("City Power", 4_200, "EUR")
    assert (checked.customer, checked.name, checked.number) == ("****5678", ended.name, ended.id)
    assert not checked.reversed


async def test_forged_receipts_are_none(billing: Billing) -> None:
    ann, ben = await billing.market.person("ann", 10_000), await billing.market.person("ben")
    paid = await billing.pays(ann, await billing.fetches(ann))
    await billing.works()
    token = (await billing.payment(ann, paid.payment.id)).receipt.removeprefix("/v/")
    other = token[:-1] + ("a" if token[-1] != "a" else "b")
    for forged in (other, token[:16], "a" * 32, token + "a", "ä" * 20):
        with pytest.raises(rules.NoSuchReceipt):
            await billing.bills.receipts.check(forged)
    with pytest.raises(NotFound):
        await billing.bills.receipts.pdf(ben.guest.signed, paid.payment.id, "en")
