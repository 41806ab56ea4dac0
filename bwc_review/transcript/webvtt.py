"""A machine transcript as WebVTT, for any player (W3C WebVTT, sections 4.1 and 6.4: cue text and escapes).

Written by hand because webvtt-py does not escape cue text or voice names, and what was spoken is
not ours to trust. One way only: the record is ``heard_json``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

from bwc_review.domain.speech import Heard, Segment
from bwc_review.domain.times import Span

NOT_TRANSCRIBED = "[speech, not transcribed]"
DOUBTFUL = "doubtful"
NO_VOICES: Mapping[int, str] = MappingProxyType({})
_UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def to_webvtt(heard: Heard, voices: Mapping[int, str] = NO_VOICES) -> bytes:
    """Return UTF-8 WebVTT, one cue per segment in time order, and one per stretch of speech without words.

    ``voices`` names the speaker of a segment by its index. Low-confidence segments carry the class
    ``doubtful``. Raises ValueError when a time lies before the start of the recording.
    """
    cues = [(segment.span, f"s{n}", _spoken(segment, voices.get(n, ""))) for n, segment in enumerate(heard.segments)]
    cues += [(span, f"u{n}", NOT_TRANSCRIBED) for n, span in enumerate(heard.untranscribed)]
    blocks = ["WEBVTT", _note(heard)]
    blocks += [f"{name}\n{_timing(span)}\n{text}" for span, name, text in sorted(cues)]
    return ("\n\n".join(blocks) + "\n").encode("utf-8")


def _note(heard: Heard) -> str:
    engine = heard.engine
    return (
        "NOTE\nMachine transcript, not corrected by a person. Where nothing is written, nothing was recognised.\n"
        f"Engine {_escaped(engine.name)} {_escaped(engine.version)}, model {_escaped(engine.model)}, "
        f"SHA-256 {_escaped(engine.model_sha256)}"
    )


def _spoken(segment: Segment, voice: str) -> str:
    text = _escaped(segment.text)
    if segment.doubtful:
        text = f"<c.{DOUBTFUL}>{text}</c>"
    name = _escaped(voice)
    return f"<v {name}>{text}</v>" if name else text


def _escaped(text: str) -> str:
    """One line without markup: a blank line would end the cue, ``-->`` would begin another."""
    plain = "".join(" " if unicodedata.category(char) in _UNPRINTABLE else char for char in text)
    return " ".join(plain.split()).translate(_ESCAPES)


def _timing(span: Span) -> str:
    start, end = span.start // 1000, -(-span.end // 1000)
    return f"{_stamp(start)} --> {_stamp(max(end, start + 1))}"


def _stamp(millis: int) -> str:
    if millis < 0:
        raise ValueError("WebVTT has no time before the start of a recording")
    minutes, rest = divmod(millis, 60_000)
    hours, minutes = divmod(minutes, 60)
    seconds, thousandths = divmod(rest, 1000)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}.{thousandths:03d}"
