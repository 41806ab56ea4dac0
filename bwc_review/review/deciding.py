"""Candidates: the machine proposes, a person listens and says heard or not heard. Only then does it count."""

from __future__ import annotations

from collections.abc import Mapping

from bwc_review.domain.candidates import Candidate, CandidateState, Decision
from bwc_review.domain.ids import CandidateId, EventCode, IncidentId, ParticipantId, TagId
from bwc_review.domain.recording import Incident
from bwc_review.domain.tags import AttrValue, Modality, Tag, TagSource
from bwc_review.domain.taxonomy import Kind
from bwc_review.domain.times import Micros
from bwc_review.errors import InputRefused
from bwc_review.ports.records import Session
from bwc_review.ports.store import Work
from bwc_review.review.desk import Desk, allow, record
from bwc_review.review.own_unit import INCIDENT, RECORDING
from bwc_review.review.tagging import Sighting, check, permission_for, write_tag
from chain_of_custody.entry import Subject

CONFIRM = "tag.confirm_candidate"
WORD_UNCERTAINTY = Micros(200_000)  # word times after snapping to speech onsets (measured at about 50 to 190 ms)


def as_heard(
    desk: Desk,
    case: Incident,
    candidate: Candidate,
    *,
    code: EventCode | None = None,
    actor: ParticipantId | None = None,
    target: ParticipantId | None = None,
    attrs: Mapping[str, AttrValue] | None = None,
    note: str = "",
) -> Sighting:
    """The sighting a candidate proposes, on the incident's clock, with what the person adds or corrects.

    Its uncertainty is that of word times plus that of the camera's place on the clock. Raises InputRefused when
    the recording is not part of the incident.
    """
    if all(placed.recording != candidate.recording for placed in case.placements):
        raise InputRefused(f"The recording of this candidate is not part of {case.id}.")
    clock = case.clock_of(candidate.recording)
    span = clock.span_to_incident(candidate.span)
    chosen = code or candidate.code
    event = desk.taxonomy.events.get(chosen)
    proposed = candidate.proposed if chosen == candidate.code else {"text": candidate.words}
    known = set(event.attrs) if event else set()
    values = {name: value for name, value in {**proposed, **(attrs or {})}.items() if name in known}
    return Sighting(
        code=chosen,
        start=span.start,
        end=span.start if event and event.kind is Kind.POINT else span.end,
        actor=actor,
        target=target,
        attrs=values,
        uncertainty=Micros(WORD_UNCERTAINTY + clock.uncertainty),
        modality=Modality.HEARD,
        note=note,
    )


def confirm_candidate(
    desk: Desk, session: Session, incident: IncidentId, candidate: CandidateId, heard: Sighting | None = None
) -> Tag:
    """A person has listened and says it was heard; ``heard`` carries what they corrected.

    Raises InputRefused when it was decided already, PermissionDenied, NotFound, LogRefused.
    """
    allow(desk, session, CONFIRM, on=Subject(INCIDENT, incident))
    with desk.store.reading() as work:
        proposal = work.reviews.candidate(candidate)
        seen = heard or as_heard(desk, work.reviews.incident(incident), proposal)
    allow(desk, session, permission_for(desk, seen.code), on=Subject(INCIDENT, incident))
    check(desk, seen)
    with desk.store.writing() as work:
        _still_open(work, candidate)
        case = work.reviews.incident(incident)
        tag = write_tag(desk, work, session, case, seen, TagSource.ASR_CANDIDATE, candidate=candidate)
        _decide(desk, work, session, proposal, CandidateState.CONFIRMED, "", tag.id)
    return tag


def reject_candidate(desk: Desk, session: Session, candidate: CandidateId, *, reason: str) -> Decision:
    """A person has listened and says it was not that. Raises as :func:`confirm_candidate`."""
    _allow(desk, session, candidate)
    with desk.store.writing() as work:
        _still_open(work, candidate)
        proposal = work.reviews.candidate(candidate)
        return _decide(desk, work, session, proposal, CandidateState.REJECTED, reason, None)


def reopen_candidate(desk: Desk, session: Session, candidate: CandidateId) -> Decision:
    """Take a decision back: the candidate is open again and a tag it became is withdrawn. Both stay on record."""
    _allow(desk, session, candidate)
    with desk.store.writing() as work:
        last = work.reviews.decisions().get(candidate)
        if last is None or last.state is CandidateState.OPEN:
            raise InputRefused("This candidate is open already.")
        proposal = work.reviews.candidate(candidate)
        for tag in work.reviews.tags_of_candidate(candidate):
            work.reviews.supersede(tag.id)
            subject = Subject("tag", tag.id)
            data = {"incident": tag.incident, "code": tag.code}
            record(desk, work, session, "tag.withdrawn", subject, reason="decision_taken_back", data=data)
        return _decide(desk, work, session, proposal, CandidateState.OPEN, "", None)


def _allow(desk: Desk, session: Session, candidate: CandidateId) -> None:
    allow(desk, session, CONFIRM)
    with desk.store.reading() as work:
        recording = work.reviews.candidate(candidate).recording
    allow(desk, session, CONFIRM, on=Subject(RECORDING, recording))


def _still_open(work: Work, candidate: CandidateId) -> None:
    last = work.reviews.decisions().get(candidate)
    if last is not None and last.state is not CandidateState.OPEN:
        raise InputRefused(f"This candidate was already {last.state.value} by {last.by}. Take that back first.")


_ACTS = {
    CandidateState.CONFIRMED: "candidate.confirmed",
    CandidateState.REJECTED: "candidate.rejected",
    CandidateState.OPEN: "candidate.reopened",
}


def _decide(
    desk: Desk,
    work: Work,
    session: Session,
    candidate: Candidate,
    state: CandidateState,
    reason: str,
    tag: TagId | None,
) -> Decision:
    decision = Decision(candidate.id, state, session.operator, desk.now_us(), reason, tag)
    work.reviews.decide(decision)
    data = {
        "recording": candidate.recording,
        "code": candidate.code,
        "phrase": candidate.phrase,
        "start_us": candidate.span.start,
        "end_us": candidate.span.end,
        "tag": tag,
    }
    record(
        desk,
        work,
        session,
        _ACTS[state],
        Subject("candidate", candidate.id),
        data=data,
        texts={"reason": reason, "words": candidate.words} if reason else {"words": candidate.words},
    )
    return decision
