"""What people write in the benchmark: 64 sentences of different length, the same for every system."""

from __future__ import annotations

import random
from typing import Final

WORDS: Final = """
tea house river evening lantern market ticket train garden window letter morning rice bridge music winter coffee friend
street cloud paper summer island kitchen harbour photo answer question table mountain when where shall we meet after
the rain at of and with for us they you it is are was to on
"""


def _texts() -> list[bytes]:
    chance, words = random.Random(2), WORDS.split()
    texts = []
    for _ in range(64):
        text = " ".join(chance.choice(words) for _ in range(chance.randint(3, 22)))
        texts.append(text.encode())
    return texts


TEXTS: Final = _texts()
"""No character of them needs an escape in JSON or XML."""
