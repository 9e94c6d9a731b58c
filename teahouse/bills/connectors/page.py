"""The OpenAPI page for billers: `python -m teahouse.bills.connectors.page > docs/billers.openapi.json`."""

import json
from typing import Any, Final

import msgspec

from teahouse.bills.connectors import wire

VERSION: Final = "1"
TITLE: Final = "What a biller's server answers to a Teahouse"
ABOUT: Final = (
    "You implement these four; the house calls them below the address that its operator has set. Requests are signed "
    "by the house and answers by you, with HTTP Message Signatures (RFC 9421, Ed25519): docs/billers.md says how."
)
DOORS: Final[tuple[tuple[str, str, type[msgspec.Struct], type[msgspec.Struct], int], ...]] = (
    ("fetch", "What does this customer owe?", wire.FetchAsked, wire.FetchAnswer, 8),
    ("pay", "Take a payment; the same one again changes nothing", wire.PaymentAsked, wire.PaymentAnswer, 15),
    ("status", "What became of a payment?", wire.StatusAsked, wire.PaymentAnswer, 8),
    ("reverse", "Give a payment back, or never take it", wire.PaymentAsked, wire.PaymentAnswer, 15),
)
SIGNED: Final = ("Content-Digest", "Signature-Input", "Signature")


def openapi() -> dict[str, Any]:
    kinds: list[Any] = [*dict.fromkeys(kind for _, _, *pair, _ in DOORS for kind in pair), wire.Wrong]
    references, schemas = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    of = dict(zip(kinds, references, strict=True))
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": VERSION, "description": ABOUT},
        "paths": {
            f"/{door}": {
                "post": {
                    "operationId": door,
                    "summary": summary,
                    "description": f"The house waits {deadline_s} seconds.",
                    "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in SIGNED],
                    "requestBody": {"required": True, "content": _json(of[asked])},
                    "responses": _responses(door, of[answer], of[wire.Wrong]),
                }
            }
            for door, summary, asked, answer, deadline_s in DOORS
        },
        "components": {
            "schemas": schemas,
            "parameters": {
                name: {"name": name, "in": "header", "required": True, "schema": {"type": "string"}} for name in SIGNED
            },
            "headers": {name: {"required": True, "schema": {"type": "string"}} for name in SIGNED},
        },
    }


def _responses(door: str, answer: dict[str, Any], wrong: dict[str, Any]) -> dict[str, Any]:
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in SIGNED}
    responses: dict[str, Any] = {
        "200": {"description": "Your answer, signed", "headers": headers, "content": _json(answer)},
        "401": {"description": "The signature is not the house's, is old, or came before", "content": _json(wrong)},
    }
    if door == "fetch":
        responses["404"] = {
            "description": "`no_such_customer`, signed: you do not know this customer",
            "headers": headers,
            "content": _json(wrong),
        }
    if door == "pay":
        responses["409"] = {
            "description": "You know this `payment` with another sum or `ref`",
            "content": _json(wrong),
        }
    return responses


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def page() -> str:
    return json.dumps(openapi(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(page(), end="")
