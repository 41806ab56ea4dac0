"""From confirmed tags and what the cameras could hear and see to the measures of the taxonomy."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from bwc_review.domain.coverage import CameraCoverage, Coverage
from bwc_review.domain.ids import IncidentId
from bwc_review.domain.measure import Measure
from bwc_review.domain.measures import Case, compute_all
from bwc_review.domain.recording import Incident, Recording
from bwc_review.domain.times import Span, union, without
from bwc_review.ports.records import Session
from bwc_review.ports.store import Work
from bwc_review.review.desk import Desk, allow
from bwc_review.review.incidents import incident_span
from bwc_review.review.own_unit import INCIDENT
from chain_of_custody.entry import Subject

PERMISSION = "stats.internal"


def coverage_in(work: Work, incident: Incident) -> Coverage:
    """What each camera could hear and see, on the incident's clock.

    Audio counts as usable only where a transcript's engine looked at it and found it usable: a recording nobody
    listened to covers nothing, and a pre-event buffer known to be silent is taken out.
    """
    recordings = [work.footage.recording(placed.recording) for placed in incident.placements]
    by_camera = sorted(recordings, key=lambda one: one.camera)
    cameras = tuple(
        CameraCoverage(
            camera=camera,
            wearer=group[0].wearer,
            audio=union(span for one in group for span in _audible(work, incident, one)),
            video=union(span for one in group for span in _visible(incident, one)),
        )
        for camera, members in groupby(by_camera, key=lambda one: one.camera)
        for group in [list(members)]
    )
    return Coverage(cameras, incident_span(incident, recordings).end)


def _audible(work: Work, incident: Incident, recording: Recording) -> Iterable[Span]:
    transcript = work.reviews.transcript(recording.id)
    if transcript is None:
        return
    clock = incident.clock_of(recording.id)
    silent = Span(recording.span.start, min(recording.silent_lead, recording.span.end))
    for span in transcript.heard.usable:
        for heard in without(span, (silent,)):
            yield clock.span_to_incident(heard)


def _visible(incident: Incident, recording: Recording) -> Iterable[Span]:
    if recording.facts is not None and recording.facts.video is not None:
        yield incident.clock_of(recording.id).span_to_incident(recording.span)


def case_in(desk: Desk, work: Work, incident: IncidentId) -> Case:
    """What the measures of an incident are computed from. Raises NotFound."""
    return Case(
        incident=incident,
        tags=tuple(work.reviews.tags(incident)),
        coverage=coverage_in(work, work.reviews.incident(incident)),
        parameters=desk.taxonomy.parameters,
    )


def coverage_of(desk: Desk, session: Session, incident: IncidentId) -> Coverage:
    """Coverage of an incident. Raises PermissionDenied, NotFound."""
    allow(desk, session, PERMISSION, on=Subject(INCIDENT, incident))
    with desk.store.reading() as work:
        return coverage_in(work, work.reviews.incident(incident))


def measures_of(desk: Desk, session: Session, incident: IncidentId) -> tuple[Measure, ...]:
    """All measures an incident's confirmed tags allow, in the taxonomy's order. Raises PermissionDenied, NotFound."""
    allow(desk, session, PERMISSION, on=Subject(INCIDENT, incident))
    with desk.store.reading() as work:
        case = case_in(desk, work, incident)
    return compute_all(case, desk.taxonomy)
