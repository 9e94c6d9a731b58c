"""Session timers (RFC 4028): how long a call lives without a sign of life, and who gives the signs. All are seconds."""

from dataclasses import dataclass
from typing import Final

from sipmessage import Request, Response

MIN_SE: Final = 90
"""The least that anyone may ask for (section 4)."""
SESSION_EXPIRES_MAX: Final = 86_400
EARLY_MAX: Final = 32
"""How long before its end a session is given up (section 10)."""


@dataclass(frozen=True)
class SessionTimer:
    """What was agreed on."""

    interval: int
    we_refresh: bool

    @property
    def refresh_after(self) -> float:
        return self.interval / 2

    @property
    def give_up_after(self) -> float:
        return self.interval - min(EARLY_MAX, self.interval / 3)


def asked(expires: int, min_se: int, we_refresh: bool | None = None) -> list[tuple[str, str]]:
    """Fields of an INVITE or UPDATE of ours; none if `expires` is 0. Who refreshes is said once it is agreed on."""
    if not expires:
        return []
    refresher = "" if we_refresh is None else f";refresher={'uac' if we_refresh else 'uas'}"
    fields = [("Session-Expires", f"{max(expires, min_se)}{refresher}")]
    if min_se > MIN_SE:
        fields.append(("Min-SE", str(min_se)))
    return fields


def from_response(response: Response) -> SessionTimer | None:
    """What a 2xx to our request says (section 7.2). Without a refresher it is us."""
    interval, refresher = _session_expires(response)
    if not interval:
        return None
    return SessionTimer(interval, refresher != "uas")


def raised(response: Response, min_se: int) -> int | None:
    """The Min-SE that a 422 asks for; None if it asks for nothing that we could do."""
    wanted = _seconds(response.headers.get("Min-SE"))
    return wanted if wanted > min_se and wanted <= SESSION_EXPIRES_MAX else None


def is_too_small(request: Request) -> bool:
    """The answer is 422 with our `MIN_SE` (section 9)."""
    interval, _ = _session_expires(request)
    return 0 < interval < MIN_SE and "timer" in request.supported


def answer(request: Request, ours: int) -> tuple[SessionTimer | None, list[tuple[str, str]]]:
    """What a 2xx of ours says to their request (section 9, table 2); `ours` is what we want if they ask for nothing."""
    theirs, refresher = _session_expires(request)
    they_can = "timer" in request.supported or "timer" in request.require
    least = max(MIN_SE, _seconds(request.headers.get("Min-SE")))
    interval = theirs or (max(ours, least) if ours else 0)
    if not interval or interval > SESSION_EXPIRES_MAX:
        return None, []
    we_refresh = refresher == "uas" or not they_can
    fields = [("Session-Expires", f"{interval};refresher={'uas' if we_refresh else 'uac'}")]
    if not we_refresh:
        fields.append(("Require", "timer"))
    return SessionTimer(interval, we_refresh), fields


def _session_expires(message: Request | Response) -> tuple[int, str]:
    value = message.headers.get("Session-Expires")
    refresher = ""
    for parameter in (value or "").split(";")[1:]:
        name, _, said = parameter.partition("=")
        if name.strip().lower() == "refresher":
            refresher = said.strip().lower()
    return _seconds(value), refresher


def _seconds(value: str | None) -> int:
    digits = (value or "").partition(";")[0].strip()
    return int(digits) if digits.isdecimal() and len(digits) <= 10 else 0
