"""How a merchant comes to be: opened by its owner, let in by an operator, named by its owners."""

from msgspec import UNSET

from teahouse.commands import Actor, Done
from teahouse.errors import Malformed
from teahouse.merchants.accounts import rules, store
from teahouse.merchants.accounts.known import KnownMerchants
from teahouse.merchants.accounts.model import JudgeMerchant, MerchantOpened, OpenMerchant, UpdateMerchant
from teahouse.merchants.accounts.shops import Shops
from teahouse.storage.transaction import Tx
from teahouse.wallet.once import once
from teahouse.wallet.purse import NoWallet, Purse


class Opening:
    def __init__(self, purse: Purse, known: KnownMerchants, shops: Shops) -> None:
        self._purse = purse
        self._known = known
        self._shops = shops

    def open(self, tx: Tx, actor: Actor, command: OpenMerchant) -> MerchantOpened:
        return once(tx, actor, command, MerchantOpened, lambda: self._open(tx, actor, command))

    def _open(self, tx: Tx, actor: Actor, command: OpenMerchant) -> MerchantOpened:
        currencies = self._purse.operator.settings.currencies
        if not currencies:
            raise NoWallet()
        states = store.owned(tx.connection, actor.person)
        rules.may_open(len(states), states.count("waiting"), is_operator=actor.is_operator)
        merchant = self._purse.people.add_service(tx, command.handle, command.name).id
        if command.about:
            self._purse.people.change_service(tx, merchant, bio=command.about)
        tariff = store.default_tariff(tx.connection)
        store.add_merchant(
            tx.connection,
            id=merchant,
            category=command.category,
            state="open" if actor.is_operator else "waiting",
            currency=currencies[0],
            share=tariff.share,
            fixed=tariff.fixed,
            at=tx.now,
        )
        store.set_staff(tx.connection, merchant, actor.person, "owner", tx.now, is_new=True)
        self._known.changed(tx, merchant)
        return MerchantOpened(shop=self._shops.of(tx.connection, merchant, actor.person))

    def judge(self, tx: Tx, actor: Actor, command: JudgeMerchant) -> Done:
        """By an operator: also one who owns it, as the house's own shop has to be let in by somebody."""
        if not actor.is_operator:
            raise rules.OperatorsOnly()
        values: dict[str, object] = {}
        if command.state is not UNSET:
            values["state"] = command.state
        if command.tariff is not UNSET:
            values |= {"share": command.tariff.share, "fixed": command.tariff.fixed}
        if not values:
            raise Malformed("Give at least one of state and tariff.")
        self._known.get(tx.connection, command.merchant)
        store.change_merchant(tx.connection, command.merchant, **values)
        self._known.changed(tx, command.merchant)
        return Done()

    def update(self, tx: Tx, actor: Actor, command: UpdateMerchant) -> Done:
        self._known.role(tx.connection, actor, command.merchant, "owner")
        seen: dict[str, str] = {}
        if command.name is not UNSET:
            seen["name"] = command.name
        if command.about is not UNSET:
            seen["bio"] = command.about
        if not seen and command.category is UNSET:
            raise Malformed("Give at least one of name, category and about.")
        if seen:
            self._purse.people.change_service(tx, command.merchant, **seen)
        if command.category is not UNSET:
            store.change_merchant(tx.connection, command.merchant, category=command.category)
        self._known.changed(tx, command.merchant)
        return Done()
