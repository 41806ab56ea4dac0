"""The copying process: takes files of one source into the vault, one after another, and says how far it is.

Started by ``ingest.crew``, one for each source device. Orders come on standard input, reports go to standard output
(``ingest.worker_messages``). It knows no database and no log: the parent alone writes rows and custody entries. When
the parent is gone its input ends, and so does the process. Memory: one buffer, whatever the file's size.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import sys
import threading
import time
from typing import BinaryIO

import psutil

from ingest.copy import Verify, take_file
from ingest.errors import IngestError
from ingest.handover import taken_over
from ingest.worker_messages import (
    FULL_PACE,
    LONGEST_LINE,
    LONGEST_TEXT,
    Cancel,
    Failed,
    FromWorker,
    Garbled,
    Pace,
    Progress,
    Settled,
    Take,
    from_line,
    to_line,
)

REPORT_EVERY_S = 0.1
NICENESS = 10
SHORTEST_WORK_S = 0.02  # rests shorter than the scheduler's own turns would only cost time
LONGEST_REST_S = 1.0


class Worker:
    """Serves one parent until it hangs up."""

    def __init__(self, orders: BinaryIO, reports: BinaryIO, verify: Verify) -> None:
        self._orders = orders
        self._reports = reports
        self._verify = verify
        self._vault = taken_over(orders.readline(LONGEST_LINE))
        self._queue: queue.SimpleQueue[Take | None] = queue.SimpleQueue()
        self._cancelled: set[int] = set()
        self._ended = threading.Event()
        self._pace = FULL_PACE
        self._working_since = self._reported = 0.0

    def serve(self) -> None:
        """Take what is ordered until the parent hangs up."""
        threading.Thread(target=self._listen, name="orders", daemon=True).start()
        with contextlib.suppress(BrokenPipeError):  # the parent is gone: nobody is left to be told
            while (order := self._queue.get()) is not None:
                self._say(self._take(order))

    def _listen(self) -> None:
        """Runs beside the copying, so that a cancel is heard in the middle of a file."""
        try:
            while line := self._orders.readline(LONGEST_LINE + 1):
                match from_line(line):
                    case Take() as order:
                        self._queue.put(order)
                    case Cancel(order=number):
                        self._cancelled.add(number)
                    case Pace(permille=permille):
                        self._pace = permille
        except Garbled:
            pass  # whoever writes this is not our parent: end as if it had hung up
        self._ended.set()
        self._queue.put(None)

    def _take(self, order: Take) -> FromWorker:
        number = order.order
        self._working_since, self._reported = time.monotonic(), 0.0

        def stopped() -> bool:
            return self._ended.is_set() or number in self._cancelled

        try:
            taken = take_file(
                order.root,
                order.found,
                self._vault,
                progress=lambda done: self._moved(number, done),
                cancelled=stopped,
                verify=self._verify,
            )
        except IngestError as failed:
            return Failed(number, type(failed).__name__, failed.text[:LONGEST_TEXT], failed.detail[:LONGEST_TEXT])
        one = taken.digests
        return Settled(number, one.size, one.sha256, one.sha512, one.chunk_root, taken.duplicate, taken.resumed_at)

    def _moved(self, number: int, done: int) -> None:
        """Report a few times a second and rest where the pace asks for it."""
        now = time.monotonic()
        if now - self._reported >= REPORT_EVERY_S:
            self._reported = now
            self._say(Progress(number, done))
        worked = now - self._working_since
        if self._pace >= FULL_PACE or worked < SHORTEST_WORK_S:
            self._working_since = now if self._pace >= FULL_PACE else self._working_since
            return
        self._ended.wait(min(LONGEST_REST_S, worked * (FULL_PACE - self._pace) / max(1, self._pace)))
        self._working_since = time.monotonic()

    def _say(self, message: FromWorker) -> None:
        self._reports.write(to_line(message))
        self._reports.flush()


def make_way() -> None:
    """Give processor and disk to whoever plays or reviews; does what the platform allows."""
    own = psutil.Process()
    with contextlib.suppress(psutil.Error, OSError, AttributeError):
        own.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if sys.platform == "win32" else NICENESS)
    with contextlib.suppress(psutil.Error, OSError, AttributeError):
        if sys.platform == "win32":
            own.ionice(psutil.IOPRIO_LOW)
        elif sys.platform == "linux":
            own.ionice(psutil.IOPRIO_CLASS_BE, 7)


def main() -> None:
    """The process: its own end of the pipe is kept from anything that prints."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which hangs up
    reports = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    make_way()
    try:
        Worker(sys.stdin.buffer, reports, Verify(sys.argv[1])).serve()
    finally:
        # The listening thread may sit in a read of standard input, which Python would wait for on its way out.
        os._exit(0)


if __name__ == "__main__":
    main()
