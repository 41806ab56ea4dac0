"""What was expected against what arrived: pure, total, three-valued. "Cannot be told" is an answer of its own.

Nothing is called late or missing that the uncertainty of a start, or a docking that did not finish, leaves open. No
limit is invented: overdue is only what the agency itself named a time for. Sentences: ``domain.reconciling_words``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from bwc_review.domain import reconciling_words as say
from bwc_review.domain.expected import UNCLASSIFIED, DockingSeen, Expectation, Expected, Footage
from bwc_review.domain.findings import Finding, Kind, measured
from bwc_review.domain.ids import CameraId, RecordingId
from bwc_review.domain.times import Micros


class State(StrEnum):
    """What became of one expected row."""

    ARRIVED = "arrived"
    CANNOT_TELL = "cannot_tell"
    NOT_OVER = "not_over"
    NOT_DOCKED = "not_docked"
    DOCKING_UNFINISHED = "docking_unfinished"
    MISSING = "missing"


class Belongs(StrEnum):
    """Whether anybody expected a recording."""

    EXPECTED = "expected"
    CANNOT_TELL = "cannot_tell"
    UNEXPECTED = "unexpected"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Row:
    """One expected row, what arrived for it, and why it is said so. ``overdue_by`` only where a time was named."""

    expected: Expected
    state: State
    arrived: tuple[Footage, ...]
    words: str
    sources: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    overdue_by: Micros | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """One recording, the ids of the rows that expected it, and its category."""

    footage: Footage
    belongs: Belongs
    rows: tuple[str, ...]
    category: str
    words: str


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The whole comparison, as of ``as_of`` (microseconds since 1970 UTC)."""

    as_of: int
    rows: tuple[Row, ...]
    arrivals: tuple[Arrival, ...]

    @property
    def overdue(self) -> tuple[Row, ...]:
        """Expected, not docked by the time the agency named; longest first."""
        late = [row for row in self.rows if row.overdue_by is not None]
        return tuple(sorted(late, key=lambda row: (-(row.overdue_by or 0), row.expected.id)))


@dataclass(frozen=True, slots=True)
class _Matched:
    """What arrived for a row: ``sure`` certainly overlaps it, ``maybe`` may, ``unnamed`` are of cameras unknown."""

    sure: tuple[Footage, ...]
    maybe: tuple[Footage, ...]
    unnamed: tuple[Footage, ...]


def reconcile(
    expected: Sequence[Expected],
    footage: Sequence[Footage],
    dockings: Sequence[DockingSeen],
    as_of: int,
    due_after: Micros | None = None,
) -> Reconciled:
    """Compare. ``due_after``: how long after a row's end the agency wants its camera docked; None: no time is named.

    A row's own ``dock_by`` goes before it.
    """
    matched = _match(expected, footage)
    neighbours = _neighbours(expected)
    rows = tuple(_row(one, matched[n], dockings, as_of, due_after, neighbours[n]) for n, one in enumerate(expected))
    return Reconciled(as_of, rows, _arrivals(footage, expected, matched))


def _match(expected: Sequence[Expected], footage: Sequence[Footage]) -> list[_Matched]:
    by_name: dict[str, list[Footage]] = {}
    unnamed = [one for one in footage if not one.camera_known and one.wearer is None]
    for one in footage:
        for name in {f"c:{one.camera}" if one.camera_known else "", f"w:{one.wearer}" if one.wearer else ""} - {""}:
            by_name.setdefault(name, []).append(one)
    found = []
    for row in expected:
        named = [*by_name.get(f"c:{row.camera}", ()), *by_name.get(f"w:{row.officer}", ())]
        own = sorted({one.recording: one for one in named}.values(), key=_order)
        sure = tuple(one for one in own if overlaps(row, one) is True)
        maybe = tuple(one for one in own if overlaps(row, one) is None)
        found.append(_Matched(sure, maybe, tuple(one for one in unnamed if overlaps(row, one) is not False)))
    return found


def _order(one: Footage) -> tuple[int, str]:
    return (one.begun.start if one.begun else 0, one.exhibit)


