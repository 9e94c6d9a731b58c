"""HTTP of what one has and had: the wallet, its history, statements and where the money went."""

from typing import Annotated, Literal

from litestar import Response, get
from litestar.di import NamedDependency as Given
from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler

from teahouse.commands import Signed
from teahouse.money import Currency
from teahouse.wallet.history.model import EntryPage, Spending, Statement, Wallet
from teahouse.wallet.model import Language
from teahouse.wallet.service import WalletService

Code = Annotated[str, QueryParameter(pattern="^[A-Z]{3}$")]


@get("/wallet")
async def read_wallet(signed: Given[Signed], wallet: Given[WalletService]) -> Wallet:
    """One's own: what one has, may spend, and how it is guarded."""
    return await wallet.history.wallet(signed)


@get("/wallet/entries")
async def read_entries(
    signed: Given[Signed],
    wallet: Given[WalletService],
    currency: Code,
    before: Annotated[int, QueryParameter(ge=0, le=2**53)] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 30,
    kinds: Annotated[str, QueryParameter(max_length=200)] = "",
    direction: Annotated[Literal["", "in", "out"], QueryParameter()] = "",
    month: Annotated[str, QueryParameter(pattern=r"^(2[0-9]{3}-(0[1-9]|1[0-2]))?$")] = "",
) -> EntryPage:
    """What came and went, newest first; `kinds` is a comma-separated list of entry kinds."""
    return await wallet.history.entries(
        signed, currency, before=before, limit=limit, kinds=kinds, direction=direction, month=month
    )


@get("/wallet/statements/{currency:str}/{month:str}")
async def read_statement(
    currency: FromPath[Currency], month: FromPath[str], signed: Given[Signed], wallet: Given[WalletService]
) -> Statement:
    """A month, `2026-11`."""
    return await wallet.history.statement(signed, currency, month)


@get("/wallet/statements/{currency:str}/{month:str}/{form:str}", media_type="application/octet-stream")
async def download_statement(
    currency: FromPath[Currency],
    month: FromPath[str],
    form: FromPath[Literal["csv", "pdf"]],
    signed: Given[Signed],
    wallet: Given[WalletService],
    language: Annotated[Language, QueryParameter()] = "en",
) -> Response[bytes]:
    """The same as a file."""
    return await wallet.history.file(signed, currency, month, form, language)


@get("/wallet/spending")
async def read_spending(signed: Given[Signed], wallet: Given[WalletService], currency: Code) -> Spending:
    """The last twelve months in sums."""
    return await wallet.history.spending(signed, currency)


@get("/wallet/people/{person:str}/entries")
async def read_persons_entries(
    person: FromPath[str],
    signed: Given[Signed],
    wallet: Given[WalletService],
    currency: Code,
    before: Annotated[int, QueryParameter(ge=0, le=2**53)] = 0,
) -> EntryPage:
    """Operators only: a person's history. The person is told that one looked."""
    return await wallet.history.of_person(signed, person, currency, before=before)


routes: list[ControllerRouterHandler] = [
    read_wallet,
    read_entries,
    read_statement,
    download_statement,
    read_spending,
    read_persons_entries,
]
