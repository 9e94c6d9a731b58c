"""Receive codes: what others scan to pay one. One is fixed; others ask for an amount, or say what for, for thirty days.

A code is a name for a person, not a secret: it hangs on a counter for all to see. Its randomness keeps others' codes
from being found by trying.
"""

import secrets
from typing import Any
from urllib.parse import urlsplit

import msgspec
import sqlalchemy as sa

from teahouse.commands import Actor, Signed
from teahouse.money import Money, currencies, plain
from teahouse.people.model import Person
from teahouse.storage.transaction import Tx
from teahouse.wallet.notes import clean
from teahouse.wallet.payments import emv, rules, store
from teahouse.wallet.payments.model import MakeReceiveCode, PayCode, Payee, ReadCode, ReceiveCode
from teahouse.wallet.payments.pay_codes import PayCodes
from teahouse.wallet.purse import NoSuchCurrency, NoWallet, Purse

PATH = "/r/"
KNOWN_MAX = 100_000


class KnownCode(msgspec.Struct, frozen=True, gc=False):
    """What a payment is held against."""

    person: str
    amount: int
    currency: str
    note: str
    expires_at: int


class Codes:
    def __init__(self, purse: Purse) -> None:
        self._purse = purse
        self.pay_codes = PayCodes()
        self._known: dict[str, KnownCode] = {}
        """Codes in use, for the writer's thread: one never changes, it only ends."""

    # --- pay codes ---

    async def pay_code(self, signed: Signed) -> PayCode:
        """A code to be charged by; the one before it ends."""
        self._main_currency()
        return await self._purse.house.store.write(self.pay_codes.show, signed.person)

    def use_pay_code(self, tx: Tx, actor: Actor, code: str) -> str:
        """Return whose pay code the actor scanned; it ends with that. Raises `WrongPayCode`, `RateLimited`."""
        return self.pay_codes.use(tx, actor, code)

    # --- receive codes ---

    async def make(self, signed: Signed, asked: MakeReceiveCode) -> ReceiveCode:
        """One's fixed code, or a new one that asks for an amount or says what for. Raises `NoSuchCurrency`."""
        note = clean(asked.note)
        money = asked.amount if isinstance(asked.amount, Money) else None
        currency = money.currency if money else self._main_currency()
        if currency not in self._purse.operator.settings.currencies:
            raise NoSuchCurrency()
        if money and len(plain(money.amount, currency)) > emv.AMOUNT_MAX:
            raise rules.NotWritable()

        def commit(tx: Tx) -> tuple[str, Person]:
            token = self._fixed(tx, signed.person, currency)
            if money or note:
                token = self._add(tx, signed.person, money.amount if money else 0, currency, note)
            person = self._purse.people.person(tx.connection, signed.person)
            assert person is not None
            return token, person

        token, person = await self._purse.house.store.write(commit)
        amount = money.amount if money else 0
        return ReceiveCode(
            code=token,
            qr=self._text(token, person, amount, currency, note),
            url=f"{self._purse.house.settings.public_url}{PATH}{token}",
            amount=amount,
            currency=currency,
            note=note,
        )

    async def read(self, signed: Signed, asked: ReadCode) -> Payee:
        """Say whom a scanned text pays. Raises what `emv.read` does, and `NoSuchCode`."""
        token = self.token_in(asked.text)
        return await self._purse.house.store.read(self._payee, signed.person, token)

    def token_in(self, text: str) -> str:
        """Return the token in a code's text or URL, of this house only."""
        own = urlsplit(self._purse.house.settings.public_url)
        text = text.strip()
        if not text.lower().startswith(("http://", "https://", PATH)):
            return emv.read(text, own.netloc)
        try:
            url = urlsplit(text)
        except ValueError:
            raise emv.NotACode() from None
        if not url.path.startswith(PATH):
            raise emv.NotACode()
        if url.netloc and url.netloc.lower() != own.netloc.lower():
            raise emv.OtherHouse(house=url.netloc)
        return url.path.removeprefix(PATH).rstrip("/")

    def note_for(self, tx: Tx, token: str, payee: str, money: Money) -> str:
        """Return what the code says it is for. Raises `NoSuchCode`, and `CodeDiffers` unless it is one of the payee's
        and asks for this sum, or for any."""
        code = self._known.get(token)
        if code is None:
            row = _find(tx.connection, token)
            if row is None:
                raise rules.NoSuchCode()
            if len(self._known) >= KNOWN_MAX:
                self._known.clear()
            code = self._known[token] = KnownCode(row.person, row.amount, row.currency, row.note, row.expires_at)
        rules.must_be_good(code.expires_at, tx.now)
        if code.person != payee or (code.amount and (code.amount, code.currency) != (money.amount, money.currency)):
            raise rules.CodeDiffers()
        return code.note

    # --- within ---

    def _fixed(self, tx: Tx, person: str, currency: str) -> str:
        """A person's fixed code: made when it is first asked for, then always the same."""
        token = store.fixed_code(tx.connection, person)
        if token is None:
            token = self._insert(tx, person, 0, currency, "", 0)
        return token

    def _add(self, tx: Tx, person: str, amount: int, currency: str, note: str) -> str:
        over = store.remove_receive_codes(tx.connection, person, tx.now, keep=rules.RECEIVE_CODES_MAX - 1)
        tx.after(lambda: [self._known.pop(each, None) for each in over])
        return self._insert(tx, person, amount, currency, note, tx.now + rules.RECEIVE_CODE_MS)

    @staticmethod
    def _insert(tx: Tx, person: str, amount: int, currency: str, note: str, expires_at: int) -> str:
        token = secrets.token_urlsafe(16)
        store.add_receive_code(
            tx.connection,
            token=token,
            person=person,
            amount=amount,
            currency=currency,
            note=note,
            at=tx.now,
            expires_at=expires_at,
        )
        return token

    def _text(self, token: str, person: Person, amount: int, currency: str, note: str) -> str:
        house = self._purse.operator.settings
        return emv.write(
            emv.ReceiveText(
                house=urlsplit(self._purse.house.settings.public_url).netloc,
                token=token,
                currency=currencies()[currency].numeric,
                country=house.country,
                name=person.name,
                handle=person.handle,
                city=house.name,
                amount=plain(amount, currency) if amount else "",
                purpose=note,
            )
        )

    def _payee(self, connection: sa.Connection, reader: str, token: str) -> Payee:
        row = _find(connection, token)
        person = self._purse.people.person(connection, row.person) if row is not None else None
        if row is None or person is None:
            raise rules.NoSuchCode()
        rules.must_be_good(row.expires_at, self._purse.house.store.writer.clock())
        if self._purse.people.blocked_between(connection, reader, person.id):
            raise rules.NotPayable()
        standing = self._purse.guard.state_of(connection, person.id)
        return Payee(
            person=person,
            masked_name=self._purse.guard.masked(standing.real_name),
            verified=standing.verified,
            amount=row.amount,
            currency=row.currency if row.amount else "",
            note=row.note,
            code=token,
        )

    def _main_currency(self) -> str:
        """Raises `NoWallet`."""
        known = self._purse.operator.settings.currencies
        if not known:
            raise NoWallet()
        return known[0]


def _find(connection: sa.Connection, token: str) -> sa.Row[Any] | None:
    return store.receive_code(connection, token) if emv.is_token(token) else None
