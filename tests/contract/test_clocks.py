"""Adopted starts and joined recordings in every store: what was kept comes back, and the newest counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bwc_review.domain.clocks import AdoptedStart, Series, SeriesPart
from bwc_review.domain.ids import CameraId, ExhibitNo, OperatorId, RecordingId
from bwc_review.domain.recording import TimeClaim
from bwc_review.domain.times import Micros
from bwc_review.errors import ReviewError
from bwc_review.ports.store import Store
from tests.contract.stores import KINDS, new_place, open_store
from tests.contract.test_store import EXHIBIT, RECORDING

OTHER = replace(RECORDING, id=RecordingId("r-2"), exhibit=ExhibitNo("WS1-0002"), sha256="12" * 32)
ADOPTED = AdoptedStart(
    "a-1", RECORDING.id, 1_773_481_170_000_000, Micros(5), "sidecar", 1, -2_500_000, "Zoë: checked; '",
    OperatorId("psd-1"), 7,
)  # fmt: skip
PARTS = (
    SeriesPart(RECORDING.id, 1, 0, None, Micros(0), ""),
    SeriesPart(OTHER.id, None, None, -8000, Micros(2000), "file-name"),
)
SERIES = Series("s-1", CameraId("D1"), PARTS, "one id", 3)


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    with new_place(request.param) as place:
        opened = open_store(place)
        with opened.writing() as work:
            for one in (RECORDING, OTHER):
                work.footage.add_exhibit(replace(EXHIBIT, number=one.exhibit, sha256=one.sha256))
                work.footage.add_recording(one)
        yield opened
        opened.close()


def test_adoptions_stay_on_record_and_the_last_one_counts(store: Store) -> None:
    later = replace(ADOPTED, id="a-2", claim=None, camera_fast=0, start=1)
    with store.writing() as work:
        assert work.clocks.adopted(RECORDING.id) is None
        work.clocks.adopt(ADOPTED)
        work.clocks.adopt(later)
        work.clocks.adopt(replace(ADOPTED, id="a-3", recording=OTHER.id))
    with store.reading() as work:
        assert work.clocks.adoptions(RECORDING.id) == [ADOPTED, later]
        assert work.clocks.adopted(RECORDING.id) == later


def test_a_series_comes_back_in_order_and_the_newest_of_a_recording_counts(store: Store) -> None:
    newer = replace(SERIES, id="s-2", parts=PARTS[::-1], made_at=3)
    with store.writing() as work:
        assert work.clocks.series_of(OTHER.id) is None
        work.clocks.join(SERIES)
        work.clocks.join(newer)
    with store.reading() as work:
        assert work.clocks.series() == [SERIES, newer]
        assert work.clocks.series_of(OTHER.id) == newer
        assert work.clocks.series_of(RecordingId("none")) is None


@pytest.mark.parametrize(
    "act",
    [
        "DELETE FROM adopted_start",
        "DELETE FROM series_part",
        "DELETE FROM series",
        "UPDATE adopted_start SET claim = 9",
        "UPDATE series_part SET gap = 9",
        "UPDATE series SET why = ''",
    ],
)
def test_no_row_is_ever_changed_or_deleted(store: Store, act: str) -> None:
    with store.writing() as work:
        work.clocks.adopt(ADOPTED)
        work.clocks.join(SERIES)
    with pytest.raises(ReviewError, match=r"append-only|database"), store.writing() as work:
        work.clocks._connection.execute(text(act))  # type: ignore[attr-defined]
    with store.reading() as work:
        assert (work.clocks.adopted(RECORDING.id), work.clocks.series()) == (ADOPTED, [SERIES])


CLAIM = st.builds(
    TimeClaim,
    source=st.sampled_from(["file-name", "header"]),
    start=st.integers(-(2**53), 2**53),
    uncertainty=st.integers(0, 2**53).map(Micros),
    text=st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20),
    where=st.sampled_from(["", "file name: start"]),
    means=st.sampled_from(["start", "end", "within"]),
    zone=st.sampled_from(["", "camera: Europe/Oslo"]),
    doubt=st.sampled_from(["", "ambiguous", "nonexistent", "no-zone"]),
    readings=st.lists(st.integers(-(2**53), 2**53), max_size=2).map(tuple),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(CLAIM, max_size=4).map(tuple))
def test_claims_come_back_whole(store: Store, claims: tuple[TimeClaim, ...]) -> None:
    said = replace(RECORDING, id=RecordingId("r-3"), exhibit=ExhibitNo("WS1-0003"), sha256="34" * 32, claims=claims)
    with pytest.raises(InterruptedError), store.writing() as work:
        work.footage.add_exhibit(replace(EXHIBIT, number=said.exhibit, sha256=said.sha256))
        work.footage.add_recording(said)
        assert work.footage.recording(said.id) == said
        raise InterruptedError


def test_claims_an_earlier_version_kept_are_still_read(store: Store) -> None:
    change = """UPDATE recording SET claims = '[["header", 5, 7, "as it stood"]]' WHERE id = 'r-2'"""
    with store.writing() as work:
        work.clocks._connection.execute(text(change))  # type: ignore[attr-defined]
        assert work.footage.recording(OTHER.id).claims == (TimeClaim("header", 5, Micros(7), "as it stood"),)
