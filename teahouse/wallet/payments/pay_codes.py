"""Pay codes: what a payer shows to be charged. Eighteen digits, good once, for a minute; a new one ends the old."""

import secrets
from hashlib import sha256

from teahouse.commands import Actor
from teahouse.limits import Buckets
from teahouse.storage.transaction import Tx
from teahouse.wallet.payments import rules, store
from teahouse.wallet.payments.model import PayCode

RANDOM_DIGITS = rules.PAY_CODE_DIGITS - len(rules.PAY_CODE_BEGINS) - 1
WRONG_PER_S = 1 / 30
WRONG_AT_ONCE = 10


class PayCodes:
    def __init__(self) -> None:
        self._wrong = Buckets(WRONG_PER_S, WRONG_AT_ONCE)
        """Of each person who tries codes."""

    def show(self, tx: Tx, person: str) -> PayCode:
        """Make a person a new code."""
        digits = rules.PAY_CODE_BEGINS + f"{secrets.randbelow(10**RANDOM_DIGITS):0{RANDOM_DIGITS}}"
        code = digits + rules.luhn(digits)
        expires_at = tx.now + rules.PAY_CODE_MS
        store.replace_pay_code(tx.connection, person, _digest(code), expires_at)
        return PayCode(code, expires_at)

    def use(self, tx: Tx, actor: Actor, code: str) -> str:
        """Return whose code it is; it ends with that. Raises `WrongPayCode`; who tried ten wrong ones must wait for
        half a minute before each further one (`RateLimited`), also for a right one."""
        self._wrong.take(actor.person)
        found = store.pay_code(tx.connection, _digest(code)) if rules.is_pay_code(code) else None
        if found is None or found.expires_at <= tx.now:
            raise rules.WrongPayCode()
        self._wrong.take(actor.person, -1.0)
        store.remove_pay_code(tx.connection, found.person)
        return str(found.person)


def _digest(code: str) -> bytes:
    """What is stored of a code: fifty bits that are good for a minute need no slow hash."""
    return sha256(code.encode()).digest()
