"""HTTP of calls to phones, gathered from its rooms. Commands have their twins."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency as Given
from litestar.params import QueryParameter
from litestar.types import ControllerRouterHandler

from teahouse.calls.phone.model import PhoneAbout, PhoneQuote
from teahouse.calls.phone.policy.routes import routes as policy
from teahouse.calls.phone.rates.routes import routes as rates
from teahouse.calls.phone.trunks.routes import routes as trunks
from teahouse.calls.service import CallService
from teahouse.commands import Signed


@get("/calls/phone")
async def read_phone(signed: Given[Signed], calls: Given[CallService]) -> PhoneAbout:
    """Whether one may call phones here, one's number, and the call that goes on."""
    return await calls.phone.about(signed)


@get("/calls/phone/quote")
async def read_quote(
    signed: Given[Signed],
    calls: Given[CallService],
    number: Annotated[str, QueryParameter(min_length=1, max_length=64)],
    region: Annotated[str, QueryParameter(pattern="^([A-Z]{2})?$")] = "",
    language: Annotated[str, QueryParameter(pattern="^[a-z]{2}$")] = "en",
) -> PhoneQuote:
    """What a number is and what calling it costs. `not_a_number`, `emergency_number`."""
    return await calls.phone.quote(signed, number, region, language)


routes: list[ControllerRouterHandler] = [read_phone, read_quote, *rates, *policy, *trunks]
