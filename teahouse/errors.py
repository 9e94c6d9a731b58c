"""Refusals: errors as values with names. Each is declared once, beside the rule that raises it."""

from typing import Any, ClassVar

import msgspec


class Problem(msgspec.Struct, omit_defaults=True):
    """An error as the HTTP doors write it (RFC 9457, `application/problem+json`)."""

    title: str
    status: int
    code: str
    detail: str = ""
    type: str = "about:blank"
    fields: dict[str, Any] = {}


class Refusal(Exception):
    """A command is refused: nothing was changed. `code` is stable; `detail` is for people who write clients."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "The command was refused"

    def __init__(self, detail: str = "", **fields: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.fields = fields

    def problem(self) -> Problem:
        return Problem(title=self.title, status=self.status, code=self.code, detail=self.detail, fields=self.fields)


class Malformed(Refusal):
    """The bytes are not a command: not JSON, not UTF-8, a field missing, too long or of the wrong type."""

    code = "malformed"
    title = "The request could not be read"


class Unauthenticated(Refusal):
    code = "unauthenticated"
    status = 401
    title = "Sign in first"


class Forbidden(Refusal):
    code = "forbidden"
    status = 403
    title = "You may not do this"


class NotFound(Refusal):
    """It does not exist, or the person may not know that it does."""

    code = "not_found"
    status = 404
    title = "There is no such thing"


class Conflict(Refusal):
    code = "conflict"
    status = 409
    title = "It clashes with what is there"


class TooLarge(Refusal):
    code = "too_large"
    status = 413
    title = "Too large"


class RateLimited(Refusal):
    """Too much in too short a time; `fields["retry_after_ms"]` says when to try again."""

    code = "rate_limited"
    status = 429
    title = "Too many requests"


class Unavailable(Refusal):
    """The house cannot do it now (the store is full or away): nothing was changed, try again."""

    code = "unavailable"
    status = 503
    title = "Not available now"
