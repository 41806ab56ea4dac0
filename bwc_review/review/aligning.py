"""Putting cameras on one clock by what both heard: the machine proposes with its figures, a person adopts.

A proposal changes nothing. Adopting it adds a placement whose source is the sound; the earlier one stays on record.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields
from typing import BinaryIO, cast

from bwc_review.domain.aligning import SOURCE, ProposedClock, Reference
from bwc_review.domain.ids import CameraId, IncidentId, RecordingId
from bwc_review.domain.recording import Incident, Placement, Recording
from bwc_review.domain.times import ClockMap, Micros
from bwc_review.errors import AlignmentRefused, Cancelled, InputRefused
from bwc_review.ports.records import Session, StoredDerivative
from bwc_review.ports.store import Work
from bwc_review.ports.times import Adoption
from bwc_review.review.desk import Desk, allow, record
from bwc_review.review.incidents import PERMISSION
from bwc_review.review.own_unit import INCIDENT
from chain_of_custody.entry import Subject
from ingest.align import align
from ingest.alignment import Alignment, CannotTell, Measured, Piece
from ingest.sound import Sound

Progress = Callable[[str, int, int], None]
LINE_FIGURES = ("spread_us", "drift_ppb", "drift_error_ppb", "first_us", "last_us")

LOOK = "media.view_metadata"


@dataclass(frozen=True, slots=True)
class _Heard:
    """A recording with sound, where it lies, and its sound derivative."""

    recording: Recording
    clock: ClockMap
    made: StoredDerivative


def propose_alignments(
    desk: Desk,
    session: Session,
    incident: IncidentId,
    *,
    recordings: Sequence[RecordingId] = (),
    against: CameraId | None = None,
    progress: Progress = lambda exhibit, done, of: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[ProposedClock, ...]:
    """Listen to recordings of an incident against one camera's and keep what the sound says about their clocks.

    ``recordings``: all of other cameras when none are named. ``against``: the camera whose clock is followed, by
    default the most certainly placed one. Raises AlignmentRefused (fewer than two cameras with sound), InputRefused,
    NotFound, PermissionDenied, Cancelled, AlignmentFailed.
    """
    allow(desk, session, PERMISSION, on=Subject(INCIDENT, incident))
    with desk.store.reading() as work:
        case = work.reviews.incident(incident)
        heard = _with_sound(work, case)
    camera = against or _surest(heard, set(recordings), case)
    references = [one for one in heard if one.recording.camera == camera]
    if not references:
        raise InputRefused(f"No recording of camera {camera} in {case.id} carries sound that could be compared.")
    wanted = _wanted(heard, camera, recordings, case)
    return tuple(
        _propose(desk, session, case, one, references, progress, cancelled)
        for one in sorted(wanted, key=lambda one: one.clock.offset)
    )


def _with_sound(work: Work, case: Incident) -> list[_Heard]:
    found = []
    for placed in case.placements:
        made = {one.kind: one for one in work.footage.derivatives(placed.recording)}
        if "audio" in made:
            found.append(_Heard(work.footage.recording(placed.recording), placed.clock, made["audio"]))
    return found


def _surest(heard: Sequence[_Heard], asked: set[RecordingId], case: Incident) -> CameraId:
    """The camera that is placed most certainly, then the one with most sound; never one that is itself asked for."""
    cameras = {one.recording.camera for one in heard}
    asked_for = {one.recording.camera for one in heard if one.recording.id in asked}
    if len(cameras) < 2 or not cameras - asked_for:
        raise AlignmentRefused(
            f"{case.id} has sound of {len(cameras)} cameras. Two cameras that carry sound are needed to compare "
            "them, one of them not among those to be placed."
        )

    def doubt(camera: CameraId) -> tuple[int, int, str]:
        mine = [one for one in heard if one.recording.camera == camera]
        return max(one.clock.uncertainty for one in mine), -sum(one.made.size for one in mine), camera

    return min(cameras - asked_for, key=doubt)


def _wanted(
    heard: Sequence[_Heard], camera: CameraId, recordings: Sequence[RecordingId], case: Incident
) -> list[_Heard]:
    if not recordings:
        return [one for one in heard if one.recording.camera != camera]
    by_id = {one.recording.id: one for one in heard}
    strange = [one for one in recordings if one not in by_id]
    if strange:
        raise InputRefused(f"{', '.join(strange)}: not part of {case.id}, or without sound that could be compared.")
    own = [by_id[one] for one in recordings if by_id[one].recording.camera == camera]
    if own:
        raise InputRefused(f"{own[0].recording.exhibit} is of camera {camera} itself; its clock is the one followed.")
    return [by_id[one] for one in recordings]


def _propose(
    desk: Desk,
    session: Session,
    case: Incident,
    one: _Heard,
    references: Sequence[_Heard],
    progress: Progress,
    cancelled: Callable[[], bool],
) -> ProposedClock:
    exhibit = one.recording.exhibit

    def watch(done: int, of: int) -> None:
        if cancelled():
            raise Cancelled(f"Stopped while listening to {exhibit}. Nothing was proposed for it.")
        progress(exhibit, done, of)

    with ExitStack() as open_files:
        pieces = [
            Piece(_sound(desk, ref, open_files), ref.clock.offset, ref.clock.rate_num, ref.clock.rate_den)
            for ref in references
        ]
        result = align(_sound(desk, one, open_files), one.clock.offset, pieces, progress=watch)
    proposal = _as_proposal(desk, session, case, one, references, result)
    with desk.store.writing() as work:
        work.alignments.add(proposal)
        subject = Subject("incident", case.id)
        record(desk, work, session, "review.alignment_proposed", subject, data=_said(proposal))
    return proposal


def _sound(desk: Desk, one: _Heard, open_files: ExitStack) -> Sound:
    """A recording's sound, read in pieces from its derivative."""
    try:
        reader = open_files.enter_context(desk.vault.open_kept(desk.folder / one.made.path, one.made.sha256))
    except OSError as gone:
        raise AlignmentRefused(
            f"The sound derivative of {one.recording.exhibit} is not there ({gone.strerror}). "
            "Make the derivatives again."
        ) from gone
    return Sound(cast("BinaryIO", reader), one.made.size)


