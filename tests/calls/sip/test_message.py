"""Messages as they are read, made and written, and where they end within a stream."""

import dataclasses

import pytest
import sipmessage
from hypothesis import given, settings
from hypothesis import strategies as st

from teahouse.calls.sip import message as sip
from teahouse.calls.sip.message import BadMessage, Framer, Request, parse, request, response_to, serialise, tag_of
from tests.calls.sip.torture.invalid import INVALID
from tests.calls.sip.torture.meaning import MEANING
from tests.calls.sip.torture.valid import VALID

SDP = b"v=0\r\n"


def invite(**other: object) -> Request:
    """An INVITE as a carrier sends it."""
    values: dict[str, object] = {
        "via": "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK+6f0c!a/b;rport",
        "from_": '"Alice" <sip:+4930123@carrier.example>;tag=sip+1+a64e0004',
        "to": "<sip:+4940456@house.example>",
        "call_id": "a84b4c76e66710",
        "cseq": 314159,
    }
    return request("INVITE", "sip:+4940456@house.example;user=phone", **(values | other))  # type: ignore[arg-type]


def lines(*changed: str, body: str = "") -> bytes:
    """The bytes of an OPTIONS; a changed line takes the place of the one with its name, or is added."""
    fields = [
        "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1",
        "From: <sip:a@example.com>;tag=1",
        "To: <sip:b@example.com>",
        "Call-ID: 1",
        "CSeq: 1 OPTIONS",
    ]
    for line in changed:
        name = line.partition(":")[0]
        fields = [field for field in fields if field.partition(":")[0] != name]
        fields.append(line)
    return "\r\n".join(["OPTIONS sip:b@example.com SIP/2.0", *fields, "", body]).encode(errors="surrogateescape")


def test_a_request_goes_out_and_comes_in_the_same() -> None:
    sent = invite(body=SDP, headers={"Supported": "100rel, timer"})
    read = parse(serialise(sent))
    assert isinstance(read, Request)
    assert read.headers.items() == sent.headers.items()
    assert (read.body, read.content_length, str(read.content_type)) == (SDP, len(SDP), "application/sdp")
    assert (read.max_forwards, read.supported) == (70, ["100rel", "timer"])
    assert str(read.uri) == "sip:+4940456@house.example;user=phone"


def test_tags_and_branches_come_back_to_the_letter() -> None:
    answer = response_to(invite(), 180, to_tag="b+c")
    assert answer.headers["Via"] == "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK+6f0c!a/b;rport"
    assert answer.headers["From"] == '"Alice" <sip:+4930123@carrier.example>;tag=sip+1+a64e0004'
    assert str(answer.from_address) == answer.headers["From"]
    assert str(answer.via[0]) == answer.headers["Via"]
    assert (answer.headers["To"], tag_of(answer.to_address)) == ("<sip:+4940456@house.example>;tag=b+c", "b+c")
    assert (answer.phrase, answer.cseq) == ("Ringing", sipmessage.CSeq(314159, "INVITE"))


def test_a_tag_that_is_there_stays() -> None:
    asked = invite(to="<sip:+4940456@house.example>;tag=first")
    assert tag_of(response_to(asked, 200, to_tag="second").to_address) == "first"


def test_responses_carry_the_route_that_dialogs_need_and_100_the_timestamp() -> None:
    asked = invite(headers=[("Record-Route", "<sip:p1;lr>"), ("Record-Route", "<sip:p2;lr>"), ("Timestamp", "54")])
    assert response_to(asked, 200).headers.getlist("Record-Route") == ["<sip:p1;lr>", "<sip:p2;lr>"]
    assert response_to(asked, 200).headers.get("Timestamp") is None
    assert response_to(asked, 100).headers["Timestamp"] == "54"
    assert response_to(asked, 486).headers.get("Record-Route") is None


def test_the_length_is_always_the_bodys() -> None:
    sent = invite(body="Grüße".encode(), content_type="text/plain", headers={"Content-Length": "3"})
    assert b"Content-Length: 7\r\n\r\nGr" in serialise(sent)
    assert serialise(sent).count(b"Content-Length") == 1


def test_sipmessages_own_requests_are_written_too() -> None:
    plain = sipmessage.Request("OPTIONS", sipmessage.URI.parse("sip:b@example.com"), b"x")
    plain.headers.add("Subject", "hello")
    assert serialise(plain) == b"OPTIONS sip:b@example.com SIP/2.0\r\nSubject: hello\r\nContent-Length: 1\r\n\r\nx"


