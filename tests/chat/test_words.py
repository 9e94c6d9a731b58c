"""Words and snippets, as pure functions."""

from hypothesis import given
from hypothesis import strategies as st

from teahouse.chat.search import spaced, vector
from teahouse.chat.words import HIT_FROM, HIT_TO, phrases, snippet, words


def test_words_are_cut_by_script() -> None:
    assert [word.text for word in words("Ёлка, naïve ＡＢＣ; 北京大学ab12 हिन्दी カフェ")] == [
        "елка",
        "naive",
        "abc",
        *"北京大学",
        "ab12",
        "हिन्दी",
        *"カフェ",
    ]


def test_a_query_is_phrases() -> None:
    assert phrases("  don't 北京 -- x") == [["don", "t"], ["北", "京"], ["x"]]


@given(st.text(max_size=200))
def test_the_same_text_is_cut_the_same_whatever_its_case_and_form(text: str) -> None:
    folded = spaced(text)
    assert spaced(folded) == folded
    assert all(part for part in folded.split(" ")) or not folded


@given(st.text(max_size=200))
def test_words_hold_nothing_that_a_store_could_read_as_syntax(text: str) -> None:
    for word in words(text):
        assert not set(word.text) & set(" '\"\\:*()&|!<>^-+{}\n\t\x00")
        assert word.text
        assert 0 <= word.start < word.end <= len(text)
    assert vector("0" * 16, text).startswith("'chat/")


@given(st.text(min_size=1, max_size=300), st.data())
def test_a_snippet_is_a_part_of_the_text_with_the_hit_marked(text: str, data: st.DataObject) -> None:
    text = text.replace(HIT_FROM, "").replace(HIT_TO, "")
    present = list(words(text))
    if not present:
        return
    wanted = data.draw(st.sampled_from(present))
    made = snippet(text, [[wanted.text]])
    plain = made.replace(HIT_FROM, "").replace(HIT_TO, "")
    assert plain.removeprefix("…").removesuffix("…") in text or plain in text
    assert HIT_FROM in made
