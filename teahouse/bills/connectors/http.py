"""Billers with a server: signed requests over HTTP (RFC 9421), as docs/billers.md says."""

from teahouse.bills.connectors.model import Asked, FoundBill, Reach, Said
from teahouse.house import House


class HttpConnector:
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
