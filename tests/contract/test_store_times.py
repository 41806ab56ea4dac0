"""``ports.times`` on every engine: what goes in comes out, and nothing of it is ever changed or deleted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bwc_review.domain.aligning import ProposedClock, Reference
from bwc_review.domain.device_log import ClockOffset, DeviceEvent, DeviceLog, EventKind
from bwc_review.domain.expected import Expectation, Expected, Roster
from bwc_review.domain.ids import CameraId, ExhibitNo, OperatorId, ParticipantId
from bwc_review.domain.recording import Incident
from bwc_review.domain.times import ClockMap, Micros
from bwc_review.errors import InputRefused, NotFound, ReviewError
from bwc_review.ports.records import Exhibit
from bwc_review.ports.times import Adoption
from bwc_review.store.sql import SqlStore
from bwc_review.store.times_tables import TABLES
from tests.contract.stores import KINDS, new_place, open_store
from tests.contract.test_store import EXHIBIT, INCIDENT, LARGE, PLACED, RECORDING, SESSION, SHA

LIST = Exhibit(ExhibitNo("WS1-0002"), "11" * 32, "22" * 64, "33" * 32, 9, "roster", "duty.csv")
MAPPING = Exhibit(ExhibitNo("WS1-0003"), "44" * 32, "55" * 64, "66" * 32, 9, "mapping", "x.toml")
PROPOSED = ProposedClock(
    id="a-1",
    incident=INCIDENT,
    recording=RECORDING.id,
    sound_sha256=SHA,
    references=(Reference(RECORDING.id, ClockMap(Micros(-5), Micros(1000), 10**9, 10**9 + 40), SHA),),
    clock=ClockMap(Micros(7_413_001), Micros(1063), 999_959_993, 10**9),
    error=Micros(63),
    doubt="",
    figures={"windows": 15, "heard": 14, "drift_ppb": -40_007},
    by=OperatorId("psd-1"),
    made_at=LARGE,
)
ROW = Expected(
    LIST.number, 2, "CALL-1; '", Expectation.CALL, ParticipantId("O2"), CameraId("Zoë"), -5, LARGE, Micros(60_000_000)
)
BARE = Expected(LIST.number, 3, "D-1", Expectation.DUTY, None, None, 0, 1, Micros(0), "traffic", 7)
ROSTER = Roster("r-1", LIST.number, LIST.sha256, "Europe/Berlin", 12, (ROW, replace(BARE, officer=ROW.officer)))
EVENT = DeviceEvent(2, EventKind.CYCLE, "X2", 5, Micros(500_000), Micros(5_000_000), Micros(500_000), 1, "=Fire")
OTHER = DeviceEvent(3, EventKind.OTHER, "", -LARGE, Micros(1), None, Micros(0), None, "Zoë 東京")
LOG = DeviceLog("l-1", LIST.number, LIST.sha256, MAPPING.number, MAPPING.sha256, "kestrel-ced", 13, (EVENT, OTHER))
VIEW = ClockOffset(
    INCIDENT, "l-1", Micros(-2_300_000), Micros(500_000), ParticipantId("O2"), "the arc", OperatorId("psd-1"), 14
)


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest) -> Iterator[SqlStore]:
    with new_place(request.param) as place:
        opened = open_store(place)
        with opened.writing() as work:
            work.desks.open(SESSION)
            for one in (EXHIBIT, LIST, MAPPING):
                work.footage.add_exhibit(one)
            work.footage.add_recording(RECORDING)
            work.reviews.add_incident(Incident(INCIDENT, "made", 0, (PLACED,)))
        yield opened
        opened.close()


def test_a_proposal_comes_back_as_it_was_and_so_does_one_that_could_not_tell(store: SqlStore) -> None:
    unsure = replace(PROPOSED, id="a-0", clock=None, error=Micros(0), doubt="repeats", references=())
    with store.writing() as work:
        work.alignments.add(PROPOSED)
        work.alignments.add(unsure)
    with store.reading() as work:
        assert work.alignments.proposals(INCIDENT) == [unsure, PROPOSED]
        assert work.alignments.proposal("a-1") == PROPOSED
        assert work.alignments.adopted("a-1") is None
        with pytest.raises(NotFound):
            work.alignments.proposal("a-2")


def test_a_proposal_is_adopted_once(store: SqlStore) -> None:
    adoption = Adoption("a-1", OperatorId("psd-1"), 15, "heard on both")
    with store.writing() as work:
        work.alignments.add(PROPOSED)
        work.alignments.adopt(adoption)
    with pytest.raises(ReviewError), store.writing() as work:
        work.alignments.adopt(replace(adoption, by=OperatorId("psd-2")))
    with store.reading() as work:
        assert work.alignments.adopted("a-1") == adoption


def test_a_roster_comes_back_with_its_rows_in_order_and_its_digest(store: SqlStore) -> None:
    with store.writing() as work:
        work.rosters.add(ROSTER)
        work.rosters.add(replace(ROSTER, id="r-0", imported_at=99, rows=()))
    with store.reading() as work:
        assert [one.id for one in work.rosters.rosters()] == ["r-1", "r-0"]
        assert work.rosters.roster("r-1") == ROSTER
        with pytest.raises(NotFound):
            work.rosters.roster("r-2")


def test_a_device_log_comes_back_with_every_event_and_the_latest_view_is_last(store: SqlStore) -> None:
    second = replace(VIEW, offset=Micros(0), officer=None)
    with store.writing() as work:
        work.device_logs.add(LOG)
        work.device_logs.view(VIEW)
        work.device_logs.view(second)
    with store.reading() as work:
        assert work.device_logs.logs() == [LOG]
        assert work.device_logs.log("l-1") == LOG
        assert work.device_logs.views(INCIDENT) == [VIEW, second]
        with pytest.raises(NotFound):
            work.device_logs.log("l-2")


def test_text_no_engine_could_keep_is_refused_on_both(store: SqlStore) -> None:
    for event in (replace(EVENT, text="a\0b"), replace(EVENT, device="\ud800")):
        with pytest.raises(InputRefused), store.writing() as work:
            work.device_logs.add(replace(LOG, events=(event,)))
    with store.reading() as work:
        assert work.device_logs.logs() == []


@pytest.mark.parametrize("table", [one.name for one in TABLES])
def test_no_row_is_ever_changed_or_deleted(store: SqlStore, table: str) -> None:
    with store.writing() as work:
        work.alignments.add(PROPOSED)
        work.alignments.adopt(Adoption("a-1", OperatorId("psd-1"), 15, "heard on both"))
        work.rosters.add(ROSTER)
        work.device_logs.add(LOG)
        work.device_logs.view(VIEW)
    column = next(one for one in TABLES if one.name == table).columns.values()[-1].name
    for statement in (f"DELETE FROM {table}", f'UPDATE {table} SET "{column}" = "{column}"'):
        with pytest.raises(DBAPIError, match="append-only"), store._database.writing() as connection:
            connection.execute(text(statement))
