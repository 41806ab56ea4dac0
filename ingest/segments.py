"""Files that are one recording: which belong together, in which order, and what lies between them. Pure.

A camera cuts a recording into files. They stay exhibits of their own; that they belong together is a statement with
its reason. Gaps are measured between claims of one source, so that a wrong clock does not enter them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.clips import NamedClip, in_parts
from ingest.profile_values import SegmentRule
from ingest.times import Claim, Doubt, Means


@dataclass(frozen=True, slots=True)
class Measured:
    """A described file and how long it runs, microseconds; 0 where nobody could tell."""

    clip: NamedClip
    duration_us: int


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a recording. ``offset_us`` from the first part's start and ``gap_us`` from the end of the part
    before (negative: they overlap) are None where no claim of one source stands on both."""

    clip: NamedClip
    offset_us: int | None
    gap_us: int | None
    uncertainty_us: int
    source: str


@dataclass(frozen=True, slots=True)
class Joined:
    """The parts of one recording in order, and why they are taken for one."""

    parts: tuple[Part, ...]
    why: str


def join(files: Sequence[Measured], rule: SegmentRule) -> tuple[Joined, ...]:
    """The recordings among ``files`` that have more than one part, by the order of their first."""
    by_name = {one.clip.name: one for one in files}
    found: list[Joined] = []
    alone: list[Measured] = []
    for group in in_parts([one.clip for one in files]):
        members = [by_name[clip.name] for clip in group]
        if len(members) > 1:
            found.append(_joined(members, f"the camera gave them one recording id, {group[0].recording_id}"))
        elif group[0].recording_id is None:
            alone += members
    if rule.max_gap_us is not None:
        found += _by_time(alone, rule, rule.max_gap_us)
    return tuple(sorted(found, key=lambda one: one.parts[0].clip.name.raw))


def _by_time(files: Sequence[Measured], rule: SegmentRule, max_gap_us: int) -> list[Joined]:
    groups: dict[tuple[object, ...], list[Measured]] = {}
    for one in files:
        key = tuple(getattr(one.clip, word) for word in rule.group_by)
        if any(word is not None for word in key) and _claim(one) is not None:
            groups.setdefault(key, []).append(one)
    found = []
    for members in groups.values():
        members.sort(key=lambda one: (_start(one), one.clip.name.raw))
        run = members[:1]
        for one in members[1:]:
            gap, _unsure, _source = _between(run[-1], one)
            if gap is not None and -rule.overlap_us <= gap <= max_gap_us:
                run.append(one)
                continue
            found.append(run)
            run = [one]
        found.append(run)
    why = f"same {' and '.join(word.removesuffix('_id') for word in rule.group_by)}, each within "
    why += f"{max_gap_us / 1e6:g} s after the one before"
    return [_joined(run, why) for run in found if len(run) > 1]


def _joined(members: Sequence[Measured], why: str) -> Joined:
    parts = [Part(members[0].clip, 0, None, 0, "")]
    for before, one in pairwise(members):
        gap, _unsure, _source = _between(before, one)
        offset, unsure, source = _apart(members[0], one)
        parts.append(Part(one.clip, offset, gap, unsure, source))
    return Joined(tuple(parts), why)


def _between(before: Measured, after: Measured) -> tuple[int | None, int, str]:
    """Microseconds from the end of one file to the start of the next, how unsure, and by which source."""
    apart, unsure, source = _apart(before, after)
    if apart is None or not before.duration_us:
        return None, 0, ""
    return apart - before.duration_us, unsure, source


def _apart(one: Measured, other: Measured) -> tuple[int | None, int, str]:
    """Microseconds between the starts of two files, by the most certain source that speaks of both."""
    pairs = [
        (
            a.resolution_us + b.resolution_us,
            a.means is not Means.START,  # an end needs the length too
            b.start_us(other.duration_us) - a.start_us(one.duration_us),
            a.source,
        )
        for a in one.clip.claims
        for b in other.clip.claims
        if _same_kind(a, b)
    ]
    if not pairs:
        return None, 0, ""
    unsure, _by_end, apart, source = min(pairs)
    return apart, unsure, source.value


def _same_kind(a: Claim, b: Claim) -> bool:
    same = (a.source, a.means, a.zone, a.doubt) == (b.source, b.means, b.zone, b.doubt)
    return same and a.doubt in (Doubt.NONE, Doubt.NO_ZONE)


def _claim(one: Measured) -> Claim | None:
    return min(one.clip.claims, key=lambda claim: claim.uncertainty_us, default=None)


def _start(one: Measured) -> int:
    claim = _claim(one)
    return claim.start_us(one.duration_us) if claim else 0
