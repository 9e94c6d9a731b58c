"""Calls: the one door of this room."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from teahouse.calls.history.history import CallHistory
from teahouse.calls.ice import IceServers, ice_servers
from teahouse.calls.members.calls import MemberCalls
from teahouse.calls.phone.service import PhoneService
from teahouse.chat.service import ChatService
from teahouse.clock import now_ms
from teahouse.commands import Signed
from teahouse.house import House
from teahouse.people.service import PeopleService
from teahouse.wallet.service import WalletService


class CallService:
    def __init__(self, house: House, people: PeopleService, chat: ChatService, wallet: WalletService) -> None:
        self._house = house
        self.members = MemberCalls(house, people, chat.cards)
        self.phone = PhoneService(wallet.purse)
        self.history = CallHistory(house, (self.members, self.phone.leading))

    def register(self) -> None:
        """Hang the commands of every room into the house."""
        self.members.register()
        self.phone.register()
        self.history.register()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Lead calls from now on; enter it once the house has started."""
        async with AsyncExitStack() as rooms:
            await rooms.enter_async_context(self.members.running())
            await rooms.enter_async_context(self.phone.running())
            yield

    def ice_servers(self, signed: Signed) -> IceServers:
        return ice_servers(self._house.settings, signed.person, now_ms())
