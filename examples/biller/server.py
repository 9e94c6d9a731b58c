"""The four doors that a house knocks at, as docs/billers.openapi.json describes them."""

from typing import Any

import msgspec
from http_message_signatures import HTTPMessageSignaturesException
from litestar import Litestar, Request, Response, get, post

from examples.biller.books import Books, NoSuchCustomer, Payment, Repeated
from examples.biller.signing import Answered, Asked, Signing

BODY_MAX = 64 * 1024
METER = "meter"
"""The one field that identifies a customer of ours."""
KWH_CENTS = 32
JSON = "application/json"
Asking = Request[Any, Any, Any]
Fields = dict[str, Any]


class Wrong(Exception):
    def __init__(self, status: int, code: str) -> None:
        self.status = status
        self.code = code


class Doors:
    def __init__(self, books: Books, signing: Signing) -> None:
        self._books = books
        self._signing = signing

    def app(self) -> Litestar:
        @get("/health")
        async def health() -> str:
            return "ok"

        @post("/{door:str}")
        async def knock(door: str, request: Asking) -> Response[bytes]:
            return await self._answer(door, request)

        return Litestar([health, knock], openapi_config=None, request_max_body_size=BODY_MAX)

    async def _answer(self, door: str, request: Asking) -> Response[bytes]:
        body = await request.body()
        asked = Asked(request.method, str(request.url), dict(request.headers.items()))
        try:
            self._books.once(self._signing.check(asked, body))
        except (HTTPMessageSignaturesException, Repeated):
            # Nobody we know: no signature of ours goes out for them.
            return Response(b'{"code":"not_trusted"}', status_code=401, media_type=JSON)
        try:
            status, said = 200, self._do(door, msgspec.json.decode(body, type=Fields))
        except Wrong as wrong:
            status, said = wrong.status, {"code": wrong.code}
        except (msgspec.DecodeError, LookupError, TypeError, AttributeError):
            status, said = 400, {"code": "malformed"}
        answer = msgspec.json.encode(said)
        headers = {"Content-Type": JSON}
        self._signing.sign(Answered(status, headers, asked), answer)
        return Response(answer, status_code=status, headers=headers, media_type=JSON)

    def _do(self, door: str, asked: Fields) -> Fields:
        match door:
            case "fetch":
                return self._fetch(asked)
            case "pay":
                return self._pay(asked)
            case "status":
                found = self._books.status(asked["payment"])
                return shown(found) if found else {"payment": asked["payment"], "state": "unknown"}
            case "reverse":
                return shown(self._books.reverse(asked["payment"], asked["ref"], asked["amount"]))
        raise Wrong(404, "no_such_door")

    def _fetch(self, asked: Fields) -> Fields:
        if asked["currency"] != self._books.currency:
            raise Wrong(409, "other_currency")
        try:
            bill = self._books.bill_of(asked["customer"][METER])
        except NoSuchCustomer:
            raise Wrong(404, "no_such_customer") from None
        return {
            "ref": bill.ref,
            "amount": max(0, bill.open),
            "currency": self._books.currency,
            "name": masked(bill.name),
            "least": min(1, bill.open) if self._books.partial else bill.open,
            "most": bill.open,
            "due_at": bill.due_at,
            "lines": [
                {"label": "Period", "value": bill.period},
                {"label": "Consumption", "value": f"{bill.kwh} kWh"},
                {"label": "Price", "value": f"0.{KWH_CENTS} {self._books.currency}/kWh"},
            ],
        }

    def _pay(self, asked: Fields) -> Fields:
        if asked["currency"] != self._books.currency:
            raise Wrong(409, "other_currency")
        customer = asked["customer"][METER]
        try:
            return shown(self._books.pay(asked["payment"], asked["ref"], customer, asked["amount"]))
        except Repeated:
            raise Wrong(409, "payment_differs") from None


def shown(payment: Payment) -> Fields:
    return {
        "payment": payment.id,
        "state": payment.state,
        "reference": payment.reference,
        "reason": payment.reason,
    }


def masked(name: str) -> str:
    return " ".join(word[0] + "*" * (len(word) - 1) for word in name.split())
