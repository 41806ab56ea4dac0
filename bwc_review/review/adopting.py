"""Adopting when a recording began: a person chooses one claim, or enters a time, and says why.

The claims stay as they are; a later adoption supersedes an earlier one, which stays on record. Recordings whose
place in an incident followed their start follow it again; a place that a person gave by hand stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo

from bwc_review.domain.clocks import BY_HAND, AdoptedStart
from bwc_review.domain.ids import RecordingId
from bwc_review.domain.recording import Incident, Placement, Recording, TimeClaim
from bwc_review.domain.times import Micros
from bwc_review.errors import InputRefused, NotFound, TimeUndecided
from bwc_review.ports.records import Session
from bwc_review.ports.store import Work
from bwc_review.review.desk import Desk, allow, record
from bwc_review.review.own_unit import RECORDING
from bwc_review.review.starts import Start, follows_start, start_of
from chain_of_custody.entry import Subject

PERMISSION = "tag.observe"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def recording_named(recordings: Iterable[Recording], named: str) -> Recording:
    """The one with that exhibit number or id. Raises NotFound."""
    for one in recordings:
        if named in (one.exhibit, one.id):
            return one
    raise NotFound(f"No recording is {named[:80]}. `bwc-review list` shows those there are.")


def adopt_claim(
    desk: Desk,
    session: Session,
    recording: RecordingId,
    *,
    claim: int,
    reason: str,
    reading: int | None = None,
    camera_fast: int = 0,
) -> AdoptedStart:
    """A person adopts claim number ``claim`` (from 0) as the recording's start.

    ``reading`` (0 or 1) chooses between the two moments of an ambiguous local time. ``camera_fast`` is how many
    microseconds the camera's clock was found fast at the dock; it is taken off. Raises InputRefused, TimeUndecided,
    NotFound, PermissionDenied.
    """
    allow(desk, session, PERMISSION, on=Subject(RECORDING, recording))
    _reasoned(reason)
    with desk.store.writing() as work:
        found = work.footage.recording(recording)
        if not 0 <= claim < len(found.claims):
            raise InputRefused(f"{found.exhibit} has claims 1 to {len(found.claims)}; {claim + 1} is none of them.")
        start, uncertainty = _decided(found.claims[claim], reading)
        adopted = AdoptedStart(
            desk.ids(), recording, start - camera_fast, uncertainty, found.claims[claim].source, claim, camera_fast,
            reason.strip(), session.operator, desk.now_us(),
        )  # fmt: skip
        return _adopt(desk, work, session, adopted, {"reading": reading} if reading is not None else {})


def enter_start(
    desk: Desk, session: Session, recording: RecordingId, *, start: int, uncertainty: Micros, reason: str
) -> AdoptedStart:
    """A person gives a start that stands in no claim, microseconds since 1970 UTC, and says how sure and why.

    Raises InputRefused, NotFound, PermissionDenied.
    """
    allow(desk, session, PERMISSION, on=Subject(RECORDING, recording))
    _reasoned(reason)
    if uncertainty <= 0:
        raise InputRefused("Say how sure the time is, e.g. --sure 2s: no time entered by hand is exact.")
    with desk.store.writing() as work:
        found = work.footage.recording(recording)
        adopted = AdoptedStart(
            desk.ids(), found.id, start, uncertainty, BY_HAND, None, 0, reason.strip(), session.operator,
            desk.now_us(),
        )  # fmt: skip
        return _adopt(desk, work, session, adopted, {})


def moment_of(text: str, zone: tzinfo | None) -> int:
    """A time a person typed (ISO 8601) as microseconds since 1970 UTC.

    Without an offset it is local time of the agency. Raises InputRefused, and TimeUndecided when that local time
    occurred twice or never.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as unfit:
        raise InputRefused(f"'{text[:60]}' is no time, such as 2026-03-14T09:39:30.25Z.") from unfit
    if moment.tzinfo is None:
        if zone is None:
            raise InputRefused(f"Say in which zone '{text[:60]}' is, e.g. {text[:60]}Z or -07:00 behind it.")
        readings = [moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
        if readings[0].utcoffset() != readings[1].utcoffset():
            given = " or ".join(f"{one:%z}" for one in readings)
            raise TimeUndecided(
                f"Clocks were changed then: '{text[:60]}' is no single moment. Write its offset behind it: {given}."
            )
        moment = readings[0]
    return int((moment - _EPOCH) // timedelta(microseconds=1))


def _reasoned(reason: str) -> None:
    if not reason.strip():
        raise InputRefused("Say why this time is believed; it goes into the custody log.")


def _decided(claim: TimeClaim, reading: int | None) -> tuple[int, Micros]:
    """The start a claim gives once a person has said which reading is meant, and its uncertainty then."""
    if claim.doubt == "nonexistent":
        raise TimeUndecided(
            f"'{claim.text}' is a local time that never occurred (clocks went forward), so it names no moment. "
            "Enter the time you believe with `times enter`."
        )
    if claim.doubt != "ambiguous":
        if reading is not None:
            raise InputRefused("This claim has one reading only. Leave --reading out.")
        return claim.start, claim.uncertainty
    if reading is None or not 0 <= reading < len(claim.readings):
        raise TimeUndecided(
            f"'{claim.text}' is a local time that occurred twice (clocks went back). Say which with --reading 1 "
            "(before the change) or --reading 2 (after it)."
        )
    width = claim.readings[1] - claim.readings[0]
    return claim.readings[reading], Micros(max(0, claim.uncertainty - width))


def _adopt(
    desk: Desk, work: Work, session: Session, adopted: AdoptedStart, more: Mapping[str, object]
) -> AdoptedStart:
    following = _following(work, adopted.recording)
    before = work.clocks.adopted(adopted.recording)
    work.clocks.adopt(adopted)
    data = {
        "start_us": adopted.start,
        "uncertainty_us": adopted.uncertainty,
        "source": adopted.source,
        "claim": adopted.claim,
        "camera_fast_us": adopted.camera_fast,
        "supersedes": before.id if before else None,
        **more,
    }
    said = {name: value for name, value in data.items() if value is not None}
    subject = Subject("recording", adopted.recording)
    record(desk, work, session, "media.start_adopted", subject, data=said, texts={"reason": adopted.reason})
    for incident, placed in following:
        _place_again(desk, work, session, incident, placed)
    return adopted


def _following(work: Work, recording: RecordingId) -> Sequence[tuple[Incident, Placement]]:
    """The places that follow this recording's start: its own and those of its series, where no hand moved them."""
    series = work.clocks.series_of(recording)
    touched = {part.recording for part in series.parts} if series else {recording}
    found = []
    for incident in work.reviews.incidents():
        for placed in incident.placements:
            if placed.recording in touched and follows_start(work, incident.zero, placed):
                found.append((incident, placed))
    return found


def _start(work: Work, recording: RecordingId) -> Start | None:
    try:
        return start_of(work, work.footage.recording(recording))
    except (InputRefused, TimeUndecided):
        return None


def _place_again(desk: Desk, work: Work, session: Session, incident: Incident, placed: Placement) -> None:
    start = _start(work, placed.recording)
    if start is None or start.by is None:
        return
    clock = replace(placed.clock, offset=Micros(start.at - incident.zero), uncertainty=start.uncertainty)
    again = Placement(incident.id, placed.recording, clock, start.source, start.reason)
    if again == placed:
        return
    work.reviews.place(again)
    data = {
        "recording": placed.recording,
        "offset_us": clock.offset,
        "uncertainty_us": clock.uncertainty,
        "source": start.source,
    }
    subject = Subject("incident", incident.id)
    record(desk, work, session, "review.recording_placed", subject, data=data, texts={"reason": start.reason})
