"""Sound as 16 kHz mono samples on media time: sample 0 is the first video frame.

Encoder priming is dropped, gaps are silence, overlaps are cut, so that sample n is always n/16000 s of media
time. Without a picture, sample 0 is the first sound. Hostile media: ``ingest.derive`` runs it in a child.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from ingest.demux import main_video, open_media, refuse_encrypted
from ingest.errors import ProbeFailed
from ingest.files import MediaFile

SAMPLE_RATE = 16_000
BYTES_PER_SAMPLE = 2
MAX_SECONDS = 72 * 3600
_TOLERANCE = SAMPLE_RATE // 100  # 10 ms: below it time stamps jitter, above it sound is missing
_SILENCE_BLOCK = SAMPLE_RATE * 10


def read_pcm(file: MediaFile, track: int = 0) -> Iterator[bytes]:
    """Blocks of signed 16-bit little-endian samples of sound track ``track`` (from 0) of a seekable file.

    Raises ProbeFailed when there is no sound track, it is encrypted, nothing of it can be decoded, or its
    times are senseless.
    """
    refuse_encrypted(file)
    zero = _picture_start(file)
    with open_media(file) as container:
        if track >= len(container.streams.audio):
            which = f" number {track + 1}" if track else ""
            raise ProbeFailed(f"This recording has no sound track{which}.")
        audio = container.streams.audio[track]
        aligned = _Aligned(zero)
        for packet in container.demux(audio):
            try:
                frames = packet.decode()
            except av.FFmpegError:
                continue  # a torn piece of sound leaves a gap, which becomes silence
            for frame in frames:
                if isinstance(frame, AudioFrame):
                    yield from aligned.add(frame)
        yield from aligned.finish()
        if aligned.written == 0:
            raise ProbeFailed("Nothing of this recording's sound track can be decoded.")


def _picture_start(file: MediaFile) -> Fraction | None:
    """Seconds on the container's clock of the earliest video frame shown; None without picture."""
    with open_media(file) as container:
        video = main_video(container)
        if video is None or not video.time_base:
            return None
        earliest: int | None = None
        try:
            for packet in container.demux(video):
                when = packet.pts if packet.pts is not None else packet.dts
                if when is not None and packet.size and not packet.is_discard:
                    earliest = when if earliest is None else min(earliest, when)
        except av.FFmpegError:
            pass  # a torn end does not move the beginning
        return None if earliest is None else earliest * video.time_base


class _Aligned:
    """Puts decoded sound on the 16 kHz line, one resampler per unbroken run."""

    def __init__(self, zero: Fraction | None) -> None:
        self._zero = zero
        self.written = 0
        self._run: AudioResampler | None = None
        self._shape: tuple[int, str, str] | None = None
        self._run_start = 0
        self._run_fed = Fraction(0)
        self._run_out = 0

    def add(self, frame: AudioFrame) -> Iterator[bytes]:
        """The samples that became ready with ``frame``."""
        shape = (frame.sample_rate, frame.format.name, frame.layout.name)
        at = self._position(frame)
        expected = self._run_start + round(self._run_fed)
        if self._run is None or shape != self._shape or abs(at - expected) > _TOLERANCE:
            yield from self._end_run()
            self._run = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
            self._shape, self._run_start, self._run_fed, self._run_out = shape, at, Fraction(0), 0
        self._run_fed += Fraction(frame.samples * SAMPLE_RATE, frame.sample_rate)
        yield from self._placed(self._run.resample(frame))

    def finish(self) -> Iterator[bytes]:
        """What the last run still holds."""
        yield from self._end_run()

    def _position(self, frame: AudioFrame) -> int:
        if frame.pts is None or not frame.time_base:
            return self._run_start + round(self._run_fed)
        seconds = frame.pts * frame.time_base
        if self._zero is None:
            self._zero = seconds
        at = round((seconds - self._zero) * SAMPLE_RATE)
        if abs(at) > MAX_SECONDS * SAMPLE_RATE:
            raise ProbeFailed("The sound track's times lie days away from the picture. It is preserved as it is.")
        return at

    def _end_run(self) -> Iterator[bytes]:
        if self._run is not None:
            yield from self._placed(self._run.resample(None))
            self._run = None

    def _placed(self, frames: list[AudioFrame]) -> Iterator[bytes]:
        for frame in frames:
            at = self._run_start + self._run_out
            self._run_out += frame.samples
            data = bytes(frame.planes[0])[: frame.samples * BYTES_PER_SAMPLE]
            yield from self._silence_until(at)
            late = max(0, self.written - at)
            kept = data[late * BYTES_PER_SAMPLE :]
            if kept:
                self.written += len(kept) // BYTES_PER_SAMPLE
                yield kept

    def _silence_until(self, at: int) -> Iterator[bytes]:
        while self.written < at:
            count = min(at - self.written, _SILENCE_BLOCK)
            self.written += count
            yield bytes(count * BYTES_PER_SAMPLE)
