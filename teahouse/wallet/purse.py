"""What every room of the wallet shares: whose account is which, who is told that money moved, and which currencies the
house has. Built once; handed to each room with the ledger and the guard."""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec
import sqlalchemy as sa

from teahouse.chat.cards import Cards
from teahouse.commands import Actor
from teahouse.errors import Conflict, Refusal
from teahouse.house import House
from teahouse.money import Money
from teahouse.people.service import PeopleService
from teahouse.storage.transaction import Tx
from teahouse.wallet.guard.model import SpendingLimits
from teahouse.wallet.ledger.books import AccountState
from teahouse.wallet.ledger.ledger import Ledger
from teahouse.wallet.ledger.model import AccountKind, Purpose
from teahouse.wallet.model import Balance, Entry, WalletChanged
from teahouse.wallet.printing.press import Press


class HouseMoney(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def currencies(self) -> tuple[str, ...]:
        """ISO 4217 codes, the main one first; none: the house has no wallet."""

    @property
    def country(self) -> str:
        """ISO 3166-1 alpha-2, for codes that other readers parse."""

    @property
    def cash_confirm_above(self) -> int:
        """Minor units of the main currency: above it, a second cashier confirms."""


class Operator(Protocol):
    """The room that keeps the house's settings."""

    @property
    def settings(self) -> HouseMoney: ...


class Standing(msgspec.Struct, frozen=True):
    """How a person stands with the wallet."""

    level: int = 0
    real_name: str = ""
    accept_at_once: bool = False
    """Transfers from contacts are accepted without asking."""
    has_pin: bool = False
    locked_until: int = 0
    """Until when the PIN is locked, Unix ms."""

    @property
    def verified(self) -> bool:
        """A cashier saw a document with the real name."""
        return self.level == 2


class Guard(Protocol):
    """Who may spend how much, and who sees it. What takes a `Tx` is called in the writer's thread."""

    def may_spend(self, tx: Tx, actor: Actor, money: Money, approval: str) -> None:
        """Refuse what `spend` would refuse; change nothing. Before `has_room`: without a yes nobody learns how full
        another's wallet is."""

    def spend(self, tx: Tx, actor: Actor, money: Money, approval: str) -> None:
        """Take the approval and count the sum to the day's. Raises `ApprovalNeeded`, `LimitExceeded`. What it changed
        in memory it undoes when the command is rolled back. A hot command is not rolled back when it is refused: there
        call it last, when nothing else can refuse."""

    def agree(self, tx: Tx, actor: Actor, money: Money, approval: str) -> None:
        """Take the approval of a sum that will be spent later, and each time (autopay); it counts to no day's sum yet.
        Raises `ApprovalNeeded`, `LimitExceeded`."""

    def spend_agreed(self, tx: Tx, person: str, money: Money) -> None:
        """Count a sum to the day's that the person agreed to before (autopay). Raises `LimitExceeded`."""

    def unspend(self, tx: Tx, person: str, money: Money, at: int) -> None:
        """A payment of the instant `at` (Unix ms) came back: it counts no more to its day's sum."""

    def has_room(self, tx: Tx, person: str, money: Money, held: int = 0) -> None:
        """Raises `WalletFull` when the person's balance would grow above their level's `balance_max`. What is held for
        them counts; `held` of it is part of this sum already."""

    def standing(self, tx: Tx, person: str) -> Standing:
        """From memory."""

    def state_of(self, connection: sa.Connection, person: str) -> Standing:
        """From the store, on any thread."""

    def masked(self, real_name: str) -> str:
        """Hide most of a real name: `A*** L*******`; of an empty one nothing is left."""

    def limits_at(self, connection: sa.Connection, level: int) -> tuple[SpendingLimits, ...]:
        """Of one level, in each of the house's currencies."""

    def spent_today(self, connection: sa.Connection, person: str) -> tuple[Money, ...]:
        """In each currency in which they spent any."""

    def is_cashier(self, connection: sa.Connection, person: str) -> bool: ...

    def cashier_ids(self, connection: sa.Connection) -> list[str]: ...

    def note_look(self, tx: Tx, person: str, by: str, what: str) -> None:
        """Write down that an operator or cashier looks at a person's wallet, before they see it, and tell the person.
        `what` is one of `Look.what`."""


class Described(msgspec.Struct, frozen=True):
    """What a history shows of a subject beside the sum."""

    note: str = ""
    other: str = ""
    """The other person, where the ledger's accounts do not say."""
    chat: str = ""
    seq: int = 0


Describe = Callable[[sa.Connection, str, Sequence[str]], dict[str, Described]]
"""`(connection, person, subjects)`: what a person may see of these."""
Sweep = Callable[[Tx, int], int]
"""`(tx, limit)`: end what is due at `tx.now`, at most so many; return how many. Run by the wallet's worker."""


class NoSuchCurrency(Refusal):
    code = "no_such_currency"
    title = "This house does not have this currency"


class NoWallet(Conflict):
    code = "no_wallet"
    title = "This house has no wallet"


class NoMember(Conflict):
    """A merchant or biller: what is its own lies in an account of its kind, and a wallet of it could never be spent."""

    code = "no_member_wallet"
    title = "A merchant or a biller has no wallet"


class ChangedAccounts:
    """The group's accounts that have another balance now, until their owners are told."""

    def __init__(self) -> None:
        self.accounts: dict[int, AccountState] = {}

    def flush(self, tx: Tx) -> None:
        accounts, self.accounts = self.accounts, {}
        for account in accounts.values():
            tx.tell(WalletChanged(balance=balance_of(account)), (account.owner,))

    def forget(self) -> None:
        self.accounts.clear()


class Purse:
    def __init__(self, house: House, people: PeopleService, operator: Operator, cards: Cards, ledger: Ledger) -> None:
        self.house = house
        self.people = people
        self.operator = operator
        self.cards = cards
        self.ledger = ledger
        self.press = Press()
        self.guard: Guard
        """Hung in by the service."""
        self.describe: dict[Purpose, Describe] = {}
        """By purpose: hung in by the room whose subjects they are."""
        self.sweeps: list[Sweep] = [ledger.expire_due]

    def account(self, tx: Tx, person: str, currency: str) -> AccountState:
        """Return a person's account, opened now if there is none. Raises `NoSuchCurrency`, `NoMember`."""
        found = self.ledger.find(tx, person, "member", currency)
        if found is not None:
            return found
        if currency not in self.operator.settings.currencies:
            raise NoSuchCurrency()
        face = self.people.person(tx.connection, person)
        if face is not None and face.service:
            raise NoMember()
        return self.ledger.open(tx, person, "member", currency)

    def house_account(self, tx: Tx, kind: AccountKind, currency: str, owner: str = "") -> AccountState:
        return self.ledger.open(tx, owner, kind, currency)

    def tell(self, tx: Tx, account: AccountState, entry: Entry | None = None) -> None:
        """Tell the owner's devices what their account has now: once a group, however often it changed, unless there is
        an entry to show. Devices that are away read it when they come back."""
        if entry is not None:
            tx.tell(WalletChanged(balance=balance_of(account), entry=entry), (account.owner,))
        else:
            tx.gathered(ChangedAccounts).accounts[account.number] = account


def balance_of(account: AccountState) -> Balance:
    balance = account.credits - account.debits
    return Balance(currency=account.code, balance=balance, available=balance - account.held_out)
