"""Expected against arrived: every answer has its reason, and nothing is called late or missing that may not be."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bwc_review.domain.expected import (
    UNCLASSIFIED,
    Begun,
    DockingSeen,
    Expectation,
    Expected,
    Footage,
    begun,
)
from bwc_review.domain.findings import Kind
from bwc_review.domain.ids import CameraId, ExhibitNo, IncidentId, ParticipantId, RecordingId
from bwc_review.domain.reconciling import Belongs, Reconciled, Row, State, overlaps, reconcile
from bwc_review.domain.recording import Incident, Placement, Playability, Recording, TimeClaim
from bwc_review.domain.times import ClockMap, Micros

S = 1_000_000
H = 3600 * S
NOON = 1_773_489_600 * S
HALF_A_DAY = Micros(14 * H)
SURE = Micros(1000)
O1, CAM = ParticipantId("O1"), CameraId("KB2-1")


def row(ident: str = "C-1", start: int = 0, end: int = 600, **more: object) -> Expected:
    made = Expected(
        ExhibitNo("WS1-9"), 2, ident, Expectation.CALL, O1, CAM, NOON + start * S, NOON + end * S, Micros(0)
    )
    return replace(made, **more)  # type: ignore[arg-type]


def footage(name: str, start: int = 0, length: int | None = 600, doubt: Micros = SURE, **more: object) -> Footage:
    made = Footage(
        RecordingId(name), ExhibitNo(name), CAM, O1, Begun(NOON + start * S, doubt, "sidecar"),
        None if length is None else Micros(length * S), Micros(0),
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def docking(
    state: str = "done", at: int = 3600, failed: int = 0, cameras: frozenset[CameraId] | None = None
) -> DockingSeen:
    return DockingSeen("d", "CARD", state, NOON + at * S, frozenset({CAM}) if cameras is None else cameras, failed)


def compare(
    *rows: Expected, found: tuple[Footage, ...] = (), docks: tuple[DockingSeen, ...] = (), **more: object
) -> Reconciled:
    return reconcile(rows, found, docks, NOON + 24 * H, **more)  # type: ignore[arg-type]


def only(result: Reconciled) -> Row:
    (one,) = result.rows
    return one


def kinds(one: Row) -> list[tuple[Kind, bool]]:
    return [(finding.kind, finding.certain) for finding in one.findings]


def test_a_recording_of_the_whole_call_is_arrived_and_nothing_else_is_said() -> None:
    one = only(compare(row(), found=(footage("A", start=-1, length=602),)))
    assert (one.state, one.findings) == (State.ARRIVED, ())
    assert "WS1-9 line 2" in one.sources[0] and "A (start by sidecar, ± 0.001 s)" in one.sources[1]


def test_late_activation_is_said_with_how_late_how_sure_and_from_what() -> None:
    one = only(compare(row(), found=(footage("A", start=42, length=600),)))
    (late,) = one.findings
    assert (late.kind, late.amount, late.uncertainty, late.certain) == (Kind.LATE, 42 * S, 1000, True)
    assert "42.000 s after C-1 began, ± 0.001 s" in late.words


def test_a_start_that_is_only_known_to_half_a_day_is_neither_late_nor_arrived_for_sure() -> None:
    one = only(compare(row(), found=(footage("A", start=42, doubt=HALF_A_DAY),)))
    assert one.state is State.CANNOT_TELL
    assert "cannot be told" in one.words
    assert Kind.LATE not in dict(kinds(one))


def test_lateness_within_its_own_uncertainty_cannot_be_told() -> None:
    one = only(compare(row(uncertainty=Micros(60 * S)), found=(footage("A", start=42, length=900),)))
    assert (Kind.LATE, False) in kinds(one)
    assert "cannot be told" in one.findings[0].words


def test_an_unsure_recording_beside_a_sure_one_leaves_lateness_open() -> None:
    unsure = footage("B", start=-5, doubt=HALF_A_DAY)
    one = only(compare(row(), found=(footage("A", start=42), unsure)))
    late = next(finding for finding in one.findings if finding.kind is Kind.LATE)
    assert not late.certain and "B" in late.words


def test_the_silent_pre_event_buffer_does_not_count_as_switched_on() -> None:
    one = only(compare(row(), found=(footage("A", start=-10, length=650, silent_lead=Micros(20 * S)),)))
    late = next(finding for finding in one.findings if finding.kind is Kind.LATE)
    assert late.amount == 10 * S
    assert "pre-event buffer begin 10.000 s before" in late.words
    assert (Kind.SILENT_LEAD, True) in kinds(one)


def test_gaps_are_said_and_files_that_follow_each_other_have_none() -> None:
    parts = (footage("A", 0, 100), footage("B", 100, 100), footage("C", 230, 400))
    one = only(compare(row(), found=parts))
    gaps = [finding for finding in one.findings if finding.kind is Kind.GAP]
    assert [(gap.amount, gap.certain) for gap in gaps] == [(30 * S, True)]
    assert "between B and C" in gaps[0].words
    unsure = tuple(replace(part, begun=replace(part.begun, uncertainty=Micros(20 * S))) for part in parts)  # type: ignore[type-var]
    gaps = [f for f in only(compare(row(start=50), found=unsure)).findings if f.kind is Kind.GAP]
    assert [gap.certain for gap in gaps] == [False]


def test_a_file_inside_another_makes_no_gap() -> None:
    one = only(compare(row(), found=(footage("A", 0, 600), footage("B", 100, 50), footage("C", 300, 300))))
    assert Kind.GAP not in dict(kinds(one))


def test_switching_off_before_the_end_is_said() -> None:
    one = only(compare(row(), found=(footage("A", -1, 500),)))
    assert kinds(one) == [(Kind.ENDS_EARLY, True)]
    assert only(compare(row(kind=Expectation.DUTY), found=(footage("A", 0, 500),))).findings == ()


def test_nothing_is_missing_before_the_camera_was_docked_whole() -> None:
    assert only(compare(row())).state is State.NOT_DOCKED
    assert only(compare(row(), docks=(docking(at=60),))).state is State.NOT_DOCKED  # docked during the call
    for state in ("open", "interrupted", "failed"):
        one = only(compare(row(), docks=(docking(), docking(state, at=7200, cameras=frozenset()))))
        assert one.state is State.DOCKING_UNFINISHED
        assert state in one.words
    one = only(compare(row(), docks=(docking(failed=1),)))
    assert one.state is State.DOCKING_UNFINISHED and "1 files could not be taken" in one.words
    assert only(compare(row(), docks=(docking("interrupted", at=1800), docking()))).state is State.MISSING
    one = only(compare(row(), docks=(docking(),)))
    assert one.state is State.MISSING and "Missing" in one.words


def test_another_cameras_docking_says_nothing_of_this_one() -> None:
    other = frozenset({CameraId("KB2-2")})
    assert only(compare(row(), docks=(docking(cameras=other),))).state is State.NOT_DOCKED


def test_a_camera_nobody_could_identify_may_be_the_missing_one() -> None:
    stranger = footage("X", camera=CameraId("unknown camera (generic)"), camera_known=False, wearer=None)
    result = compare(row(), found=(stranger,), docks=(docking(),))
    assert only(result).state is State.CANNOT_TELL
    assert "X" in only(result).words
    assert result.arrivals[0].belongs is Belongs.CANNOT_TELL


def test_a_row_without_a_camera_cannot_be_missing() -> None:
    assert only(compare(row(camera=None), docks=(docking(),))).state is State.CANNOT_TELL


def test_overdue_is_only_what_the_agency_named_a_time_for() -> None:
    assert compare(row()).overdue == ()
    assert "No time is named" in only(compare(row())).words
    late = compare(row(), due_after=Micros(H))
    assert late.overdue[0].overdue_by == 24 * H - 600 * S - H
    assert compare(row(dock_by=NOON + 48 * H), due_after=Micros(H)).overdue == ()
    assert compare(row(), found=(footage("A"),), due_after=Micros(0)).overdue == ()
    assert compare(row(end=90_000), due_after=Micros(0)).rows[0].state is State.NOT_OVER


def test_unexpected_outside_and_undated_footage_are_told_apart_and_all_unclassified() -> None:
    ours = row(start=0, end=7200, category="traffic")
    stranger = footage("U", 600, camera=CameraId("KB2-7"), wearer=ParticipantId("O7"))
    found = (
        footage("E", 100), stranger, replace(footage("Y", -90_000), wearer=None),
        replace(footage("N"), begun=None, wearer=None, camera=CameraId("KB2-8")),
    )  # fmt: skip
    result = compare(ours, found=found)
    told = {one.footage.exhibit: (one.belongs, one.category) for one in result.arrivals}
    assert told == {
        "E": (Belongs.EXPECTED, "traffic"),
        "U": (Belongs.UNEXPECTED, UNCLASSIFIED),
        "Y": (Belongs.OUTSIDE, UNCLASSIFIED),
        "N": (Belongs.CANNOT_TELL, UNCLASSIFIED),
    }


def test_two_rows_of_different_categories_leave_a_recording_unclassified_and_name_each_other() -> None:
    rows = (row("C-1", category="traffic"), row("C-2", 300, 900, category="use_of_force"))
    result = compare(*rows, found=(footage("A", 0, 900),))
    assert result.arrivals[0].category == UNCLASSIFIED
    assert "different categories" in result.arrivals[0].words
    assert [Kind.ROWS_OVERLAP in dict(kinds(one)) for one in result.rows] == [True, True]


def test_another_camera_or_wearer_than_planned_is_said() -> None:
    other = footage("A", camera=CameraId("KB2-9"))
    assert (Kind.OTHER_CAMERA, True) in kinds(only(compare(row(), found=(other,))))
    other = footage("A", wearer=ParticipantId("O9"))
    assert (Kind.OTHER_WEARER, True) in kinds(only(compare(row(), found=(other,))))


def test_what_cannot_be_played_has_arrived_but_says_nothing_of_lengths() -> None:
    one = only(compare(row(), found=(footage("A", 10, None),)))
    assert (one.state, kinds(one)) == (State.ARRIVED, [(Kind.UNPLAYABLE, True)])


def test_a_start_is_the_surest_place_in_an_incident_else_the_surest_claim() -> None:
    claims = (TimeClaim("header", 5, Micros(9), ""), TimeClaim("gps", 7, Micros(2), ""))
    made = Recording(
        RecordingId("r"), ExhibitNo("A"), "", 1, "", CAM, "", None, Playability.PLAYABLE, None, claims, Micros(0)
    )
    assert begun(made) == Begun(7, Micros(2), "gps")
    placed = Placement(IncidentId("IR-1"), made.id, ClockMap(Micros(30), Micros(50)), "audio", "")
    assert begun(made, [Incident(IncidentId("IR-1"), "", 100, (placed,))]) == Begun(130, Micros(50), "IR-1, by audio")
    assert begun(replace(made, claims=())) is None
    assert begun(made, adopted=Begun(9, Micros(1), "a person")) == Begun(9, Micros(1), "a person")
    never = replace(made.claims[0], doubt="nonexistent", uncertainty=Micros(0))
    assert begun(replace(made, claims=(never,))) is None


times = st.integers(-3000, 3000)


@given(times, st.integers(0, 2000), st.integers(0, 3000), times, st.integers(0, 2000))
def test_an_overlap_is_sure_only_if_no_start_within_the_doubt_denies_it(
    start: int, length: int, doubt: int, begins: int, lasts: int
) -> None:
    expected = row(start=begins, end=begins + lasts)
    said = overlaps(expected, footage("A", start, length, Micros(doubt * S)))
    edges = [
        start - doubt,
        start + doubt,
        *[at for at in (begins, begins + lasts, begins - length) if abs(at - start) <= doubt],
    ]
    truths = {at + length >= begins and at <= begins + lasts for at in edges}
    assert said is (truths.pop() if len(truths) == 1 else None)


@given(st.lists(st.tuples(times, st.integers(0, 900), st.sampled_from([0, 1, 60, 50_000])), max_size=6), st.data())
def test_every_row_and_every_recording_gets_one_answer_with_words(
    made: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    found = tuple(footage(f"R{n}", a, b, Micros(u * S)) for n, (a, b, u) in enumerate(made))
    rows = [row(f"C-{n}", at, at + 300) for n, at in enumerate(data.draw(st.lists(times, max_size=4)))]
    docks = tuple(
        data.draw(st.lists(st.sampled_from([docking(), docking("open"), docking("failed", 9)]), max_size=2))
    )
    result = compare(*rows, found=found, docks=docks)
    assert [one.expected for one in result.rows] == rows
    assert [one.footage for one in result.arrivals] == list(found)
    assert all(one.words and one.sources for one in result.rows)
    for one in result.rows:
        if one.state is State.MISSING:
            assert all(overlaps(one.expected, other) is False for other in found)
            assert any(d.finished for d in docks) and all(d.finished or d.started_at < NOON + 3600 * S for d in docks)
