"""Signatures: RFC 9421's own example, and what is not believed."""

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from http_message_signatures import (
    ContentDigest,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    InvalidSignature,
    MappingKeyResolver,
    algorithms,
)

from teahouse import clock
from teahouse.signatures import Answer, NotTrusted, Request, SigningKey, key_id, verify

TAG = "teahouse-test"
BODY = b'{"hello": "world"}'

# RFC 9421, B.1.4, B.2 and B.2.6.
RFC_PRIVATE = b"""-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF
-----END PRIVATE KEY-----
"""
RFC_PUBLIC = "JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="
RFC_COVERS = ("date", "@method", "@path", "@authority", "content-type", "content-length")
RFC_INPUT = (
    'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length")'
    ';created=1618884473;keyid="test-key-ed25519"'
)
RFC_SIGNATURE = "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:"


def rfc_request() -> Request:
    headers = {
        "Host": "example.com",
        "Date": "Tue, 20 Apr 2021 02:07:55 GMT",
        "Content-Type": "application/json",
        "Content-Length": "18",
    }
    return Request("POST", "http://example.com/foo?param=Value&Pet=dog", headers)


def rfc_keys() -> MappingKeyResolver:
    private: Any = load_pem_private_key(RFC_PRIVATE, None)
    assert base64.b64encode(private.public_key().public_bytes_raw()).decode() == RFC_PUBLIC
    name = "test-key-ed25519"
    return MappingKeyResolver(public_keys={name: private.public_key()}, private_keys={name: private})


def test_the_library_signs_what_the_standard_signs() -> None:
    request = rfc_request()
    HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=rfc_keys()).sign(
        request,
        key_id="test-key-ed25519",
        created=datetime.fromtimestamp(1618884473, tz=UTC),
        label="sig-b26",
        include_alg=False,
        covered_component_ids=RFC_COVERS,
    )
    assert request.headers["Signature-Input"] == RFC_INPUT
    assert request.headers["Signature"] == RFC_SIGNATURE


def test_the_library_believes_the_standards_signature_and_no_other() -> None:
    request = rfc_request()
    request.headers |= {"Signature-Input": RFC_INPUT, "Signature": RFC_SIGNATURE}
    verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ED25519, key_resolver=rfc_keys())
    assert verifier.verify(request, max_age=None)[0].parameters["created"] == 1618884473
    request.headers["Content-Length"] = "19"
    with pytest.raises(InvalidSignature):
        verifier.verify(request, max_age=None)


# --- our own ---


@pytest.fixture
def house() -> SigningKey:
    return SigningKey(b"h" * 32)


@pytest.fixture
def biller() -> SigningKey:
    return SigningKey(b"b" * 32)


def asked(house: SigningKey, url: str = "https://power.example/pay?a=1", body: bytes = BODY) -> Request:
    request = Request("POST", url, {"Content-Type": "application/json"})
    house.sign(request, body, TAG)
    return request


def answered(biller: SigningKey, request: Request, body: bytes = BODY, status: int = 200) -> Answer:
    answer = Answer(status, {"Content-Type": "application/json"}, request)
    biller.sign_answer(answer, body, TAG, "biller")
    return answer


def test_a_request_and_its_answer_are_believed(house: SigningKey, biller: SigningKey) -> None:
    request = asked(house)
    assert request.headers["Content-Digest"] == "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"  # RFC 9530
    first, second = verify(request, BODY, TAG, house.public), verify(asked(house), BODY, TAG, house.public, house.id)
    assert len({first, second, ""}) == 3
    answer = answered(biller, request)
    verify(answer, BODY, TAG, biller.public, biller.id)
    assert key_id(base64.b64decode(house.public)) == house.id
    assert len(house.id) == 16


@pytest.mark.parametrize(
    "change",
    [
        {"method": "PUT"},
        {"url": "https://power.example/reverse?a=1"},
        {"url": "https://power.example/pay?a=2"},
        {"url": "https://gas.example/pay?a=1"},
        {"Content-Type": "text/plain"},
        {"Content-Digest": ContentDigest.create(b"{}")},
        {"Signature": f"teahouse=:{base64.b64encode(b'0' * 64).decode()}:"},
        {"Signature-Input": f'teahouse=("@method");created={clock.now_ms() // 1000};keyid="x";tag="{TAG}"'},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_part_of_a_request_counts(change: dict[str, str], house: SigningKey) -> None:
    request = asked(house)
    for name, value in change.items():
        if name in ("method", "url"):
            setattr(request, name, value)
        else:
            request.headers[name] = value
    with pytest.raises(NotTrusted):
        verify(request, BODY, TAG, house.public)


def test_a_signature_is_by_one_key_for_one_use_over_one_body(house: SigningKey) -> None:
    for body, tag, public, named in (
        (b"{}", TAG, house.public, ""),
        (BODY, "teahouse-other", house.public, ""),
        (BODY, TAG, SigningKey(b"x" * 32).public, ""),
        (BODY, TAG, house.public, "another-key"),
        (BODY, TAG, "not a key", ""),
    ):
        with pytest.raises(NotTrusted):
            verify(asked(house), body, tag, public, named)


def test_an_answer_is_good_for_its_request_only(house: SigningKey, biller: SigningKey) -> None:
    """The same words to the same door, twice: an answer that somebody kept is no answer to the second."""
    first, second = asked(house), asked(house)
    kept = answered(biller, first)
    verify(kept, BODY, TAG, biller.public)
    with pytest.raises(NotTrusted):
        verify(Answer(200, kept.headers, second), BODY, TAG, biller.public)
    with pytest.raises(NotTrusted):
        verify(Answer(404, kept.headers, first), BODY, TAG, biller.public)
    with pytest.raises(NotTrusted):
        verify(kept, b'{"state": "paid"}', TAG, biller.public)


def test_a_signature_that_covers_too_little_is_not_believed(house: SigningKey, biller: SigningKey) -> None:
    """Ones that a careless biller makes: good, but of the status alone."""
    request = asked(house)
    answer = Answer(200, {"Content-Type": "application/json"}, request)
    biller._sign(answer, BODY, TAG, ("@status", "content-type"), "biller")
    with pytest.raises(NotTrusted, match="not covered"):
        verify(answer, BODY, TAG, biller.public)


@pytest.mark.parametrize(
    ("seconds", "good"), [(0, True), (-59, True), (59, True), (-119, True), (-125, False), (65, False)]
)
def test_clocks_may_differ_by_a_minute(
    seconds: int, good: bool, house: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = clock.now_ms() + seconds * 1000
    with monkeypatch.context() as their_clock:
        their_clock.setattr(clock, "now_ms", lambda: theirs)
        request = asked(house)
    if good:
        verify(request, BODY, TAG, house.public)
        return
    with pytest.raises(NotTrusted):
        verify(request, BODY, TAG, house.public)


def test_what_is_no_signature_at_all_is_not_believed(house: SigningKey) -> None:
    for headers in (
        {},
        {"Signature": "teahouse=:AAAA:"},
        {"Signature-Input": "", "Signature": ""},
        {"Signature-Input": 'a=("@method";created=1', "Signature": "a=:AAAA:"},
        {"Signature-Input": f'teahouse=("@method");tag="{TAG}"', "Signature": "teahouse=:!:"},
        {"Signature-Input": "\x00", "Signature": "é"},
    ):
        with pytest.raises(NotTrusted):
            verify(Request("POST", "https://power.example/pay", headers), BODY, TAG, house.public)
