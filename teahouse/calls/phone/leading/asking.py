"""What is asked before a call: what a number is, what it costs, who may, which ways there are, what number is shown."""

import msgspec
import sqlalchemy as sa

from teahouse.calls.model import CallSum
from teahouse.calls.phone import numbers
from teahouse.calls.phone.leading import rules
from teahouse.calls.phone.leading.booking import UNKNOWN
from teahouse.calls.phone.leading.leaders import Way
from teahouse.calls.phone.meter.rules import seconds_for
from teahouse.calls.phone.model import PhoneAbout, PhoneCall, PhoneQuote
from teahouse.calls.phone.numbers import Number
from teahouse.calls.phone.policy.policy import Policy
from teahouse.calls.phone.rates.model import Rate
from teahouse.calls.phone.rates.rates import Rates
from teahouse.calls.phone.trunks.trunks import Trunks
from teahouse.calls.sip.model import Caller
from teahouse.errors import Refusal
from teahouse.storage.transaction import Tx
from teahouse.wallet.ledger.rules import InsufficientFunds
from teahouse.wallet.purse import NoWallet, Purse, balance_of


class Asking:
    def __init__(self, purse: Purse, rates: Rates, policy: Policy, trunks: Trunks) -> None:
        self._purse = purse
        self._rates = rates
        self._policy = policy
        self._trunks = trunks

    @property
    def _country(self) -> str:
        return self._purse.operator.settings.country

    def read(self, text: str, region: str) -> Number:
        """Raises `NotANumber`, `EmergencyNumber`."""
        return numbers.read(text, region, house=self._country)

    def rate_of(self, connection: sa.Connection, number: Number, now: int) -> Rate:
        """What the person pays. Raises `NoWallet`, `NoRate`."""
        currencies = self._purse.operator.settings.currencies
        if not currencies:
            raise NoWallet()
        rate = self._rates.price(connection, number.e164, currencies[0], now)
        if rate is None:
            raise rules.NoRate()
        return rate

    def ways(self, connection: sa.Connection, number: Number, now: int) -> tuple[Way, ...]:
        """The trunks that reach a number, the cheapest first."""
        trunks = tuple(trunk.id for trunk, _ in self._trunks.load(connection))
        return tuple(
            Way(route.trunk, self._trunks.dialled(connection, route.trunk, number.e164), route.cost)
            for route in self._rates.routes(connection, number.e164, trunks, now)
        )

    def caller(self, connection: sa.Connection, person: str, *, hidden: bool) -> Caller:
        """Who the carrier is told calls, as the operator allows."""
        policy = self._policy.now
        own = self._trunks.number_of(connection, person) if policy.caller in ("own", "own_or_house") else ""
        house = policy.house_number if policy.caller in ("house", "own_or_house") else ""
        return Caller(number=own or house, private=policy.caller == "hidden" or (hidden and policy.may_hide))

    def about(self, connection: sa.Connection, person: str, now: PhoneCall | None) -> PhoneAbout:
        policy = self._policy.now
        caller = self.caller(connection, person, hidden=False)
        return PhoneAbout(
            on=policy.on and bool(self._purse.operator.settings.currencies) and bool(self._trunks.load(connection)),
            country=self._country,
            number=self._trunks.number_of(connection, person),
            caller="" if caller.private else caller.number,
            may_hide=policy.may_hide,
            now=now,
        )

    def quote(self, tx: Tx, person: str, number: Number) -> PhoneQuote:
        """In the writer's thread, where the balance is in memory; changes nothing but what a first look opens."""
        quote = PhoneQuote(number=number.e164, formatted=number.formatted, country=number.country, kind=number.kind)
        try:
            rate = self.rate_of(tx.connection, number, tx.now)
        except Refusal as refusal:
            return msgspec.structs.replace(quote, refused=refusal.code)
        available = balance_of(self._purse.account(tx, person, rate.currency)).available
        seconds = seconds_for(rate, available)
        refused = InsufficientFunds.code if not seconds else ""
        try:
            self._policy.may_call(tx, person, number, rules.price_of(rate))
        except Refusal as refusal:
            refused = refusal.code
        caller = self.caller(tx.connection, person, hidden=False)
        return msgspec.structs.replace(
            quote,
            refused=refused,
            price=rules.price_of(rate),
            available=CallSum(available, rate.currency),
            seconds=seconds,
            caller="" if caller.private else caller.number,
        )

    @staticmethod
    def placed(quote: PhoneQuote, place: str) -> PhoneQuote:
        return msgspec.structs.replace(quote, place=place)

    def whose(self, connection: sa.Connection, dialled: str, caller: Caller) -> tuple[str, Number, str]:
        """Of a call that came in: who is rung, who calls, and the number that was dialled."""
        own = self._e164(dialled)
        person = self._trunks.person_of(connection, own) if own else ""
        return person, self._calling(caller), own

    def _calling(self, caller: Caller) -> Number:
        if caller.private or not caller.number:
            return UNKNOWN
        try:
            return numbers.read(caller.number, self._country, house=self._country)
        except Refusal:
            # A number of the carrier's own making is shown as it came.
            return msgspec.structs.replace(UNKNOWN, formatted=caller.number[:40])

    def _e164(self, dialled: str) -> str:
        """Carriers write the number with `+`, with `00`, nationally, or as bare digits."""
        for text in (dialled, f"+{dialled}"):
            try:
                return numbers.read(text, self._country, house=self._country).e164
            except Refusal:
                continue
        return ""
