"""Adopting a recording's start: a reason, a log entry, nothing lost, nothing guessed, and one clock for all parts."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bwc_review.bootstrap import open_workspace
from bwc_review.domain.clocks import BY_HAND
from bwc_review.domain.ids import IncidentId
from bwc_review.domain.recording import Incident, Recording
from bwc_review.domain.times import Micros, Span
from bwc_review.errors import InputRefused, NotFound, PermissionDenied, TimeUndecided
from bwc_review.ports.records import Session
from bwc_review.review.adopting import adopt_claim, enter_start, moment_of, recording_named
from bwc_review.review.checking import check_log
from bwc_review.review.desk import Desk
from bwc_review.review.incidents import open_incident, place
from bwc_review.review.listening import transcribe
from bwc_review.review.measuring import coverage_of
from bwc_review.review.reconciling import footage_in
from bwc_review.review.sessions import start_session
from bwc_review.review.starts import NOT_CHECKED, best_claim, clock_words, start_of
from chain_of_custody.entry import Entry
from chain_of_custody.findings import Verdict
from tests.desks import CLERK, PASSPHRASE, REVIEWER, dock, make_desk, write_clip
from tests.fakes.transcriber import FakeTranscriber
from tests.unit.review.conftest import claim

SECOND = 1_000_000
VANCOUVER = ZoneInfo("America/Vancouver")
PROFILE = """schema = 1
id = "made-cut"
vendor = "made"
model = "made (invented)"
evidence = "observed-sample"
[detect]
min = 10
tree = [{ glob = "CUT/*.mp4", weight = 10 }]
[files]
include = ["CUT/*.mp4"]
[[name]]
re = 'CUT/(?P<device_id>\\w+)-(?P<local>\\d{14})-(?P<recording_id>R\\d)-(?P<segment>\\d)\\.mp4'
time = [{ field = "local", format = "%Y%m%d%H%M%S", means = "start", zone = "camera" }]
[segments]
prebuffer = { seconds = 2, audio = false }
"""
NAMES = ("CUT/D1-20260314093930-R1-1.mp4", "CUT/D1-20260314093935-R1-2.mp4", "CUT/D1-20260314093938-R1-4.mp4")
TWICE = "CUT/D2-20261101013000-R2-1.mp4"
NEVER = "CUT/D3-20260308023000-R3-1.mp4"
FIRST = moment_of("2026-03-14T09:39:30-07:00", None)


@pytest.fixture(scope="module")
def docked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a profile of its own and a card whose camera cut one recording into parts."""
    folder = tmp_path_factory.mktemp("cut")
    for number, name in enumerate((*NAMES, TWICE, NEVER)):
        write_clip(folder / "CARD" / name, seconds=4, tone=300 + 60 * number)
    desk = replace(make_desk(folder / "workspace"), zone=VANCOUVER)
    (folder / "workspace" / "profiles").mkdir()
    (folder / "workspace" / "profiles" / "made.toml").write_text(PROFILE, "utf-8")
    _, report = dock(desk, folder / "CARD")
    assert report.docking.profile == "made-cut"
    desk.store.close()  # type: ignore[attr-defined]
    return folder / "workspace"


@pytest.fixture
def opened(docked: Path, tmp_path: Path) -> tuple[Desk, Session]:
    """A copy of it, and a reviewer at the desk."""
    shutil.copytree(docked, tmp_path / "workspace")
    desk = open_workspace(tmp_path / "workspace", lambda: PASSPHRASE)
    desk = replace(desk, zone=VANCOUVER, transcriber=lambda: FakeTranscriber(()))
    return desk, start_session(desk, REVIEWER, "use_of_force_review")


def recordings(desk: Desk) -> dict[str, Recording]:
    with desk.store.reading() as work:
        return {one.name: one for one in work.footage.recordings()}


def entries(desk: Desk, kind: str) -> list[Entry]:
    with desk.store.reading() as work:
        return [one for one in map(Entry.from_bytes, work.log.entries()) if one.type == kind]


def test_what_a_camera_cut_is_joined_with_gaps_stated_and_a_missing_part_named(opened: tuple[Desk, Session]) -> None:
    desk, _session = opened
    with desk.store.reading() as work:
        (series,) = work.clocks.series()
    found = recordings(desk)
    assert [part.recording for part in series.parts] == [found[name].id for name in NAMES]
    assert [part.number for part in series.parts] == [1, 2, 4]
    assert series.missing == (3,)
    gaps = [part.gap for part in series.parts[1:]]
    assert all(
        abs(gap - true) < 200_000 for gap, true in zip(gaps, (SECOND, -SECOND), strict=True) if gap is not None
    )
    assert None not in gaps
    (entry,) = entries(desk, "media.joined")
    assert [one["us"] for one in entry.data["gaps"]] == gaps
    assert len({one.exhibit for one in found.values()}) == 5, "each part stays an exhibit of its own"


