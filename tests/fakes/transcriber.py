"""A transcriber that hears what its test tells it to, on any sound that is not digital silence.

It keeps the whole contract of ``ports.transcriber`` (``tests/contract/test_transcriber.py``) and needs no
model: each scripted line becomes one segment whose words share the line's time evenly. Lines outside
the sound are not heard. Scripted speech without a line comes back as untranscribed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bwc_review.domain.speech import Engine, Heard, Segment, Word
from bwc_review.domain.times import ZERO, Micros, Span, union
from bwc_review.errors import Cancelled
from bwc_review.ports.transcriber import PcmAudio


@dataclass(frozen=True, slots=True)
class Line:
    """What is said from ``start`` to ``end``, in microseconds from sample 0. No text: speech without words."""

    start: int
    end: int
    text: str = ""
    confidence: int = 900


KNIFE = (Line(500_000, 1_900_000, "Drop the knife!"), Line(4_000_000, 4_900_000))


class FakeTranscriber:
    """Hears the scripted lines. ``heard`` counts the recordings that were listened to, to the end."""

    def __init__(self, lines: Sequence[Line] = KNIFE) -> None:
        self.lines = tuple(lines)
        self.heard = 0
        self.engine = Engine("scripted", "1", "none", "0" * 64, {"lines": len(self.lines)})

    def listen(
        self,
        audio: PcmAudio,
        *,
        progress: Callable[[Micros, Micros], None],
        cancelled: Callable[[], bool],
    ) -> Heard:
        total = audio.span.length
        progress(ZERO, total)
        if cancelled():
            raise Cancelled("Listening was stopped. Nothing was recorded.")
        progress(total, total)
        self.heard += 1
        if not any(bytes(audio.samples)):
            return Heard(self.engine, (), (), (), ())
        spans = [(Span(Micros(x.start), Micros(x.end)).shifted(audio.start), x) for x in self.lines]
        inside = [(span, x) for span, x in spans if audio.span.start <= span.start and span.end <= audio.span.end]
        return Heard(
            engine=self.engine,
            segments=tuple(_segment(span, line) for span, line in sorted(inside, key=lambda s: s[0]) if line.text),
            usable=(audio.span,),
            speech=union(span for span, _ in inside),
            untranscribed=union(span for span, line in inside if not line.text),
        )


def _segment(span: Span, line: Line) -> Segment:
    texts = line.text.split()
    edges = [Micros(span.start + span.length * n // len(texts)) for n in range(len(texts) + 1)]
    words = tuple(Word(Span(edges[n], edges[n + 1]), text, line.confidence) for n, text in enumerate(texts))
    return Segment(words, no_speech=0)