@pytest.mark.parametrize("broken", ["a\r\nEvil: 1", "a\nEvil: 1", "a\r"])
def test_nobody_types_a_header_field_of_his_own(broken: str) -> None:
    with pytest.raises(ValueError, match="line break"):
        serialise(invite(headers={"Subject": broken}))
    with pytest.raises(ValueError, match="line break"):
        serialise(response_to(invite(), 486, broken))


def test_a_field_that_changes_is_read_anew() -> None:
    read = parse(lines())
    assert read.cseq.sequence == 1
    read.headers.set("CSeq", "2 OPTIONS")
    assert read.cseq.sequence == 2
    read.via = [dataclasses.replace(read.via[0], port=5062)]
    assert read.headers["Via"] == "SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK1"
    read.headers.add("Via", "SIP/2.0/UDP other")
    assert [via.host for via in read.via] == ["192.0.2.1", "other"]
    read.headers.getlist("Via").clear()
    assert len(read.via) == 2


def test_names_in_any_case_and_compact() -> None:
    read = parse(lines("m: <sip:a@h>", "cOnTaCt: <sip:b@h>", "K: timer", "X : 1800;refresher=uac", body=""))
    assert [contact.uri.user for contact in read.contact] == ["a", "b"]
    assert (read.supported, read.headers["Session-Expires"]) == (["timer"], "1800;refresher=uac")


def test_addresses_between_commas_are_apart_even_with_quotes() -> None:
    read = parse(lines('Contact: "A, \\"x\\"" <sip:a@h;x=1>;q=0.5, "B" <sip:b@h>,sip:c@h;+sip.instance="<urn:x;,y>"'))
    assert [contact.name for contact in read.contact] == ['A, "x"', "B", ""]
    assert read.contact[2].parameters["+sip.instance"] == '"<urn:x;,y>"'
    assert parse(lines("Contact: *")).contact == []


def test_names_as_people_write_them() -> None:
    assert parse(lines("From: Zoë (Berlin) <sip:a@h>;tag=1")).from_address.name == "Zoë (Berlin)"


def test_a_content_type_is_read_or_none() -> None:
    read = parse(lines('Content-Type: Multipart / mixed ; boundary="a;b" ; self=1;'))
    assert read.content_type is not None
    assert read.content_type.mime_type == "multipart/mixed"
    assert dict(read.content_type.parameters) == {"boundary": '"a;b"', "self": "1"}
    read.content_type = sipmessage.MediaType("application/sdp")
    assert read.headers["Content-Type"] == "application/sdp"
    assert parse(lines("Content-Type: nonsense")).content_type is None


def test_bytes_that_are_not_utf8_go_through() -> None:
    text = lines("Subject: x").replace(b"Subject: x", b"Subject: \xff\xfe")
    assert b"\r\nSubject: \xff\xfe\r\n" in serialise(parse(text))


def test_uris_keep_what_they_say() -> None:
    for text in (
        "sip:alice:secret@example.com:5070;transport=tcp;lr?subject=x",
        "sips:[2001:db8::1]:5061",
        "sip:*21#@example.com",
        "sip:a%3Fb%FF@example.com",
        "tel:+49-30-123;phone-context=x",
    ):
        assert str(sip.parse_uri(text)).replace("%23", "#") == text.replace("%3F", "?")
    assert sip.parse_uri("tel:+49-30-123;x=y").global_phone_number == "+4930123"
    assert sip.parse_uri("SIP:a@EXAMPLE.com").host == "example.com"


@pytest.mark.parametrize(
    "changed",
    [
        "Via: SIP/2.0/UDP",
        "Via: SIP/2.0/UDP h:99999;branch=z9hG4bK1",
        "Via: SIP/2.0/UDP h:0",
        "From: <sip:a@h",
        "From: <sip:a@h>;tag=1, <sip:b@h>",
        "From: a@h",
        "To:",
        "Call-ID: a b",
        "CSeq: OPTIONS",
        "CSeq: -1 OPTIONS",
        "CSeq: 2147483648 OPTIONS",
        "CSeq: ١ OPTIONS",
        "Max-Forwards: 256",
        "Max-Forwards: many",
        f"Max-Forwards: {'0' * 5000}",
        "Contact: <sip:a@h>, ",
        "Route: sip:p;lr, nonsense",
        "Record-Route: <p>",
        "Content-Length: 1e3",
        "Content-Length: +0",
        "Session-Expires: soon",
        "Min-SE: -90",
        "RSeq: 4294967296",
        "RAck: 1 INVITE",
        "Expires: ٣",
        "Subject x",
        ": x",
        "Sub ject: x",
        "Subject: a\rb",
        f"Subject: {'x' * 8200}",
    ],
)
def test_a_field_that_would_raise_later_is_refused_now(changed: str) -> None:
    with pytest.raises(BadMessage) as caught:
        parse(lines(changed))
    assert caught.value.code == 400


