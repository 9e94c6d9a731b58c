"""`python -m art.stickers [folder]`: writes the starter pack."""

import sys
from pathlib import Path

from art.stickers.pack import FOLDER, files

folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
folder.mkdir(parents=True, exist_ok=True)
made = files()
for old in folder.glob("*.json"):
    if old.name not in made:
        old.unlink()
for name, content in made.items():
    (folder / name).write_bytes(content)
