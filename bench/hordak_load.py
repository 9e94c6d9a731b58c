"""Transfers on django-hordak; run by `ledger_peers.py` with the Python that has it: `hordak_load.py POSTGRES_URL`."""

# mypy: ignore-errors
from __future__ import annotations

import json
import random
import sys
import threading
import time
from urllib.parse import parse_qs, unquote, urlsplit

ACCOUNTS = 1_000
"""Fewer than the others have: a tree of accounts is slow to plant, and the number does not matter to its pace."""
POOLS = (4, 8)
SECONDS = 5.0


def set_up(url: str) -> None:
    import django
    from django.conf import settings

    parts = urlsplit(url)
    host = parse_qs(parts.query).get("host", [parts.hostname])[0]
    settings.configure(
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "mptt", "djmoney", "hordak"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": parts.path.lstrip("/"),
                "USER": unquote(parts.username or ""),
                "PASSWORD": unquote(parts.password or ""),
                "HOST": unquote(host or ""),
                "PORT": parts.port or "",
            }
        },
        DEFAULT_CURRENCY="EUR",
        CURRENCIES=["EUR"],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        SECRET_KEY="bench",
        USE_TZ=True,
    )
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def main() -> None:
    set_up(sys.argv[1])
    from django.db import connection
    from hordak.models import Account
    from moneyed import Money

    accounts = [
        Account.objects.create(name=f"a{number}", code=f"{number:05}", type="AS", currencies=["EUR"])
        for number in range(ACCOUNTS)
    ]
    found = {}
    for pool in POOLS:
        counts = [0] * pool
        until = time.perf_counter() + SECONDS

        def work(place: int, counts: list[int] = counts, until: float = until) -> None:
            chance = random.Random(place)
            while time.perf_counter() < until:
                one, other = chance.sample(accounts, 2)
                one.transfer_to(other, Money(1, "EUR"))
                counts[place] += 1
            connection.close()

        threads = [threading.Thread(target=work, args=(place,)) for place in range(pool)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found[pool] = round(sum(counts) / SECONDS)
    best = max(found, key=found.get)
    print(json.dumps({"per_s": found[best], "pool": best}))


if __name__ == "__main__":
    main()