def _as_proposal(
    desk: Desk,
    session: Session,
    case: Incident,
    one: _Heard,
    references: Sequence[_Heard],
    result: Alignment | CannotTell,
) -> ProposedClock:
    figures = {field.name: int(getattr(result.measured, field.name)) for field in fields(Measured)}
    clock, error, doubt = None, Micros(0), ""
    if isinstance(result, Alignment):
        error = Micros(result.error_us)
        followed = max(ref.clock.uncertainty for ref in references)
        unsure = Micros(error + followed)  # no surer on the incident's clock than what it was laid against
        clock = ClockMap(Micros(result.offset_us), unsure, result.rate_num, result.rate_den)
        figures |= {name: int(getattr(result, name)) for name in LINE_FIGURES}
    else:
        doubt = result.doubt.value
    return ProposedClock(
        id=desk.ids(),
        incident=case.id,
        recording=one.recording.id,
        sound_sha256=one.made.sha256,
        references=tuple(Reference(ref.recording.id, ref.clock, ref.made.sha256) for ref in references),
        clock=clock,
        error=error,
        doubt=doubt,
        figures=figures,
        by=session.operator,
        made_at=desk.now_us(),
    )


def _said(proposal: ProposedClock) -> dict[str, object]:
    clock = proposal.clock
    place = (
        {"doubt": proposal.doubt}
        if clock is None
        else {
            "offset_us": clock.offset,
            "rate_num": clock.rate_num,
            "rate_den": clock.rate_den,
            "error_us": proposal.error,
        }
    )
    return {
        "alignment": proposal.id,
        "recording": proposal.recording,
        "sound_sha256": proposal.sound_sha256,
        "against": [str(one.recording) for one in proposal.references],
        "against_sha256": [one.sound_sha256 for one in proposal.references],
        "figures": dict(proposal.figures),
        **place,
    }


def adopt_alignment(desk: Desk, session: Session, proposal: str, reason: str) -> Placement:
    """A person makes a proposed clock the recording's place on the incident's clock, and says why.

    Raises AlignmentRefused (nothing was proposed, adopted before, or what it was laid against moved since),
    InputRefused without a reason, NotFound, PermissionDenied.
    """
    allow(desk, session, PERMISSION)
    if not reason.strip():
        raise InputRefused(
            "Say why this alignment is believed (what both cameras show); it goes into the custody log."
        )
    with desk.store.reading() as work:
        of = work.alignments.proposal(proposal).incident
    allow(desk, session, PERMISSION, on=Subject(INCIDENT, of))
    with desk.store.writing() as work:
        found = work.alignments.proposal(proposal)
        case = work.reviews.incident(found.incident)
        _still_holds(work, case, found)
        if found.clock is None:
            raise AlignmentRefused(
                f"The alignment {proposal} could not tell where the recording lies. Place it by hand."
            )
        placed = Placement(case.id, found.recording, found.clock, SOURCE, reason)
        work.alignments.adopt(Adoption(proposal, session.operator, desk.now_us(), reason))
        work.reviews.place(placed)
        before = case.clock_of(found.recording)
        data = {
            "recording": found.recording,
            "offset_us": found.clock.offset,
            "rate_num": found.clock.rate_num,
            "rate_den": found.clock.rate_den,
            "uncertainty_us": found.clock.uncertainty,
            "error_us": found.error,
            "source": SOURCE,
            "alignment": found.id,
            "offset_before_us": before.offset,
        }
        subject = Subject("incident", case.id)
        record(desk, work, session, "review.recording_placed", subject, data=data, texts={"reason": reason})
    return placed


def _still_holds(work: Work, case: Incident, found: ProposedClock) -> None:
    if work.alignments.adopted(found.id) is not None:
        raise AlignmentRefused(f"The alignment {found.id} was adopted before. The placement stays as it is.")
    if any(case.clock_of(one.recording) != one.clock for one in found.references):
        raise AlignmentRefused(
            "A recording this alignment was measured against has been placed anew since. Align by sound again."
        )


def alignments_of(
    desk: Desk, session: Session, incident: IncidentId
) -> tuple[tuple[ProposedClock, Adoption | None], ...]:
    """Every proposal of an incident, oldest first, with its adoption. Raises NotFound, PermissionDenied."""
    allow(desk, session, LOOK, on=Subject(INCIDENT, incident))
    with desk.store.reading() as work:
        work.reviews.incident(incident)
        return tuple((one, work.alignments.adopted(one.id)) for one in work.alignments.proposals(incident))
