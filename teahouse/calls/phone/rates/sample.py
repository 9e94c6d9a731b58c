"""Sample prices, for trying: what `teahouse out test-trunk` and the sample house import."""

from pathlib import Path
from typing import Final

SAMPLE_DECK: Final = Path(__file__).with_name("sample.csv")
