"""Who asks: the token of a request, and whether one that came with the cookie comes from the house's own pages."""

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from teahouse.config import COOKIE_NAME, Settings


def token_of(headers: Mapping[str, str], query: str = "") -> tuple[str, bool]:
    """Return `(token, whether it came as the cookie)`; an empty token when there is none. Header names: lower case."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip(), False
    if query:
        return query, False
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE_NAME)
    except CookieError:
        cookie = None
    return (cookie.value, True) if cookie else ("", False)


def may_change(settings: Settings, headers: Mapping[str, str]) -> bool:
    """Whether a request with the cookie may change something: a browser says that it comes from our own origin.

    `Sec-Fetch-Site` where the browser sends it, else `Origin` (OWASP's advice against cross-site request forgery). A
    request with neither comes from no browser that is in use, and is refused.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return False
    return origin == settings.public_url or urlsplit(origin).netloc == headers.get("host", "")
