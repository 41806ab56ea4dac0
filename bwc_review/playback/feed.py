"""A thread that reads sound ahead of the device, at the speed of playing, into a bounded queue of blocks.

Pitch follows speed. Above twice the speed, and backwards, a player has no sound and does not start this.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from fractions import Fraction

import av
import numpy as np

from bwc_review.errors import ReviewError
from bwc_review.playback.audio import AudioReader, Samples
from ingest.errors import IngestError

BLOCK_US = 20_000  # of device time
AHEAD = 25  # blocks
MUTED_ABOVE = Fraction(2)


def respeed(samples: Samples, count: int) -> Samples:
    """Stretch or squeeze ``samples`` to ``count`` by straight lines between them."""
    if len(samples) == count:
        return samples
    where = np.linspace(0, len(samples) - 1, count)
    return np.interp(where, np.arange(len(samples)), samples).astype(np.int16)


class AudioFeed:
    """Blocks of 16-bit mono at ``device_rate``. ``opener`` runs in the thread; every call returns at once."""

    def __init__(self, opener: Callable[[], AudioReader], device_rate: int) -> None:
        self._opener = opener
        self._device_rate = device_rate
        self._changed = threading.Condition()
        self._blocks: deque[Samples] = deque()
        self._at_us: int | None = None
        self._speed = Fraction(1)
        self._generation = 0
        self._closing = False
        self._refusal = ""
        self._thread = threading.Thread(target=self._run, name="sound", daemon=True)
        self._thread.start()

    @property
    def refusal(self) -> str:
        """Why there is no sound, for a person; empty while there may be."""
        return self._refusal

    def start(self, us: int, speed: Fraction) -> None:
        """Read on from media microsecond ``us``; drops what was read before."""
        with self._changed:
            self._generation += 1
            self._blocks.clear()
            self._at_us, self._speed = us, speed
            self._changed.notify_all()

    def stop(self) -> None:
        """Read no further and drop what was read."""
        with self._changed:
            self._generation += 1
            self._blocks.clear()
            self._at_us = None

    def take(self, most_bytes: int) -> bytes:
        """Whole blocks of no more than ``most_bytes`` altogether."""
        out: list[bytes] = []
        with self._changed:
            while self._blocks and self._blocks[0].nbytes <= most_bytes:
                block = self._blocks.popleft()
                most_bytes -= block.nbytes
                out.append(block.tobytes())
            self._changed.notify_all()
        return b"".join(out)

    def end(self) -> None:
        """Tell the thread to end and give its file back; returns at once."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()

    def close(self, timeout: float = 5.0) -> bool:
        """``end``, and wait up to ``timeout`` seconds. Returns whether the thread has ended."""
        self.end()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            reader = self._opener()
        except (ReviewError, IngestError) as refused:
            self._refusal = refused.message()
            return
        except (OSError, ValueError, av.error.FFmpegError):
            self._refusal = "The sound of this recording cannot be read."
            return
        try:
            while (job := self._next()) is not None:
                self._make(reader, *job)
        except (OSError, ValueError, av.error.FFmpegError, IngestError):
            self._refusal = "Reading the sound of this recording failed."
        finally:
            reader.close()

    def _next(self) -> tuple[int, int, Fraction] | None:
        with self._changed:
            while not self._closing and (self._at_us is None or len(self._blocks) >= AHEAD):
                self._changed.wait()
            if self._closing or self._at_us is None:
                return None
            return self._generation, self._at_us, self._speed

    def _make(self, reader: AudioReader, generation: int, us: int, speed: Fraction) -> None:
        media_us = int(BLOCK_US * speed)
        wanted = max(2, reader.rate * media_us // 1_000_000)
        block = respeed(reader.read(us, wanted), self._device_rate * BLOCK_US // 1_000_000)
        with self._changed:
            if generation == self._generation:
                self._blocks.append(block)
                self._at_us = us + media_us
