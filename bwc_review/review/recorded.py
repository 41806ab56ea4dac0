"""A recorded review: decisions a person wrote down after watching, carried out through the same use cases as by hand.

Each decision has an id of its own; carrying out the same review again changes nothing (an interrupted one goes on
where it stopped). Used by the demo, whose reviewer is invented.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bwc_review.domain.candidates import Candidate, CandidateState
from bwc_review.domain.ids import CameraId, EventCode, IncidentId, ParticipantId
from bwc_review.domain.tags import AttrValue, Modality
from bwc_review.domain.times import Micros, Span
from bwc_review.errors import InputRefused
from bwc_review.ports.records import Session
from bwc_review.ports.store import Work
from bwc_review.review.deciding import as_heard, confirm_candidate, reject_candidate
from bwc_review.review.desk import Desk
from bwc_review.review.tagging import HAND_UNCERTAINTY, Sighting, add_tag

SAME_WORDS = "the same words are already confirmed"


class Verdict(StrEnum):
    """What the reviewer said of a stretch of time and a code."""

    HEARD = "heard"  # confirm the candidate there, or tag by hand what no candidate answers
    NOT_SAID = "not_said"  # reject every candidate of that code there
    SEEN = "seen"  # no words to find: tagged by hand


@dataclass(frozen=True, slots=True)
class RecordedDecision:
    """One decision. ``window``, ``start`` and ``end`` (None: open) lie on the incident's clock.

    ``camera`` is the one the reviewer listened to; a candidate of another camera in the window is "the same words",
    unless ``camera_only`` says that the others were listened to for another decision. ``proposed_as`` are codes the
    machine may have given these words wrongly: confirmed under ``code``, with the reviewer's own times.
    """

    id: str
    verdict: Verdict
    code: EventCode
    camera: CameraId | None
    window: Span
    start: Micros
    end: Micros | None
    actor: ParticipantId | None = None
    target: ParticipantId | None = None
    attrs: Mapping[str, AttrValue] = field(default_factory=dict)
    note: str = ""
    camera_only: bool = False
    proposed_as: tuple[EventCode, ...] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """What one decision came to: candidates confirmed and rejected, or a tag made by hand."""

    decision: RecordedDecision
    confirmed: int
    rejected: int
    by_hand: bool

    @property
    def missed_by_the_machine(self) -> bool:
        """Words were heard there that no candidate proposed."""
        return self.by_hand and self.decision.verdict is Verdict.HEARD


@dataclass(frozen=True, slots=True)
class _Found:
    candidate: Candidate
    camera: CameraId
    span: Span
    state: CandidateState


def apply_review(
    desk: Desk, session: Session, incident: IncidentId, decisions: Sequence[RecordedDecision]
) -> tuple[Applied, ...]:
    """Carry out every decision in order. Raises InputRefused, PermissionDenied, NotFound, LogRefused."""
    return tuple(_apply(desk, session, incident, _resolved(desk, incident, one)) for one in decisions)


def _resolved(desk: Desk, incident: IncidentId, decision: RecordedDecision) -> RecordedDecision:
    """Put the tag another decision wrote in place of ``@its-id`` among the attributes. Raises InputRefused."""

    def tag_of(value: str) -> str:
        if not value.startswith("@"):
            return value
        with desk.store.reading() as work:
            tag = work.reviews.tag_by_key(incident, f"recorded/{value[1:]}")
        if tag is None:
            raise InputRefused(f"The decision {decision.id} names {value}, which no earlier decision wrote.")
        return tag.id

    attrs = {
        name: tuple(map(tag_of, value))
        if isinstance(value, tuple)
        else tag_of(value)
        if isinstance(value, str)
        else value
        for name, value in decision.attrs.items()
    }
    return replace(decision, attrs=attrs)


def _apply(desk: Desk, session: Session, incident: IncidentId, decision: RecordedDecision) -> Applied:
    with desk.store.reading() as work:
        found = _candidates(work, incident, decision)
        written = work.reviews.tag_by_key(incident, _key(decision))
    if decision.verdict is Verdict.NOT_SAID:
        return Applied(decision, 0, _reject(desk, session, found, decision.note), by_hand=False)
    if decision.verdict is Verdict.SEEN:
        add_tag(desk, session, incident, _by_hand(decision))
        return Applied(decision, 0, 0, by_hand=True)
    if written is None:
        chosen = _chosen(found, decision.camera)
        if chosen:
            _confirm(desk, session, incident, decision, chosen)
        else:
            add_tag(desk, session, incident, _by_hand(decision))
            return Applied(decision, 0, 0, by_hand=True)
        found = [one for one in found if one.candidate.id != chosen[0].candidate.id]
    rejected = _reject(desk, session, found, SAME_WORDS)
    by_hand = written is not None and written.candidate is None
    return Applied(decision, 0 if by_hand else 1, rejected, by_hand)


def _key(decision: RecordedDecision) -> str:
    return f"recorded/{decision.id}"


def _candidates(work: Work, incident: IncidentId, decision: RecordedDecision) -> list[_Found]:
    """Candidates of the decision's code whose middle lies in its window, on any camera, in time order."""
    decided = work.reviews.decisions()
    found = []
    for placed in work.reviews.incident(incident).placements:
        camera = work.footage.recording(placed.recording).camera
        for one in work.reviews.candidates(placed.recording):
            span = placed.clock.span_to_incident(one.span)
            if _answers(decision, one.code, camera) and decision.window.contains(_middle(span)):
                state = decided[one.id].state if one.id in decided else CandidateState.OPEN
                found.append(_Found(one, camera, span, state))
    return sorted(found, key=lambda one: (one.span.start, one.camera))


