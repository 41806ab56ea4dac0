"""One decoding thread per open recording. Newest request wins; pictures wait in a queue of eight; errors are values.

Knows neither Qt nor a clock: the player tells its time (``hurry``), the worker leaves out what is already late.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import av

from bwc_review.errors import ReviewError
from bwc_review.playback.exact import ExactReader, Superseded
from bwc_review.playback.frames import Damage, Frame
from bwc_review.playback.table import FrameTable
from ingest.errors import IngestError

QUEUE = 8
BACKWARDS_RUN = 40  # frames kept per decode when playing backwards; less than the reader's cache
STEP_RUN = 12


@dataclass(frozen=True, slots=True)
class Opened:
    """The recording is open; its frames are in ``table``."""

    table: FrameTable


@dataclass(frozen=True, slots=True)
class Failed:
    """The recording cannot be played; ``text`` for a person."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """No further frame lies in the direction of travel."""


Delivery = Opened | Failed | Finished | Frame | Damage


@dataclass(frozen=True, slots=True)
class _Request:
    generation: int
    n: int
    direction: int = 0  # 0 one frame, 1 onwards, -1 backwards
    stride_us: int = 0


class DecodeWorker:
    """Decodes one recording in a thread of its own.

    ``opener`` runs inside that thread (it may unlock and read a vault). Every call here returns at once.
    """

    def __init__(self, opener: Callable[[], ExactReader], *, name: str = "decode") -> None:
        self._opener = opener
        self._changed = threading.Condition()
        self._queue: deque[tuple[int, Delivery]] = deque()
        self._request: _Request | None = None
        self._generation = 0
        self._size: tuple[int, int] | None = None
        self._late_us: int | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def alive(self) -> bool:
        """Whether the thread has not ended yet."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to open the recording; the first delivery is Opened or Failed."""
        self._thread.start()

    def show(self, n: int) -> int:
        """Ask for frame ``n`` and nothing after it; what was asked before is dropped. Returns the generation."""
        return self._ask(n, 0, 0)

    def play(self, n: int, *, backwards: bool = False, stride_us: int = 0) -> int:
        """Ask for frame ``n`` and those after (before) it, at least ``stride_us`` apart. Returns the generation."""
        return self._ask(n, -1 if backwards else 1, stride_us)

    def resize(self, size: tuple[int, int]) -> None:
        """Scale to another size from the next frame on."""
        with self._changed:
            self._size = size

    def hurry(self, us: int) -> None:
        """The player's clock is at ``us``: frames before it (after it, backwards) need not be delivered any more."""
        with self._changed:
            self._late_us = us

    def peek(self) -> Delivery | None:
        """The oldest delivery of the newest request, left in the queue."""
        with self._changed:
            return self._queue[0][1] if self._queue else None

    def take(self) -> Delivery | None:
        """The oldest delivery of the newest request."""
        with self._changed:
            if not self._queue:
                return None
            self._changed.notify_all()
            return self._queue.popleft()[1]

    def stop(self) -> None:
        """Tell the thread to end and give the file back; returns at once. Nothing is delivered any more."""
        with self._changed:
            self._closing = True
            self._generation += 1
            self._queue.clear()
            self._changed.notify_all()

    def close(self, timeout: float = 5.0) -> bool:
        """``stop``, and wait up to ``timeout`` seconds. Returns whether the thread has ended."""
        self.stop()
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _ask(self, n: int, direction: int, stride_us: int) -> int:
        with self._changed:
            self._generation += 1
            self._queue = deque(kept for kept in self._queue if isinstance(kept[1], Opened | Failed))
            self._request = _Request(self._generation, n, direction, stride_us)
            self._late_us = None
            self._changed.notify_all()
            return self._generation

    def _run(self) -> None:
        try:
            reader = self._opener()
        except (ReviewError, IngestError) as refused:
            self._deliver(0, Failed(refused.message()))
            return
        except (OSError, ValueError, av.error.FFmpegError):
            self._deliver(0, Failed("This recording cannot be opened for playing. The original is untouched."))
            return
        self._deliver(0, Opened(reader.table))
        try:
            while (request := self._next_request()) is not None:
                self._serve(reader, request)
        except (OSError, ValueError, av.error.FFmpegError, IngestError):
            self._deliver(0, Failed("Reading this recording failed. Open it again; the original is untouched."))
        finally:
            reader.close()

    def _next_request(self) -> _Request | None:
        with self._changed:
            while self._request is None and not self._closing:
                self._changed.wait()
            request, self._request = self._request, None
            return None if self._closing else request

    def _serve(self, reader: ExactReader, request: _Request) -> None:
        reader.superseded = lambda: self._generation != request.generation
        behind = BACKWARDS_RUN if request.direction < 0 else STEP_RUN
        n: int | None = request.n
        try:
            while n is not None:
                if self._size is not None:
                    reader.resize(self._size)
                shown = reader.frame(n, behind=behind if request.direction <= 0 else 0)
                if not self._deliver(request.generation, shown) or request.direction == 0:
                    return
                n = self._following(reader.table, n, request)
        except Superseded:
            return
        self._deliver(request.generation, Finished())

    def _following(self, table: FrameTable, n: int, request: _Request) -> int | None:
        """The next frame worth showing: a stride on, and not one the clock has already passed."""
        late = self._late_us
        if request.direction > 0:
            due = table.us(n) + request.stride_us
            following = max(n + 1, table.at(max(due, late if late is not None else due)))
            return following if following < table.count else None
        due = table.us(n) - request.stride_us
        following = min(n - 1, table.at(max(0, min(due, late if late is not None else due))))
        return following if following >= 0 else None

    def _deliver(self, generation: int, delivery: Delivery) -> bool:
        """Put into the queue, waiting for room; False once the request is no longer the newest."""
        with self._changed:
            while len(self._queue) >= QUEUE and generation in (0, self._generation) and not self._closing:
                self._changed.wait()
            if self._closing or generation not in (0, self._generation):
                return False
            self._queue.append((generation, delivery))
            return True
