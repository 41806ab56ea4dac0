"""What a speech engine must be able to do: listen to one recording's sound and say what was heard.

No engine lives here and no numpy: sound crosses this border as bytes. Every implementation, the
documented fake in ``tests/fakes`` included, passes ``tests/contract/test_transcriber.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bwc_review.domain.speech import Engine, Heard
from bwc_review.domain.times import ZERO, Micros, Span

SAMPLE_RATE = 16_000  # what Whisper and Silero VAD were trained on
SAMPLE_BYTES = 2


@dataclass(frozen=True, slots=True)
class PcmAudio:
    """The sound of one recording: signed 16 bit, little endian, mono, 16 kHz.

    ``start`` is the media time of sample 0 in microseconds. Raises ValueError on half a sample.
    """

    samples: bytes | memoryview
    start: Micros = ZERO

    def __post_init__(self) -> None:
        if memoryview(self.samples).nbytes % SAMPLE_BYTES:
            raise ValueError("sound of 16 bit samples cannot have an odd number of bytes")

    @property
    def count(self) -> int:
        """Number of samples."""
        return memoryview(self.samples).nbytes // SAMPLE_BYTES

    @property
    def span(self) -> Span:
        """From sample 0 to one past the last, on the media clock."""
        return Span(self.start, self.moment(self.count))

    def moment(self, sample: int) -> Micros:
        """Media time of a sample index, in whole microseconds (cut, not rounded)."""
        return Micros(self.start + sample * 1_000_000 // SAMPLE_RATE)

    def index(self, moment: Micros) -> int:
        """Index of the first sample at or after a moment; may lie outside the sound."""
        return -((self.start - moment) * SAMPLE_RATE // 1_000_000)


class Transcriber(Protocol):
    """One configured speech engine. The same sound gives the same ``Heard`` on the same machine."""

    @property
    def engine(self) -> Engine:
        """Name, version, model digest and parameters: enough to run it again."""
        ...

    def listen(
        self,
        audio: PcmAudio,
        *,
        progress: Callable[[Micros, Micros], None],
        cancelled: Callable[[], bool],
    ) -> Heard:
        """Hear the whole sound. Times in the answer lie within ``audio.span``.

        ``progress(done, total)`` is called with microseconds of sound, never backwards, and ends at
        ``(total, total)``. ``cancelled()`` is asked before each line and at least every two minutes of sound.

        Raises Cancelled when it answers true, ModelRefused when the model cannot be used.
        """
        ...
