"""The decisions about people, by the thousand."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from teahouse import clock, ids
from teahouse.errors import Refusal
from teahouse.people import rules

NOW = 1_000_000_000_000
standings = st.builds(
    rules.Standing,
    contacts=st.booleans(),
    blocked_by_asker=st.booleans(),
    blocked_by_asked=st.booleans(),
    asked_too=st.booleans(),
    earlier=st.booleans(),
    earlier_open=st.booleans(),
    earlier_shown=st.booleans(),
    hidden_at=st.integers(NOW - 2 * rules.QUIET_MS, NOW),
    sent_open=st.integers(0, rules.REQUESTS_SENT_MAX + 5),
    shown_to_asked=st.integers(0, rules.REQUESTS_SHOWN_MAX + 5),
)
invitations = st.builds(
    rules.Invited,
    uses=st.integers(1, 5),
    used=st.integers(0, 5),
    expires_at=st.integers(NOW - 5, NOW + 5),
    operator=st.booleans(),
)


def moved(standing: rules.Standing) -> str:
    try:
        return rules.ask(standing, NOW)
    except Refusal as refusal:
        return refusal.code


@given(standings)
def test_a_blocked_person_never_gets_through(standing: rules.Standing) -> None:
    if standing.blocked_by_asked:
        assert moved(standing) not in ("send", "show", "accept")


@given(standings)
def test_being_blocked_does_not_show(standing: rules.Standing) -> None:
    """What the asker can tell apart (a refusal, contact at once, or a request that waits) is the same as if the other
    had declined instead: a block gives nothing away that a decline would not."""
    if standing.asked_too or not standing.blocked_by_asked:
        return
    declined = {"earlier": True, "earlier_shown": False, "hidden_at": NOW, "blocked_by_asked": False}
    as_declined = rules.Standing(**{field: declined.get(field, getattr(standing, field)) for field in FIELDS})
    assert visible(moved(standing)) == visible(moved(as_declined))


FIELDS = rules.Standing.__struct_fields__


def visible(move: str) -> str:
    return "waits" if move in ("keep", "show", "send", "send_unseen") else move


@given(standings)
def test_nobody_has_more_requests_open_than_allowed(standing: rules.Standing) -> None:
    opens_one = not standing.earlier_open and visible(moved(standing)) == "waits"
    assert not (opens_one and standing.sent_open >= rules.REQUESTS_SENT_MAX)


@given(standings)
def test_nobody_is_shown_a_request_twice_or_too_many(standing: rules.Standing) -> None:
    if moved(standing) in ("send", "show"):
        assert standing.shown_to_asked < rules.REQUESTS_SHOWN_MAX
        assert not (standing.earlier and standing.earlier_shown)
        if standing.earlier:
            assert NOW - standing.hidden_at >= rules.QUIET_MS


@given(st.sampled_from(["open", "invitation", "closed"]), st.none() | invitations, st.booleans())
def test_who_is_let_in(registration: str, invited: rules.Invited | None, given_one: bool) -> None:
    given_one = given_one or invited is not None
    good = invited is not None and invited.used < invited.uses and invited.expires_at > NOW
    first_link = good and invited is not None and invited.operator
    try:
        rules.admit(registration, invited, given=given_one, now=NOW)
        admitted = True
    except Refusal:
        admitted = False
    expected = {"open": good or not given_one, "invitation": good, "closed": False}[registration]
    assert admitted == (first_link or expected)


@given(st.text())
@example("\u202eadmin\u202c")
def test_cleaned_text_hides_nothing_and_stays_clean(text: str) -> None:
    cleaned = rules.clean(text)
    assert cleaned == rules.clean(cleaned)
    assert len(cleaned) <= len(text)
    for character in cleaned:
        assert unicodedata.category(character) != "Cc" or character in "\t\n"
        assert unicodedata.bidirectional(character) not in (
            "LRE",
            "RLE",
            "LRO",
            "RLO",
            "PDF",
            "LRI",
            "RLI",
            "FSI",
            "PDI",
        )
    assert "\n" not in rules.clean_line(text)


def test_a_name_needs_something_to_see() -> None:
    for name in ("", "  ", "\n", "\u202e\u2066", "\u200b", "\u3164"):
        with pytest.raises(rules.BlankName):
            rules.clean_name(name)
    assert rules.clean_name("李雷 ") == "李雷"


def test_recovery_codes_are_readable_and_never_the_same() -> None:
    codes = [rules.new_recovery_code() for _ in range(1000)]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(rf"[{ids.ALPHABET}]{{5}}(-[{ids.ALPHABET}]{{5}}){{3}}", code) for code in codes)


@given(st.text(ids.ALPHABET, min_size=20, max_size=20), st.data())
def test_a_recovery_code_is_known_however_it_was_copied(code: str, data: st.DataObject) -> None:
    as_written = {"0": "0oO", "1": "1iIlL"}
    copied = "".join(
        data.draw(st.sampled_from(as_written.get(each, each + each.upper())))
        + data.draw(st.sampled_from(["", " ", "-"]))
        for each in code
    )
    assert rules.hash_recovery_code(copied) == rules.hash_recovery_code(code)
    assert rules.hash_recovery_code(copied) != rules.hash_recovery_code(rules.new_recovery_code())


@given(st.booleans(), st.integers(-clock.DAY_MS, clock.DAY_MS))
@example(False, 10 * clock.MINUTE_MS)
@example(False, -10 * clock.MINUTE_MS)
def test_a_fresh_sign_in_is_proof_where_nothing_else_must_be_given(must_give: bool, ago: int) -> None:
    may = not must_give and -10 * clock.MINUTE_MS < ago < 10 * clock.MINUTE_MS
    try:
        rules.must_be_proved(must_give=must_give, signed_in_at=NOW - ago, now=NOW)
    except rules.ProofNeeded:
        assert not may
    else:
        assert may