def test_docking_the_same_card_again_joins_nothing_twice(opened: tuple[Desk, Session], docked: Path) -> None:
    desk, _session = opened
    dock(desk, docked.parent / "CARD")
    assert len(entries(desk, "media.joined")) == 1


def test_every_claim_keeps_source_meaning_zone_and_doubt(opened: tuple[Desk, Session]) -> None:
    desk, _session = opened
    found = recordings(desk)
    name, header, card = found[NAMES[0]].claims[0], found[NAMES[0]].claims[-2:-1], found[NAMES[0]].claims[-1]
    assert (name.start, name.uncertainty, name.means, name.doubt) == (FIRST, SECOND, "start", "")
    assert (name.where, name.zone) == ("file name: local", "camera: America/Vancouver")
    assert card.means == "end"
    assert header
    assert found[TWICE].claims[0].doubt == "ambiguous"
    assert [b - a for a, b in [found[TWICE].claims[0].readings]] == [3600 * SECOND]
    assert (found[NEVER].claims[0].doubt, found[NEVER].claims[0].readings) == ("nonexistent", ())


@pytest.mark.parametrize(("name", "said"), [(TWICE, "occurred twice"), (NEVER, "never occurred")])
def test_a_local_time_that_is_no_single_moment_is_asked_not_guessed(
    opened: tuple[Desk, Session], name: str, said: str
) -> None:
    desk, session = opened
    one = recordings(desk)[name]
    with pytest.raises(TimeUndecided, match=said):
        open_incident(desk, session, "asked", [one.id], IncidentId("IR-1"))
    with pytest.raises(TimeUndecided, match=said):
        adopt_claim(desk, session, one.id, claim=0, reason="it must be it")
    assert entries(desk, "media.start_adopted") == []


def test_a_person_says_which_of_two_moments_it_was(opened: tuple[Desk, Session]) -> None:
    desk, session = opened
    one = recordings(desk)[TWICE]
    adopted = adopt_claim(desk, session, one.id, claim=0, reading=1, reason="the tower clock shows 2 after")
    assert adopted.start == moment_of("2026-11-01T01:30:00-08:00", None)
    assert adopted.uncertainty == SECOND
    case = open_incident(desk, session, "decided", [one.id], IncidentId("IR-1"))
    assert case.zero == adopted.start
    with pytest.raises(InputRefused, match="one reading"):
        adopt_claim(desk, session, recordings(desk)[NAMES[0]].id, claim=0, reading=0, reason="x")


def test_a_later_adoption_supersedes_and_the_earlier_stays(opened: tuple[Desk, Session]) -> None:
    desk, session = opened
    one = recordings(desk)[NAMES[0]]
    first = adopt_claim(desk, session, one.id, claim=0, reason="the name", camera_fast=2_500_000)
    assert first.start == FIRST - 2_500_000
    second = enter_start(desk, session, one.id, start=FIRST + 7, uncertainty=Micros(500_000), reason="a radio call")
    assert second.source == BY_HAND
    with desk.store.reading() as work:
        assert work.clocks.adoptions(one.id) == [first, second]
        assert work.footage.recording(one.id).claims == one.claims, "an offset is a view, never an edit"
        assert start_of(work, one).by == REVIEWER
    told = entries(desk, "media.start_adopted")
    assert [one.data.get("supersedes") for one in told] == [None, first.id]
    assert told[0].data["camera_fast_us"] == 2_500_000
    assert "reason" in told[0].commit
    assert check_log(desk, trusted=desk.vkey).verdict is Verdict.VERIFIED


def test_an_adoption_needs_a_reason_a_claim_a_width_and_a_right(opened: tuple[Desk, Session]) -> None:
    desk, session = opened
    one = recordings(desk)[NAMES[0]]
    with pytest.raises(InputRefused, match="why"):
        adopt_claim(desk, session, one.id, claim=0, reason=" ")
    with pytest.raises(InputRefused, match="is none of them"):
        adopt_claim(desk, session, one.id, claim=9, reason="x")
    with pytest.raises(InputRefused, match="how sure"):
        enter_start(desk, session, one.id, start=0, uncertainty=Micros(0), reason="x")
    clerk = start_session(desk, CLERK, "routine_docking")
    with pytest.raises(PermissionDenied):
        adopt_claim(desk, clerk, one.id, claim=0, reason="x")
    with desk.store.reading() as work, pytest.raises(NotFound):
        recording_named(work.footage.recordings(), "WS1-9999")
    assert entries(desk, "media.start_adopted") == []


