"""Tagging: a person writes what was seen or heard. A tag is superseded or withdrawn, never edited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from bwc_review.domain.ids import CandidateId, EventCode, IncidentId, ParticipantId, TagId
from bwc_review.domain.recording import Incident
from bwc_review.domain.tags import AttrValue, EndStatus, Evidence, Modality, Tag, TagSource, TagState
from bwc_review.domain.taxonomy import EventType, Kind, Layer
from bwc_review.domain.times import Micros, Span
from bwc_review.errors import InputRefused
from bwc_review.ports.records import Session
from bwc_review.ports.store import Work
from bwc_review.review.desk import Desk, allow, record
from bwc_review.review.own_unit import INCIDENT
from chain_of_custody.entry import Subject

OBSERVE, JUDGE = "tag.observe", "judge.answer"
HAND_UNCERTAINTY = Micros(100_000)  # a person's key press on a paused frame; shown with every measure
REACTION = Micros(300_000)  # a key pressed while it plays: simple reaction times lie between 0.2 and 0.3 s


def hand_uncertainty(speed: Fraction) -> Micros:
    """How far off a key press may be, in media time, while the footage plays at ``speed`` (0: it stands still)."""
    return Micros(int(REACTION * max(Fraction(1), abs(speed)))) if speed else HAND_UNCERTAINTY


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a person says they saw or heard, on the incident's clock; ``end`` None leaves an interval open.

    ``key`` names the act: carrying out the same key twice gives the same tag once.
    """

    code: EventCode
    start: Micros
    end: Micros | None
    actor: ParticipantId | None = None
    target: ParticipantId | None = None
    attrs: Mapping[str, AttrValue] = field(default_factory=dict)
    uncertainty: Micros = HAND_UNCERTAINTY
    modality: Modality = Modality.SEEN_AND_HEARD
    note: str = ""
    key: str = ""


def permission_for(desk: Desk, code: EventCode) -> str:
    """Which permission writing this code takes: a judgement takes more than an observation. Raises InputRefused."""
    event = desk.taxonomy.events.get(code)
    if event is None:
        raise InputRefused(f"The taxonomy has no code {code}.")
    if event.layer is Layer.SYSTEM:
        raise InputRefused(f"{code} is written by the system from the recording itself, not by a person.")
    return JUDGE if event.layer is Layer.JUDGEMENT else OBSERVE


def check(desk: Desk, seen: Sighting) -> None:
    """Raise InputRefused unless the taxonomy allows the sighting. Missing attributes are asked at sign-off."""
    event = desk.taxonomy.events[seen.code]
    if event.kind is Kind.POINT and seen.end != seen.start:
        raise InputRefused(f"{seen.code} is a moment, not a stretch: it ends where it starts.")
    if seen.end is not None and seen.end < seen.start:
        raise InputRefused(f"{seen.code} cannot end before it starts.")
    wrong = desk.taxonomy.wrong_attrs(seen.code, seen.attrs)
    if wrong:
        raise InputRefused(f"{seen.code}: " + "; ".join(wrong) + ".")
    if event.layer is Layer.JUDGEMENT and not _reasons(event, seen):
        raise InputRefused(f"{seen.code} is a judgement: say why, in a note or in its attributes.")


def _reasons(event: EventType, seen: Sighting) -> list[str]:
    """Every free text given with a sighting."""
    texts = [seen.note, *(str(seen.attrs.get(name, "")) for name, spec in event.attrs.items() if spec.type == "text")]
    return [text for text in texts if text.strip()]


def add_tag(desk: Desk, session: Session, incident: IncidentId, seen: Sighting) -> Tag:
    """Write a tag at once. Raises InputRefused, PermissionDenied, NotFound, LogRefused."""
    allow(desk, session, permission_for(desk, seen.code), on=Subject(INCIDENT, incident))
    check(desk, seen)
    with desk.store.writing() as work:
        case = work.reviews.incident(incident)
        done = work.reviews.tag_by_key(incident, seen.key) if seen.key else None
        return done if done is not None else write_tag(desk, work, session, case, seen, TagSource.HUMAN)


def write_tag(
    desk: Desk,
    work: Work,
    session: Session,
    case: Incident,
    seen: Sighting,
    source: TagSource,
    *,
    supersedes: TagId | None = None,
    candidate: CandidateId | None = None,
) -> Tag:
    """Write a checked sighting and its entry in the caller's transaction."""
    tag = Tag(
        id=TagId(desk.ids()),
        incident=case.id,
        code=seen.code,
        start=seen.start,
        end=seen.end,
        actor=seen.actor,
        target=seen.target,
        source=source,
        state=TagState.CONFIRMED,
        uncertainty=seen.uncertainty,
        by=session.operator,
        recorded_at=desk.now_us(),
        attrs=dict(seen.attrs),
        end_status=EndStatus.OPEN_AT_RECORDING_END if seen.end is None else EndStatus.CLOSED,
        modality=seen.modality,
        evidence=evidence_for(work, case, seen.start, seen.end),
        note=seen.note,
        key=seen.key,
        supersedes=supersedes,
        candidate=candidate,
    )
    work.reviews.add_tag(tag)
    record(desk, work, session, "tag.added", Subject("tag", tag.id), data=tag_data(tag), texts=tag_texts(tag))
    return tag


