"""HTTP of pay-outs to banks. Commands have their twins."""

from litestar import Response, get
from litestar.di import NamedDependency as Given
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from teahouse.commands import Id, Signed
from teahouse.wallet.bank.model import BankFile, Withdrawal
from teahouse.wallet.service import WalletService


@get("/wallet/withdrawals")
async def read_withdrawals(signed: Given[Signed], wallet: Given[WalletService]) -> tuple[Withdrawal, ...]:
    """One's own, the newest first (the last 100)."""
    return await wallet.bank.withdrawals(signed)


@get("/wallet/bank/waiting")
async def read_waiting(signed: Given[Signed], wallet: Given[WalletService]) -> tuple[Withdrawal, ...]:
    """Operators only: what is in no file yet (the first 5000)."""
    return await wallet.bank.waiting(signed)


@get("/wallet/bank/files")
async def read_bank_files(signed: Given[Signed], wallet: Given[WalletService]) -> tuple[BankFile, ...]:
    """Operators only: the newest 100. Those that are not settled yet come with their withdrawals, as far as an answer
    holds them (10,000)."""
    return await wallet.bank.files(signed)


@get("/wallet/bank/files/{file:str}/pain.001", media_type="application/xml")
async def read_bank_file(file: FromPath[Id], signed: Given[Signed], wallet: Given[WalletService]) -> Response[bytes]:
    """Operators only: the file for the bank, as an attachment. It holds against its schema, or is not offered
    (`bank_file_invalid`)."""
    headers = {"Content-Disposition": f'attachment; filename="pain.001-{file}.xml"', "Cache-Control": "no-store"}
    return Response(await wallet.bank.xml(signed, file), media_type="application/xml", headers=headers)


routes: list[ControllerRouterHandler] = [read_withdrawals, read_waiting, read_bank_files, read_bank_file]