@pytest.mark.parametrize("name", ["Via", "From", "To", "Call-ID", "CSeq"])
def test_what_every_message_has_is_needed(name: str) -> None:
    kept = [line for line in lines().split(b"\r\n") if not line.startswith(name.encode())]
    with pytest.raises(BadMessage, match=f"no {name}") as caught:
        parse(b"\r\n".join(kept))
    assert caught.value.partial is None


def test_an_answer_repeats_nothing_that_cannot_be_read() -> None:
    for changed in ("Call-ID: a b", "CSeq: x", "Via: x", "From: x", "To: x"):
        with pytest.raises(BadMessage) as caught:
            parse(lines("Max-Forwards: x", changed))
        assert caught.value.partial is None


def test_there_are_bounds() -> None:
    many = [f"X-{n}: 1" for n in range(sip.HEADERS_MAX)]
    with pytest.raises(BadMessage, match="too many header"):
        parse(lines(*many))
    with pytest.raises(BadMessage, match="too many Via"):
        parse(lines("Via: " + ",".join(["SIP/2.0/UDP h"] * (sip.VIAS_MAX + 1))))
    with pytest.raises(BadMessage, match="too long") as caught:
        parse(lines(body="x" * sip.MESSAGE_MAX))
    assert caught.value.code == 513


def test_a_datagram_is_cut_to_its_length_and_may_not_lack_any() -> None:
    assert parse(lines("Content-Length: 2", body="abc")).body == b"ab"
    assert parse(lines(body="abc")).body == b"abc"
    with pytest.raises(BadMessage, match="shorter"):
        parse(lines("Content-Length: 4", body="abc"))


def test_bare_line_feeds_and_line_ends_before_are_taken() -> None:
    read = parse(b"\r\n\r\n" + lines("Content-Length: 3", body="abc").replace(b"\r\n", b"\n"))
    assert (read.call_id, read.body) == ("1", b"abc")


@pytest.mark.parametrize(
    "line",
    ["SIP/2.0 99 Low", "SIP/2.0 700 High", "SIP/2.0 2000 Long", "SIP/2.0  200 OK", "SIP/3.0 200 OK", "SIP/2.0 ٢٠٠ OK"],
)
def test_a_status_that_is_none_is_dropped(line: str) -> None:
    with pytest.raises(BadMessage) as caught:
        parse(lines().replace(b"OPTIONS sip:b@example.com SIP/2.0", line.encode()))
    assert (caught.value.code, caught.value.partial) == (0, None)


ADVERSARIAL = [
    "From: " + '"' * 8000,
    "From: " + '"\\' * 4000,
    "From: <sip:a@h>" + ';a=""' * 1600 + ";",
    "From: <sip:" + "a%41" * 2000 + ">",
    "From: <sip:" + "a-" * 4000 + "@>",
    "From: " + "a " * 4000,
    "From: <sip:a@h>;tag=" + " " * 8000 + "<",
    "Via: SIP/2.0/UDP " + "a." * 4000 + "!",
    "Via: SIP/2.0/UDP h" + ";a=b ; " * 1100 + "<",
    "Via: SIP" + " " * 8000 + "x",
    "Contact: " + '"a" <sip:a@h>,' * 580 + "x",
    "Contact: <sip:[" + "::1" * 2600 + "]>",
    "Session-Expires: 1" + " ;" * 4000 + "\x00",
    "CSeq: " + "0" * 8000 + " OPTIONS!(",
    "Subject: " + " \t" * 4000,
]


@pytest.mark.parametrize("line", ADVERSARIAL, ids=range(len(ADVERSARIAL)))
def test_no_value_holds_up_the_loop(line: str) -> None:
    """With a pattern that tries every way, any one of these would not end within the life of this test run."""
    text = lines(line)
    try:
        parse(text)
    except BadMessage as bad:
        assert bad.code == 400  # noqa: PT017 - some of them are well-formed