def overlaps(row: Expected, one: Footage) -> bool | None:
    """Whether a recording runs during a row's time; None where its start is not known well enough to say."""
    if one.begun is None:
        return None
    length, doubt = one.length or 0, one.begun.uncertainty + row.uncertainty
    earliest, latest = one.begun.start - doubt, one.begun.start + doubt
    if latest + length < row.start or earliest > row.end:
        return False
    return True if earliest + length >= row.start and latest <= row.end else None


def _row(
    row: Expected,
    matched: _Matched,
    dockings: Sequence[DockingSeen],
    as_of: int,
    due_after: Micros | None,
    neighbours: tuple[Expected, ...],
) -> Row:
    findings = [Finding(Kind.ROWS_OVERLAP, say.rows_overlap(row, other), (other.source,)) for other in neighbours]
    arrived = (*matched.sure, *matched.maybe)
    for one in arrived:
        findings += _about(row, one)
    sources = (row.source, *(say.source_of(one) for one in arrived))
    if matched.sure:
        if row.kind is Expectation.CALL:
            findings += _covering(row, matched)
        return Row(row, State.ARRIVED, arrived, say.arrived(row, matched.sure), sources, tuple(findings))
    if matched.maybe:
        words = say.maybe_arrived(row, matched.maybe)
        return Row(row, State.CANNOT_TELL, arrived, words, sources, tuple(findings))
    state, words, seen = _nothing(row, matched.unnamed, dockings, as_of)
    due = row.dock_by if row.dock_by is not None else None if due_after is None else row.end + due_after
    waiting = state in (State.NOT_DOCKED, State.DOCKING_UNFINISHED)
    overdue = Micros(as_of - due) if waiting and due is not None and as_of > due else None
    words = f"{words} {say.due(due, overdue)}" if waiting else words
    return Row(row, state, (), words, (*sources, *seen), tuple(findings), overdue)


def _nothing(
    row: Expected, unnamed: Sequence[Footage], dockings: Sequence[DockingSeen], as_of: int
) -> tuple[State, str, tuple[str, ...]]:
    """Why nothing is here: what can be said depends on whether the row's camera was docked whole since."""
    if row.end + row.uncertainty > as_of:
        return State.NOT_OVER, say.not_over(row), ()
    if row.camera is None:
        return State.CANNOT_TELL, say.no_camera(row), ()
    whole = [one for one in dockings if one.finished and row.camera in one.cameras and one.started_at >= row.end]
    newest = max((one.started_at for one in whole), default=row.start)
    open_ = [one for one in dockings if not one.finished and one.started_at >= newest and _may_hold(one, row.camera)]
    seen = tuple(say.docking(one) for one in (*open_, *whole))
    if open_:
        return State.DOCKING_UNFINISHED, say.unfinished(row, open_), seen
    if not whole:
        return State.NOT_DOCKED, say.not_docked(row), seen
    if unnamed:
        return State.CANNOT_TELL, say.unnamed(row, unnamed), (*seen, *(say.source_of(one) for one in unnamed))
    return State.MISSING, say.missing(row, whole), seen


def _may_hold(one: DockingSeen, camera: CameraId) -> bool:
    """A docking that broke off may hold any camera it has not shown yet; one that ended with failures, its own."""
    return one.state != "done" or not one.cameras or camera in one.cameras


def _about(row: Expected, one: Footage) -> Iterable[Finding]:
    source = (say.source_of(one), row.source)
    if row.camera is not None and one.camera_known and one.camera != row.camera:
        yield Finding(Kind.OTHER_CAMERA, say.other_camera(row, one), source)
    if row.officer is not None and one.wearer is not None and one.wearer != row.officer:
        yield Finding(Kind.OTHER_WEARER, say.other_wearer(row, one), source)
    if one.length is None:
        yield Finding(Kind.UNPLAYABLE, say.unplayable(one), source)
    elif one.damage:
        yield Finding(Kind.DAMAGED, say.damaged(one), source)
    if one.silent_lead:
        yield Finding(Kind.SILENT_LEAD, say.silent_lead(one), source, one.silent_lead)


