"""A device's own log: its clock is viewed, never edited; it gives lengths, never a person; conflicts are shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bwc_review.domain.device_log import (
    ClockOffset,
    DeviceEvent,
    DeviceLog,
    EventKind,
    LogsGiven,
    cycles_of,
    newest_views,
    view_words,
)
from bwc_review.domain.ids import ExhibitNo, IncidentId, OperatorId, ParticipantId
from bwc_review.domain.measure import Measure, Status
from bwc_review.domain.measures import MEASURES, describe
from bwc_review.domain.tags import Tag
from bwc_review.domain.times import Micros
from tests.unit.domain.golden import case_of, tag
from tests.unit.domain.small_cases import END, ON, PUSH, START, TAXONOMY

S = 1_000_000
ZERO = 1_773_481_170 * S


def event(line: int, kind: EventKind, at: float, length: float | None = None, **more: Any) -> DeviceEvent:
    lasting = None if length is None else Micros(round(length * S))
    made = DeviceEvent(
        line, kind, "X-1", ZERO + round(at * S), Micros(0), lasting, Micros(100_000 if lasting else 0), None, ""
    )
    return replace(made, **more)


def log(*events: DeviceEvent) -> DeviceLog:
    return DeviceLog("l-1", ExhibitNo("WS1-7"), "", ExhibitNo("WS1-8"), "", "ced", 0, events)


def view(offset: float = 0.0, unsure: float = 0.5, officer: str | None = "O1") -> ClockOffset:
    who = None if officer is None else ParticipantId(officer)
    off, doubt = Micros(round(offset * S)), Micros(round(unsure * S))
    return ClockOffset(IncidentId("golden"), "l-1", off, doubt, who, "the pop is heard", OperatorId("psd-1"), 0)


def test_a_view_moves_cycles_onto_the_incidents_clock_and_leaves_the_log_as_it_is() -> None:
    made = log(event(2, EventKind.CYCLE, 64.6, 5))
    (cycle,) = cycles_of(made, view(-2.9, 0.6), ZERO)
    assert (cycle.start, cycle.end) == (61_700_000, 66_700_000)
    assert (cycle.uncertainty, cycle.source, cycle.officer) == (600_000, "WS1-7 line 2", "O1")
    assert made.events[0].at == ZERO + 64_600_000
    assert "offset of -2.900 s adopted by psd-1, ± 0.600 s" in view_words(made, view(-2.9, 0.6))


def test_starts_and_ends_pair_up_and_an_edge_alone_is_a_cycle_whose_other_edge_is_not_known() -> None:
    made = log(
        event(2, EventKind.CYCLE_START, 10),
        event(3, EventKind.CYCLE_END, 15),
        event(4, EventKind.CYCLE_START, 20),
        event(5, EventKind.CYCLE_START, 30),
        event(6, EventKind.CYCLE_END, 35),
        event(7, EventKind.CYCLE_END, 50),
        event(8, EventKind.CYCLE_END, 65, 5),
        event(9, EventKind.TRIGGER, 70),
        event(10, EventKind.ARC, 71),
        event(11, EventKind.OTHER, 72),
        event(12, EventKind.CYCLE_START, 80),
    )
    found = [
        (one.line, one.start // S, None if one.end is None else one.end // S) for one in cycles_of(made, view(), ZERO)
    ]
    assert found == [(2, 10, 15), (4, 20, None), (5, 30, 35), (7, 50, None), (8, 60, 65), (12, 80, None)]


def test_the_view_adopted_last_holds() -> None:
    first, second = view(1), view(2)
    assert newest_views([first, second]) == {"l-1": second}


@given(
    st.lists(
        st.tuples(st.sampled_from(list(EventKind)), st.integers(0, 500), st.none() | st.integers(0, 20)), max_size=12
    ),
    st.integers(-100, 100),
)
def test_moving_the_clock_moves_every_cycle_alike_and_no_cycle_comes_from_nothing(
    rows: list[tuple[EventKind, int, int | None]], offset: int
) -> None:
    made = log(*(event(n + 2, kind, at, length) for n, (kind, at, length) in enumerate(rows)))
    here, moved = cycles_of(made, view(0), ZERO), cycles_of(made, view(offset), ZERO)
    assert [one.start + offset * S for one in here] == [one.start for one in moved]
    assert {one.line for one in here} <= {n + 2 for n, row in enumerate(rows) if row[0].value.startswith("cycle")}
    assert all(one.end is None or one.end >= one.start for one in here)
    told = [row for row in rows if row[0].value.startswith("cycle")]
    assert len(told) / 2 <= len(here) <= len(told)


SEEN = tag("c1", "FRC.CED_CYCLE", "O1", "S1", 20_000, 25_200, {"mode": "probe", "duration_source": "audio"})
SECOND = tag("c2", "FRC.CED_CYCLE", "O1", "S1", 40_000, 45_000, {"mode": "probe", "duration_source": "audio"})


def m17(logs: LogsGiven, *tags: Tag) -> Measure:
    case = replace(case_of(START, ON, *tags, end=END), logs=logs)
    (found,) = MEASURES["M17"](case, TAXONOMY)
    return found


def given_log(*events: DeviceEvent, by: ClockOffset | None = None) -> LogsGiven:
    made, seen = log(*events), by or view()
    return LogsGiven(cycles_of(made, seen, ZERO), (seen.officer,), (view_words(made, seen),))


BOTH = (event(2, EventKind.CYCLE, 20.2, 5), event(3, EventKind.CYCLE, 40.1, 5))


def test_lengths_come_from_the_log_and_the_value_says_from_which_and_how_sure_its_clock_is() -> None:
    found = m17(given_log(*BOTH), SEEN, SECOND)
    assert isinstance(found.value, dict)
    assert (found.value["cycles"], found.value["total_us"], found.value["longest_us"]) == (2, 10 * S, 5 * S)
    assert found.value["duration_source"] == ("device_log",)
    assert found.uncertainty == 200_000
    assert found.sources == ("device log WS1-7, its clock's offset of +0.000 s adopted by psd-1, ± 0.500 s",)
    assert (found.status, found.basis) == (Status.COMPUTED, ("c1", "c2"))
    assert "device log WS1-7" in describe(found, TAXONOMY)


def test_without_a_log_everything_is_as_the_tags_say() -> None:
    found = m17(LogsGiven(), SEEN, SECOND)
    assert isinstance(found.value, dict)
    assert found.value["total_us"] == 10_200_000
    assert "logged_cycles" not in found.value and found.sources == ()


def test_a_tagged_cycle_the_log_does_not_tell_of_still_counts_and_the_conflict_is_shown() -> None:
    found = m17(given_log(BOTH[0]), SEEN, SECOND)
    assert isinstance(found.value, dict)
    assert (found.value["cycles"], found.value["total_us"]) == (2, 10 * S)
    assert found.value["tagged_not_logged"] == ("c2",)
    assert "device_log_conflict" in found.flags
    assert "both are shown" in describe(found, TAXONOMY)
    empty = m17(LogsGiven((), (None,), ("a log",)), SEEN)
    assert isinstance(empty.value, dict) and empty.value["cycles"] == 1


def test_a_logged_cycle_nobody_tagged_is_listed_and_put_on_nobody() -> None:
    found = m17(given_log(*BOTH, event(4, EventKind.CYCLE, 60, 15)), SEEN, SECOND)
    assert isinstance(found.value, dict)
    assert (found.value["cycles"], found.value["longest_us"], found.value["logged_cycles"]) == (2, 5 * S, 3)
    assert found.value["logged_not_tagged"] == ("WS1-7 line 4",)


def test_no_tag_and_a_log_that_tells_of_cycles_is_never_none_found() -> None:
    found = m17(given_log(*BOTH), PUSH)
    assert found.status is Status.NEEDS_CONFIRMATION
    assert "tells of cycles that nobody has tagged" in describe(found, TAXONOMY)
    assert m17(given_log(), PUSH).status is Status.NONE_FOUND


def test_lengths_further_apart_than_both_uncertainties_are_shown() -> None:
    found = m17(given_log(event(2, EventKind.CYCLE, 20.1, 9)), SEEN)
    assert isinstance(found.value, dict)
    assert (found.value["total_us"], found.value["lengths_differ"]) == (9 * S, ("c1",))
    assert "device_log_conflict" in found.flags


def test_another_officers_log_and_another_device_do_not_answer_this_ones_cycles() -> None:
    found = m17(given_log(*BOTH, by=view(officer="O2")), SEEN)
    assert isinstance(found.value, dict)
    assert found.value["duration_source"] == ("audio",)
    assert found.value["tagged_not_logged"] == ()
    assert len(found.value["logged_not_tagged"]) == 2
    other = replace(SEEN, attrs={**SEEN.attrs, "device": "X-9"})
    found = m17(given_log(*BOTH), other)
    assert isinstance(found.value, dict) and found.value["tagged_not_logged"] == ("c1",)


def test_one_logged_cycle_answers_one_tag_the_nearest() -> None:
    twin = replace(SEEN, id="c9", start=Micros(20_900_000))  # type: ignore[arg-type]
    found = m17(given_log(BOTH[0]), SEEN, twin)
    assert isinstance(found.value, dict) and found.value["tagged_not_logged"] == ("c9",)


def test_a_cycle_whose_end_the_log_does_not_tell_leaves_the_length_to_the_tag() -> None:
    found = m17(given_log(event(2, EventKind.CYCLE_START, 20.1)), replace(SEEN, end=None))
    assert isinstance(found.value, dict)
    assert (found.status, found.value["duration_source"]) == (Status.RIGHT_CENSORED, ("audio",))
