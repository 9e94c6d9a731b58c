"""What people write beside a payment, as it is kept."""

import re

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def clean(note: str) -> str:
    """Return a note on one line: without control characters (not every store takes them) and without marks that turn
    the direction of writing, which could make a note look like a sum."""
    return " ".join(_CONTROL.sub(" ", note).split()) if _CONTROL.search(note) else note.strip()
