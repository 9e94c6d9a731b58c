"""The words of a printed statement, in the languages of the client."""

from typing import Final

import msgspec

from teahouse.wallet.model import EntryKind, Language


class Words(msgspec.Struct, frozen=True):
    title: str
    period: str
    account: str
    currency: str
    made: str
    opening: str
    closing: str
    total_in: str
    total_out: str
    date: str
    details: str
    amount: str
    balance: str
    nothing: str
    more: str
    """`{count}`."""
    page: str
    """`{page}`, `{pages}`."""
    fine_print: str
    """`{house}`."""
    kinds: dict[EntryKind, str]


WORDS: Final[dict[Language, Words]] = {
    "en": Words(
        title="Account statement",
        period="Period",
        account="Account of",
        currency="Currency",
        made="Made on",
        opening="Opening balance",
        closing="Closing balance",
        total_in="Money in",
        total_out="Money out",
        date="Date",
        details="Details",
        amount="Amount",
        balance="Balance",
        nothing="Nothing came or went in this period.",
        more="Further entries that are not listed here: {count}. The CSV file has them.",
        page="Page {page} of {pages}",
        fine_print="Made by {house} from its ledger. Dates and times are in UTC. What is set aside for payments that "
        "were not accepted yet is part of the balance.",
        kinds={
            "other": "Other",
            "payment": "Payment",
            "contact": "Transfer",
            "packet": "Red packet sent",
            "packet_share": "Red packet opened",
            "packet_return": "Red packet returned",
            "cash_in": "Cash deposit",
            "cash_out": "Cash withdrawal",
            "card_in": "Top-up by card",
            "card_refund": "Card refund",
            "bank_out": "Bank transfer",
            "bank_return": "Bank transfer returned",
            "fee": "Fee",
            "correction": "Correction",
            "cash_difference": "Cash difference",
            "bill": "Bill",
            "coupon": "Coupon",
            "call": "Phone call",
            "merchant": "Merchant payment",
            "refund": "Refund",
            "take_out": "Taken out of a shop",
            "settlement": "Settlement",
            "split": "Shared costs",
        },
    ),
    "zh": Words(
        title="账户对账单",
        period="账期",
        account="账户所有人",
        currency="币种",
        made="生成日期",
        opening="期初余额",
        closing="期末余额",
        total_in="收入",
        total_out="支出",
        date="日期",
        details="摘要",
        amount="金额",
        balance="余额",
        nothing="本账期内没有收支。",
        more="另有 {count} 笔未在此列出，请见 CSV 文件。",
        page="第 {page} 页，共 {pages} 页",
        fine_print="由{house}依据其账本生成。日期和时间为协调世界时（UTC）。尚未被接受的付款所冻结的金额仍计入余额。",
        kinds={
            "other": "其他",
            "payment": "付款",
            "contact": "转账",
            "packet": "发出红包",
            "packet_share": "领取红包",
            "packet_return": "红包退回",
            "cash_in": "现金存入",
            "cash_out": "现金取出",
            "card_in": "银行卡充值",
            "card_refund": "银行卡退款",
            "bank_out": "提现到银行",
            "bank_return": "提现退回",
            "fee": "手续费",
            "correction": "更正",
            "cash_difference": "现金差额",
            "bill": "账单缴费",
            "coupon": "优惠券",
            "call": "电话",
            "merchant": "商户付款",
            "refund": "退款",
            "take_out": "店铺提现",
            "settlement": "结算",
            "split": "分摊费用",
        },
    ),
    "ru": Words(
        title="Выписка по счёту",
        period="Период",
        account="Владелец счёта",
        currency="Валюта",
        made="Составлена",
        opening="Входящий остаток",
        closing="Исходящий остаток",
        total_in="Поступления",
        total_out="Списания",
        date="Дата",
        details="Описание",
        amount="Сумма",
        balance="Остаток",
        nothing="За этот период операций не было.",
        more="Операций, не вошедших в список: {count}. Они есть в файле CSV.",
        page="Страница {page} из {pages}",
        fine_print="Составлено: {house}, по данным своей книги счетов. Дата и время указаны по UTC. Суммы, отложенные "
        "для ещё не принятых платежей, входят в остаток.",
        kinds={
            "other": "Прочее",
            "payment": "Платёж",
            "contact": "Перевод",
            "packet": "Отправлен красный конверт",
            "packet_share": "Открыт красный конверт",
            "packet_return": "Возврат красного конверта",
            "cash_in": "Внесение наличных",
            "cash_out": "Выдача наличных",
            "card_in": "Пополнение картой",
            "card_refund": "Возврат на карту",
            "bank_out": "Перевод в банк",
            "bank_return": "Возврат банковского перевода",
            "fee": "Комиссия",
            "correction": "Исправление",
            "cash_difference": "Расхождение кассы",
            "bill": "Счёт",
            "coupon": "Купон",
            "call": "Звонок",
            "merchant": "Оплата продавцу",
            "refund": "Возврат",
            "take_out": "Выведено из магазина",
            "settlement": "Расчёт",
            "split": "Общие расходы",
        },
    ),
}
