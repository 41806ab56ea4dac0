"""Where one recording lies on the clock of others that heard the same sounds: offset, drift, and how sure that is.

Windows of the recording are found again in the others' sound (``ingest.correlation``), a line is laid through what
they agree on (``ingest.clock_line``), and every figure of the way there is handed on. A proposal: a person confirms.
Sound travels 1 m in 2.9 ms, so cameras apart hear the same source at different times; no figure here knows how far
apart they stood. The rules that end in "cannot tell" are written down in docs/alignment.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import map_coordinates

from ingest.alignment import RATE_DEN, US, Alignment, CannotTell, Doubt, Measured, Piece
from ingest.clock_line import AGREE_S, MAX_DRIFT, Line, chance_log10, lay_line
from ingest.coarse import Anchor, search_everywhere
from ingest.correlation import likeness, peak
from ingest.sound import RATE, Samples, Sound, is_silent

NEAR_US = 5 * US  # how far from the place claimed so far a recording is looked for first
LONGEST_WINDOW_S, SHORTEST_WINDOW_S = 10.0, 2.0
MOST_WINDOWS, WINDOWS_WANTED = 240, 12
MOST_CHANCE_LOG10 = -6  # a line that chance would lay once in a million tries is told; a likelier one is not
MOST_RIVAL = 0.5  # the next best shift must fit less than half as well, else the sound repeats itself
_SAME_PEAK_S = 0.025  # within this a second peak is an echo or another source, not another place
_RIVAL_S = 10.0
_SMEAR = 0.05  # samples by which the clocks may part within a window before it is bent to fit
_WIDER = 128

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Found:
    """One window found again: media seconds of its middle, seconds of the common clock there, reach of its search."""

    media: float
    common: float
    reach: float
    piece: Piece


def align(
    recording: Sound,
    guess_us: int,
    pieces: Sequence[Piece],
    *,
    progress: Progress = lambda done, of: None,
) -> Alignment | CannotTell:
    """Place ``recording``, thought to begin at ``guess_us`` of the common clock, by the sound of ``pieces``.

    Looked for near the guess first, then everywhere it could overlap. ``progress(done, of)`` may raise to stop it.
    Raises AlignmentFailed.
    """
    near = _settle(recording, Anchor(guess_us / US, 0.0, NEAR_US / US), pieces, 1, progress)
    if isinstance(near, Alignment) or near.doubt is Doubt.REPEATS:
        return near
    found = search_everywhere(recording, [(p.sound, p.start_us / US) for p in pieces], progress)
    if found is None:
        return near
    again = _settle(recording, found.anchor, pieces, found.tries, progress)
    return again if isinstance(again, Alignment) or again.doubt is Doubt.REPEATS else near


def _settle(
    recording: Sound, anchor: Anchor, pieces: Sequence[Piece], tries: int, progress: Progress
) -> Alignment | CannotTell:
    """Measure along a guess, then once more along what came out: all figures are of that place, and no window is
    smeared by a drift that is known by then."""
    first = _along(recording, anchor, pieces, tries, progress)
    if not isinstance(first, Alignment):
        return first
    found = Anchor(first.offset_us / US, 0.0, NEAR_US / US, first.rate_num / first.rate_den)
    return _along(recording, found, pieces, tries, progress)


def _along(
    recording: Sound, anchor: Anchor, pieces: Sequence[Piece], tries: int, progress: Progress
) -> Alignment | CannotTell:
    """Measure along a guess, lay the line, then weigh it against chance and against its own repetitions."""
    spans = [(p, *_overlap(recording, anchor, p)) for p in pieces]
    overlap = sum(max(0.0, end - start) for _, start, end in spans)
    window = min(LONGEST_WINDOW_S, max(SHORTEST_WINDOW_S, overlap / WINDOWS_WANTED))
    places = list(_places(spans, window, overlap))
    found: list[_Found] = []
    for number, (piece, start) in enumerate(places):
        progress(number, 2 * len(places))
        one = _find(recording, anchor, piece, start, window)
        if one is not None:
            found.append(one)
    measured = Measured(
        round(window * US), round(overlap * US), len(places), len(found), 0, 0, round(anchor.reach * US)
    )
    if not places:
        return CannotTell(Doubt.NO_OVERLAP, measured)
    if not found:
        return CannotTell(Doubt.NO_SOUND, measured)
    return _judge(recording, found, window, measured, tries, progress)


def _overlap(recording: Sound, anchor: Anchor, piece: Piece) -> tuple[float, float]:
    """The stretch of the recording's media time that the piece covers, were the guess right."""
    start = anchor.to_media(piece.to_common(0.0))
    end = anchor.to_media(piece.to_common(piece.sound.seconds))
    return max(0.0, start), min(recording.seconds, end)


def _places(
    spans: Sequence[tuple[Piece, float, float]], window: float, overlap: float
) -> Iterator[tuple[Piece, float]]:
    step = max(window, overlap / MOST_WINDOWS)
    for piece, start, end in spans:
        at = start
        while at + window <= end:
            yield piece, at
            at += step


