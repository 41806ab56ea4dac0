"""Codes, times and sizes as a person reads them. Words come from ``ui/data/words.toml``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bwc_review.domain.clocks import AdoptedStart, Series
from bwc_review.domain.ids import EventCode
from bwc_review.domain.recording import Playability, Recording, TimeClaim
from bwc_review.domain.times import clock_text
from ui.data import load

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def word(group: str, code: str) -> str:
    """The words for a code; the code itself, spaced, when the list has none."""
    return str(load("words").get(group, {}).get(code, code.replace("_", " ")))


def words_of(group: str) -> dict[str, str]:
    """A whole group of words, in the order of the list."""
    return {str(code): str(text) for code, text in load("words")[group].items()}


def spaced(code: str) -> str:
    """A code of the taxonomy's lists as words: ``get_on_ground`` reads "get on ground"."""
    return code.replace("_", " ")


def moment_text(us: int) -> str:
    """Microseconds since 1970 as date and time, UTC, tenths of a second."""
    when = _EPOCH + timedelta(microseconds=us)
    return f"{when:%Y-%m-%d %H:%M:%S}.{when.microsecond // 100_000} UTC"


def uncertainty_text(us: int) -> str:
    """How sure a time is: ``± 0.4 s``, ``± 30 s``, ``± 5 min``."""
    if us >= 120_000_000:
        return f"± {us // 60_000_000} min"
    if us >= 10_000_000:
        return f"± {us // 1_000_000} s"
    return f"± {us // 1_000_000}.{us % 1_000_000 // 100_000} s" if us >= 100_000 else f"± {us // 1000} ms"


def signed_seconds(us: int) -> str:
    """An offset with its sign, to a tenth of a second: ``+12.5 s``, ``-0.3 s``."""
    tenths = (abs(us) + 50_000) // 100_000
    return f"{'-' if us < 0 else '+'}{tenths // 10}.{tenths % 10} s"


def claim_text(claim: TimeClaim) -> str:
    """A claim of time with its uncertainty and its source in the same breath."""
    doubt = f", {word('doubts', claim.doubt)}" if claim.doubt else ""
    return f"{moment_text(claim.start)} {uncertainty_text(claim.uncertainty)} ({word('claims', claim.source)}{doubt})"


def best_start(recording: Recording) -> TimeClaim | None:
    """The most certain claim of a recording's start, None when nothing says when it was made."""
    return min(recording.claims, key=lambda claim: claim.uncertainty, default=None)


def start_text(recording: Recording, adopted: AdoptedStart | None) -> str:
    """When a recording began: as a person adopted it, else its best claim, which nobody has checked."""
    if adopted is not None:
        return f"{moment_text(adopted.start)} {uncertainty_text(adopted.uncertainty)}, adopted"
    claim = best_start(recording)
    if claim is None:
        return "nothing says when"
    doubt = ", undecided" if claim.doubt in ("ambiguous", "nonexistent") else ""
    return f"{moment_text(claim.start)} {uncertainty_text(claim.uncertainty)}{doubt}"


def part_text(recording: Recording, series: Series | None) -> str:
    """ " (part 2 of 3)" of a recording the camera cut, else nothing."""
    return f" (part {series.place_of(recording.id)} of {len(series.parts)})" if series else ""


def length_text(us: int) -> str:
    """A length to a tenth of a second: ``2:40.4``."""
    return clock_text(us)[:-2]


def size_text(size: int) -> str:
    """Bytes as people say them."""
    amount, unit = float(size), "bytes"
    for unit in ("bytes", "KB", "MB", "GB", "TB"):
        if amount < 1024 or unit == "TB":
            break
        amount /= 1024
    return f"{size} bytes" if unit == "bytes" else f"{amount:.1f} {unit}"


def why_not_played(recording: Recording) -> str:
    """Why a recording cannot be shown, or what is damaged in it; empty when nothing is."""
    damage = "; ".join(recording.facts.damage) if recording.facts else ""
    if recording.playability is Playability.UNPLAYABLE:
        return f"Preserved, cannot be played: {damage or 'no picture or sound that can be decoded'}"
    return damage


def per_mille(value: int) -> str:
    """A confidence of 0..1000 as ``0.71``."""
    return f"{value / 1000:.2f}"


def short_code(code: EventCode) -> str:
    """The short name on a palette button, else the label's place is taken by the code."""
    return str(load("palettes")["short"].get(code, code))
