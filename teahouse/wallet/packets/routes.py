"""HTTP of red packets. Commands have their twins."""

from litestar import get
from litestar.di import NamedDependency as Given
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from teahouse.commands import Id, Signed
from teahouse.wallet.packets.model import Packet
from teahouse.wallet.service import WalletService


@get("/wallet/packets/{packet:str}")
async def read_packet(packet: FromPath[Id], signed: Given[Signed], wallet: Given[WalletService]) -> Packet:
    """A red packet and who opened it, for those who can read its message."""
    return await wallet.packets.packet(signed, packet)


routes: list[ControllerRouterHandler] = [read_packet]
