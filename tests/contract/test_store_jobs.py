"""Jobs in the store, on either engine: what goes in comes out, in working order, for one workstation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from bwc_review.domain.ids import CameraId, ExhibitNo, RecordingId
from bwc_review.domain.recording import MediaFacts, Playability, Recording
from bwc_review.domain.times import Micros
from bwc_review.errors import NotFound, ReviewError
from bwc_review.ports.jobs import Job, JobState
from bwc_review.ports.records import Exhibit
from bwc_review.store.sql import SqlStore
from tests.contract.stores import KINDS, WRITER, new_place, open_store

FIRST, SECOND = RecordingId("r1"), RecordingId("r2")


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest) -> Iterator[SqlStore]:
    with new_place(request.param) as place:
        opened = open_store(place)
        with opened.writing() as work:
            for number, one in enumerate((FIRST, SECOND)):
                sha256 = f"{number:064x}"
                exhibit = ExhibitNo(f"WS1-{number:04d}")
                work.footage.add_exhibit(Exhibit(exhibit, sha256, "", "", 1, "video", "a.mp4"))
                facts = MediaFacts("mp4", Micros(0), None, None, ("torn",), ("turned",))
                work.footage.add_recording(
                    Recording(one, exhibit, sha256, 1, "a.mp4", CameraId("c"), "generic", None,
                              Playability.UNPLAYABLE, facts, (), Micros(0))
                )  # fmt: skip
        yield opened
        opened.close()


def job(number: int, recording: RecordingId = FIRST, what: str = "proxy", rank: int = 1) -> Job:
    wanted = {"lender": "ab", "words": "Zoë 東京"}
    return Job(f"j{number}", recording, what, wanted, rank, JobState.QUEUED, 0, "", "", 1000 + number, None)


def test_jobs_come_out_as_they_went_in_by_rank_and_then_by_age(store: SqlStore) -> None:
    late, first, second = job(3, what="proxy", rank=5), job(1, what="index"), job(2, SECOND, "index")
    with store.writing() as work:
        for one in (late, second, first):
            work.jobs.add(one)
    with store.reading() as work:
        assert list(work.jobs.all()) == [first, second, late]
        assert work.jobs.job("j2") == second


def test_a_change_is_kept_whole_or_not_at_all(store: SqlStore) -> None:
    changed = replace(
        job(1), state=JobState.FAILED, attempts=2, error="It broke.\n東", owner="s", ended_at=2**53, wanted={}
    )
    with store.writing() as work:
        work.jobs.add(job(1))
        work.jobs.update(changed)
    with pytest.raises(ReviewError), store.writing() as work:
        work.jobs.update(replace(changed, error="undone"))
        work.jobs.update(job(99))
    with store.reading() as work:
        assert work.jobs.job("j1") == changed


def test_a_recording_has_one_job_for_each_piece(store: SqlStore) -> None:
    with store.writing() as work:
        work.jobs.add(job(1))
        work.jobs.add(job(2, what="index"))
    with pytest.raises((ReviewError, IntegrityError)), store.writing() as work:
        work.jobs.add(job(3))


def test_an_unknown_job_is_named_and_another_workstations_jobs_are_not_seen(store: SqlStore) -> None:
    with store.writing() as work:
        work.jobs.add(job(1))
    other = SqlStore(
        store._database,
        replace(WRITER, origin="police.example/bwc/ws2", workstation="ws2"),
        lambda _: pytest.fail("no transcript here"),
    )
    with other.reading() as work:
        assert list(work.jobs.all()) == []
        with pytest.raises(NotFound, match="j1"):
            work.jobs.job("j1")


def test_a_salvage_changes_what_is_known_of_a_recording_and_nothing_else(store: SqlStore) -> None:
    facts = MediaFacts("mp4", Micros(2_000_000), None, None, ("What plays is a copy.",), ("muted",))
    with store.writing() as work:
        before = work.footage.recording(FIRST)
        work.footage.set_facts(FIRST, Playability.SALVAGED, facts)
    with store.reading() as work:
        assert work.footage.recording(FIRST) == replace(before, playability=Playability.SALVAGED, facts=facts)
        assert work.footage.recording(SECOND).playability is Playability.UNPLAYABLE
    with pytest.raises(NotFound), store.writing() as work:
        work.footage.set_facts(RecordingId("nobody"), Playability.SALVAGED, facts)
