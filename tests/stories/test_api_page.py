"""Everything that the OpenAPI page promises, held by schemathesis against the real server."""

import json
import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from teahouse.app import openapi_page
from tests.harness.server import Server

EXAMPLES = int(os.environ.get("TEAHOUSE_FUZZ", "8"))
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
ENDS_THE_SESSION = {"/api/v1/sessions/current", "/api/v1/me/password"}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    """A server without rate limits, and the token of its operator."""
    limits = {"RATE_PERSON": "1000000", "RATE_ADDRESS": "1000000", "RATE_SIGN_IN": "1000000"}
    with Server(tmp_path_factory.mktemp("api") / "house", settings=limits) as server:
        answer = httpx.post(
            f"{server.url}/api/v1/people",
            json={
                "handle": "ann",
                "name": "Ann",
                "password": "correct horse battery",
                "invitation": server.first_link.rpartition("/")[2],
            },
        )
        yield server, answer.json()["token"]


api = schemathesis.openapi.from_dict(json.loads(openapi_page()))


@api.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_page_is_true(case: Any, asked: tuple[Server, str]) -> None:
    headers = {} if case.path in ENDS_THE_SESSION else {"Authorization": f"Bearer {asked[1]}"}
    case.call_and_validate(base_url=asked[0].url, headers=headers, checks=CHECKS)
    assert asked[0].is_ready()
