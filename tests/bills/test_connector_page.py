"""What billers read is true: the OpenAPI page, and the worked example of a signature."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
import schemathesis
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, MappingKeyResolver, algorithms

from teahouse.bills.connectors import wire
from teahouse.bills.connectors.http import ANSWERED_AS, DEADLINES_S
from teahouse.bills.connectors.page import DOORS, page
from teahouse.signatures import ANSWER_COVERS, REQUEST_COVERS, Answer, Request, SigningKey

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_what_the_house_sends_and_reads() -> None:
    made = "make it anew: python -m teahouse.bills.connectors.page > docs/billers.openapi.json"
    assert (DOCS / "billers.openapi.json").read_text("utf-8") == page(), made


def test_it_is_an_openapi_page() -> None:
    schemathesis.openapi.from_dict(json.loads(page())).validate()
    assert {door: deadline_s for door, *_, deadline_s in DOORS} == DEADLINES_S


def test_every_state_is_explained() -> None:
    table = re.findall(r"^\| `(\w+)` \| ", (DOCS / "billers.md").read_text("utf-8"), re.MULTILINE)
    states = {state for states in ANSWERED_AS.values() for state in states}
    assert states <= set(table)


class Timeless(HTTPMessageVerifier):
    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        pass


def blocks(kind: str) -> list[str]:
    text = (DOCS / "billers.md").read_text("utf-8")
    return re.findall(rf"^```{kind}\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL)


def parsed(message: str) -> tuple[str, dict[str, str], bytes]:
    head, _, body = message.partition("\n\n")
    first, *lines = head.split("\n")
    return first, dict(line.split(": ", 1) for line in lines), body.encode()


@pytest.fixture
def keys() -> tuple[SigningKey, SigningKey]:
    text = (DOCS / "billers.md").read_text("utf-8")
    house = SigningKey(base64.b64decode("n4Ni+HpISpVObnQMW0wOhCKROaIKqKtW/2ZYb2p9KcU="))
    biller = SigningKey(re.search(r"seed `(.{32})`", text)[1].encode())  # type: ignore[index]
    for key in (house, biller):
        assert f"public: `{key.public}`, key id `{key.id}`" in text
    return house, biller


def test_the_worked_example_works(keys: tuple[SigningKey, SigningKey]) -> None:
    (asked, answered), (asked_base, answered_base) = blocks("http"), blocks("text")
    first, headers, body = parsed(asked)
    request = Request(first.split(" ")[0], f"https://{headers['Host']}{first.split(' ')[1]}", headers)
    status, headers, said = parsed(answered)
    answer = Answer(int(status.split(" ")[1]), headers, request)
    assert msgspec.json.decode(body, type=wire.PaymentAsked).payment == msgspec.json.decode(said)["payment"]
    msgspec.json.decode(said, type=wire.PaymentAnswer)
    examples = ((request, body, REQUEST_COVERS, asked_base), (answer, said, ANSWER_COVERS, answered_base))
    for key, (message, content, covers, base) in zip(keys, examples, strict=True):
        verifier = Timeless(
            signature_algorithm=algorithms.ED25519,
            key_resolver=MappingKeyResolver(public_keys={key.id: key._private.public_key()}, private_keys={}),
        )
        [found] = verifier.verify(
            message, max_age=None, body=content, expect_tag="teahouse-biller", require_components=covers
        )
        lines = [f"{name}: {value}" for name, value in found.covered_components.items()]
        assert "\n".join(lines) == base


def test_the_signers_lines_are_the_ones_shown(keys: tuple[SigningKey, SigningKey]) -> None:
    """Covered components come in the order that the page lists them."""
    request = Request("POST", "https://power.example/teahouse/pay", {"Content-Type": "application/json"})
    keys[0].sign(request, b"{}", "teahouse-biller")
    prepared = HTTPMessageSigner(signature_algorithm=algorithms.ED25519).prepare(
        request, key_id=keys[0].id, covered_component_ids=REQUEST_COVERS, use_existing_digest=True
    )
    names = [line.partition(": ")[0] for line in prepared.signature_base.decode().split("\n")]
    assert names == [line.partition(": ")[0] for line in blocks("text")[0].split("\n")]


def test_the_page_lists_each_door_once() -> None:
    assert list(json.loads(page())["paths"]) == [f"/{door}" for door in DEADLINES_S]