def _answers(decision: RecordedDecision, code: EventCode, camera: CameraId) -> bool:
    if decision.camera_only and camera != decision.camera:
        return False
    return code == decision.code or code in decision.proposed_as


def _middle(span: Span) -> Micros:
    return Micros((span.start + span.end) // 2)


def _chosen(found: Sequence[_Found], camera: CameraId | None) -> list[_Found]:
    """The candidates that become the tag: of the reviewer's camera, else of the first other one; of one code."""
    still = [one for one in found if one.state is CandidateState.OPEN]
    own = [one for one in still if one.camera == camera] or still
    return [one for one in own if (one.camera, one.candidate.code) == (own[0].camera, own[0].candidate.code)]


def _confirm(
    desk: Desk, session: Session, incident: IncidentId, decision: RecordedDecision, chosen: Sequence[_Found]
) -> None:
    """Confirm the first and let the tag reach over its repeats: the same words twice are one utterance."""
    first = chosen[0].candidate
    with desk.store.reading() as work:
        case = work.reviews.incident(incident)
    seen = as_heard(
        desk,
        case,
        first,
        code=decision.code,
        actor=decision.actor,
        target=decision.target,
        attrs=decision.attrs,
        note=decision.note,
    )
    if first.code != decision.code:
        seen = replace(seen, start=decision.start, end=decision.end, uncertainty=HAND_UNCERTAINTY)
    elif seen.end != seen.start:
        seen = replace(seen, end=max(one.span.end for one in chosen))
    confirm_candidate(desk, session, incident, first.id, replace(seen, key=_key(decision)))


def _reject(desk: Desk, session: Session, found: Sequence[_Found], reason: str) -> int:
    """Reject what is still open; return how many stand rejected in all."""
    for one in found:
        if one.state is CandidateState.OPEN:
            reject_candidate(desk, session, one.candidate.id, reason=reason)
    return sum(1 for one in found if one.state is not CandidateState.CONFIRMED)


def _by_hand(decision: RecordedDecision) -> Sighting:
    heard = decision.verdict is Verdict.HEARD
    return Sighting(
        code=decision.code,
        start=decision.start,
        end=decision.end,
        actor=decision.actor,
        target=decision.target,
        attrs=decision.attrs,
        modality=Modality.HEARD if heard else Modality.SEEN_AND_HEARD,
        note=decision.note,
        key=_key(decision),
    )
