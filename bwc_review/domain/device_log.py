"""What a device wrote about itself: trigger, cycles, arcs; what a dispatcher wrote: calls. By the device's own clock.

A log is evidence of its own beside what was seen and heard. Its clock is never corrected: a person says, with a
reason, how far it was off, and that is a view (``ClockOffset``). No log is no proof that nothing happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bwc_review.domain.ids import ExhibitNo, IncidentId, OperatorId, ParticipantId
from bwc_review.domain.times import Micros, Span


class EventKind(StrEnum):
    """What one row tells. ``other`` is kept and shown, and counts for nothing."""

    TRIGGER = "trigger"
    CYCLE = "cycle"  # one row for a whole cycle, with its length
    CYCLE_START = "cycle_start"
    CYCLE_END = "cycle_end"
    ARC = "arc"
    SAFETY_OFF = "safety_off"
    SAFETY_ON = "safety_on"
    CALL = "call"
    DISPATCHED = "dispatched"
    ARRIVED = "arrived"
    CLEARED = "cleared"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class DeviceEvent:
    """One row of a log. ``at``: microseconds since 1970 UTC by the device's clock, as its mapping reads it.

    ``uncertainty`` is what the written form leaves open, ``length`` a cycle's length in microseconds with its own
    uncertainty, ``text`` what stands in the row's event column.
    """

    line: int
    kind: EventKind
    device: str
    at: int
    uncertainty: Micros
    length: Micros | None
    length_uncertainty: Micros
    cycle: int | None
    text: str


@dataclass(frozen=True, slots=True)
class DeviceLog:
    """One imported log: its exhibit, the mapping it was read by, its events in the file's order."""

    id: str
    exhibit: ExhibitNo
    sha256: str
    mapping: ExhibitNo
    mapping_sha256: str
    form: str
    imported_at: int
    events: tuple[DeviceEvent, ...]


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """A person's view of a log in an incident: true time = the device's + ``offset``, within ``uncertainty``.

    ``officer``: who carried the device, as that person says; None when it is not known.
    """

    incident: IncidentId
    log: str
    offset: Micros
    uncertainty: Micros
    officer: ParticipantId | None
    reason: str
    by: OperatorId
    at: int


@dataclass(frozen=True, slots=True)
class LoggedCycle:
    """One cycle by its device's log on the incident's clock. ``end`` is None where the log does not say."""

    log: str
    exhibit: ExhibitNo
    line: int
    device: str
    officer: ParticipantId | None
    start: Micros
    end: Micros | None
    uncertainty: Micros
    length_uncertainty: Micros

    @property
    def source(self) -> str:
        """Where it stands."""
        return f"{self.exhibit} line {self.line}"

    @property
    def reach(self) -> Span:
        """Where it may lie, its uncertainty on both sides."""
        end = self.start if self.end is None else self.end
        return Span(Micros(self.start - self.uncertainty), Micros(end + self.uncertainty))


@dataclass(frozen=True, slots=True)
class LogsGiven:
    """Device logs as a measure is given them: cycles on the incident's clock; of each log who carried its device
    (None: not known) and a sentence. A log no person placed on the incident's clock is not among them.
    """

    cycles: tuple[LoggedCycle, ...] = ()
    officers: tuple[ParticipantId | None, ...] = ()
    sources: tuple[str, ...] = ()


NO_LOGS = LogsGiven()


def cycles_of(log: DeviceLog, view: ClockOffset, zero: int) -> tuple[LoggedCycle, ...]:
    """The cycles of a log under one view of its clock; ``zero`` is the incident's, microseconds since 1970 UTC.

    A start with a following end of the same device is one cycle; either alone is one whose other edge is not known
    (an end alone begins, as far as anybody can say, where it ends). Triggers, arcs and safeties are no cycles.
    """
    found: list[LoggedCycle] = []
    waiting: dict[str, DeviceEvent] = {}
    for event in sorted(log.events, key=lambda one: (one.at, one.line)):
        if event.kind is EventKind.CYCLE:
            end = None if event.length is None else Micros(event.at + event.length)
            found.append(_cycle(log, view, zero, event, event.at, end, event.length_uncertainty))
        elif event.kind is EventKind.CYCLE_START:
            if (before := waiting.pop(event.device, None)) is not None:
                found.append(_cycle(log, view, zero, before, before.at, None, Micros(0)))
            waiting[event.device] = event
        elif event.kind is EventKind.CYCLE_END:
            begun = waiting.pop(event.device, None)
            found.append(_ended(log, view, zero, begun, event))
    found += [_cycle(log, view, zero, one, one.at, None, Micros(0)) for one in waiting.values()]
    return tuple(sorted(found, key=lambda one: (one.start, one.line)))


def _ended(
    log: DeviceLog, view: ClockOffset, zero: int, begun: DeviceEvent | None, event: DeviceEvent
) -> LoggedCycle:
    if event.length is not None:
        at = event.at - event.length
        return _cycle(log, view, zero, begun or event, at, Micros(event.at), event.length_uncertainty)
    if begun is None:
        return _cycle(log, view, zero, event, event.at, None, Micros(0))
    doubt = Micros(begun.uncertainty + event.uncertainty)
    return _cycle(log, view, zero, begun, begun.at, Micros(event.at), doubt)


def _cycle(
    log: DeviceLog,
    view: ClockOffset,
    zero: int,
    event: DeviceEvent,
    at: int,
    end: Micros | None,
    length_uncertainty: Micros,
) -> LoggedCycle:
    return LoggedCycle(
        log=log.id,
        exhibit=log.exhibit,
        line=event.line,
        device=event.device,
        officer=view.officer,
        start=Micros(at + view.offset - zero),
        end=None if end is None else Micros(end + view.offset - zero),
        uncertainty=Micros(view.uncertainty + event.uncertainty),
        length_uncertainty=length_uncertainty,
    )


def view_words(log: DeviceLog, view: ClockOffset) -> str:
    """The source of what a measure takes from a log, as it stands beside the value."""
    off = f"{'-' if view.offset < 0 else '+'}{abs(view.offset) / 1_000_000:.3f} s"
    return (
        f"device log {log.exhibit}, its clock's offset of {off} adopted by {view.by}, "
        f"± {view.uncertainty / 1_000_000:.3f} s"
    )


def newest_views(views: Sequence[ClockOffset]) -> dict[str, ClockOffset]:
    """The view that holds of each log: the one adopted last."""
    return {view.log: view for view in views}
