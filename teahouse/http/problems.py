"""Errors as RFC 9457 problems: the one place where a `Refusal` becomes an HTTP answer."""

from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from teahouse.errors import Malformed, NotFound, Problem, Refusal, TooLarge
from teahouse.storage.writer import Crashed

logger = structlog.get_logger()

PROBLEM = "application/problem+json"


def answer(problem: Problem) -> Response[Problem]:
    headers = {}
    retry = problem.fields.get("retry_after_ms")
    if retry:
        headers["Retry-After"] = str(-(-int(retry) // 1000))
    return Response(problem, status_code=problem.status, media_type=PROBLEM, headers=headers)


def refused(_request: Request[Any, Any, Any], refusal: Refusal) -> Response[Problem]:
    return answer(refusal.problem())


def invalid(_request: Request[Any, Any, Any], error: ValidationException) -> Response[Problem]:
    faults = [each for each in error.extra if isinstance(each, dict)] if isinstance(error.extra, list) else []
    # A body that is not there shows as a missing argument of the handler.
    said = ["A JSON body is needed." if each.get("key") == "data" else _plain(each) for each in faults]
    return answer(Malformed(" ".join(said) or error.detail, errors=faults).problem())


def unfit(_request: Request[Any, Any, Any], error: msgspec.ValidationError) -> Response[Problem]:
    """Values that do not fit the command."""
    return answer(Malformed(str(error)).problem())


def _plain(fault: dict[str, Any]) -> str:
    return f"{fault.get('key', '')}: {fault.get('message', '')}."


def http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    if error.status_code == 500:
        # Litestar takes a body's field for its own argument when one of our services has the same name.
        cause = error.__cause__
        return unfit(request, cause) if isinstance(cause, msgspec.ValidationError) else crashed(request, error)
    kinds: dict[int, type[Refusal]] = {400: Malformed, 404: NotFound, 413: TooLarge}
    kind = kinds.get(error.status_code)
    if kind is not None:
        return answer(kind(error.detail if error.status_code != 404 else "").problem())
    code = "method_not_allowed" if error.status_code == 405 else "refused"
    return answer(Problem(title=error.detail, status=error.status_code, code=code))


def crashed(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    logger.exception("request_crashed", method=request.method, path=request.url.path, exc_info=error)
    return answer(Crashed().problem())


HANDLERS: dict[Any, Any] = {
    Refusal: refused,
    ValidationException: invalid,
    msgspec.ValidationError: unfit,
    HTTPException: http_error,
    Exception: crashed,
}
