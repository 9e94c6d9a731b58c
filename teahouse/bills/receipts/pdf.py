"""A receipt as PDF, with the code by which anybody verifies it at the house."""

from datetime import UTC, datetime
from typing import Final

import msgspec
import segno
from babel.dates import format_time

from teahouse.bills.payments.model import BillPayment
from teahouse.people.model import Person
from teahouse.wallet.model import Language
from teahouse.wallet.printing.sheet import ACCENT, GROUND, INK, LEFT, LINE, RIGHT, SOFT, Sheet

CODE_MM = 42.0


class Words(msgspec.Struct, frozen=True):
    title: str
    paid: str
    reversed: str
    to: str
    customer: str
    name: str
    bill: str
    by: str
    at: str
    reference: str
    number: str
    verify: str
    """`{house}`."""


WORDS: Final[dict[Language, Words]] = {
    "en": Words(
        title="Receipt",
        paid="Paid",
        reversed="Given back by the biller",
        to="To",
        customer="Customer",
        name="Name",
        bill="Bill",
        by="Paid by",
        at="Paid on (UTC)",
        reference="Biller's receipt",
        number="Payment",
        verify="Whoever scans this code sees at {house} whether this receipt is true, and whether the payment still "
        "stands.",
    ),
    "zh": Words(
        title="收据",
        paid="已缴",
        reversed="收费单位已退回",
        to="收费单位",
        customer="户号",
        name="户名",
        bill="账单",
        by="付款人",
        at="缴费时间（UTC）",
        reference="收费单位凭证号",
        number="付款编号",
        verify="扫描此码，可在{house}核实本收据的真伪，以及该笔付款是否仍然有效。",
    ),
    "ru": Words(
        title="Квитанция",
        paid="Оплачено",
        reversed="Возвращено поставщиком",
        to="Получатель",
        customer="Лицевой счёт",
        name="Имя",
        bill="Счёт",
        by="Плательщик",
        at="Оплачено (UTC)",
        reference="Квитанция поставщика",
        number="Платёж",
        verify="Кто отсканирует этот код, увидит на сайте «{house}», подлинна ли квитанция и действует ли платёж.",
    ),
}


def receipt_pdf(payment: BillPayment, payer: Person, house: str, url: str, language: Language) -> bytes:
    """Draw the receipt of a payment that was made. Not for the loop."""
    return _Receipt(payment, payer, house, url, language).drawn()


class _Receipt(Sheet):
    def __init__(self, payment: BillPayment, payer: Person, house: str, url: str, language: Language) -> None:
        super().__init__(language)
        self._payment = payment
        self._payer = self._text(payer.name) or f"@{payer.handle}"
        self._house = self._text(house) or "Teahouse"
        self._url = url
        self._words = WORDS[language]

    def drawn(self) -> bytes:
        pdf, words, payment = self._pdf, self._words, self._payment
        pdf.set_title(f"{words.title} {payment.id}")
        pdf.set_author(self._house)
        self._page()
        self._band(self._house, words.title)
        self._sum()
        for label, value in self._facts():
            if value:
                self._fact(label, value)
        self._code()
        return bytes(pdf.output())

    def _sum(self) -> None:
        payment, words, height = self._payment, self._words, 26.0
        self._pdf.set_fill_color(*GROUND)
        self._pdf.rect(LEFT, self._y, RIGHT - LEFT, height, style="F", round_corners=True, corner_radius=2.5)
        amount = f"{self._amount(payment.amount, payment.currency)} {payment.currency}"
        self._put(LEFT + 6, self._y + 5, words.reversed if payment.state == "reversed" else words.paid, 9, SOFT)
        self._put(LEFT + 6, self._y + 11.5, amount, 22, ACCENT, bold=True)
        self._y += height + 8

    def _facts(self) -> list[tuple[str, str]]:
        payment, words = self._payment, self._words
        at = datetime.fromtimestamp(payment.ended_at / 1000, UTC)
        return [
            (words.to, payment.biller.person.name),
            (words.customer, ", ".join(payment.customer.values())),
            (words.name, payment.name),
            (words.bill, payment.ref),
            (words.by, self._payer),
            (words.at, f"{self._date(at.date())}, {format_time(at, 'HH:mm', tzinfo=UTC, locale='en')}"),
            (words.reference, payment.reference),
            (words.number, payment.id),
        ]

    def _fact(self, label: str, value: str) -> None:
        self._put(LEFT, self._y, label, 9, SOFT)
        lines = self._wrapped(self._text(value), 10.5, 118)
        for line in lines:
            self._put(LEFT + 52, self._y - 0.4, line, 10.5, INK)
            self._y += 5.2
        self._y += 2.2
        self._rule(LINE, 0.15)
        self._y += 2.6

    def _code(self) -> None:
        """Draw the code from its modules, so that it is sharp at any size."""
        self._y += 6
        rows = list(segno.make(self._url, micro=False, error="m").matrix)
        module = CODE_MM / len(rows)
        self._pdf.set_fill_color(*INK)
        for y, row in enumerate(rows):
            for x, dark in enumerate(row):
                if dark:
                    self._pdf.rect(LEFT + x * module, self._y + y * module, module + 0.02, module + 0.02, style="F")
        left, top = LEFT + CODE_MM + 8, self._y
        for line in self._wrapped(self._words.verify.format(house=self._house), 9, RIGHT - left):
            self._put(left, top, line, 9, SOFT)
            top += 4.8
        self._put(left, top + 2, self._cut(self._url, 8, RIGHT - left), 8, ACCENT)
