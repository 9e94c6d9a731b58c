"""A worker process: reads orders as lines of JSON from its standard input and writes answers as lines of JSON.

`python -m teahouse.media.work.process PARENT`, started by `pool.WorkerPool`. It does one job after another, imports
what a kind of job needs when the first such job comes, and ends when its input does or its parent is gone.
"""

import gc
import os
import queue
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress

import msgspec

from teahouse.media.work.bounds import allow_cpu, shut_in
from teahouse.media.work.jobs import Answer, Failed, Job, Made, MediaRefused, Progress

Tell = Callable[[int], None]
"""Says how far a job is, in percent."""


class Order(msgspec.Struct, frozen=True):
    job: Job
    cpu_s: int
    """Seconds of CPU time that this job may take."""


def make(job: Job, progress: Tell) -> Made:
    match job.kind:
        case "voice":
            from teahouse.media.work.voice import make_voice  # noqa: PLC0415

            return make_voice(job, progress)
        case "video" | "video_note":
            from teahouse.media.work.video import make_video  # noqa: PLC0415

            return make_video(job, progress)
        case "picture":
            from teahouse.media.work.pictures import make_picture  # noqa: PLC0415

            return make_picture(job, progress)
        case "live_photo":
            from teahouse.media.work.live_photo import make_live_photo  # noqa: PLC0415

            return make_live_photo(job, progress)
        case "sticker":
            from teahouse.media.work.stickers import make_sticker  # noqa: PLC0415

            return make_sticker(job, progress)


def serve(maker: Callable[[Job, Tell], Made]) -> None:
    """Do orders until the input ends. What libraries print goes to standard error: the wire is ours alone."""
    wire = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    shut_in(int(sys.argv[1]))
    orders: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(orders,), daemon=True).start()

    def answer(what: Answer) -> None:
        wire.write(msgspec.json.encode(what) + b"\n")
        wire.flush()

    while True:
        order = msgspec.json.decode(orders.get(), type=Order)
        allow_cpu(order.cpu_s)
        answer(_done(maker, order.job, answer))
        gc.collect()


def _done(maker: Callable[[Job, Tell], Made], job: Job, answer: Callable[[Answer], None]) -> Made | Failed:
    told = -1

    def tell(percent: int) -> None:
        nonlocal told
        percent = max(0, min(percent, 100))
        if percent > told:
            told = percent
            answer(Progress(percent))

    try:
        return maker(job, tell)
    except MediaRefused as refusal:
        return Failed(refusal.reason, refusal.detail)
    except MemoryError:
        return Failed("crashed", "out of memory")
    except Exception as error:
        # A maker names every refusal that it foresees; what it does not foresee is ours to find in the log.
        traceback.print_exc()
        return Failed("crashed", type(error).__name__)


def _listen(orders: "queue.SimpleQueue[bytes]") -> None:
    """End the process as soon as nobody is there to answer, even in the middle of a job."""
    with suppress(OSError):
        for line in sys.stdin.buffer:
            orders.put(line)
    os._exit(0)


if __name__ == "__main__":
    serve(make)
