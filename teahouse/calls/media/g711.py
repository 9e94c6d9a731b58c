"""G.711: from one law to the other, byte by byte, and sounds of our own.

A browser is answered before the trunk is, and may then send the law that the trunk did not take. That is a table of 256
bytes, no decoding and encoding of sound.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

ULAW_BIAS: Final = 0x84


def _from_ulaw(code: int) -> int:
    """The 16-bit sample of a µ-law byte (G.711, table 2a)."""
    code = ~code & 0xFF
    sample = (((code & 0x0F) << 3) + ULAW_BIAS << ((code & 0x70) >> 4)) - ULAW_BIAS
    return -sample if code & 0x80 else sample


def _from_alaw(code: int) -> int:
    """The 16-bit sample of an A-law byte (G.711, table 1a)."""
    code ^= 0x55
    segment = (code & 0x70) >> 4
    sample = ((code & 0x0F) << 4) + 8
    if segment:
        sample = sample + 0x100 << segment - 1
    return sample if code & 0x80 else -sample


def _nearest(samples: list[int], wanted: int) -> int:
    return min(range(256), key=lambda code: (abs(samples[code] - wanted), code))


_ULAW: Final = [_from_ulaw(code) for code in range(256)]
_ALAW: Final = [_from_alaw(code) for code in range(256)]

ULAW_TO_ALAW: Final = bytes(_nearest(_ALAW, sample) for sample in _ULAW)
ALAW_TO_ULAW: Final = bytes(_nearest(_ULAW, sample) for sample in _ALAW)
"""For `bytes.translate`."""
_SAMPLES: Final = {"PCMU": sorted(set(_ULAW)), "PCMA": sorted(set(_ALAW))}
_CODES: Final = {
    "PCMU": {sample: code for code, sample in enumerate(_ULAW)},
    "PCMA": {sample: code for code, sample in enumerate(_ALAW)},
}


def encode(samples: Sequence[int], codec: str) -> bytes:
    """16-bit samples as `PCMU` or `PCMA`."""
    known, codes = _SAMPLES[codec], _CODES[codec]
    return bytes(codes[_closest(known, sample)] for sample in samples)


def _closest(known: list[int], wanted: int) -> int:
    at = bisect_left(known, wanted)
    return min(known[max(0, at - 1) : at + 1], key=lambda sample: abs(sample - wanted))
