"""What the writer keeps in memory of the accounts in use. Only the writer's thread touches it; it is loaded when first
needed and dropped when a command that changed it is rolled back."""

from collections import OrderedDict
from collections.abc import Iterable

from teahouse.money import currencies
from teahouse.storage.transaction import Tx
from teahouse.wallet.ledger import rules, store
from teahouse.wallet.ledger.model import Account

ACCOUNTS_MAX = 200_000
DROPPED_AT_ONCE = 2000


class AccountState:
    __slots__ = (
        "code",
        "credits",
        "currency",
        "debits",
        "entries",
        "held_in",
        "held_out",
        "kind",
        "last",
        "number",
        "owner",
        "sign",
    )

    def __init__(self, account: Account) -> None:
        self.number = account.number
        self.owner = account.owner
        self.kind = account.kind
        self.sign = rules.sign_of(account.kind)
        self.code = account.currency
        self.currency = currencies()[account.currency].numeric
        self.credits = account.credits
        self.debits = account.debits
        self.held_in = account.held_in
        self.held_out = account.held_out
        self.entries = account.entries
        self.last = account.last

    def as_account(self) -> Account:
        return Account(
            self.number,
            self.owner,
            self.kind,
            self.code,
            self.credits,
            self.debits,
            self.held_in,
            self.held_out,
            self.entries,
            self.last,
        )


class Books:
    """The accounts in use, the least recently used dropped first.

    What a group has changed stays in memory until it is written, so an account that is not there can be read as it
    stands in the store: a group of many who were away does not have to be written in pieces.
    """

    def __init__(self) -> None:
        self._accounts: OrderedDict[int, AccountState] = OrderedDict()
        self._owned: dict[tuple[str, str, str], int] = {}

    def get(self, tx: Tx, number: int) -> AccountState:
        """Raises `NoSuchAccount`."""
        state = self._accounts.get(number)
        if state is not None:
            self._accounts.move_to_end(number)
            return state
        found = store.account_by_number(tx.connection, number)
        if found is None:
            raise rules.NoSuchAccount()
        return self._keep(tx, found)

    def find(self, tx: Tx, owner: str, kind: str, currency: str) -> AccountState | None:
        number = self._owned.get((owner, kind, currency))
        if number is not None:
            return self.get(tx, number)
        found = store.account_of(tx.connection, owner, kind, currency)
        return self._keep(tx, found) if found else None

    def add(self, tx: Tx, account: Account) -> AccountState:
        return self._keep(tx, account)

    def drop(self, states: Iterable[AccountState]) -> None:
        """Forget what may be wrong now: it is read again when it is next needed."""
        for state in states:
            self._accounts.pop(state.number, None)
            self._owned.pop((state.owner, state.kind, state.code), None)

    def clear(self) -> None:
        self._accounts.clear()
        self._owned.clear()

    def _keep(self, tx: Tx, account: Account) -> AccountState:
        if len(self._accounts) >= ACCOUNTS_MAX:
            tx.flush()
            for _ in range(min(DROPPED_AT_ONCE, ACCOUNTS_MAX)):
                _, oldest = self._accounts.popitem(last=False)
                self._owned.pop((oldest.owner, oldest.kind, oldest.code), None)
        state = self._accounts[account.number] = AccountState(account)
        self._owned[account.owner, account.kind, account.currency] = account.number
        return state