def _covering(row: Expected, matched: _Matched) -> Iterable[Finding]:
    """Late, gaps, early end of a call, each with its uncertainty; doubtful where a recording's place or length is."""
    doubtful = tuple(dict.fromkeys((*matched.maybe, *(one for one in matched.sure if one.length is None))))
    timed = [one for one in matched.sure if one.length is not None and one.begun is not None]
    if not timed:
        return
    first = min(timed, key=_order)
    sources = tuple(say.source_of(one) for one in timed)
    late, doubt = say.start(first) + first.silent_lead - row.start, say.doubt(first) + row.uncertainty
    yield from measured(
        Kind.LATE, late, doubt, doubtful, sources, lambda sure: say.late(row, first, late, doubt, sure)
    )
    before = first
    for earlier, later in pairwise(sorted(timed, key=_order)):
        if say.end(earlier) > say.end(before):
            before = earlier
        gap, doubt = say.start(later) - say.end(before), say.doubt(before) + say.doubt(later)
        words = say.gap(before, later, gap, doubt)
        yield from measured(Kind.GAP, gap, doubt, doubtful, sources, words)
    last = max(timed, key=say.end)
    early, doubt = row.end - say.end(last), say.doubt(last) + row.uncertainty
    yield from measured(
        Kind.ENDS_EARLY, early, doubt, doubtful, sources, lambda sure: say.early(row, last, early, doubt, sure)
    )


def _neighbours(expected: Sequence[Expected]) -> list[tuple[Expected, ...]]:
    """For each row the others of its kind that overlap it and name the same officer or the same camera."""
    found: list[list[Expected]] = [[] for _ in expected]
    groups: dict[tuple[str, str], list[int]] = {}
    for n, one in enumerate(expected):
        for name in (f"o:{one.officer}" if one.officer else "", f"c:{one.camera}" if one.camera else ""):
            if name:
                groups.setdefault((one.kind, name), []).append(n)
    for members in groups.values():
        members.sort(key=lambda n: (expected[n].start, n))
        running: list[int] = []
        for n in members:
            running = [m for m in running if expected[m].end > expected[n].start]
            for m in running:
                for mine, other in ((m, n), (n, m)):
                    if expected[other] not in found[mine]:
                        found[mine].append(expected[other])
            running.append(n)
    return [tuple(one) for one in found]


def _arrivals(
    footage: Sequence[Footage], expected: Sequence[Expected], matched: Sequence[_Matched]
) -> tuple[Arrival, ...]:
    sure: dict[RecordingId, list[Expected]] = {}
    maybe: dict[RecordingId, list[Expected]] = {}
    for row, found in zip(expected, matched, strict=True):
        for one in found.sure:
            sure.setdefault(one.recording, []).append(row)
        for one in (*found.maybe, *found.unnamed):
            maybe.setdefault(one.recording, []).append(row)
    first = min((row.start for row in expected), default=0)
    last = max((row.end for row in expected), default=0)
    return tuple(
        _arrival(one, sure.get(one.recording, []), maybe.get(one.recording, []), first, last) for one in footage
    )


def _arrival(one: Footage, sure: list[Expected], maybe: list[Expected], first: int, last: int) -> Arrival:
    rows = tuple(row.id for row in (sure or maybe))
    named = {row.category for row in sure if row.category}
    category = next(iter(named)) if len(named) == 1 else UNCLASSIFIED
    if sure:
        return Arrival(one, Belongs.EXPECTED, rows, category, say.expected(one, sure, category))
    if maybe or one.begun is None:
        return Arrival(one, Belongs.CANNOT_TELL, rows, category, say.perhaps_expected(one, maybe))
    if say.end(one) + say.doubt(one) < first or say.start(one) - say.doubt(one) > last:
        return Arrival(one, Belongs.OUTSIDE, (), category, say.outside(one, first, last))
    return Arrival(one, Belongs.UNEXPECTED, (), category, say.unexpected(one))
