"""The rules, over all states at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.chat import rules, store
from teahouse.chat.content import Recalled, System, Text
from teahouse.chat.model import Role
from teahouse.chat.state import ChatState, MemberState
from teahouse.errors import Refusal

NOW = 1_800_000_000_000
roles = st.sampled_from(["owner", "admin", "member"])


@st.composite
def states(draw: st.DrawFn) -> tuple[ChatState, MemberState, MemberState]:
    """A chat, and two of its members."""
    kind = draw(st.sampled_from(["direct", "group", "channel"]))
    members = {
        f"p{n}": MemberState(f"p{n}", role, 0, muted_until=draw(st.sampled_from([0, NOW - 1, NOW, NOW + 1])))
        for n, role in enumerate(draw(st.lists(roles, min_size=2, max_size=5)))
    }
    state = ChatState("c", kind, "", "", "", draw(st.booleans()), draw(st.booleans()), 10, members)
    state.apart = kind == "direct" and draw(st.booleans())
    return state, members["p0"], members["p1"]


def refused(rule: object, *given: object) -> bool:
    try:
        rule(*given)  # type: ignore[operator]
    except Refusal:
        return True
    return False


@given(states())
def test_who_may_send(given_state: tuple[ChatState, MemberState, MemberState]) -> None:
    state, member, _ = given_state
    reader = member.role == "member" and (state.kind == "channel" or state.announcement_only)
    assert refused(rules.may_send, state, member, NOW) == (state.apart or reader or member.muted_until > NOW)


@given(states())
def test_rank_is_strict(given_state: tuple[ChatState, MemberState, MemberState]) -> None:
    """Nobody rules over themselves, over an equal, or over a higher one."""
    state, one, other = given_state
    rank = {"owner": 2, "admin": 1, "member": 0}
    allowed = not refused(rules.may_rule, state, one, other)
    assert allowed == (state.kind != "direct" and rank[one.role] > rank[other.role])
    assert refused(rules.may_rule, state, one, one)
    assert not (allowed and not refused(rules.may_rule, state, other, one))


@given(states(), roles)
def test_only_the_owner_gives_roles(given_state: tuple[ChatState, MemberState, MemberState], role: Role) -> None:
    state, one, other = given_state
    allowed = not refused(rules.may_set_role, state, one, other, role)
    assert allowed == (state.kind != "direct" and one.role == "owner")


@given(states(), st.integers(0, 10**9), st.integers(0, 10**9), st.sampled_from(["text", "recalled", "system"]))
def test_who_may_recall(
    given_state: tuple[ChatState, MemberState, MemberState], age: int, limit: int, kind: str
) -> None:
    state, one, other = given_state
    own = not refused(rules.may_recall, state, one, one.person, kind, NOW - age, NOW, limit)
    others = not refused(rules.may_recall, state, one, other.person, kind, NOW - age, NOW, limit)
    leads = one.role != "member" and state.kind != "direct"
    assert own == (kind != "system" and (leads or age <= limit))
    assert others == (kind != "system" and leads)


@given(st.integers(0, 2 * rules.EDIT_LIMIT_MS), st.booleans(), st.booleans(), st.sampled_from(["text", "recalled"]))
def test_who_may_edit(age: int, own: bool, forwarded: bool, kind: str) -> None:
    member = MemberState("me", "member", 0)
    allowed = not refused(rules.may_edit, member, "me" if own else "you", kind, forwarded, NOW - age, NOW)
    assert allowed == (own and not forwarded and kind == "text" and age <= rules.EDIT_LIMIT_MS)


@given(st.integers(1, 5), st.integers(0, 6), st.integers(-2, 2))
def test_when_a_link_works(uses: int, used: int, left_ms: int) -> None:
    assert refused(rules.link_works, uses, used, NOW + left_ms, NOW) == (used >= uses or left_ms <= 0)


@pytest.mark.parametrize(
    "emoji",
    [
        "👍",
        "❤️",
        "❤",
        "🏳️\u200d🌈",
        "👩🏽\u200d💻",
        "👨\u200d👩\u200d👧\u200d👦",
        "🇨🇳",
        "🇺🇦",
        "1️⃣",
        "#⃣",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "☺️",
        "✈️",
        "🫶🏿",
        "🥹",
        "™",
        "⭐",
        "🀄",
        "🧑🏻\u200d🤝\u200d🧑🏿",
        "😶\u200d🌫️",
        "🐦\u200d⬛",
        "🪿",
        "🫨",
    ],
)
def test_one_emoji_is_a_reaction(emoji: str) -> None:
    rules.must_be_emoji(emoji)


@pytest.mark.parametrize(
    "text", ["", "a", "1", "👍👍", "👍 ", "ok", "好", ":)", "\u200d", "\ufe0f", "🇨", "👍a", "<b>", "👍\u200d"]
)
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(rules.NotAnEmoji):
        rules.must_be_emoji(text)


@given(st.text(max_size=1000))
def test_an_excerpt_is_one_short_line(text: str) -> None:
    made = rules.excerpt(text)
    assert len(made) <= rules.EXCERPT_MAX
    assert not set(made) & set("\n\r\t")


def test_who_is_mentioned() -> None:
    assert rules.mentioned(Text(text="x")) == ()
    assert rules.mentioned(Text(text="x", mentions=("b", "a", "b"))) == ("b", "a")
    assert rules.mentioned(Text(text="x", mentions=("a",), mention_all=True)) == (store.EVERYONE, "a")
    assert rules.mentioned(System(what="left", people=("a",))) == ()
    assert rules.mentioned(Recalled(by="a")) == ()
