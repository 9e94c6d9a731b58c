"""Media on a running house: a large upload, and chat while all workers are busy with films."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from bench import media_work, process
from bench.house import MARKS, Guest, House, pair_flows
from bench.load import Numbers, run_light

Summary = dict[str, Any]
BLOCK: Final = os.urandom(64 * 1024)
UPLOAD_BYTES: Final = 1024**3
PATCH_BYTES: Final = 256 * 1024**2
"""In one request. Browsers send 4 MiB; what a request costs in memory shows in a long one."""
LIGHT_PAIRS: Final = 10
LIGHT_MESSAGES: Final = 3_000
RUNS: Final = 3
FILMS: Final = 8
"""Under way at once: more than there are workers, so that none is ever idle."""
BUSY_S_MAX: Final = 60.0


class MediaScenarios:
    def __init__(self, house: House, *, scale: float = 1.0) -> None:
        self._house = house
        self._scale = scale

    def upload(self) -> Summary:
        """1 GiB by tus: how much the server's memory grew meanwhile, beside writing the same bytes to disk."""
        guest = self._house.guests[0]
        total = max(len(BLOCK), int(UPLOAD_BYTES * self._scale) // len(BLOCK) * len(BLOCK))
        self._upload(guest, 1024**2)
        before = most = process.rss_bytes([self._house.server.pid])
        started = time.perf_counter()
        for _ in self._uploading(guest, total):
            most = max(most, process.rss_bytes([self._house.server.pid]))
        took = time.perf_counter() - started
        floor = floor_write(total)
        return {
            "mib": total // 2**20,
            "mib_per_s": round(total / 2**20 / took, 1),
            "grown_mib": round((most - before) / 2**20, 1),
            "floor_mib_per_s": floor,
            "of_floor": round(total / 2**20 / took / floor, 2),
        }

    def beside_media(self) -> Summary:
        """Light chat, alone and while more films are being made than there are workers; the same run, in turns."""
        with tempfile.TemporaryDirectory(prefix="teahouse-films-") as folder:
            film = media_work.film(Path(folder) / "film.mp4", seconds=10, height=1080).read_bytes()
        connections = self._house.connect_all(self._house.guests[: LIGHT_PAIRS * 2])
        flows = pair_flows(self._house, connections, LIGHT_PAIRS)
        count = max(LIGHT_PAIRS * 10, int(LIGHT_MESSAGES * self._scale))
        numbers = Numbers()
        run_light(flows, MARKS, numbers, count // 10)
        idle, busy, films = [], [], 0
        for _ in range(RUNS):
            idle.append(run_light(flows, MARKS, numbers, count).summary())
            media = self._start_films(film)
            busy.append(run_light(flows, MARKS, numbers, count).summary())
            films += self._drop(media)
        for connection in connections:
            connection.close()

        def middle(runs: list[Summary], name: str) -> float:
            return float(statistics.median(run[name] for run in runs))

        names = ("ack_p50_ms", "delivery_p50_ms", "delivery_p99_ms")
        found: Summary = {f"idle_{name}": middle(idle, name) for name in names}
        found |= {f"busy_{name}": middle(busy, name) for name in names}
        found |= {f"ratio_{name}": round(middle(busy, name) / middle(idle, name), 2) for name in names}
        return found | {"films_under_way": films / RUNS}

    def _start_films(self, film: bytes) -> list[tuple[Guest, str]]:
        """Begin more films than there are workers, and wait until the first of them makes progress."""
        media = []
        for number in range(FILMS):
            guest = self._house.guests[number]
            upload = self._upload(guest, len(film), film)
            command = {"nonce": f"{time.time_ns()}", "kind": "video", "uploads": [upload]}
            made = self._house.ask("POST", "/media", guest.token, command)
            media.append((guest, str(made["media"]["id"])))
        deadline = time.monotonic() + BUSY_S_MAX
        while not any(self._state(*each).get("progress", 0) for each in media):
            assert time.monotonic() < deadline, "no film was begun"
            time.sleep(0.05)
        return media

    def _state(self, guest: Guest, media: str) -> dict[str, Any]:
        return self._house.ask("GET", f"/media/{media}", guest.token)

    def _drop(self, media: list[tuple[Guest, str]]) -> int:
        """End what is under way; return how many films were still not done, which shows that the load was full."""
        unfinished = 0
        for guest, each in media:
            unfinished += self._state(guest, each)["state"] == "processing"
            self._house.ask("DELETE", f"/media/{each}", guest.token)
        return unfinished

    def _upload(self, guest: Guest, total: int, data: bytes = b"") -> str:
        name = ""
        for name in self._uploading(guest, total, data):  # noqa: B007 - the last one is what counts
            pass
        return name

    def _uploading(self, guest: Guest, total: int, data: bytes = b"") -> Iterator[str]:
        """Send `total` bytes (of `data`, or of the block again and again); yield the upload's id after each request."""
        connection = http.client.HTTPConnection("127.0.0.1", self._house.server.port, timeout=120)
        headers = {"Authorization": f"Bearer {guest.token}", "Tus-Resumable": "1.0.0"}
        connection.request("POST", "/api/v1/uploads", headers=headers | {"Upload-Length": str(total)})
        created = connection.getresponse()
        created.read()
        assert created.status == 201, created.status
        name = created.headers["Location"].rpartition("/")[2]
        offset = 0
        while offset < total:
            length = min(PATCH_BYTES, total - offset)
            connection.putrequest("PATCH", f"/api/v1/uploads/{name}")
            of_patch = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
            for key, value in (headers | of_patch | {"Content-Length": str(length)}).items():
                connection.putheader(key, value)
            connection.endheaders()
            if data:
                connection.send(data[offset : offset + length])
            else:
                for at in range(0, length, len(BLOCK)):
                    connection.send(BLOCK)
                    if at % (16 * 1024**2) == 0:
                        yield name
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 204, answer.status
            offset += length
            yield name
        connection.close()


def floor_write(total: int) -> float:
    """MiB a second of hashing and writing the same bytes to a file, durably, on the server's core."""
    digest = hashlib.sha256()
    with tempfile.TemporaryFile() as file:
        started = time.perf_counter()
        for _ in range(total // len(BLOCK)):
            digest.update(BLOCK)
            file.write(BLOCK)
        file.flush()
        os.fsync(file.fileno())
        return round(total / 2**20 / (time.perf_counter() - started), 1)


def work() -> dict[str, Summary]:
    """What making costs on one core, in processes of their own: see `media_work.py` and `media_pictures.py`."""
    found: dict[str, Summary] = {}
    for module in ("bench.media_pictures", "bench.media_work"):
        command = ["taskset", "-c", str(process.SERVER_CORE), sys.executable, "-m", module]
        found |= json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    for name in ("voice", "video"):
        found[name]["floor_ms"] = round(found[name]["floor_decode_ms"] + found[name]["floor_encode_ms"], 1)
    return found
