"""HTTP of the wallet's guard: PIN and approvals, levels and limits, who looked at one's wallet, who is a cashier."""

from litestar import delete, get, post, put
from litestar.di import NamedDependency as Given
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler

from teahouse.commands import Id, Signed
from teahouse.people.model import Ceremony
from teahouse.wallet.guard.model import Approve, Approved, Cashiers, ChangeLimits, Looks, SetPin, SpendingLimits
from teahouse.wallet.service import WalletService


@put("/wallet/pin", status_code=204)
async def set_pin(data: JSONBody[SetPin], signed: Given[Signed], wallet: Given[WalletService]) -> None:
    """Set the payment PIN: the first with the account's password (or none, if it has none), another with the current
    PIN or, forgotten, with the password."""
    await wallet.guard.set_pin(signed, data)


@post("/wallet/approvals/passkey", status_code=200)
async def begin_approval(signed: Given[Signed], wallet: Given[WalletService]) -> Ceremony:
    """Begin to approve a payment with a passkey of one's own."""
    return await wallet.guard.passkey_options(signed)


@post("/wallet/approvals", status_code=201)
async def approve(data: JSONBody[Approve], signed: Given[Signed], wallet: Given[WalletService]) -> Approved:
    """Say yes to a sum, by PIN or passkey: what is returned goes with the payment, from this device, within minutes."""
    return await wallet.guard.approve(signed, data)


@get("/wallet/looks")
async def read_looks(signed: Given[Signed], wallet: Given[WalletService]) -> Looks:
    """Who of the house looked at one's wallet, the newest first (the last 200)."""
    return await wallet.guard.looks(signed)


@get("/wallet/limits")
async def read_limits(signed: Given[Signed], wallet: Given[WalletService]) -> tuple[SpendingLimits, ...]:
    """What people of each level of verification may spend, in each of the house's currencies."""
    return await wallet.guard.limits(signed)


@put("/wallet/limits")
async def change_limits(
    data: JSONBody[ChangeLimits], signed: Given[Signed], wallet: Given[WalletService]
) -> tuple[SpendingLimits, ...]:
    """Operators only."""
    return await wallet.guard.change_limits(signed, data)


@get("/wallet/cashiers")
async def read_cashiers(signed: Given[Signed], wallet: Given[WalletService]) -> Cashiers:
    """Operators only."""
    return await wallet.guard.cashiers(signed)


@put("/wallet/cashiers/{person:str}")
async def make_cashier(person: FromPath[Id], signed: Given[Signed], wallet: Given[WalletService]) -> Cashiers:
    """Operators only."""
    return await wallet.guard.make_cashier(signed, person)


@delete("/wallet/cashiers/{person:str}", status_code=200)
async def unmake_cashier(person: FromPath[Id], signed: Given[Signed], wallet: Given[WalletService]) -> Cashiers:
    """Operators only."""
    return await wallet.guard.unmake_cashier(signed, person)


routes: list[ControllerRouterHandler] = [
    set_pin,
    begin_approval,
    approve,
    read_looks,
    read_limits,
    change_limits,
    read_cashiers,
    make_cashier,
    unmake_cashier,
]
