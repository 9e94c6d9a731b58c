"""The wallet: what clients may ask and what they are told. Each room of the wallet keeps its own rows beside these."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from teahouse.commands import Command, Id, Result
from teahouse.events import Event
from teahouse.money import Currency, Money
from teahouse.people.model import Credential, Person

Key = Annotated[
    str,
    Meta(
        min_length=8,
        max_length=36,
        pattern=r"^[A-Za-z0-9_-]+$",
        description="Idempotency key, chosen by the client and best time-ordered (UUIDv7): the same key with the same "
        "body returns the first answer, with another body it is refused (`key_reused`).",
    ),
]
Note = Annotated[str, Meta(max_length=140)]
Pin = Annotated[str, Meta(pattern=r"^[0-9]{6}$", description="The payment PIN: six digits.")]
Approval = Annotated[
    str,
    Meta(
        max_length=64,
        description="From `POST /wallet/approvals`: that the person said yes to this sum, by PIN or passkey.",
    ),
]
RealName = Annotated[str, Meta(min_length=2, max_length=80)]
Level = Annotated[
    int, Meta(ge=0, le=2, description="Of verification. 0: none, 1: gave a real name, 2: shown to a cashier.")
]

EntryKind = Literal[
    "other",
    "payment",
    "contact",
    "packet",
    "packet_share",
    "packet_return",
    "cash_in",
    "cash_out",
    "card_in",
    "card_refund",
    "bank_out",
    "bank_return",
    "fee",
    "correction",
    "cash_difference",
    "bill",
    "coupon",
    "call",
    "merchant",
    "refund",
]


# --- the wallet itself ----------------------------------------------------------------------------


class Balance(msgspec.Struct, frozen=True):
    currency: Currency
    balance: int
    """Minor units: what is the person's."""
    available: int
    """What may be spent now: the balance less what is held for payments under way."""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a person's history."""

    number: int
    """The transfer's number in the ledger."""
    at: int
    kind: EntryKind
    state: Literal["moved", "held", "returned"]
    """`held`: set aside, as long as the other side has not accepted; `returned`: it came back."""
    amount: int
    """Minor units; negative when it went out."""
    currency: Currency
    balance: int
    """After it."""
    subject: str = ""
    """The id of the payment, packet, receipt … it belongs to."""
    other: str = ""
    """The other person's id, if there is one (people are listed beside)."""
    note: str = ""
    chat: str = ""
    seq: int = 0
    """The message it was sent with, if there is one."""


class EntryPage(msgspec.Struct, frozen=True):
    """Newest first. `next` goes into `before` for older ones; 0: there are none."""

    entries: tuple[Entry, ...]
    people: tuple[Person, ...]
    next: int


class SpendingLimits(msgspec.Struct, frozen=True):
    """Of one level of verification, in one currency."""

    level: int
    currency: Currency
    payment_max: int
    day_max: int
    balance_max: int


class Wallet(msgspec.Struct, frozen=True):
    """A person's own wallet."""

    balances: tuple[Balance, ...]
    """The house's currencies, its main one first."""
    has_pin: bool
    pin_locked_until: int
    passkeys: int
    """Passkeys can approve payments too."""
    level: int
    real_name: str
    accept_at_once: bool
    """Transfers from contacts are accepted without asking."""
    limits: tuple[SpendingLimits, ...]
    """Of one's level."""
    spent_today: tuple[Money, ...]
    cashier: bool
    card_top_up: bool
    """Whether the house takes cards."""
    bank_pay_out: bool
    waiting: tuple["Charge", ...]
    """Charges that wait for one's yes."""


class WalletSettings(Command, frozen=True, tag="wallet.set"):
    accept_at_once: bool | UnsetType = UNSET
    real_name: RealName | UnsetType = UNSET
    """May be changed as long as no cashier has verified it."""


