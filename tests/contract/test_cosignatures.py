"""The promises of ``ports.witnesses.Cosignatures`` on every engine: kept once, for ever, for one log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy.exc import DBAPIError

from bwc_review.ports.witnesses import Cosignature
from bwc_review.store.sql import SqlStore
from bwc_review.transcript.heard_json import from_json
from tests.contract.stores import KINDS, WRITER, database, new_place, note, open_store

ONE = Cosignature(3, "commission.example/w1+00000000+BA==", 1_795_000_000, "— w1 AAAA\n".encode(), 5)


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest) -> Iterator[str]:
    with new_place(request.param) as made:
        yield made


@pytest.fixture
def store(place: str) -> Iterator[SqlStore]:
    opened = open_store(place)
    yield opened
    opened.close()


def test_cosignatures_come_back_by_size_and_the_first_of_a_witness_over_a_size_stands(store: SqlStore) -> None:
    other = replace(ONE, vkey="press.example/w2+00000000+BA==")
    smaller = replace(ONE, size=1)
    with store.writing() as work:
        assert work.cosignatures.add(ONE)
        assert work.cosignatures.add(other)
        assert work.cosignatures.add(smaller)
        assert not work.cosignatures.add(replace(ONE, stamp=9, line=b"x"))
    with store.reading() as work:
        assert work.cosignatures.all() == [smaller, ONE, other]


def test_each_log_has_its_own(store: SqlStore, place: str) -> None:
    with store.writing() as work:
        work.cosignatures.add(ONE)
    foreign = SqlStore(database(place), replace(WRITER, origin="police.example/bwc/ws2"), from_json)
    with foreign.reading() as work:
        assert work.cosignatures.all() == []
    foreign.close()


@pytest.mark.parametrize("statement", ["DELETE FROM custody_cosignature", "UPDATE custody_cosignature SET stamp = 0"])
def test_what_is_kept_cannot_be_changed_or_deleted_by_mistake(store: SqlStore, place: str, statement: str) -> None:
    with store.writing() as work:
        work.cosignatures.add(ONE)
    with pytest.raises(DBAPIError, match="append-only"), database(place).writing() as connection:
        connection.exec_driver_sql(statement)
    with store.reading() as work:
        assert work.cosignatures.all() == [ONE]


def test_the_newest_checkpoint_one_of_a_size_and_the_time_of_an_entry_are_found(store: SqlStore) -> None:
    with store.reading() as work:
        assert work.cosignatures.newest_checkpoint() is None
        assert work.cosignatures.written_at(0) is None
    with store.writing() as work:
        entries = [work.log.append(note(n)) for n in range(3)]
        for size, text in ((2, b"two"), (3, b"three"), (3, b"three again")):
            work.log.add_checkpoint(size, text)
    with store.reading() as work:
        assert work.cosignatures.newest_checkpoint() == (3, b"three again")
        assert [work.cosignatures.checkpoint_at(size) for size in (1, 2, 3)] == [None, b"two", b"three"]
        assert [work.cosignatures.written_at(n) for n in range(4)] == [*(one.at for one in entries), None]


def test_a_store_whose_watch_refuses_is_read_and_not_written(place: str) -> None:
    from bwc_review.errors import LogContradicted

    class Refusing:
        def opening(self, work: object) -> None:
            raise LogContradicted("put back")

        def closing(self, work: object, acts: object) -> None:
            pytest.fail("nothing was to be written")

    opened = SqlStore(database(place), WRITER, from_json, Refusing())
    with pytest.raises(LogContradicted), opened.writing():
        pytest.fail("the block was entered")
    with opened.reading() as work:
        assert work.log.head().size == 0
    opened.close()
