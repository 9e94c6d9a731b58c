"""Text as words that can be searched, the same for every store: the index and the query are cut by this code alone.

A word is a run of letters and digits without its accents, in one case ("Ёлка" is "елка"). Scripts that put no spaces
between words (Chinese, Japanese, Thai …) and Korean, whose words carry endings, are cut into single characters, and a
query's neighbours must be neighbours in the text: so any part of a sentence is found. An emoji is a word.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

VERSION = f"1/{unicodedata.unidata_version}"
"""Of the rules below: an index that was made by others is made anew."""

WORD_MAX = 64
_SINGLE = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u302f\u3031-\u318f\u31a0-\u31bf"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uffdc\U0001b000-\U0001b16f"
    "\U00020000-\U0003ffff"
)
_EMOJI = "\u2600-\u27bf\U0001f000-\U0001faff"
# Accents, Hebrew points and Arabic vowel signs: people search without them.
_UNWRITTEN = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670]")


class Word(NamedTuple):
    text: str
    start: int
    end: int


@cache
def _pattern() -> re.Pattern[str]:
    # `\w` leaves out the combining marks that Indian and other scripts write their vowels with.
    marks = "".join(chr(code) for code in range(0x300, 0xABFF) if unicodedata.category(chr(code))[0] == "M")
    return re.compile(f"[{_SINGLE}{_EMOJI}]|(?:(?![{_SINGLE}])[^\\W_][{marks}]*)+")


def words(text: str) -> Iterator[Word]:
    """Yield the words of a text with their places in it."""
    for found in _pattern().finditer(text):
        piece = found.group()
        folded = _UNWRITTEN.sub("", unicodedata.normalize("NFKD", piece.casefold()))
        folded = unicodedata.normalize("NFKC", folded).casefold()
        if folded == piece or folded.isalnum():
            yield from _cut(folded, found.start(), found.end())
        else:  # a character that stands for several words, such as a squared or ligated one
            for part in _pattern().findall(folded):
                yield from _cut(part, found.start(), found.end())


def _cut(folded: str, start: int, end: int) -> Iterator[Word]:
    if folded.isascii() or len(folded) == 1:
        yield Word(folded[:WORD_MAX], start, end)
        return
    for part in _pattern().findall(folded):
        yield Word(part[:WORD_MAX], start, end)


def phrases(query: str) -> list[list[str]]:
    """Return what is searched for: phrases (what stands between spaces), each a list of neighbouring words.

    The very last word is one that may go on.
    """
    found = ([word.text for word in words(part)] for part in query.split())
    return [phrase for phrase in found if phrase]


BEFORE, LENGTH_MAX = 40, 160
HIT_FROM, HIT_TO = "\u0002", "\u0003"


def snippet(text: str, wanted: Sequence[Sequence[str]]) -> str:
    """Return the part of a text around the first hit, with the hits in it between U+0002 and U+0003."""
    present = list(words(text))
    hits = sorted({hit for at, phrase in enumerate(wanted) for hit in _hits(present, phrase, at == len(wanted) - 1)})
    start = max(0, hits[0][0] - BEFORE) if hits else 0
    # Begin after a space, where there is one before the hit.
    if start and (space := text.find(" ", start, hits[0][0])) != -1:
        start = space + 1
    stop = min(len(text), start + LENGTH_MAX)
    made, at = ["…" if start else ""], start
    for hit_from, hit_to in hits:
        if hit_from < at or hit_to > stop:
            continue
        made += (text[at:hit_from], HIT_FROM, text[hit_from:hit_to], HIT_TO)
        at = hit_to
    made += (text[at:stop], "…" if stop < len(text) else "")
    return "".join(made)


def _hits(present: Sequence[Word], phrase: Sequence[str], open_end: bool) -> Iterator[tuple[int, int]]:
    size = len(phrase)
    for at in range(len(present) - size + 1):
        found = present[at : at + size]
        if all(word.text == part for word, part in zip(found[:-1], phrase[:-1], strict=True)) and (
            found[-1].text.startswith(phrase[-1]) if open_end else found[-1].text == phrase[-1]
        ):
            yield found[0].start, found[-1].end
