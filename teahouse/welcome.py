"""What `teahouse serve` says when the door is open: where, and on the first start how to become the operator."""

from __future__ import annotations

import io
import sys
from typing import TextIO


def welcome(url: str, first_link: str | None, *, out: TextIO | None = None) -> None:
    """`first_link` is there until the first person has signed up: it makes them the operator."""
    out = out or sys.stdout
    print(f"Teahouse is open on {url}", file=out)
    if first_link:
        print(f"\nNobody lives here yet. Open this link to become its operator:\n\n  {first_link}\n", file=out)
        print(terminal_qr(first_link), file=out)
    out.flush()


def terminal_qr(text: str) -> str:
    """The QR code of a text in half-block characters, two modules high each, with its quiet zone."""
    import segno

    picture = io.StringIO()
    segno.make(text, error="l", micro=False).terminal(picture, border=2, compact=True)
    return picture.getvalue()
