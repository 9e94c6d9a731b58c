"""Errors as RFC 9457 problems: the one place where a `Refusal` becomes an HTTP answer."""

from typing import Any

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
    fields = error.extra if isinstance(error.extra, list) else []
    return answer(Malformed(error.detail, errors=fields).problem())


def http_error(_request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
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
    HTTPException: http_error,
    Exception: crashed,
}