def test_folds_by_the_thousand_are_read_once() -> None:
    text = lines("Subject: x").replace(b"Subject: x", b"Subject: x" + b"\r\n " * 2000 + b" " * 50_000)
    assert parse(text).headers["Subject"] == "x"


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_message_or_a_bad_one(data: bytes) -> None:
    for text in (data, b"OPTIONS sip:a@h SIP/2.0\r\n" + data + b"\r\n\r\n", lines("Subject: x") + data):
        _is_read_or_refused(text)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_mutated_message_is_a_message_or_a_bad_one(data: st.DataObject) -> None:
    everything = [
        *VALID.values(),
        *INVALID.values(),
        *MEANING.values(),
        lines("Session-Expires: 90", "RAck: 1 1 INVITE"),
    ]
    text = bytearray(data.draw(st.sampled_from(everything)))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, max(0, len(text) - 1)))
        match data.draw(st.sampled_from(["put", "cut", "twice", "other"])):
            case "put":
                text[at:at] = data.draw(
                    st.sampled_from([b"\r\n", b"\n", b" ", b'"', b"\\", b";", b",", b"<", b">", b"\0"])
                )
            case "cut":
                del text[at : at + data.draw(st.integers(1, 40))]
            case "twice":
                text[at:at] = text[at : at + 60]
            case _:
                text[at : at + 1] = data.draw(st.binary(min_size=1, max_size=3))
    _is_read_or_refused(bytes(text))


def _is_read_or_refused(text: bytes) -> None:
    """Either way there is no other error, and what can be answered is answered in one piece."""
    try:
        read = parse(text)
    except BadMessage as bad:
        if bad.partial is not None:
            parse(serialise(response_to(bad.partial, bad.code or 400, to_tag="x")))
        return
    again = parse(serialise(read))
    assert (again.via, again.cseq, again.body) == (read.via, read.cseq, read.body)
    if isinstance(read, Request):
        parse(serialise(response_to(read, 200, to_tag="x")))


class TestFramer:
    def test_messages_come_out_however_the_bytes_come_in(self) -> None:
        stream = lines("Content-Length: 3", body="abc") + b"\r\n" + lines("l: 0", "Call-ID: 2")
        stream += b"\r\n\r\n\r\n\r\n" + lines("Content-Length :\r\n  2", "Call-ID: 3", body="\r\n")
        for step in (1, 2, 3, 7, len(stream)):
            framer = Framer()
            found = [message for at in range(0, len(stream), step) for message in framer.feed(stream[at : at + step])]
            assert [parse(message).call_id for message in found] == ["1", "2", "3"]
            assert [parse(message).body for message in found] == [b"abc", b"", b"\r\n"]
            assert framer.pongs_due == 2

    def test_a_pong_is_no_ping(self) -> None:
        framer = Framer()
        assert framer.feed(b"\r\n") == []
        assert framer.feed(lines("l: 0")) == [lines("l: 0")]
        assert framer.pongs_due == 0

    @pytest.mark.parametrize(
        "stream",
        [
            lines(body="abc"),
            lines("Content-Length: 3", "l: 4", body="abc"),
            lines("Content-Length: -1"),
            lines("Content-Length: 3 3"),
            lines("Content-Length:"),
            lines("Content-Length: 70000"),
            b"x" * (sip.MESSAGE_MAX + 1),
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        ],
    )
    def test_a_stream_that_cannot_be_followed_ends(self, stream: bytes) -> None:
        framer = Framer()
        with pytest.raises(BadMessage):
            framer.feed(stream)
        with pytest.raises(BadMessage):
            framer.feed(lines("l: 0"))

    def test_what_came_whole_before_is_not_lost(self) -> None:
        framer = Framer()
        assert framer.feed(lines("l: 0") + lines(body="abc")) == [lines("l: 0")]
        with pytest.raises(BadMessage):
            framer.feed(b"")

    @settings(max_examples=200, deadline=None)
    @given(st.lists(st.binary(max_size=40) | st.sampled_from([b"\r\n", b"l: 1\r\n", lines("l: 0")]), max_size=8))
    def test_any_bytes_are_framed_or_refused(self, chunks: list[bytes]) -> None:
        framer = Framer()
        try:
            for chunk in chunks:
                framer.feed(chunk)
        except BadMessage:
            assert framer.pongs_due >= 0
