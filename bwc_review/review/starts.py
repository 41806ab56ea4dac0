"""Which start a recording is placed by: a person's adoption, else the clock of its series, else its best claim.

Nothing here writes. A local time that occurred twice or never is not guessed: a person is asked.
"""

from __future__ import annotations

from dataclasses import dataclass

from bwc_review.domain.clocks import AdoptedStart, Series
from bwc_review.domain.ids import OperatorId
from bwc_review.domain.recording import Placement, Recording, TimeClaim
from bwc_review.domain.times import Micros
from bwc_review.errors import InputRefused, TimeUndecided
from bwc_review.ports.store import Work

NOT_CHECKED = "the most certain claim of time, not yet checked by a person"


@dataclass(frozen=True, slots=True)
class Start:
    """When a recording began (microseconds since 1970 UTC), how sure, by which source, and who stands for it.

    ``by`` is None while no person has adopted it.
    """

    at: int
    uncertainty: Micros
    source: str
    reason: str
    by: OperatorId | None = None


def best_claim(recording: Recording) -> TimeClaim:
    """The claim of time with the smallest uncertainty; the first wins a tie.

    Raises InputRefused without any, TimeUndecided when the best one is a local time that occurred twice or never.
    """
    if not recording.claims:
        raise InputRefused(
            f"Nothing says when {recording.exhibit} ({recording.name}) was made, so it cannot be put on the "
            "incident's clock by itself. Enter a time of your own: "
            f'`bwc-review times enter {recording.exhibit} TIME --reason "..."`.'
        )
    found = min(recording.claims, key=lambda claim: claim.uncertainty)
    if found.doubt in ("ambiguous", "nonexistent"):
        twice = "occurred twice" if found.doubt == "ambiguous" else "never occurred"
        raise TimeUndecided(
            f"The best that says when {recording.exhibit} ({recording.name}) was made is '{found.text}', and that "
            f"local time {twice} when clocks were changed. Look at `bwc-review times show {recording.exhibit}` and "
            "decide with `times adopt` or `times enter`."
        )
    return found


def start_of(work: Work, recording: Recording) -> Start:
    """The start to place ``recording`` by. Raises InputRefused, TimeUndecided."""
    adopted = work.clocks.adopted(recording.id)
    if adopted is not None:
        return _of_adoption(adopted)
    series = work.clocks.series_of(recording.id)
    if series is not None:
        found = _by_series(work, recording, series)
        if found is not None:
            return found
    claim = best_claim(recording)
    return Start(claim.start, claim.uncertainty, claim.source, NOT_CHECKED)


def _of_adoption(adopted: AdoptedStart) -> Start:
    return Start(adopted.start, adopted.uncertainty, adopted.source, adopted.reason, adopted.by)


def _by_series(work: Work, recording: Recording, series: Series) -> Start | None:
    """By the first part a person adopted a start for, else by the first part's best claim; None: nothing joins them.

    One clock then carries every part. A part whose own best claim is of the same kind already stands on that clock.
    """
    anchors = [(part.recording, work.clocks.adopted(part.recording)) for part in series.parts]
    anchor, adopted = next((one for one in anchors if one[1] is not None), anchors[0])
    between = series.between(anchor, recording.id)
    if anchor == recording.id or between is None:
        return None
    first = work.footage.recording(anchor)
    base = _of_adoption(adopted) if adopted else _own(first)
    if base is None or (adopted is None and _own(recording) is not None and _own_source(recording) == base.source):
        return None
    offset, unsure = between
    why = f"part {series.place_of(recording.id)} of the recording that {first.exhibit} is part of: {base.reason}"
    return Start(base.at + offset, Micros(base.uncertainty + unsure), base.source, why, base.by)


def _own(recording: Recording) -> Start | None:
    try:
        claim = best_claim(recording)
    except (InputRefused, TimeUndecided):
        return None
    return Start(claim.start, claim.uncertainty, claim.source, NOT_CHECKED)


def _own_source(recording: Recording) -> str:
    return best_claim(recording).source


def follows_start(work: Work, zero: int, placed: Placement) -> bool:
    """Whether a placement stands where the recording's start puts it, and was not moved by a person's hand.

    ``zero`` is the incident's clock zero. A person's own placement carries a reason of their own
    (``review/incidents.place`` demands one).
    """
    if placed.reason.endswith(NOT_CHECKED):
        return True
    try:
        start = start_of(work, work.footage.recording(placed.recording))
    except (InputRefused, TimeUndecided):
        return False
    return start.by is not None and zero + placed.clock.offset == start.at


def clock_words(work: Work, zero: int, placed: Placement, recording: Recording) -> str:
    """Who stands for a placement's clock: "adopted by psd-1", "placed by a person" or "not verified"."""
    if placed.reason.endswith(NOT_CHECKED):
        return "not verified"
    if follows_start(work, zero, placed):
        return f"adopted by {start_of(work, recording).by}"
    return "placed by a person"
