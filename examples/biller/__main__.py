"""`python -m examples.biller --port 8500 --data var/biller --house-key <base64>`."""

import argparse
import base64
from pathlib import Path

import msgspec
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from examples.biller.books import Books
from examples.biller.meters import meter
from examples.biller.server import Doors
from examples.biller.signing import key_id
from examples.biller.switches import Droppable, FailingSigning, Switched, Switches


def our_key(file: Path) -> Ed25519PrivateKey:
    """Return the company's key, made when it is first needed."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_bytes(Ed25519PrivateKey.generate().private_bytes_raw())
    return Ed25519PrivateKey.from_private_bytes(file.read_bytes())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m examples.biller", description="An electricity company.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8500)
    parser.add_argument("--data", type=Path, required=True, help="where it keeps its books and its key")
    parser.add_argument("--house-key", required=True, help="the house's public key, from /api/v1/house-key")
    parser.add_argument("--currency", default="EUR")
    parser.add_argument("--customers", type=int, default=50)
    parser.add_argument("--exact", action="store_true", help="bills are paid whole or not at all")
    parser.add_argument("--switches", default="{}", help="how it fails, as JSON (see switches.py)")
    given = parser.parse_args()

    given.data.mkdir(parents=True, exist_ok=True)
    signing = FailingSigning(our_key(given.data / "key"), base64.b64decode(given.house_key, validate=True))
    books = Books(given.data / "books.db", currency=given.currency, partial=not given.exact, customers=given.customers)
    public = signing.ours.public_key().public_bytes_raw()
    print(f"public key {base64.b64encode(public).decode()}")
    print(f"key id     {key_id(public)}")
    print(f"a meter    {meter(0)}", flush=True)
    switches = msgspec.json.decode(given.switches, type=Switches)
    app = Switched(Doors(books, signing).app(), books, switches)
    uvicorn.run(app, host=given.host, port=given.port, http=Droppable, log_level="warning", lifespan="off")


if __name__ == "__main__":
    main()
