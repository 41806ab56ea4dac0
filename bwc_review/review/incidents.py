"""Incidents: recordings of several cameras put on one clock by a person, from a claim of time and with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bwc_review.domain.ids import IncidentId, RecordingId
from bwc_review.domain.recording import Incident, Placement, Recording, TimeClaim
from bwc_review.domain.times import ClockMap, Micros, Span
from bwc_review.errors import InputRefused
from bwc_review.ports.records import Session
from bwc_review.review.desk import Desk, allow, record
from bwc_review.review.own_unit import INCIDENT, RECORDING
from chain_of_custody.entry import Subject

PERMISSION = "tag.observe"


def best_claim(recording: Recording) -> TimeClaim:
    """The claim of time with the smallest uncertainty; the first wins a tie. Raises InputRefused without any."""
    if not recording.claims:
        raise InputRefused(
            f"Nothing says when {recording.exhibit} ({recording.name}) was made, so it cannot be put on the "
            "incident's clock by itself. Place it by hand with a claim of your own."
        )
    return min(recording.claims, key=lambda claim: claim.uncertainty)


def place_on(incident: IncidentId, zero: int, recording: Recording, claim: TimeClaim, reason: str) -> Placement:
    """Where a claim puts a recording on a clock whose origin is ``zero`` (microseconds since 1970 UTC). Pure."""
    clock = ClockMap(Micros(claim.start - zero), claim.uncertainty)
    return Placement(incident, recording.id, clock, claim.source, reason)


def open_incident(
    desk: Desk, session: Session, title: str, recordings: Sequence[RecordingId], number: IncidentId
) -> Incident:
    """Open an incident from recordings, each placed by its best claim; the earliest start is the clock's zero.

    Opening one that is there already returns it. Raises InputRefused, PermissionDenied, NotFound.
    """
    allow(desk, session, PERMISSION)
    if not recordings:
        raise InputRefused("An incident needs at least one recording that can be played.")
    for one in recordings:
        allow(desk, session, PERMISSION, on=Subject(RECORDING, one))
    allow(desk, session, PERMISSION, on=Subject(INCIDENT, number))  # one that is there may be another unit's
    with desk.store.writing() as work:
        if any(known.id == number for known in work.reviews.incidents()):
            return work.reviews.incident(number)
        found = [work.footage.recording(one) for one in recordings]
        zero = min(best_claim(one).start for one in found)
        placements = tuple(
            place_on(
                number, zero, one, best_claim(one), "the most certain claim of time, not yet checked by a person"
            )
            for one in found
        )
        incident = Incident(number, title, zero, placements)
        work.reviews.add_incident(incident)
        record(
            desk,
            work,
            session,
            "review.incident_opened",
            Subject("incident", number),
            data={"zero_us": zero, "recordings": [str(one) for one in recordings]},
            texts={"title": title},
        )
    return incident


def place(
    desk: Desk,
    session: Session,
    incident: IncidentId,
    recording: RecordingId,
    *,
    claim: TimeClaim,
    uncertainty: Micros,
    reason: str,
) -> Placement:
    """A person adopts one claim of time for a recording and says why; the earlier placement stays on record.

    Raises InputRefused without a reason or for a recording outside the incident, PermissionDenied, NotFound.
    """
    allow(desk, session, PERMISSION, on=Subject(INCIDENT, incident))
    if not reason.strip():
        raise InputRefused("Say why this time is believed; it goes into the custody log.")
    with desk.store.writing() as work:
        case = work.reviews.incident(incident)
        if all(one.recording != recording for one in case.placements):
            raise InputRefused(f"The recording {recording} is not part of {incident}.")
        placed = place_on(incident, case.zero, work.footage.recording(recording), claim, reason)
        placed = replace(placed, clock=replace(placed.clock, uncertainty=uncertainty))
        if any(one == placed for one in case.placements):
            return placed
        work.reviews.place(placed)
        data = {"recording": recording, "offset_us": placed.clock.offset, "uncertainty_us": uncertainty}
        subject = Subject("incident", incident)
        record(
            desk,
            work,
            session,
            "review.recording_placed",
            subject,
            data={**data, "source": claim.source},
            texts={"reason": reason},
        )
    return placed


def incident_span(incident: Incident, recordings: Sequence[Recording]) -> Span:
    """From the clock's zero to the end of the last recording, on the incident's clock."""
    ends = [
        incident.clock_of(one.id).to_incident(one.span.end)
        for one in recordings
        if any(placed.recording == one.id for placed in incident.placements)
    ]
    return Span(Micros(0), max(ends, default=Micros(0)))
