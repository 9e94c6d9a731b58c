"""The session cookie of browsers: set when one signs in, taken away when one signs out."""

from litestar import Response
from litestar.datastructures import Cookie

from teahouse.config import COOKIE_NAME, Settings
from teahouse.people.model import SignedIn
from teahouse.people.sessions import COOKIE_AGE_S


def signed_in(settings: Settings, answer: SignedIn) -> Response[SignedIn]:
    # The token must stay in no cache on the way.
    headers = {"Cache-Control": "no-store"}
    cookie = _cookie(settings, answer.token, age_s=COOKIE_AGE_S)
    return Response(answer, status_code=201, cookies=[cookie], headers=headers)


def signed_out(settings: Settings) -> Response[None]:
    return Response(None, status_code=204, cookies=[_cookie(settings, "", age_s=0)])


def _cookie(settings: Settings, token: str, *, age_s: int) -> Cookie:
    return Cookie(
        COOKIE_NAME,
        value=token,
        path="/",
        max_age=age_s,
        httponly=True,
        secure=settings.secure,
        samesite="lax",
    )