def tag_data(tag: Tag) -> dict[str, object]:
    """What the custody entry says of a tag: codes, times and pseudonyms, no free text."""
    return {
        "incident": tag.incident,
        "code": tag.code,
        "start_us": tag.start,
        "end_us": tag.end,
        "actor": tag.actor,
        "target": tag.target,
        "source": tag.source.value,
        "uncertainty_us": tag.uncertainty,
        "supersedes": tag.supersedes,
        "candidate": tag.candidate,
        "exhibits": [one.sha256 for one in tag.evidence],
    }


def tag_texts(tag: Tag) -> dict[str, str]:
    """The free text of a tag, which the entry only commits to: its note and its attributes."""
    shown = {name: list(value) if isinstance(value, tuple) else value for name, value in sorted(tag.attrs.items())}
    texts = {"attrs": repr(shown)} if shown else {}
    return {**texts, "note": tag.note} if tag.note else texts


def evidence_for(work: Work, case: Incident, start: Micros, end: Micros | None) -> tuple[Evidence, ...]:
    """Every recording of the incident that covers the moment, with the media range to look at."""
    found = []
    for placed in case.placements:
        recording = work.footage.recording(placed.recording)
        first, last = placed.clock.to_media(start), placed.clock.to_media(start if end is None else end)
        if first <= recording.span.end and last >= recording.span.start:
            span = Span(max(first, recording.span.start), min(last, recording.span.end))
            found.append(Evidence(recording.id, span, recording.sha256))
    return tuple(found)


def revise_tag(desk: Desk, session: Session, tag: TagId, seen: Sighting) -> Tag:
    """Supersede a tag by a new revision. Raises InputRefused when it is no longer the current one."""
    _allow(desk, session, tag, permission_for(desk, seen.code))
    check(desk, seen)
    with desk.store.writing() as work:
        old = _current(work, tag)
        work.reviews.supersede(tag)
        case = work.reviews.incident(old.incident)
        return write_tag(desk, work, session, case, seen, old.source, supersedes=old.id, candidate=old.candidate)


def sighting_of(tag: Tag) -> Sighting:
    """The sighting a tag records, to be changed with ``dataclasses.replace`` and revised."""
    return Sighting(
        tag.code,
        tag.start,
        tag.end,
        tag.actor,
        tag.target,
        tag.attrs,
        tag.uncertainty,
        tag.modality,
        tag.note,
        tag.key,
    )


def close_tag(desk: Desk, session: Session, tag: TagId, end: Micros) -> Tag:
    """End an open interval. Raises InputRefused when it is closed already or would end before it starts."""
    old = _allow(desk, session, tag, OBSERVE)
    if old.end is not None:
        raise InputRefused(f"{old.code} is closed already; drag its edge to change where it ends.")
    return revise_tag(desk, session, tag, replace(sighting_of(old), end=end))


def withdraw_tag(desk: Desk, session: Session, tag: TagId, *, reason: str) -> None:
    """Take a tag back, with a reason. It stays on record as superseded. Raises InputRefused, PermissionDenied."""
    if not reason.strip():
        raise InputRefused("Say why the tag is withdrawn; it goes into the custody log.")
    allow(desk, session, permission_for(desk, _allow(desk, session, tag, OBSERVE).code))
    with desk.store.writing() as work:
        old = _current(work, tag)
        work.reviews.supersede(tag)
        data = {"incident": old.incident, "code": old.code}
        record(desk, work, session, "tag.withdrawn", Subject("tag", tag), data=data, texts={"reason": reason})


def _allow(desk: Desk, session: Session, tag: TagId, permission: str) -> Tag:
    """The tag, for somebody who may write on its incident. Raises PermissionDenied, NotFound."""
    allow(desk, session, permission)
    with desk.store.reading() as work:
        found = work.reviews.tag(tag)
    allow(desk, session, permission, on=Subject(INCIDENT, found.incident))
    return found


def _current(work: Work, tag: TagId) -> Tag:
    found = work.reviews.tag(tag)
    if found.state is not TagState.CONFIRMED:
        raise InputRefused(f"The tag {tag} was already superseded or withdrawn; work on the newest revision.")
    return found