class Payee(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whom one is about to pay, to confirm."""

    person: Person
    masked_name: str = ""
    """The real name with most letters hidden, `A*** L*******`; empty when they gave none."""
    verified: bool = False
    amount: int = 0
    """Asked for by a code; 0: the payer says."""
    currency: str = ""
    note: str = ""
    code: str = ""
    """The receive code it came from."""


# --- the guard: PIN, approvals, levels, looks -----------------------------------------------------


class SetPin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first PIN, or another: with `current`, or (forgotten) with the account's password or a passkey (`ceremony`
    and `credential`, after `POST /me/proof/options`)."""

    pin: Pin
    current: Pin | UnsetType = UNSET
    password: Annotated[str, Meta(max_length=256)] | UnsetType = UNSET
    ceremony: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    credential: Credential | UnsetType = UNSET


class Approve(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say yes to a sum, with the PIN or with a passkey (`ceremony` and `credential`, after
    `POST /wallet/approvals/passkey`). `uses` above 1 is for programs that pay many times: together at most `amount`."""

    amount: Money
    pin: Pin | UnsetType = UNSET
    ceremony: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    credential: Credential | UnsetType = UNSET
    uses: Annotated[int, Meta(ge=1, le=1_000_000)] = 1


class Approved(msgspec.Struct, frozen=True):
    approval: str
    expires_at: int


class Look(msgspec.Struct, frozen=True):
    """That an operator or cashier looked at one's wallet."""

    at: int
    by: Person
    what: str
    """`balance`, `history`, `statement`, `verification`, `receipt`, `withdrawal`."""


class Looks(msgspec.Struct, frozen=True):
    looks: tuple[Look, ...]


class ChangeLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Operators only: the limits of all levels in one currency."""

    limits: Annotated[tuple[SpendingLimits, ...], Meta(min_length=3, max_length=3)]


class Cashiers(msgspec.Struct, frozen=True):
    people: tuple[Person, ...]


# --- payments: to a person, within a chat or by code ----------------------------------------------


class Pay(Command, frozen=True, tag="wallet.pay"):
    """Pay somebody at once (by their receive code, or a contact). Hot."""

    key: Key
    to: Id
    amount: Money
    approval: Approval
    note: Note = ""
    code: Annotated[str, Meta(max_length=64)] = ""
    """The receive code that was scanned: then they need not be a contact."""


class Paid(Result, frozen=True):
    payment: str
    at: int
    available: int
    """What is left to spend, in minor units."""


class SendTransfer(Command, frozen=True, tag="transfer.send"):
    """Send money within a chat to one of its members. It is held until they accept, a day at most."""

    key: Key
    chat: Id
    to: Id
    amount: Money
    approval: Approval
    note: Note = ""


class TransferSent(Result, frozen=True):
    payment: str
    chat: str
    seq: int
    state: Literal["waiting", "accepted"]
    available: int


class AcceptTransfer(Command, frozen=True, tag="transfer.accept"):
    payment: Id


class ReturnTransfer(Command, frozen=True, tag="transfer.return"):
    """By the payee: it goes back."""

    payment: Id


class Payment(msgspec.Struct, frozen=True, omit_defaults=True):
    """A payment or transfer, for its two sides."""

    id: str
    payer: Person
    payee: Person
    amount: int
    currency: str
    at: int
    state: Literal["waiting", "accepted", "returned", "expired", "paid"]
    note: str = ""
    settled_at: int = 0
    expires_at: int = 0
    chat: str = ""
    seq: int = 0
    charge: str = ""


class PayCode(msgspec.Struct, frozen=True):
    """What the payer shows: good once, for a minute."""

    code: str
    """Eighteen digits, for a QR code or to be read aloud."""
    expires_at: int


class MakeCharge(Command, frozen=True, tag="charge.make"):
    """By the payee, who scanned a pay code: the payer is asked to say yes on their device."""

    key: Key
    code: Annotated[str, Meta(pattern=r"^[0-9]{18}$")]
    amount: Money
    note: Note = ""


class Charge(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    payee: Person
    payer: Person
    amount: int
    currency: str
    state: Literal["waiting", "paid", "declined", "expired"]
    expires_at: int
    note: str = ""
    masked_name: str = ""
    """The payee's."""
    cash: bool = False
    """A cashier pays this out in cash."""


class ChargeMade(Result, frozen=True):
    charge: Charge


class PayCharge(Command, frozen=True, tag="charge.pay"):
    charge: Id
    approval: Approval


class DeclineCharge(Command, frozen=True, tag="charge.decline"):
    charge: Id


class ReceiveCode(msgspec.Struct, frozen=True):
    """A code that others pay into. `qr` is EMVCo merchant-presented text; `url` opens the same in a browser."""

    code: str
    qr: str
    url: str
    amount: int = 0
    currency: str = ""
    note: str = ""


class MakeReceiveCode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """With an amount it asks for just that; without, it is one's fixed code."""

    amount: Money | UnsetType = UNSET
    note: Note = ""


class ReadCode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a scanner read: an EMVCo text or a receive code's URL. Answered with `Payee`."""

    text: Annotated[str, Meta(min_length=1, max_length=1024)]


# --- red packets ----------------------------------------------------------------------------------


class SendPacket(Command, frozen=True, tag="packet.send"):
    """Drop a red packet into a chat: `count` shares of `amount` in all, equal or by luck. In a direct chat, or with
    `to`, it is for one person."""

    key: Key
    chat: Id
    amount: Money
    approval: Approval
    count: Annotated[int, Meta(ge=1, le=500)] = 1
    split: Literal["equal", "lucky"] = "lucky"
    to: Id | UnsetType = UNSET
    greeting: Annotated[str, Meta(max_length=60)] = ""


class PacketSent(Result, frozen=True):
    packet: str
    chat: str
    seq: int
    available: int


class OpenPacket(Command, frozen=True, tag="packet.open"):
    """Hot. Opening again returns the same share."""

    packet: Id


class PacketOpened(Result, frozen=True):
    amount: int
    """One's share."""
    currency: str
    opened: int
    count: int


class PacketShare(msgspec.Struct, frozen=True):
    person: Person
    amount: int
    at: int


class Packet(msgspec.Struct, frozen=True, omit_defaults=True):
    """A red packet with who opened it, for those who may open it."""

    id: str
    sender: Person
    chat: str
    seq: int
    at: int
    amount: int
    currency: str
    count: int
    split: Literal["equal", "lucky"]
    state: Literal["open", "empty", "returned"]
    greeting: str
    expires_at: int
    shares: tuple[PacketShare, ...]
    """In the order of opening."""
    mine: int = 0
    """One's own share, 0 for none."""
    best: str = ""
    """Who had the best luck, once a lucky one is empty."""
    to: str = ""
    returned: int = 0
    """What went back after a day."""


# --- cash desk ------------------------------------------------------------------------------------


class TopUpCash(Command, frozen=True, tag="cash.top_up"):
    """By a cashier who has the money in hand. Above the operator's limit a second cashier confirms it."""

    key: Key
    person: Id
    amount: Money
    note: Note = ""


class PayOutCash(Command, frozen=True, tag="cash.pay_out"):
    """By a cashier, with the pay code that the person shows: the person says yes on their device, then the cashier
    hands out the money. Above the limit a second cashier confirms it first."""

    key: Key
    code: Annotated[str, Meta(pattern=r"^[0-9]{18}$")]
    amount: Money
    note: Note = ""


class ConfirmCash(Command, frozen=True, tag="cash.confirm"):
    """By another cashier than the one who began it."""

    operation: Id


class RefuseCash(Command, frozen=True, tag="cash.refuse"):
    operation: Id


class CloseDay(Command, frozen=True, tag="cash.close"):
    """The end of one's day at the desk: what was counted in the drawer, against what the ledger says. A difference is
    posted to the house's account for differences. `take` of it goes to the safe, the rest stays for tomorrow."""

    key: Key
    counted: Annotated[int, Meta(ge=0, le=10**13)]
    currency: Currency
    note: Note = ""
    take: Annotated[int, Meta(ge=-(10**13), le=10**13)] = 0
    """Negative: so much comes from the safe into the drawer."""


class CashOperation(msgspec.Struct, frozen=True, omit_defaults=True):
    """What happened at a desk: also its receipt."""

    id: str
    receipt: int
    """Receipt number, 1, 2, 3 … of the house; 0 while it is not done."""
    kind: Literal["in", "out"]
    cashier: Person
    person: Person
    amount: int
    currency: str
    at: int
    state: Literal["confirm", "approve", "done", "refused", "expired"]
    """`confirm`: waits for a second cashier; `approve`: waits for the person."""
    note: str = ""
    second: Person | None = None


class CashDone(Result, frozen=True):
    operation: CashOperation


class DayClosing(msgspec.Struct, frozen=True):
    id: str
    cashier: Person
    at: int
    currency: str
    opening: int
    taken_in: int
    paid_out: int
    expected: int
    counted: int
    difference: int
    note: str
    to_safe: int = 0
    """What of it went to the safe (negative: came from there)."""


class DayClosed(Result, frozen=True):
    closing: DayClosing


class Desk(msgspec.Struct, frozen=True):
    """A cashier's desk: what the ledger says is in the drawer, today's operations, what waits for a second cashier."""

    drawers: tuple[Money, ...]
    operations: tuple[CashOperation, ...]
    waiting: tuple[CashOperation, ...]
    closings: tuple[DayClosing, ...]
    confirm_above: tuple[Money, ...]


class Customer(msgspec.Struct, frozen=True):
    """A person as a cashier sees them; every such look is told to the person."""

    person: Person
    real_name: str
    level: int
    balances: tuple[Balance, ...]


class VerifyPerson(Command, frozen=True, tag="wallet.verify"):
    """By a cashier who saw a document: sets the real name and level 2; `level` 1 takes that back."""

    person: Id
    level: Level
    real_name: RealName | UnsetType = UNSET


# --- card and bank --------------------------------------------------------------------------------


class StartCardTopUp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    key: Key
    amount: Money


class CardTopUp(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    amount: int
    currency: str
    at: int
    state: Literal["started", "paid", "failed", "refunded"]
    url: str = ""
    """Where to pay, while it is `started`."""
    refunded: int = 0


class Withdraw(Command, frozen=True, tag="bank.withdraw"):
    """Have money paid to a bank account. It is held until the operator's bank has executed it."""

    key: Key
    amount: Money
    iban: Annotated[str, Meta(min_length=15, max_length=42)]
    name: Annotated[str, Meta(min_length=1, max_length=70)]
    approval: Approval


class Withdrawn(Result, frozen=True):
    withdrawal: "Withdrawal"


class CancelWithdrawal(Command, frozen=True, tag="bank.cancel"):
    """As long as it is in no file."""

    withdrawal: Id


class Withdrawal(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    amount: int
    currency: str
    iban: str
    """Masked but for its country and last four digits; the bank's file alone has it whole."""
    name: str
    """In the letters that every bank takes."""
    at: int
    state: Literal["waiting", "in_file", "paid", "rejected", "cancelled"]
    reason: str = ""


class BankFile(msgspec.Struct, frozen=True):
    """A batch of withdrawals as one ISO 20022 `pain.001` file."""

    id: str
    at: int
    count: int
    total: int
    currency: str
    state: Literal["made", "settled"]
    withdrawals: tuple[Withdrawal, ...]
    """In the list of files, of those that are not settled; else empty."""


class MakeBankFile(Command, frozen=True, tag="bank.make_file"):
    """Operators only: put all that waits into a new file."""

    key: Key
    currency: Currency


class BankFileMade(Result, frozen=True):
    file: BankFile


class SettleBankFile(Command, frozen=True, tag="bank.settle"):
    """Operators only: the bank executed the file, but for those `rejected`, which go back."""

    file: Id
    rejected: Annotated[tuple[Id, ...], Meta(max_length=5000)] = ()
    reason: Note = ""


# --- statements -----------------------------------------------------------------------------------


class Statement(msgspec.Struct, frozen=True):
    """One month of one account, for a page, CSV and PDF. Month by the house's time zone (UTC)."""

    month: str
    """`2026-11`."""
    currency: Currency
    opening: int
    closing: int
    total_in: int
    total_out: int
    entries: tuple[Entry, ...]
    """What moved, oldest first: the first 5,000."""
    people: tuple[Person, ...]
    more: int = 0
    """Entries that are not listed here (the CSV has up to 100,000); the sums count them too."""


class SpendingBar(msgspec.Struct, frozen=True):
    month: str
    total_in: int
    total_out: int
    by_kind: dict[str, int]
    """What went out, by kind of entry."""


class Spending(msgspec.Struct, frozen=True):
    currency: Currency
    months: tuple[SpendingBar, ...]
    """The last twelve, oldest first."""


# --- events (told to one's own devices; `GET /wallet` reads the same again) ------------------------


class WalletChanged(Event, frozen=True, tag="wallet.changed"):
    """Money moved in or out of one's wallet, or its settings changed."""

    balance: Balance | None = None
    entry: Entry | None = None


class ChargeChanged(Event, frozen=True, tag="charge.changed"):
    """For both sides of a charge."""

    charge: Charge


class CashChanged(Event, frozen=True, tag="cash.changed"):
    """For the cashiers and the person of a cash operation."""

    operation: CashOperation
