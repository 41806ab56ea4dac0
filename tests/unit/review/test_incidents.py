"""One clock for several cameras, coverage, viewing, listening, and the recorded review."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bwc_review.domain.candidates import CandidateState
from bwc_review.domain.ids import EventCode, IncidentId, ParticipantId, RecordingId
from bwc_review.domain.recording import Incident
from bwc_review.domain.tags import TagState
from bwc_review.domain.times import Micros, Span, total
from bwc_review.errors import InputRefused, NotFound
from bwc_review.ports.records import Session
from bwc_review.review.checking import check_log
from bwc_review.review.desk import Desk
from bwc_review.review.incidents import open_incident, place
from bwc_review.review.listening import propose, transcribe
from bwc_review.review.measuring import coverage_of
from bwc_review.review.recorded import RecordedDecision, Verdict, apply_review
from bwc_review.review.sessions import start_session
from bwc_review.review.viewing import log_viewing
from chain_of_custody.entry import Entry
from chain_of_custody.findings import Verdict as Checked
from tests.desks import REVIEWER, dock
from tests.fakes.transcriber import FakeTranscriber
from tests.unit.review.conftest import claim

Reviewing = tuple[Desk, Session, Incident]
S = ParticipantId("S")


def entries(desk: Desk) -> list[Entry]:
    with desk.store.reading() as work:
        return [Entry.from_bytes(raw) for raw in work.log.entries()]


def test_a_person_places_a_recording_with_a_reason_and_the_old_place_stays_on_record(reviewing: Reviewing) -> None:
    desk, session, case = reviewing
    recording = case.placements[1].recording
    chosen = claim(case.zero + 7_413_000)
    sure = Micros(8000)
    placed = place(desk, session, case.id, recording, claim=chosen, uncertainty=sure, reason="both show the shout")
    assert placed.clock.offset == 7_413_000
    with desk.store.reading() as work:
        assert work.reviews.incident(case.id).clock_of(recording).uncertainty == 8000
    assert entries(desk)[-1].type == "review.recording_placed"
    size = len(entries(desk))
    place(desk, session, case.id, recording, claim=chosen, uncertainty=Micros(8000), reason="both show the shout")
    assert len(entries(desk)) == size, "the same placement again is no new act"
    with pytest.raises(InputRefused):
        place(desk, session, case.id, recording, claim=chosen, uncertainty=Micros(1), reason=" ")
    with pytest.raises(InputRefused):
        place(desk, session, case.id, RecordingId("other"), claim=chosen, uncertainty=Micros(1), reason="why not")


def test_opening_an_incident_twice_gives_the_first_one(reviewing: Reviewing) -> None:
    desk, session, case = reviewing
    again = open_incident(desk, session, "another title", [placed.recording for placed in case.placements], case.id)
    assert again == case
    with pytest.raises(InputRefused):
        open_incident(desk, session, "empty", [], IncidentId("IR-2"))


def test_a_recording_nobody_listened_to_covers_no_sound(desk: Desk, card: Path) -> None:
    dock(desk, card)
    session = start_session(desk, REVIEWER, "use_of_force_review")
    with desk.store.reading() as work:
        recordings = [one.id for one in work.footage.recordings()]
    case = open_incident(desk, session, "unheard", recordings, IncidentId("IR-9"))
    before = coverage_of(desk, session, case.id)
    assert before.audible == ()
    assert before.visible
    for one in recordings:
        transcribe(desk, session, one, progress=lambda done, of: None, cancelled=lambda: False)
    assert total(coverage_of(desk, session, case.id).audible) >= 3_900_000


def test_a_recording_is_listened_to_once_and_its_candidates_are_proposed_once(reviewing: Reviewing) -> None:
    desk, session, case = reviewing
    deaf = FakeTranscriber(())
    desk = replace(desk, transcriber=lambda: deaf)
    size = len(entries(desk))
    for placed in case.placements:
        transcribe(desk, session, placed.recording, progress=lambda done, of: None, cancelled=lambda: False)
        propose(desk, session, placed.recording)
    assert deaf.heard == 0
    assert len(entries(desk)) == size


def test_what_was_played_goes_into_the_log_as_ranges_and_nothing_when_nothing_was_played(
    reviewing: Reviewing,
) -> None:
    desk, session, case = reviewing
    recording = case.placements[0].recording
    size = len(entries(desk))
    log_viewing(desk, session, recording, [], "use_of_force_review")
    assert len(entries(desk)) == size
    spans = [Span(Micros(0), Micros(1_000_000)), Span(Micros(500_000), Micros(1_500_000))]
    log_viewing(desk, session, recording, spans, "use_of_force_review")
    viewed = entries(desk)[-1]
    assert viewed.type == "media.viewed"
    assert viewed.data["ranges_us"] == [[0, 1_500_000]]


def test_a_recording_without_sound_cannot_be_listened_to(reviewing: Reviewing) -> None:
    desk, session, _ = reviewing
    with pytest.raises(NotFound):
        transcribe(desk, session, RecordingId("none"), progress=lambda done, of: None, cancelled=lambda: False)


def decision(name: str, verdict: Verdict, code: str, start: int, end: int, **more: object) -> RecordedDecision:
    window = Span(Micros(start), Micros(end))
    made = RecordedDecision(name, verdict, EventCode(code), None, window, Micros(start), Micros(end), target=S)
    return replace(made, **more)  # type: ignore[arg-type]


def recorded(case: Incident) -> list[RecordedDecision]:
    span = case.placements[0].clock.offset
    order = (span + 400_000, span + 2_100_000)
    return [
        decision("o1", Verdict.HEARD, "CMD.ORDER", *order),
        decision("w1", Verdict.NOT_SAID, "WRN.CED", span, span + 60_000_000, note="a bystander"),
        decision("missed", Verdict.HEARD, "MED.AID_REQUESTED", span, span, attrs={}),
        decision("f1", Verdict.SEEN, "FRC.PUSH", span + 100_000, span + 100_000),
        decision("t1", Verdict.SEEN, "DTI.TRIGGER", span, span + 1, attrs={"force_tags": ("@f1",), "basis": "why"}),
    ]


def test_a_recorded_review_confirms_rejects_and_tags_by_hand_what_the_machine_missed(reviewing: Reviewing) -> None:
    desk, session, case = reviewing
    applied = apply_review(desk, session, case.id, recorded(case))
    by_id = {one.decision.id: one for one in applied}
    assert by_id["o1"].confirmed == 1
    assert by_id["w1"].rejected >= 1
    assert by_id["missed"].missed_by_the_machine
    assert not by_id["f1"].missed_by_the_machine
    with desk.store.reading() as work:
        tags = {one.key: one for one in work.reviews.tags(case.id) if one.state is TagState.CONFIRMED}
        states = {one.state for one in work.reviews.decisions().values()}
    assert tags["recorded/t1"].attrs["force_tags"] == (tags["recorded/f1"].id,)
    assert tags["recorded/o1"].candidate is not None
    assert states == {CandidateState.CONFIRMED, CandidateState.REJECTED}


def test_a_recorded_review_carried_out_again_or_after_a_break_changes_nothing_more(reviewing: Reviewing) -> None:
    desk, session, case = reviewing
    whole = recorded(case)
    apply_review(desk, session, case.id, whole[:2])
    first = apply_review(desk, session, case.id, whole)
    size = len(entries(desk))
    again = apply_review(desk, session, case.id, whole)
    assert len(entries(desk)) == size
    assert [(one.confirmed, one.by_hand) for one in again] == [(one.confirmed, one.by_hand) for one in first]


def test_a_recorded_review_that_names_a_decision_nobody_made_is_refused(reviewing: Reviewing) -> None:
    desk, session, case = reviewing
    with pytest.raises(InputRefused):
        apply_review(desk, session, case.id, recorded(case)[4:])


def test_the_log_of_all_this_verifies(reviewing: Reviewing) -> None:
    desk, session, case = reviewing
    apply_review(desk, session, case.id, recorded(case))
    assert check_log(desk, trusted=desk.vkey).verdict is Checked.VERIFIED