def _find(recording: Sound, anchor: Anchor, piece: Piece, start: float, window: float) -> _Found | None:
    """Where a window of the recording is in the piece's sound; None where either is silent."""
    reach = anchor.reach + MAX_DRIFT * abs(start - anchor.near)
    first, count, margin = round(start * RATE), round(window * RATE), round(reach * RATE)
    middle = (first + count / 2) / RATE
    expected = piece.to_media(anchor.to_common(middle))
    begin = round(expected * RATE - count / 2) - margin
    mine = _at_the_pace_of(piece, recording, first, count, anchor.rate)
    other = piece.sound.read(begin, count + 2 * margin)
    if is_silent(mine) or is_silent(other[margin : margin + count]):
        return None
    shift, _ = peak(likeness(mine, other))
    return _Found(middle, piece.to_common((begin + shift + count / 2) / RATE), reach, piece)


def _at_the_pace_of(piece: Piece, recording: Sound, first: int, count: int, rate: float) -> Samples:
    """A window of the recording as a camera with the piece's clock would have kept it, around the same middle."""
    pace = rate * piece.rate_den / piece.rate_num
    if abs(pace - 1) * count < _SMEAR:
        return recording.read(first, count)
    wide = recording.read(first - _WIDER, count + 2 * _WIDER)
    middle = _WIDER + (count - 1) / 2
    at = middle + (np.arange(count) - (count - 1) / 2) / pace
    return np.asarray(map_coordinates(wide, at[None, :], order=5), dtype=np.float32)


def _judge(
    recording: Sound, found: list[_Found], window: float, measured: Measured, tries: int, progress: Progress
) -> Alignment | CannotTell:
    when = np.array([one.media for one in found])
    line = lay_line(when, np.array([one.common for one in found]) - when)
    if line is None:
        return CannotTell(Doubt.TOO_FEW_AGREE, measured)
    share = min(1.0, AGREE_S / float(np.median([one.reach for one in found])))
    agreeing = int(line.agreeing.sum())
    chance = chance_log10(len(found), agreeing, share, tries)
    agreed = [one for one, on in zip(found, line.agreeing, strict=True) if on]
    rival, away = _rival(recording, agreed, line, window, progress)
    measured = Measured(
        measured.window_us, measured.overlap_us, measured.windows, len(found), agreeing, chance,
        measured.searched_us, round(rival * 1000), round(away * US),
    )  # fmt: skip
    if chance > MOST_CHANCE_LOG10:
        return CannotTell(Doubt.TOO_FEW_AGREE, measured)
    if rival >= MOST_RIVAL:
        return CannotTell(Doubt.REPEATS, measured)
    return _proposal(recording, line, agreed, window, measured)


def _rival(
    recording: Sound, agreed: list[_Found], line: Line, window: float, progress: Progress
) -> tuple[float, float]:
    """The likeness of the next best shift of all agreeing windows together, as a share of the best, and where it is.

    What repeats (a siren, an alarm) fits nearly as well one repetition further; what does not, fits nowhere else.
    """
    reach = round(min(_RIVAL_S, float(np.median([one.reach for one in agreed]))) * RATE)
    count = round(window * RATE)
    together = np.zeros(2 * reach + 1)
    for number, one in enumerate(agreed):
        progress(len(agreed) + number, 2 * len(agreed))
        first = round((one.media - window / 2) * RATE)
        common = one.media + float(line.at(one.media))
        begin = round(one.piece.to_media(common) * RATE - count / 2) - reach
        mine = _at_the_pace_of(one.piece, recording, first, count, 1 + line.drift)
        together += likeness(mine, one.piece.sound.read(begin, count + 2 * reach))
    near = round(_SAME_PEAK_S * RATE)
    best = float(together[reach - near : reach + near + 1].max())
    together[reach - near : reach + near + 1] = -np.inf
    other = int(np.argmax(together))
    return (max(0.0, float(together[other])) / best if best > 0 else 1.0), (other - reach) / RATE


def _proposal(recording: Sound, line: Line, agreed: list[_Found], window: float, measured: Measured) -> Alignment:
    drift = round(line.drift * RATE_DEN)
    offset = float(line.at(0.0))
    error = max(line.error_at(0.0), line.error_at(recording.seconds), 1 / RATE / 2)
    return Alignment(
        offset_us=round(offset * US),
        rate_num=RATE_DEN + drift,
        rate_den=RATE_DEN,
        error_us=int(np.ceil(error * US)),
        spread_us=int(np.ceil(line.spread * US)),
        drift_ppb=drift,
        drift_error_ppb=int(np.ceil(2 * line.drift_error * RATE_DEN)),
        first_us=round((agreed[0].media - window / 2) * US),
        last_us=round((agreed[-1].media + window / 2) * US),
        measured=measured,
    )
