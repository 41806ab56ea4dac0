"""Sound on the media clock: 16-bit mono blocks from the audio derivative or decoded from the original.

Outside the recorded stretch there is silence of the same length, so that time never slips. No device, no thread.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO, Protocol

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame

from bwc_review.errors import MediaUnreadable
from ingest.audio import SAMPLE_RATE
from ingest.demux import open_media

Samples = npt.NDArray[np.int16]
DECODED_RATE = 48_000


class AudioReader(Protocol):
    """Mono samples at ``rate`` by media time."""

    @property
    def rate(self) -> int: ...

    def read(self, us: int, count: int) -> Samples:
        """``count`` samples from media microsecond ``us`` on; silence where there are none."""
        ...

    def close(self) -> None: ...


class PcmReader:
    """The audio derivative: raw little-endian samples at ingest's rate, sample 0 at media time 0.

    Raises MediaUnreadable when the file is missing.
    """

    rate = SAMPLE_RATE

    def __init__(self, opener: Callable[[], BinaryIO]) -> None:
        try:
            self._file = opener()
        except OSError as missing:
            raise MediaUnreadable("The sound made for this recording is missing; make it again.") from missing

    def read(self, us: int, count: int) -> Samples:
        first = us * self.rate // 1_000_000
        lead = min(count, max(0, -first))
        self._file.seek(2 * (first + lead))
        data = self._file.read(2 * (count - lead))
        got = np.frombuffer(data[: len(data) // 2 * 2], dtype="<i2")
        out = np.zeros(count, dtype=np.int16)
        out[lead : lead + len(got)] = got
        return out

    def close(self) -> None:
        self._file.close()


class DecodedReader:
    """The first audio stream of a recording, decoded as it is asked for.

    ``zero_us`` is the container time of the first video frame in microseconds: media time zero.
    Raises MediaUnreadable, ProbeFailed.
    """

    rate = DECODED_RATE

    def __init__(self, file: BinaryIO, *, zero_us: int = 0) -> None:
        self._file = file
        self._zero = zero_us
        self._held = np.zeros(0, dtype=np.int16)
        self._held_at = 0  # sample number, from media zero, of the first held sample
        self._container = open_media(file)
        if not self._container.streams.audio:
            self._container.close()
            raise MediaUnreadable("This recording has no sound.")
        self._stream = self._container.streams.audio[0]
        self._seek(0)

    def read(self, us: int, count: int) -> Samples:
        first = us * self.rate // 1_000_000
        if not self._held_at <= first <= self._held_at + len(self._held) + self.rate:
            self._seek(us)
        self._fill(first + count)
        out = np.zeros(count, dtype=np.int16)
        begin, end = max(first, self._held_at), min(first + count, self._held_at + len(self._held))
        if end > begin:
            out[begin - first : end - first] = self._held[begin - self._held_at : end - self._held_at]
        self._forget(first - self.rate)
        return out

    def close(self) -> None:
        self._container.close()
        self._file.close()

    def _seek(self, us: int) -> None:
        base = self._stream.time_base
        target = int((us + self._zero - 200_000) / (1_000_000 * base)) if base else 0
        try:
            self._container.seek(target, stream=self._stream, backward=True)
        except (av.error.FFmpegError, OSError):
            self._container.seek(0)
        self._decoded = self._container.decode(self._stream)
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=self.rate)
        self._held = np.zeros(0, dtype=np.int16)
        self._held_at = us * self.rate // 1_000_000

    def _fill(self, until: int) -> None:
        """Decode until the sample before ``until`` is held or the stream ends; damage ends it too."""
        try:
            while self._held_at + len(self._held) < until:
                self._place(next(self._decoded))
        except (StopIteration, av.error.FFmpegError):
            return

    def _place(self, frame: AudioFrame) -> None:
        """Append one decoded frame where its time says, filling a gap with silence."""
        if frame.time is None:
            return
        at = (round(frame.time * 1_000_000) - self._zero) * self.rate // 1_000_000
        parts = [made.to_ndarray().reshape(-1) for made in self._resampler.resample(frame)]
        samples = np.concatenate(parts).astype(np.int16) if parts else np.zeros(0, dtype=np.int16)
        if not len(self._held):
            self._held_at, self._held = at, samples
            return
        gap = at - (self._held_at + len(self._held))
        if gap > self.rate // 20:
            self._held = np.concatenate((self._held, np.zeros(gap, dtype=np.int16)))
        self._held = np.concatenate((self._held, samples))

    def _forget(self, before: int) -> None:
        drop = min(len(self._held), max(0, before - self._held_at))
        if drop > self.rate:
            self._held = self._held[drop:]
            self._held_at += drop
