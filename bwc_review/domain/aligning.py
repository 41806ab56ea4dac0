"""A proposal where a recording lies on its incident's clock, from sound two cameras share. A machine's suggestion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bwc_review.domain.ids import IncidentId, OperatorId, RecordingId
from bwc_review.domain.times import ClockMap, Micros, clock_text

SOURCE = "audio"
WHY_NOT: Mapping[str, str] = {
    "no_sound": "one of the two carries no usable sound where they overlap",
    "no_overlap": "by no place that could be tried do the two run at the same time long enough",
    "too_few_agree": "too few stretches of sound agree on one place: chance might have done it",
    "repeats": "the sound repeats itself (a siren, an alarm): another place fits nearly as well",
}


@dataclass(frozen=True, slots=True)
class Reference:
    """A recording that was listened against, with the place it had then and the digest of its sound derivative."""

    recording: RecordingId
    clock: ClockMap
    sound_sha256: str


@dataclass(frozen=True, slots=True)
class ProposedClock:
    """What the machine proposes, or that it cannot tell (``clock`` None, ``doubt`` a code of ``WHY_NOT``).

    ``error`` in microseconds is the alignment's own; the proposed clock's uncertainty also holds that of the place of
    the references. ``figures``: what was measured, whole numbers under the names of ``ingest.alignment.Measured`` and
    of the line (``spread_us``, ``drift_ppb``, ``drift_error_ppb``, ``first_us``, ``last_us``).
    """

    id: str
    incident: IncidentId
    recording: RecordingId
    sound_sha256: str
    references: tuple[Reference, ...]
    clock: ClockMap | None
    error: Micros
    doubt: str
    figures: Mapping[str, int]
    by: OperatorId
    made_at: int


def figures_text(one: ProposedClock) -> str:
    """What was measured, in one line, with no judgement."""
    f = one.figures
    heard = (
        f"{f['agreeing']} of {f['heard']} stretches with sound agree ({f['windows']} stretches of "
        f"{_seconds(f['window_us'])} in {_seconds(f['overlap_us'])} of overlap)"
    )
    if f["chance_log10"]:
        heard += f"; by chance: less than 1 in 10^{-f['chance_log10']}"
    if f["rival_share"]:
        heard += f"; the next best place ({_signed(f['rival_us'])}) fits {f['rival_share'] / 10:.0f}% as well"
    return heard


def proposal_text(one: ProposedClock, now: ClockMap) -> str:
    """What is proposed against where the recording lies ``now``, or why nothing is. For a person."""
    if one.clock is None:
        return f"Cannot tell: {WHY_NOT[one.doubt]}."
    moved = one.clock.offset - now.offset
    f = one.figures
    return (
        f"Starts at {clock_text(one.clock.offset)} of the incident's clock, {_signed(moved)} from its place so far, "
        f"± {_fine(one.error)} by the sound (stretches scatter by {_fine(f['spread_us'])}); "
        f"its clock runs {_drift(f['drift_ppb'], f['drift_error_ppb'])}."
    )


def _drift(ppb: int, error: int) -> str:
    fast = "slow" if ppb > 0 else "fast"
    return f"{abs(ppb) / 1000:.2f} ± {error / 1000:.2f} parts in a million {fast}"


def _seconds(us: int) -> str:
    return f"{us / 1_000_000:.1f} s"


def _fine(us: int) -> str:
    if us < 100:
        return f"{us} µs"
    return f"{us / 1000:.2f} ms" if us < 1_000_000 else f"{us / 1_000_000:.2f} s"


def _signed(us: int) -> str:
    return f"{'-' if us < 0 else '+'}{_fine(abs(us))}"
