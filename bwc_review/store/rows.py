"""Row <-> value for what has structure of its own: media facts, claims, tags. By hand, both ways side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping

from bwc_review.domain.candidates import Candidate, CandidateState, Decision
from bwc_review.domain.ids import (
    CameraId,
    CandidateId,
    EventCode,
    ExhibitNo,
    IncidentId,
    OperatorId,
    ParticipantId,
    RecordingId,
    TagId,
    TranscriptId,
)
from bwc_review.domain.recording import (
    AudioFacts,
    MediaFacts,
    Placement,
    Playability,
    Recording,
    TimeClaim,
    VideoFacts,
)
from bwc_review.domain.tags import EndStatus, Evidence, Modality, Tag, TagSource, TagState
from bwc_review.domain.times import ClockMap, Micros, Span

Row = RowMapping


def facts_to_json(facts: MediaFacts | None) -> dict[str, Any] | None:
    """Media facts as the recording row keeps them."""
    if facts is None:
        return None
    video, audio = facts.video, facts.audio
    return {
        "container": facts.container,
        "duration": facts.duration,
        "damage": list(facts.damage),
        "notes": list(facts.notes),
        "video": video and {name: getattr(video, name) for name in VideoFacts.__slots__},
        "audio": audio and {name: getattr(audio, name) for name in AudioFacts.__slots__},
    }


def facts_from_json(value: Mapping[str, Any] | None) -> MediaFacts | None:
    """The inverse of :func:`facts_to_json`."""
    if value is None:
        return None
    return MediaFacts(
        container=value["container"],
        duration=Micros(value["duration"]),
        video=VideoFacts(**value["video"]) if value["video"] else None,
        audio=AudioFacts(**value["audio"]) if value["audio"] else None,
        damage=tuple(value["damage"]),
        notes=tuple(value.get("notes", ())),
    )


def recording_to_row(recording: Recording) -> dict[str, Any]:
    """A recording as its row."""
    return {
        "id": recording.id,
        "exhibit": recording.exhibit,
        "sha256": recording.sha256,
        "size": recording.size,
        "name": recording.name,
        "camera": recording.camera,
        "profile": recording.profile,
        "wearer": recording.wearer,
        "playability": recording.playability.value,
        "facts": facts_to_json(recording.facts),
        "claims": [[getattr(one, name) for name in TimeClaim.__slots__] for one in recording.claims],
        "silent_lead": recording.silent_lead,
    }


def recording_from_row(row: Row) -> Recording:
    """The inverse of :func:`recording_to_row`."""
    return Recording(
        id=RecordingId(row["id"]),
        exhibit=ExhibitNo(row["exhibit"]),
        sha256=row["sha256"],
        size=row["size"],
        name=row["name"],
        camera=CameraId(row["camera"]),
        profile=row["profile"],
        wearer=ParticipantId(row["wearer"]) if row["wearer"] is not None else None,
        playability=Playability(row["playability"]),
        facts=facts_from_json(row["facts"]),
        claims=tuple(_claim(*values) for values in row["claims"]),
        silent_lead=Micros(row["silent_lead"]),
    )


def _claim(source: str, start: int, uncertainty: int, text: str, *more: Any) -> TimeClaim:
    """A claim from its list. Earlier versions kept the first four values only."""
    if len(more) != 5:
        return TimeClaim(source, start, Micros(uncertainty), text)
    where, means, zone, doubt, readings = more
    return TimeClaim(source, start, Micros(uncertainty), text, where, means, zone, doubt, tuple(readings))


def placement_to_row(placement: Placement) -> dict[str, Any]:
    """A placement as its row."""
    return {
        "incident": placement.incident,
        "recording": placement.recording,
        "offset": placement.clock.offset,
        "uncertainty": placement.clock.uncertainty,
        "rate_num": placement.clock.rate_num,
        "rate_den": placement.clock.rate_den,
        "source": placement.source,
        "reason": placement.reason,
    }


def placement_from_row(row: Row) -> Placement:
    """The inverse of :func:`placement_to_row`."""
    clock = ClockMap(Micros(row["offset"]), Micros(row["uncertainty"]), row["rate_num"], row["rate_den"])
    return Placement(IncidentId(row["incident"]), RecordingId(row["recording"]), clock, row["source"], row["reason"])


def candidate_to_row(candidate: Candidate) -> dict[str, Any]:
    """A candidate as its row."""
    return {
        "id": candidate.id,
        "recording": candidate.recording,
        "transcript": candidate.transcript,
        "code": candidate.code,
        "start": candidate.span.start,
        "end": candidate.span.end,
        "words": candidate.words,
        "phrase": candidate.phrase,
        "why": candidate.why,
        "confidence": candidate.confidence,
        "weakest": candidate.weakest,
        "flags": list(candidate.flags),
        "proposed": _attrs_to_json(candidate.proposed),
    }


def candidate_from_row(row: Row) -> Candidate:
    """The inverse of :func:`candidate_to_row`."""
    return Candidate(
        id=CandidateId(row["id"]),
        recording=RecordingId(row["recording"]),
        transcript=TranscriptId(row["transcript"]),
        code=EventCode(row["code"]),
        span=Span(Micros(row["start"]), Micros(row["end"])),
        words=row["words"],
        phrase=row["phrase"],
        why=row["why"],
        confidence=row["confidence"],
        weakest=row["weakest"],
        flags=tuple(row["flags"]),
        proposed=_attrs_from_json(row["proposed"]),
    )


def decision_from_row(row: Row) -> Decision:
    """A decision from its row."""
    return Decision(
        candidate=CandidateId(row["candidate"]),
        state=CandidateState(row["state"]),
        by=OperatorId(row["by"]),
        at=row["at"],
        reason=row["reason"],
        tag=TagId(row["tag"]) if row["tag"] is not None else None,
    )


def tag_to_row(tag: Tag) -> dict[str, Any]:
    """A tag as its row."""
    row: dict[str, Any] = {name: getattr(tag, name) for name in Tag.__slots__}
    row["source"], row["state"] = tag.source.value, tag.state.value
    row["end_status"], row["modality"] = tag.end_status.value, tag.modality.value
    row["attrs"] = _attrs_to_json(tag.attrs)
    row["evidence"] = [[e.recording, e.span.start, e.span.end, e.sha256] for e in tag.evidence]
    return row


def tag_from_row(row: Row) -> Tag:
    """The inverse of :func:`tag_to_row`."""
    return Tag(
        id=TagId(row["id"]),
        incident=IncidentId(row["incident"]),
        code=EventCode(row["code"]),
        start=Micros(row["start"]),
        end=Micros(row["end"]) if row["end"] is not None else None,
        actor=ParticipantId(row["actor"]) if row["actor"] is not None else None,
        target=ParticipantId(row["target"]) if row["target"] is not None else None,
        source=TagSource(row["source"]),
        state=TagState(row["state"]),
        uncertainty=Micros(row["uncertainty"]),
        by=OperatorId(row["by"]),
        recorded_at=row["recorded_at"],
        attrs=_attrs_from_json(row["attrs"]),
        end_status=EndStatus(row["end_status"]),
        modality=Modality(row["modality"]),
        evidence=tuple(
            Evidence(RecordingId(r), Span(Micros(start), Micros(end)), sha) for r, start, end, sha in row["evidence"]
        ),
        supersedes=TagId(row["supersedes"]) if row["supersedes"] is not None else None,
        candidate=CandidateId(row["candidate"]) if row["candidate"] is not None else None,
        note=row["note"],
        key=row["key"],
    )


def _attrs_to_json(attrs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in attrs.items()}


def _attrs_from_json(attrs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in attrs.items()}
