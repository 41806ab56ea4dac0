"""What the Library shows, gathered from the store in one reading and put into lines. No widget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bwc_review.domain.candidates import CandidateState
from bwc_review.domain.ids import IncidentId, RecordingId
from bwc_review.domain.recording import Incident, Playability, Recording
from bwc_review.domain.tags import TagState
from bwc_review.ports.records import Session
from bwc_review.review.desk import Desk
from bwc_review.review.reading import shelf
from ui.pages.rows import Row
from ui.words import best_start, claim_text, length_text, moment_text, uncertainty_text, why_not_played, word


@dataclass(frozen=True, slots=True)
class Shelf:
    """Everything the Library lists, and the next free incident number."""

    incidents: tuple[Row, ...]
    recordings: tuple[Row, ...]
    next_number: str


@dataclass(frozen=True, slots=True)
class _Listening:
    """What was heard on one recording: whether at all, suggestions still open, suggestions decided."""

    heard: bool
    open: int
    decided: int


def read_shelf(desk: Desk, session: Session) -> Shelf:
    """Read the store as far as the session's role may. Raises PermissionDenied, StoreDamaged, WorkspaceBusy."""
    with shelf(desk, session) as may_see:
        work, recordings, incidents = may_see.work, may_see.recordings, may_see.incidents
        taken = {one.id for one in work.reviews.incidents()}  # other units' numbers too
        decisions = work.reviews.decisions()
        listened: dict[str, _Listening] = {}
        for recording in recordings:
            found = work.reviews.candidates(recording.id)
            closed = sum(
                1 for one in found if one.id in decisions and decisions[one.id].state is not CandidateState.OPEN
            )
            heard = bool(found) or work.reviews.transcript(recording.id) is not None
            listened[recording.id] = _Listening(heard, len(found) - closed, closed)
        tags = {
            one.id: sum(1 for tag in work.reviews.tags(one.id) if tag.state is TagState.CONFIRMED)
            for one in incidents
        }
    by_id = {one.id: one for one in recordings}
    member_of: dict[str, list[str]] = {}
    for incident in incidents:
        for placed in incident.placements:
            member_of.setdefault(placed.recording, []).append(incident.id)
    return Shelf(
        tuple(_incident_row(one, _members(one, by_id), listened, tags[one.id]) for one in incidents),
        tuple(_recording_row(one, listened[one.id], member_of.get(one.id, [])) for one in recordings),
        _next_number(taken, recordings),
    )


def _members(incident: Incident, by_id: Mapping[RecordingId, Recording]) -> list[Recording]:
    """Its recordings, without those of another unit."""
    return [by_id[placed.recording] for placed in incident.placements if placed.recording in by_id]


def _incident_row(incident: Incident, members: list[Recording], listened: dict[str, _Listening], tags: int) -> Row:
    cameras = len({one.camera for one in members})
    still = sum(listened[one.id].open for one in members)
    decided = sum(listened[one.id].decided for one in members)
    unheard = sum(1 for one in members if not listened[one.id].heard)
    review = f"{still} open, {decided} decided" if still or decided else "none found"
    if unheard:
        review += f" ({unheard} not listened to)"
    return Row(
        incident.id,
        (
            incident.id,
            incident.title,
            moment_text(incident.zero),
            f"{cameras} cameras, {len(members)} recordings",
            review,
            str(tags),
        ),
    )


def _recording_row(recording: Recording, heard: _Listening, incidents: list[str]) -> Row:
    claim = best_start(recording)
    start = f"{moment_text(claim.start)} {uncertainty_text(claim.uncertainty)}" if claim else "nothing says when"
    plays = word("playability", recording.playability.value)
    why = why_not_played(recording)
    unplayable = recording.playability is Playability.UNPLAYABLE
    said = "yes" if heard.heard else "no"
    if not unplayable and recording.facts is not None and recording.facts.audio is None:
        said = "no sound"
    suggestions = f"{heard.open} open, {heard.decided} decided" if heard.open or heard.decided else "–"
    cells = (
        recording.exhibit,
        recording.camera,
        recording.wearer or "not known",
        start,
        length_text(recording.span.length) if not unplayable else "–",
        said if not unplayable else "–",
        suggestions,
        ", ".join(incidents) or "–",
        why or plays,
    )
    claims = "\n".join(claim_text(one) for one in recording.claims)
    return Row(recording.id, cells, "\n".join(filter(None, (recording.name, claims, why))), dim=unplayable)


def _next_number(known: set[IncidentId], recordings: Iterable[Recording]) -> str:
    claims = [claim for one in recordings if (claim := best_start(one)) is not None]
    year = moment_text(max((one.start for one in claims), default=0))[:4]
    number = 1
    while f"IR-{year}-{number:04d}" in known:
        number += 1
    return f"IR-{year}-{number:04d}"
