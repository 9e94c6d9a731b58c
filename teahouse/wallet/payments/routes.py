"""HTTP of payments: what one is about to pay, codes, and payments that were made."""

from litestar import get, post
from litestar.di import NamedDependency as Given
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler

from teahouse.commands import Id, Signed
from teahouse.wallet.payments.model import Charge, MakeReceiveCode, PayCode, Payee, Payment, ReadCode, ReceiveCode
from teahouse.wallet.service import WalletService


@get("/wallet/payees/{person:str}")
async def read_payee(person: FromPath[Id], signed: Given[Signed], wallet: Given[WalletService]) -> Payee:
    """A contact, or a member of a chat with one, as one confirms a payment to them."""
    return await wallet.payments.payee(signed, person)


@post("/wallet/codes/read", status_code=200)
async def read_code(data: JSONBody[ReadCode], signed: Given[Signed], wallet: Given[WalletService]) -> Payee:
    """Whom a scanned receive code pays: an EMVCo text (its CRC is checked) or the code's URL."""
    return await wallet.codes.read(signed, data)


@post("/wallet/receive-codes", status_code=201)
async def make_receive_code(
    data: JSONBody[MakeReceiveCode], signed: Given[Signed], wallet: Given[WalletService]
) -> ReceiveCode:
    """One's fixed code, or one that asks for an amount."""
    return await wallet.codes.make(signed, data)


@post("/wallet/pay-codes", status_code=201)
async def show_pay_code(signed: Given[Signed], wallet: Given[WalletService]) -> PayCode:
    """A code to show to who is to be paid: good once, for a minute; the one before it ends."""
    return await wallet.codes.pay_code(signed)


@get("/wallet/charges/{charge:str}")
async def read_charge(charge: FromPath[Id], signed: Given[Signed], wallet: Given[WalletService]) -> Charge:
    """A charge of which one is a side."""
    return await wallet.charges.charge(signed, charge)


@get("/wallet/payments/{payment:str}")
async def read_payment(payment: FromPath[Id], signed: Given[Signed], wallet: Given[WalletService]) -> Payment:
    """A payment or transfer of which one is a side."""
    return await wallet.payments.payment(signed, payment)


routes: list[ControllerRouterHandler] = [
    read_payee,
    read_code,
    make_receive_code,
    show_pay_code,
    read_charge,
    read_payment,
]
