"""Names as others than their owner see them. Pure."""

import unicodedata

STARS_MAX = 6


def masked(real_name: str) -> str:
    """Hide a name but for the first letter of each word: `A*** L*******`. Of a Chinese, Japanese or Korean name the
    last character shows: `**明`."""
    letters = "".join(each for each in real_name if not each.isspace() and each != "·")
    if letters and all(_is_cjk(each) for each in letters):
        return "*" * min(len(letters) - 1, STARS_MAX) + letters[-1]
    return " ".join(_masked_word(word) for word in real_name.split())


def _masked_word(word: str) -> str:
    shown = 1
    while shown < len(word) and unicodedata.combining(word[shown]):
        shown += 1
    hidden = sum(not unicodedata.combining(each) for each in word[shown:])
    return word[:shown] + "*" * min(hidden, STARS_MAX)


def _is_cjk(character: str) -> bool:
    name = unicodedata.name(character, "")
    return name.startswith(("CJK UNIFIED", "CJK COMPATIBILITY", "HIRAGANA", "KATAKANA", "HANGUL"))