def case_of(desk: Desk, session: Session) -> tuple[Incident, list[Recording]]:
    parts = [recordings(desk)[name] for name in NAMES]
    return open_incident(desk, session, "cut", [one.id for one in parts], IncidentId("IR-1")), parts


def offsets(desk: Desk, parts: list[Recording]) -> list[int]:
    with desk.store.reading() as work:
        case = work.reviews.incident(IncidentId("IR-1"))
    return [case.clock_of(one.id).offset for one in parts]


def test_adopting_one_part_carries_all_parts_of_the_recording(opened: tuple[Desk, Session]) -> None:
    desk, session = opened
    case, parts = case_of(desk, session)
    assert [placed.reason for placed in case.placements] == [NOT_CHECKED] * 3
    assert offsets(desk, parts) == [0, 5 * SECOND, 8 * SECOND]
    adopt_claim(desk, session, parts[1].id, claim=0, reason="a clock in the picture", camera_fast=-3 * SECOND)
    assert offsets(desk, parts) == [3 * SECOND, 8 * SECOND, 11 * SECOND]
    with desk.store.reading() as work:
        case = work.reviews.incident(case.id)
        by_id = {placed.recording: placed for placed in case.placements}
        words = {clock_words(work, case.zero, by_id[one.id], one) for one in parts}
    assert words == {f"adopted by {REVIEWER}"}
    assert by_id[parts[2].id].clock.uncertainty > by_id[parts[1].id].clock.uncertainty
    assert parts[1].exhibit in by_id[parts[2].id].reason


def test_a_place_given_by_hand_does_not_follow_an_adoption(opened: tuple[Desk, Session]) -> None:
    desk, session = opened
    case, parts = case_of(desk, session)
    by_hand = claim(case.zero + 7_500_000)
    place(desk, session, case.id, parts[2].id, claim=by_hand, uncertainty=Micros(9), reason="the same shout")
    adopt_claim(desk, session, parts[0].id, claim=0, reason="a clock in the picture", camera_fast=-3 * SECOND)
    assert offsets(desk, parts) == [3 * SECOND, 8 * SECOND, 7_500_000]
    with desk.store.reading() as work:
        case = work.reviews.incident(case.id)
        (placed,) = (one for one in case.placements if one.recording == parts[2].id)
        assert clock_words(work, case.zero, placed, parts[2]) == "placed by a person"


def test_a_start_nobody_adopted_is_not_verified(opened: tuple[Desk, Session]) -> None:
    desk, session = opened
    case, parts = case_of(desk, session)
    with desk.store.reading() as work:
        assert clock_words(work, case.zero, case.placements[0], parts[0]) == "not verified"
    assert best_claim(parts[0]).source == "file-name"


def test_a_silent_lead_is_heard_by_nobody_whatever_the_engine_found_there(opened: tuple[Desk, Session]) -> None:
    desk, session = opened
    case, parts = case_of(desk, session)
    assert [one.silent_lead for one in parts] == [2 * SECOND] * 3
    for one in parts:
        transcribe(desk, session, one.id, progress=lambda done, of: None, cancelled=lambda: False)
    coverage = coverage_of(desk, session, case.id)
    assert coverage.audible
    for lead in (Span(Micros(0), Micros(2 * SECOND)), Span(Micros(5 * SECOND), Micros(7 * SECOND))):
        assert not any(span.overlaps(lead) for span in coverage.audible)
        assert coverage.sees_all_of(lead)


@pytest.mark.parametrize(
    ("text", "error"),
    [("soon", InputRefused), ("2026-11-01T01:30:00", TimeUndecided), ("2026-03-08T02:30:00", TimeUndecided)],
)
def test_a_typed_time_that_is_no_single_moment_is_refused(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        moment_of(text, VANCOUVER)
    with pytest.raises(InputRefused):
        moment_of(text, None)


def test_a_typed_time_is_local_unless_it_says_otherwise() -> None:
    assert moment_of("2026-03-14T09:39:30", VANCOUVER) == moment_of("2026-03-14T16:39:30Z", None)


def test_what_was_expected_is_held_against_the_start_a_person_adopted_for_every_part(
    opened: tuple[Desk, Session],
) -> None:
    desk, session = opened
    one, two = (recordings(desk)[name] for name in NAMES[:2])
    adopted = adopt_claim(desk, session, one.id, claim=0, reason="a clock in the picture")
    with desk.store.reading() as work:
        begun = {seen.recording: seen.begun for seen in footage_in(work)}
    first, second = begun[one.id], begun[two.id]
    assert first is not None and second is not None
    assert first.start == adopted.start
    assert {one.source.rpartition(", ")[2] for one in (first, second)} == {f"adopted by {session.operator}"}
