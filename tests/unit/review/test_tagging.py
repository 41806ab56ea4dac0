"""Tags and candidates: written at once with their entries, superseded or withdrawn, never edited."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bwc_review.domain.candidates import Candidate, CandidateState
from bwc_review.domain.ids import CandidateId, EventCode, IncidentId, ParticipantId, TagId
from bwc_review.domain.recording import Incident
from bwc_review.domain.tags import EndStatus, Tag, TagSource, TagState
from bwc_review.domain.times import Micros
from bwc_review.errors import InputRefused, LogRefused, NotFound, PermissionDenied
from bwc_review.ports.records import Session
from bwc_review.review.deciding import as_heard, confirm_candidate, reject_candidate, reopen_candidate
from bwc_review.review.desk import Desk
from bwc_review.review.measuring import measures_of
from bwc_review.review.sessions import start_session
from bwc_review.review.tagging import Sighting, add_tag, close_tag, revise_tag, sighting_of, withdraw_tag
from chain_of_custody.entry import Entry
from tests.desks import CLERK

Reviewing = tuple[Desk, Session, Incident]
CED = EventCode("FRC.CED_CYCLE")
CUFFS = EventCode("RST.HANDCUFF")
S, O1 = ParticipantId("S"), ParticipantId("O1")


def seen(code: EventCode = CED, start: int = 1_000_000, end: int | None = 2_000_000, **more: object) -> Sighting:
    attrs = {"mode": "probe", "cycle_no": 1, "duration_source": "video"} if code == CED else {}
    made = Sighting(code, Micros(start), None if end is None else Micros(end), actor=O1, target=S, attrs=attrs)
    return replace(made, **more)  # type: ignore[arg-type]


def last_entries(desk: Desk, count: int) -> list[Entry]:
    with desk.store.reading() as work:
        return [Entry.from_bytes(raw) for raw in work.log.entries()][-count:]


def current(desk: Desk, case: IncidentId) -> list[Tag]:
    with desk.store.reading() as work:
        return [one for one in work.reviews.tags(case) if one.state is TagState.CONFIRMED]


def candidates(desk: Desk, case: Incident) -> list[Candidate]:
    with desk.store.reading() as work:
        return [one for placed in case.placements for one in work.reviews.candidates(placed.recording)]


def test_a_tag_stands_with_its_entry_its_evidence_and_who_saw_it(reviewing: Reviewing) -> None:
    desk, session, case = reviewing
    tag = add_tag(desk, session, case.id, seen())
    assert tag.by == session.operator
    assert tag.source is TagSource.HUMAN
    assert {one.recording for one in tag.evidence} <= {placed.recording for placed in case.placements}
    assert tag.evidence
    (entry,) = last_entries(desk, 1)
    assert (entry.type, entry.subject.id, entry.data["start_us"]) == ("tag.added", tag.id, 1_000_000)


def test_no_free_text_stands_in_an_entry_only_its_commitment(reviewing: Reviewing) -> None:
    desk, session, case = reviewing
    add_tag(desk, session, case.id, seen(note="he said his name is Daniel"))
    (entry,) = last_entries(desk, 1)
    assert b"Daniel" not in entry.to_bytes()
    with desk.store.reading() as work:
        payload = work.log.payload(entry.commit["note"])
    assert payload is not None
    assert payload.content == b"he said his name is Daniel"


def test_an_interval_is_one_tag_open_until_it_is_closed(reviewing: Reviewing) -> None:
    desk, session, case = reviewing
    opened = add_tag(desk, session, case.id, seen(CUFFS, end=None))
    assert opened.end is None
    assert opened.end_status is EndStatus.OPEN_AT_RECORDING_END
    closed = close_tag(desk, session, opened.id, Micros(3_000_000))
    assert closed.supersedes == opened.id
    assert [one.id for one in current(desk, case.id)] == [closed.id]
    with pytest.raises(InputRefused):
        close_tag(desk, session, closed.id, Micros(4_000_000))


def test_a_revision_supersedes_and_the_old_one_stays(reviewing: Reviewing) -> None:
    desk, session, case = reviewing
    old = add_tag(desk, session, case.id, seen())
    new = revise_tag(desk, session, old.id, replace(sighting_of(old), end=Micros(2_500_000)))
    with desk.store.reading() as work:
        assert work.reviews.tag(old.id).state is TagState.SUPERSEDED
        assert work.reviews.tag(old.id).end == 2_000_000
    assert current(desk, case.id) == [new]
    with pytest.raises(InputRefused):
        revise_tag(desk, session, old.id, sighting_of(old))


def test_withdrawing_needs_a_reason_and_leaves_the_tag_on_record(reviewing: Reviewing) -> None:
    desk, session, case = reviewing
    tag = add_tag(desk, session, case.id, seen())
    with pytest.raises(InputRefused):
        withdraw_tag(desk, session, tag.id, reason="  ")
    withdraw_tag(desk, session, tag.id, reason="it was the other camera")
    assert current(desk, case.id) == []
    with desk.store.reading() as work:
        assert work.reviews.tag(tag.id).state is TagState.SUPERSEDED
    assert last_entries(desk, 1)[0].type == "tag.withdrawn"


def test_the_same_act_twice_writes_one_tag(reviewing: Reviewing) -> None:
    desk, session, case = reviewing
    one = add_tag(desk, session, case.id, seen(key="recorded/f1"))
    two = add_tag(desk, session, case.id, seen(key="recorded/f1"))
    assert one == two
    assert len(current(desk, case.id)) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        seen(EventCode("FRC.NOTHING")),
        seen(EventCode("CAM.MUTED"), attrs={}),
        seen(EventCode("SUB.DISTRESS"), attrs={}),
        seen(start=2_000_000, end=1_000_000),
        seen(attrs={"mode": "sideways"}),
        seen(attrs={"colour": "blue"}),
    ],
    ids=[
        "unknown code",
        "written by the system",
        "a moment with an end",
        "backwards",
        "wrong value",
        "unknown attribute",
    ],
)
def test_what_the_taxonomy_does_not_allow_is_refused_and_nothing_is_written(
    reviewing: Reviewing, wrong: Sighting
) -> None:
    desk, session, case = reviewing
    before = last_entries(desk, 1)
    with pytest.raises(InputRefused):
        add_tag(desk, session, case.id, wrong)
    assert current(desk, case.id) == []
    assert last_entries(desk, 1) == before


def test_a_clerk_may_not_tag_and_the_refusal_is_logged(reviewing: Reviewing) -> None:
    desk, _, case = reviewing
    clerk = start_session(desk, CLERK, "routine_docking")
    with pytest.raises(PermissionDenied):
        add_tag(desk, clerk, case.id, seen())
    assert last_entries(desk, 1)[0].type == "access.denied"


def test_if_the_log_cannot_be_written_the_tag_is_not_there(reviewing: Reviewing) -> None:
    desk, session, case = reviewing
    unspeakable = replace(session, operator="no spaces allowed in an actor")
    with pytest.raises(LogRefused):
        add_tag(desk, unspeakable, case.id, seen())  # type: ignore[arg-type]
    assert current(desk, case.id) == []


def test_candidates_count_for_nothing_until_a_person_decides(reviewing: Reviewing) -> None:
    desk, session, case = reviewing
    assert candidates(desk, case)
    assert current(desk, case.id) == []
    assert all(one.subject == "incident" or not one.basis for one in measures_of(desk, session, case.id))


def test_confirming_writes_the_tag_and_the_decision_together(reviewing: Reviewing) -> None:
    desk, session, case = reviewing
    found = next(one for one in candidates(desk, case) if one.code == "WRN.CED")
    tag = confirm_candidate(desk, session, case.id, found.id)
    assert tag.source is TagSource.ASR_CANDIDATE
    assert tag.candidate == found.id
    assert [one.type for one in last_entries(desk, 2)] == ["tag.added", "candidate.confirmed"]
    with desk.store.reading() as work:
        decision = work.reviews.decisions()[found.id]
    assert (decision.state, decision.tag) == (CandidateState.CONFIRMED, tag.id)
    with pytest.raises(InputRefused):
        reject_candidate(desk, session, found.id, reason="changed my mind")


def test_a_person_may_change_the_code_the_machine_proposed(reviewing: Reviewing) -> None:
    desk, session, case = reviewing
    found = next(one for one in candidates(desk, case) if one.code == "CMD.ORDER")
    heard = as_heard(desk, case, found, code=EventCode("WRN.GENERIC_FORCE"), actor=O1)
    tag = confirm_candidate(desk, session, case.id, found.id, heard)
    assert tag.code == "WRN.GENERIC_FORCE"
    assert "instructed_action" not in tag.attrs
    assert tag.attrs["text"] == found.words


def test_rejecting_keeps_the_reason_and_taking_it_back_opens_the_candidate_again(
    reviewing: Reviewing,
) -> None:
    desk, session, case = reviewing
    found = candidates(desk, case)[0]
    reject_candidate(desk, session, found.id, reason="a bystander says it")
    with desk.store.reading() as work:
        assert work.reviews.decisions()[found.id].reason == "a bystander says it"
    reopen_candidate(desk, session, found.id)
    with desk.store.reading() as work:
        assert work.reviews.decisions()[found.id].state is CandidateState.OPEN
    with pytest.raises(InputRefused):
        reopen_candidate(desk, session, found.id)


def test_taking_a_confirmation_back_withdraws_its_tag(reviewing: Reviewing) -> None:
    desk, session, case = reviewing
    found = candidates(desk, case)[0]
    confirm_candidate(desk, session, case.id, found.id)
    reopen_candidate(desk, session, found.id)
    assert current(desk, case.id) == []
    assert confirm_candidate(desk, session, case.id, found.id).candidate == found.id


def test_unknown_candidates_tags_and_incidents_are_said_to_be_unknown(reviewing: Reviewing) -> None:
    desk, session, case = reviewing
    with pytest.raises(NotFound):
        confirm_candidate(desk, session, case.id, CandidateId("none"))
    with pytest.raises(NotFound):
        withdraw_tag(desk, session, TagId("none"), reason="mistake")
    with pytest.raises(NotFound):
        add_tag(desk, session, IncidentId("IR-none"), seen())
