"""What a store promises of dockings that resume: what was met, who has it now, and the camera's clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bwc_review.domain.camera_clock import REPORTED, CameraClock
from bwc_review.domain.ids import OperatorId
from bwc_review.domain.times import Micros
from bwc_review.errors import ReviewError
from bwc_review.ports.records import Docking, Met, Session
from bwc_review.store.sql import SqlStore
from tests.contract.stores import KINDS, new_place, open_store

SESSIONS = [Session(f"s{n}", OperatorId("clerk-1"), "evidence_clerk", "routine_docking", n) for n in (1, 2)]
DOCKING = Docking(
    "d1", "CARD \u202e", "generic", "aa", "open", 1, "s1", seen_as="ff" * 32, volume="1234-ABCD", device="sdb",
    protection="writable",
)  # fmt: skip


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest) -> Iterator[SqlStore]:
    with new_place(request.param) as place:
        opened = open_store(place)
        with opened.writing() as work:
            for session in SESSIONS:
                work.desks.open(session)
            work.footage.add_docking(DOCKING)
        yield opened
        opened.close()


def only(store: SqlStore) -> Docking:
    with store.reading() as work:
        (found,) = work.footage.dockings()
    return found


def test_a_docking_comes_back_as_it_was_kept(store: SqlStore) -> None:
    assert only(store) == DOCKING
    assert only(store).clock is None


def test_an_interrupted_docking_says_by_what_and_is_taken_up_by_another_session(store: SqlStore) -> None:
    with store.writing() as work:
        work.footage.set_docking_state("d1", "interrupted", "source_removed")
    assert (only(store).state, only(store).ended_by) == ("interrupted", "source_removed")
    with store.writing() as work:
        work.footage.resume_docking("d1", "s2")
    assert only(store) == replace(DOCKING, session="s2")


def test_the_cameras_clock_is_kept_to_the_microsecond(store: SqlStore) -> None:
    clock = CameraClock(Micros(-12_345_678_901_234), Micros(1), REPORTED, 1_773_480_000_000_001)
    with store.writing() as work:
        work.footage.set_docking_clock("d1", clock)
    assert only(store).clock == clock


def test_what_was_met_stays_as_it_was_met(store: SqlStore) -> None:
    met = [Met("d1", f"{n:064x}", name, n << 40) for n, name in enumerate(("b.mp4", "a\\u{a}.mp4", "ä.mp4"))]
    with store.writing() as work:
        work.footage.add_met(met)
        work.footage.add_met([])
    with store.reading() as work:
        found = work.footage.met("d1")
        assert sorted(found, key=lambda one: one.seen_as) == met
        assert [one.name for one in found] == ["a\\u{a}.mp4", "b.mp4", "ä.mp4"]
        assert work.footage.met("d2") == []
    with pytest.raises(ReviewError), store.writing() as work:
        work.footage.add_met([met[0]])
