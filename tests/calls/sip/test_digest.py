"""Challenges are read whatever their quoting, answered by the strongest means, and a wrong password is given up on."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teahouse.calls.sip.digest import ALGORITHMS, Authoriser, Challenge, Secret, Verifier, answer
from teahouse.calls.sip.message import Request, Response, request, response_to


def register(**other: object) -> Request:
    values: dict[str, object] = {
        "via": "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1",
        "from_": "<sip:alice@example.com>;tag=1",
        "to": "<sip:alice@example.com>",
        "call_id": "1",
        "cseq": 1,
    }
    return request("REGISTER", "sip:example.com;transport=tcp", **(values | other))  # type: ignore[arg-type]


def challenged(*values: str, code: int = 401) -> Response:
    name = "WWW-Authenticate" if code == 401 else "Proxy-Authenticate"
    return response_to(register(), code, headers=[(name, value) for value in values])


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Carrier:
    """A registrar that checks passwords; `ask` sends a request until it is decided and says how it went."""

    def __init__(self, **other: object) -> None:
        self.clock = Clock()
        self.verifier = Verifier('the "house", hall', {"alice": "secret, or not"}, clock=self.clock, **other)  # type: ignore[arg-type]
        self.forgets_to_say_stale = False
        self.asked = 0

    def answer(self, asked: Request) -> Response:
        self.asked += 1
        verdict = self.verifier.verify(asked)
        if verdict == "ok":
            return response_to(asked, 200)
        is_stale = verdict == "stale" and not self.forgets_to_say_stale
        return response_to(asked, 401, headers=self.verifier.challenge(stale=is_stale))

    def ask(self, who: Authoriser, asked: Request | None = None) -> list[int]:
        asked = asked or register()
        codes: list[int] = []
        for _ in range(9):
            who.sign(asked)
            response = self.answer(asked)
            codes.append(response.code)
            if not who.heard(asked, response):
                return codes
        raise AssertionError("it asks without end")


def alice(password: str = "secret, or not") -> Authoriser:
    return Authoriser("alice", password)


class TestSums:
    def test_rfc_2617_section_3_5(self) -> None:
        assert (
            answer(
                Secret("Mufasa", "Circle Of Life"),
                algorithm="MD5",
                realm="testrealm@host.com",
                nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",
                method="GET",
                uri="/dir/index.html",
                qop="auth",
                count="00000001",
                cnonce="0a4f113b",
            )
            == "6629fae49393a05397450978507c4ef1"
        )

    @pytest.mark.parametrize(
        ("algorithm", "expected"),
        [
            ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
            ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ],
    )
    def test_rfc_7616_section_3_9_1(self, algorithm: str, expected: str) -> None:
        assert (
            answer(
                Secret("Mufasa", "Circle of Life"),
                algorithm=algorithm,
                realm="http-auth@example.org",
                nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
                method="GET",
                uri="/dir/index.html",
                qop="auth",
                count="00000001",
                cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
            )
            == expected
        )

    def test_rfc_7616_section_3_9_2_as_its_erratum_4897_has_it(self) -> None:
        secret = Secret("Jäsøn Doe", "Secret, or not?")
        assert (
            answer(
                secret,
                algorithm="SHA-512-256",
                realm="api@example.org",
                nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK",
                method="GET",
                uri="/doe.json",
                qop="auth",
                count="00000001",
                cnonce="NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
            )
            == "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"
        )
        who = Authoriser("Jäsøn Doe", "Secret, or not?")
        who.heard(
            register(), challenged('Digest realm="api@example.org", nonce="n", algorithm=SHA-512-256, userhash=true')
        )
        assert '"793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b"' in who.credentials("GET", "/")[0][1]

    def test_an_unknown_algorithm_has_no_sum(self) -> None:
        with pytest.raises(ValueError, match="algorithm"):
            answer(Secret("a", "b"), algorithm="AES", realm="", nonce="", method="", uri="")


class TestChallenges:
    def test_quotes_commas_and_escapes(self) -> None:
        (found,) = Challenge.parse_all(
            challenged('Digest realm="a, \\"b\\" \\\\c", qop="auth,auth-int", nonce="x=,y", opaque="", stale=TRUE')
        )
        assert (found.realm, found.nonce, found.qop) == ('a, "b" \\c', "x=,y", ("auth", "auth-int"))
        assert (found.opaque, found.is_stale, found.is_proxy, found.algorithm) == ("", True, False, "")

    def test_several_in_one_field_and_several_fields(self) -> None:
        found = Challenge.parse_all(
            challenged(
                'Basic realm="old", Digest realm = "a" , nonce=n1,algorithm=MD5,Digest nonce="n2", realm="b"',
                "Negotiate YII/abc==",
                'digest  realm="c",nonce="n3"',
            )
        )
        assert [(each.realm, each.nonce) for each in found] == [("a", "n1"), ("b", "n2"), ("c", "n3")]

    @pytest.mark.parametrize(
        "value",
        [
            "",
            ",",
            "Digest",
            'Digest realm="x"',
            'Digest nonce="x"',
            'Digest realm="x, nonce="y"',
            '"',
            "=",
            "Digest =x",
        ],
    )
    def test_what_lacks_something_is_none(self, value: str) -> None:
        assert Challenge.parse_all(challenged(value)) == []

    @settings(max_examples=200, deadline=None)
    @given(st.text(alphabet='Digest realm=nonce",\\;= \t\x00ü', max_size=80))
    def test_no_challenge_raises(self, value: str) -> None:
        who = alice()
        if who.heard(register(), challenged("Digest " + value)):
            who.sign(register())

    def test_the_strongest_known_is_answered(self) -> None:
        offered = [
            f'Digest realm="r", nonce="{name}", qop="auth", algorithm={name}'
            for name in (
                "AES-9",
                "MD5",
                "SHA-256-sess",
                "SHA-256",
                *(["SHA-512-256"] if "sha-512-256" in ALGORITHMS else []),
            )
        ]
        who = alice()
        assert who.heard(register(), challenged(*offered))
        ((_, value),) = who.credentials("REGISTER", "sip:example.com")
        strongest = "SHA-512-256" if "sha-512-256" in ALGORITHMS else "SHA-256-sess"
        assert f"algorithm={strongest}," in value
        assert "AES" not in value

    def test_what_nobody_knows_is_given_up(self) -> None:
        assert not alice().heard(register(), challenged('Digest realm="r", nonce="n", algorithm=AES-9'))
        assert not alice().heard(register(), challenged('Digest realm="r", nonce="n", qop="conf"'))
        assert not alice().heard(register(), challenged())

    def test_a_proxy_and_a_registrar_are_answered_each_by_its_header(self) -> None:
        who = alice()
        assert who.heard(register(), challenged('Digest realm="r", nonce="n1"', code=407))
        asked = register()
        who.sign(asked)
        assert who.heard(asked, challenged('Digest realm="r", nonce="n2"'))
        assert [name for name, _ in who.credentials("A", "b")] == ["Proxy-Authorization", "Authorization"]

    def test_an_old_server_gets_no_count(self) -> None:
        who = alice()
        who.heard(register(), challenged('Digest realm="r", nonce="n", opaque="o\\"p"'))
        ((_, value),) = who.credentials("REGISTER", "sip:example.com")
        assert "nc=" not in value
        assert "cnonce" not in value
        assert 'opaque="o\\"p"' in value

    def test_realms_are_bounded(self) -> None:
        who = alice()
        for number in range(50):
            who.heard(register(), challenged(f'Digest realm="{number}", nonce="n"'))
        assert len(who.credentials("A", "b")) == 8


class TestAsking:
    @pytest.mark.parametrize("qop", [(), ("auth",), ("auth-int",), ("auth", "auth-int")])
    @pytest.mark.parametrize("algorithm", [name + end for name in ALGORITHMS for end in ("", "-sess")])
    def test_the_right_password_is_taken(self, algorithm: str, qop: tuple[str, ...]) -> None:
        carrier = Carrier(algorithms=[algorithm], qop=qop)
        assert carrier.ask(alice(), register(body=b"hello")) == [401, 200]

    def test_the_nonce_is_used_again_with_the_next_count(self) -> None:
        carrier, who = Carrier(), alice()
        assert carrier.ask(who) == [401, 200]
        assert carrier.ask(who) == [200]
        assert "nc=00000003" in who.credentials("REGISTER", "sip:example.com")[0][1]

    def test_a_wrong_password_is_tried_once(self) -> None:
        carrier, who = Carrier(), alice("guess")
        assert carrier.ask(who) == [401, 401]
        assert carrier.ask(who) == [401, 401]

    def test_a_stale_nonce_is_renewed(self) -> None:
        carrier, who = Carrier(), alice()
        carrier.ask(who)
        carrier.clock.now += 301
        assert carrier.ask(who) == [401, 200]

    def test_a_registrar_that_forgets_to_say_stale_is_believed_once_the_password_was_right(self) -> None:
        carrier, who = Carrier(), alice()
        carrier.forgets_to_say_stale = True
        carrier.ask(who)
        carrier.clock.now += 301
        assert carrier.ask(who) == [401, 200]

    def test_one_that_calls_everything_stale_is_given_up(self) -> None:
        carrier, who = Carrier(lives_s=0), alice()
        assert carrier.ask(who) == [401, 401, 401]

    def test_two_requests_at_once_do_not_drive_each_other_on(self) -> None:
        carrier, who = Carrier(), alice("guess")
        first, second, tries = register(), register(call_id="2"), 0
        waiting = [first, second]
        while waiting and tries < 20:
            asked = waiting.pop(0)
            tries += 1
            if who.heard(asked, carrier.answer(asked)):
                who.sign(asked)
                waiting.append(asked)
        assert tries == 4

    def test_the_next_nonce_is_taken_from_the_answer(self) -> None:
        carrier, who, asked = Carrier(), alice(), register()
        assert who.heard(asked, carrier.answer(asked))
        who.sign(asked)
        nextnonce = carrier.verifier.challenge()[0][1].split('nonce="')[1].split('"')[0]
        info = {"Authentication-Info": f'nextnonce="{nextnonce}", qop=auth'}
        assert not who.heard(asked, response_to(asked, 200, headers=info))
        who.sign(asked)
        assert f'nonce="{nextnonce}"' in asked.headers["Authorization"]
        assert "nc=00000001" in asked.headers["Authorization"]
        assert carrier.answer(asked).code == 200


class TestChecking:
    def signed(self, carrier: Carrier, **other: object) -> Request:
        who, asked = alice(), register(**other)
        who.heard(asked, carrier.answer(asked))
        who.sign(asked)
        return asked

    def test_a_request_counts_once(self) -> None:
        carrier = Carrier()
        asked = self.signed(carrier)
        assert carrier.verifier.verify(asked) == "ok"
        assert carrier.verifier.verify(asked) == "stale"

    def test_what_was_signed_cannot_be_changed(self) -> None:
        carrier = Carrier(qop=("auth-int",))
        asked = self.signed(carrier, body=b"one")
        asked.body = b"two"
        assert carrier.verifier.verify(asked) == "no"
        asked.body, asked.method = b"one", "INVITE"
        assert carrier.verifier.verify(asked) == "no"
        asked.method = "REGISTER"
        changes = [("nc=00000001", "nc=00000002"), ('username="alice"', 'username="bob"'), ("nonce=", "nonce=x")]
        for change in changes:
            value = asked.headers["Authorization"]
            asked.headers.set("Authorization", value.replace(*change, 1))
            assert carrier.verifier.verify(asked) == "no"
            asked.headers.set("Authorization", value)
        assert carrier.verifier.verify(asked) == "ok"

    def test_another_address_algorithm_or_nonce_is_not_taken(self) -> None:
        carrier = Carrier(algorithms=["SHA-256"])
        asked = self.signed(carrier)
        asked.uri = request("A", "sip:elsewhere.example", via="", from_="", to="", call_id="", cseq=1).uri
        assert carrier.verifier.verify(asked) == "no"
        others = Carrier(algorithms=["MD5"])
        assert carrier.verifier.verify(self.signed(others)) == "no"

    def test_headers_that_say_nothing_are_no(self) -> None:
        carrier = Carrier()
        for value in (
            "",
            "Digest",
            "Basic YTpi",
            'Digest realm="the \\"house\\", hall", nonce="ü_", uri="sip:x", nc=1',
        ):
            assert carrier.verifier.verify(register(headers={"Authorization": value})) == "no"

    def test_counts_are_kept_within_bounds_and_no_forgotten_nonce_is_good_again(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("teahouse.calls.sip.digest.checking.NONCES_MAX", 3)
        carrier = Carrier()
        signed = []
        for _ in range(5):
            carrier.clock.now += 1
            signed.append(self.signed(carrier))
            assert carrier.verifier.verify(signed[-1]) == "ok"
        assert [carrier.verifier.verify(asked) for asked in signed] == ["stale"] * 5
