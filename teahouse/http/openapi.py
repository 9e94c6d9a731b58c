"""The OpenAPI page: what Litestar makes of the handlers, with our one form of errors and our two ways to sign in."""

from typing import Any

import msgspec
from litestar import Litestar

from teahouse.errors import Problem
from teahouse.http.problems import PROBLEM

METHODS = {"get", "put", "post", "patch", "delete"}


def page_of(app: Litestar) -> dict[str, Any]:
    """Return the page (OpenAPI 3.1) as plain JSON values."""
    page: dict[str, Any] = app.openapi_schema.to_schema()
    components = page.setdefault("components", {})
    (_,), shapes = msgspec.json.schema_components([Problem], ref_template="#/components/schemas/{name}")
    components.setdefault("schemas", {}).update(shapes)
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer"},
        "cookie": {"type": "apiKey", "in": "cookie", "name": "teahouse"},
    }
    page["security"] = [{"token": []}, {"cookie": []}]
    refused = {
        "description": "Refused: nothing was changed (RFC 9457).",
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for operations in page["paths"].values():
        for method, operation in operations.items():
            if method in METHODS:
                operation["responses"].pop("400", None)
                operation["responses"]["default"] = refused
                _may_be_absent(operation.get("requestBody", {}))
    return page


def _may_be_absent(body: dict[str, Any]) -> None:
    """Say of a body that may be None that it need not be sent."""
    for content in body.get("content", {}).values():
        shapes = content["schema"].get("oneOf", [])
        if {"type": "null"} in shapes:
            (content["schema"],) = [each for each in shapes if each != {"type": "null"}]
            body["required"] = False
