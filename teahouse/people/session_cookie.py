"""The session cookie of browsers: set when one signs in, taken away when one signs out."""

from typing import Any

from litestar import Request, Response
from litestar.datastructures import Cookie

from teahouse.config import Settings
from teahouse.people.model import SignedIn
from teahouse.people.sessions import COOKIE_AGE_S, COOKIE_NAME


def signed_in(request: Request[Any, Any, Any], settings: Settings, answer: SignedIn) -> Response[SignedIn]:
    """Return the answer to whoever signed in, with the cookie when a browser asked (browsers say so in a POST)."""
    from_browser = "origin" in request.headers or "sec-fetch-site" in request.headers
    cookies = [_cookie(settings, answer.token, age_s=COOKIE_AGE_S)] if from_browser else []
    # The token must stay in no cache on the way.
    return Response(answer, status_code=201, cookies=cookies, headers={"Cache-Control": "no-store"})


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
