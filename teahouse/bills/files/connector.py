"""The connector of billers without a server: it answers from the bills that came as files."""

from teahouse.bills.connectors.model import Asked, FoundBill, Reach, Said
from teahouse.house import House


class FileConnector:
    def __init__(self, house: House) -> None:
        self._house = house

    async def fetch(self, reach: Reach, customer: dict[str, str]) -> FoundBill:
        raise NotImplementedError

    async def pay(self, reach: Reach, asked: Asked) -> Said:
        raise NotImplementedError

    async def status(self, reach: Reach, payment: str) -> Said:
        raise NotImplementedError

    async def reverse(self, reach: Reach, asked: Asked) -> Said:
        raise NotImplementedError
