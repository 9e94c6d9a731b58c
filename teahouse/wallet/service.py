"""The wallet: the one door of this room. It builds its rooms on one ledger and runs what is due."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from teahouse.chat.service import ChatService
from teahouse.house import House
from teahouse.people.service import PeopleService
from teahouse.wallet.bank.bank import BankPayOuts
from teahouse.wallet.card.top_ups import CardTopUps
from teahouse.wallet.cash.desk import CashDesk
from teahouse.wallet.due import Due
from teahouse.wallet.guard.guard import WalletGuard
from teahouse.wallet.history.history import History
from teahouse.wallet.ledger.ledger import Ledger
from teahouse.wallet.packets.packets import Packets
from teahouse.wallet.payments.payments import Payments
from teahouse.wallet.purse import Operator, Purse


class WalletService:
    def __init__(self, house: House, people: PeopleService, operator: Operator, chat: ChatService) -> None:
        self.ledger = Ledger()
        self.purse = Purse(house, people, operator, chat.cards, self.ledger)
        self.guard = WalletGuard(self.purse)
        self.packets = Packets(self.purse)
        self.payments = Payments(self.purse)
        self.codes = self.payments.codes
        self.charges = self.payments.charges
        self.cash = CashDesk(self.purse, self.charges, self.codes)
        self.bank = BankPayOuts(self.purse)
        self.card = CardTopUps(self.purse)
        self.history = History(self.purse, self.guard, self.charges, card=self.card, bank=self.bank)
        self.due = Due(house, self.purse)

    def register(self) -> None:
        """Hang the commands of every room into the house."""
        self.guard.register()
        self.packets.register()
        self.payments.register()
        self.cash.register()
        self.bank.register()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """End what is due, from now on; enter it once the house has started."""
        async with AsyncExitStack() as rooms:
            await rooms.enter_async_context(self.due.running())
            await rooms.enter_async_context(self.card.running())
            yield
